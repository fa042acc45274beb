"""A foreign ONNX graph that restores or enlarges pictures -> a model file of palate's.

What a graph does not say about itself is measured: how it is laid out, which range it takes, its scale, which sizes, how far it
looks. `adapter` then gives it the interface that palate's own graphs have, so that the runtime knows one kind.
"""

import itertools
import math
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from image_gan.enhance import quantization
from image_gan.enhance.adapter import RANGES, Interface, adapted, read_graph
from image_gan.enhance.model_file import write_model
from image_gan.enhance.models import ModelCard
from image_gan.errors import Errors, InputError, one_line

_MULTIPLES = (1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 28, 32, 48, 64)
_NEAREST = 18.0  # dB: what restores or enlarges gives back a plain drawing at least so near to its plain enlargement
_NOTHING = 2e-4  # of the range from 0 to 1, a twentieth of a grey level: a change that is smaller is none
_CLOSE = 0.3  # dB: of ranges that come so near to the best one, as they do for a network without biases, the first is meant
_FARTHEST = 192  # pixels: no tile could overlap by more


class _Graph:
    """A graph that runs on pictures (H, W, 3) from 0 to 1, of any size that it takes."""

    def __init__(self, data: bytes, path: Path) -> None:
        import openvino as ov

        self.path, core = path, ov.Core()
        try:
            model = core.read_model(data, b"")
            self._compiled = core.compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
        except RuntimeError as error:
            raise InputError(Errors.P094.format(path=path, reason=f"OpenVINO cannot run it: {_last_line(error)}")) from None

    def __call__(self, batch: np.ndarray) -> np.ndarray | None:
        """What comes out; None for a size that the graph does not take."""
        try:
            return np.array(self._compiled(batch)[0])
        except RuntimeError:
            return None


class _Size(NamedTuple):
    """A size with which a graph runs, and what was found with it."""

    multiple: int
    scale: int


def import_model(source: str | Path, output: str | Path, *, bgr: bool = False) -> ModelCard:
    """Measure a foreign graph, and write it as a model file.

    The graph has one input, of 3 channels or of luma, channels first or last, float32 or float16, of any height and width; and
    one output, the enlarged or restored picture, in the same order.

    source (str | Path): an ONNX model; weights in files beside it are taken in.
    output (str | Path): the file; one that exists is replaced.
    bgr (bool): the graph takes blue first, which cannot be measured.
    RETURNS (ModelCard): the card.
    RAISES InputError: P094, it is no such graph; the message says why.
    """
    source = Path(source)
    graph = read_graph(source)
    run = _Graph(graph.data, source)
    interface, size = _measured_interface(run, graph.candidates, bgr, source)
    data = adapted(graph, interface, size.scale)
    whole = _Graph(data, source)
    multiple = _grid(whole, size)
    receptive_field, is_exact = _receptive_field(whole, multiple, size.scale)
    pictures = [_drawing(_up(96, multiple), _up(96, multiple), seed) for seed in range(4)]
    # In 8 bits what is next to nothing may become a step: tiles would differ.
    ranges = quantization.ranges_or_none(data, pictures) if is_exact else None
    card = ModelCard(
        name=source.stem,
        scale=size.scale,
        size_multiple=multiple,
        receptive_field=receptive_field,
        data="its file does not say",
        terms="those of its authors, which its file does not say",
        limits=_limits(source, interface, receptive_field),
        parameters=graph.parameters,
        exported=date.today().isoformat(),
        bfloat16=quantization.decibels(data, pictures, "bf16") if quantization.has_bfloat16() else None,
        int8=quantization.decibels(data, pictures, "f32", ranges) if ranges else None,
        ranges=ranges,
    )
    write_model(output, data, card.entries())
    return card


def _limits(source: Path, interface: Interface, receptive_field: int) -> str:
    order = "luma" if interface.channels == 1 else "blue first" if interface.bgr else "red first, which is assumed"
    layout = "first" if interface.channels_first else "last"
    text = f"Imported from {source.name}: channels {layout}, {order}, {interface.range_in} in, {interface.range_out} out"
    return f"{text}. It looks at the whole picture, so that tiles may differ" if receptive_field == _FARTHEST else text


