"""OpenVINO on the processor: int8, bfloat16 and float32."""

import functools
from typing import Any

import numpy as np

from image_gan.enhance import quantization
from image_gan.enhance.models import ModelCard
from image_gan.errors import Errors, InputError

_KEPT = 4  # compiled graphs: for small pictures, landscapes, portraits, and one more
_NEAR = 45.0  # dB: bfloat16 and int8 are taken by themselves if they are at least so near to float32, by the card


class OpenVinoEngine:
    """An engine (`base.Engine`).

    data (bytes): a model file.
    card (ModelCard): its card.
    precision (str): "auto" for the narrowest of "int8", "bfloat16" and "float32" that this processor has and that comes near to
        float32, with "float32" for pictures of 16 bits; or one of them for all pictures.
    threads (int): that compute; 0 for as many as there are cores.
    RAISES InputError: P060, this processor or this model does not have the precision.
    """

    def __init__(self, data: bytes, card: ModelCard, precision: str, threads: int = 0) -> None:
        import openvino as ov

        self._core = ov.Core()
        if threads:
            self._core.set_property("CPU", {"INFERENCE_NUM_THREADS": threads})
        self._model = self._core.read_model(data, b"")
        self._card = card
        available = self._available()
        if precision not in ("auto", *available):
            allowed = " or ".join(["auto", *available]) + " with this model on this processor"
            raise InputError(Errors.P060.format(what="precision", allowed=allowed, got=repr(precision)))
        near = [one for one in available if self._is_near(one)]
        self._precision = near[0] if precision == "auto" else precision
        self._precision_of_16_bits = "float32" if precision == "auto" else precision
        compile_model = functools.partial(_compile, self._core, self._model, card, "bfloat16" in near)
        self._compiled = functools.lru_cache(_KEPT)(compile_model)  # which does not know this object, so that both can go

    def session(self, sides: tuple[int, int], *, fixed_size: bool, sixteen_bits: bool) -> "_OpenVinoSession":
        """Compiled for one size it runs up to twice as fast as for any size; either way the tiles of a picture agree."""
        precision = self._precision_of_16_bits if sixteen_bits else self._precision
        compiled = self._compiled(sides if fixed_size else (-1, -1), precision)
        return _OpenVinoSession(compiled.create_infer_request())

    def _available(self) -> list[str]:
        """The precisions that this model and this processor have, the narrowest first."""
        capabilities = self._core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
        available = ["float32"]
        if "BF16" in capabilities:
            available.insert(0, "bfloat16")
        if "INT8" in capabilities and self._card.ranges:
            available.insert(0, "int8")
        return available

    def _is_near(self, precision: str) -> bool:
        if precision == "float32":
            return True
        decibels = self._card.int8 if precision == "int8" else self._card.bfloat16
        return (decibels or 0.0) >= _NEAR


def _compile(core: Any, model: Any, card: ModelCard, bfloat16_is_near: bool, sides: tuple[int, int], precision: str) -> Any:
    """In int8, what does not have 8 bits is computed in bfloat16, if that comes near."""
    model = quantization.quantize(model, card.ranges or {}) if precision == "int8" else model.clone()
    model.reshape([1, *sides, 4 if card.noise_level else 3])
    narrow = precision == "bfloat16" or (precision == "int8" and bfloat16_is_near)
    hints = {"INFERENCE_PRECISION_HINT": "bf16" if narrow else "f32", "CPU_RUNTIME_CACHE_CAPACITY": 100}
    return core.compile_model(model, "CPU", hints)


class _OpenVinoSession:
    def __init__(self, request: Any) -> None:
        self._request = request

    def residual(self, tile: np.ndarray) -> np.ndarray:
        return self._request.infer([tile], share_outputs=True)[0]
