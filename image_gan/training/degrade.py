"""What the network learns to undo: blur, lost resolution, noise, JPEG, lost colour; and the small picture that it enlarges."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from image_gan.errors import Errors, InputError


@dataclass(frozen=True)
class Degradation:
    """How pictures are spoilt. Each kind is a range that one number is drawn from, or empty: it does not occur.

    blur (Sequence): standard deviation of a Gaussian, in pixels. downscale (Sequence): factor, 1 or more, that it is shrunk by
    and enlarged again. noise (Sequence): standard deviation of Gaussian noise, in grey levels of 255. jpeg (Sequence): quality,
    1 to 100. grey (float): share of pictures that lose their colour, before all else. clean (float): share that none of the
    four kinds is done to. alone (float): share of the others that one kind is done to; the rest get two or more.
    random_order (bool): the kinds in a random order; else blur, downscale, noise, JPEG, as a camera does it.
    resized (Sequence): factor by which half of those that are spoilt are larger, or below 1 smaller, while that is done: what
    they were spoilt with comes to have another size, as in pictures from the web.
    """

    blur: Sequence[float] = ()
    downscale: Sequence[float] = ()
    noise: Sequence[float] = ()
    jpeg: Sequence[float] = ()
    grey: float = 0.0
    clean: float = 0.1
    alone: float = 0.6
    random_order: bool = False
    resized: Sequence[float] = ()

    def __post_init__(self) -> None:
        """RAISES InputError: P060, a range or share that cannot be."""
        ranges = {"blur": (0, 20), "downscale": (1, 16), "noise": (0, 255), "jpeg": (1, 100), "resized": (0.25, 4)}
        for name, (least, most) in ranges.items():
            value = getattr(self, name)
            if value and not (len(value) == 2 and least <= value[0] <= value[1] <= most):
                allowed = f"empty, or two numbers from {least} to {most}, the lower first"
                raise InputError(Errors.P060.format(what=f"degradation.{name}", allowed=allowed, got=value))
        for name in ("grey", "clean", "alone"):
            if not 0 <= getattr(self, name) <= 1:
                raise InputError(
                    Errors.P060.format(what=f"degradation.{name}", allowed="a share from 0 to 1", got=getattr(self, name))
                )

    def __call__(self, picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Spoil a picture.

        picture (np.ndarray): (H, W, 3), RGB, uint8. rng (np.random.Generator): where all that is drawn comes from.
        RETURNS (np.ndarray): likewise, new or the same array.
        """
        if self.grey and rng.random() < self.grey:
            picture = np.repeat(_luma(picture)[..., None], 3, axis=2)
        kinds = [kind for kind in _KINDS if getattr(self, kind)]
        if not kinds or rng.random() < self.clean:
            return picture
        if self.resized and rng.random() < 0.5:
            (least, most), size = self.resized, picture.shape[:2]
            factor = rng.uniform(least, most)
            other = [max(1, round(side * factor)) for side in size]
            return _resize(self._spoilt(_resize(picture, other), kinds, rng), size)
        return self._spoilt(picture, kinds, rng)

    def _spoilt(self, picture: np.ndarray, kinds: list[str], rng: np.random.Generator) -> np.ndarray:
        many = 1 if len(kinds) == 1 or rng.random() < self.alone else int(rng.integers(2, len(kinds) + 1))
        chosen = rng.permutation(len(kinds))[:many]
        for kind in chosen if self.random_order else np.sort(chosen):
            low, high = getattr(self, kinds[kind])
            picture = _KINDS[kinds[kind]](picture, float(rng.uniform(low, high)), rng)
        return picture


def blur(picture: np.ndarray, sigma: float, rng: np.random.Generator | None = None) -> np.ndarray:
    """Gaussian blur; sigma in pixels."""
    import cv2

    return cv2.GaussianBlur(picture, (0, 0), sigma, borderType=cv2.BORDER_REFLECT) if sigma > 0 else picture


def downscale(picture: np.ndarray, factor: float, rng: np.random.Generator | None = None) -> np.ndarray:
    """Shrink by averaging and enlarge again (bicubic): the size stays, the detail goes."""
    import cv2

    height, width = picture.shape[:2]
    small = (max(1, round(width / factor)), max(1, round(height / factor)))
    return cv2.resize(cv2.resize(picture, small, interpolation=cv2.INTER_AREA), (width, height), interpolation=cv2.INTER_CUBIC)


def noise(picture: np.ndarray, sigma: float, rng: np.random.Generator) -> np.ndarray:
    """Gaussian noise, clipped to 0..255 and rounded; sigma in grey levels."""
    noisy = rng.standard_normal(picture.shape, np.float32)
    noisy *= sigma
    noisy += picture
    return np.clip(np.rint(noisy, out=noisy), 0, 255, out=noisy).astype(np.uint8)


def jpeg(picture: np.ndarray, quality: float, rng: np.random.Generator | None = None) -> np.ndarray:
    """Through libjpeg with halved colour (4:2:0), OpenCV's default.

    rng (np.random.Generator | None): draws where JPEG's grid of 16 pixels begins, which in a picture that was turned or cropped
        is anywhere; without it, at the corner.
    """
    import cv2

    top, left = rng.integers(0, 16, 2).tolist() if rng else (0, 0)
    whole = cv2.copyMakeBorder(picture, top, 0, left, 0, cv2.BORDER_REFLECT)
    _, data = cv2.imencode(".jpg", whole[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, round(quality)])
    return cv2.cvtColor(np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR))[top:, left:], cv2.COLOR_BGR2RGB)


def _resize(picture: np.ndarray, size: Sequence[int]) -> np.ndarray:
    import cv2

    smaller = size[0] < picture.shape[0]
    return cv2.resize(picture, (size[1], size[0]), interpolation=cv2.INTER_AREA if smaller else cv2.INTER_CUBIC)


def shrink(picture: np.ndarray, scale: int) -> np.ndarray:
    """The small picture of super-resolution: bicubic (Keys 1981, a = -1/2) with antialiasing, as MATLAB's imresize.

    picture (np.ndarray): (H, W, C), uint8. scale (int): divides H and W.
    RETURNS (np.ndarray): (H / scale, W / scale, C), uint8.
    """
    import cv2

    reach = 2 * scale
    distance = np.abs(np.arange(-reach, reach) + 0.5) / scale
    near = (1.5 * distance - 2.5) * distance**2 + 1
    far = ((-0.5 * distance + 2.5) * distance - 4) * distance + 2
    taps = np.where(distance < 1, near, far)
    taps /= taps.sum()
    padded = cv2.copyMakeBorder(picture, reach, reach, reach, reach, cv2.BORDER_REFLECT)
    filtered = cv2.sepFilter2D(padded, cv2.CV_32F, taps, taps, anchor=(reach - 1, reach - 1))
    start = reach + scale // 2 - 1
    height, width = picture.shape[0] // scale, picture.shape[1] // scale
    small = filtered[start::scale, start::scale][:height, :width]
    return np.clip(np.rint(small), 0, 255).astype(np.uint8)


def _luma(picture: np.ndarray) -> np.ndarray:
    import cv2

    return cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)


_KINDS: dict[str, Callable[[np.ndarray, float, np.random.Generator], np.ndarray]] = {
    "blur": blur,
    "downscale": downscale,
    "noise": noise,
    "jpeg": jpeg,
}
