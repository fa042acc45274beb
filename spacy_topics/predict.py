"""Docs -> terms -> bags -> theta: the steps of every use of a topic model."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from spacy.tokens import Doc

from spacy_topics.bags import Stream, to_bags
from spacy_topics.terms.reader import TermReader
from spacy_topics.topic_model import TopicModel


class Prediction(NamedTuple):
    """What a topic model predicts for D documents.

    theta (ndarray): (D, K) float32, topic proportions; the prior's mean for a document without known terms.
    known_terms (ndarray): (D,) int64, number of known terms of each document, with repetitions.
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
    seed (int): random seed of "gibbs".
    RAISES InputError: T022, an unknown method; T032, a seed out of range.
    """
    stream = reader.terms(docs)
    bags = to_bags(stream.doc, stream.word, len(docs))
    return Prediction(model.infer_bags(bags, method, seed), bags.sizes, stream)
