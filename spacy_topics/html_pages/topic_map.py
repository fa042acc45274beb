"""The map of a model's topics: a page on which topics are seen, searched and read."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from spacy_topics.topic_model import RELEVANCE, TopicModel

_WORDS = 30  # words per topic that are at hand at each position of the slider
_COVERED = 0.35  # share of the map that circles cover
_PULL = 0.5  # distances from the middle are shown to the power of 1 less this
_GAP = 0.006  # between circles, as a share of the map's width
_PUSHES = 500
_LETTERS = 600  # of an example review


def topic_map(model: TopicModel, examples: Sequence[Mapping[str, Any]] = (), shares: Sequence[Mapping[str, Any]] = ()) -> str:
    """A page with a map of the topics; for the chosen one its words by relevance, example reviews, and shares in groups.

    Circles near each other are alike (Jensen-Shannon divergence, principal coordinates), moved apart where they would overlap;
    areas are prevalence. The relevance of words is that of Sievert & Shirley (2014), whose lambda is the slider.

    model (TopicModel): the topics.
    examples (Sequence): reviews that stand for topics, as `topic_search.representative` returns them.
    shares (Sequence): dicts of by (what groups are by), names (G names of groups) and shares ((G, K) shares of the topics in
        each, NaN where they are not known).
    RETURNS (str): HTML that contains its script and needs no network.
    """
    places, sizes = layout(model)
    words, terms = _terms(model)
    topics = [
        {
            "name": model.names[k] or model.top_words(k, 1)[0],
            "label": label,
            "prevalence": float(model.prevalence[k]),
            "coherence": None if np.isnan(model.coherence[k]) else round(float(model.coherence[k]), 4),
            "background": k == model.background,
            "x": round(float(places[k, 0]), 5),
            "y": round(float(places[k, 1]), 5),
            "r": round(float(sizes[k]), 5),
            "terms": terms[k],
            "examples": [
                {"id": str(one["id"]), "share": float(one["share"]), "text": _short(one["text"])}
                for one in examples
                if one["topic"] == k
            ],
        }
        for k, label in enumerate(model.labels)
    ]
    low, high = (places - sizes[:, None]).min(axis=0) - _GAP, (places + sizes[:, None]).max(axis=0) + _GAP
    prevalence = np.array([0 if topic["background"] else topic["prevalence"] for topic in topics])
    data = {
        "topics": topics,
        "words": words,
        "box": [round(float(value), 5) for value in (*low, *(high - low))],
        "relevance": RELEVANCE,
        "chosen": int(prevalence.argmax()),
        "groups": [
            {"by": one["by"], "names": list(map(str, one["names"])), "shares": _nullable(one["shares"])} for one in shares
        ],
    }
    text = json.dumps(data, ensure_ascii=False, allow_nan=False).replace("<", "\\u003c")  # a text may contain </script>
    return (Path(__file__).parent / "topic_map.html").read_text("utf8").replace("/*DATA*/", text)


def layout(model: TopicModel) -> tuple[np.ndarray, np.ndarray]:
    """Where the circles of topics are, and how large.

    model (TopicModel): the topics.
    RETURNS (tuple): (K, 2) centres, (K,) radii, in a square of about 1 by 1; no two circles overlap. The background, which is
        unlike every topic, stands beside the others, and is as large as the largest of them.
    """
    free = np.array([k for k in range(model.num_topics) if k != model.background], np.int64)
    places, sizes = np.zeros((model.num_topics, 2)), np.full(model.num_topics, _GAP)
    if len(free):
        found = coordinates(model.phi[free])
        # Topics that are unlike all others come nearer, so that those in the middle have room.
        found *= np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-9) ** -_PULL
        found /= max(np.ptp(found, axis=0).max(), 1e-12)
        weights = np.maximum(model.prevalence[free].astype(np.float64), 1e-4)
        sizes[free] = np.sqrt(_COVERED * weights / weights.sum() / np.pi)
        # Topics at one place are pushed apart in different directions, the same ones every time.
        turns = 2.4 * np.arange(len(free))
        places[free] = _apart(found + 1e-6 * np.stack([np.cos(turns), np.sin(turns)], axis=1), sizes[free])
    if model.background is not None and len(free):
        size = sizes[model.background] = sizes[free].max()
        right, low = ((places + sizes[:, None])[free]).max(axis=0)
        places[model.background] = right + size + _GAP, low - size
    return places, sizes


def coordinates(phi: np.ndarray) -> np.ndarray:
    """Principal coordinates of the Jensen-Shannon divergences of distributions.

    phi (ndarray): (K, V) distributions.
    RETURNS (ndarray): (K, 2) float64; zeros where there are too few topics for a dimension.
    """
    from scipy.spatial.distance import pdist, squareform

    if len(phi) < 2:
        return np.zeros((len(phi), 2))
    distances = squareform(np.nan_to_num(pdist(np.asarray(phi, np.float64), "jensenshannon"))) ** 2  # NaN: almost equal topics
    centre = np.eye(len(distances)) - 1 / len(distances)
    values, vectors = np.linalg.eigh(-0.5 * centre @ distances**2 @ centre)
    return vectors[:, :-3:-1] * np.sqrt(np.maximum(values[:-3:-1], 0))


def _apart(places: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Move circles until none overlaps another."""
    needed = sizes[:, None] + sizes + _GAP
    np.fill_diagonal(needed, 0)
    for _ in range(_PUSHES):
        apart = places[:, None] - places
        distance = np.maximum(np.sqrt((apart**2).sum(axis=2)), 1e-9)
        push = np.maximum(needed - distance, 0) / distance / 2
        if not (push > 1e-4).any():
            break
        places = places + (apart * push[:, :, None]).sum(axis=1) * 0.6
    return places


def _terms(model: TopicModel) -> tuple[list[str], list[list[list[float]]]]:
    """The words that the slider can show; for each topic [word, log p(word | topic), log lift], likeliest first."""
    seen = np.maximum(model.term_frequency, 1)
    background, shown = np.log(seen / seen.sum()), model.terms.get("shown", {})
    orders = [model.relevance(weight)[:, :_WORDS] for weight in np.linspace(0, 1, 11)]
    numbers: dict[int, int] = {}
    rows = []
    for k in range(model.num_topics):
        ids = np.unique(np.concatenate([order[k] for order in orders]))
        ids = ids[np.argsort(-model.phi[k, ids], kind="stable")].tolist()
        log = np.log(model.phi[k].astype(np.float64))
        rows.append([[numbers.setdefault(i, len(numbers)), round(log[i], 3), round(log[i] - background[i], 3)] for i in ids])
    return [shown.get(model.vocabulary[i], model.vocabulary[i]) for i in numbers], rows


def _nullable(shares: Any) -> list[list[float | None]]:
    rows = np.asarray(shares, np.float64).round(5).tolist()
    return [[None if value != value else value for value in row] for row in rows]


def _short(text: str) -> str:
    return text if len(text) <= _LETTERS else f"{text[:_LETTERS].rsplit(' ', 1)[0]}…"
