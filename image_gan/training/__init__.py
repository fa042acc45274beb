"""Trains the U-Net GAN. Training needs Keras with TensorFlow or PyTorch; running a trained model does not."""
