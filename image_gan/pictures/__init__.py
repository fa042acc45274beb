"""Pictures: reads and writes JPEG, PNG, WebP, TIFF and BMP."""

from image_gan.pictures.decoding import MAX_PIXELS as MAX_PIXELS
from image_gan.pictures.decoding import SUFFIXES as SUFFIXES
from image_gan.pictures.decoding import InputError as InputError
from image_gan.pictures.decoding import Picture as Picture
from image_gan.pictures.decoding import encode as encode
from image_gan.pictures.decoding import find as find
from image_gan.pictures.decoding import read as read
from image_gan.pictures.decoding import write as write
