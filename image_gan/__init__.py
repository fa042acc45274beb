"""A U-Net GAN that cleans or enlarges pictures. `pictures` reads and writes them, `enhance` runs models, `training` makes them.

Running a model needs OpenCV, Pillow and OpenVINO; TensorFlow is needed for training only.
"""

from image_gan.enhance.enhancer import Enhancer as Enhancer
from image_gan.enhance.sized import Size as Size
from image_gan.enhance.sized import SizedEnhancer as SizedEnhancer
