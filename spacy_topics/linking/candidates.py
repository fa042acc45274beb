"""Candidates for a mention: the restaurants that are called so, else those whose names are spelt most alike."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from spacy_topics.linking.knowledge_base import KnowledgeBase
from spacy_topics.linking.names import name_key

MIN_COSINE = 0.3  # of character n-grams


class Candidate(NamedTuple):
    """A restaurant that a mention may mean.

    row (int): index into the knowledge base's restaurants and profiles.
    similarity (float): of the spelling, 0 to 1.
    prior (float): probability that the name means this restaurant, before any context.
    """

    row: int
    similarity: float
    prior: float


class CandidateGenerator:
    """Looks mentions up: first by alias, exact but for case, accents, plurals, "&" and apostrophes; then a mention that is
    nobody's alias by tf-idf of its character 1- to 3-grams, which forgives typos.

    base (KnowledgeBase): the restaurants.
    limit (int): maximum number of aliases that a misspelt mention may mean.
    """

    def __init__(self, base: KnowledgeBase, limit: int = 10) -> None:
        self.base = base
        self.limit = limit
        self._exact: dict[str, list[Candidate]] = {}
        self._index: Any = None

    def __call__(self, mentions: Sequence[str]) -> list[list[Candidate]]:
        """RETURNS (list): the candidates of each mention, the likeliest first."""
        keys = [name_key(mention) for mention in mentions]
        unknown = sorted({key for key in keys if key and not self.base.kb.contains_alias(key)})
        found = {key: self._ranked(self._called(key, 1.0)) for key in set(keys) - set(unknown)}
        for key, near in zip(unknown, self._alike(unknown), strict=True):
            found[key] = self._ranked([c for alias, alike in near for c in self._called(alias, alike)])
        return [found[key] for key in keys]

    def _called(self, alias: str, similarity: float) -> list[Candidate]:
        if alias not in self._exact:
            candidates = self.base.kb.get_alias_candidates(alias) if alias else []
            self._exact[alias] = [Candidate(self.base.index[c.entity_], 1.0, c.prior_prob) for c in candidates]
        exact = self._exact[alias]
        return exact if similarity == 1 else [Candidate(c.row, similarity, c.prior) for c in exact]

    def _ranked(self, candidates: list[Candidate]) -> list[Candidate]:
        best: dict[int, Candidate] = {}
        for candidate in sorted(candidates, key=lambda c: (-c.similarity, -c.prior, c.row)):
            best.setdefault(candidate.row, candidate)
        return list(best.values())

    def _alike(self, keys: list[str]) -> list[list[tuple[str, float]]]:
        """The aliases spelt most like each key, with their cosine."""
        if not keys:
            return []
        if self._index is None:
            from sklearn.feature_extraction.text import TfidfVectorizer

            vectorizer = TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 3), sublinear_tf=True, dtype=np.float32)
            self._index = vectorizer, vectorizer.fit_transform(self.base.aliases).T.tocsr()
        vectorizer, index = self._index
        rows = []
        for start in range(0, len(keys), 512):
            cosine = (vectorizer.transform(keys[start : start + 512]) @ index).tocsr()
            for i in range(cosine.shape[0]):
                part = slice(cosine.indptr[i], cosine.indptr[i + 1])
                value, place = cosine.data[part], cosine.indices[part]
                good = np.flatnonzero(value >= MIN_COSINE)
                good = good[np.lexsort((place[good], -value[good]))][: self.limit]
                rows.append([(self.base.aliases[place[j]], float(min(1, value[j]))) for j in good])
        return rows
