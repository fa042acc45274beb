"""Spans as bags of the terms inside them, and the topics of documents and spans as [label, weight]."""

import warnings
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from spacy.tokens import Doc, Span

from spacy_topics.bags import Bags, Stream, ranges, to_bags
from spacy_topics.errors import Errors


def spans_of(doc: Doc, key: str) -> Iterable[Span]:
    """The spans of a document that get topics.

    doc (Doc): the document.
    key (str): "sents", "ents", or the name of a span group.
    """
    if key == "sents":
        if not doc.has_annotation("SENT_START"):
            if len(doc):
                warnings.warn(Errors.W001, stacklevel=2)
            return ()
        return doc.sents
    return doc.ents if key == "ents" else doc.spans.get(key, ())


def span_bags(docs: Sequence[Doc], spans: Sequence[Span], stream: Stream) -> Bags:
    """The terms of spans as bags.

    docs (Sequence): the documents.
    spans (Sequence): their spans, in any order.
    stream (Stream): the documents' terms in reading order. A phrase belongs to a span only if it is completely inside.
    """
    number = {id(doc): i for i, doc in enumerate(docs)}
    row = np.array([number[id(span.doc)] for span in spans], np.int64)
    start = np.array([span.start for span in spans], np.int64)
    end = np.array([span.end for span in spans], np.int64)
    width = max(map(len, docs), default=0) + 1  # numbers the tokens of all documents in one sequence
    tokens = stream.doc * width + stream.token
    first = np.searchsorted(tokens, row * width + start)
    last = np.searchsorted(tokens, row * width + end)
    rows = np.repeat(np.arange(len(spans)), last - first)
    inside = ranges(first, last - first)
    is_inside = stream.last[inside] < end[rows]
    return to_bags(rows[is_inside], stream.word[inside[is_inside]], len(spans))


def best_topics(
    theta: np.ndarray, labels: Sequence[str], threshold: float, background: int | None = None
) -> list[list[list[Any]]]:
    """The topics of documents or spans.

    theta (ndarray): (n, K) topic proportions.
    labels (Sequence): K labels.
    threshold (float): minimum weight of a topic.
    background (int | None): the topic of what all documents say, which is left out.
    RETURNS (list): for each row [label, weight] of its topics, best first.
    """
    if background is not None:
        theta = theta.copy()
        theta[:, background] = -1
    order = np.argsort(-theta, axis=1, kind="stable")
    weights = np.take_along_axis(theta, order, axis=1)
    counts = (weights >= threshold).sum(axis=1).tolist()
    most = max(counts, default=0)
    rows = zip(order[:, :most].tolist(), weights[:, :most].tolist(), counts, strict=True)
    return [[[labels[k], w] for k, w in zip(topics[:n], values[:n], strict=True)] for topics, values, n in rows]
