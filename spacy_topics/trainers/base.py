"""The protocol of trainers, the facts about a training, checks, and the look-up of trainers by name."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any, NamedTuple, Protocol, runtime_checkable

import numpy as np
from catalogue import Registry

from spacy_topics.bags import Bags
from spacy_topics.errors import Errors, InputError, is_integer
from spacy_topics.topic_model import TopicModel

# Short names of our own trainers; other trainers have the name under which they are registered in `spacy_misc`.
NAMES = {
    "gibbs": "spacy_topics.Gibbs.v1",
    "adversarial": "spacy_topics.Adversarial.v1",
    "mmd": "spacy_topics.WassersteinLda.v1",
}
_REGISTERED = Registry(("spacy", "misc"), entry_points=True)  # what `spacy.registry.misc` is, without importing spaCy


@runtime_checkable
class Trainer(Protocol):
    """Trains a TopicModel on bags, and records facts about the training in `meta["training"]` (see `TrainingInfo`)."""

    def __call__(
        self,
        bags: Bags,
        vocabulary: Sequence[str],
        num_topics: int,
        *,
        seeds: Mapping[str, Sequence[str]] | None = None,
        seed: int = 0,
        progress: bool = False,
    ) -> TopicModel:
        """Train on bags, in ids of the vocabulary.

        bags (Bags): the documents; empty ones are skipped.
        vocabulary (Sequence): strings of the ids.
        num_topics (int): K.
        seeds (Mapping | None): name of a topic -> seed words of the topic.
        seed (int): random seed.
        progress (bool): show a progress bar on stderr; Ctrl-C ends the training and keeps the model trained so far.
        """
        ...


class TrainingInfo(NamedTuple):
    """Facts about a training, which trainers keep in `meta["training"]` beside their settings; all are optional.

    trainer (str): the trainer's name.
    documents (int): number of documents with terms.
    interrupted (bool): whether Ctrl-C ended the training early.
    log_likelihood (float | None): mean log-likelihood per term, if the trainer knows it.
    """

    trainer: str = ""
    documents: int = 0
    interrupted: bool = False
    log_likelihood: float | None = None

    @classmethod
    def of(cls, model: TopicModel) -> "TrainingInfo":
        """The facts about a model's training.

        model (TopicModel): the model.
        """
        facts = model.meta.get("training", {})
        return cls(**{field: facts[field] for field in cls._fields if field in facts})


def make_trainer(name: str, options: Mapping[str, Any] | None = None) -> Trainer:
    """Create a trainer by its name.

    name (str): one of NAMES, or any name registered with `@spacy.registry.misc` or in the entry point group `spacy_misc`.
    options (Mapping | None): its settings by name.
    RAISES InputError: T022, an unknown trainer; T048, an unknown setting; and what the trainer raises for bad values.
    """
    registered = NAMES.get(name, name)
    if registered not in _REGISTERED:
        allowed = f"{', '.join(NAMES)}, or a name that is registered with @spacy.registry.misc"
        raise InputError(Errors.T022.format(what="trainer", allowed=allowed, got=repr(name)))
    trainer: Any = _REGISTERED.get(registered)
    known = [field.name for field in fields(trainer)] if is_dataclass(trainer) else list(options or {})
    for option in options or {}:
        if option not in known:
            raise InputError(Errors.T048.format(trainer=name, option=option, known=", ".join(known)))
    return trainer(**(options or {}))


def check_size(bags: Bags, num_topics: Any) -> None:
    """Check the number of topics against the documents.

    bags (Bags): the documents.
    num_topics (Any): number of topics.
    RAISES InputError: T030, a number out of range; T036, fewer documents with terms than topics.
    """
    check_topics(num_topics)
    filled = int(np.count_nonzero(np.diff(bags.offsets)))
    if filled < num_topics:
        raise InputError(Errors.T036.format(documents=filled, topics=num_topics))


def check_topics(num_topics: Any) -> None:
    """Check the number of topics.

    num_topics (Any): number of topics.
    RAISES InputError: T030, a number out of range.
    """
    if not is_integer(num_topics, 2, 32_000):
        raise InputError(Errors.T030.format(most=32_000, why="the samplers' limit", got=f"{num_topics!r:.40}"))


def check_seed(seed: Any) -> None:
    """Check a random seed.

    seed (Any): the seed.
    RAISES InputError: T032, a seed that some random generators do not accept.
    """
    if not is_integer(seed, 0, 2**32 - 1):
        raise InputError(Errors.T032.format(what="seed", allowed="an integer from 0 to 4294967295", got=f"{seed!r:.40}"))
