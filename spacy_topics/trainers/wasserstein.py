"""W-LDA (Nan et al. 2019, arXiv 1907.12374): a neural topic model without a critic, the control of the adversarial one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from spacy_topics.bags import Bags
from spacy_topics.errors import Errors, InputError, is_integer, is_number
from spacy_topics.topic_model import TopicModel
from spacy_topics.trainers.base import check_seed, check_size
from spacy_topics.trainers.neural import Documents, Snapshot, Stopwatch, dirichlet, final_model


@dataclass(frozen=True)
class WassersteinLda:
    """A trainer: bags of terms -> TopicModel, by an autoencoder whose code is a document's topics.

    The distribution of the codes is drawn towards the Dirichlet prior by maximum mean discrepancy with the information
    diffusion kernel, without a critic.

    steps (int): training steps.
    batch (int): number of documents per step.
    hidden (int): width of the encoder.
    rate (float): learning rate of Adam.
    alpha (float): Dirichlet prior over topics.
    noise (float): share of a random draw from the prior in the code, in training; 0 to 1.
    weight (float): weight of the discrepancy relative to the reconstruction loss.
    """

    steps: int = 4000
    batch: int = 128
    hidden: int = 100
    rate: float = 1e-3
    alpha: float = 0.1
    noise: float = 0.1
    weight: float = 1.0

    def __post_init__(self) -> None:
        """Check the settings.

        RAISES InputError: T032, a setting out of range.
        """
        for what, allowed, good in (
            ("steps", "an integer from 1 to 10,000,000", is_integer(self.steps, 1, 10**7)),
            ("batch", "an integer from 2 to 100,000", is_integer(self.batch, 2, 10**5)),
            ("hidden", "an integer from 1 to 100,000", is_integer(self.hidden, 1, 10**5)),
            ("rate", "a number above 0, at most 1", is_number(self.rate, 1e-12, 1)),
            ("alpha", "a number from 1e-3 to 1000", is_number(self.alpha, 1e-3, 1e3)),
            ("noise", "a number from 0 to 1", is_number(self.noise, 0, 1)),
            ("weight", "a number from 0 to 1,000,000", is_number(self.weight, 0, 1e6)),
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

        RAISES InputError: T030, T032, T036; T047, seed words.
        """
        if seeds:
            raise InputError(Errors.T047)
        snapshots = self.snapshots(bags, vocabulary, num_topics, seed=seed, every=max(1, self.steps // 20))
        return final_model(snapshots, bags, self.steps, progress)

    def snapshots(
        self, bags: Bags, vocabulary: Sequence[str], num_topics: int, *, seed: int = 0, every: int = 200
    ) -> Iterator[Snapshot]:
        """Train, and yield the model before training, every so many steps, and at the end.

        bags (Bags): the documents; empty ones are skipped.
        vocabulary (Sequence): strings of the ids.
        num_topics (int): K.
        seed (int): random seed.
        every (int): number of steps between snapshots.
        YIELDS (Snapshot): step, seconds and model.
        """
        check_size(bags, num_topics)
        check_seed(seed)
        watch, documents = Stopwatch(), Documents(bags, len(vocabulary), seed, idf=False)
        topics, learn = self._networks(len(vocabulary), num_topics, seed)
        rng = np.random.default_rng((seed, 0x6D6D))
        for step in range(self.steps + 1):
            if step % every == 0 or step == self.steps:
                since = watch.seconds()
                training = {"trainer": "mmd", **asdict(self), "seed": seed, "documents": len(documents)}
                prior = np.full(num_topics, self.alpha)
                yield Snapshot(step, since, TopicModel(np.exp(topics()), prior, vocabulary, meta={"training": training}))
                watch.hold(since)
            if step < self.steps:
                real = documents.batch(step, self.batch)
                prior_draw = dirichlet(rng, self.alpha, num_topics, self.batch)
                noise_draw = dirichlet(rng, self.alpha, num_topics, self.batch)
                learn(real, prior_draw, noise_draw)

    def _networks(self, size: int, topics: int, seed: int) -> tuple[Any, Any]:
        """Two functions: one returns the topics as log of (K, V), the other takes a training step."""
        import keras
        import tensorflow as tf
        from keras import layers, ops, optimizers

        keras.utils.set_random_seed(seed)
        keras.config.set_dtype_policy("float32")
        words, theta = keras.Input((size,)), keras.Input((topics,))
        x = layers.LeakyReLU(negative_slope=0.1)(layers.Dense(self.hidden)(words * size))
        encoder = keras.Model(words, layers.Softmax()(layers.BatchNormalization()(layers.Dense(topics)(x))))
        decoder = keras.Model(theta, ops.log_softmax(layers.BatchNormalization()(layers.Dense(size)(theta))))
        optimizer = optimizers.Adam(self.rate, beta_1=0.9)
        variables = [*encoder.trainable_variables, *decoder.trainable_variables]
        optimizer.build(variables)

        @tf.function
        def learn(real, prior, noise):
            with tf.GradientTape() as tape:
                code = encoder(real, training=True)
                decoded = decoder((1 - self.noise) * code + self.noise * noise, training=True)
                reconstruction = -tf.reduce_mean(tf.reduce_sum(real * decoded, axis=1))
                loss = reconstruction + self.weight * discrepancy(code, prior)
            optimizer.apply(tape.gradient(loss, [variable.value for variable in variables]), variables)

        return lambda: np.asarray(decoder(np.eye(topics, dtype=np.float32)), np.float64), learn


def discrepancy(found: Any, prior: Any) -> Any:
    """Maximum mean discrepancy of two samples, with the kernel exp(-arccos^2 <sqrt a, sqrt b>).

    found (Tensor): (B, K) one sample, rows on the simplex.
    prior (Tensor): (B, K) the other sample, rows on the simplex.
    """
    import tensorflow as tf

    def kernel(a: Any, b: Any) -> Any:
        cosine = tf.matmul(tf.sqrt(a + 1e-8), tf.sqrt(b + 1e-8), transpose_b=True)
        return tf.exp(-(tf.acos(tf.clip_by_value(cosine, 0.0, 1 - 1e-4)) ** 2))

    count = tf.cast(tf.shape(found)[0], tf.float32)

    def mean_off_diagonal(k: Any) -> Any:
        return (tf.reduce_sum(k) - tf.linalg.trace(k)) / (count * (count - 1))

    within = mean_off_diagonal(kernel(found, found)) + mean_off_diagonal(kernel(prior, prior))
    return within - 2 * tf.reduce_mean(kernel(found, prior))
