"""onnxruntime, in float32, on what the installed build supports."""

import numpy as np

from image_gan.enhance.engines.base import check_float32
from image_gan.enhance.models import ModelCard
from image_gan.errors import Errors, InputError


class OnnxRuntimeEngine:
    """An engine (`base.Engine`) that is its own session.

    data (bytes): a model file.
    card (ModelCard): its card.
    precision (str): "auto" or "float32".
    threads (int): that compute; 0 for as many as there are cores.
    RAISES InputError: P060, another precision; P091, onnxruntime is not installed.
    """

    def __init__(self, data: bytes, card: ModelCard, precision: str, threads: int = 0) -> None:
        check_float32("onnxruntime", precision)
        try:
            import onnxruntime
        except ModuleNotFoundError:
            raise InputError(Errors.P091.format(engine="onnxruntime", package="onnxruntime")) from None
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 4  # what matters is raised
        options.enable_cpu_mem_arena = False  # it would keep what the largest tile has taken
        providers = onnxruntime.get_available_providers()
        self._session = onnxruntime.InferenceSession(data, options, providers=providers)

    def session(self, sides: tuple[int, int], *, fixed_size: bool, sixteen_bits: bool) -> "OnnxRuntimeEngine":
        return self

    def residual(self, tile: np.ndarray) -> np.ndarray:
        return self._session.run(None, {"picture": tile})[0]