def _measured_interface(run: _Graph, candidates: Any, bgr: bool, source: Path) -> tuple[Interface, _Size]:
    """The layout and the ranges with which the graph gives back a drawing best.

    RAISES InputError: P094, it takes no picture, its output has no size of an enlargement, or it gives back something else.
    """
    shapes: set[str] = set()
    found: list[tuple[float, Interface, _Size]] = []
    for channels_first, channels in candidates:
        size = _measured_size(run, channels_first, channels, shapes)
        if size is None:
            continue
        for range_in, range_out in itertools.product(RANGES, RANGES):
            interface = Interface(channels_first, channels, bgr and channels == 3, range_in, range_out)
            found.append((_nearness(run, interface, size), interface, size))
    if not found:
        reason = f"its output is not its input's size times a whole number ({', '.join(sorted(shapes)[:3])})"
        raise InputError(Errors.P094.format(path=source, reason=reason if shapes else "it takes no picture of any size"))
    most = max(row[0] for row in found)
    best = next(row for row in found if row[0] >= most - _CLOSE)
    if most < _NEAREST:
        reason = "what it makes of a picture does not resemble it, in any range from 0 to 1, 0 to 255 or -1 to 1"
        raise InputError(Errors.P094.format(path=source, reason=reason))
    return best[1:]


def _measured_size(run: _Graph, channels_first: bool, channels: int, shapes: set[str]) -> _Size | None:
    """The smallest multiple with which it runs, and its scale; the shapes of outputs that are no enlargement are noted."""
    for multiple in _MULTIPLES:
        sides = multiple * _odd(24, multiple), multiple * _odd(40, multiple)
        shape = (1, channels, *sides) if channels_first else (1, *sides, channels)
        output = run(np.full(shape, 0.5, np.float32))
        if output is None:
            continue
        wanted = output.ndim == 4 and output.shape[1 if channels_first else 3] == channels
        large = output.shape[2:] if channels_first else output.shape[1:3]
        scale = large[0] // sides[0] if wanted else 0
        if scale and tuple(large) == (sides[0] * scale, sides[1] * scale):
            return _Size(multiple, scale)
        shapes.add(f"{shape} to {output.shape}")
    return None


def _nearness(run: _Graph, interface: Interface, size: _Size) -> float:
    """PSNR in dB of what the graph makes of a drawing, made smaller, against the drawing."""
    height, width = (_up(side, size.multiple) * size.scale for side in (48, 64))
    large = _drawing(height, width, seed=0)
    small = _shrunk(large, size.scale)
    factor, offset = RANGES[interface.range_in]
    given = small if interface.channels == 3 else small.mean(axis=2, keepdims=True)
    given = given[..., ::-1] if interface.bgr else given
    batch = (given.transpose(2, 0, 1) if interface.channels_first else given)[None] * factor + offset
    output = run(np.ascontiguousarray(batch, np.float32))
    if output is None or not np.isfinite(output).all():
        return -math.inf
    factor, offset = RANGES[interface.range_out]
    made = (output[0].transpose(1, 2, 0) if interface.channels_first else output[0]).astype(np.float64)
    made = (made[..., ::-1] if interface.bgr else made) / factor - offset / factor
    wanted = large if interface.channels == 3 else large.mean(axis=2, keepdims=True)
    return float(-10 * np.log10(np.mean((made - wanted) ** 2) + 1e-12))


