"""Trains the U-Net GAN."""
