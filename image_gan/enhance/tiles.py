"""Cuts pictures into tiles that overlap, and joins the results without seams.

A tile overlaps its neighbours by as far as the network looks, and starts on the network's own grid of positions. So where two
tiles meet, both have computed the same.
"""

import itertools
from typing import NamedTuple

import numpy as np

EDGE = 4  # pixels by which a picture is mirrored at its border, beyond which convolutions see a grey that is not there
_RAMP = 8  # pixels over which one tile gives way to the next


class Span(NamedTuple):
    """One side of a tile. The first tile starts before the picture does, and the last one ends after it.

    start (int): where the tile starts.
    begin (int): from where on the output is taken from this tile.
    end (int): where the output stops being taken from it.
    ramp (int): over how many pixels from `begin` on it takes over from the tile before.
    """

    start: int
    begin: int
    end: int
    ramp: int

    def positions(self, side: int, length: int) -> np.ndarray:
        """Which positions of a picture of this length a tile of this side has; beyond its border the picture is mirrored."""
        positions = np.arange(self.start, self.start + side) % (2 * length)
        return np.minimum(positions, 2 * length - 1 - positions)

    def in_tile(self, scale: int) -> slice:
        """The part of the tile that is used, in an output enlarged by `scale`."""
        return slice((self.begin - self.start) * scale, (self.end - self.start) * scale)

    def in_picture(self, scale: int) -> slice:
        """Where that part stands in the picture, in an output enlarged by `scale`."""
        return slice(self.begin * scale, self.end * scale)


def overlap_of(receptive_field: int, size_multiple: int) -> int:
    """How many pixels two tiles share: where they meet, both have seen all that the network looks at.

    Less would leave a difference that is too small to be seen, but that 8 bits would round to a step here and there.

    receptive_field (int): how far an output looks, in pixels.
    size_multiple (int): sides of tiles are multiples of it.
    RETURNS (int): a multiple of `size_multiple`.
    """
    return _round_up(2 * receptive_field + _RAMP, size_multiple)


def cut_side(length: int, longest: int, overlap: int, size_multiple: int) -> tuple[int, list[Span]]:
    """Cut one side of a picture, with its mirrored edges: into as few tiles as possible, and these as small as possible.

    length (int): of the picture's side.
    longest (int): the longest side of a tile, at least twice the overlap.
    overlap (int): pixels that two tiles share.
    size_multiple (int): sides and starts of tiles are multiples of it.
    RETURNS (tuple[int, list[Span]]): the side of a tile, which is the same for all, and the tiles.
    """
    padded, longest = _round_up(length + 2 * EDGE, size_multiple), longest // size_multiple * size_multiple
    count = 1
    if padded > longest:
        count += _divide_up(padded - longest, longest - overlap)
    side = _round_up(_divide_up(padded + (count - 1) * overlap, count), size_multiple)
    starts = [min(number * (side - overlap), padded - side) - EDGE for number in range(count)]
    meetings = [(first + side + second) // 2 for first, second in itertools.pairwise(starts)]
    begins = [0, *(meeting - _RAMP // 2 for meeting in meetings)]
    ends = [*(meeting + _RAMP // 2 for meeting in meetings), length]
    ramps = [0, *(_RAMP for _ in meetings)]
    return side, [Span(*span) for span in zip(starts, begins, ends, ramps, strict=True)]


def with_level(pictures: np.ndarray, level: float, peak: float = 255) -> np.ndarray:
    """Add the channel by which a network is told how much noise to remove: four times its standard deviation.

    pictures (np.ndarray): (..., 3), from 0 to the peak.
    level (float): in grey levels of 255, from 0 to 63.75.
    peak (float): of the pictures.
    RETURNS (np.ndarray): (..., 4), of the same dtype.
    """
    return np.concatenate([pictures, np.full_like(pictures[..., :1], 4 * level * peak / 255)], axis=-1)


def fade_over(output: np.ndarray, before: np.ndarray) -> None:
    """Let what stood in the first rows of the output give way, row by row, to what stands there now.

    output (np.ndarray): (height, ...), changed in its first rows.
    before (np.ndarray): (rows, ...), what stood there.
    """
    rows = len(before)
    share = (np.arange(rows, dtype=np.float32)[:, None, None] + 0.5) / max(rows, 1)
    output[:rows] = np.rint(before + share * (output[:rows] - before.astype(np.float32)))


def _round_up(number: int, multiple: int) -> int:
    return _divide_up(number, multiple) * multiple


def _divide_up(number: int, divisor: int) -> int:
    return -(-number // divisor)
