"""How near one picture is to another; each metric says what it compares, in which range, by whose convention."""

import numpy as np

from image_gan.errors import Errors, InputError

EQUAL_DB = 100.0  # the PSNR that tables give equal pictures, which have infinite decibels
_WINDOW, _SIGMA = 11, 1.5  # of `ssim`
_AROUND = 17  # pixels along a side, over which the deviation of `high_pass_deviation` is taken
_BLOCK = 32  # pixels along a side, of `fine_energy`
_FINE = 0.42, 0.5  # cycles per pixel


def psnr(first: np.ndarray, second: np.ndarray, *, peak: float = 255.0) -> float:
    """Peak signal-to-noise ratio in decibels, over all samples of all channels: 10 log10(peak² / mean squared difference).

    first (np.ndarray): with any channels, of any dtype; compared as float64, and not cropped.
    second (np.ndarray): of the same shape, with channels in the same order.
    peak (float): the largest value that a sample can have: 255 for 8 bits, 65535 for 16, 1 for unit range.
    RETURNS (float): infinite for equal pictures.
    RAISES InputError: P020, the shapes differ; P021, the pictures are empty.
    """
    _check(first, second, least=1)
    error = np.mean((first.astype(np.float64) - second.astype(np.float64)) ** 2)
    return float(10 * np.log10(peak**2 / error)) if error else float("inf")


def luma(rgb: np.ndarray) -> np.ndarray:
    """Compute Y of ITU-R BT.601 YCbCr in studio range, as MATLAB's `rgb2ycbcr` gives it before rounding.

    rgb (np.ndarray): (..., 3), with channels in the order R, G, B, or (..., 1), grey; from 0 to 255.
    RETURNS (np.ndarray): (...), float64 from 16 to 235.
    """
    rgb = np.broadcast_to(rgb, (*rgb.shape[:-1], 3))
    return 16 + rgb.astype(np.float64) @ (np.array([65.481, 128.553, 24.966]) / 255)


def psnr_y(first: np.ndarray, second: np.ndarray, crop: int) -> float:
    """PSNR of luma as papers on super-resolution report it: without rounding in between, and with 255 as the peak all the same.

    Set5 enlarged from its bicubic reductions by OpenCV's INTER_CUBIC: 33.97 dB (x2, crop 2), 28.63 dB (x4, crop 4).

    first (np.ndarray): (height, width, 3) RGB or (height, width, 1) grey, from 0 to 255.
    second (np.ndarray): of the same shape.
    crop (int): border pixels that are left out on each side; by convention, the scale.
    RETURNS (float): decibels.
    RAISES InputError: P020, the shapes differ; P021, nothing is left.
    """
    _check(first, second, least=2 * crop + 1)
    inner = slice(crop, first.shape[0] - crop), slice(crop, first.shape[1] - crop)
    return psnr(luma(first[inner]), luma(second[inner]))


def ssim(first: np.ndarray, second: np.ndarray, *, peak: float = 255.0) -> float:
    """Structural similarity (Wang, Bovik, Sheikh and Simoncelli 2004), as their `ssim_index.m` computes it.

    Means, variances and covariance in a Gaussian window of 11 x 11, sigma 1.5, only where it lies within the picture;
    K1 = 0.01, K2 = 0.03; pictures are not scaled down before. Papers on super-resolution give it of `luma`, cropped as for
    `psnr_y`.

    first (np.ndarray): (height, width) or (height, width, channels), of any dtype; the mean over channels is taken.
    second (np.ndarray): of the same shape.
    peak (float): as for `psnr`.
    RETURNS (float): 1 for equal pictures.
    RAISES InputError: P020, the shapes differ; P021, a side is shorter than 11.
    """
    _check(first, second, least=_WINDOW)
    x, y = (picture.astype(np.float64).reshape(*picture.shape[:2], -1) for picture in (first, second))
    return float(np.mean([_ssim(x[..., channel], y[..., channel], peak) for channel in range(x.shape[2])]))


