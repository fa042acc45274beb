"""Fits topic models: documents -> terms -> a trainer -> TopicModel, for one number of topics or for several."""

import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from itertools import groupby
from typing import Any

import numpy as np
from spacy.language import Language
from spacy.tokens import Doc
from spacy.util import minibatch

from spacy_topics.bags import Bags, Stream, to_bags
from spacy_topics.coherence import companions, mean_npmi, npmi
from spacy_topics.errors import Errors, InputError, is_integer
from spacy_topics.metrics import diversity, perplexity, stability, top_words
from spacy_topics.naming import deserved
from spacy_topics.seeds import seed_terms
from spacy_topics.terms.learner import learn
from spacy_topics.terms.settings import TermSettings
from spacy_topics.topic_model import RELEVANCE, TopicModel
from spacy_topics.trainers.base import Trainer, TrainingInfo, check_seed, check_size, check_topics

_CANDIDATES = 20  # the most relevant terms, of which the 10 that occur together most describe a topic: chosen on M10
_DESCRIBED = 10
_BATCH = 256
# Texts per memory zone of spaCy, after which strings that only these texts had are freed. The first texts are read outside
# a zone: the tokenizer caches nothing inside one, and a cached string costs it a third of the time of a new one.
_ZONE = 8192


def batches(nlp: Language, texts: Iterable[str | Doc], disable: Sequence[str] = ()) -> Iterator[list[Doc]]:
    """Process texts in batches. Use each batch before asking for the next: its strings may be freed then.

    nlp (Language): processes the strings; Docs are used as they are.
    texts (Iterable): strings or Docs; lone surrogates become "?".
    disable (Sequence): names of components that do not run.
    YIELDS (list): Docs.
    RAISES InputError: T035, a text that is neither a string nor a Doc; T037, one string instead of texts.
    """
    if isinstance(texts, str):
        raise InputError(Errors.T037)
    read = 0
    for zone in minibatch(texts, size=_ZONE):
        for number, text in enumerate(zone, read):
            if not isinstance(text, str | Doc):
                raise InputError(Errors.T035.format(got=type(text).__name__, number=number))
        vocab: Any = nlp.vocab
        with nullcontext() if read == 0 or vocab.in_memory_zone else nlp.memory_zone():
            for is_doc, group in groupby(zone, key=lambda text: isinstance(text, Doc)):
                if is_doc:
                    docs: Iterable[Any] = list(group)
                else:
                    readable = [text.encode("utf8", "replace").decode("utf8") for text in group]
                    docs = nlp.pipe(readable, disable=disable)
                yield from minibatch(docs, size=_BATCH)
        read += len(zone)


def fit_topics(
    batches: Iterable[Sequence[Doc]],
    num_topics: int,
    trainer: Trainer,
    settings: TermSettings,
    *,
    seeds: Mapping[str, Sequence[str]] | None = None,
    stop_words: Collection[str] = (),
    names: Sequence[str] = (),
    seed: int = 0,
    progress: bool = False,
) -> TopicModel:
    """Train a topic model on documents and choose the words that describe its topics.

    batches (Iterable): lists of Docs, read once; only their term ids are kept in memory.
    num_topics (int): K.
    trainer (Trainer): such as `Gibbs()`.
    settings (TermSettings): what counts as a term.
    seeds (Mapping | None): name of a topic -> seed words of the topic. A topic whose words do not bear the name out loses it.
    stop_words (Collection): words and phrases that are not terms, beside the language's stop words.
    names (Sequence): for each document the name of its restaurant; terms that are only names are left out.
    seed (int): random seed of the trainer.
    progress (bool): show a progress bar on stderr.
    RETURNS (TopicModel): a model with `terms`, so that it reads Docs as these were read; `meta["unknown_seeds"]` lists the
        seed words that are not in the vocabulary, `meta["unnamed"]` the names that no topic has, `meta["absent"]` those of them
        without a word in the vocabulary, `meta["stop_words"]` the stop words, which an update leaves out, too.
    RAISES InputError: T030 to T036.
    """
    check_topics(num_topics)  # now, not after an hour of reading
    check_seed(seed)
    reader, stream, count = learn(batches, settings, stop_words=stop_words, names=names)
    bags = to_bags(stream.doc, stream.word, count)
    known, unknown = seed_terms(reader, seeds or {})
    model = trainer(bags, reader.words[: reader.size], num_topics, seeds=known, seed=seed, progress=progress)
    model.meta["unknown_seeds"] = unknown
    model.meta["stop_words"] = sorted(stop_words)
    model.meta["absent"] = [name for name in seeds or {} if name not in known]
    model.terms = reader.to_dict()
    choose_words(model, stream)
    model.meta["unnamed"] = _unname(model, seeds or {})
    return model


