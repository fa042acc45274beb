"""Documents as arrays of term ids: in reading order (`Stream`), or as bags, many documents in three arrays."""

from typing import NamedTuple

import numpy as np


class Stream(NamedTuple):
    """Words or terms of documents in reading order.

    doc (ndarray): (n,) integers, the document of each.
    token (ndarray): (n,) integers, its first token.
    last (ndarray): (n,) integers, its last token.
    word (ndarray): (n,) int32, its id.
    """

    doc: np.ndarray
    token: np.ndarray
    last: np.ndarray
    word: np.ndarray


class Bags(NamedTuple):
    """Documents as bags of term ids: document d owns terms[offsets[d]:offsets[d + 1]], ascending, and their counts."""

    terms: np.ndarray  # (N,) int32
    counts: np.ndarray  # (N,) float32
    offsets: np.ndarray  # (D + 1,) int64

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def sizes(self) -> np.ndarray:
        """Number of terms of each document, repetitions counted: (D,) int64."""
        total = np.concatenate([[0], np.cumsum(self.counts, dtype=np.float64)])
        return np.diff(total[self.offsets]).astype(np.int64)

    def rows(self) -> np.ndarray:
        """The document that each entry belongs to: (N,) int64."""
        return np.repeat(np.arange(len(self)), np.diff(self.offsets))

    def select(self, keep: np.ndarray) -> "Bags":
        """The same documents with only the entries where `keep` ((N,) bool) holds."""
        return to_bags(self.rows()[keep], self.terms[keep], len(self), self.counts[keep])

    def take(self, documents: np.ndarray) -> "Bags":
        """These documents alone, in the order asked for."""
        sizes = np.diff(self.offsets)[documents]
        entries = ranges(self.offsets[documents], sizes)
        offsets = np.concatenate([[0], np.cumsum(sizes)])
        return Bags(self.terms[entries], self.counts[entries], offsets)


def to_bags(documents: np.ndarray, terms: np.ndarray, size: int, counts: np.ndarray | None = None) -> Bags:
    """Gather (document, term) pairs into bags.

    documents (ndarray): (n,) the document of each token, 0 to size - 1, in any order.
    terms (ndarray): (n,) its term id, 0 or above.
    size (int): number of documents; some may own no token.
    counts (ndarray | None): (n,) what each pair counts; None counts 1.
    """
    width = int(terms.max()) + 1 if len(terms) else 1
    pairs = documents.astype(np.int64) * width + terms
    if counts is None:
        pairs, summed = np.unique(pairs, return_counts=True)
    else:
        pairs, inverse = np.unique(pairs, return_inverse=True)
        summed = np.bincount(inverse, weights=counts, minlength=len(pairs))
    offsets = np.searchsorted(pairs, np.arange(size + 1, dtype=np.int64) * width)
    return Bags((pairs % width).astype(np.int32), summed.astype(np.float32), offsets)


def ranges(starts: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """The concatenation of arange(start, start + size) for each pair."""
    before = np.cumsum(sizes) - sizes
    return np.repeat(starts - before, sizes) + np.arange(sizes.sum())
