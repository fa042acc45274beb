"""Train a U-Net GAN on pictures, and enhance pictures with it."""
