"""Engines that run an exported graph: OpenVINO on the processor, onnxruntime on what its build has, TensorFlow to compare with.

Each is a function of a model file, its card and a precision, and gives a `Start`.
"""

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from image_gan.enhance import quantization as eight_bits
from image_gan.errors import Errors, InputError

Run = Callable[[np.ndarray], np.ndarray]  # (1, H, W, 3) float32 -> what is to be added
Start = Callable[[tuple[int, int], bool, bool], Run]  # sides of a tile; to compile for them? 16 bits? The run: for one thread

_KEPT = 4  # compiled graphs: for small pictures, landscapes, portraits, and one more
_NARROW = 45.0  # dB that bfloat16 and int8 must be within, by the card, to be taken


def is_of_memory(error: Exception) -> bool:
    """Engines wrap what the system says in errors of their own: no memory, no thread, whose stack is memory."""
    words = ("alloc", "memory", "temporarily unavailable")
    return isinstance(error, MemoryError) or any(word in str(error).lower() for word in words)


def _openvino(data: bytes, card: dict[str, Any], precision: str) -> Start:
    import openvino as ov

    core = ov.Core()
    model = core.read_model(data, b"")
    able = core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    has = {"int8": "INT8" in able and bool(card.get("ranges")), "bfloat16": "BF16" in able, "float32": True}
    there = [one for one in has if has[one]]  # the narrowest first
    if precision not in ("auto", *there):
        told = " or ".join(["auto", *there]) + " with this model on this processor"
        raise InputError(Errors.P060.format(what="precision", allowed=told, got=repr(precision)))
    near = [one for one in there if one == "float32" or (card.get(one) or 0) >= _NARROW]
    chosen = near[0] if precision == "auto" else precision

    @functools.lru_cache(_KEPT)
    def compiled(sides: tuple[int, int], narrow: str) -> Any:
        """In int8 what is not of 8 bits is of bfloat16, if that comes near."""
        shaped = eight_bits.rounded(model, card["ranges"]) if narrow == "int8" else model.clone()
        shaped.reshape([1, *sides, 3])
        hint = "bf16" if narrow == "bfloat16" or (narrow == "int8" and "bfloat16" in near) else "f32"
        return core.compile_model(shaped, "CPU", {"INFERENCE_PRECISION_HINT": hint, "CPU_RUNTIME_CACHE_CAPACITY": 100})

    def start(sides: tuple[int, int], fixed: bool, deep: bool) -> Run:
        """Compiled for one shape it runs up to twice as fast as for any; either way the tiles of a picture agree."""
        precise = "float32" if deep and precision == "auto" else chosen
        request = compiled(sides if fixed else (-1, -1), precise).create_infer_request()
        return lambda tile: request.infer([tile], share_outputs=True)[0]

    return start


def _onnxruntime(data: bytes, card: dict[str, Any], precision: str) -> Start:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4  # what matters is raised
    options.enable_cpu_mem_arena = False  # it would keep what the largest tile has taken
    session = onnxruntime.InferenceSession(data, options, providers=onnxruntime.get_available_providers())
    return lambda sides, fixed, deep: lambda tile: session.run(None, {"picture": tile})[0]


def _tensorflow(data: bytes, card: dict[str, Any], precision: str) -> Start:
    import tensorflow as tf

    from image_gan.export import rebuilt

    function = tf.function(rebuilt(data, card))
    return lambda sides, fixed, deep: lambda tile: function(tf.constant(tile)).numpy()


ENGINES: dict[str, Callable[[bytes, dict[str, Any], str], Start]] = {
    "openvino": _openvino,
    "onnxruntime": _onnxruntime,
    "tensorflow": _tensorflow,
}