def flat_parts(picture: np.ndarray) -> np.ndarray:
    """Where a picture is flattest: the fifth of its pixels around which the high-pass deviation is lowest.

    A network that makes up detail leaves a mesh there, if it does; elsewhere detail hides it.

    picture (np.ndarray): (height, width, 3), RGB, from 0 to 255; the original.
    RETURNS (np.ndarray): (height, width), bool.
    """
    deviation = _local_deviation(picture)
    return deviation <= np.quantile(deviation, 0.2)


def high_pass_deviation(picture: np.ndarray, where: np.ndarray) -> float:
    """How much a picture differs from the mean of the 5 x 5 pixels around: the standard deviation of that in grey levels.

    picture (np.ndarray): (height, width, 3), RGB, from 0 to 255.
    where (np.ndarray): (height, width), bool, some True: of `flat_parts`.
    RETURNS (float): the mean of what it is in windows of 17 x 17 pixels there.
    RAISES InputError: P020, the shapes differ.
    """
    _check(picture[..., 0], where, least=1)
    return float(_local_deviation(picture)[where].mean())


def fine_energy(picture: np.ndarray, where: np.ndarray) -> float:
    """The energy of a picture from .42 to .5 cycles per pixel, where a mesh of two pixels has its own.

    picture (np.ndarray): (height, width, 3), RGB, from 0 to 255.
    where (np.ndarray): (height, width), bool: of `flat_parts`; blocks of 32 x 32 pixels of which most lies there count.
    RETURNS (float): squared grey levels, mean over frequencies and blocks; 0 if no block counts.
    RAISES InputError: P020, the shapes differ.
    """
    _check(picture[..., 0], where, least=1)
    grey = _high_pass(picture)
    frequency = np.hypot(*np.meshgrid(np.fft.fftfreq(_BLOCK), np.fft.fftfreq(_BLOCK)))
    band = (frequency >= _FINE[0]) & (frequency <= _FINE[1])
    window = np.outer(np.hanning(_BLOCK), np.hanning(_BLOCK))
    rows, columns = (range(0, side - _BLOCK + 1, _BLOCK) for side in where.shape)
    blocks = [(slice(top, top + _BLOCK), slice(left, left + _BLOCK)) for top in rows for left in columns]
    spectra = [np.fft.fft2(grey[block] * window)[band] for block in blocks if where[block].mean() > 0.5]
    return float(np.mean(np.abs(spectra) ** 2)) / _BLOCK**2 if spectra else 0.0


def _local_deviation(picture: np.ndarray) -> np.ndarray:
    import cv2

    power = cv2.blur(_high_pass(picture) ** 2, (_AROUND, _AROUND), borderType=cv2.BORDER_REFLECT)
    return np.sqrt(np.maximum(power, 0))  # a running sum may fall below 0


def _high_pass(picture: np.ndarray) -> np.ndarray:
    import cv2

    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float64)
    return grey - cv2.blur(grey, (5, 5), borderType=cv2.BORDER_REFLECT)


def _ssim(x: np.ndarray, y: np.ndarray, peak: float) -> float:
    mean_x, mean_y = _windowed(x), _windowed(y)
    var_x, var_y = _windowed(x * x) - mean_x**2, _windowed(y * y) - mean_y**2
    covariance = _windowed(x * y) - mean_x * mean_y
    c1, c2 = (0.01 * peak) ** 2, (0.03 * peak) ** 2
    luminance = (2 * mean_x * mean_y + c1) / (mean_x**2 + mean_y**2 + c1)
    structure = (2 * covariance + c2) / (var_x + var_y + c2)
    return float(np.mean(luminance * structure))


def _windowed(plane: np.ndarray) -> np.ndarray:
    import cv2

    kernel = cv2.getGaussianKernel(_WINDOW, _SIGMA)
    within = slice(_WINDOW // 2, -(_WINDOW // 2))
    return cv2.sepFilter2D(plane, cv2.CV_64F, kernel, kernel)[within, within]


def _check(first: np.ndarray, second: np.ndarray, least: int) -> None:
    if first.shape != second.shape:
        raise InputError(Errors.P020.format(first=first.shape, second=second.shape))
    if min(first.shape[:2], default=0) < least:
        raise InputError(Errors.P021.format(least=least, shape=first.shape))
