"""What an engine is: it runs the graph of a model file on tiles."""

from collections.abc import Callable
from typing import Protocol

import numpy as np

from image_gan.errors import Errors, InputError


class Session(Protocol):
    """Runs the graph on the tiles of one picture, in one thread."""

    def residual(self, tile: np.ndarray) -> np.ndarray:
        """Compute what is to be added to a tile.

        tile (np.ndarray): (1, H, W, 3), float32, RGB from 0 to 1; with a fourth channel if the card has `noise_level`.
        RETURNS (np.ndarray): (1, scale * H, scale * W, 3), float32.
        """


class Engine(Protocol):
    """A graph that is loaded; threads may share it."""

    def session(self, sides: tuple[int, int], *, fixed_size: bool, sixteen_bits: bool) -> Session:
        """Prepare for the tiles of one picture.

        sides (tuple[int, int]): height and width of each tile.
        fixed_size (bool): whether compiling for this size pays off.
        sixteen_bits (bool): whether the picture has 16 bits, which need more precision than 8.
        """


EngineFactory = Callable[..., Engine]  # of a model file, its card, a precision, and `threads` where they are limited


def check_float32(engine: str, precision: str) -> None:
    """Check the precision for an engine that knows float32 only. RAISES InputError: P060."""
    if precision not in ("auto", "float32"):
        allowed = f"auto or float32 with the engine {engine}"
        raise InputError(Errors.P060.format(what="precision", allowed=allowed, got=repr(precision)))


def is_out_of_memory(error: Exception) -> bool:
    """Engines wrap the system's words in errors of their own: no memory, or no thread, whose stack is memory."""
    words = ("alloc", "memory", "temporarily unavailable")
    return isinstance(error, MemoryError) or any(word in str(error).lower() for word in words)
