"""Which cuisine does a restaurant have? Scores from its name, from what its reviews mention, and from their topics.

No category label is read. The weights were chosen on Bistro's train and dev parts (projects/restaurants/RESULTS.md).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from corpora.cuisines import cuisines
from spacy_topics.lexicon import Words, clues, entries, find, words

IDS = tuple(cuisines())
COLUMN = {name: i for i, name in enumerate(IDS)}
PARTS = ("name", "mentions", "topics", "learnt")


@dataclass(frozen=True)
class CuisineWeights:
    """What each part of a score counts; 0 leaves it out.

    name (float): words of the restaurant's name that suggest a cuisine.
    cuisine (float): one telling mention of a cuisine.
    dish (float): one telling mention of a dish.
    ingredient (float): one telling mention of an ingredient.
    mentions (float): all mentions together.
    topics (float): share of the reviews' topics that are seeded for the cuisine.
    learnt (float): words that restaurants of the cuisine, according to the other parts, are mentioned with more than others.
    child (float): share of a cuisine's score that its parent gets ("sushi" speaks for "japanese").
    """

    name: float = 4.0
    cuisine: float = 2.0
    dish: float = 1.0
    ingredient: float = 0.3
    mentions: float = 1.0
    topics: float = 4.0
    learnt: float = 0.5
    child: float = 0.5


class Restaurants(NamedTuple):
    """What the scores are computed from, for R restaurants.

    names (Sequence): their names.
    reviews (ndarray): (R,) their numbers of reviews.
    items (Sequence): (row, key, reviews) of each thing that is mentioned: the row of the restaurant, words of the lexicon
        (`lexicon.entries`), and in how many of its reviews.
    words (Sequence): (row, word) of each word that dishes, ingredients and cuisines are mentioned with.
    theta (ndarray): (R, K) mean topics of their reviews, each topic times the precision of its seed words.
    topics (Sequence): K names; those of cuisines count.
    """

    names: Sequence[str]
    reviews: np.ndarray
    items: Sequence[tuple[int, Words, int]]
    words: Sequence[tuple[int, str]]
    theta: np.ndarray
    topics: Sequence[str]


def cuisine_scores(restaurants: Restaurants, weights: CuisineWeights | None = None) -> dict[str, np.ndarray]:
    """Score each cuisine for each restaurant.

    restaurants (Restaurants): what is known of them.
    weights (CuisineWeights | None): of the parts.
    RETURNS (dict): (R, C) for each of PARTS, weighted, and "total"; columns as IDS.
    """
    weights = weights or CuisineWeights()
    parts = {
        "name": weights.name * _names(restaurants.names),
        "mentions": weights.mentions * _mentions(restaurants, weights),
        "topics": weights.topics * _topics(restaurants.theta, restaurants.topics),
    }
    first = sum(parts.values(), np.zeros((len(restaurants.names), len(IDS))))
    parts["learnt"] = weights.learnt * _learnt(first, restaurants.words)
    own = sum(parts.values(), np.zeros_like(first))
    parts["total"] = own.copy()
    for cuisine in cuisines().values():
        if cuisine.parent:
            parts["total"][:, COLUMN[cuisine.parent]] += weights.child * own[:, COLUMN[cuisine.id]]
    return parts


def _names(names: Sequence[str]) -> np.ndarray:
    """1 where a word of the name belongs to one cuisine alone, less where several share it."""
    scores = np.zeros((len(names), len(IDS)))
    for row, name in enumerate(names):
        for key in find(words(name), clues()):
            for cuisine in clues()[key]:
                scores[row, COLUMN[cuisine]] = max(scores[row, COLUMN[cuisine]], len(clues()[key]) ** -0.5)
    return scores


def _mentions(restaurants: Restaurants, weights: CuisineWeights) -> np.ndarray:
    """Things of the lexicon that are mentioned, by how telling they are; the square root of the sum is divided out, so that
    a restaurant where everything is mentioned has no more to share out than its length bears."""
    kind = {"CUISINE": weights.cuisine, "DISH": weights.dish, "INGREDIENT": weights.ingredient}
    total = max(1, int(restaurants.reviews.sum()))
    everywhere: dict[Words, int] = {}
    for _, key, reviews in restaurants.items:
        everywhere[key] = everywhere.get(key, 0) + reviews
    scores = np.zeros((len(restaurants.names), len(IDS)))
    for row, key, reviews in restaurants.items:
        entry = entries()[key]
        rarity = np.log(max(1.0, total / (1 + everywhere[key])))
        columns = [COLUMN[cuisine] for cuisine in entry.cuisines]
        scores[row, columns] += kind[entry.label] * entry.weight * rarity * np.log1p(reviews)
    scores /= np.log1p(np.maximum(restaurants.reviews, 1))[:, None]
    return scores / np.sqrt(np.maximum(scores.sum(axis=1, keepdims=True), 1e-9))


def _topics(theta: np.ndarray, topics: Sequence[str]) -> np.ndarray:
    """Share of the topics that carry the cuisine's name."""
    scores = np.zeros((len(theta), len(IDS)))
    for topic, name in enumerate(topics):
        if name in COLUMN:
            scores[:, COLUMN[name]] += theta[:, topic]
    return scores


def _learnt(first: np.ndarray, pairs: Sequence[tuple[int, str]]) -> np.ndarray:
    """Log-odds of the words of mentions in restaurants of a cuisine, according to `first`, against the others'.

    Membership is the softmax of the first scores; rates are shrunk towards the overall ones by five restaurants.
    """
    from scipy import sparse

    membership = np.exp(first - first.max(axis=1, keepdims=True, initial=0))
    membership /= membership.sum(axis=1, keepdims=True)
    if not pairs:
        return np.zeros_like(first)
    vocabulary: dict[str, int] = {}
    row, column = np.array(sorted({(row, vocabulary.setdefault(word, len(vocabulary))) for row, word in pairs})).T
    mentioned = sparse.csr_matrix((np.ones(len(row)), (row, column)), shape=(len(first), len(vocabulary)))
    everywhere = np.asarray(mentioned.sum(axis=0)).ravel()[:, None]
    inside, size, prior = mentioned.T @ membership, membership.sum(axis=0), 5.0
    expected = prior * everywhere / len(first)
    odds = np.log((inside + expected) / (size + prior))
    odds = odds - np.log((everywhere - inside + expected) / (len(first) - size + prior))
    return (mentioned @ odds) / np.sqrt(1 + np.asarray(mentioned.sum(axis=1)))
