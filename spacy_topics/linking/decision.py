"""Chooses a candidate by spelling x prior x topics of the context x city; below the threshold, no candidate (NIL)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from spacy_topics.errors import Errors, InputError, is_number
from spacy_topics.linking.candidates import Candidate
from spacy_topics.linking.knowledge_base import KnowledgeBase
from spacy_topics.linking.names import city_key

NIL = "NIL"  # the id of a mention that means no restaurant of the knowledge base
_ENOUGH_TERMS = 20  # with at least so many known terms, the topics of a context count in full


@dataclass(frozen=True)
class Weights:
    """Exponents of the factors of a candidate's score; 0 leaves a factor out. Chosen on Bistro's dev part.

    spelling (float): exponent of the similarity of the name.
    prior (float): exponent of the candidate's prior, relative to the greatest prior of the candidates.
    topics (float): exponent of the Bhattacharyya affinity of the context's topics and the restaurant's profile, relative to
        the greatest affinity of the candidates.
    branches (float): exponent of the sum of the priors of all candidates in the candidate's city, relative to the greatest
        sum, of the cities that the document names if a candidate is in one, at most 1: a chain's name more likely means one of
        ten branches here than the only one there.
    city (float): exponent of the factor for a restaurant outside the cities that the document names: 0.1 if another candidate
        is in one of them, 0.4 if no candidate is, as people also write about restaurants elsewhere.
    about (float): exponent of the factor 0.1 for every other candidate than the restaurant that the document is known to be
        about, if that one is a candidate.
    """

    spelling: float = 3.0
    prior: float = 0.1
    topics: float = 1.0
    branches: float = 0.5
    city: float = 1.0
    about: float = 1.0

    def __post_init__(self) -> None:
        """Check the weights.

        RAISES InputError: T032, a weight out of range.
        """
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
    about: int | None = None,
) -> list[tuple[str, float]]:
    """Score the candidates of a mention.

    base (KnowledgeBase): the restaurants.
    candidates (Sequence): the candidates.
    theta (ndarray): (K,) topics of the context.
    known_terms (int): number of known terms of the context; 0 leaves the topics out.
    cities (Collection): keys of the cities that the context names (`names.city_key`).
    weights (Weights): weights of the factors.
    about (int | None): row of the restaurant that the document is about, if that is known.
    RETURNS (list): (id, score), best first; equal scores are in the order of falling priors, then of ids. Scores are 0 to 1;
        1 means that every factor is as great as it can be.
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
    here = _sums(prior * spelling**weights.spelling, [city_key(restaurants[row].city) for row in rows])
    branches = np.minimum(1, here / (here if away.all() else here[~away]).max())  # many branches elsewhere say nothing here
    total = spelling**weights.spelling * (prior / prior.max()) ** weights.prior * branches**weights.branches
    total = total * (affinity / affinity.max()) ** topics * np.where(away, 0.4 if away.all() else 0.1, 1.0) ** weights.city
    if about in rows:
        total = total * np.where(np.array(rows) == about, 1.0, 0.1) ** weights.about
    ranked = sorted(zip(rows, total.tolist(), prior.tolist(), strict=True), key=lambda c: (-c[1], -c[2], restaurants[c[0]].id))
    return [(restaurants[row].id, round(score, 6)) for row, score, _ in ranked]


def _sums(values: np.ndarray, groups: Sequence[str]) -> np.ndarray:
    """For each value the sum of its group."""
    number: dict[str, int] = {}
    index = np.array([number.setdefault(group, len(number)) for group in groups])
    return np.bincount(index, values)[index]


def _is_away(city: str, cities: Collection[str]) -> bool:
    return bool(cities and city and city_key(city) not in cities)


def decide(ranked: Sequence[tuple[str, float]], threshold: float) -> str:
    """The id that a mention is linked to: the best candidate's, or NIL if its score is below the threshold.

    ranked (Sequence): (id, score) of candidates, best first.
    threshold (float): minimum score, 0 to 1.
    """
    return ranked[0][0] if ranked and ranked[0][1] >= threshold else NIL
