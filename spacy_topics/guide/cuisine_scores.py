"""Which cuisine is a restaurant's? Evidence from its name, from what its reviews mention, and from their topics.

No category label is read. The weights were chosen on bistro's train and dev parts (projects/restaurants/RESULTS.md).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy import sparse

from corpora.cuisines import cuisines
from spacy_topics.lexicon import Words, clues, entries, find, words

IDS = tuple(cuisines())
COLUMN = {name: i for i, name in enumerate(IDS)}
PARTS = ("name", "mentions", "topics", "learnt")


@dataclass(frozen=True)
class EvidenceWeights:
    """What each part of the evidence counts; 0 leaves it out.

    name: words of the restaurant's name that give a cuisine away. cuisine, dish, ingredient: one telling mention of the
    kind. mentions: all of these together. topics: share of the reviews' topics that are seeded for the cuisine. learnt:
    words that restaurants of the cuisine, as the other parts have it, are mentioned with more than others.
    child: share of a cuisine's evidence that its parent gets ("sushi" is evidence of "japanese").
    """

    name: float = 4.0
    cuisine: float = 2.0
    dish: float = 1.0
    ingredient: float = 0.3
    mentions: float = 1.0
    topics: float = 4.0
    learnt: float = 0.5
    child: float = 0.5


class Mentions(NamedTuple):
    """What is mentioned where: rows of restaurants, words of the mention, its label, number of reviews that mention it."""

    house: np.ndarray
    text: Sequence[Words]
    label: Sequence[str]
    times: np.ndarray


def evidence(
    names: Sequence[str],
    reviews: np.ndarray,
    mentions: Mentions,
    theta: np.ndarray,
    topics: Sequence[str],
    weights: EvidenceWeights | None = None,
) -> dict[str, np.ndarray]:
    """Evidence for each cuisine.

    names (Sequence): of the R restaurants. reviews (ndarray): (R,) how many each has. theta (ndarray): (R, K) mean topics
    of their reviews. topics (Sequence): K names, "" or others where a topic is not seeded for a cuisine.
    RETURNS (dict): (R, C) for each of PARTS, weighted, and "total"; columns as IDS.
    """
    weights = weights or EvidenceWeights()
    parts = {
        "name": weights.name * _names(names),
        "mentions": weights.mentions * _mentioned(reviews, mentions, weights),
        "topics": weights.topics * _topics(theta, topics),
    }
    first = sum(parts.values(), np.zeros((len(names), len(IDS))))
    parts["learnt"] = weights.learnt * _learnt(first, reviews, mentions)
    total = sum(parts.values(), np.zeros_like(first))
    parts["total"] = total.copy()
    for cuisine in cuisines().values():
        if cuisine.parent:
            parts["total"][:, COLUMN[cuisine.parent]] += weights.child * total[:, COLUMN[cuisine.id]]
    return parts


def _names(names: Sequence[str]) -> np.ndarray:
    """1 where a word of the name belongs to one cuisine alone, less where several share it."""
    found = np.zeros((len(names), len(IDS)))
    for row, name in enumerate(names):
        for key in find(words(name), clues()):
            for cuisine in clues()[key]:
                found[row, COLUMN[cuisine]] = max(found[row, COLUMN[cuisine]], len(clues()[key]) ** -0.5)
    return found


def _mentioned(reviews: np.ndarray, mentions: Mentions, weights: EvidenceWeights) -> np.ndarray:
    """Items of the lexicon that are mentioned, by how telling they are; the square root of the sum is divided out, so that
    a restaurant where everything is mentioned has no more to share out than its length bears."""
    kind = {"CUISINE": weights.cuisine, "DISH": weights.dish, "INGREDIENT": weights.ingredient}
    table = entries()
    items: dict[Words, dict[int, int]] = {}
    for house, text, count in zip(mentions.house.tolist(), mentions.text, mentions.times.tolist(), strict=True):
        for key in find(text, table):
            seen = items.setdefault(key, {})
            seen[house] = min(seen.get(house, 0) + count, int(reviews[house]))
    total = max(1, int(reviews.sum()))
    found = np.zeros((len(reviews), len(IDS)))
    for key, seen in items.items():
        entry = table[key]
        rare = np.log(max(1.0, total / (1 + sum(seen.values()))))
        columns = [COLUMN[cuisine] for cuisine in entry.cuisines]
        for house, count in seen.items():
            found[house, columns] += kind[entry.label] * entry.weight * rare * np.log1p(count)
    found /= np.log1p(np.maximum(reviews, 1))[:, None]
    return found / np.sqrt(np.maximum(found.sum(axis=1, keepdims=True), 1e-9))


def _topics(theta: np.ndarray, topics: Sequence[str]) -> np.ndarray:
    """Share of the topics that carry the cuisine's name."""
    found = np.zeros((len(theta), len(IDS)))
    for topic, name in enumerate(topics):
        if name in COLUMN:
            found[:, COLUMN[name]] += theta[:, topic]
    return found


def _learnt(first: np.ndarray, reviews: np.ndarray, mentions: Mentions) -> np.ndarray:
    """Log-odds of the words of mentions in restaurants of a cuisine, as `first` has it, against the others'.

    Membership is the softmax of the first evidence; rates are shrunk towards the overall ones by five restaurants.
    """
    membership = np.exp(first - first.max(axis=1, keepdims=True, initial=0))
    membership /= membership.sum(axis=1, keepdims=True)
    vocabulary: dict[str, int] = {}
    pairs = {
        (house, vocabulary.setdefault(word, len(vocabulary)))
        for house, text, label in zip(mentions.house.tolist(), mentions.text, mentions.label, strict=True)
        if label in ("CUISINE", "DISH", "INGREDIENT")
        for word in text
    }
    if not pairs:
        return np.zeros_like(first)
    row, column = np.array(sorted(pairs)).T
    said = sparse.csr_matrix((np.ones(len(row)), (row, column)), shape=(len(first), len(vocabulary)))
    seen = np.asarray(said.sum(axis=0)).ravel()[:, None]
    inside, size, prior = said.T @ membership, membership.sum(axis=0), 5.0
    expected = prior * seen / len(first)
    odds = np.log((inside + expected) / (size + prior)) - np.log((seen - inside + expected) / (len(first) - size + prior))
    return (said @ odds) / np.sqrt(1 + np.asarray(said.sum(axis=1)))
