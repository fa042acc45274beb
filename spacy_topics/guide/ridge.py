"""Ridge regression from sums over blocks of restaurants: held out, and resampled, without a look at the reviews again.

The coefficients are those of scikit-learn's `Ridge`, whose import alone takes longer than all of this.
"""

import numpy as np

from spacy_topics.guide import bootstrap

PENALTIES = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0)  # per row, for columns of deviation 1
_FOLDS = 10
_BLOCKS = 100


class BlockedRidge:
    """A regression whose rows belong together in blocks.

    values (ndarray): (N, p) float32; is standardised in place.
    target (ndarray): (N,) what is told from them.
    units (ndarray): (N,) number of each row's restaurant; its rows stay together.
    rng (Generator): source of randomness.

    count (int): number of blocks.
    deviation (ndarray): (p,) standard deviations of the columns.
    penalty (float): the penalty, per row, with the least squared error in restaurants held out.
    """

    def __init__(self, values: np.ndarray, target: np.ndarray, units: np.ndarray, rng: np.random.Generator) -> None:
        """Sum up the blocks and choose the penalty."""
        self._block, self.count = bootstrap.blocks(units, rng, _BLOCKS)
        self.deviation = values.std(axis=0, dtype=np.float64)
        values -= values.mean(axis=0, dtype=np.float64).astype(np.float32)
        values /= np.maximum(self.deviation, 1e-9).astype(np.float32)
        self._values, self._target, self._mean = values, target, target.mean()
        width = values.shape[1] + 1
        self._squares, self._products = np.zeros((self.count, width, width)), np.zeros((self.count, width))
        for block in range(self.count):
            rows = self._block == block
            x = np.column_stack([values[rows], np.ones(rows.sum())])
            self._squares[block], self._products[block] = x.T @ x, x.T @ (target[rows] - self._mean)
        told = {penalty: self.held_out(penalty) for penalty in PENALTIES}
        self.penalty = min(PENALTIES, key=lambda penalty: float(((told[penalty] - target) ** 2).sum()))

    def coefficients(self, weights: np.ndarray | None = None) -> np.ndarray:
        """(p,) what the target changes by when a column rises by 1.

        weights (ndarray | None): (count,) how often each block counts; None for once.
        """
        solved = self._solve(np.ones(self.count) if weights is None else weights, self.penalty)
        return solved[:-1] / np.maximum(self.deviation, 1e-9)

    def held_out(self, penalty: float | None = None) -> np.ndarray:
        """(N,) the target as the restaurants of nine tenths of the blocks tell it for the others.

        penalty (float | None): the penalty per row; None for the chosen one.
        """
        told, fold = np.zeros(len(self._target)), np.arange(self.count) % _FOLDS
        for number in range(min(_FOLDS, self.count)):
            solved = self._solve((fold != number).astype(float), self.penalty if penalty is None else penalty)
            rows = fold[self._block] == number
            told[rows] = self._values[rows] @ solved[:-1].astype(np.float32) + solved[-1] + self._mean
        return told

    def _solve(self, weights: np.ndarray, penalty: float) -> np.ndarray:
        """Coefficients of the standardised columns, and the constant, which has no penalty."""
        squares = np.tensordot(weights, self._squares, 1)
        rows = squares[-1, -1]
        diagonal = np.full(len(squares), penalty * rows + 1e-9)
        diagonal[-1] = 0
        squares[np.diag_indices(len(squares))] += diagonal
        return np.linalg.solve(squares, weights @ self._products)


def r2(target: np.ndarray, told: np.ndarray, units: np.ndarray) -> tuple[float, float]:
    """Share of the variance that is told: of the rows, and of the means of units, each as often as it has rows.

    target (ndarray): (N,) what is told.
    told (ndarray): (N,) what it is told to be.
    units (ndarray): (N,) number of each row's restaurant.
    """
    size = np.maximum(np.bincount(units), 1)
    means = [(np.bincount(units, values) / size)[units] for values in (target, told)]
    return tuple(  # type: ignore[return-value]
        round(float(1 - ((a - b) ** 2).sum() / max(((a - target.mean()) ** 2).sum(), 1e-12)), 4)
        for a, b in ((target, told), (means[0], means[1]))
    )
