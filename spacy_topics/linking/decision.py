"""Which candidate is meant: spelling x prior x topics of the context x city; below the threshold, none (NIL)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from spacy_topics.errors import Errors, InputError, is_number
from spacy_topics.linking.candidates import Candidate
from spacy_topics.linking.knowledge_base import KnowledgeBase
from spacy_topics.linking.names import city_key

NIL = "NIL"  # the id of a mention that means no restaurant of the knowledge base
_ENOUGH_TERMS = 20  # known terms from which on the topics of a context count in full


@dataclass(frozen=True)
class Weights:
    """Exponents of the factors that a candidate's score is the product of; 0 leaves a factor out. Chosen on Bistro's dev part.

    spelling (float): of the similarity of the name.
    prior (float): of the restaurant's share of its alias, relative to the likeliest restaurant's.
    topics (float): of the Bhattacharyya affinity of the context's topics and the profile, relative to the best one's.
    city (float): of 0.1 where the restaurant is in none of the cities that the document names, and another candidate is;
        of 0.4 where no candidate is: people do write of restaurants elsewhere.
    """

    spelling: float = 2.0
    prior: float = 0.1
    topics: float = 1.0
    city: float = 1.0

    def __post_init__(self) -> None:
        """RAISES InputError: T032, a weight below 0."""
        for name, value in vars(self).items():
            if not is_number(value, 0, 1000):
                raise InputError(Errors.T032.format(what=name, allowed="a weight of 0 or more", got=repr(value)))


def scores(
    base: KnowledgeBase,
    candidates: Sequence[Candidate],
    theta: np.ndarray,
    known_terms: int,
    cities: Collection[str],
    weights: Weights,
) -> list[tuple[str, float]]:
    """Score candidates, 0 to 1: 1 means that nothing speaks against one, or for another.

    base (KnowledgeBase): the restaurants.
    candidates (Sequence): of one mention.
    theta (ndarray): (K,), topics of the context.
    known_terms (int): number of terms that theta rests on; 0 leaves the topics out.
    cities (Collection): keys of the cities that the context names (`names.city_key`), none where it names none.
    weights (Weights): of the factors.
    RETURNS (list): (id, score), best first; of equal ones the one of higher prior first, then the one of lower id.
    """
    if not candidates:
        return []
    rows = [candidate.row for candidate in candidates]
    restaurants = base.rows
    spelling = np.array([candidate.similarity for candidate in candidates])
    prior = np.array([candidate.prior for candidate in candidates])
    affinity = np.sqrt(base.profiles[rows] * theta).sum(axis=1, dtype=np.float64)
    topics = weights.topics * min(1.0, known_terms / _ENOUGH_TERMS)
    away = np.array([_is_away(restaurants[row].city, cities) for row in rows])
    total = spelling**weights.spelling * (prior / prior.max()) ** weights.prior
    total = total * (affinity / affinity.max()) ** topics * np.where(away, 0.4 if away.all() else 0.1, 1.0) ** weights.city
    ranked = sorted(zip(rows, total.tolist(), prior.tolist(), strict=True), key=lambda c: (-c[1], -c[2], restaurants[c[0]].id))
    return [(restaurants[row].id, round(score, 6)) for row, score, _ in ranked]


def _is_away(city: str, cities: Collection[str]) -> bool:
    return bool(cities and city and city_key(city) not in cities)


def decide(ranked: Sequence[tuple[str, float]], threshold: float) -> str:
    """The id that a mention is linked to: the best candidate's, or NIL where its score is below the threshold."""
    return ranked[0][0] if ranked and ranked[0][1] >= threshold else NIL
