"""The hierarchy of topics: which are alike, and in which order they would be merged."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from spacy_topics.topic_model import RELEVANCE, TopicModel


class Merge(NamedTuple):
    """One step of the hierarchy.

    left (tuple): numbers of the topics on one side, ascending.
    right (tuple): numbers of the topics on the other side, all above the first of `left`.
    distance (float): Ward's distance of the two sides, 0 or more, which rises from step to step.
    """

    left: tuple[int, ...]
    right: tuple[int, ...]
    distance: float

    @property
    def topics(self) -> tuple[int, ...]:
        """Numbers of all topics of both sides, ascending."""
        return tuple(sorted(self.left + self.right))


def merges(model: TopicModel) -> list[Merge]:
    """Merge the two most alike again and again: Ward's method on the Hellinger distances of p(term | topic).

    The background is left out: it shares words with every topic, and is none.

    model (TopicModel): the topics.
    RETURNS (list): a Merge per step, nearest first: one less than there are topics without the background; none for one topic.
    """
    from scipy.cluster.hierarchy import linkage

    topics = [topic for topic in range(model.num_topics) if topic != model.background]
    if len(topics) < 2:
        return []
    # The Hellinger distance is the Euclidean one between square roots, over the square root of 2: what Ward's method needs.
    steps = linkage(np.sqrt(model.phi[topics].astype(np.float64) / 2), "ward")
    clusters: list[tuple[int, ...]] = [(topic,) for topic in topics]
    found = []
    for first, second, distance, _ in steps.tolist():
        left, right = sorted((clusters[int(first)], clusters[int(second)]))
        found.append(Merge(left, right, float(distance)))
        clusters.append(found[-1].topics)
    return found


def hierarchy(model: TopicModel, words: int = 5) -> list[dict[str, Any]]:
    """The steps of the hierarchy as records, nearest first.

    model (TopicModel): the topics.
    words (int): number of words per step.
    RETURNS (list): dicts of left, right (lists of topics), distance and words (the most relevant ones of both sides together).
    """
    return [
        {
            "left": list(merge.left),
            "right": list(merge.right),
            "distance": round(merge.distance, 4),
            "words": _words(model, merge.topics, words),
        }
        for merge in merges(model)
    ]


def tree(model: TopicModel, words: int = 5) -> list[str]:
    """The hierarchy as lines of text; the topics that are most alike stand next to each other.

    model (TopicModel): the topics.
    words (int): number of words where two branches meet.
    RETURNS (list): lines, the root first; the background is the last line.
    """
    steps = {merge.topics: merge for merge in merges(model)}
    labels = model.labels
    free = tuple(topic for topic in range(model.num_topics) if topic != model.background)
    lines: list[str] = []

    def draw(topics: tuple[int, ...], first: str, rest: str) -> None:
        if len(topics) == 1:
            lines.append(f"{first}{topics[0]} {labels[topics[0]]}")
            return
        merge = steps[topics]
        lines.append(f"{first}[{merge.distance:.2f}] {', '.join(_words(model, topics, words))}")
        draw(merge.left, f"{rest}├─ ", f"{rest}│  ")
        draw(merge.right, f"{rest}└─ ", f"{rest}   ")

    if free:
        draw(free, "", "")
    if model.background is not None:
        lines.append(f"{model.background} {labels[model.background]}")
    return lines


def _words(model: TopicModel, topics: Sequence[int], count: int) -> list[str]:
    """The most relevant words of several topics together."""
    weights = np.maximum(model.prevalence[list(topics)].astype(np.float64), 1e-12)
    share = weights @ model.phi[list(topics)] / weights.sum()
    seen = np.maximum(model.term_frequency, 1)
    relevance = RELEVANCE * np.log(share) + (1 - RELEVANCE) * np.log(share / (seen / seen.sum()))
    shown = model.terms.get("shown", {})
    best = [model.vocabulary[i] for i in np.argsort(-relevance, kind="stable")[:count]]
    return [shown.get(term, term) for term in best]
