"""Finds names in running text: in any case, run together or apart, with one typo forgiven in eight letters.

A name is looked up by its letters alone, so that "Cold Stone", "ColdStone" and "coldstone" are one key. Typos are found by
deletion neighbourhoods (Mor & Fraenkel 1982; SymSpell): two strings at a distance of one share a string with one letter
deleted."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from spacy_topics.lexicon import words

MIN_LETTERS = 2  # of a name
TYPO_LETTERS = 8  # from so many letters on one typo is forgiven
_MAX_TOKENS = 9  # of a name in text, punctuation inside it included
POSSESSIVES = ("'s", "\u2019s", "'S", "\u2019S")
_APOSTROPHES = (*POSSESSIVES, "'", "\u2019")
_INSIDE = (*_APOSTROPHES, "-", "\u2013", "&", ".", "\u00b7", "/", "+")  # tokens without letters that names go on after


class Match(NamedTuple):
    """A stretch of tokens that spells a name.

    start (int): the first token.
    end (int): the token after the last one.
    key (str): the name's letters.
    typos (int): 0 or 1.
    """

    start: int
    end: int
    key: str
    typos: int


@lru_cache(maxsize=200_000)
def letters(name: str) -> str:
    """A name's letters and digits as they are compared: lower case, no accents, each word in the singular."""
    return "".join(words(name))


class NameIndex:
    """Keys of names (see `letters`), found in sequences of tokens.

    keys (Iterable): the names' letters; shorter ones than MIN_LETTERS are left out.
    typo_letters (int): from so many letters on one typo is forgiven.
    """

    def __init__(self, keys: Iterable[str], typo_letters: int = TYPO_LETTERS) -> None:
        self._typo_letters = typo_letters
        self.keys = {key for key in keys if len(key) >= MIN_LETTERS}
        self._longest = max(map(len, self.keys), default=0)
        self._long = sorted(key for key in self.keys if len(key) >= typo_letters)
        self._lengths = {len(key) + more for key in self._long for more in (-1, 0, 1)}  # of what is one typo away
        sizes = [(key, size) for key in self._long for size in {_untouched(len(key) + more) for more in (-1, 0, 1)}]
        self._starts = {key[:size] for key, size in sizes}
        self._ends = {key[len(key) - size :] for key, size in sizes}
        hashes = [hash(variant) for key in self._long for variant in (key, *_shortened(key))]
        owners = np.repeat(np.arange(len(self._long)), [len(key) + 1 for key in self._long])
        order = np.argsort(np.array(hashes, np.int64), kind="stable")
        self._hashes, self._owners = np.array(hashes, np.int64)[order], owners[order]

    def find(self, tokens: Sequence[str], is_rare: Sequence[bool]) -> list[Match]:
        """All matches, overlapping ones too.

        tokens (Sequence): texts of the tokens.
        is_rare (Sequence): whether each is a word that is not in the dictionary: only these may be misspelt names.
        """
        parts = ["" if token in _APOSTROPHES else letters(token) for token in tokens]
        matches: list[Match] = []
        unknown: list[Match] = []
        for start, part in enumerate(parts):
            if part:
                for match in self._starting(start, parts, tokens, is_rare):
                    (unknown if match.typos else matches).append(match)
        known = self.misspelt([match.key for match in unknown])
        return matches + [match._replace(key=key) for match, keys in zip(unknown, known, strict=True) for key in keys]

    def _starting(self, start: int, parts: Sequence[str], tokens: Sequence[str], is_rare: Sequence[bool]) -> Iterator[Match]:
        """Matches that start at a token; those that could be misspelt have a typo, and the key as it is written."""
        key, rare = "", False
        for end in range(start + 1, min(start + _MAX_TOKENS, len(parts)) + 1):
            part = parts[end - 1]
            if not part:
                if tokens[end - 1] not in _INSIDE:
                    return
                continue
            key, rare = key + part, rare or is_rare[end - 1]
            if len(key) > self._longest + 1:
                return
            if key in self.keys:
                yield Match(start, end, key, 0)
            elif rare and self._may_be_near(key):
                yield Match(start, end, key, 1)

    def _may_be_near(self, key: str) -> bool:
        """Whether a name of such a length starts or ends like the key: no typo touches both."""
        length = len(key)
        if length not in self._lengths:
            return False
        size = _untouched(length)
        return key[:size] in self._starts or key[length - size :] in self._ends

    def misspelt(self, keys: Sequence[str]) -> list[list[str]]:
        """For each key the long enough names that are one typo away: a letter more, less, another one, or
        two neighbours exchanged."""
        variants = [(key, *_shortened(key)) if self._may_be_near(key) else () for key in keys]
        hashes = np.array([hash(variant) for some in variants for variant in some], np.int64)
        first = np.searchsorted(self._hashes, hashes)
        last = np.searchsorted(self._hashes, hashes, "right")
        number = np.repeat(np.arange(len(keys)), [len(some) for some in variants])
        near: list[set[str]] = [set() for _ in keys]
        for i in np.flatnonzero(last > first).tolist():  # few: most stretches of text are near no name
            near[number[i]].update(self._long[owner] for owner in self._owners[first[i] : last[i]].tolist())
        return [
            sorted(name for name in names if name != key and is_one_typo(key, name)) if names else []
            for key, names in zip(keys, near, strict=True)
        ]


def _untouched(length: int) -> int:
    """Of so many letters at the start, or as many at the end, one typo in a name leaves all as they are."""
    return max(0, (length - 2) // 2)


def _shortened(key: str) -> list[str]:
    return [key[:i] + key[i + 1 :] for i in range(len(key))]


def is_one_typo(a: str, b: str) -> bool:
    """Whether two different strings are one insertion, deletion, substitution or exchange of neighbours apart."""
    if abs(len(a) - len(b)) > 1:
        return False
    start = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    if len(a) == len(b):
        exchanged = a[start : start + 2] == b[start : start + 2][::-1] and a[start + 2 :] == b[start + 2 :]
        return exchanged or a[start + 1 :] == b[start + 1 :]
    longer, shorter = (a, b) if len(a) > len(b) else (b, a)
    return longer[start + 1 :] == shorter[start:]
