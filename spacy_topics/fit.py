"""Documents -> terms -> a trainer -> TopicModel with its words chosen; and the same for several numbers of topics."""

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

import numpy as np
from spacy.tokens import Doc

from spacy_topics.coherence import companions, mean_npmi, npmi
from spacy_topics.errors import Errors, InputError
from spacy_topics.evaluation import diversity, perplexity, stability, top_words
from spacy_topics.fold_in import Bags, to_bags
from spacy_topics.terms import Stream, TermReader, TermSettings, learn
from spacy_topics.topic_model import RELEVANCE, TopicModel

_CANDIDATES = 20  # the most relevant terms, of which the 10 that keep company best describe a topic: chosen on M10
_DESCRIBED = 10


class Trainer(Protocol):
    """What makes a TopicModel of bags."""

    def __call__(
        self,
        bags: Bags,
        vocabulary: Sequence[str],
        num_topics: int,
        *,
        seeds: Mapping[str, Sequence[str]] | None = None,
        seed: int = 0,
        progress: bool = False,
    ) -> TopicModel: ...


def fit(
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
    seeds (Mapping), seed (int), progress (bool): for the trainer.
    RETURNS (TopicModel): with `terms`, so that it reads Docs as it was taught; `meta["unknown_seeds"]` lists the seed
        words that are not in the vocabulary.
    RAISES InputError: T030 to T036.
    """
    reader, stream, count = learn(batches, settings)
    bags = to_bags(stream.doc, stream.word, count)
    known, unknown = seed_terms(reader, seeds or {})
    model = trainer(bags, reader.words[: reader.size], num_topics, seeds=known, seed=seed, progress=progress)
    model.meta["unknown_seeds"] = unknown
    model.terms = reader.to_dict()
    describe(model, stream)
    return model


def seed_terms(reader: TermReader, seeds: Mapping[str, Sequence[str]]) -> tuple[dict[str, list[str]], list[str]]:
    """Read seed words as the documents are read: "Tacos" is taco, "pulled pork" is pull pork where that is a phrase.

    RETURNS (tuple): the terms of each name that are in the vocabulary, and the words that are not.
    RAISES InputError: T033, none of a name's words is.
    """
    known: dict[str, list[str]] = {name: [] for name in seeds}
    unknown = []
    for name, words in seeds.items():
        for word in words:
            found = reader.find(word)
            if found is None:
                unknown.append(word)
            elif found not in known[name]:
                known[name].append(found)
        if not known[name]:
            raise InputError(Errors.T033.format(topic=name, words=", ".join(words)[:80]))
    return known, unknown


def describe(model: TopicModel, stream: Stream) -> None:
    """Choose each topic's words: of the 20 most relevant the 10 that occur together most, by npmi in the documents.

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
    model.described = np.array(described, np.int32)
    model.coherence = np.array(coherence, np.float32)


def sweep(
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

    batches, trainer, settings, progress: as for `fit`.
    sizes (Sequence): the numbers of topics to try.
    runs (int): models a size, with seeds from `seed` up.
    RETURNS (list): for each size a dict of means: topics, perplexity (document completion, held out), coherence
        (c_npmi in the training documents), diversity, stability (between runs; NaN for one run), seconds.
    RAISES InputError: T030 to T036.
    """
    reader, stream, count = learn(batches, settings)
    held_out = np.zeros(count, bool)
    held_out[np.random.default_rng(seed).permutation(count)[: max(1, count // 10)]] = True
    bags = to_bags(stream.doc, stream.word, count)
    train, test = bags.take(np.flatnonzero(~held_out)), bags.take(np.flatnonzero(held_out))
    kept = Stream(*(column[~held_out[stream.doc]] for column in stream))
    rows = []
    for size in sizes:
        models, start = [], time.perf_counter()
        for run in range(runs):
            models.append(trainer(train, reader.words[: reader.size], size, seed=seed + run, progress=progress))
            describe(models[-1], kept)
        rows.append(
            {
                "topics": size,
                "perplexity": float(np.mean([perplexity(model, test) for model in models])),
                "coherence": float(np.mean([model.coherence.mean() for model in models])),
                "diversity": float(np.mean([diversity(top_words(model)) for model in models])),
                "stability": stability(models),
                "seconds": (time.perf_counter() - start) / runs,
            }
        )
    return rows
