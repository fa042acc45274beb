"""Where a step runs: TensorFlow on one device, several, or several machines; or PyTorch, through the same networks."""

import contextlib
import math
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops

from image_gan.errors import Errors, InputError

Figures = dict[str, float]
Loss = Callable[..., tuple[Any, dict[str, Any]]]  # arrays of a batch -> the loss, and figures to be logged
Apply = Callable[[Any], None]  # gradients -> changed variables
Learner = Callable[[Sequence[np.ndarray]], Figures]


def choose_devices(kind: str) -> "OneDevice":
    """Choose where to train.

    kind (str): "one"; "all" of this machine; or "workers", the machines that TF_CONFIG names.
    RAISES InputError: P060, several devices under PyTorch, or "all" where there is only one processor.
    """
    if keras.backend.backend() == "torch":
        if kind != "one":
            raise InputError(Errors.P060.format(what="training.devices", allowed="one under PyTorch", got=kind))
        return TorchDevice()
    return OneDevice() if kind == "one" else SeveralDevices(kind)


def supports_bfloat16() -> bool:
    """Whether the processor (or the GPU) multiplies bfloat16 itself."""
    if keras.backend.backend() == "torch":
        import torch

        if torch.cuda.is_available():
            return torch.cuda.is_bf16_supported()
    try:
        flags = Path("/proc/cpuinfo").read_text()
    except OSError:
        return False
    return "avx512_bf16" in flags or "amx_bf16" in flags


