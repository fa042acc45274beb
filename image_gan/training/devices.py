"""Where a step runs: TensorFlow on one device, several, or several machines; or PyTorch, through the same networks.

A learner takes a batch, finds the gradients of a loss and applies them unless they are not finite.
"""

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops

from image_gan.errors import Errors, InputError

Figures = dict[str, float]
Loss = Callable[..., tuple[Any, dict[str, Any]]]


def devices(kind: str) -> "_One":
    """Give the devices of a kind: "one", "all" of this machine, or "workers", the machines that TF_CONFIG names.

    RAISES InputError: P060, several under PyTorch.
    """
    if keras.backend.backend() == "torch":
        if kind != "one":
            raise InputError(Errors.P060.format(what="training.devices", allowed="one under PyTorch", got=kind))
        return _Torch()
    return _One() if kind == "one" else _Several(kind)


def supports_bfloat16() -> bool:
    """Whether the processor (or the GPU) multiplies bfloat16 by itself."""
    if keras.backend.backend() == "torch":
        import torch

        if torch.cuda.is_available():
            return torch.cuda.is_bf16_supported()
    try:
        flags = Path("/proc/cpuinfo").read_text()
    except OSError:
        return False
    return "avx512_bf16" in flags or "amx_bf16" in flags


class _One:
    """One device of TensorFlow's."""

    parts = 1
    chief = True  # whether this process writes the run's files

    def scope(self) -> Any:
        """Variables are made inside it."""
        import contextlib

        return contextlib.nullcontext()

    def anywhere(self, *flags: bool) -> list[bool]:
        """Whether any machine says so, of each flag: where one stops, all do."""
        return list(flags)

    def run(self, function: Callable) -> Callable:
        """A function of arrays that returns tensors, compiled; it changes nothing."""
        import tensorflow as tf

        return tf.function(function, autograph=False)

    def follow(self, averages: Sequence[Any], variables: Sequence[Any], keep: float) -> None:
        """Bring averages nearer to variables: `keep` of what they were is kept."""
        for average, variable in zip(averages, variables, strict=True):
            average.assign(keep * average + (1 - keep) * variable)

    def learner(self, loss: Loss, variables: Sequence[Any], optimizer: Any, after: Callable[[], None]) -> Callable:
        """A function: arrays of a batch -> figures of the loss, and "norm", the gradient's; `after` runs when it is applied."""
        import tensorflow as tf

        @tf.function(autograph=False)
        def find(*batch):
            with tf.GradientTape() as tape:
                value, figures = loss(*batch)
            gradients = tape.gradient(value, [variable.value for variable in variables])
            return gradients, {**figures, "norm": tf.linalg.global_norm(gradients)}

        @tf.function(autograph=False)
        def apply(gradients):
            optimizer.apply(gradients, variables)
            after()

        def learn(batch: Sequence[np.ndarray]) -> Figures:
            gradients, found = find(*batch)
            figures = {name: float(value) for name, value in found.items()}
            if math.isfinite(figures["norm"]):
                apply(gradients)
            return figures

        return learn


class _Several(_One):
    """Several devices with a part of each batch; the gradients are those of the whole batch."""

    def __init__(self, kind: str) -> None:
        import tensorflow as tf

        if kind == "all":
            found = tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("CPU")
            self._strategy = tf.distribute.MirroredStrategy([device.name for device in found])
        else:
            self._strategy = tf.distribute.MultiWorkerMirroredStrategy()
        self.parts = self._strategy.num_replicas_in_sync
        self.chief = self._strategy.extended.should_checkpoint

    def scope(self) -> Any:
        return self._strategy.scope()

    def anywhere(self, *flags: bool) -> list[bool]:
        pieces = self._parts(np.tile(np.array(flags, np.float32), (self.parts, 1)))
        return [bool(total) for total in self._strategy.reduce("SUM", pieces, axis=0).numpy()]

    def learner(self, loss: Loss, variables: Sequence[Any], optimizer: Any, after: Callable[[], None]) -> Callable:
        import tensorflow as tf

        def part(*batch):
            with tf.GradientTape() as tape:
                value, figures = loss(*batch)
                value /= self.parts
            gradients = tape.gradient(value, [variable.value for variable in variables])
            together = tf.distribute.get_replica_context().all_reduce
            figures = {name: together("MEAN", tf.cast(figure, "float32")) for name, figure in figures.items()}
            return gradients, {**figures, "norm": tf.linalg.global_norm(together("SUM", gradients))}

        @tf.function(autograph=False)
        def find(*batch):
            return self._strategy.run(part, batch)

        def apply_part(gradients):  # sums them; it asks where they are, and what comes from outside is nowhere
            optimizer.apply([tf.identity(gradient) for gradient in gradients], variables)

        @tf.function(autograph=False)
        def apply(gradients):
            self._strategy.run(apply_part, (gradients,))
            after()

        def learn(batch: Sequence[np.ndarray]) -> Figures:
            gradients, found = find(*(self._parts(array) for array in batch))
            figures = {name: float(self._strategy.experimental_local_results(value)[0]) for name, value in found.items()}
            if math.isfinite(figures["norm"]):
                apply(gradients)
            return figures

        return learn

    def _parts(self, array: np.ndarray) -> Any:
        import tensorflow as tf

        pieces = np.split(array, self.parts)
        return self._strategy.experimental_distribute_values_from_function(
            lambda context: tf.constant(pieces[context.replica_id_in_sync_group])
        )


class _Torch(_One):
    """PyTorch's device, a GPU where there is one."""

    def run(self, function: Callable) -> Callable:
        import torch

        def call(*arrays):
            with torch.no_grad():
                return function(*(ops.convert_to_tensor(array) for array in arrays))

        return call

    def follow(self, averages: Sequence[Any], variables: Sequence[Any], keep: float) -> None:
        import torch

        with torch.no_grad():  # in one go: a GPU would wait for each by itself
            torch._foreach_lerp_([one.value for one in averages], [one.value for one in variables], 1 - keep)

    def learner(self, loss: Loss, variables: Sequence[Any], optimizer: Any, after: Callable[[], None]) -> Callable:
        import torch

        def learn(batch: Sequence[np.ndarray]) -> Figures:
            value, figures = loss(*(ops.convert_to_tensor(array) for array in batch))
            gradients = torch.autograd.grad(value, [variable.value for variable in variables])
            norm = torch.linalg.vector_norm(torch.stack([torch.linalg.vector_norm(gradient) for gradient in gradients]))
            if finite := bool(torch.isfinite(norm)):
                with torch.no_grad():
                    optimizer.apply(list(gradients), variables)
                    after()
            found = {name: float(ops.convert_to_numpy(value)) for name, value in figures.items()}
            return {**found, "norm": float(norm) if finite else math.nan}

        return learn
