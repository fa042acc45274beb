"""What pictures go through in life: blur, sharpening, grain, sizes and files, twice over (Wang et al. 2021, arXiv 2107.10833).

Resizing is not undone where the size stays: the target has gone through it, too. How much of the noise is to be removed is
drawn: the target keeps the rest.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from image_gan.errors import Errors, InputError
from image_gan.training.degrade.compression import jpeg, webp
from image_gan.training.degrade.example import Example
from image_gan.training.degrade.noise_kinds import draw_noise
from image_gan.training.degrade.reductions import KERNELS, check_kernels, reduce

_LIMITS = {"blur": (0, 20), "sharpen": (0, 5), "noise": (0, 60), "compress": (1, 100), "resize": (0.25, 4)}
MOST_LEVEL = 63.0  # grey levels: the highest level that a network is told


@dataclass(frozen=True)
class HistoryDegradation:
    """How pictures are degraded. Each step occurs with the probability of its name, with a number from its range.

    grey_probability (float): a picture loses its colour, before all else: R = G = B.
    identity_probability (float): nothing else happens.
    twice_probability (float): all steps are drawn a second time.
    blur (Sequence[float]): standard deviation of a Gaussian, in pixels, in one direction and the other.
    sharpen (Sequence[float]): how many times what a blur of .5 to 2 pixels takes away is added: halos.
    noise (Sequence[float]): standard deviation of `noise_kinds.draw_noise`, in grey levels, the lower the likelier.
    compress (Sequence[float]): quality of JPEG (4 of 5) or WebP, on any grid.
    resize (Sequence[float]): factor of the size that the picture has in the following steps.
    kernels (Sequence[str]): where pictures are enlarged, the kernels of `reductions.reduce`, one of which made the small one.
    keep_share (float): how often some noise stays in the target, half of the time all of it.
    undo_resizing (bool): the target has not been resized, so that lost detail is to be made up.
    RAISES InputError: P060, a range or a probability is out of range.
    """

    grey_probability: float = 0.1
    identity_probability: float = 0.1
    twice_probability: float = 0.15
    blur: Sequence[float] = (0.2, 0.8)
    blur_probability: float = 0.1
    sharpen: Sequence[float] = (0.2, 1.5)
    sharpen_probability: float = 0.06
    noise: Sequence[float] = (1, 45)
    noise_probability: float = 0.55
    compress: Sequence[float] = (10, 95)
    compress_probability: float = 0.45
    resize: Sequence[float] = (0.5, 1.6)
    resize_probability: float = 0.2
    kernels: Sequence[str] = KERNELS
    keep_share: float = 0.25
    undo_resizing: bool = False

    def __post_init__(self) -> None:
        check_kernels("degradation.kernels", self.kernels)
        for name, (least, most) in _LIMITS.items():
            value = getattr(self, name)
            if not (len(value) == 2 and least <= value[0] <= value[1] <= most):
                allowed = f"two numbers from {least} to {most}, the lower one first"
                raise InputError(Errors.P060.format(what=f"degradation.{name}", allowed=allowed, got=value))
        for name in (*(f"{kind}_probability" for kind in ("grey", "identity", "twice", *_LIMITS)), "keep_share"):
            value = getattr(self, name)
            if not 0 <= value <= 1:
                raise InputError(Errors.P060.format(what=f"degradation.{name}", allowed="from 0 to 1", got=value))

    def __call__(self, picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Degrade a picture, (H, W, 3), RGB, uint8, of whose shape and dtype the result is."""
        return self.example(picture, 1, rng).degraded

    def example(self, target: np.ndarray, scale: int, rng: np.random.Generator) -> Example:
        """Make what a network is given for a target.

        target (np.ndarray): (H, W, 3), RGB, uint8; sides are multiples of the scale.
        scale (int): how many times smaller the degraded picture is.
        rng (np.random.Generator): everything random is drawn from it.
        RETURNS (Example): the degraded picture, its target and the level.
        """
        if rng.random() < self.grey_probability:
            target = _grey(target)
        small = reduce(target, scale, self.kernels[int(rng.integers(len(self.kernels)))]) if scale > 1 else target
        if rng.random() < self.identity_probability:
            return Example(small, target, self._draw_level(0.0, rng))
        course = _Course(small)
        for _ in range(2 if rng.random() < self.twice_probability else 1):
            self._live(course, rng)
        course.resize(small.shape[:2], rng)
        degraded = _rounded(course.degraded)
        grain, deviation = course.remaining_noise(degraded)
        level = self._draw_level(deviation, rng)
        if scale > 1 or self.undo_resizing:
            return Example(degraded, target, level)
        kept = max(0.0, 1 - level / deviation) if deviation else 0.0
        return Example(degraded, _rounded(course.target + kept * grain), level)

    def _live(self, course: "_Course", rng: np.random.Generator) -> None:
        """Go once through all steps that occur."""

        def drawn(name: str) -> float | None:
            return _between(getattr(self, name), rng) if rng.random() < getattr(self, f"{name}_probability") else None

        if (sigma := drawn("blur")) is not None:
            other = _between(self.blur, rng)
            course.filter(lambda planes: _blurred(planes, sigma, other))
        if (factor := drawn("resize")) is not None:
            height, width = (max(8, round(side * factor)) for side in course.degraded.shape[:2])
            course.resize((height, width), rng)
        if rng.random() < self.noise_probability:
            least, most = self.noise
            course.add_noise(least + (most - least) * float(rng.random()) ** 1.5, rng)
        if (strength := drawn("sharpen")) is not None:
            radius = float(rng.uniform(0.5, 2))
            course.filter(lambda planes: planes + strength * (planes - _blurred(planes, radius, radius)))
        if (quality := drawn("compress")) is not None:
            course.compress(quality, rng)

    def _draw_level(self, deviation: float, rng: np.random.Generator) -> float:
        """How much noise is to be removed: less than there is; or all of it, as an estimate says it.

        An estimate takes fine texture for noise, whose variance it adds, also in clean pictures.
        """
        if deviation and rng.random() < self.keep_share:
            return _quarter(deviation * float(rng.random())) if rng.random() < 0.5 else 0.0
        texture = float(rng.exponential(5)) if rng.random() < 0.6 else 0.0
        return _quarter(float(np.hypot(deviation * rng.uniform(1, 1.25), texture)))


