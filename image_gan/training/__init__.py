"""Trains the U-Net GAN: needs Keras, with TensorFlow or PyTorch; running what comes of it does not."""
