"""Converts topic models of other libraries to a TopicModel."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from spacy_topics.topic_model import TopicModel


def from_gensim(model: Any) -> TopicModel:
    """Convert a gensim `LdaModel` (or `LdaMulticore`).

    phi is the normalised variational parameter (`get_topics`), alpha is the model's.

    model (Any): the fitted model.
    RAISES InputError: T001 to T003, see `TopicModel`.
    """
    vocabulary = [model.id2word[i] for i in range(model.num_terms)]
    return TopicModel(model.get_topics(), model.alpha, vocabulary, meta={"training": {"trainer": "gensim"}})


def from_sklearn(model: Any, vocabulary: Sequence[str]) -> TopicModel:
    """Convert a scikit-learn `LatentDirichletAllocation`.

    model (Any): the fitted model.
    vocabulary (Sequence): the vectorizer's `get_feature_names_out()`.
    RAISES InputError: T001 to T003, see `TopicModel`.
    """
    alpha = np.full(len(model.components_), model.doc_topic_prior_)
    return TopicModel(model.components_, alpha, list(map(str, vocabulary)), meta={"training": {"trainer": "scikit-learn"}})


def from_arrays(phi: np.ndarray, alpha: np.ndarray | float, vocabulary: Sequence[str], **more: Any) -> TopicModel:
    """Create a TopicModel from arrays.

    phi (ndarray): (K, V) p(term | topic) or counts; rows are normalised.
    alpha (ndarray | float): (K,) or one number for all topics.
    vocabulary (Sequence): V strings.
    more (Any): other keywords of TopicModel (names, term_frequency, prevalence, meta).
    RAISES InputError: T001 to T004, see `TopicModel`.
    """
    alpha = np.full(len(phi), alpha) if np.ndim(alpha) == 0 else np.asarray(alpha)
    return TopicModel(phi, alpha, vocabulary, **more)