@contextlib.contextmanager
def dtype_policy(name: str) -> Iterator[None]:
    """Build what is built in the block with this policy of Keras, "float32" or "mixed_bfloat16"."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(name)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


class OneDevice:
    """One device of TensorFlow.

    parts (int): into how many parts a batch is divided.
    chief (bool): whether this process writes the run's files.
    """

    parts = 1
    chief = True

    def scope(self) -> Any:
        """Variables are created inside it."""
        return contextlib.nullcontext()

    def true_anywhere(self, *flags: bool) -> list[bool]:
        """For each flag, whether it is true on any machine: where one stops, all do."""
        return list(flags)

    def compiled(self, function: Callable) -> Callable:
        """Compile a function of arrays that returns tensors and changes nothing."""
        import tensorflow as tf

        return tf.function(function, autograph=False)

    def follow(self, averages: Sequence[Any], variables: Sequence[Any], keep: float) -> None:
        """Bring averages nearer to variables; they keep the share `keep` of their values."""
        for average, variable in zip(averages, variables, strict=True):
            average.assign(keep * average + (1 - keep) * variable)

    def apply(self, variables: Sequence[Any], optimizer: Any, after: Callable[[], None]) -> Apply:
        """Compile what applies gradients.

        variables (Sequence[Any]): what is trained.
        optimizer (keras.optimizers.Optimizer): applies the gradients.
        after (Callable): called when they were applied.
        RETURNS (Callable): takes the gradients of a learner with these variables.
        """

        def apply(gradients):
            optimizer.apply(gradients, variables)
            after()

        return self.compiled(apply)

    def learner(self, loss: Loss, variables: Sequence[Any], apply: Apply) -> Learner:
        """Make what learns from batches: it finds the gradients of a loss and applies them unless they are not finite.

        loss (Callable): arrays of a batch to the loss, and figures.
        variables (Sequence[Any]): what is trained.
        apply (Callable): of the method `apply`; learners with the same variables share it.
        RETURNS (Callable): arrays of a batch to the figures, and "norm", the gradient's.
        """
        return _Learner(loss, variables, apply)


class _Learner:
    """Learns on one device of TensorFlow."""

    def __init__(self, loss: Loss, variables: Sequence[Any], apply: Apply) -> None:
        import tensorflow as tf

        self._loss, self._variables, self._apply = loss, variables, apply
        self._compiled_gradients = tf.function(self._gradients, autograph=False)

    def __call__(self, batch: Sequence[np.ndarray]) -> Figures:
        gradients, tensors = self._compiled_gradients(*batch)
        figures = {name: float(value) for name, value in tensors.items()}
        if math.isfinite(figures["norm"]):
            self._apply(gradients)
        return figures

    def _gradients(self, *batch):
        import tensorflow as tf

        with tf.GradientTape() as tape:
            value, figures = self._loss(*batch)
        gradients = tape.gradient(value, [variable.value for variable in self._variables])
        return gradients, {**figures, "norm": tf.linalg.global_norm(gradients)}


class SeveralDevices(OneDevice):
    """Several devices, each with a part of each batch; the gradients are those of the whole batch.

    kind (str): "all" or "workers".
    """

    def __init__(self, kind: str) -> None:
        import tensorflow as tf

        if kind == "all":
            devices = tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("CPU")
            if len(devices) == 1 and devices[0].device_type == "CPU":
                allowed = "one on this machine, which has no GPU"
                raise InputError(Errors.P060.format(what="training.devices", allowed=allowed, got=kind))
            self._strategy = tf.distribute.MirroredStrategy([device.name for device in devices])
        else:
            self._strategy = tf.distribute.MultiWorkerMirroredStrategy()
        self.parts = self._strategy.num_replicas_in_sync
        self.chief = self._strategy.extended.should_checkpoint

    def scope(self) -> Any:
        return self._strategy.scope()

    def true_anywhere(self, *flags: bool) -> list[bool]:
        pieces = _distributed(self._strategy, np.tile(np.array(flags, np.float32), (self.parts, 1)))
        return [bool(total) for total in self._strategy.reduce("SUM", pieces, axis=0).numpy()]

    def apply(self, variables: Sequence[Any], optimizer: Any, after: Callable[[], None]) -> Apply:
        import tensorflow as tf

        def apply_part(gradients):
            # The optimiser sums them; it asks on which device they are, and what comes from outside is on none.
            optimizer.apply([tf.identity(gradient) for gradient in gradients], variables)

        def apply(gradients):
            self._strategy.run(apply_part, (gradients,))
            after()

        return self.compiled(apply)

    def learner(self, loss: Loss, variables: Sequence[Any], apply: Apply) -> Learner:
        return _DistributedLearner(self._strategy, loss, variables, apply)


class _DistributedLearner:
    """Learns on all devices of a strategy."""

    def __init__(self, strategy: Any, loss: Loss, variables: Sequence[Any], apply: Apply) -> None:
        import tensorflow as tf

        self._strategy, self._parts = strategy, strategy.num_replicas_in_sync
        self._loss, self._variables, self._apply = loss, variables, apply
        self._compiled_gradients = tf.function(self._gradients, autograph=False)

    def __call__(self, batch: Sequence[np.ndarray]) -> Figures:
        gradients, tensors = self._compiled_gradients(*(_distributed(self._strategy, array) for array in batch))
        figures = {name: float(self._strategy.experimental_local_results(value)[0]) for name, value in tensors.items()}
        if math.isfinite(figures["norm"]):
            self._apply(gradients)
        return figures

    def _gradients(self, *batch):
        return self._strategy.run(self._gradients_of_part, batch)

    def _gradients_of_part(self, *batch):
        import tensorflow as tf

        with tf.GradientTape() as tape:
            value, figures = self._loss(*batch)
            value /= self._parts
        gradients = tape.gradient(value, [variable.value for variable in self._variables])
        all_reduce = tf.distribute.get_replica_context().all_reduce
        figures = {name: all_reduce("MEAN", tf.cast(figure, "float32")) for name, figure in figures.items()}
        return gradients, {**figures, "norm": tf.linalg.global_norm(all_reduce("SUM", gradients))}


def _distributed(strategy: Any, array: np.ndarray) -> Any:
    """An array with one part on each device."""
    import tensorflow as tf

    pieces = np.split(array, strategy.num_replicas_in_sync)
    return strategy.experimental_distribute_values_from_function(
        lambda context: tf.constant(pieces[context.replica_id_in_sync_group])
    )


class TorchDevice(OneDevice):
    """PyTorch's device, a GPU if there is one."""

    def compiled(self, function: Callable) -> Callable:
        import torch

        def call(*arrays):
            with torch.no_grad():
                return function(*(ops.convert_to_tensor(array) for array in arrays))

        return call

    def follow(self, averages: Sequence[Any], variables: Sequence[Any], keep: float) -> None:
        import torch

        with torch.no_grad():  # all at once: a GPU would wait for each one
            torch._foreach_lerp_([one.value for one in averages], [one.value for one in variables], 1 - keep)

    def apply(self, variables: Sequence[Any], optimizer: Any, after: Callable[[], None]) -> Apply:
        import torch

        def apply(gradients):
            with torch.no_grad():
                optimizer.apply(list(gradients), variables)
                after()

        return apply

    def learner(self, loss: Loss, variables: Sequence[Any], apply: Apply) -> Learner:
        return _TorchLearner(loss, variables, apply)


class _TorchLearner:
    """Learns in PyTorch."""

    def __init__(self, loss: Loss, variables: Sequence[Any], apply: Apply) -> None:
        self._loss, self._variables, self._apply = loss, variables, apply

    def __call__(self, batch: Sequence[np.ndarray]) -> Figures:
        import torch

        value, tensors = self._loss(*(ops.convert_to_tensor(array) for array in batch))
        gradients = torch.autograd.grad(value, [variable.value for variable in self._variables])
        norm = torch.linalg.vector_norm(torch.stack([torch.linalg.vector_norm(gradient) for gradient in gradients]))
        is_finite = bool(torch.isfinite(norm))
        if is_finite:
            self._apply(gradients)
        figures = {name: float(ops.convert_to_numpy(value)) for name, value in tensors.items()}
        return {**figures, "norm": float(norm) if is_finite else math.nan}
