"""What neural topic models share: bags as dense batches, initial models, pretraining, and the final TopicModel.

Only neural trainers need TensorFlow, and only while they train.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from spacy_topics.bags import Bags
from spacy_topics.errors import Errors, InputError
from spacy_topics.topic_model import TopicModel
from spacy_topics.trainers.base import check_seed, check_size
from spacy_topics.trainers.gibbs import Gibbs

START = ("random", "gibbs")


class Snapshot(NamedTuple):
    """A state of a training.

    step (int): number of training steps so far.
    seconds (float): seconds of training so far.
    model (TopicModel): the model at that step.
    """

    step: int
    seconds: float
    model: TopicModel


class Documents:
    """Bags as batches of dense rows on the simplex; `batch` is a pure function of (seed, step).

    bags (Bags): the documents; empty ones are skipped.
    size (int): V, number of words.
    seed (int): random seed.
    idf (bool): weight a word by log(1 + D / df), so that rare words, which distinguish topics, weigh more; `phi` undoes the
        weights.
    """

    def __init__(self, bags: Bags, size: int, seed: int, *, idf: bool) -> None:
        filled = np.flatnonzero(np.diff(bags.offsets))
        self._bags, self._size, self._seed = bags.take(filled), size, seed
        frequency = np.bincount(self._bags.terms, minlength=size)
        self.weights = np.log(1 + len(filled) / np.maximum(1, frequency)).astype(np.float32) if idf else np.ones(size, "f4")

    def __len__(self) -> int:
        return len(self._bags)

    def batch(self, step: int, count: int) -> np.ndarray:
        """Random documents.

        step (int): number of the batch.
        count (int): number of documents.
        RETURNS (ndarray): (count, V) float32, rows on the simplex.
        """
        chosen = np.random.default_rng((self._seed, step)).integers(0, len(self._bags), count)
        bags = self._bags.take(chosen)
        rows = np.zeros((count, self._size), np.float32)
        rows[bags.rows(), bags.terms] = bags.counts
        rows *= self.weights
        return rows / rows.sum(axis=1, keepdims=True)

    def phi(self, generated: np.ndarray) -> np.ndarray:
        """Turn distributions over weighted words into distributions over words.

        generated (ndarray): (K, V).
        """
        phi = generated / self.weights
        return phi / phi.sum(axis=1, keepdims=True)


def initial_model(
    start: str, bags: Bags, vocabulary: Sequence[str], topics: int, seeds: Mapping[str, Sequence[str]], seed: int, alpha: float
) -> TopicModel | None:
    """The model that a generator starts from: one from Gibbs sampling, or None.

    start (str): one of START.
    bags (Bags): the documents.
    vocabulary (Sequence): strings of the ids.
    topics (int): K.
    seeds (Mapping): name of a topic -> seed words.
    seed (int): random seed.
    alpha (float): Dirichlet prior over topics.
    RAISES InputError: T022, an unknown start; T047, seed words without Gibbs; T030, T032, T036.
    """
    if start not in START:
        raise InputError(Errors.T022.format(what="start", allowed=", ".join(START), got=repr(start)))
    check_size(bags, topics)
    check_seed(seed)
    if start == "gibbs":
        return Gibbs(iterations=200, alpha=alpha, background=0)(bags, vocabulary, topics, seeds=seeds, seed=seed)
    if seeds:
        raise InputError(Errors.T047)
    return None


def pretrain(generator: Any, model: TopicModel, weights: np.ndarray, alpha: float, seed: int, steps: int = 600) -> None:
    """Pretrain a generator to be a mixture of a model's topics, by the Kullback-Leibler divergence.

    generator (keras.Model): (B, K) -> log of (B, V).
    model (TopicModel): the topics.
    weights (ndarray): (V,) weights of the words.
    alpha (float): Dirichlet prior that theta is drawn from.
    seed (int): random seed.
    steps (int): number of training steps.
    """
    import tensorflow as tf
    from keras import optimizers

    phi = model.phi * weights
    phi = tf.constant(phi / phi.sum(axis=1, keepdims=True), tf.float32)
    rng = np.random.default_rng((seed, 0x696D))
    optimizer = optimizers.Adam(3e-3)
    optimizer.build(generator.trainable_variables)

    @tf.function
    def step(theta):
        with tf.GradientTape() as tape:
            loss = -tf.reduce_mean(tf.reduce_sum((theta @ phi) * generator(theta, training=True), axis=1))
        optimizer.apply(tape.gradient(loss, [v.value for v in generator.trainable_variables]), generator.trainable_variables)

    for _ in range(steps):
        # The corners of the simplex, which are the topics, and points between them.
        theta = np.concatenate([np.eye(model.num_topics), dirichlet(rng, alpha, model.num_topics, 128)])
        step(tf.constant(theta, tf.float32))


def dirichlet(rng: np.random.Generator, alpha: float, topics: int, count: int) -> np.ndarray:
    """Draw theta from a Dirichlet distribution.

    rng (Generator): NumPy's random generator.
    alpha (float): prior.
    topics (int): K.
    count (int): number of draws.
    RETURNS (ndarray): (count, K) float32, rows on the simplex, without zeros, as logarithms are taken.
    """
    theta = np.maximum(rng.dirichlet(np.full(topics, alpha), count), 1e-8)
    return (theta / theta.sum(axis=1, keepdims=True)).astype(np.float32)


def final_model(snapshots: Iterator[Snapshot], bags: Bags, steps: int, progress: bool) -> TopicModel:
    """Run a training, and complete the model of its last snapshot; Ctrl-C ends the training and keeps the last snapshot.

    snapshots (Iterator): the training.
    bags (Bags): the documents, for prevalence and term frequencies.
    steps (int): number of training steps, for the progress bar.
    progress (bool): show a progress bar on stderr.
    """
    from tqdm import tqdm

    interrupted, snapshot = False, None
    with tqdm(total=steps, disable=not progress, unit="step", desc="topics", leave=False) as bar:
        try:
            for snapshot in snapshots:
                bar.update(snapshot.step - bar.n)
        except KeyboardInterrupt:
            interrupted = True
            if snapshot is None:
                raise
    assert snapshot is not None
    model = snapshot.model
    model.meta["training"] |= {"sweeps": snapshot.step, "interrupted": interrupted, "seconds": round(snapshot.seconds, 1)}
    terms = model.infer_bags(bags).T @ bags.sizes.astype(np.float32)  # per topic
    model.prevalence = terms / terms.sum()
    model.term_frequency = np.bincount(bags.terms, weights=bags.counts, minlength=model.phi.shape[1]).astype(np.int64)
    return model


class Stopwatch:
    """Counts seconds since its creation, without those that are excluded."""

    def __init__(self) -> None:
        self._start, self._held = time.perf_counter(), 0.0

    def seconds(self) -> float:
        """Seconds so far."""
        return time.perf_counter() - self._start - self._held

    def hold(self, since: float) -> None:
        """Exclude the time since a reading.

        since (float): what `seconds` returned then.
        """
        self._held += self.seconds() - since
