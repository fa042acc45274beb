"""Which things are mentioned more in one group of reviews than in the others."""

import numpy as np

_PRIOR = 0.05  # the prior weighs a twentieth of the counts that it is made of


def log_odds(inside: np.ndarray, everywhere: np.ndarray) -> np.ndarray:
    """z-scores of the log-odds of each thing inside a group against outside it, with a Dirichlet prior of the overall counts
    (Monroe et al. 2008).

    inside (ndarray): (n,) counts in the group.
    everywhere (ndarray): (n,) counts in all groups.
    RETURNS (ndarray): (n,) float64; 0 for everything where there is nothing to compare with.
    """
    size = inside.sum()
    rest = everywhere.sum() - size
    if not rest or not size:
        return np.zeros(len(inside))
    outside = everywhere - inside
    prior, total = _PRIOR * everywhere, _PRIOR * (size + rest)
    odds_inside = np.log((inside + prior) / (size + total - inside - prior))
    odds_outside = np.log((outside + prior) / (rest + total - outside - prior))
    scores = (odds_inside - odds_outside) / np.sqrt(1 / (inside + prior) + 1 / (outside + prior))
    return np.where(everywhere == everywhere.sum(), 0.0, scores)  # one thing alone cannot be mentioned more than others
