"""Cleans and enlarges pictures with an exported generator: OpenCV, Pillow and a small inference engine, and no TensorFlow."""
