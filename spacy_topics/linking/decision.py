"""Which candidate is meant: spelling x prior x topics of the context x place."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from spacy_topics.errors import Errors, InputError, number
from spacy_topics.linking.candidates import Candidate
from spacy_topics.linking.knowledge_base import KnowledgeBase, city_key

_ENOUGH = 20  # known terms from which on the topics of a context are trusted in full


@dataclass(frozen=True)
class Weights:
    """Exponents of the factors that a candidate's score is the product of; 0 leaves a factor out.

    spelling: of the similarity of the name. prior: of the restaurant's share of its alias, against the likeliest one's.
    topics: of the Bhattacharyya affinity of the context's topics and the profile, against the best one's. place: of 0.1
    where the restaurant lies in none of the places that the document names, and another candidate does; of 0.4 where none
    does: people do write of restaurants elsewhere. Chosen on bistro's dev part.
    """

    spelling: float = 2.0
    prior: float = 0.1
    topics: float = 1.0
    place: float = 1.0

    def __post_init__(self) -> None:
        """RAISES InputError: T032, a weight below 0."""
        for name, value in vars(self).items():
            if not number(value, 0, 1000):
                raise InputError(Errors.T032.format(what=name, allowed="a weight of 0 or more", got=repr(value)))


def scores(
    base: KnowledgeBase,
    candidates: Sequence[Candidate],
    theta: np.ndarray,
    evidence: int,
    places: Collection[str],
    weights: Weights,
) -> list[tuple[str, float]]:
    """Score candidates, 0 to 1: 1 means that nothing speaks against it, or for another.

    theta (ndarray): (K,), topics of the context; evidence (int): known terms that they rest on, 0 leaves them out.
    places (Collection): keys of the cities that the context names (`city_key`), none where it names none.
    RETURNS (list): (id, score), best first; of equals the one of higher prior, then of lower id.
    """
    if not candidates:
        return []
    rows = [candidate.row for candidate in candidates]
    houses = base.order
    spelling = np.array([candidate.similarity for candidate in candidates])
    prior = np.array([candidate.prior for candidate in candidates])
    affinity = np.sqrt(base.profiles[rows] * theta).sum(axis=1, dtype=np.float64)
    trust = weights.topics * min(1.0, evidence / _ENOUGH)
    away = np.array([bool(places and houses[row].city and city_key(houses[row].city) not in places) for row in rows])
    total = spelling**weights.spelling * (prior / prior.max()) ** weights.prior
    total = total * (affinity / affinity.max()) ** trust * np.where(away, 0.4 if away.all() else 0.1, 1.0) ** weights.place
    ranked = sorted(zip(rows, total.tolist(), prior.tolist(), strict=True), key=lambda c: (-c[1], -c[2], houses[c[0]].id))
    return [(houses[row].id, round(score, 6)) for row, score, _ in ranked]
