"""Exported graph -> Keras model; and the reference engine, which runs that model in TensorFlow."""

import re
from typing import Any

import numpy as np

from image_gan.errors import Errors, InputError


class TensorFlowEngine:
    """An engine for `Enhancer(engine=TensorFlowEngine)`, to compare others with; it is its own session.

    data (bytes): a model file.
    card (ModelCard): its card.
    precision (str): "auto" or "float32".
    RAISES InputError: P060, another precision.
    """

    def __init__(self, data: bytes, card: Any, precision: str) -> None:
        import tensorflow as tf

        if precision not in ("auto", "float32"):
            allowed = "auto or float32 with the engine TensorFlowEngine"
            raise InputError(Errors.P060.format(what="precision", allowed=allowed, got=repr(precision)))
        self._run = tf.function(network_from_onnx(data, card.config))

    def session(self, sides: tuple[int, int], *, fixed_size: bool, sixteen_bits: bool) -> "TensorFlowEngine":
        return self

    def residual(self, tile: np.ndarray) -> np.ndarray:
        import tensorflow as tf

        return self._run(tf.constant(tile)).numpy()


def network_from_onnx(data: bytes, config: str) -> Any:
    """Read the generator of a model file.

    Spectral norms and the gamma of attention are in the weights already: the network is built without the former, and with a
    gamma of 1.

    data (bytes): the file, which is an ONNX model.
    config (str): of the training, as the file's card has it.
    RETURNS (keras.Model): the generator that the config describes, with the file's weights.
    """
    import onnx
    from confection import Config

    from image_gan.training.settings import network_of, parse

    section = {**parse(config)["generator"], "spectral_norm": False}
    generator = network_of(Config({"generator": section}), "generator", pretrained=False)
    graph = onnx.load_model_from_string(data).graph
    arrays = {tensor.name.removesuffix("_half"): onnx.numpy_helper.to_array(tensor) for tensor in graph.initializer}
    layers = {layer.name: layer for layer in generator._flatten_layers()}
    if "attention" in layers:
        layers["attention"].gamma.assign(1)
    for node in graph.node:
        if node.op_type == "Conv":
            layer = _layer_of(node.input[1], layers)
            kernel, *bias = (arrays[name] for name in node.input[1:])  # a bias of zeros is left out
            layer.kernel.assign(kernel.transpose(2, 3, 1, 0))
            if bias:
                layer.bias.assign(*bias)
    return generator


def _layer_of(name: str, layers: dict[str, Any]) -> Any:
    """The innermost layer that the name of a weight names, as in unet_1/attention_1/query_1/truediv_2:0."""
    parts = re.sub(r"_\d+(?=/)", "", name).split("/")
    return next(layers[part] for part in reversed(parts) if part in layers)