def _unname(model: TopicModel, seeds: Mapping[str, Sequence[str]]) -> list[str]:
    """Take the names away that topics do not deserve. RETURNS (list): names of seeds that no topic has, in their order."""
    named = {name: topic for topic, name in enumerate(model.names) if name in seeds}
    kept = deserved({name: model.top_terms(topic) for name, topic in named.items()}, seeds)
    for name, topic in named.items():
        if name not in kept:
            model.rename(topic, "")
    return [name for name in seeds if name not in kept]


def choose_words(model: TopicModel, stream: Stream) -> None:
    """Choose the words that describe each topic: of its 20 most relevant terms, the 10 that occur together most, by npmi.

    model (TopicModel): its `described` and `coherence` are set.
    stream (Stream): the documents' terms in reading order, in the model's ids.
    """
    candidates = model.relevance(RELEVANCE)[:, :_CANDIDATES]
    terms = np.unique(candidates)
    pairs = npmi(stream, terms)
    described, coherence = [], []
    for topic in candidates:
        rows = np.searchsorted(terms, topic)
        kept = companions(pairs[np.ix_(rows, rows)], _DESCRIBED)
        described.append(topic[kept])
        coherence.append(mean_npmi(pairs[np.ix_(rows[kept], rows[kept])]))
    model.describe(np.array(described), np.array(coherence))


def sweep_topics(
    batches: Iterable[Sequence[Doc]],
    sizes: Sequence[int],
    trainer: Trainer,
    settings: TermSettings,
    *,
    runs: int = 2,
    seed: int = 0,
    progress: bool = False,
) -> list[dict[str, float]]:
    """Fit models of several sizes to nine tenths of the documents and evaluate each on the last tenth.

    Vocabulary and phrases are learnt on all documents, so that all sizes are evaluated on the same terms. Ctrl-C ends the
    sweep.

    batches (Iterable): lists of Docs, read once.
    sizes (Sequence): the numbers of topics to try.
    trainer (Trainer): such as `Gibbs()`.
    settings (TermSettings): what counts as a term.
    runs (int): number of models per size, with the seeds seed, seed + 1, ...
    seed (int): the first random seed.
    progress (bool): show progress bars on stderr.
    RETURNS (list): for each size a dict of means: topics, perplexity (document completion, held out), coherence
        (c_npmi in the training documents), diversity, stability (between runs; NaN for one run), seconds per fit.
    RAISES InputError: T030 to T036.
    """
    if not is_integer(runs, 1):
        raise InputError(Errors.T032.format(what="runs", allowed="an integer of 1 or more", got=repr(runs)))
    check_seed(seed)
    check_seed(seed + runs - 1)
    reader, stream, count = learn(batches, settings)
    held_out = np.zeros(count, bool)
    held_out[np.random.default_rng(seed).permutation(count)[: max(1, count // 10)]] = True
    bags = to_bags(stream.doc, stream.word, count)
    train, test = bags.take(np.flatnonzero(~held_out)), bags.take(np.flatnonzero(held_out))
    kept = Stream(*(column[~held_out[stream.doc]] for column in stream))
    for size in sizes:
        check_size(train, size)
    vocabulary = reader.words[: reader.size]
    rows = []
    for size in sizes:
        start = time.perf_counter()
        models = [_fit_one(trainer, train, kept, vocabulary, size, seed + run, progress) for run in range(runs)]
        seconds = (time.perf_counter() - start) / runs
        rows.append({"topics": size, **_figures(models, test), "seconds": seconds})
    return rows


def _fit_one(
    trainer: Trainer, bags: Bags, stream: Stream, vocabulary: Sequence[str], topics: int, seed: int, progress: bool
) -> TopicModel:
    model = trainer(bags, vocabulary, topics, seed=seed, progress=progress)
    if TrainingInfo.of(model).interrupted:
        raise KeyboardInterrupt
    choose_words(model, stream)
    return model


def _figures(models: Sequence[TopicModel], test: Bags) -> dict[str, float]:
    """Means of the measures over models of one size."""
    return {
        "perplexity": float(np.mean([perplexity(model, test) for model in models])),
        "coherence": float(np.mean([model.coherence.mean() for model in models])),
        "diversity": float(np.mean([diversity(top_words(model)) for model in models])),
        "stability": stability(models),
    }