def _grid(run: _Graph, size: _Size) -> int:
    """The multiple by which a picture can be moved so that what is made of it moves along, as tiles do.

    RAISES InputError: P094, there is none.
    """
    for multiple in (one for one in _MULTIPLES if one % size.multiple == 0):
        side, margin = multiple * math.ceil(160 / multiple), 48 * size.scale
        picture = _drawing(side + multiple, side + multiple, seed=1)
        first, second = _made(run, picture[:side, :side]), _made(run, picture[multiple:, multiple:])
        moved = multiple * size.scale
        change = np.abs(first[moved:, moved:] - second[:-moved, :-moved])[margin:-margin, margin:-margin]
        if change.max() < 10 * _NOTHING:
            return multiple
    reason = "what it makes of a part of a picture depends on where the part stands, or on all of the rest"
    raise InputError(Errors.P094.format(path=run.path, reason=reason))


def _receptive_field(run: _Graph, multiple: int, scale: int) -> tuple[int, bool]:
    """How many pixels away a change still changes the output; and whether none does beyond, be it next to nothing."""
    for nothing in (0.0, _NOTHING):
        farthest = _farthest_change(run, multiple, scale, nothing)
        if farthest < _FARTHEST - multiple:
            return farthest, nothing == 0
    return _FARTHEST, False


def _farthest_change(run: _Graph, multiple: int, scale: int, nothing: float) -> int:
    """How far away, with the other half of a picture replaced, there is a change that is more than nothing; up to _FARTHEST."""
    side = _up(2 * _FARTHEST, multiple)
    across = _up(48, multiple)
    farthest = 0
    for turned in (False, True):
        first = _drawing(across, side, seed=2)
        second = np.random.default_rng(3).random(first.shape, np.float32)
        for changed in (np.arange(side) >= side // 2, np.arange(side) < side // 2):
            mixed = np.where(changed[:, None], second, first)
            pair = [_made(run, one.swapaxes(0, 1) if turned else one) for one in (first, mixed)]
            difference = np.abs(pair[0] - pair[1]).max(axis=(1, 2) if turned else (0, 2))
            seen = np.flatnonzero((difference > nothing) & ~np.repeat(changed, scale)) // scale
            farthest = max(farthest, *(int(abs(place - side // 2)) for place in seen), 0)
    return min(farthest, _FARTHEST)


def _made(run: _Graph, picture: np.ndarray) -> np.ndarray:
    """What an adapted graph adds to a picture. RAISES InputError: P094, it does not run on all sizes."""
    output = run(np.ascontiguousarray(picture[None], np.float32))
    if output is None:
        height, width = picture.shape[:2]
        raise InputError(Errors.P094.format(path=run.path, reason=f"it does not run on {width} x {height} pixels"))
    return output[0]


def _drawing(height: int, width: int, seed: int) -> np.ndarray:
    """Slopes, edges, waves and some noise, (H, W, 3), float32 from 0 to 1."""
    rng = np.random.default_rng(seed)
    down, across = np.mgrid[0:height, 0:width] / 32.0
    planes = []
    for _ in range(3):
        turn, phase = rng.uniform(0, np.pi), rng.uniform(0, 6)
        along = across * np.cos(turn) + down * np.sin(turn)
        edges = 0.3 * (np.sin(2.2 * along + phase) > 0.2) + 0.2 * (np.hypot(across - rng.uniform(0, 2), down - 1) < 0.6)
        planes.append(0.25 + edges + 0.12 * np.sin(5 * along) + 0.08 * np.sin(1.3 * down + phase))
    noise = 0.01 * rng.standard_normal((height, width, 1))
    return np.clip(np.stack(planes, axis=2) + noise, 0, 1).astype(np.float32)


def _shrunk(picture: np.ndarray, scale: int) -> np.ndarray:
    import cv2

    return cv2.resize(picture, None, fx=1 / scale, fy=1 / scale, interpolation=cv2.INTER_AREA) if scale > 1 else picture


def _up(least: int, multiple: int) -> int:
    return -(-least // multiple) * multiple


def _odd(least: int, multiple: int) -> int:
    """An odd number, so that its product with the multiple has no larger power of two in it."""
    return max(1, -(-least // multiple)) | 1


def _last_line(error: Exception) -> str:
    """The end of what OpenVINO says, which names the cause; what comes before names its own source files."""
    return one_line(ValueError(str(error).strip().splitlines()[-1]), 160)
