"""What neural topic models share: bags as dense batches, networks in Keras, and the way back to a TopicModel.

TensorFlow is needed here alone, and to train alone.
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
    """A state of a training: number of steps, seconds of training, and the model at that step."""

    step: int
    seconds: float
    model: TopicModel


class Documents:
    """Bags as batches of dense rows on the simplex; `batch(step)` is a pure function of (seed, step).

    With idf a word counts log(D / df): rare words, which tell topics apart, weigh more; `phi` undoes it.
    """

    def __init__(self, bags: Bags, size: int, seed: int, *, idf: bool) -> None:
        filled = np.flatnonzero(np.diff(bags.offsets))
        self._bags, self._size, self._seed = bags.take(filled), size, seed
        frequency = np.bincount(self._bags.terms, minlength=size)
        self.weights = np.log(1 + len(filled) / np.maximum(1, frequency)).astype(np.float32) if idf else np.ones(size, "f4")

    def __len__(self) -> int:
        return len(self._bags)

    def batch(self, step: int, count: int) -> np.ndarray:
        """RETURNS (ndarray): (count, V) float32, rows on the simplex."""
        chosen = np.random.default_rng((self._seed, step)).integers(0, len(self._bags), count)
        some = self._bags.take(chosen)
        rows = np.zeros((count, self._size), np.float32)
        rows[some.rows(), some.terms] = some.counts
        rows *= self.weights
        return rows / rows.sum(axis=1, keepdims=True)

    def phi(self, generated: np.ndarray) -> np.ndarray:
        """Distributions over weighted words -> over words."""
        phi = generated / self.weights
        return phi / phi.sum(axis=1, keepdims=True)


def initial_model(
    start: str, bags: Bags, vocabulary: Sequence[str], topics: int, seeds: Mapping[str, Sequence[str]], seed: int, alpha: float
) -> TopicModel | None:
    """The model that a generator begins as: Gibbs's, or none. RAISES InputError: T022; T047, seed words without Gibbs."""
    if start not in START:
        raise InputError(Errors.T022.format(what="start", allowed=", ".join(START), got=repr(start)))
    check_size(bags, topics)
    check_seed(seed)
    if start == "gibbs":
        return Gibbs(iterations=200, alpha=alpha)(bags, vocabulary, topics, seeds=seeds, seed=seed)
    if seeds:
        raise InputError(Errors.T047)
    return None


def pretrain(generator: Any, model: TopicModel, weights: np.ndarray, alpha: float, seed: int, steps: int = 600) -> None:
    """Pretrain a generator (B, K) -> log of (B, V) to be a mixture of a model's topics: least Kullback-Leibler divergence."""
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
        # the corners, which are the topics, and what lies between
        theta = np.concatenate([np.eye(model.num_topics), dirichlet(rng, alpha, model.num_topics, 128)])
        step(tf.constant(theta, tf.float32))


def dirichlet(rng: np.random.Generator, alpha: float, topics: int, count: int) -> np.ndarray:
    """Draws of theta, (count, K) float32; none is 0, which a logarithm would not bear."""
    theta = np.maximum(rng.dirichlet(np.full(topics, alpha), count), 1e-8)
    return (theta / theta.sum(axis=1, keepdims=True)).astype(np.float32)


def final_model(snapshots: Iterator[Snapshot], bags: Bags, steps: int, progress: bool) -> TopicModel:
    """The model of the last snapshot, with the shares of its topics; Ctrl-C ends the training and keeps what is trained."""
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
    said = model.infer_bags(bags).T @ bags.sizes.astype(np.float32)
    model.prevalence = said / said.sum()
    model.term_frequency = np.bincount(bags.terms, weights=bags.counts, minlength=model.phi.shape[1]).astype(np.int64)
    return model


class Stopwatch:
    """Seconds since it began, less those of what is done while it is held."""

    def __init__(self) -> None:
        self._start, self._held = time.perf_counter(), 0.0

    def seconds(self) -> float:
        return time.perf_counter() - self._start - self._held

    def hold(self, since: float) -> None:
        """Do not count what has passed since `since` seconds."""
        self._held += self.seconds() - since
