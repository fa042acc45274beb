"""Engines that run a model file."""
