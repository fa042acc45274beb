"""Candidates for a mention: the restaurants with exactly this name, or else those with the most similar spelling."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from spacy_topics.linking.knowledge_base import KnowledgeBase
from spacy_topics.linking.names import name_key

MIN_COSINE = 0.3  # minimum cosine of character n-grams


class Candidate(NamedTuple):
    """A restaurant that a mention may mean.

    row (int): index into the knowledge base's restaurants and profiles.
    similarity (float): similarity of the spelling, 0 to 1.
    prior (float): probability that the name means this restaurant, before any context.
    """

    row: int
    similarity: float
    prior: float


class CandidateGenerator:
    """Looks up mentions.

    A mention is looked up among the aliases of all restaurants, where only case, accents, plurals, "&" and apostrophes may
    differ; if it is not an alias, by tf-idf of its character 1- to 3-grams, which tolerates typos.

    base (KnowledgeBase): the restaurants.
    limit (int): maximum number of aliases that a misspelled mention may mean.
    """

    def __init__(self, base: KnowledgeBase, limit: int = 10) -> None:
        self.base = base
        self.limit = limit
        self._exact: dict[str, list[Candidate]] = {}
        self._index: Any = None

    def __call__(self, mentions: Sequence[str]) -> list[list[Candidate]]:
        """Find the candidates of mentions.

        mentions (Sequence): texts of mentions.
        RETURNS (list): the candidates of each mention, the likeliest first.
        """
        keys = [name_key(mention) for mention in mentions]
        unknown = sorted({key for key in keys if key and not self.base.kb.contains_alias(key)})
        candidates = {key: self._ranked(self._with_alias(key, 1.0)) for key in set(keys) - set(unknown)}
        for key, similar in zip(unknown, self._similar(unknown), strict=True):
            candidates[key] = self._ranked([c for alias, cosine in similar for c in self._with_alias(alias, cosine)])
        return [candidates[key] for key in keys]

    def _with_alias(self, alias: str, similarity: float) -> list[Candidate]:
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

    def _similar(self, keys: list[str]) -> list[list[tuple[str, float]]]:
        """The aliases whose spelling is most similar to each key, with their cosine."""
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
                value, column = cosine.data[part], cosine.indices[part]
                good = np.flatnonzero(value >= MIN_COSINE)
                good = good[np.lexsort((column[good], -value[good]))][: self.limit]
                rows.append([(self.base.aliases[column[j]], float(min(1, value[j]))) for j in good])
        return rows
