"""Cleans and enlarges pictures of any size with an exported generator.

The network says what to add to a picture; adding it, in the picture's own depth, is done here.
"""

import functools
import itertools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from image_gan.enhance import models, tiles
from image_gan.enhance.engines import EngineFactory, Session, find_engine, is_out_of_memory
from image_gan.enhance.noise_level import level_for
from image_gan.errors import Errors, InputError, RunError
from image_gan.pictures import MAX_PIXELS, Picture

MAX_OUTPUT_PIXELS = 4 * MAX_PIXELS  # the largest picture that is read, enlarged by 2

_TILE = 768  # the side of a tile: larger ones overlap less and take more memory
_SMALL = 120_000  # pixels: computing so small a picture takes less time than compiling for its size
_STRIP = 64  # rows of the output that are rounded at a time, in the processor's cache
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)

Progress = Callable[[float], None]


class Enhancer:
    """A generator, ready to be called with pictures; threads may share it.

    model (str | Path): a name of `models.shipped`, or a file that `palate images export` wrote.
    engine (str | EngineFactory): "openvino"; "onnxruntime", on what the installed build supports; or an engine's class, such as
        `image_gan.training.from_onnx.TensorFlowEngine`, the reference.
    precision (str): "auto", "int8", "bfloat16" or "float32", as for `OpenVinoEngine`; other engines compute in float32.
    tile (int): the longest side of what is computed at once, at least twice what two tiles share. It is halved for good when
        there is not enough memory.
    threads (int): that compute; 0 for as many as there are cores.
    strength (float): from 0, the picture itself or its plain enlargement (bilinear), to 1, all that the network adds.
    denoise (str | float): how much noise is removed by a model that is told so: "auto", all that disturbs, and nothing of
        clean pictures; or the share, from 0, which keeps grain and still removes traces of compression, to 1.
    RAISES InputError: P060, P083, P091, P095, there is no such model, engine or precision, or a value is out of range; P050,
        P051, P052, the model file cannot be used.
    """

    def __init__(
        self,
        model: str | Path = "restore",
        *,
        engine: str | EngineFactory = "openvino",
        precision: str = "auto",
        tile: int = _TILE,
        threads: int = 0,
        strength: float = 1.0,
        denoise: str | float = "auto",
    ) -> None:
        precisions = ("auto", "int8", "bfloat16", "float32")
        if precision not in precisions:
            raise InputError(Errors.P060.format(what="precision", allowed=" or ".join(precisions), got=repr(precision)))
        if not 0 <= strength <= 1:
            raise InputError(Errors.P060.format(what="strength", allowed="from 0 to 1", got=strength))
        if denoise != "auto" and not (isinstance(denoise, int | float) and 0 <= denoise <= 1):
            raise InputError(Errors.P060.format(what="denoise", allowed="auto, or from 0 to 1", got=denoise))
        if tile < 1:
            raise InputError(Errors.P060.format(what="tile", allowed="at least 1 pixel", got=tile))
        if threads < 0:
            raise InputError(Errors.P060.format(what="threads", allowed="at least 1, or 0 for all cores", got=threads))
        make_engine = find_engine(engine)
        data, self.card = models.load_model(model)
        if denoise != "auto" and not self.card.noise_level:
            raise InputError(Errors.P095.format(model=self.card.name))
        self.scale, self.strength, self.denoise = self.card.scale, strength, denoise
        self._tile = tile
        self._overlap = tiles.overlap_of(self.card.receptive_field, self.card.size_multiple)
        self._new_engine = functools.partial(
            make_engine, data, self.card, precision, **({"threads": threads} if threads else {})
        )
        self._engine = self._new_engine()

    def __call__(self, picture: np.ndarray, progress: Progress | None = None) -> np.ndarray:
        """Enhance a picture.

        picture (np.ndarray): (H, W, 3) RGB, (H, W, 1) or (H, W) grey, uint8 or uint16; or what NumPy turns into that.
        progress (Callable[[float], None] | None): called after each tile with its share of the work.
        RETURNS (np.ndarray): the same kind of array, its sides times `scale`. Grey goes in as three equal channels, and their
            luma comes out; three channels that are equal stay equal.
        RAISES InputError: P080, not such a picture; P081, the output would be too large. RunError: P082, the model's numbers
            are not finite. MemoryError: there is not enough for the output, or for the smallest tile.
        """
        picture = np.asarray(picture)
        pixels = picture[..., None] if picture.ndim == 2 else picture
        if picture.dtype not in (np.uint8, np.uint16) or pixels.shape[2:] not in ((1,), (3,)) or not pixels.size:
            raise InputError(Errors.P080.format(shape=picture.shape, dtype=picture.dtype))
        height, width = (side * self.scale for side in pixels.shape[:2])
        if height * width > MAX_OUTPUT_PIXELS:
            raise InputError(Errors.P081.format(width=width, height=height, most=MAX_OUTPUT_PIXELS))
        grey = pixels.shape[2] == 3 and _is_grey(pixels)
        if grey:
            pixels = pixels[..., :1]
        output = np.empty((height, width, pixels.shape[2]), pixels.dtype)
        self._fill_in_memory(output, pixels, progress)
        return np.repeat(output, 3, axis=2) if grey else output.reshape(height, width, *picture.shape[2:])

    def noise_level(self, pixels: np.ndarray) -> float:
        """How much noise is removed from a picture, (H, W, C): a deviation in grey levels; 0 if the model is not told."""
        return level_for(pixels, self.denoise) if self.card.noise_level else 0.0

    def enhance(self, picture: Picture, progress: Progress | None = None, size: tuple[int, int] | None = None) -> Picture:
        """Enhance what `pictures.read` returns. Transparency is enlarged by the network too, stays hard where it is, and does
        not let hidden colours through.

        picture (Picture): stays as it is.
        progress (Callable[[float], None] | None): as for calling the enhancer.
        size (tuple[int, int] | None): width and height to which the result is reduced, by area.
        RETURNS (Picture): with the same EXIF, profile and resolution.
        RAISES: as calling the enhancer.
        """
        pixels, alpha = picture.pixels, picture.alpha
        if alpha is not None:
            pixels = _with_hidden_colours_replaced(pixels, alpha)
            alpha = self._alpha(alpha, size)
        return replace(picture, pixels=_reduced(self(pixels, progress), size), alpha=alpha)

    def _alpha(self, alpha: np.ndarray, size: tuple[int, int] | None) -> np.ndarray:
        """Transparency has no noise: where the size stays, it stays."""
        peak = np.iinfo(alpha.dtype).max
        hard = not ((alpha > 0) & (alpha < peak)).any()
        large = _reduced(self(alpha[..., None]) if self.scale > 1 else alpha[..., None], size)[..., 0]
        return (large > peak // 2) * alpha.dtype.type(peak) if hard else large

    def _fill_in_memory(self, output: np.ndarray, pixels: np.ndarray, progress: Progress | None) -> None:
        """Fill the output, with smaller tiles where there is no memory for large ones."""
        while True:
            tile = self._tile
            try:
                return self._fill(output, pixels, max(tile, 2 * self._overlap), progress)
            except Exception as error:
                if not is_out_of_memory(error):
                    raise
            smallest = 2 * self._overlap
            if tile <= smallest:
                raise MemoryError(f"there is no memory for a tile of {smallest} pixels per side")
            self._tile = min(self._tile, max(tile // 2, smallest))
            self._engine = self._new_engine()  # the one that failed may keep memory

    def _fill(self, output: np.ndarray, pixels: np.ndarray, longest: int, progress: Progress | None) -> None:
        """Tile by tile, so that only little of the picture is ever held as floats."""
        scale, (picture_height, picture_width) = self.scale, pixels.shape[:2]
        height, rows = tiles.cut_side(picture_height, longest, self._overlap, self.card.size_multiple)
        width, columns = tiles.cut_side(picture_width, longest, self._overlap, self.card.size_multiple)
        is_large = picture_height * picture_width > _SMALL
        level = self.noise_level(pixels)
        session = self._engine.session((height, width), fixed_size=is_large, sixteen_bits=pixels.itemsize == 2)
        for row, column in itertools.product(rows, columns):
            positions = row.positions(height, picture_height), column.positions(width, picture_width)
            tile = pixels[np.ix_(*positions)].astype(np.float32, "C")
            part = output[row.in_picture(scale), column.in_picture(scale)]
            above, left = part[: row.ramp * scale].copy(), part[:, : column.ramp * scale].copy()
            self._compute(part, session, tile, level, (row.in_tile(scale), column.in_tile(scale)))
            tiles.fade_over(part, above)
            tiles.fade_over(part.swapaxes(0, 1), left.swapaxes(0, 1))
            if progress:
                progress(1 / len(rows) / len(columns))

    def _compute(self, part: np.ndarray, session: Session, tile: np.ndarray, level: float, inside: tuple[slice, slice]) -> None:
        """Fill a part of the output with the inside of a tile: the tile, enlarged, plus what the network adds."""
        peak, channels = np.iinfo(part.dtype).max, tile.shape[2]
        colours = np.repeat(tile[None] / peak, 3 // channels, axis=3)
        residual = session.residual(tiles.with_level(colours, level, peak=1) if self.card.noise_level else colours)[0]
        if not np.isfinite(residual.sum()):
            raise RunError(Errors.P082.format(model=self.card.name))
        if channels == 1:
            residual = (residual @ _LUMA)[..., None]
        if self.scale > 1:
            import cv2

            tile = cv2.resize(tile, None, fx=self.scale, fy=self.scale, interpolation=cv2.INTER_LINEAR)
        tile = tile.reshape(residual.shape)
        saturated = _saturated(tile, peak, self.scale)[inside]
        tile, residual = tile[inside], residual[inside]
        residual[saturated] = 0
        for top in range(0, len(part), _STRIP):
            strip = residual[top : top + _STRIP] * np.float32(peak * self.strength)
            strip += tile[top : top + _STRIP]
            np.rint(strip, out=strip)
            part[top : top + _STRIP] = np.clip(strip, 0, peak, out=strip)


def _reduced(pixels: np.ndarray, size: tuple[int, int] | None) -> np.ndarray:
    """By area, to a width and height."""
    if size is None or size == pixels.shape[1::-1]:
        return pixels
    import cv2

    return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA).reshape(*size[::-1], -1)


def _is_grey(pixels: np.ndarray) -> bool:
    """Whether the three channels are equal everywhere; asked in strips, because of most pictures the first one says no."""
    strips = (pixels[top : top + _STRIP] for top in range(0, len(pixels), _STRIP))
    return all(
        np.array_equal(strip[..., 0], strip[..., 1]) and np.array_equal(strip[..., 0], strip[..., 2]) for strip in strips
    )


def _saturated(plain: np.ndarray, peak: int, scale: int) -> np.ndarray:
    """Where black and white stay what they are: paper stays white, and a network's small errors make no grey of it.

    plain (np.ndarray): what the network adds to. In an enlargement it is at an end of the range only where all pixels around
        are; in the picture itself a single pixel may be there by noise, so its neighbours are asked too.
    """
    if scale > 1:
        return (plain == peak) | (plain == 0)
    import cv2

    window = np.ones((3, 3), np.uint8)
    return ((cv2.erode(plain, window) == peak) | (cv2.dilate(plain, window) == 0)).reshape(plain.shape)


def _with_hidden_colours_replaced(pixels: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Give what is wholly transparent the colour of the nearest pixel that is not: what is hidden there must not leak."""
    import cv2

    visible = alpha > 0
    if visible.all() or not visible.any():
        return pixels
    hidden = (~visible).astype(np.uint8)
    _, nearest = cv2.distanceTransformWithLabels(hidden, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    colours = np.zeros((int(nearest.max()) + 1, pixels.shape[2]), pixels.dtype)
    colours[nearest[visible]] = pixels[visible]
    return colours[nearest]
