"""Evaluation of models on documents that they were not fitted to."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from spacy.tokens import Doc
from spacy.util import minibatch

from spacy_topics.bags import Bags, to_bags
from spacy_topics.errors import Errors, InputError
from spacy_topics.metrics import coherence, diversity, nmi, perplexity, purity, top_words
from spacy_topics.terms.reader import TermReader
from spacy_topics.topic_model import TopicModel

_BATCH = 256
_BEST: dict[str, Callable[..., Any]] = {"perplexity": min, "coherence": max, "diversity": max, "stability": max}


def evaluate(
    model: TopicModel, docs: Iterable[Doc], labels: Sequence[str | None] | None = None, column: str = "labels"
) -> dict[str, float]:
    """Evaluate a model on documents that it was not fitted to.

    model (TopicModel): the model.
    docs (Iterable): Docs, read once; only their term ids are kept in memory.
    labels (Sequence | None): a category per document, to compare the dominant topics with; it is looked at when all documents
        are read. None and "" are no category.
    column (str): what messages call the labels.
    RETURNS (dict): documents (number of documents), documents_judged (number of documents with two known terms or more),
        terms (mean number of known terms per document), perplexity (see `metrics.perplexity`), coherence (mean c_npmi of the
        topics' words in these documents), diversity (see `metrics.diversity`); with labels also labelled (number of documents
        with a label and a known term), nmi and purity (see `metrics`) of their labels and dominant topics, where the background
        dominates none.
    RAISES InputError: T023, no document has two known terms; T135, none has a label and a known term.
    """
    reader = TermReader.from_dict(model.terms, model.vocabulary)
    rows, words, count = [np.zeros(0, np.int64)], [np.zeros(0, np.int32)], 0
    for batch in minibatch(docs, size=_BATCH):
        stream = reader.terms(batch)
        rows.append(stream.doc + count)
        words.append(stream.word)
        count += len(batch)
    bags = to_bags(np.concatenate(rows), np.concatenate(words), count)
    judged = int((bags.sizes >= 2).sum())
    if not judged:
        raise InputError(Errors.T023.format(documents=count))
    texts = np.split(np.concatenate(words), np.searchsorted(np.concatenate(rows), np.arange(1, max(1, count))))
    topics = top_words(model)
    values = coherence(topics, ([model.vocabulary[i] for i in text] for text in texts))
    figures = {
        "documents": count,
        "documents_judged": judged,
        "terms": float(bags.sizes.mean()),
        "perplexity": perplexity(model, bags),
        "coherence": float(np.nanmean(values)) if not np.isnan(values).all() else float("nan"),
        "diversity": diversity(topics),
    }
    return figures if labels is None else {**figures, **_agreement(model, bags, labels, column)}


def _agreement(model: TopicModel, bags: Bags, labels: Sequence[str | None], column: str) -> dict[str, float]:
    """How well the dominant topics agree with labels."""
    rows = [row for row in np.flatnonzero(np.diff(bags.offsets)).tolist() if labels[row]]
    if not rows:
        raise InputError(Errors.T135.format(documents=len(bags), column=column))
    theta = model.infer_bags(bags.take(np.array(rows)))
    if model.background is not None:
        theta[:, model.background] = -1
    dominant, known = theta.argmax(axis=1).tolist(), [str(labels[row]) for row in rows]
    return {"labelled": len(rows), "nmi": nmi(dominant, known), "purity": purity(dominant, known)}


def best_of(rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """The best number of topics by each measure that is not NaN.

    rows (Sequence): as `fit.sweep_topics` returns them.
    RETURNS (dict): measure -> number of topics.
    """
    known = {measure: best for measure, best in _BEST.items() if not np.isnan(rows[0][measure])}
    return {measure: best(rows, key=lambda row: row[measure])["topics"] for measure, best in known.items()}
