"""Docs -> terms -> bags -> theta: the way that every use of a topic model goes."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from spacy.tokens import Doc

from spacy_topics.bags import Stream, to_bags
from spacy_topics.terms.reader import TermReader
from spacy_topics.topic_model import TopicModel


class Prediction(NamedTuple):
    """What a topic model says of documents.

    theta (ndarray): (D, K) float32, topic proportions; the prior's mean for a document without a known term.
    known_terms (ndarray): (D,) int64, number of known terms of each document, repetitions counted.
    stream (Stream): the known terms in reading order.
    """

    theta: np.ndarray
    known_terms: np.ndarray
    stream: Stream


def predict(
    model: TopicModel, reader: TermReader, docs: Sequence[Doc], method: str = "variational", seed: int = 0
) -> Prediction:
    """Infer the topics of documents.

    model (TopicModel): the topics.
    reader (TermReader): reads documents as terms of the model's vocabulary.
    docs (Sequence): Docs.
    method (str): "variational" or "gibbs", see `fold_in.infer_theta`.
    seed (int): for "gibbs".
    RAISES InputError: T022, T032.
    """
    stream = reader.terms(docs)
    bags = to_bags(stream.doc, stream.word, len(docs))
    return Prediction(model.infer_bags(bags, method, seed), bags.sizes, stream)
