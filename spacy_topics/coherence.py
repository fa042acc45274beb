"""Which words of a topic keep company: normalised PMI over sliding windows, and the words that it singles out."""

from itertools import pairwise

import numpy as np

from spacy_topics.bags import Stream, ranges

_CHUNK = 2_000_000  # windows held at a time


def npmi(stream: Stream, terms: np.ndarray, window: int = 10) -> np.ndarray:
    """Normalised pointwise mutual information of term pairs in windows of terms (c_npmi: Röder et al. 2015).

    Every window is counted exactly; gensim's c_npmi forgets a word that leaves a window while its repetition is still
    in it, and reads some thousandths lower for that.

    stream (Stream): the documents' terms in reading order.
    terms (ndarray): (t,) ids of the terms to pair.
    window (int): terms in a window; a shorter document is one window.
    RETURNS (ndarray): (t, t) float32 in -1..1: 1 for terms that are in every window, about -0.6 for pairs that never
        meet, as the measure has it, and -1 where one of them is in no document.
    """
    from scipy.sparse import csr_array

    starts = np.flatnonzero(np.diff(stream.doc, prepend=-1))
    lengths = np.diff(starts, append=len(stream.doc))
    windows = np.maximum(1, lengths - window + 1)
    position = np.arange(len(stream.doc)) - np.repeat(starts, lengths)
    last = np.repeat(windows - 1, lengths)
    offset = np.repeat(np.cumsum(windows) - windows, lengths)
    column = np.full(max(int(stream.word.max(initial=0)), int(terms.max())) + 1, -1)
    column[terms] = np.arange(len(terms))
    wanted = np.flatnonzero(column[stream.word] >= 0)
    first = np.maximum(0, position - window + 1)[wanted]
    count = np.minimum(position[wanted], last[wanted]) - first + 1
    together = np.zeros((len(terms), len(terms)))
    cuts = np.searchsorted(offset[wanted], np.arange(0, windows.sum() + _CHUNK, _CHUNK))
    for begin, end in pairwise(cuts):
        some = slice(begin, end)
        rows = ranges(offset[wanted[some]] + first[some], count[some])
        if len(rows):
            columns = np.repeat(column[stream.word[wanted[some]]], count[some])
            seen = csr_array((np.ones(len(rows), np.float32), (rows - rows.min(), columns)), (np.ptp(rows) + 1, len(terms)))
            seen.sum_duplicates()
            seen.data[:] = 1
            together += (seen.T @ seen).toarray()
    alone = np.diag(together) / max(1, windows.sum())
    joint = together / max(1, windows.sum()) + 1e-12
    chance = np.outer(alone, alone)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.log(joint / chance) / -np.log(joint)
    return np.where(chance == 0, -1, np.where(joint >= 1, 1, found)).astype(np.float32)


def companions(pairs: np.ndarray, count: int) -> np.ndarray:
    """Drop the word that goes worst with the others, again and again, until `count` are left.

    What is dropped is the intruder that people find in a topic's words (Chang et al. 2009).

    pairs (ndarray): (t, t) npmi of a topic's words, most relevant first.
    RETURNS (ndarray): (count,) places of the words kept, in their order.
    """
    kept = np.arange(len(pairs))
    while len(kept) > count:
        among = pairs[np.ix_(kept, kept)]
        kept = np.delete(kept, (among.sum(axis=1) - np.diag(among)).argmin())
    return kept


def mean_npmi(pairs: np.ndarray) -> float:
    """Coherence of a topic: the mean over its word pairs, NaN without any. pairs (ndarray): (t, t)."""
    return float(pairs[np.triu_indices(len(pairs), 1)].mean()) if len(pairs) > 1 else float("nan")
