"""Scores of cuisines for restaurants: from their names, from what their reviews mention, and from the reviews' topics.

No category labels are used. The weights were chosen on Bistro's train and dev parts (projects/restaurants/RESULTS.md).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from corpora.cuisines import regional
from spacy_topics.lexicon import Lexicon, find, lexicon, words
from spacy_topics.linking.brand_names import brand_of
from spacy_topics.linking.names import name_key

IDS = lexicon().ids  # of the cuisines that ship with palate
COLUMN = lexicon().column
PARTS = ("name", "mentions", "topics", "learnt", "narrower")
_TWO = 2
_ALIKE = 0.3  # cosine of the topics of two restaurants with one name that are branches


@dataclass(frozen=True)
class CuisineWeights:
    """Weights of the parts of a score; 0 leaves a part out.

    name (float): weight of words in the restaurant's name that suggest a cuisine.
    cuisine (float): weight of a mention of a cuisine.
    dish (float): weight of a mention of a dish.
    ingredient (float): weight of a mention of an ingredient.
    mentions (float): weight of all mentions together.
    topics (float): weight of the share of the topics of the restaurant's reviews that are seeded for the cuisine.
    learnt (float): weight of words that are mentioned more often for restaurants that have the cuisine according to the other
        parts.
    child (float): share of a cuisine's score that its parent also gets ("sushi" is evidence for "japanese"); it gets all
        if the cuisine is regional and the restaurant's best.
    chain (float): share of what reviews say of a chain's restaurants that counts for each of them: branches serve the same
        food. Restaurants with one name are a chain, but for two whose reviews differ in their topics.
    """

    name: float = 4.0
    cuisine: float = 2.0
    dish: float = 1.0
    ingredient: float = 0.3
    mentions: float = 1.0
    topics: float = 24.0
    learnt: float = 0.35
    child: float = 0.4
    chain: float = 0.3


class Counts(NamedTuple):
    """What is said of R restaurants.

    numbers (csr_matrix): (R, n) numbers of reviews of each restaurant that say each of n things; a share of one counts, too.
    things (Sequence): what the columns are.
    """

    numbers: Any
    things: Sequence[Any]


class Restaurants(NamedTuple):
    """The data of R restaurants that the scores are computed from.

    names (Sequence): their names.
    reviews (ndarray): (R,) their numbers of reviews.
    items (Counts): the items of the lexicon that are mentioned, by their keys in `Lexicon.entries`.
    words (Counts): the words in the mentions of dishes, ingredients and cuisines; 1 where a restaurant's reviews have one.
    theta (ndarray): (R, K) topics of their reviews, without the background.
    topics (Sequence): K names of topics, of which those that are ids of cuisines count.
    """

    names: Sequence[str]
    reviews: np.ndarray
    items: Counts
    words: Counts
    theta: np.ndarray
    topics: Sequence[str]


def with_chains(restaurants: Restaurants, share: float) -> Restaurants:
    """Let what is said of a chain's restaurants count for each of them.

    restaurants (Restaurants): the data of the restaurants.
    share (float): share of what is said of the others, 0 to 1.
    """
    if not share:
        return restaurants
    members = _chains(restaurants)
    chain = np.zeros(len(restaurants.names), np.int64)
    for number, rows in enumerate(members):
        chain[rows] = number
    count = len(members)
    reviews = restaurants.reviews + share * (np.bincount(chain, restaurants.reviews, count)[chain] - restaurants.reviews)
    weighted = restaurants.theta * restaurants.reviews[:, None]
    sums = np.zeros((count, restaurants.theta.shape[1]))
    np.add.at(sums, chain, weighted)
    theta = (weighted + share * (sums[chain] - weighted)) / np.maximum(reviews, 1e-9)[:, None]
    own, heard = restaurants.items.numbers, restaurants.words.numbers
    items = restaurants.items._replace(numbers=own + share * (_of_chains(own, chain) - own))
    words = restaurants.words._replace(numbers=_of_chains(heard, chain).sign())
    return restaurants._replace(reviews=reviews, items=items, words=words, theta=theta)


def _chains(restaurants: Restaurants) -> list[list[int]]:
    """Rows of the restaurants of each chain. Two that share a name by chance are told apart by the topics of their reviews."""
    rows_of: dict[str, list[int]] = {}
    for row, name in enumerate(restaurants.names):
        rows_of.setdefault(name_key(name), []).append(row)
    chains = []
    for rows in rows_of.values():
        if len(rows) == _TWO and not brand_of(restaurants.names[rows[0]]):
            first, second = restaurants.theta[rows]
            alike = first @ second >= _ALIKE * np.sqrt((first @ first) * (second @ second))
            chains += [rows] if alike else [[row] for row in rows]
        else:
            chains.append(rows)
    return chains


def _of_chains(numbers: Any, chain: np.ndarray) -> Any:
    """(R, n) sparse numbers of all restaurants of the chain that each restaurant is of."""
    from scipy import sparse

    belongs = sparse.csr_matrix((np.ones(len(chain)), (chain, np.arange(len(chain)))), shape=(len(chain), len(chain)))
    return belongs.T @ (belongs @ numbers)


def cuisine_scores(
    restaurants: Restaurants, weights: CuisineWeights | None = None, known: Lexicon | None = None
) -> dict[str, np.ndarray]:
    """Score each cuisine for each restaurant.

    restaurants (Restaurants): the data of the restaurants.
    weights (CuisineWeights | None): weights of the parts; None for the default ones.
    known (Lexicon | None): the words of the cuisines; None for those that ship with palate.
    RETURNS (dict): (R, C) scores for each of PARTS, weighted, and for "total", their sum; the columns are in the order of
        `Lexicon.ids`. What narrower cuisines give to a cuisine is the part "narrower".
    """
    weights, known = weights or CuisineWeights(), known or lexicon()
    restaurants = with_chains(restaurants, weights.chain)
    parts = {
        "name": weights.name * _names(restaurants.names, known),
        "mentions": weights.mentions * _mentions(restaurants, weights, known),
        "topics": weights.topics * _topics(restaurants.theta, restaurants.topics, known),
    }
    first = sum(parts.values(), np.zeros((len(restaurants.names), len(known.ids))))
    parts["learnt"] = weights.learnt * _learnt(first, restaurants.words.numbers)
    own = sum(parts.values(), np.zeros_like(first))
    parts["narrower"] = np.zeros_like(own)
    best = np.maximum(own.max(axis=1, initial=0), 1e-9)
    for cuisine in known.cuisines.values():
        if cuisine.parent:
            scores = own[:, known.column[cuisine.id]]
            share = np.where((cuisine.id in regional()) & (scores >= best) & (weights.child > 0), 1.0, weights.child)
            parts["narrower"][:, known.column[cuisine.parent]] += share * np.maximum(scores, 0)
    parts["total"] = own + parts["narrower"]
    return parts


def _names(names: Sequence[str], known: Lexicon) -> np.ndarray:
    """(R, C) scores of names: 1 for a word that suggests only this cuisine, less for a word that suggests several."""
    scores = np.zeros((len(names), len(known.ids)))
    for row, name in enumerate(names):
        for key in find(words(name), known.clues):
            columns = [known.column[cuisine] for cuisine in known.clues[key]]
            scores[row, columns] = np.maximum(scores[row, columns], len(columns) ** -0.5)
    return scores


def _mentions(restaurants: Restaurants, weights: CuisineWeights, known: Lexicon) -> np.ndarray:
    """(R, C) scores of the items that reviews mention, by how telling the items are.

    A row is divided by the square root of its sum, so that a restaurant whose reviews mention everything does not get high
    scores for all cuisines.
    """
    kind = {"CUISINE": weights.cuisine, "DISH": weights.dish, "INGREDIENT": weights.ingredient}
    total = max(1, int(restaurants.reviews.sum()))
    counts, keys = restaurants.items
    rarity = np.log(np.maximum(1.0, total / (1 + np.asarray(counts.sum(axis=0)).ravel())))
    telling = np.zeros((len(keys), len(known.ids)))
    for place, key in enumerate(keys):
        entry = known.entries[key]
        telling[place, [known.column[cuisine] for cuisine in entry.cuisines]] = kind[entry.label] * entry.weight * rarity[place]
    scores = counts.log1p() @ telling
    scores /= np.log1p(np.maximum(restaurants.reviews, 1))[:, None]
    return scores / np.sqrt(np.maximum(scores.sum(axis=1, keepdims=True), 1e-9))


def _topics(theta: np.ndarray, topics: Sequence[str], known: Lexicon) -> np.ndarray:
    """(R, C) shares of the topics that have the cuisine's name."""
    scores = np.zeros((len(theta), len(known.ids)))
    for topic, name in enumerate(topics):
        if name in known.column:
            scores[:, known.column[name]] += theta[:, topic]
    return scores


def _learnt(first: np.ndarray, mentioned: Any) -> np.ndarray:
    """(R, C) mean log-odds of the words in mentions: in restaurants of a cuisine against those in all other restaurants.

    Which restaurants have the cuisine is the softmax of the first scores; rates are shrunk towards the overall rates with the
    weight of five restaurants.

    first (ndarray): (R, C) sum of the other parts.
    mentioned (csr_matrix): (R, n) which words are mentioned, see `Restaurants.words`.
    """
    membership = np.exp(first - first.max(axis=1, keepdims=True, initial=0))
    membership /= membership.sum(axis=1, keepdims=True)
    if not mentioned.nnz:
        return np.zeros_like(first)
    everywhere = np.asarray(mentioned.sum(axis=0)).ravel()[:, None]
    inside, size, prior = mentioned.T @ membership, membership.sum(axis=0), 5.0
    expected = prior * everywhere / len(first)
    odds = np.log((inside + expected) / (size + prior))
    odds = odds - np.log((everywhere - inside + expected) / (len(first) - size + prior))
    return (mentioned @ odds) / np.sqrt(1 + np.asarray(mentioned.sum(axis=1)))
