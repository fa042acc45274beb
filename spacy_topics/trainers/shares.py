"""A topic model that is counted from documents whose topics are known: from a lexicon, a classifier or annotators."""

from collections.abc import Sequence

import numpy as np

from spacy_topics.bags import Bags
from spacy_topics.errors import Errors, InputError
from spacy_topics.topic_model import TopicModel


def from_shares(
    bags: Bags, vocabulary: Sequence[str], shares: np.ndarray, names: Sequence[str], *, alpha: float = 0.1, eta: float = 0.1
) -> TopicModel:
    """Count phi as naive Bayes does: each document's terms count for its topics, by its shares.

    With seeded topics this is one step from the seed words to all words that occur with them. It is not repeated: on recipes
    every further step named fewer of them correctly, as the topics drift to what divides the documents best.

    bags (Bags): D documents over the vocabulary.
    vocabulary (Sequence): strings of the ids.
    shares (ndarray): (D, K) topic proportions of the documents, rows on the simplex.
    names (Sequence): K names.
    alpha (float): mean of the prior over topics, which is proportional to their shares.
    eta (float): is added to each count.
    RAISES InputError: T002, shares of another shape, or below 0.
    """
    from scipy import sparse

    shares = np.asarray(shares, np.float64)
    if shares.shape != (len(bags), len(names)) or not (np.isfinite(shares).all() and (shares >= 0).all() and shares.any()):
        raise InputError(Errors.T002.format(what="shares", size=f"{len(bags)} x {len(names)}", least=0, got=str(shares.shape)))
    documents = sparse.csr_matrix((bags.counts, (bags.rows(), bags.terms)), shape=(len(bags), len(vocabulary)))
    counts = (documents.T @ shares).T
    share = shares.mean(axis=0)
    return TopicModel(
        counts + eta,
        np.maximum(alpha * len(names) * share / share.sum(), 1e-6),
        vocabulary,
        names=names,
        prevalence=counts.sum(axis=1) / counts.sum(),
        term_frequency=np.asarray(documents.sum(axis=0)).ravel(),
    )
