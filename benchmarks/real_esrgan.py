"""The degradations of Real-ESRGAN, after the paper (Wang et al. 2021, arXiv 2107.10833, sections 3 and 4.1), in own code.

Blur, resizing, noise and JPEG, twice; then resizing to the small picture, a sinc filter and JPEG, of which the last two change
places. All draws are from one generator of random numbers.
"""

from typing import NamedTuple

import cv2
import numpy as np

from image_gan.training.degrade import jpeg

_SIZES = (7, 9, 11, 13, 15, 17, 19, 21)  # of kernels of blur
_SHAPES = ("gaussian", "generalised", "plateau")
_SHAPE_SHARES = (0.7, 0.15, 0.15)
_ANISOTROPIC = {"gaussian": 0.25 / 0.7, "generalised": 0.2, "plateau": 0.2}
_BETA = {"generalised": (0.5, 4.0), "plateau": (1.0, 2.0)}
_INTERPOLATIONS = (cv2.INTER_AREA, cv2.INTER_LINEAR, cv2.INTER_CUBIC)


class _Pass(NamedTuple):
    """One of the two rounds: the share of pictures that are blurred, and the ranges that the paper gives."""

    blurred: float
    sigma: tuple[float, float]
    up_down_keep: tuple[float, float, float]
    resize: tuple[float, float]
    noise: tuple[float, float]
    poisson: tuple[float, float]


_PASSES = (
    _Pass(1.0, (0.2, 3.0), (0.2, 0.7, 0.1), (0.15, 1.5), (1, 30), (0.05, 3.0)),
    _Pass(0.8, (0.2, 1.5), (0.3, 0.4, 0.3), (0.3, 1.2), (1, 25), (0.05, 2.5)),
)


def degrade(picture: np.ndarray, scale: int, rng: np.random.Generator) -> np.ndarray:
    """Make a small, bad picture of a good one.

    picture (np.ndarray): (H, W, 3), RGB, uint8; the sides are multiples of the scale.
    scale (int): by how much the result is smaller.
    rng (np.random.Generator): draws everything.
    RETURNS (np.ndarray): (H / scale, W / scale, 3), uint8.
    """
    height, width = (side // scale for side in picture.shape[:2])
    bad = picture.astype(np.float32) / 255
    first, second = _PASSES
    bad = _compress(_noisy(_resized(_blurred(bad, first, rng), first, picture.shape[:2], rng), first, rng), rng)
    bad = _noisy(_resized(_blurred(bad, second, rng), second, (height, width), rng), second, rng)
    last = [lambda one: _sinc_filtered(_to(one, (height, width), rng), rng), lambda one: _compress(one, rng)]
    for step in last if rng.random() < 0.5 else last[::-1]:
        bad = step(bad)
    return _rounded(bad)


def _blurred(picture: np.ndarray, ranges: _Pass, rng: np.random.Generator) -> np.ndarray:
    if rng.random() >= ranges.blurred:
        return picture
    side = int(rng.choice(_SIZES))
    if rng.random() < 0.1:
        return _filtered(picture, _sinc(rng.uniform(np.pi / 3 if side < 13 else np.pi / 5, np.pi), side))
    shape = rng.choice(_SHAPES, p=_SHAPE_SHARES)
    sigmas = rng.uniform(*ranges.sigma, 2)
    if rng.random() >= _ANISOTROPIC[shape]:
        sigmas[1] = sigmas[0]
    return _filtered(picture, _kernel(shape, side, sigmas, rng.uniform(-np.pi, np.pi), _draw_beta(shape, rng)))


def _draw_beta(shape: str, rng: np.random.Generator) -> float:
    """Half of the draws are below 1 (flatter at the centre is above), as the ranges are wide on both sides of it."""
    if shape == "gaussian":
        return 1.0
    low, high = _BETA[shape]
    return rng.uniform(low, 1) if rng.random() < 0.5 else rng.uniform(1, high)


def _kernel(shape: str, side: int, sigmas: np.ndarray, angle: float, beta: float) -> np.ndarray:
    grid = np.stack(np.meshgrid(*[np.arange(side) - side // 2] * 2), axis=-1).astype(float)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    inverse = np.linalg.inv(turn @ np.diag(sigmas**2) @ turn.T)
    distance = np.einsum("yxi,ij,yxj->yx", grid, inverse, grid)
    kernel = 1 / (distance**beta + 1) if shape == "plateau" else np.exp(-0.5 * distance**beta)
    return kernel / kernel.sum()


def _sinc(cutoff: float, side: int) -> np.ndarray:
    """A circular low-pass filter, which rings: cutoff in radians per pixel."""
    radius = np.hypot(*np.meshgrid(*[np.arange(side) - side // 2] * 2))
    radius[side // 2, side // 2] = 1
    kernel = cutoff * _bessel(cutoff * radius) / (2 * np.pi * radius)
    kernel[side // 2, side // 2] = cutoff**2 / (4 * np.pi)
    return kernel / kernel.sum()


def _bessel(x: np.ndarray) -> np.ndarray:
    """J1, by its integral (Abramowitz and Stegun 9.1.21)."""
    angles = (np.arange(400) + 0.5) * np.pi / 400
    return np.cos(angles - x[..., None] * np.sin(angles)).mean(axis=-1)


def _filtered(picture: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    return cv2.filter2D(picture, -1, kernel.astype(np.float32), borderType=cv2.BORDER_REFLECT)


def _resized(picture: np.ndarray, ranges: _Pass, size: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Larger, smaller or as it is; the factor is that to `size`, (height, width)."""
    low, high = ranges.resize
    kind = rng.choice(3, p=ranges.up_down_keep)
    factor = (rng.uniform(1, high), rng.uniform(low, 1), 1.0)[kind]
    return _to(picture, tuple(max(1, round(side * factor)) for side in size), rng)


def _to(picture: np.ndarray, size: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    how = _INTERPOLATIONS[rng.integers(3)]
    return np.clip(cv2.resize(picture, (size[1], size[0]), interpolation=how), 0, 1)


def _noisy(picture: np.ndarray, ranges: _Pass, rng: np.random.Generator) -> np.ndarray:
    """Gaussian or of counted photons; with .4 the same in all channels."""
    channels = 1 if rng.random() < 0.4 else 3
    if rng.random() < 0.5:
        noise = rng.standard_normal((*picture.shape[:2], channels)) * rng.uniform(*ranges.noise) / 255
    else:
        base = _grey(picture) if channels == 1 else picture
        base = np.clip(np.rint(base * 255), 0, 255) / 255
        levels = 2 ** np.ceil(np.log2(max(2, len(np.unique(base)))))
        noise = (rng.poisson(base * levels) / levels - base) * rng.uniform(*ranges.poisson)
    return np.clip(picture + noise, 0, 1).astype(np.float32)


def _grey(picture: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)[..., None]


def _sinc_filtered(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    if rng.random() >= 0.8:
        return picture
    return np.clip(_filtered(picture, _sinc(rng.uniform(np.pi / 3, np.pi), int(rng.choice(_SIZES)))), 0, 1)


def _compress(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return jpeg(_rounded(picture), rng.uniform(30, 95)).astype(np.float32) / 255


def _rounded(picture: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(picture * 255), 0, 255).astype(np.uint8)
