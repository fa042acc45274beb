"""Blur, lost resolution, noise, JPEG, lost colour: one of them, or some, one after the other."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from image_gan.errors import Errors, InputError
from image_gan.training.degrade.compression import jpeg
from image_gan.training.degrade.example import Example
from image_gan.training.degrade.reductions import check_kernels, reduce


@dataclass(frozen=True)
class Degradation:
    """How pictures are degraded. Each kind is a range from which a number is drawn, or empty if it does not occur.

    blur (Sequence[float]): standard deviation of a Gaussian, in pixels.
    downscale (Sequence[float]): factor, 1 or more, by which the picture is shrunk and enlarged again.
    noise (Sequence[float]): standard deviation of Gaussian noise, in grey levels of 255.
    jpeg (Sequence[float]): quality, 1 to 100.
    grey_probability (float): how probably a picture loses its colour, before all else.
    identity_probability (float): how probably none of the four kinds is applied.
    single_probability (float): if some are, how probably it is only one; otherwise two or more.
    random_order (bool): the kinds in a random order; otherwise blur, downscale, noise, JPEG, as a camera does it.
    resize (Sequence[float]): factor by which every second degraded picture is larger, or below 1 smaller, while the kinds are
        applied: then their traces have another size, as in pictures from the web.
    kernels (Sequence[str]): where pictures are enlarged, the kernels of `reductions.reduce`, one of which made the small one.
    RAISES InputError: P060, a range or a probability is out of range.
    """

    blur: Sequence[float] = ()
    downscale: Sequence[float] = ()
    noise: Sequence[float] = ()
    jpeg: Sequence[float] = ()
    grey_probability: float = 0.0
    identity_probability: float = 0.1
    single_probability: float = 0.6
    random_order: bool = False
    resize: Sequence[float] = ()
    kernels: Sequence[str] = ("bicubic",)

    def __post_init__(self) -> None:
        check_kernels("degradation.kernels", self.kernels)
        limits = {"blur": (0, 20), "downscale": (1, 16), "noise": (0, 255), "jpeg": (1, 100), "resize": (0.25, 4)}
        for name, (least, most) in limits.items():
            value = getattr(self, name)
            if value and not (len(value) == 2 and least <= value[0] <= value[1] <= most):
                allowed = f"empty, or two numbers from {least} to {most}, the lower one first"
                raise InputError(Errors.P060.format(what=f"degradation.{name}", allowed=allowed, got=value))
        for name in ("grey_probability", "identity_probability", "single_probability"):
            value = getattr(self, name)
            if not 0 <= value <= 1:
                raise InputError(Errors.P060.format(what=f"degradation.{name}", allowed="from 0 to 1", got=value))

    def example(self, target: np.ndarray, scale: int, rng: np.random.Generator) -> Example:
        """Make what a network is given for a target.

        target (np.ndarray): (H, W, 3), RGB, uint8; sides are multiples of the scale.
        scale (int): how many times smaller the degraded picture is.
        rng (np.random.Generator): everything random is drawn from it.
        RETURNS (Example): the degraded picture with its target; the level of noise is not known, and 0.
        """
        if scale == 1:
            return Example(self(target, rng), target)
        kernel = self.kernels[int(rng.integers(len(self.kernels)))] if len(self.kernels) > 1 else self.kernels[0]
        return Example(self(reduce(target, scale, kernel), rng), target)

    def __call__(self, picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Degrade a picture.

        picture (np.ndarray): (H, W, 3), RGB, uint8.
        rng (np.random.Generator): everything random is drawn from it.
        RETURNS (np.ndarray): of the same shape and dtype; a new array or the same one.
        """
        if self.grey_probability and rng.random() < self.grey_probability:
            picture = np.repeat(_luma(picture)[..., None], 3, axis=2)
        kinds = [kind for kind in _KINDS if getattr(self, kind)]
        if not kinds or rng.random() < self.identity_probability:
            return picture
        if self.resize and rng.random() < 0.5:
            size = picture.shape[:2]
            least, most = self.resize
            factor = rng.uniform(least, most)
            other_size = [max(1, round(side * factor)) for side in size]
            return _resize(self._apply(_resize(picture, other_size), kinds, rng), size)
        return self._apply(picture, kinds, rng)

    def _apply(self, picture: np.ndarray, kinds: list[str], rng: np.random.Generator) -> np.ndarray:
        count = 1
        if len(kinds) > 1 and rng.random() >= self.single_probability:
            count = int(rng.integers(2, len(kinds) + 1))
        chosen = rng.permutation(len(kinds))[:count]
        for number in chosen if self.random_order else np.sort(chosen):
            kind = kinds[number]
            low, high = getattr(self, kind)
            picture = _KINDS[kind](picture, float(rng.uniform(low, high)), rng)
        return picture


def blur(picture: np.ndarray, sigma: float, rng: np.random.Generator | None = None) -> np.ndarray:
    """Gaussian blur; sigma in pixels."""
    import cv2

    return cv2.GaussianBlur(picture, (0, 0), sigma, borderType=cv2.BORDER_REFLECT) if sigma > 0 else picture


def downscale(picture: np.ndarray, factor: float, rng: np.random.Generator | None = None) -> np.ndarray:
    """Shrink by averaging and enlarge again (bicubic): the size stays, the detail goes."""
    import cv2

    height, width = picture.shape[:2]
    size = (max(1, round(width / factor)), max(1, round(height / factor)))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    return cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)


def noise(picture: np.ndarray, sigma: float, rng: np.random.Generator) -> np.ndarray:
    """Gaussian noise, clipped to 0..255 and rounded; sigma in grey levels."""
    noisy = rng.standard_normal(picture.shape, np.float32)
    noisy *= sigma
    noisy += picture
    return np.clip(np.rint(noisy, out=noisy), 0, 255, out=noisy).astype(np.uint8)


def _luma(picture: np.ndarray) -> np.ndarray:
    import cv2

    return cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)


def _resize(picture: np.ndarray, size: Sequence[int]) -> np.ndarray:
    import cv2

    smaller = size[0] < picture.shape[0]
    return cv2.resize(picture, (size[1], size[0]), interpolation=cv2.INTER_AREA if smaller else cv2.INTER_CUBIC)


_KINDS: dict[str, Callable[[np.ndarray, float, np.random.Generator], np.ndarray]] = {
    "blur": blur,
    "downscale": downscale,
    "noise": noise,
    "jpeg": jpeg,
}
