"""Phrases: word pairs that gensim learns once, kept as a plain table, and joined by array look-ups."""

from collections.abc import Iterator

import numpy as np

BREAK = -1  # the word id of anything that ends a phrase: punctuation, the end of a document


def learn(words: np.ndarray, min_count: int, threshold: float) -> np.ndarray:
    """Find the pairs of neighbouring words that belong together (gensim's Phrases, normalised PMI: Bouma 2009).

    words (ndarray): (n,) int32 word ids of all documents one after the other, with BREAK between them.
    min_count (int): minimum number of occurrences of a pair.
    threshold (float): minimum normalised pointwise mutual information of a pair, -1 to 1.
    RETURNS (ndarray): (pairs, 2) int32, in ascending order.
    """
    from gensim.models.phrases import Phrases

    learnt = Phrases(_sentences(words), min_count=min_count, threshold=threshold, scoring="npmi").export_phrases()
    pairs = sorted(tuple(int(word) for word in pair.split("_")) for pair in learnt)
    return np.array(pairs, np.int32).reshape(-1, 2)


def join(words: np.ndarray, pairs: np.ndarray, ids: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Join the known pairs, left to right as gensim does: of a, b, c with (a, b) and (b, c) known, a and b are joined.

    words (ndarray): (n,) word ids, BREAK where no phrase may cross.
    pairs (ndarray): (p, 2) pairs of word ids, in ascending order.
    ids (ndarray): (p,) the id that each pair becomes.
    RETURNS (tuple): (m,) the joined word ids, and (m,) where in `words` each of them begins.
    """
    keep = np.ones(len(words), bool)
    joined = words.copy()
    if len(pairs) and len(words):
        keys = pairs[:, 0].astype(np.int64) << 32 | pairs[:, 1]
        seen = words[:-1].astype(np.int64) << 32 | words[1:].astype(np.uint32)
        row = np.minimum(np.searchsorted(keys, seen), len(keys) - 1)
        hits = np.flatnonzero(keys[row] == seen)
        # within a run of consecutive hits every second one begins a phrase
        run_start = np.maximum.accumulate(np.where(np.diff(hits, prepend=-2) != 1, hits, 0))
        begins = hits[(hits - run_start) % 2 == 0]
        joined[begins] = ids[row[begins]]
        keep[begins + 1] = False
    return joined[keep], np.flatnonzero(keep)


class _sentences:
    """The words between breaks as lists of strings. Each iteration starts again, as gensim reads twice.

    words (ndarray): (n,) word ids.
    """

    def __init__(self, words: np.ndarray) -> None:
        self.words = words

    def __iter__(self) -> Iterator[list[str]]:
        ends = np.flatnonzero(self.words == BREAK)
        for start, end in zip(np.concatenate([[0], ends + 1]), np.concatenate([ends, [len(self.words)]]), strict=True):
            if end - start > 1:
                yield [str(word) for word in self.words[start:end].tolist()]