class _Course:
    """A picture on its way. All are (H, W, 3), float32, in grey levels.

    degraded: what has become of it.
    clean: what would have become of it without noise and files.
    target: what would have become of it by resizing alone.
    grain: the noise in it, had it not gone through files.
    """

    def __init__(self, picture: np.ndarray) -> None:
        self.degraded = self.clean = self.target = picture.astype(np.float32)
        self.grain = np.zeros_like(self.target)

    def filter(self, function: Callable[[np.ndarray], np.ndarray]) -> None:
        """Do what is linear to the picture and its noise."""
        self.degraded, self.clean, self.grain = (function(one) for one in (self.degraded, self.clean, self.grain))

    def resize(self, size: Sequence[int], rng: np.random.Generator) -> None:
        """By any kernel of OpenCV's; larger ones alias when they reduce, as careless programs do."""
        import cv2

        height, width = size
        if (height, width) == self.degraded.shape[:2]:
            return
        smaller = height < self.degraded.shape[0]
        kernels = (cv2.INTER_AREA, cv2.INTER_AREA, cv2.INTER_LINEAR) if smaller else (cv2.INTER_LINEAR, cv2.INTER_CUBIC)
        kernel = (*kernels, cv2.INTER_CUBIC, cv2.INTER_LANCZOS4)[int(rng.integers(len(kernels) + 2))]
        self.filter(lambda planes: cv2.resize(planes, (width, height), interpolation=kernel))
        self.target = np.asarray(cv2.resize(self.target, (width, height), interpolation=kernel))

    def add_noise(self, sigma: float, rng: np.random.Generator) -> None:
        """Add noise; a grey picture's is grey."""
        noise = draw_noise(self.clean, sigma, rng)
        if not np.ptp(self.target, axis=2).max() > 1e-3:
            noise = np.repeat(noise[..., :1], 3, axis=2)
        self.degraded, self.grain = self.degraded + noise, self.grain + noise

    def compress(self, quality: float, rng: np.random.Generator) -> None:
        """Write to a file and read it."""
        picture = _rounded(self.degraded)
        if rng.random() < 0.2:
            self.degraded = webp(picture, quality, rng).astype(np.float32)
        else:
            self.degraded = jpeg(picture, quality, rng, full_colour=bool(rng.random() < 0.3)).astype(np.float32)

    def remaining_noise(self, degraded: np.ndarray) -> tuple[np.ndarray, float]:
        """The noise that files and clipping have left in what became of the picture, and its standard deviation."""
        power = float(np.mean(self.grain**2))
        if power < 0.01:
            return self.grain, 0.0
        share = float(np.mean((degraded - self.clean) * self.grain)) / power
        share = min(max(share, 0.0), 1.0)
        return np.float32(share) * self.grain, share * power**0.5


def _between(ends: Sequence[float], rng: np.random.Generator) -> float:
    least, most = ends
    return float(rng.uniform(least, most))


def _grey(picture: np.ndarray) -> np.ndarray:
    import cv2

    return cv2.cvtColor(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)


def _blurred(planes: np.ndarray, sigma: float, other: float) -> np.ndarray:
    import cv2

    return cv2.GaussianBlur(planes, (0, 0), max(sigma, 0.05), sigmaY=max(other, 0.05), borderType=cv2.BORDER_REFLECT)


def _rounded(planes: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(planes), 0, 255).astype(np.uint8)


def _quarter(level: float) -> float:
    """Rounded to quarters of a grey level, as a network is told it."""
    return min(round(4 * level) / 4, MOST_LEVEL)
