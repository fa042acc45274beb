"""Which words of a topic occur together: normalised PMI over sliding windows, and the choice of words by it."""

from itertools import pairwise

import numpy as np

from spacy_topics.bags import Stream, ranges

_CHUNK = 2_000_000  # windows in memory at a time


def npmi(stream: Stream, terms: np.ndarray, window: int = 10) -> np.ndarray:
    """Normalised pointwise mutual information of term pairs in windows of terms (c_npmi: Röder et al. 2015).

    Every window is counted exactly. gensim's c_npmi forgets a word that leaves a window while its repetition is still
    in it, so its values are some thousandths lower.

    stream (Stream): the documents' terms in reading order.
    terms (ndarray): (t,) ids of the terms to pair.
    window (int): number of terms in a window; a shorter document is one window.
    RETURNS (ndarray): (t, t) float32 in -1..1: 1 for terms that are in every window, about -0.6 for pairs that never
        meet, as the measure is defined, and -1 for pairs of which one term is in no document.
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
        chunk = slice(begin, end)
        rows = ranges(offset[wanted[chunk]] + first[chunk], count[chunk])
        if len(rows):
            columns = np.repeat(column[stream.word[wanted[chunk]]], count[chunk])
            seen = csr_array((np.ones(len(rows), np.float32), (rows - rows.min(), columns)), (np.ptp(rows) + 1, len(terms)))
            seen.sum_duplicates()
            seen.data[:] = 1
            together += (seen.T @ seen).toarray()
    alone = np.diag(together) / max(1, windows.sum())
    joint = together / max(1, windows.sum()) + 1e-12
    chance = np.outer(alone, alone)
    with np.errstate(divide="ignore", invalid="ignore"):
        values = np.log(joint / chance) / -np.log(joint)
    return np.where(chance == 0, -1, np.where(joint >= 1, 1, values)).astype(np.float32)


def companions(pairs: np.ndarray, count: int) -> np.ndarray:
    """Drop the word that goes worst with the others, again and again, until `count` are left.

    The dropped word is the intruder that people notice among a topic's words (Chang et al. 2009).

    pairs (ndarray): (t, t) npmi of a topic's words, most relevant first.
    count (int): number of words to keep.
    RETURNS (ndarray): (count,) indices of the words that are kept, ascending.
    """
    kept = np.arange(len(pairs))
    while len(kept) > count:
        among = pairs[np.ix_(kept, kept)]
        kept = np.delete(kept, (among.sum(axis=1) - np.diag(among)).argmin())
    return kept


def mean_npmi(pairs: np.ndarray) -> float:
    """Coherence of a topic: the mean over its word pairs, NaN if there are none.

    pairs (ndarray): (t, t) npmi of the topic's words.
    """
    return float(pairs[np.triu_indices(len(pairs), 1)].mean()) if len(pairs) > 1 else float("nan")
