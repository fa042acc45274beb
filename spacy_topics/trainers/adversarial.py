"""A GAN that learns topics: bidirectional adversarial training, BAT (Wang et al. 2020, arXiv 2004.12331)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from spacy_topics.bags import Bags
from spacy_topics.errors import Errors, InputError, is_integer, is_number
from spacy_topics.topic_model import TopicModel
from spacy_topics.trainers.neural import Documents, Snapshot, Stopwatch, dirichlet, final_model, initial_model, pretrain

_PENALTY = 10.0  # weight of the gradient penalty of the critic, as in Gulrajani et al. 2017 (arXiv 1704.00028)
_EMBEDDED = 50  # dimensions of word embeddings, if topics are Gaussians over words


@dataclass(frozen=True)
class Adversarial:
    """A trainer: bags of terms -> TopicModel, by adversarial training.

    A generator makes a document from topics that are drawn from a Dirichlet prior, an encoder infers the topics of a real
    document, and a critic learns to distinguish the two kinds of pairs (topics, document). It is a Wasserstein critic with a
    penalty on its gradients. Documents are idf-weighted words, as in the paper; the model's phi is over unweighted words.

    steps (int): training steps of generator and encoder.
    batch (int): number of documents per step.
    hidden (int): width of the networks.
    critic_steps (int): training steps of the critic before each step of generator and encoder.
    rate (float): learning rate of Adam.
    alpha (float): Dirichlet prior over topics.
    start (str): "random", or "gibbs": the generator starts as a mixture of the topics of Gibbs sampling in 200 sweeps.
    gaussian (bool): topics are Gaussians over word embeddings (Gaussian-BAT), which are an SVD of the documents.
    """

    steps: int = 4000
    batch: int = 128
    hidden: int = 100
    critic_steps: int = 5
    rate: float = 5e-4
    alpha: float = 0.1
    start: str = "random"
    gaussian: bool = False

    def __post_init__(self) -> None:
        """Check the settings.

        RAISES InputError: T032, a setting out of range.
        """
        for what, allowed, good in (
            ("steps", "an integer from 1 to 10,000,000", is_integer(self.steps, 1, 10**7)),
            ("batch", "an integer from 2 to 100,000", is_integer(self.batch, 2, 10**5)),
            ("hidden", "an integer from 1 to 100,000", is_integer(self.hidden, 1, 10**5)),
            ("critic_steps", "an integer from 1 to 100", is_integer(self.critic_steps, 1, 100)),
            ("rate", "a number above 0, at most 1", is_number(self.rate, 1e-12, 1)),
            ("alpha", "a number from 1e-3 to 1000", is_number(self.alpha, 1e-3, 1e3)),
        ):
            if not good:
                raise InputError(Errors.T032.format(what=what, allowed=allowed, got=repr(getattr(self, what))))

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
        """Train, see `base.Trainer`. Ctrl-C ends the training and keeps the last snapshot.

        RAISES InputError: T022, T030, T032, T036; T047, seed words without start="gibbs".
        """
        snapshots = self.snapshots(bags, vocabulary, num_topics, seeds=seeds, seed=seed, every=max(1, self.steps // 20))
        return final_model(snapshots, bags, self.steps, progress)

    def snapshots(
        self,
        bags: Bags,
        vocabulary: Sequence[str],
        num_topics: int,
        *,
        seeds: Mapping[str, Sequence[str]] | None = None,
        seed: int = 0,
        every: int = 200,
    ) -> Iterator[Snapshot]:
        """Train, and yield the model before training, every so many steps, and at the end.

        bags (Bags): the documents; empty ones are skipped.
        vocabulary (Sequence): strings of the ids.
        num_topics (int): K.
        seeds (Mapping | None): name of a topic -> seed words, for start="gibbs".
        seed (int): random seed.
        every (int): number of steps between snapshots.
        YIELDS (Snapshot): step, seconds and model.
        """
        watch = Stopwatch()
        initial = initial_model(self.start, bags, vocabulary, num_topics, seeds or {}, seed, self.alpha)
        documents = Documents(bags, len(vocabulary), seed, idf=True)
        networks = _Networks(self, bags, len(vocabulary), num_topics, documents, seed)
        if initial is not None:
            pretrain(networks.generator, initial, documents.weights, self.alpha, seed)
        names = initial.names if initial is not None else None
        rng = np.random.default_rng((seed, 0x6761))
        number = 0  # of batches of real documents so far
        for step in range(self.steps + 1):
            if step % every == 0 or step == self.steps:
                since = watch.seconds()
                training = {"trainer": "adversarial", **asdict(self), "seed": seed, "documents": len(documents)}
                phi = documents.phi(np.exp(networks.topics()))
                prior = np.full(num_topics, self.alpha)
                yield Snapshot(step, since, TopicModel(phi, prior, vocabulary, names=names, meta={"training": training}))
                watch.hold(since)
            if step < self.steps:
                for _ in range(self.critic_steps):
                    theta = dirichlet(rng, self.alpha, num_topics, self.batch)
                    networks.criticise(documents.batch(number, self.batch), theta, rng.random((self.batch, 1), np.float32))
                    number += 1
                networks.learn(documents.batch(number, self.batch), dirichlet(rng, self.alpha, num_topics, self.batch))
                number += 1


class _Networks:
    """Generator (K) -> log of (V), encoder (V) -> (K), critic (K + V) -> 1, and their training steps.

    settings (Adversarial): the trainer.
    bags (Bags): the documents, for word embeddings.
    size (int): V, number of words.
    topics (int): K.
    documents (Documents): the documents as batches.
    seed (int): random seed.
    """

    def __init__(self, settings: Adversarial, bags: Bags, size: int, topics: int, documents: Documents, seed: int) -> None:
        import keras
        import tensorflow as tf
        from keras import layers, ops, optimizers

        keras.utils.set_random_seed(seed)
        keras.config.set_dtype_policy("float32")

        def hidden(x: Any) -> Any:
            x = layers.LayerNormalization()(layers.Dense(settings.hidden)(x))
            return layers.LeakyReLU(negative_slope=0.1)(x)

        theta, words, pair = keras.Input((topics,)), keras.Input((size,)), keras.Input((topics + size,))
        if settings.gaussian:
            self.generator = _gaussian_generator(theta, _embeddings(bags, size, documents.weights, seed))
        else:
            self.generator = keras.Model(theta, ops.log_softmax(layers.Dense(size)(hidden(theta))))
        # Words on the simplex are small numbers; multiplied by V, they are about 1.
        self.encoder = keras.Model(words, layers.Softmax()(layers.Dense(topics)(hidden(words * size))))
        self.critic = keras.Model(
            pair, layers.Dense(1)(layers.LeakyReLU(negative_slope=0.1)(layers.Dense(settings.hidden)(pair)))
        )
        variables = [*self.generator.trainable_variables, *self.encoder.trainable_variables]
        critic_optimizer = optimizers.Adam(settings.rate, beta_1=0.5, beta_2=0.9)
        optimizer = optimizers.Adam(settings.rate, beta_1=0.5, beta_2=0.9)
        critic_optimizer.build(self.critic.trainable_variables)
        optimizer.build(variables)

        def pairs(real: Any, theta: Any) -> tuple[Any, Any]:
            encoded = tf.concat([self.encoder(real, training=True), real * size], axis=1)
            generated = tf.concat([theta, tf.exp(self.generator(theta, training=True)) * size], axis=1)
            return encoded, generated

        def descend(optimizer: Any, tape: Any, loss: Any, variables: list) -> None:
            optimizer.apply(tape.gradient(loss, [variable.value for variable in variables]), variables)

        @tf.function
        def criticise(real, theta, between):
            encoded, generated = pairs(real, theta)
            mixed = between * encoded + (1 - between) * generated
            with tf.GradientTape() as tape:
                with tf.GradientTape() as inner:
                    inner.watch(mixed)
                    logits = self.critic(mixed)
                slope = tf.norm(inner.gradient(logits, mixed) + 1e-12, axis=1)
                gap = tf.reduce_mean(self.critic(generated)) - tf.reduce_mean(self.critic(encoded))
                loss = gap + _PENALTY * tf.reduce_mean((slope - 1) ** 2)
            descend(critic_optimizer, tape, loss, self.critic.trainable_variables)

        @tf.function
        def learn(real, theta):
            with tf.GradientTape() as tape:
                encoded, generated = pairs(real, theta)
                loss = tf.reduce_mean(self.critic(encoded)) - tf.reduce_mean(self.critic(generated))
            descend(optimizer, tape, loss, variables)

        self.criticise, self.learn, self._topics = criticise, learn, topics

    def topics(self) -> np.ndarray:
        """The generator's log of p(word | topic) for each single topic: (K, V) float64."""
        return np.asarray(self.generator(np.eye(self._topics, dtype=np.float32)), np.float64)


