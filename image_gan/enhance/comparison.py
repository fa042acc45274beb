"""Before and after: a strip of both side by side."""

import numpy as np

from image_gan.pictures import Picture


def strip(before: Picture, after: Picture) -> Picture:
    """Put two pictures side by side.

    before (Picture): enlarged (bicubic) if it is smaller than `after`.
    after (Picture): the one whose size and profile the strip has.
    RETURNS (Picture): opaque; what is transparent is white.
    """
    height, width = after.pixels.shape[:2]
    left, right = opaque(before, width, height), opaque(after, width, height)
    gap = np.full_like(right[:, : max(2, width // 200)], np.iinfo(right.dtype).max)
    return Picture(np.concatenate([left, gap, right], axis=1), icc=after.icc, colour_chunks=after.colour_chunks)


def opaque(picture: Picture, width: int, height: int) -> np.ndarray:
    """The pixels of a picture on white, (height, width, bands): enlarged bicubically, or reduced by area."""
    pixels, peak = picture.pixels, np.iinfo(picture.pixels.dtype).max
    if picture.alpha is not None:
        opacity = picture.alpha[..., None] / np.float32(peak)
        pixels = (peak + opacity * (pixels - np.float32(peak))).astype(pixels.dtype)
    if pixels.shape[:2] != (height, width):
        import cv2

        interpolation = cv2.INTER_AREA if pixels.shape[1] > width else cv2.INTER_CUBIC
        pixels = cv2.resize(pixels, (width, height), interpolation=interpolation).reshape(height, width, -1)
    return pixels
