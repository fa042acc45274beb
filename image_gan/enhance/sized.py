"""Pictures of any size: the next larger model, then a reduction by area."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from image_gan.enhance.enhancer import Enhancer
from image_gan.enhance.models import ModelCard, named, scales_of
from image_gan.errors import Errors, InputError
from image_gan.pictures import Picture

MAX_SCALE = 4


class Size(NamedTuple):
    """How large outputs are: one of these; all keep the proportions.

    scale (float | None): sides times this, up to 4; below 1 makes smaller.
    width (int | None): in pixels.
    height (int | None): in pixels.
    fit (tuple[int, int] | None): the largest that is at most so wide and so high.
    """

    scale: float | None = None
    width: int | None = None
    height: int | None = None
    fit: tuple[int, int] | None = None

    def check(self, most: int = MAX_SCALE) -> "Size":
        """RAISES InputError: P060, P092, not exactly one of them, a scale above the most, or a value that cannot be."""
        given = {name: value for name, value in self._asdict().items() if value is not None}
        if len(given) != 1:
            raise InputError(Errors.P092.format(got=", ".join(given) or "none"))
        ((name, value),) = given.items()
        if name == "scale" and not 0 < value <= most:
            raise InputError(Errors.P060.format(what="scale", allowed=f"above 0 and at most {most}", got=value))
        if name != "scale" and min(value if isinstance(value, tuple) else (value,)) < 1:
            raise InputError(Errors.P060.format(what=name, allowed="at least 1 pixel", got=value))
        return self

    def of(self, width: int, height: int) -> tuple[float, tuple[int, int]]:
        """The factor for a picture of this width and height, and the width and height that it will have."""
        if self.fit:
            factor = min(self.fit[0] / width, self.fit[1] / height)
        else:
            factor = self.scale or (self.width or 0) / width or (self.height or 0) / height
        return factor, (self.width or max(1, round(width * factor)), self.height or max(1, round(height * factor)))


class SizedEnhancer:
    """Makes pictures of the size that is asked for; threads may share it.

    size (Size | None): of the outputs; None for as large as the model makes them.
    model (str | Path): as for `Enhancer`; "" for the model that ships for the look and is the next larger for each picture.
    look (str): of the models that ship.
    options: as for `Enhancer`.
    RAISES InputError: as `Size.check` and `Enhancer`; P084, there is no such look.
    """

    def __init__(self, size: Size | None = None, *, model: str | Path = "", look: str = "faithful", **options: Any) -> None:
        self._look, self._options, self.strength = look, options, options.get("strength", 1.0)
        self._loaded: dict[int, Enhancer] = {}
        self._loading = threading.Lock()
        if model:
            only = Enhancer(model, **options)
            size = size or Size(scale=only.scale)
            self._scales = [only.scale]
            self._loaded[only.scale] = only
        else:
            self._scales = scales_of(look)
            size = size or Size(scale=1)
            if size.scale in (1, 2, 4) and size.scale not in self._scales:
                named(int(size.scale), look)  # says what there is
        self.size = size.check(max(MAX_SCALE, *self._scales))
        if size.scale:
            self._for(size.scale)  # so that what is wrong with it is said at once

    @property
    def card(self) -> ModelCard | None:
        """The card of the model that all pictures go through; None where it depends on their sizes."""
        return self._for(self.size.scale).card if self.size.scale else None

    def card_for(self, width: int, height: int) -> ModelCard:
        """The card of the model that a picture of this width and height goes through."""
        return self._for(self.size.of(width, height)[0]).card

    def noise_level(self, pixels: np.ndarray) -> float:
        """As `Enhancer.noise_level`, by the model that the picture goes through."""
        return self._for(self.size.of(*pixels.shape[1::-1])[0]).noise_level(pixels)

    def enhance(self, picture: Picture, progress: Callable[[float], None] | None = None) -> Picture:
        """As `Enhancer.enhance`, in the size that is asked for.

        RAISES InputError: P093, it would be larger than the largest model makes it; and as `Enhancer.enhance`.
        """
        height, width = picture.pixels.shape[:2]
        factor, size = self.size.of(width, height)
        return self._for(factor).enhance(picture, progress, size=size)

    def _for(self, factor: float) -> Enhancer:
        scale = next((scale for scale in self._scales if scale >= factor - 1e-9), None)
        if scale is None:
            raise InputError(Errors.P093.format(factor=f"{factor:.4g}", most=self._scales[-1]))
        with self._loading:
            if scale not in self._loaded:
                self._loaded[scale] = Enhancer(named(scale, self._look), **self._options)
            return self._loaded[scale]
