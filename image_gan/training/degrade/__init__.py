"""Degradations: what a network learns to undo, and the small pictures that it enlarges.

`simple` has four kinds, one after the other; `history` is what pictures go through in life, twice over, with the noise of
`noise_kinds`. `reductions` make the small pictures of enlarging, `compression` is JPEG and WebP.
"""

from image_gan.training.degrade.compression import jpeg as jpeg
from image_gan.training.degrade.compression import webp as webp
from image_gan.training.degrade.example import Example as Example
from image_gan.training.degrade.history import HistoryDegradation as HistoryDegradation
from image_gan.training.degrade.reductions import KERNELS as KERNELS
from image_gan.training.degrade.reductions import reduce as reduce
from image_gan.training.degrade.reductions import shrink as shrink
from image_gan.training.degrade.simple import Degradation as Degradation
from image_gan.training.degrade.simple import blur as blur
from image_gan.training.degrade.simple import downscale as downscale
from image_gan.training.degrade.simple import noise as noise
