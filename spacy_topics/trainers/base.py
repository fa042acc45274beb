"""What every trainer is: its protocol, the facts about a training, the checks, and the look-up by name."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from importlib.metadata import entry_points
from typing import Any, NamedTuple, Protocol, runtime_checkable

import numpy as np

from spacy_topics.bags import Bags
from spacy_topics.errors import Errors, InputError, is_integer
from spacy_topics.topic_model import TopicModel

# Short names of our own trainers; others are given by the name that they are registered with in `spacy_misc`.
NAMES = {
    "gibbs": "spacy_topics.Gibbs.v1",
    "adversarial": "spacy_topics.Adversarial.v1",
    "mmd": "spacy_topics.WassersteinLda.v1",
}


@runtime_checkable
class Trainer(Protocol):
    """What makes a TopicModel of bags. What it says of the training stands in `meta["training"]` (see `TrainingInfo`)."""

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

        bags (Bags): the documents; empty ones are passed over.
        vocabulary (Sequence): strings of the ids.
        num_topics (int): K.
        seeds (Mapping | None): name -> words that draw a topic.
        seed (int): random seed.
        progress (bool): show a progress bar on stderr; Ctrl-C ends the training and keeps what is trained.
        """
        ...


class TrainingInfo(NamedTuple):
    """What a trainer says of a training, in `meta["training"]` beside its settings; a foreign trainer may say nothing.

    trainer (str): its name.
    documents (int): number of documents with terms.
    interrupted (bool): whether Ctrl-C ended it early.
    log_likelihood (float | None): per term, where the trainer knows it.
    """

    trainer: str = ""
    documents: int = 0
    interrupted: bool = False
    log_likelihood: float | None = None

    @classmethod
    def of(cls, model: TopicModel) -> "TrainingInfo":
        """What is known of a model's training."""
        told = model.meta.get("training", {})
        return cls(**{field: told[field] for field in cls._fields if field in told})


def make_trainer(name: str, options: Mapping[str, Any] | None = None) -> Trainer:
    """A trainer by name.

    name (str): one of NAMES, or any name registered in the entry point group `spacy_misc`.
    options (Mapping | None): its settings by name.
    RAISES InputError: T022, an unknown trainer; T048, an unknown setting; and what the trainer raises for bad values.
    """
    found = list(entry_points(group="spacy_misc", name=NAMES.get(name, name)))
    if not found:
        raise InputError(Errors.T022.format(what="trainer", allowed=", ".join(NAMES), got=repr(name)))
    trainer: Any = found[0].load()
    known = [field.name for field in fields(trainer)] if is_dataclass(trainer) else list(options or {})
    for option in options or {}:
        if option not in known:
            raise InputError(Errors.T048.format(trainer=name, option=option, known=", ".join(known)))
    return trainer(**(options or {}))


def check_size(bags: Bags, num_topics: Any) -> None:
    """RAISES InputError: T030, T036: a number of topics that no model, or not these documents allow."""
    check_topics(num_topics)
    filled = int(np.count_nonzero(np.diff(bags.offsets)))
    if filled < num_topics:
        raise InputError(Errors.T036.format(documents=filled, topics=num_topics))


def check_topics(num_topics: Any) -> None:
    """RAISES InputError: T030, a number of topics that no sampler holds."""
    if not is_integer(num_topics, 2, 32_000):
        raise InputError(Errors.T030.format(most=32_000, why="what the samplers hold", got=f"{num_topics!r:.40}"))


def check_seed(seed: Any) -> None:
    """RAISES InputError: T032, a seed that not every generator takes."""
    if not is_integer(seed, 0, 2**32 - 1):
        raise InputError(Errors.T032.format(what="seed", allowed="an integer from 0 to 4294967295", got=f"{seed!r:.40}"))
