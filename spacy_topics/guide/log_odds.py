"""Log-odds, to find what one group of reviews mentions more often than the others."""

import numpy as np

_PRIOR = 0.05  # weight of the prior: a twentieth of the overall counts


def log_odds(inside: np.ndarray, everywhere: np.ndarray) -> np.ndarray:
    """Log-odds of each item inside a group against outside it, in units of their standard deviation (Monroe et al. 2008).

    The Dirichlet prior is proportional to the overall counts.

    inside (ndarray): (n,) counts in the group.
    everywhere (ndarray): (n,) counts in all groups.
    RETURNS (ndarray): (n,) z-scores, float64; all 0 if there is nothing inside or nothing outside the group.
    """
    size = inside.sum()
    rest = everywhere.sum() - size
    if not rest or not size:
        return np.zeros(len(inside))
    outside = everywhere - inside
    prior, total = _PRIOR * everywhere, _PRIOR * (size + rest)
    with np.errstate(divide="ignore", invalid="ignore"):  # of a single item, see below
        odds_inside = np.log((inside + prior) / (size + total - inside - prior))
        odds_outside = np.log((outside + prior) / (rest + total - outside - prior))
        scores = (odds_inside - odds_outside) / np.sqrt(1 / (inside + prior) + 1 / (outside + prior))
    return np.where(everywhere == everywhere.sum(), 0.0, scores)  # a single item has nothing to be compared with
