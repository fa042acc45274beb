"""Uncertainty of what is computed from reviews: resampling of restaurants, or of reviews, and how sure a difference is."""

import numpy as np

DRAWS = 200
BLOCKS = 500  # more restaurants (or reviews) than this are resampled in this many random blocks, which bounds time and memory
LEAST = 5  # fewer restaurants (or reviews) than this say nothing about how much others would differ


def blocks(units: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, int]:
    """The block that each review is resampled with, at random but for what belongs together.

    units (ndarray): (N,) number of each review's restaurant, or of the review; they count from 0.
    rng (Generator): source of randomness.
    RETURNS (tuple): (N,) numbers of blocks, and how many blocks there are.
    """
    count = int(units.max(initial=-1)) + 1
    return (rng.permutation(count) % BLOCKS)[units], min(count, BLOCKS)


def weights(count: int, rng: np.random.Generator, draws: int = DRAWS) -> np.ndarray:
    """How often each block is drawn in each resampling.

    count (int): number of blocks.
    rng (Generator): source of randomness.
    draws (int): number of resamplings.
    RETURNS (ndarray): (draws, count) float64.
    """
    return rng.multinomial(count, np.full(count, 1 / count), draws).astype(np.float64)


def interval(value: np.ndarray, error: np.ndarray, units: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """95 % intervals by Student's t; NaN where there are fewer than LEAST units.

    value (ndarray): the estimates.
    error (ndarray): their standard errors.
    units (ndarray): number of restaurants (or reviews) that each rests on.
    """
    from scipy.special import stdtrit

    width = np.where(units >= LEAST, stdtrit(np.maximum(units - 1, 1), 0.975) * error, np.nan)
    return value - width, value + width


def sureness(difference: np.ndarray, error: np.ndarray, units: np.ndarray) -> np.ndarray:
    """How sure it is that differences are none of chance: 1 less the rate of false discoveries (Benjamini and Hochberg 1995).

    Of those with at least .95, one in twenty is expected to be chance, however many are compared.

    difference (ndarray): the differences, of any shape.
    error (ndarray): their standard errors.
    units (ndarray): number of restaurants (or reviews) that each rests on.
    RETURNS (ndarray): 0 to 1; NaN where there are fewer than LEAST units.
    """
    from scipy.special import stdtr

    known = (units >= LEAST) & np.isfinite(difference) & np.isfinite(error)
    apart = np.where(difference == 0, 0.0, np.abs(difference) / np.maximum(error, 1e-12))
    p = (2 * stdtr(np.maximum(units - 1, 1), -apart))[known]
    order = np.argsort(p, kind="stable")
    rates = p[order] * len(p) / np.arange(1, len(p) + 1)
    sure = np.full(difference.shape, np.nan)
    found = np.empty(len(p))
    found[order] = 1 - np.minimum.accumulate(rates[::-1])[::-1].clip(0, 1)
    sure[known] = found
    return sure
