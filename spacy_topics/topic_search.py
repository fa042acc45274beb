"""Finds topics by a query, and reviews by topic: the most representative ones, those that no topic explains; or all of them."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from spacy.language import Language
from spacy.tokens import Doc

from corpora.reviews import Review
from spacy_topics.bags import Bags, to_bags
from spacy_topics.errors import Errors, InputError, is_integer, is_number
from spacy_topics.fit import batches
from spacy_topics.metrics import explained
from spacy_topics.pipeline.loading import preprocessing
from spacy_topics.terms.reader import TermReader
from spacy_topics.topic_model import TopicModel

_USUAL_TERMS = 20  # a topic's share of so many terms is half believed


def find_topics(model: TopicModel, query: Doc, limit: int = 5) -> list[dict[str, Any]]:
    """The topics that a query is about.

    model (TopicModel): the topics.
    query (Doc): the query; where its words together are no term of the model ("slow service"), each of them counts.
    limit (int): maximum number of topics.
    RETURNS (list): dicts of topic, label, share (mean over the query's terms of p(topic | term), 0 to 1) and terms (term ->
        p(topic | term)), best first.
    RAISES InputError: T133, no word of the query is in the vocabulary.
    """
    reader = TermReader.from_dict(model.terms, model.vocabulary)
    ids = np.unique(reader.terms([query]).word)
    if not len(ids):
        ids = np.unique(reader.terms([query[i : i + 1].as_doc() for i in range(len(query))]).word)
    if not len(ids):
        raise InputError(Errors.T133.format(query=" ".join(query.text.split())[:60]))
    joint = model.word_topic[ids].astype(np.float64) * np.maximum(model.prevalence, 1e-12)
    posterior = joint / joint.sum(axis=1, keepdims=True)
    share, labels = posterior.mean(axis=0), model.labels
    return [
        {
            "topic": k,
            "label": labels[k],
            "share": round(float(share[k]), 4),
            "terms": {model.vocabulary[i]: round(float(p), 4) for i, p in zip(ids.tolist(), posterior[:, k], strict=True)},
        }
        for k in np.argsort(-share, kind="stable")[:limit].tolist()
    ]


def representative(
    model: TopicModel, nlp: Language, reviews: Iterable[Review], count: int = 3, topics: Sequence[int] | None = None
) -> list[dict[str, Any]]:
    """The reviews that stand for each topic best.

    A review stands for a topic by its share of the topic, which counts the less the fewer known terms the review has: a share
    of 20 terms counts half. Of reviews with the same text the first one counts.

    model (TopicModel): the topics.
    nlp (Language): turns texts into Docs.
    reviews (Iterable): Reviews.
    count (int): number of reviews per topic.
    topics (Sequence | None): numbers of topics; None takes all but the background.
    RETURNS (list): dicts of topic, label, id, share (of the topic in the review) and text; a topic that is not the greatest one
        of any review may have reviews with a small share.
    RAISES InputError: T005, an unknown topic; T032, a bad count.
    """
    if not is_integer(count, 1):
        raise InputError(Errors.T032.format(what="count", allowed="an integer of 1 or more", got=repr(count)))
    chosen = [k for k in range(model.num_topics) if k != model.background]
    chosen = chosen if topics is None else [model.check_topic(topic) for topic in topics]
    labels, (kept, bags) = model.labels, _read(model, nlp, reviews)
    theta = model.infer_bags(bags)
    score = theta * (bags.sizes / (bags.sizes + _USUAL_TERMS))[:, None]
    return [
        {"topic": k, "label": labels[k], "id": kept[row].id, "share": round(float(theta[row, k]), 4), "text": kept[row].text}
        for k in chosen
        for row in np.argsort(-score[:, k], kind="stable")[:count].tolist()
        if bags.sizes[row]
    ]


def proportions(model: TopicModel, nlp: Language, reviews: Iterable[Review]) -> list[dict[str, Any]]:
    """The topic proportions of every review: the table of documents by topics.

    model (TopicModel): the topics.
    nlp (Language): turns texts into Docs.
    reviews (Iterable): Reviews.
    RETURNS (list): dicts of id, terms (number of known terms; with 0, the proportions are the prior's) and the proportion of
        each topic, 0 to 1, under its number and label; in the order of the reviews.
    """
    kept = list(reviews)
    bags = read_bags(model, (review.text for review in kept), nlp)
    columns = [f"{k} {label}" for k, label in enumerate(model.labels)]
    return [
        {"id": review.id, "terms": size, **dict(zip(columns, row, strict=True))}
        for review, size, row in zip(kept, bags.sizes.tolist(), model.infer_bags(bags).tolist(), strict=True)
    ]


def outliers(model: TopicModel, nlp: Language, reviews: Iterable[Review], share: float) -> list[dict[str, Any]]:
    """The reviews that the topics explain least (see `metrics.explained`).

    model (TopicModel): the topics.
    nlp (Language): turns texts into Docs.
    reviews (Iterable): Reviews.
    share (float): share of the reviews with two known terms or more that are outliers, 0 to 1.
    RETURNS (list): dicts of id, explained, terms (number of known terms) and text, the least explained first.
    RAISES InputError: T032, a share out of range.
    """
    if not is_number(share, 1e-12, 1):
        raise InputError(Errors.T032.format(what="the share of outliers", allowed="above 0, at most 1", got=repr(share)))
    kept, bags = _read(model, nlp, reviews)
    values = explained(model, bags)
    known = np.flatnonzero(~np.isnan(values))
    order = known[np.argsort(values[known], kind="stable")][: round(share * len(known))]
    return [
        {"id": kept[row].id, "explained": round(float(values[row]), 4), "terms": int(bags.sizes[row]), "text": kept[row].text}
        for row in order.tolist()
    ]


def _read(model: TopicModel, nlp: Language, reviews: Iterable[Review]) -> tuple[list[Review], Bags]:
    """Reviews with different texts, and the bags of their known terms."""
    kept = list({review.text: review for review in reversed(list(reviews))}.values())[::-1]
    return kept, read_bags(model, (review.text for review in kept), nlp)


def read_bags(model: TopicModel, texts: Iterable[str], nlp: Language | None = None) -> Bags:
    """Texts as bags of a model's terms.

    model (TopicModel): the model.
    texts (Iterable): strings.
    nlp (Language | None): turns texts into Docs; None for a blank pipeline in the model's language.
    """
    nlp = nlp or preprocessing("", model.terms.get("lang") or "en")
    reader, count = TermReader.from_dict(model.terms, model.vocabulary), 0
    docs, words = [np.zeros(0, np.int64)], [np.zeros(0, np.int32)]
    for batch in batches(nlp, texts):
        stream = reader.terms(batch)
        docs.append(stream.doc + count)
        words.append(stream.word)
        count += len(batch)
    return to_bags(np.concatenate(docs), np.concatenate(words), count)
