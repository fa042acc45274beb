"""Engines that run an exported graph: OpenVINO on the processor, onnxruntime on what its build has, TensorFlow to compare with.

Each is a function of a model file, its card and a precision, and gives a `Start`.
"""

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from image_gan.errors import Errors, InputError

Run = Callable[[np.ndarray], np.ndarray]  # (1, H, W, 3) float32 -> what is to be added
Start = Callable[[tuple[int, int], bool], Run]  # sides of a tile, whether it has 16 bits; what it gives is for one thread

_SMALL = 200_000  # pixels of a tile
_KEPT = 4  # compiled graphs: for small tiles, landscapes, portraits, and one more
_NARROW = 45.0  # dB that bfloat16 must be within, by the card, to be taken


def is_of_memory(error: Exception) -> bool:
    """Engines wrap what the system says in errors of their own: no memory, no thread, whose stack is memory."""
    words = ("alloc", "memory", "temporarily unavailable")
    return isinstance(error, MemoryError) or any(word in str(error).lower() for word in words)


def _openvino(data: bytes, card: dict[str, Any], precision: str) -> Start:
    import openvino as ov

    core = ov.Core()
    model = core.read_model(data, b"")
    able = "BF16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    if precision == "bfloat16" and not able:
        raise InputError(Errors.P060.format(what="precision", allowed="auto or float32 on this processor", got=repr(precision)))
    narrow = precision == "bfloat16" or (precision == "auto" and able and (card["bfloat16"] or 0) >= _NARROW)

    @functools.lru_cache(_KEPT)
    def compiled(sides: tuple[int, int], narrow: bool) -> Any:
        shaped = model.clone()
        shaped.reshape([1, *sides, 3])
        settings = {"INFERENCE_PRECISION_HINT": "bf16" if narrow else "f32", "CPU_RUNTIME_CACHE_CAPACITY": 100}
        return core.compile_model(shaped, "CPU", settings)

    def start(shape: tuple[int, int], deep: bool) -> Run:
        """Compiled for one shape it runs up to twice as fast as for any, which is not worth the while for small pictures."""
        sides = shape if math.prod(shape) > _SMALL else (-1, -1)
        request = compiled(sides, narrow and not (deep and precision == "auto")).create_infer_request()
        return lambda tile: request.infer([tile], share_outputs=True)[0]

    return start


def _onnxruntime(data: bytes, card: dict[str, Any], precision: str) -> Start:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4  # what matters is raised
    options.enable_cpu_mem_arena = False  # it would keep what the largest tile has taken
    session = onnxruntime.InferenceSession(data, options, providers=onnxruntime.get_available_providers())
    return lambda shape, deep: lambda tile: session.run(None, {"picture": tile})[0]


def _tensorflow(data: bytes, card: dict[str, Any], precision: str) -> Start:
    import tensorflow as tf

    from image_gan.export import rebuilt

    function = tf.function(rebuilt(data, card))
    return lambda shape, deep: lambda tile: function(tf.constant(tile)).numpy()


ENGINES: dict[str, Callable[[bytes, dict[str, Any], str], Start]] = {
    "openvino": _openvino,
    "onnxruntime": _onnxruntime,
    "tensorflow": _tensorflow,
}
