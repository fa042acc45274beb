"""Pictures that several tests draw."""

import cv2
import numpy as np


def drawn(height=90, width=110, channels=3, dtype=np.uint8, seed=0):
    """Edges, slopes and noise."""
    rng = np.random.default_rng(seed)
    down, across = np.mgrid[0:height, 0:width]
    planes = [(across * 3 + down * k) % 200 + 60 * ((across // 13 + down // 9 + k) % 2 == 0) for k in range(channels)]
    picture = np.clip(np.stack(planes, axis=2) + rng.normal(0, 12, (height, width, channels)), 0, 255).astype(np.uint8)
    if dtype == np.uint8:
        return picture
    return picture.astype(np.uint16) * 257 - rng.integers(0, 128, picture.shape, np.uint16) * (picture > 0)


def plainly_enlarged(picture, scale):
    """OpenCV's bilinear enlargement in float64, rounded."""
    large = cv2.resize(picture.astype(np.float64), None, fx=scale, fy=scale, interpolation=cv2.INTER_LINEAR)
    return np.rint(large).astype(picture.dtype).reshape(picture.shape[0] * scale, picture.shape[1] * scale, -1)


def largest_difference(first, second):
    assert first.shape == second.shape
    assert first.dtype == second.dtype
    return int(np.abs(first.astype(int) - second.astype(int)).max())
