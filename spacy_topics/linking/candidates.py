"""Candidates for a mention: the restaurants with exactly this name, and those whose names are spelled most like it."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np

from spacy_topics.lexicon import Words, words
from spacy_topics.linking.knowledge_base import KnowledgeBase
from spacy_topics.linking.name_index import is_one_typo
from spacy_topics.linking.names import city_key, is_telling, name_key
from spacy_topics.linking.spelling import SpellingIndex

MIN_SIMILARITY = 0.2
_ALIKE = 0.8  # names of so similar a spelling are alike
_TYPO_LETTERS = 6  # a word of fewer letters with a typo may be another word
_KEPT = 100_000  # mentions of which the similar aliases are remembered
_KEPT_CITIES = 200


class Candidate(NamedTuple):
    """A restaurant that a mention may mean.

    row (int): index into the knowledge base's restaurants and profiles.
    similarity (float): similarity of the spelling, 0 to 1.
    prior (float): probability that the name means this restaurant, before any context.
    """

    row: int
    similarity: float
    prior: float


def are_alike(mention: str, name: str, similarity: float) -> bool:
    """Whether a mention is a spelling of a restaurant's name or of a part of it, and not only a little like it.

    "Zorbas" may be "Zorba's Table"; "Smoke Shack" is not "Smoke", and "Bar" is not "Bar Ventura".

    mention (str): the mention.
    name (str): the restaurant's name.
    similarity (float): the similarity of the mention and one of the restaurant's names.
    """
    if similarity >= _ALIKE:
        return True
    said, called = words(mention), words(name)
    return is_telling(said) and all(word in called or _is_misspelt(word, called) for word in said)


def _is_misspelt(word: str, called: Words) -> bool:
    return len(word) >= _TYPO_LETTERS and any(is_one_typo(word, other) for other in called)


class CandidateGenerator:
    """Looks up mentions among the aliases of all restaurants: the same but for case, accents, plurals, "&" and apostrophes, and
    the most similar ones (`spelling.SpellingIndex`).

    base (KnowledgeBase): the restaurants.
    limit (int): maximum number of names that a mention may mean, and of those in the cities of its text.
    """

    def __init__(self, base: KnowledgeBase, limit: int = 10) -> None:
        self.base = base
        self.limit = limit
        self._restaurants: dict[str, list[Candidate]] = {}
        self._in_city: dict[str, list[int]] = {}  # aliases by city
        self._masks: dict[frozenset[str], np.ndarray] = {}
        self._similar: dict[tuple[str, frozenset[str]], list[tuple[int, float]]] = {}
        self._index: SpellingIndex | None = None

    def __call__(self, mentions: Sequence[str], cities: Sequence[Collection[str]] | None = None) -> list[list[Candidate]]:
        """Find the candidates of mentions.

        mentions (Sequence): texts of mentions.
        cities (Sequence | None): for each mention keys of the cities that its text is about (`names.city_key`): restaurants
            there are found even if many names elsewhere are more similar.
        RETURNS (list): the candidates of each mention, the likeliest first.
        """
        places = [frozenset(place) for place in cities] if cities is not None else [frozenset()] * len(mentions)
        keys = [(name_key(mention), place) for mention, place in zip(mentions, places, strict=True)]
        self._look_up(sorted({key for key in keys if key[0] and key not in self._similar}, key=lambda key: key[0]))
        return [self._ranked(key) for key in keys]

    def _look_up(self, keys: list[tuple[str, frozenset[str]]]) -> None:
        if not keys or not self.base.aliases:
            return
        if self._index is None:
            self._index = SpellingIndex(self.base.aliases)
        if len(self._similar) > _KEPT:
            self._similar.clear()
        found = self._index.search([name for name, _ in keys], [self._in_cities(cities) for _, cities in keys])
        for key, similar in zip(keys, found, strict=True):
            self._similar[key] = [(i, score) for i, score in similar if score >= MIN_SIMILARITY]

    def _in_cities(self, cities: frozenset[str]) -> np.ndarray | None:
        """Which aliases are of restaurants in these cities, (number of aliases,) bool; None where no city is known."""
        if not cities:
            return None
        if not self._in_city:
            for i, alias in enumerate(self.base.aliases):
                for city in {city_key(self.base.rows[candidate.row].city) for candidate in self._called(alias)}:
                    self._in_city.setdefault(city, []).append(i)
        if cities not in self._masks:
            if len(self._masks) > _KEPT_CITIES:
                self._masks.clear()
            self._masks[cities] = np.zeros(len(self.base.aliases), bool)
            self._masks[cities][[i for city in cities for i in self._in_city.get(city, [])]] = True
        return self._masks[cities]

    def _ranked(self, key: tuple[str, frozenset[str]]) -> list[Candidate]:
        """Restaurants of the most similar aliases, and of the most similar ones in the cities."""
        best: dict[int, Candidate] = {}
        here = self._in_cities(key[1])
        kept = {True: 0, False: 0}
        for i, similarity in self._similar.get(key, []):
            inside = here is not None and bool(here[i])
            new = [candidate for candidate in self._called(self.base.aliases[i]) if candidate.row not in best]
            if new and kept[inside] < self.limit:  # other names of the same restaurants take no one's place
                kept[inside] += 1
                best |= {candidate.row: candidate._replace(similarity=similarity) for candidate in new}
        return sorted(best.values(), key=lambda c: (-c.similarity, -c.prior, c.row))

    def _called(self, alias: str) -> list[Candidate]:
        if alias not in self._restaurants:
            known = self.base.kb.get_alias_candidates(alias)
            self._restaurants[alias] = [Candidate(self.base.index[c.entity_], 1.0, c.prior_prob) for c in known]
        return self._restaurants[alias]
