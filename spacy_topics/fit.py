"""Documents -> terms -> a trainer -> TopicModel with its words chosen; and the same for several numbers of topics."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
from spacy_topics.seeds import seed_terms
from spacy_topics.terms.learner import learn
from spacy_topics.terms.settings import TermSettings
from spacy_topics.topic_model import RELEVANCE, TopicModel
from spacy_topics.trainers.base import Trainer, TrainingInfo, check_seed, check_size, check_topics

_CANDIDATES = 20  # the most relevant terms, of which the 10 that occur together most describe a topic: chosen on M10
_DESCRIBED = 10
_BATCH = 256
# Strings that only so many texts had are let go after them, by spaCy's memory zones. The first texts go without, as the
# tokenizer caches nothing inside a zone, and what it has seen before costs it a third.
_ZONE = 8192


def batches(nlp: Language, texts: Iterable[str | Doc], disable: Sequence[str] = ()) -> Iterator[list[Doc]]:
    """Texts as lists of Docs. Each list is to be used before the next is asked for: its strings may be let go then.

    nlp (Language): processes the strings; Docs are taken as they are.
    texts (Iterable): strings or Docs; lone surrogates become "?".
    disable (Sequence): names of components that are left out.
    RAISES InputError: T035, T037.
    """
    if isinstance(texts, str):
        raise InputError(Errors.T037)
    read = 0
    for many in minibatch(texts, size=_ZONE):
        for number, text in enumerate(many, read):
            if not isinstance(text, str | Doc):
                raise InputError(Errors.T035.format(got=type(text).__name__, number=number))
        vocab: Any = nlp.vocab
        with nullcontext() if read == 0 or vocab.in_memory_zone else nlp.memory_zone():
            for ready, group in groupby(many, key=lambda text: isinstance(text, Doc)):
                some = list(group)
                readable = (text if ready else text.encode("utf8", "replace").decode("utf8") for text in some)
                yield from minibatch(readable if ready else nlp.pipe(readable, disable=disable), size=_BATCH)
        read += len(many)


def fit_topics(
    batches: Iterable[Sequence[Doc]],
    num_topics: int,
    trainer: Trainer,
    settings: TermSettings,
    *,
    seeds: Mapping[str, Sequence[str]] | None = None,
    seed: int = 0,
    progress: bool = False,
) -> TopicModel:
    """Train a topic model on documents and choose the words that describe its topics.

    batches (Iterable): lists of Docs, read once; only integers are kept of them.
    num_topics (int): K.
    trainer (Trainer): such as `Gibbs()`.
    settings (TermSettings): what makes a term.
    seeds (Mapping | None): name -> words that draw a topic.
    seed (int): of the trainer.
    progress (bool): show a progress bar on stderr.
    RETURNS (TopicModel): with `terms`, so that it reads Docs as these were read; `meta["unknown_seeds"]` lists the seed
        words that are not in the vocabulary.
    RAISES InputError: T030 to T036.
    """
    check_topics(num_topics)  # before an hour's reading
    check_seed(seed)
    reader, stream, count = learn(batches, settings)
    bags = to_bags(stream.doc, stream.word, count)
    known, unknown = seed_terms(reader, seeds or {})
    model = trainer(bags, reader.words[: reader.size], num_topics, seeds=known, seed=seed, progress=progress)
    model.meta["unknown_seeds"] = unknown
    model.terms = reader.to_dict()
    choose_words(model, stream)
    return model


def choose_words(model: TopicModel, stream: Stream) -> None:
    """Choose the words that describe each topic: of the 20 most relevant the 10 that occur together most, by npmi.

    model (TopicModel): gets `described` and `coherence`.
    stream (Stream): the documents' terms in reading order, in the model's ids.
    """
    candidates = model.relevance(RELEVANCE)[:, :_CANDIDATES]
    terms = np.unique(candidates)
    pairs = npmi(stream, terms)
    described, coherence = [], []
    for topic in candidates:
        places = np.searchsorted(terms, topic)
        kept = companions(pairs[np.ix_(places, places)], _DESCRIBED)
        described.append(topic[kept])
        coherence.append(mean_npmi(pairs[np.ix_(places[kept], places[kept])]))
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
    """Fit models of several sizes to nine tenths of the documents and judge each on the last tenth.

    Vocabulary and phrases are learnt on all of them, so that the sizes are judged on the same terms. Ctrl-C ends it.

    batches (Iterable): lists of Docs, read once.
    sizes (Sequence): the numbers of topics to try.
    trainer (Trainer): such as `Gibbs()`.
    settings (TermSettings): what makes a term.
    runs (int): models per size, with the seeds seed, seed + 1, ...
    seed (int): the first seed.
    progress (bool): show progress bars on stderr.
    RETURNS (list): for each size a dict of means: topics, perplexity (document completion, held out), coherence
        (c_npmi in the training documents), diversity, stability (between runs; NaN for one run), seconds of a fit.
    RAISES InputError: T030 to T036.
    """
    if not is_integer(runs, 1):
        raise InputError(Errors.T032.format(what="runs", allowed="1 or more", got=repr(runs)))
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
    """Means over models of one size."""
    return {
        "perplexity": float(np.mean([perplexity(model, test) for model in models])),
        "coherence": float(np.mean([model.coherence.mean() for model in models])),
        "diversity": float(np.mean([diversity(top_words(model)) for model in models])),
        "stability": stability(models),
    }
