"""Pictures: reads and writes JPEG, PNG, WebP, TIFF, BMP, AVIF and HEIC, upright; a damaged file is an error in one line.

Pillow decodes, because it notices where a file ends too early and prints nothing. OpenCV decodes WebP, in a third of the
memory. PNG and TIFF are encoded here, because Pillow cannot write colours of 16 bits.
"""

from image_gan.pictures.decoding import MAX_PIXELS as MAX_PIXELS
from image_gan.pictures.decoding import read as read
from image_gan.pictures.encoding import encode as encode
from image_gan.pictures.encoding import left_out as left_out
from image_gan.pictures.encoding import write as write
from image_gan.pictures.files import find_others as find_others
from image_gan.pictures.files import find_pictures as find_pictures
from image_gan.pictures.kinds import KINDS as KINDS
from image_gan.pictures.kinds import SUFFIXES as SUFFIXES
from image_gan.pictures.picture import Picture as Picture
