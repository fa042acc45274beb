"""Adds what was learnt from new documents to a reader: it reads as before, and more words and phrases."""

from collections.abc import Collection
from itertools import zip_longest
from typing import Any

import numpy as np
from spacy.strings import get_string_id

from spacy_topics.phrases import BREAK
from spacy_topics.terms.reader import TermReader


def new_terms(reader: TermReader, learnt: TermReader) -> list[str]:
    """The terms of a reader that another reader does not know, in any form.

    reader (TermReader): the other reader.
    learnt (TermReader): the reader with the new terms.
    """
    return [term for term in learnt.words[: learnt.size] if reader.find(term) is None]


def extend(reader: TermReader, learnt: TermReader, terms: Collection[str]) -> TermReader:
    """A reader whose vocabulary has new terms after the old ones, which keep their ids.

    What the old reader reads as a term, it reads as before, but where it is part of a new phrase.

    reader (TermReader): the old reader.
    learnt (TermReader): a reader that was learnt from new documents, by the same settings.
    terms (Collection): the terms of `learnt` that are added, none of which the old reader knows.
    """
    vocabulary = [*reader.words[: reader.size], *terms]
    words = list(dict.fromkeys([*vocabulary, *reader.words, *learnt.words]))
    index = {word: i for i, word in enumerate(words)}
    known = {get_string_id(word) for word in reader.words[: reader.size]} - set(reader.forms)
    forms, added = _forms(reader, index), _forms(learnt, index)
    forms |= {form: word for form, word in added.items() if forms.get(form, BREAK) == BREAK and form not in known}
    plurals = {plural: index[one.words[word]] for one in (learnt, reader) for plural, word in one.plurals.items()}
    plurals = {plural: word for plural, word in plurals.items() if plural in reader.plurals or plural not in index}
    pairs = [_pairs([(reader, old), (learnt, new)], index) for old, new in zip_longest(reader.pairs, learnt.pairs)]
    data: dict[str, Any] = {
        **reader.to_dict(),
        "parts": words[len(vocabulary) :],
        "forms": forms,
        "plurals": plurals,
        "pairs": pairs,
        "shown": {**{term: form for term, form in learnt.shown.items() if term in terms}, **reader.shown},
    }
    return TermReader.from_dict(data, vocabulary)


def _forms(reader: TermReader, index: dict[str, int]) -> dict[int, int]:
    return {form: index[reader.words[word]] if word >= 0 else word for form, word in reader.forms.items()}


def _pairs(rounds: Any, index: dict[str, int]) -> tuple[np.ndarray, np.ndarray]:
    """The pairs of one round of joining, of both readers, in ascending order, and the ids that they become."""
    joined: dict[tuple[int, int], int] = {}
    for reader, found in rounds:
        for (left, right), phrase in zip(*(part.tolist() for part in found), strict=True) if found else ():
            joined[index[reader.words[left]], index[reader.words[right]]] = index[reader.words[phrase]]
    ordered = sorted(joined)
    return np.array(ordered, np.int32).reshape(-1, 2), np.array([joined[pair] for pair in ordered], np.int32)
