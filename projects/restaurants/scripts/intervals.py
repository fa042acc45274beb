"""95 % intervals of figures: the bootstrap's for what is averaged over documents or restaurants, Wilson's for a share."""

import math
from collections.abc import Callable

import numpy as np

RESAMPLES = 1000
SEED = 0
TAIL = 0.025


def interval(figure: Callable[[np.ndarray], float], size: int) -> tuple[float, float]:
    """The bootstrap's interval of a figure.

    figure (Callable): the figure of the cases with these numbers, (size,).
    size (int): number of cases.
    """
    rng = np.random.default_rng(SEED)
    low, high = np.nanquantile([figure(rng.integers(size, size=size)) for _ in range(RESAMPLES)], [TAIL, 1 - TAIL])
    return float(low), float(high)


def with_interval(figure: Callable[[np.ndarray], float], size: int, sign: str = "") -> str:
    """The figure of all cases and its interval, for a table: "0.755 (0.731 to 0.778)".

    figure (Callable): see `interval`.
    size (int): see `interval`.
    sign (str): "+" writes the sign of positive numbers, too.
    """
    low, high = interval(figure, size)
    return f"{figure(np.arange(size)):{sign}.3f} ({low:{sign}.3f} to {high:{sign}.3f})"


def wilson(right: int, total: int) -> str:
    """A share and its interval by Wilson, for a table."""
    z = 1.96
    share = right / total
    middle = (share + z * z / (2 * total)) / (1 + z * z / total)
    half = z / (1 + z * z / total) * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    return f"{share:.3f} ({middle - half:.3f} to {middle + half:.3f})"
