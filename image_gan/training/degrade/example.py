"""What a network is given, and what it should make of it."""

from typing import NamedTuple

import numpy as np


class Example(NamedTuple):
    """A degraded picture and its target.

    degraded (np.ndarray): (h, w, 3), RGB, uint8.
    target (np.ndarray): (H, W, 3), RGB, uint8.
    level (float): the standard deviation of the noise that is to be removed, in grey levels; what goes beyond it is in the
        target too.
    """

    degraded: np.ndarray
    target: np.ndarray
    level: float = 0.0
