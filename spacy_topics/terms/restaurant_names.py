"""Terms that are only names of restaurants: "zorba" is what Zorba's reviews say, and tells nothing about what people
discuss."""

from collections.abc import Sequence

import numpy as np

from spacy_topics.bags import Stream
from spacy_topics.lexicon import entries, words
from spacy_topics.linking.names import GENERIC

_OWN = 0.5  # share of the documents with a term in which it is part of the name of the document's own restaurant


def name_terms(stream: Stream, strings: Sequence[str], names: Sequence[str]) -> np.ndarray:
    """Find the terms that stand mostly in documents about a restaurant with these words in its name.

    stream (Stream): the terms of the documents; ids below 0 are no terms.
    strings (Sequence): the terms by id.
    names (Sequence): for each document the name of its restaurant, "" if it is not known.
    RETURNS (ndarray): ids of the terms. Words of cuisines, dishes and ingredients, and generic ones ("grill") are not among
        them.
    """
    known = stream.word >= 0
    pairs = np.unique(np.stack([stream.doc[known], stream.word[known]], 1), axis=0)
    documents = np.bincount(pairs[:, 1], minlength=len(strings))
    parts = {name: _parts(name) for name in set(names)}
    keys = [" ".join(words(string)) for string in strings]
    own = np.zeros(len(strings), np.int64)
    for document, term in pairs.tolist():
        own[term] += keys[term] in parts[names[document]]
    return np.flatnonzero((own > 0) & (own >= _OWN * documents))


def _parts(name: str) -> set[str]:
    """All sequences of words of a name, but for those that everybody uses."""
    full = words(name)
    parts = {full[start:end] for start in range(len(full)) for end in range(start + 1, len(full) + 1)}
    return {" ".join(part) for part in parts if part not in entries() and not set(part) <= GENERIC}
