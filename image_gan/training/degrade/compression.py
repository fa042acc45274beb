"""JPEG and WebP, on any grid."""

import numpy as np

_GRID = 16  # pixels: the blocks of halved colour


def jpeg(
    picture: np.ndarray, quality: float, rng: np.random.Generator | None = None, *, full_colour: bool = False
) -> np.ndarray:
    """Encode and decode by libjpeg.

    picture (np.ndarray): (H, W, 3), RGB, uint8.
    quality (float): 1 to 100, rounded.
    rng (np.random.Generator | None): draws where JPEG's grid of 16 pixels begins, which in a picture that was rotated or
        cropped is anywhere; without it, at the corner.
    full_colour (bool): 4:4:4; otherwise colour is halved (4:2:0), OpenCV's default.
    RETURNS (np.ndarray): of the same shape and dtype.
    """
    import cv2

    sampling = cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444 if full_colour else cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420
    settings = [cv2.IMWRITE_JPEG_QUALITY, round(quality), cv2.IMWRITE_JPEG_SAMPLING_FACTOR, sampling]
    return _through_file(picture, ".jpg", settings, rng)


def webp(picture: np.ndarray, quality: float, rng: np.random.Generator | None = None) -> np.ndarray:
    """Encode and decode by libwebp, lossy; as `jpeg`."""
    import cv2

    return _through_file(picture, ".webp", [cv2.IMWRITE_WEBP_QUALITY, round(quality)], rng)


def _through_file(picture: np.ndarray, suffix: str, settings: list[int], rng: np.random.Generator | None) -> np.ndarray:
    import cv2

    top, left = rng.integers(0, _GRID, 2).tolist() if rng else (0, 0)
    padded = cv2.copyMakeBorder(picture, top, 0, left, 0, cv2.BORDER_REFLECT)
    _, data = cv2.imencode(suffix, padded[..., ::-1], settings)
    return cv2.cvtColor(np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR))[top:, left:], cv2.COLOR_BGR2RGB)
