"""Fewer topics after the fit: merge topics that are named, or the most alike until so many are left."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from spacy_topics.bags import Bags
from spacy_topics.errors import Errors, InputError, is_integer
from spacy_topics.hierarchy import merges
from spacy_topics.topic_model import BACKGROUND, RELEVANCE, TopicModel

_MOVED = 1e-3  # a document moves if its topics change by more than this, in L1 norm


class Merged(NamedTuple):
    """The result of a merge.

    model (TopicModel): the model with fewer topics.
    topics (ndarray): (K,) int64, for each old topic the number of the topic that it is in now.
    """

    model: TopicModel
    topics: np.ndarray


def merge_topics(model: TopicModel, topics: Sequence[int], name: str | None = None) -> Merged:
    """Merge topics into one, which stands in the place of the lowest number; those after it move up.

    p(term | topic) is the mean of the topics by prevalence, prior and prevalence are their sums: the probability of each term
    in all documents stays as it was.

    model (TopicModel): the topics; it is not changed.
    topics (Sequence): numbers of two topics or more, but not of all.
    name (str | None): name of the merged topic; None takes the names of the topics, the most prevalent first.
    RAISES InputError: T005, an unknown topic; T006, a bad name; T130, fewer than two topics, one of them twice, or all.
    """
    chosen = [model.check_topic(topic) for topic in topics]
    if len(set(chosen)) < len(chosen) or not 2 <= len(chosen) < model.num_topics:
        got = ", ".join(map(str, topics)) or "none"
        raise InputError(Errors.T130.format(last=model.num_topics - 1, got=got))
    groups = np.arange(model.num_topics)
    groups[chosen] = min(chosen)
    merged = _merge(model, np.unique(groups, return_inverse=True)[1])
    if name is not None:
        merged.model.rename(int(merged.topics[chosen[0]]), name)
    return merged


def reduce_topics(model: TopicModel, to: int) -> Merged:
    """Merge the topics that are most alike (see `hierarchy.merges`), until so many are left. The background stays alone.

    model (TopicModel): the topics; it is not changed.
    to (int): number of topics that are left, the background among them.
    RAISES InputError: T131, a number that leaves one topic, or all of them; T142, there are too few topics.
    """
    least = 2 + (model.background is not None)
    if least >= model.num_topics:
        raise InputError(Errors.T142.format(topics=model.num_topics, least=least))
    if not is_integer(to, least, model.num_topics - 1):
        raise InputError(Errors.T131.format(topics=model.num_topics, least=least, most=model.num_topics - 1, got=repr(to)))
    groups = np.arange(model.num_topics)
    for merge in merges(model)[: model.num_topics - to]:
        groups[list(merge.topics)] = merge.topics[0]
    return _merge(model, np.unique(groups, return_inverse=True)[1])


def merge_theta(theta: np.ndarray, topics: np.ndarray) -> np.ndarray:
    """Add the columns of topics that were merged.

    theta (ndarray): (D, K) topic proportions by the old model.
    topics (ndarray): (K,) as in `Merged`.
    RETURNS (ndarray): (D, new K) of the same dtype.
    """
    added = np.zeros((len(theta), int(topics.max()) + 1), theta.dtype)
    np.add.at(added.T, topics, theta.T)
    return added


def theta_moved(model: TopicModel, merged: Merged, bags: Bags) -> dict[str, float]:
    """How far the topics that the merged model infers are from the sums of those that the old model infers.

    model (TopicModel): the old model.
    merged (Merged): of the old model.
    bags (Bags): documents in the ids of the vocabulary, which both models have.
    RETURNS (dict): documents (those with known terms), mean_l1 (mean L1 distance, 0 to 2; NaN without documents) and moved
        (share of the documents whose distance is above .001).
    """
    bags = bags.take(np.flatnonzero(np.diff(bags.offsets)))
    added = merge_theta(model.infer_bags(bags), merged.topics)
    distance = np.abs(added - merged.model.infer_bags(bags)).sum(axis=1, dtype=np.float64)
    if not len(distance):
        return {"documents": 0, "mean_l1": float("nan"), "moved": float("nan")}
    return {"documents": len(bags), "mean_l1": float(distance.mean()), "moved": float((distance > _MOVED).mean())}


def _merge(model: TopicModel, topics: np.ndarray) -> Merged:
    """Merge topics by the number of the new topic that each is in."""
    members = [np.flatnonzero(topics == new) for new in range(int(topics.max()) + 1)]
    phi = np.stack([_mean_phi(model, some) for some in members])
    coherence = [model.coherence[some[0]] if len(some) == 1 else np.nan for some in members]
    merged = TopicModel(
        phi,
        merge_theta(model.alpha[None].astype(np.float64), topics)[0],
        model.vocabulary,
        names=[_name(model, some) for some in members],
        prevalence=merge_theta(model.prevalence[None].astype(np.float64), topics)[0],
        term_frequency=model.term_frequency,
        terms=model.terms,
        meta={**model.meta, "merged": _history(model.meta, members)},
    )
    order = merged.relevance(RELEVANCE)
    words = model.described.shape[1]
    described = [_described(model, some, order[new], words) for new, some in enumerate(members)]
    merged.describe(np.array(described), np.array(coherence))
    return Merged(merged, topics)


def _mean_phi(model: TopicModel, members: np.ndarray) -> np.ndarray:
    """Mean of topics by prevalence; topics that explain nothing count alike. One topic alone keeps its bits."""
    if len(members) == 1:
        return model.phi[members[0]]
    weights = model.prevalence[members].astype(np.float64)
    weights = weights / weights.sum() if weights.any() else np.full(len(members), 1 / len(members))
    return weights @ model.phi[members].astype(np.float64)


def _name(model: TopicModel, members: np.ndarray) -> str:
    """What is merged with the background is background; other names are joined, and left out where they become too long."""
    if model.background in members:
        return BACKGROUND
    ordered = sorted(members.tolist(), key=lambda topic: -model.prevalence[topic])
    names = [model.names[topic] for topic in ordered if model.names[topic]]
    while len(" & ".join(names)) > 80:
        names.pop()
    return " & ".join(names)


def _described(model: TopicModel, members: np.ndarray, order: np.ndarray, count: int) -> np.ndarray:
    """Of the words that described the topics, those most relevant for the merged one: they are known to occur together."""
    if len(members) == 1:
        return model.described[members[0]]
    return order[np.isin(order, model.described[members])][:count]


def _history(meta: Mapping[str, Any], members: Sequence[np.ndarray]) -> list[list[int]]:
    """For each topic the numbers that its parts had when the model was fitted."""
    before = meta.get("merged")
    return [[old for topic in some.tolist() for old in (before[topic] if before else [topic])] for some in members]
