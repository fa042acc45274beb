"""A U-Net GAN that cleans and enlarges pictures; what runs it needs OpenCV and Pillow, no TensorFlow and no spaCy."""

from image_gan.enhance.enhancer import Enhancer as Enhancer
