"""Ridge regression of what restaurants' reviews have in common: held out by restaurant, with errors by resampled restaurants.

The coefficients are those of scikit-learn's `Ridge`, whose import alone takes longer than all of this.
"""

import numpy as np

from spacy_topics.guide import bootstrap

PENALTIES = (0.01, 0.1, 0.3, 1.0)  # per row, for columns of deviation 1
_FOLDS = 5


class RidgeFit:
    """A regression whose rows belong to restaurants.

    values (ndarray): (N, p) float32; is standardised in place.
    target (ndarray): (N,) what is told from them.
    units (ndarray): (N,) number of each row's restaurant, from 0; its rows stay together.
    rng (Generator): source of randomness.

    deviation (ndarray): (p,) standard deviations of the columns.
    penalty (float): of PENALTIES, the one with the least squared error in restaurants held out.
    held_out (ndarray): (N,) the target as the restaurants of four fifths tell it for the others.
    coefficients (ndarray): (p,) what the target changes by when a column rises by 1.
    errors (ndarray): (p,) their standard errors by resampled restaurants: each draw is one step away from the coefficients of
        all (the score bootstrap; Kline and Santos 2012), where solving each again would take seconds.
    """

    def __init__(self, values: np.ndarray, target: np.ndarray, units: np.ndarray, rng: np.random.Generator) -> None:
        """Choose the penalty and solve."""
        center = values.mean(axis=0, dtype=np.float64)
        squares = np.einsum("np,np->p", values, values, dtype=np.float64) / len(values)
        self.deviation = np.sqrt(np.maximum(squares - center**2, 1e-18))
        values -= center.astype(np.float32)
        values /= self.deviation.astype(np.float32)
        self._values, mean = values, target.mean()
        rest = target - mean
        block, count = bootstrap.blocks(units, rng)
        folds = [block % _FOLDS == fold for fold in range(min(_FOLDS, count))]
        parts = [_sums(values[fold], rest[fold]) for fold in folds]
        whole = np.sum([squares for squares, _ in parts], axis=0), np.sum([products for _, products in parts], axis=0)
        told = {penalty: self._told(penalty, whole, parts, folds) + mean for penalty in PENALTIES}
        self.penalty = min(PENALTIES, key=lambda penalty: float(((told[penalty] - target) ** 2).sum()))
        self.held_out = told[self.penalty]
        inverse = np.linalg.inv(_penalised(whole[0], self.penalty))
        solved = inverse @ whole[1]
        residual = rest - values @ solved[:-1].astype(np.float32) - solved[-1]
        scores = np.stack(
            [*(np.bincount(block, column * residual, count) for column in values.T), np.bincount(block, residual, count)]
        )
        drawn = (bootstrap.weights(count, rng) - 1) @ scores.T @ inverse
        self.coefficients = solved[:-1] / self.deviation
        self.errors = drawn[:, :-1].std(axis=0, ddof=1) / self.deviation

    def _told(
        self, penalty: float, whole: tuple, parts: list[tuple[np.ndarray, np.ndarray]], folds: list[np.ndarray]
    ) -> np.ndarray:
        told = np.zeros(len(self._values))
        for (squares, products), rows in zip(parts, folds, strict=True):
            solved = np.linalg.solve(_penalised(whole[0] - squares, penalty), whole[1] - products)
            told[rows] = self._values[rows] @ solved[:-1].astype(np.float32) + solved[-1]
        return told


def _sums(values: np.ndarray, target: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Products of columns with each other and with the target; the last column is the constant."""
    sums, rows = values.sum(axis=0, dtype=np.float64), float(len(values))
    squares = np.block([[(values.T @ values).astype(np.float64), sums[:, None]], [sums[None], np.array([[rows]])]])
    return squares, np.append(values.T @ target.astype(np.float32), target.sum()).astype(np.float64)


def _penalised(squares: np.ndarray, penalty: float) -> np.ndarray:
    """With the penalty, which the constant does not have."""
    diagonal = np.full(len(squares), penalty * squares[-1, -1])
    diagonal[-1] = 0
    return squares + np.diag(diagonal)


def r2(target: np.ndarray, told: np.ndarray, units: np.ndarray) -> tuple[float, float]:
    """Share of the variance that is told: of the rows, and of the means of restaurants, each as often as it has rows; NaN where
    there is no variance.

    target (ndarray): (N,) what is told.
    told (ndarray): (N,) what it is told to be.
    units (ndarray): (N,) number of each row's restaurant, from 0.
    """
    size = np.maximum(np.bincount(units), 1)
    means, told_means = ((np.bincount(units, values) / size)[units] for values in (target, told))
    return _share(target, told), _share(means, told_means)


def _share(target: np.ndarray, told: np.ndarray) -> float:
    total = ((target - target.mean()) ** 2).sum()
    return round(float(1 - ((target - told) ** 2).sum() / total), 4) if total > 1e-9 * len(target) else float("nan")
