"""Documents as arrays of term ids: in reading order (`Stream`), or as bags in three arrays (`Bags`)."""

from typing import NamedTuple

import numpy as np


class Stream(NamedTuple):
    """Words or terms of documents in reading order.

    doc (ndarray): (n,) integers, the document of each word.
    token (ndarray): (n,) integers, the first token of each word.
    last (ndarray): (n,) integers, the last token of each word.
    word (ndarray): (n,) int32, the id of each word.
    """

    doc: np.ndarray
    token: np.ndarray
    last: np.ndarray
    word: np.ndarray


class Bags(NamedTuple):
    """D documents as bags of term ids.

    terms (ndarray): (N,) int32, term ids: document d has terms[offsets[d]:offsets[d + 1]], in ascending order.
    counts (ndarray): (N,) float32, how often each of these terms occurs in its document.
    offsets (ndarray): (D + 1,) int64, where each document begins, and N.
    """

    terms: np.ndarray
    counts: np.ndarray
    offsets: np.ndarray

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def sizes(self) -> np.ndarray:
        """Number of terms of each document, with repetitions: (D,) int64."""
        total = np.concatenate([[0], np.cumsum(self.counts, dtype=np.float64)])
        return np.diff(total[self.offsets]).astype(np.int64)

    def rows(self) -> np.ndarray:
        """The document that each entry belongs to: (N,) int64."""
        return np.repeat(np.arange(len(self)), np.diff(self.offsets))

    def select(self, keep: np.ndarray) -> "Bags":
        """The same documents with only some of their entries.

        keep (ndarray): (N,) bool, the entries that stay.
        """
        return to_bags(self.rows()[keep], self.terms[keep], len(self), self.counts[keep])

    def take(self, documents: np.ndarray) -> "Bags":
        """Some of the documents.

        documents (ndarray): their indices, in the order wanted.
        """
        sizes = np.diff(self.offsets)[documents]
        entries = ranges(self.offsets[documents], sizes)
        offsets = np.concatenate([[0], np.cumsum(sizes)])
        return Bags(self.terms[entries], self.counts[entries], offsets)


def to_bags(documents: np.ndarray, terms: np.ndarray, size: int, counts: np.ndarray | None = None) -> Bags:
    """Gather (document, term) pairs into bags.

    documents (ndarray): (n,) document of each pair, 0 to size - 1, in any order.
    terms (ndarray): (n,) term id of each pair, 0 or above.
    size (int): number of documents; a document may have no terms.
    counts (ndarray | None): (n,) count of each pair; None counts each pair once.
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
    """Concatenate arange(start, start + size) over all pairs.

    starts (ndarray): (n,) first number of each range.
    sizes (ndarray): (n,) length of each range.
    """
    before = np.cumsum(sizes) - sizes
    return np.repeat(starts - before, sizes) + np.arange(sizes.sum())