def _gaussian_generator(theta: Any, words: np.ndarray) -> Any:
    """theta -> log of theta @ phi, where phi_k is the density of a Gaussian at each word's embedding, normalised."""
    import keras
    from keras import ops

    class Gaussians(keras.layers.Layer):
        def build(self, shape):
            self.means = self.add_weight(shape=(shape[-1], words.shape[1]), initializer="random_normal", name="means")
            self.scales = self.add_weight(shape=(shape[-1], words.shape[1]), initializer="zeros", name="log_precisions")

        def call(self, theta):
            apart = (words[None] - self.means[:, None]) ** 2 * ops.exp(self.scales)[:, None]
            phi = ops.softmax(-0.5 * ops.sum(apart, axis=-1), axis=-1)
            return ops.log(ops.matmul(theta, phi) + 1e-12)

    return keras.Model(theta, Gaussians()(theta))


def _embeddings(bags: Bags, size: int, weights: np.ndarray, seed: int) -> np.ndarray:
    """Words as (V, 50): left singular vectors of the weighted documents."""
    from scipy import sparse
    from scipy.sparse.linalg import svds

    counts = sparse.csr_matrix((np.log1p(bags.counts), (bags.rows(), bags.terms)), shape=(len(bags), size)).T
    counts = sparse.diags(weights) @ counts
    rank = min(_EMBEDDED, *(side - 1 for side in counts.shape))
    words = svds(counts.astype(np.float64), k=rank, random_state=seed)[0]
    return (words / words.std() / rank**0.5).astype(np.float32)  # half the squared distance of two words is about 1
