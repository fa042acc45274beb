"""How alike names are spelled: n-grams of letters, beginnings of names and words, weighted by how rare they are."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from spacy_topics.linking.name_index import NameIndex, is_one_typo

# Chosen on New York's names as inspectors and as guests write them (projects/restaurants/scripts/name_pairs.py).
_LAYERS = {"grams": 1.0, "beginnings": 0.3, "words": 0.3}
_COSINE = 2 / 3  # share of the cosine in a similarity; the rest is what the name covers of the mention
_TYPO = 0.1  # what one typo in all letters adds
_TYPO_LETTERS = 3  # of a name, to be recognised in spite of a typo
_SAME = 0.99  # the likeness of names that differ in spaces alone
_LOST = 1.3  # letters that a typo costs a name in likeness
_NEAREST = 20  # names by cosine whose words are compared
_WRITTEN = {"ii": "2", "iii": "3", "iv": "4", "number": "no", "pizzeria": "pizza", "taqueria": "taco"}


class SpellingIndex:
    """Finds the names that are spelled most like others.

    names (Sequence): names in the form of `names.name_key`.
    """

    def __init__(self, names: Sequence[str]) -> None:
        from scipy.sparse import hstack
        from sklearn.feature_extraction.text import TfidfVectorizer

        self._names = [_plain(name) for name in names]
        self._by_letters: dict[str, list[int]] = {}
        for i, name in enumerate(names):
            self._by_letters.setdefault(name.replace(" ", ""), []).append(i)
        self._misspelt = NameIndex(self._by_letters, typo_letters=_TYPO_LETTERS)
        self._vectorizers = [
            TfidfVectorizer(analyzer=analyzer, sublinear_tf=True, dtype=np.float32)
            for analyzer in (_grams, _beginnings, str.split)
        ]
        layers = [
            vectorizer.fit_transform(self._names) * weight
            for vectorizer, weight in zip(self._vectorizers, _LAYERS.values(), strict=True)
        ]
        self._matrix = hstack(layers).T.tocsr()
        frequency = Counter(word for name in self._names for word in set(name.split()))
        self._rarity = {word: math.log((len(names) + 1) / (count + 1)) for word, count in frequency.items()}
        self._unknown = math.log(len(names) + 1)

    def search(self, names: Sequence[str], preferred: Sequence[np.ndarray | None]) -> list[list[tuple[int, float]]]:
        """Find the most similar names of the index.

        names (Sequence): names in the form of `names.name_key`.
        preferred (Sequence): for each None, or (number of names of the index,) bool: of these the most similar ones are
            found even if many others are more similar.
        RETURNS (list): for each at most 20 (index, similarity from 0 to 1), 20 of the preferred ones, and those one typo away,
            best first; 1 is the same name.
        """
        plain = [_plain(name) for name in names]
        nearest = self._nearest(plain, preferred)
        return [self._similar(*one) for one in zip(plain, nearest, self._typos(names), strict=True)]

    def _nearest(self, names: Sequence[str], preferred: Sequence[np.ndarray | None]) -> Iterator[dict[int, float]]:
        """The names of the highest cosine."""
        from scipy.sparse import hstack

        for start in range(0, len(names), 256):
            some = names[start : start + 256]
            cosines: Any = hstack([vectorizer.transform(some) for vectorizer in self._vectorizers]).tocsr() @ self._matrix
            for i in range(len(some)):
                part = slice(cosines.indptr[i], cosines.indptr[i + 1])
                values, columns = cosines.data[part] / sum(_LAYERS.values()), cosines.indices[part]
                nearest = _highest(values, columns)
                mask = preferred[start + i]
                if mask is not None:
                    nearest |= _highest(values[mask[columns]], columns[mask[columns]])
                yield nearest

    def _typos(self, names: Sequence[str]) -> list[dict[int, float]]:
        """How alike names of the same letters are; if there is none, those that are one typo away: less in short names."""
        letters = [name.replace(" ", "") for name in names]
        unknown = [key for key in letters if key not in self._by_letters]
        typos = dict(zip(unknown, self._misspelt.misspelt(unknown), strict=True))
        found = []
        for key in letters:
            alike = dict.fromkeys(self._by_letters.get(key, ()), _SAME)
            for other in typos.get(key, ()):
                alike |= dict.fromkeys(self._by_letters[other], 1 - _LOST / min(len(key), len(other)))
            found.append(alike)
        return found

    def _similar(self, name: str, nearest: Mapping[int, float], typos: Mapping[int, float]) -> list[tuple[int, float]]:
        words = name.split()
        rarity = [self._rarity.get(word, self._unknown) for word in words]
        similar = []
        for index in {**nearest, **typos}:
            other, cosine = self._names[index], nearest.get(index, 0.0)
            if other == name:
                similar.append((index, 1.0))
                continue
            covered = sum(rare * _likeness(word, other) for word, rare in zip(words, rarity, strict=True))
            similarity = _COSINE * cosine + (1 - _COSINE) * covered / max(sum(rarity), 1e-9)
            if index in typos:
                similarity = max(similarity + _TYPO, typos[index])
            similar.append((index, min(similarity, _SAME)))
        return sorted(similar, key=lambda one: (-one[1], one[0]))


def _highest(values: np.ndarray, columns: np.ndarray) -> dict[int, float]:
    """The highest values by column, of equal ones those of the lower columns."""
    if len(values) > _NEAREST:
        some = np.flatnonzero(values >= np.partition(values, -_NEAREST)[-_NEAREST])
        values, columns = values[some], columns[some]
    best = np.lexsort((columns, -values))[:_NEAREST]
    return dict(zip(columns[best].tolist(), values[best].tolist(), strict=True))


def _plain(name: str) -> str:
    return " ".join(_WRITTEN.get(word, word) for word in name.split())


def _grams(name: str) -> list[str]:
    """One to three letters of each word, its borders included, and four of the name without spaces."""
    run = "".join(name.split())
    grams = [run[i : i + 4] for i in range(len(run) - 3)]
    for word in name.split():
        padded = f" {word} "
        for size in (1, 2, 3):
            grams += [padded[i : i + size] for i in range(len(padded) - size + 1)]
    return grams


def _beginnings(name: str) -> list[str]:
    """What a name begins with: three letters, four, ... twelve. People shorten names at their ends."""
    run = "".join(name.split())
    return [run[:size] for size in range(3, min(len(run), 12) + 1)]


@lru_cache(maxsize=200_000)
def _likeness(word: str, name: str) -> float:
    """How well a name covers a word: 1 if it has the word, .8 if it has a misspelling or a longer or shorter form."""
    words = name.split()
    if word in words:
        return 1.0
    return 0.8 if len(word) > 3 and any(len(other) > 3 and _is_form(word, other) for other in words) else 0.0


def _is_form(word: str, other: str) -> bool:
    return word.startswith(other) or other.startswith(word) or is_one_typo(word, other)
