"""New reviews into an old model: its topics keep their numbers and names, and learn what the reviews say."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
from spacy.language import Language

from corpora.reviews import Review
from spacy_topics.annotations.language import LanguageCheck
from spacy_topics.bags import Bags
from spacy_topics.errors import Errors, InputError, is_number
from spacy_topics.fit import batches
from spacy_topics.terms.extend import extend, new_terms
from spacy_topics.terms.learner import learn
from spacy_topics.terms.reader import TermReader
from spacy_topics.topic_model import RELEVANCE, TopicModel
from spacy_topics.topic_search import read_bags

_ETA = 0.1  # count that each term has in each topic beforehand, as in Gibbs sampling
_STEPS, _GAIN = 50, 1e-5  # of EM: how many at most; rise of the log-likelihood per term below which it stops
_MOST = 1000.0  # of memory
_CANDIDATES = 20  # the most relevant terms, of which those known to describe the topic, and new ones, describe it
_NEW_WORDS = 5  # per topic in a table
_BLOCK = 100_000  # terms whose probabilities are computed at a time


class Updated(NamedTuple):
    """The result of an update.

    model (TopicModel): the model; terms that are new come after the old ones.
    documents (int): number of reviews with terms, from which it was updated.
    other_language (int): number of reviews in other languages, which were left out.
    new_terms (list): the terms that the old model does not know.
    """

    model: TopicModel
    documents: int
    other_language: int
    new_terms: list[str]


def update_topics(
    model: TopicModel,
    nlp: Language,
    reviews: Iterable[Review],
    *,
    memory: float = 1.0,
    source: str = "the model",
    file: str = "the data",
) -> Updated:
    """Update a model with reviews that it does not know.

    The counts of terms in topics are reconstructed from the model's shares. To these, times `memory`, those of the new reviews
    are added by expectation maximisation over the fold-in (stepwise EM: Cappé & Moulines 2009), which starts from the old
    topics. New terms are learnt as a fit learns its vocabulary. The prior, the names and their order stay.

    model (TopicModel): the topics; it is not changed.
    nlp (Language): turns texts into Docs; for what the model was fitted with, see `pipeline.loading.preprocessing`.
    reviews (Iterable): Reviews; those in another language than the pipeline's are left out.
    memory (float): how much an old term weighs: 1 as much as a new one, as if all were fitted together; with 0 the old topics
        are only where the search for new ones starts.
    source (str): what messages call the model.
    file (str): what messages call the reviews.
    RAISES InputError: T032, a bad memory; T138, a model that was trained elsewhere; T139, a pipeline of another language;
        T095, no reviews; T140, none has a term; T141, all reviews are in another language.
    """
    if not is_number(memory, 0, _MOST):
        allowed = f"a number from 0 to {_MOST:.0f}"
        raise InputError(Errors.T032.format(what="memory (--memory)", allowed=allowed, got=repr(memory)))
    if "settings" not in model.terms:
        raise InputError(Errors.T138.format(source=source))
    reader = TermReader.from_dict(model.terms, model.vocabulary)
    lang = nlp.lang or "xx"
    if reader.lang not in ("", lang):
        raise InputError(Errors.T139.format(own=reader.lang, other=lang))
    check = LanguageCheck(lang)
    given = list(reviews)
    kept = [review for review in given if not check.is_other(review.text)]
    if not given:
        raise InputError(Errors.T095.format(path=file))
    if not kept:
        raise InputError(Errors.T141.format(file=file, documents=len(given), lang=lang))
    start, bags, terms = _read(model, reader, nlp, kept)
    documents = int(np.count_nonzero(np.diff(bags.offsets)))
    if not documents:
        raise InputError(Errors.T140.format(file=file, documents=len(given)))
    updated = _maximise(start, bags, memory, len(model.vocabulary))
    history = {"documents": documents, "terms": int(bags.counts.sum(dtype=np.float64)), "memory": float(memory)}
    updated.meta["updates"] = [*model.meta.get("updates", []), history]
    _describe(updated, model)
    return Updated(updated, documents, len(given) - len(kept), terms)


def changes(model: TopicModel, updated: Updated, words: int = 10) -> list[dict[str, Any]]:
    """What became of the topics, as records.

    model (TopicModel): the old model.
    updated (Updated): of the old model.
    words (int): number of words per topic.
    RETURNS (list): dicts of topic, name, words, before and prevalence (shares of the terms that the topic explains, in the old
        model and now), alike (cosine of the topic with what it was, 0 to 1) and new_words (of the new terms those that the
        topic says most, and more than other topics do).
    """
    now, old = updated.model, len(model.vocabulary)
    joint = now.phi[:, old:] * now.prevalence[:, None]
    mine = joint.argmax(axis=0) if updated.new_terms else np.zeros(0, np.int64)
    rows = []
    for k, row in enumerate(now.summary(words)):
        ids = sorted(np.flatnonzero(mine == k).tolist(), key=lambda i: -joint[k, i])[:_NEW_WORDS]
        before, after = model.phi[k].astype(np.float64), now.phi[k, :old].astype(np.float64)
        cosine = before @ after / np.linalg.norm(before) / np.linalg.norm(now.phi[k].astype(np.float64))
        shown = [now.terms["shown"].get(updated.new_terms[i], updated.new_terms[i]) for i in ids]
        rows.append(
            {key: row[key] for key in ("topic", "name", "words")}
            | {"before": round(float(model.prevalence[k]), 4), "prevalence": row["prevalence"]}
            | {"alike": round(float(cosine), 4), "new_words": shown}
        )
    return rows


def _read(model: TopicModel, reader: TermReader, nlp: Language, reviews: list[Review]) -> tuple[TopicModel, Bags, list[str]]:
    """Learn the new terms. RETURNS (tuple): the model with these, the reviews as bags of its terms, and the new terms."""
    texts, names = [review.text for review in reviews], [review.name or "" for review in reviews]
    stops = model.meta.get("stop_words", ())
    learnt, *_ = learn(batches(nlp, texts), reader.settings, stop_words=stops, names=names, least=0)
    terms = new_terms(reader, learnt)
    bags = read_bags(_with_terms(model, extend(reader, learnt, terms), terms), texts, nlp)
    # Some are never found, such as a phrase with a plural that the old model takes for its singular.
    found = np.bincount(bags.terms, minlength=len(model.vocabulary) + len(terms)) > 0
    found[: len(model.vocabulary)] = True
    terms = [term for term, is_found in zip(terms, found[len(model.vocabulary) :].tolist(), strict=True) if is_found]
    bags = Bags((np.cumsum(found) - 1).astype(np.int32)[bags.terms], bags.counts, bags.offsets)
    return _with_terms(model, extend(reader, learnt, terms), terms), bags, terms


def _with_terms(model: TopicModel, reader: TermReader, terms: list[str]) -> TopicModel:
    """The model with new terms, as rare as can be in all topics, and of no topic more than of others."""
    sizes = np.maximum(model.prevalence * float(model.term_frequency.sum()), 1)
    rare = np.repeat((_ETA / sizes)[:, None], len(terms), axis=1)
    return TopicModel(
        np.concatenate([model.phi, rare], axis=1),
        model.alpha,
        [*model.vocabulary, *terms],
        names=model.names,
        prevalence=model.prevalence,
        term_frequency=np.append(model.term_frequency, np.zeros(len(terms))),
        terms=reader.to_dict(),
        meta=model.meta,
    )


def _maximise(model: TopicModel, bags: Bags, memory: float, known: int) -> TopicModel:
    """EM: the expected counts of the new documents' terms in the topics, added to the old counts, are the next topics.

    The first `known` terms have counts, in which the prior of the old model is.
    """
    sizes = memory * float(model.term_frequency.sum()) * model.prevalence.astype(np.float64)
    old, last = sizes[:, None] * model.phi, -np.inf
    old[:, :known] += _ETA * max(0.0, 1 - memory)
    old[:, known:] = _ETA
    frequency = memory * model.term_frequency + np.bincount(bags.terms, bags.counts, len(model.vocabulary))
    for _ in range(_STEPS):
        new, likelihood = _expected(model, bags)
        model = TopicModel(
            old + new,
            model.alpha,
            model.vocabulary,
            names=model.names,
            prevalence=(sizes + new.sum(axis=1)) / (sizes + new.sum(axis=1)).sum(),
            term_frequency=np.rint(frequency),
            terms=model.terms,
            meta=model.meta,
        )
        if likelihood - last < _GAIN:
            break
        last = likelihood
    return model


def _expected(model: TopicModel, bags: Bags) -> tuple[np.ndarray, float]:
    """Expected counts of terms in topics (K, V), and the log-likelihood per term."""
    from scipy.sparse import csr_array

    theta, rows = model.infer_bags(bags).astype(np.float64), bags.rows()
    share = np.empty(len(rows))
    for start in range(0, len(rows), _BLOCK):
        block = slice(start, start + _BLOCK)
        share[block] = np.einsum("nk,nk->n", theta[rows[block]], model.word_topic[bags.terms[block]])
    weights = csr_array((bags.counts / share, bags.terms, bags.offsets), (len(bags), len(model.vocabulary)))
    return model.phi * (weights.T @ theta).T, float(bags.counts @ np.log(share) / bags.counts.sum(dtype=np.float64))


def _describe(updated: TopicModel, model: TopicModel) -> None:
    """Of a topic's most relevant terms, those that described it and new ones describe it: old ones are known to go together."""
    order, count = updated.relevance(RELEVANCE), model.described.shape[1]
    described = []
    for topic, ids in enumerate(order):
        first = ids[:_CANDIDATES]
        known = np.isin(first, model.described[topic]) | (first >= len(model.vocabulary))
        described.append(np.concatenate([first[known], first[~known], ids[_CANDIDATES:]])[:count])
    updated.describe(np.array(described), np.full(model.num_topics, np.nan))
