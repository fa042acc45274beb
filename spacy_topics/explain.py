"""Explains the topics of a text by the topic of each of its terms."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from spacy.tokens import Doc

from spacy_topics.errors import Errors, InputError, is_number
from spacy_topics.predict import predict
from spacy_topics.terms.reader import TermReader
from spacy_topics.topic_model import TopicModel


class Term(NamedTuple):
    """A term of a text.

    start (int): its first character.
    end (int): the character after its last one.
    term (str): the term, as the vocabulary has it.
    topic (int): its likeliest topic.
    probability (float): probability of that topic, 0 to 1.
    """

    start: int
    end: int
    term: str
    topic: int
    probability: float


class Explanation(NamedTuple):
    """What a text discusses.

    theta (ndarray): (K,) float32, topic proportions.
    terms (list): the known terms in reading order.
    background (int | None): the topic of what all documents say, which is nothing that a text discusses.
    """

    theta: np.ndarray
    terms: list[Term]
    background: int | None = None

    def topics(self, threshold: float) -> list[int]:
        """Topics by weight, best first, without the background; no topics if no term is known.

        threshold (float): minimum weight, 0 to 1.
        """
        order = np.argsort(-self.theta, kind="stable").tolist()
        return [k for k in order if self.theta[k] >= threshold and self.terms and k != self.background]


def explain(model: TopicModel, doc: Doc, reader: TermReader | None = None) -> Explanation:
    """Assign each term of a document to a topic: p(topic | term, document) is theta times p(term | topic), normalised.

    model (TopicModel): the topics.
    doc (Doc): the document.
    reader (TermReader | None): the model's reader, if the caller has it already.
    """
    theta, _, stream = predict(model, reader or TermReader.from_dict(model.terms, model.vocabulary), [doc])
    words, index = np.unique(stream.word, return_inverse=True)
    share = theta[0] * model.word_topic[words]
    topics = share.argmax(axis=1)
    probability = share.max(axis=1) / share.sum(axis=1)
    terms = [
        Term(doc[token].idx, doc[last].idx + len(doc[last]), model.vocabulary[words[i]], int(topics[i]), float(probability[i]))
        for token, last, i in zip(stream.token.tolist(), stream.last.tolist(), index.tolist(), strict=True)
    ]
    return Explanation(theta[0], terms, model.background)


def topic_records(model: TopicModel, explanation: Explanation, threshold: float = 0.05) -> list[dict[str, Any]]:
    """The topics of a text as records, best first.

    model (TopicModel): the topics.
    explanation (Explanation): of the text.
    threshold (float): minimum weight of a topic, 0 to 1.
    RETURNS (list): dicts of topic, label, weight and terms (those that are assigned to the topic).
    RAISES InputError: T032, a threshold that is not from 0 to 1.
    """
    if not is_number(threshold, 0, 1):
        raise InputError(Errors.T032.format(what="threshold", allowed="a number from 0 to 1", got=repr(threshold)))
    labels: Sequence[str] = model.labels
    return [
        {
            "topic": k,
            "label": labels[k],
            "weight": round(float(explanation.theta[k]), 4),
            "terms": sorted({term.term for term in explanation.terms if term.topic == k}),
        }
        for k in explanation.topics(threshold)
    ]
