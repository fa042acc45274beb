"""The networks of a config with their optimisers, and one step of their training."""

import functools
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from confection import Config
from keras import ops

from image_gan.training import checkpoint, losses, settings
from image_gan.training.devices import Figures, Learner, OneDevice
from image_gan.training.from_onnx import start_from_file
from image_gan.training.networks.critic import critic_logits
from image_gan.training.networks.spectral_norm import iterate
from image_gan.training.networks.unet import add_residual
from image_gan.training.runs import BEST, find_run
from image_gan.training.schedule import Phase
from image_gan.training.state import TrainingState

_NEW_ACCURACY = 0.05  # the share of the running accuracy of the critic that each step brings


class Gan:
    """The generator, its average, the critic, and the network that compares features.

    config (Config): complete.
    devices (OneDevice): where they are trained; a Gan is made in its scope.
    pretrained (bool): load pretrained weights and begin as the run, or the model file, of paths.pretrained_run; False where a
        checkpoint brings all weights.
    RAISES InputError: P060, P066, P067, P070, P071, P072, the networks cannot be built.
    """

    def __init__(self, config: Config, devices: OneDevice, *, pretrained: bool = True) -> None:
        sections = settings.settings_of(config)
        self.schedule, self.training, self.loss = sections.schedule, sections.training, sections.loss
        self.devices = devices
        self._build(config, pretrained)
        self._learners: dict[tuple[str, bool], Learner] = {}
        networks = {"generator": (self.generator, self._after_generator), "critic": (self.critic, self._after_critic)}
        self._apply = {
            name: devices.apply(network.trainable_variables, self.optimizers[name], after)
            for name, (network, after) in networks.items()
        }
        self.enhance = devices.compiled(self._enhance)
        self.distance = devices.compiled(self._distance)

    def _build(self, config: Config, pretrained: bool) -> None:
        self.generator = settings.network_of(config, "generator", pretrained=pretrained)
        start = config["paths"].get("pretrained_run")
        if pretrained and start:
            self._start_from(start)
        self.average = settings.network_of(config, "generator", pretrained=False)
        self.average.set_weights(self.generator.get_weights())
        self.critic = settings.network_of(config, "critic", pretrained=pretrained)
        self.features = settings.network_of(config, "features", pretrained=pretrained)
        self.compares_by_own_encoder = self.features is None
        if self.compares_by_own_encoder:
            self.features = settings.network_of(config, "generator", pretrained=False).encoder
        self.features.trainable = False
        self.optimizers = {
            "generator": keras.optimizers.Adam(self.training.generator_learning_rate, beta_1=0.9, beta_2=0.99),
            "critic": keras.optimizers.Adam(self.training.critic_learning_rate, beta_1=0.5, beta_2=0.99),
        }
        self.optimizers["generator"].build(self.generator.trainable_variables)
        self.optimizers["critic"].build(self.critic.trainable_variables)

    def _start_from(self, start: str) -> None:
        """Begin as a model file, or as the best of a run."""
        if start.endswith(".onnx"):
            start_from_file(start, self.generator)
        else:
            checkpoint.start_from(find_run(start) / BEST, self.generator.variables)

    @property
    def groups(self) -> dict[str, list[Any]]:
        """All variables, as a checkpoint holds them."""
        return {
            "generator": self.generator.variables,
            "average": self.average.variables,
            "critic": self.critic.variables,
            "features": self.features.variables,
            "generator_optimizer": self.optimizers["generator"].variables,
            "critic_optimizer": self.optimizers["critic"].variables,
        }

    def step(self, batch: Sequence[np.ndarray], phase: Phase, state: TrainingState) -> Figures:
        """Train on a batch as the phase says; in the adversarial phase the generator learns only if the critic is accurate
        enough.

        batch (Sequence[np.ndarray]): degraded, target [, conditions], of `Batches`.
        phase (Phase): of the schedule.
        state (TrainingState): its running accuracy of the critic is brought up to date.
        RETURNS (Figures): the losses and norms of gradients of what was trained.
        """
        factor = self.schedule.rate_factor(phase, state.phase_step)
        self.optimizers["generator"].learning_rate = factor * self.training.generator_learning_rate
        self.optimizers["critic"].learning_rate = factor * self.training.critic_learning_rate
        if phase.name == "generator":
            return self._learn("generator", batch, state)
        figures = self._learn("critic", batch, state)
        state.critic_accuracy += _NEW_ACCURACY * (figures["critic_accuracy"] - state.critic_accuracy)
        if phase.name == "adversarial" and state.critic_accuracy >= self.schedule.critic_accuracy:
            figures |= self._learn("adversarial", batch, state)
        return figures

    def freeze_own_encoder(self) -> None:
        """Compare features from now on by the averaged generator's encoder as it is now."""
        for own, variable in zip(self.features.variables, self.average.encoder.variables, strict=True):
            own.assign(variable)

    def _learn(self, kind: str, batch: Sequence[np.ndarray], state: TrainingState) -> Figures:
        network = "critic" if kind == "critic" else "generator"
        key = kind, state.features_ready  # compiled again once there are features to compare
        if key not in self._learners:
            self._learners[key] = self._learner(kind, state.features_ready)
        figures = self._learners[key](batch)
        return {f"{network}_norm" if name == "norm" else name: value for name, value in figures.items()}

    def _learner(self, kind: str, features_ready: bool) -> Learner:
        if kind == "critic":
            return self.devices.learner(self._critic_loss, self.critic.trainable_variables, self._apply["critic"])
        loss = self._adversarial_loss if kind == "adversarial" else self._generator_loss
        loss = functools.partial(loss, features_ready)
        return self.devices.learner(loss, self.generator.trainable_variables, self._apply["generator"])

    def _critic_loss(self, degraded, target, condition=None):
        real_logits = critic_logits(self.critic, unit(target), condition)
        generated = ops.stop_gradient(self._output(self.generator, degraded))
        generated_logits = critic_logits(self.critic, generated, condition)
        loss = losses.critic_loss(real_logits, generated_logits)
        return loss, {"critic": loss, "critic_accuracy": losses.critic_accuracy(real_logits, generated_logits)}

    def _generator_loss(self, features_ready, degraded, target, condition=None):
        return self._fidelity(features_ready, self._output(self.generator, degraded), unit(target))

    def _adversarial_loss(self, features_ready, degraded, target, condition=None):
        output = self._output(self.generator, degraded)
        loss, figures = self._fidelity(features_ready, output, unit(target))
        adversarial = losses.adversarial_loss(critic_logits(self.critic, output, condition))
        return loss + self.loss.adversarial * adversarial, {**figures, "adversarial": adversarial}

    def _fidelity(self, features_ready, output, target):
        figures = {"pixel": losses.pixel_loss(output, target)}
        loss = self.loss.pixel * figures["pixel"]
        if self.loss.mesh:
            figures["mesh"] = losses.mesh_loss(output, target)
            loss = loss + self.loss.mesh * figures["mesh"]
        if features_ready and (self.loss.content or self.loss.style):
            weights = {"content": self.loss.content, "style": self.loss.style}
            figures["feature"] = losses.feature_loss(self.features, output, target, **weights)
            loss = loss + figures["feature"]
        return loss, figures

    def _output(self, generator, degraded):
        return add_residual(unit(degraded), generator(unit(degraded)))

    def _enhance(self, degraded):
        """What the averaged generator makes of pictures, uint8, as float32, not clipped."""
        return self._output(self.average, degraded)

    def _distance(self, output, target):
        """The feature distance between float32 and uint8 pictures, mean over the batch."""
        return losses.feature_loss(self.features, output, unit(target), content=1.0, style=0.0)

    def _after_critic(self) -> None:
        iterate(self.critic)

    def _after_generator(self) -> None:
        iterate(self.generator)
        self.devices.follow(self.average.variables, self.generator.variables, self.training.ema)


def unit(pictures):
    """uint8 -> float32 from 0 to 1."""
    return ops.cast(pictures, "float32") / 255
