"""The small pictures of enlarging: reductions as papers, browsers, cameras and careless programs make them."""

import numpy as np

from image_gan.errors import Errors, InputError

KERNELS = ("bicubic", "area", "lanczos", "bilinear", "aliased")


def reduce(picture: np.ndarray, scale: int, kernel: str = "bicubic") -> np.ndarray:
    """Make a picture smaller.

    picture (np.ndarray): (H, W, 3), RGB, uint8.
    scale (int): divides H and W.
    kernel (str): "bicubic", MATLAB's (`shrink`); "area", the mean of the pixels; "lanczos" and "bilinear", stretched over what
        they reduce, as Pillow and browsers do it; "aliased", bicubic that is not stretched, as where speed counts.
    RETURNS (np.ndarray): (H / scale, W / scale, 3), uint8.
    RAISES InputError: P060, there is no such kernel.
    """
    import cv2
    from PIL import Image

    check_kernels("kernel", (kernel,))
    if kernel == "bicubic":
        return shrink(picture, scale)
    height, width = (side // scale for side in picture.shape[:2])
    picture = np.ascontiguousarray(picture[: height * scale, : width * scale])
    if kernel in ("area", "aliased"):
        interpolation = cv2.INTER_AREA if kernel == "area" else cv2.INTER_CUBIC
        return cv2.resize(picture, (width, height), interpolation=interpolation)
    resample = Image.Resampling.LANCZOS if kernel == "lanczos" else Image.Resampling.BILINEAR
    return np.array(Image.fromarray(picture).resize((width, height), resample))


def shrink(picture: np.ndarray, scale: int) -> np.ndarray:
    """Make the small picture of super-resolution: bicubic (Keys 1981, a = -1/2) with antialiasing, as MATLAB's imresize.

    picture (np.ndarray): (H, W, C), uint8.
    scale (int): divides H and W.
    RETURNS (np.ndarray): (H / scale, W / scale, C), uint8.
    """
    import cv2

    radius = 2 * scale
    distance = np.abs(np.arange(-radius, radius) + 0.5) / scale
    near = (1.5 * distance - 2.5) * distance**2 + 1
    far = ((-0.5 * distance + 2.5) * distance - 4) * distance + 2
    taps = np.where(distance < 1, near, far)
    taps /= taps.sum()
    padded = cv2.copyMakeBorder(picture, radius, radius, radius, radius, cv2.BORDER_REFLECT)
    filtered = cv2.sepFilter2D(padded, cv2.CV_32F, taps, taps, anchor=(radius - 1, radius - 1))
    start = radius + scale // 2 - 1
    height, width = picture.shape[0] // scale, picture.shape[1] // scale
    small = filtered[start::scale, start::scale][:height, :width]
    return np.clip(np.rint(small), 0, 255).astype(np.uint8)


def check_kernels(what: str, kernels: object) -> None:
    """RAISES InputError: P060, these are not some of `KERNELS`."""
    if not (isinstance(kernels, tuple | list) and kernels and all(kernel in KERNELS for kernel in kernels)):
        raise InputError(Errors.P060.format(what=what, allowed=f"some of {', '.join(KERNELS)}", got=kernels))
