"""Engines that run a model file: one small module for each."""

from image_gan.enhance.engines.base import Engine as Engine
from image_gan.enhance.engines.base import EngineFactory as EngineFactory
from image_gan.enhance.engines.base import Session as Session
from image_gan.enhance.engines.base import is_out_of_memory as is_out_of_memory
from image_gan.enhance.engines.onnxruntime import OnnxRuntimeEngine as OnnxRuntimeEngine
from image_gan.enhance.engines.openvino import OpenVinoEngine as OpenVinoEngine
from image_gan.errors import Errors, InputError

ENGINES: dict[str, EngineFactory] = {"openvino": OpenVinoEngine, "onnxruntime": OnnxRuntimeEngine}


def find_engine(engine: str | EngineFactory) -> EngineFactory:
    """The engine of a name; what is not a name is an engine's class already. RAISES InputError: P060."""
    if not isinstance(engine, str):
        return engine
    if engine not in ENGINES:
        allowed = f"{' or '.join(ENGINES)}, or an engine's class"
        raise InputError(Errors.P060.format(what="engine", allowed=allowed, got=repr(engine)))
    return ENGINES[engine]
