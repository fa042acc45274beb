"""Noise as sensors, film, scans and programs leave it: white or correlated, by brightness or not, in colour or grey."""

from collections.abc import Callable

import numpy as np

_RED_BLUE = np.array([[1, 2, 1], [2, 4, 2], [1, 2, 1]], np.float32) / 4  # bilinear interpolation of a quarter of the pixels
_GREEN = np.array([[0, 1, 0], [1, 4, 1], [0, 1, 0]], np.float32) / 4  # and of a half


def draw_noise(picture: np.ndarray, sigma: float, rng: np.random.Generator) -> np.ndarray:
    """Draw noise of one kind for a picture.

    picture (np.ndarray): (H, W, 3), RGB, float32 from 0 to 255; its brightness scales some kinds of noise.
    sigma (float): the standard deviation over all pixels and channels, in grey levels.
    rng (np.random.Generator): everything random is drawn from it.
    RETURNS (np.ndarray): (H, W, 3), float32, to be added.
    """
    kind = _KINDS[int(rng.choice(len(_KINDS), p=_SHARES))]
    noise = kind(picture.shape[:2], rng)
    if rng.random() < 0.25:
        noise = _less_colour(noise, float(rng.uniform(0, 0.5)))
    if rng.random() < 0.2:
        noise = noise * _by_brightness(picture, rng)
    return noise * np.float32(sigma / max(float(np.sqrt(np.mean(noise**2))), 1e-6))


def white(size: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """Each pixel for itself."""
    return rng.standard_normal((*size, 3), np.float32)


def correlated(size: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """White noise, blurred by .3 to 1.6 pixels: film, scans, pictures that were resized, denoised or sharpened before."""
    import cv2

    return cv2.GaussianBlur(white(size, rng), (0, 0), float(rng.uniform(0.3, 1.6)), borderType=cv2.BORDER_REFLECT)


def mosaic(size: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """White noise on a Bayer mosaic, interpolated bilinearly."""
    import cv2

    samples, planes = rng.standard_normal(size, np.float32), []
    rows, columns = np.indices(size) + rng.integers(0, 2, 2)[:, None, None]
    sites = (rows % 2 == 0) & (columns % 2 == 0), (rows + columns) % 2 == 1, (rows % 2 == 1) & (columns % 2 == 1)
    for site, kernel in zip(sites, (_RED_BLUE, _GREEN, _RED_BLUE), strict=True):
        planes.append(cv2.filter2D(samples * site, cv2.CV_32F, kernel, borderType=cv2.BORDER_REFLECT_101))
    return np.stack(planes, axis=2)


def blotches(size: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """Fine noise of brightness and coarse noise of colour, as cameras and video leave it."""
    import cv2

    colour = cv2.GaussianBlur(white(size, rng), (0, 0), float(rng.uniform(1, 2.5)), borderType=cv2.BORDER_REFLECT)
    colour -= colour.mean(axis=2, keepdims=True)
    share = np.float32(rng.uniform(0.5, 2) / max(float(colour.std()), 1e-6))
    grey = correlated(size, rng)[..., :1]
    return share * colour + grey / max(float(grey.std()), 1e-6)


def _less_colour(noise: np.ndarray, share: float) -> np.ndarray:
    """Keep a share of the differences between channels: with 0 the noise is grey, as that of black-and-white film."""
    grey = noise.mean(axis=2, keepdims=True)
    return grey + np.float32(share) * (noise - grey)


def _by_brightness(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Most in the middle, as film has it; or as the root of the light, as sensors have it."""
    light = np.clip(picture.mean(axis=2, keepdims=True) / 255, 0, 1)
    if rng.random() < 0.5:
        return np.float32(0.3) + 4 * light * (1 - light)
    return np.sqrt(light + np.float32(0.02))


_KINDS: tuple[Callable[[tuple[int, int], np.random.Generator], np.ndarray], ...] = (white, correlated, mosaic, blotches)
_SHARES = (0.45, 0.35, 0.08, 0.12)
