"""Cleans and enlarges pictures of any size with an exported generator: tiles, engines, precision; no TensorFlow.

The network tells what to add to a picture; adding it, in the picture's own depth, is done here. A tile overlaps its neighbours
by as far as the network looks, on its own grid of places, so that where two tiles meet both have computed the same.
"""

import functools
import itertools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from image_gan.enhance import model_file
from image_gan.enhance.engines.openvino import ENGINES, Run, is_of_memory
from image_gan.errors import Errors, InputError
from image_gan.pictures import MAX_PIXELS, Picture

WEIGHTS = Path(__file__).parents[1] / "weights"
EDGE = 4  # pixels that a picture is mirrored by at its border, beyond which convolutions see a grey that is not there
MAX_MADE = 4 * MAX_PIXELS  # what comes out: the largest that is read, enlarged by 2

_TILE = 768  # sides: larger ones overlap less and take more memory
_SMALL = 120_000  # pixels of a picture: computing it takes less time than compiling for its shape
_RAMP = 8  # pixels over which one tile gives way to the next
_STRIP = 64  # rows of what is made that are rounded at a time, in the processor's cache
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)


class Enhancer:
    """A generator, ready to be called with pictures; threads may share it.

    model (str | Path): a name of `shipped`, or a file that `palate images export` wrote.
    engine (str): "openvino", "onnxruntime" (on what the installed build has), or "tensorflow", the reference, which needs
        what training needs.
    precision (str): "auto": for pictures of 8 bits the narrowest of "int8", "bfloat16", where the processor has it, and
        "float32" that comes near to the last, as the card says; for those of 16 bits "float32". Or one of them for all. The
        other engines compute in float32.
    tile (int): the longest side of what is computed at once, raised to twice what two tiles share. Halved for good when memory
        does not suffice.
    strength (float): from 0, the picture itself or its plain enlargement (bilinear), to 1, all that the network adds.
    RAISES InputError: no such model, engine, precision; a damaged file (P050, P051, P052); a value out of range.
    """

    def __init__(
        self,
        model: str | Path = "restore",
        *,
        engine: str = "openvino",
        precision: str = "auto",
        tile: int = _TILE,
        strength: float = 1.0,
    ) -> None:
        precisions = ("auto", "int8", "bfloat16", "float32")
        for what, got, known in (("engine", engine, ENGINES), ("precision", precision, precisions)):
            if got not in known:
                raise InputError(Errors.P060.format(what=what, allowed=" or ".join(known), got=repr(got)))
        if not 0 <= strength <= 1:
            raise InputError(Errors.P060.format(what="strength", allowed="from 0 to 1", got=strength))
        if precision not in ("auto", "float32") and engine != "openvino":
            raise InputError(
                Errors.P060.format(what="precision", allowed=f"auto or float32 with {engine}", got=repr(precision))
            )
        data, self.card = model_file.read(_path(model))
        self.scale, self.strength = self.card["scale"], strength
        self._tile = tile
        self._engine = functools.partial(ENGINES[engine], data, self.card, precision)
        self._start = self._engine()

    def __call__(self, picture: np.ndarray, progress: Callable[[float], None] | None = None) -> np.ndarray:
        """Enhance a picture.

        picture (np.ndarray): (H, W, 3) RGB, (H, W, 1) or (H, W) grey, uint8 or uint16; or what NumPy makes that of.
        progress (Callable): is told after each tile which share of the work that was.
        RETURNS (np.ndarray): the same kind, sides times `scale`. Grey goes in as three equal channels and comes out as luma.
        RAISES InputError: P080, P081, P082. MemoryError: it is not enough for what is made, or for the smallest tile.
        """
        picture = np.asarray(picture)
        pixels = picture[..., None] if picture.ndim == 2 else picture
        if picture.dtype not in (np.uint8, np.uint16) or pixels.shape[2:] not in ((1,), (3,)) or not pixels.size:
            raise InputError(Errors.P080.format(shape=picture.shape, dtype=picture.dtype))
        height, width = (side * self.scale for side in pixels.shape[:2])
        if height * width > MAX_MADE:
            raise InputError(Errors.P081.format(width=width, height=height, most=MAX_MADE))
        made = np.empty((height, width, pixels.shape[2]), pixels.dtype)
        while True:
            tile = self._tile
            try:
                self._fill(made, pixels, tile, progress or (lambda share: None))
                return made.reshape(height, width, *picture.shape[2:])
            except Exception as error:
                if not is_of_memory(error):
                    raise
            least = 2 * _overlap(self.card)
            if tile <= least:
                raise MemoryError(f"there is no memory for a tile of {least} pixels a side")
            self._tile = min(self._tile, max(tile // 2, least))
            self._start = self._engine()  # what failed may keep what it was given

    def enhance(self, picture: Picture, progress: Callable[[float], None] | None = None) -> Picture:
        """Enhance what `pictures.read` gives: transparency is enlarged apart, and colour bled under it before."""
        pixels, alpha = picture.pixels, picture.alpha
        if alpha is not None:
            import cv2

            pixels = _bled(pixels, alpha)
            if self.scale > 1:
                alpha = cv2.resize(alpha, None, fx=self.scale, fy=self.scale, interpolation=cv2.INTER_LINEAR)
        return replace(picture, pixels=self(pixels, progress), alpha=alpha)

    def _fill(self, made: np.ndarray, pixels: np.ndarray, most: int, progress: Callable[[float], None]) -> None:
        """Tile by tile, so that little of the picture is ever held as floats."""
        overlap = _overlap(self.card)
        (height, rows), (width, columns) = (
            _spans(side, max(most, 2 * overlap), overlap, self.card["multiple"]) for side in pixels.shape[:2]
        )
        run = self._start((height, width), pixels.shape[0] * pixels.shape[1] > _SMALL, pixels.itemsize == 2)
        scale = self.scale
        for row, column in itertools.product(rows, columns):
            tile = pixels[np.ix_(row.mirrored(height, pixels.shape[0]), column.mirrored(width, pixels.shape[1]))]
            target = made[row.outer(scale), column.outer(scale)]
            above, left = target[: row.ramp * scale].copy(), target[:, : column.ramp * scale].copy()
            self._compute(target, run, tile.astype(np.float32, "C"), (row.inner(scale), column.inner(scale)))
            _blend(target, above)
            _blend(target.swapaxes(0, 1), left.swapaxes(0, 1))
            progress(1 / len(rows) / len(columns))

    def _compute(self, target: np.ndarray, run: Run, tile: np.ndarray, inner: tuple[slice, slice]) -> None:
        """Fill the target with what is inside of a tile: the tile, enlarged, and what the network adds."""
        peak, channels = np.iinfo(target.dtype).max, tile.shape[2]
        residual = run(np.repeat(tile[None] / peak, 3 // channels, axis=3))[0]
        if not np.isfinite(residual.sum()):
            raise InputError(Errors.P082.format(model=self.card.get("name", "")))
        if channels == 1:
            residual = (residual @ _LUMA)[..., None]
        if self.scale > 1:
            import cv2

            tile = cv2.resize(tile, None, fx=self.scale, fy=self.scale, interpolation=cv2.INTER_LINEAR)
        tile, residual = tile.reshape(residual.shape)[inner], residual[inner]
        for top in range(0, len(target), _STRIP):
            part = residual[top : top + _STRIP] * np.float32(peak * self.strength)
            part += tile[top : top + _STRIP]
            np.rint(part, out=part)
            target[top : top + _STRIP] = np.clip(part, 0, peak, out=part)


def shipped() -> dict[str, dict[str, Any]]:
    """The cards of the models that ship, by their names, with `bytes`, the size of the file."""
    files = sorted(WEIGHTS.glob("*.onnx"))
    return {file.stem: {**model_file.read(file)[1], "bytes": file.stat().st_size} for file in files}


def named(scale: int = 1, look: str = "faithful") -> str:
    """The name of the model that ships for a scale and a look. RAISES InputError: P084."""
    if scale not in (1, 2, 4) or look not in ("faithful", "crisp") or (scale, look) == (1, "crisp"):
        raise InputError(Errors.P084.format(scale=scale, look=look))
    return "restore" if scale == 1 else f"x{scale}" + "_crisp" * (look == "crisp")


def _path(model: str | Path) -> Path:
    path = WEIGHTS / f"{model}.onnx"
    if path.is_file() or Path(model).suffix or Path(model).exists():
        return path if path.is_file() else Path(model)
    there = ", ".join(sorted(file.stem for file in WEIGHTS.glob("*.onnx"))) or "none"
    raise InputError(Errors.P083.format(model=model, known=there))


class _Span(NamedTuple):
    """One side of a tile: where it starts, from where to where the picture is taken from it, and how much of that is a ramp.

    The first starts before the picture does, and the last ends behind its end.
    """

    start: int
    begin: int
    end: int
    ramp: int

    def mirrored(self, side: int, length: int) -> np.ndarray:
        """The places of a picture that a tile has, the picture being mirrored beyond its border."""
        places = np.arange(self.start, self.start + side) % (2 * length)
        return np.minimum(places, 2 * length - 1 - places)

    def inner(self, scale: int) -> slice:
        return slice((self.begin - self.start) * scale, (self.end - self.start) * scale)

    def outer(self, scale: int) -> slice:
        return slice(self.begin * scale, self.end * scale)


def _overlap(card: dict[str, Any]) -> int:
    """How many pixels two tiles share: where they meet both have seen all that the network sees.

    Less would leave a difference too small to be seen, which 8 bits would round to a step here and there.
    """
    return _up(2 * card["reach"] + _RAMP, card["multiple"])


def _up(number: int, multiple: int) -> int:
    return -(-number // multiple) * multiple


def _spans(length: int, most: int, overlap: int, multiple: int) -> tuple[int, list[_Span]]:
    """Cut one side of a picture: the side of a tile, the same for all, and the tiles, which start at multiples.

    As few tiles as will do, then as small as will do, of the picture with its edges, filled up to a multiple.
    """
    padded, most = _up(length + 2 * EDGE, multiple), most // multiple * multiple
    count = 1 if padded <= most else 1 - (most - padded) // (most - overlap)
    side = _up(-(-(padded + (count - 1) * overlap) // count), multiple)
    starts = [min(number * (side - overlap), padded - side) - EDGE for number in range(count)]
    cuts = [(first + side + second) // 2 for first, second in itertools.pairwise(starts)]
    begins = [0, *(cut - _RAMP // 2 for cut in cuts)]
    ends = [*(cut + _RAMP // 2 for cut in cuts), length]
    ramps = [0, *(_RAMP for _ in cuts)]
    return side, [_Span(*span) for span in zip(starts, begins, ends, ramps, strict=True)]


def _blend(made: np.ndarray, there: np.ndarray) -> None:
    """Let the first rows give way to what was there."""
    share = (np.arange(len(there), dtype=np.float32)[:, None, None] + 0.5) / max(len(there), 1)
    made[: len(there)] = np.rint(there + share * (made[: len(there)] - there.astype(np.float32)))


def _bled(pixels: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Give what is wholly transparent the colour of the nearest pixel that is not: what is hidden there must not leak."""
    import cv2

    seen = alpha > 0
    if seen.all() or not seen.any():
        return pixels
    _, nearest = cv2.distanceTransformWithLabels((~seen).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    colours = np.zeros((int(nearest.max()) + 1, pixels.shape[2]), pixels.dtype)
    colours[nearest[seen]] = pixels[seen]
    return colours[nearest]
