"""Exported graph -> Keras model; and the reference engine, which runs that model in TensorFlow."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np

from image_gan.errors import Errors, InputError, one_line


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

    from image_gan.training.networks.plain import ReparameterizedConv2D
    from image_gan.training.settings import network_of, parse

    section = dict(parse(config)["generator"])
    if section["@networks"] == "image_gan.UNet.v1":
        section["spectral_norm"] = False
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
            kernel = kernel.transpose(2, 3, 1, 0)
            if isinstance(layer, ReparameterizedConv2D):
                layer.assign(kernel)
            else:
                layer.kernel.assign(kernel)
            if bias:
                layer.bias.assign(*bias)
    return generator


def start_from_file(path: str | Path, generator: Any) -> None:
    """Give a generator the weights of a model file, wherever a variable of the same name has the same shape.

    path (str | Path): of the file.
    generator (keras.Model): whose other variables stay as they are.
    RAISES InputError: P067, not a model file, or one of a network in which nothing agrees.
    """
    import onnx

    from image_gan.training.networks.spectral_norm import iterate

    try:
        data = Path(path).read_bytes()
        entries = onnx.load_model_from_string(data).metadata_props
        card = json.loads(next(entry.value for entry in entries if entry.key == "palate_card"))
        weights = {variable.path: variable for variable in network_from_onnx(data, card["config"]).variables}
    except Exception as error:  # protobuf, JSON, Keras and the system each have their own
        raise InputError(Errors.P067.format(path=path, reason=one_line(error, 160))) from None
    agreeing = [one for one in generator.variables if one.path in weights and one.shape == weights[one.path].shape]
    if not agreeing:
        raise InputError(Errors.P067.format(path=path, reason="its network is a completely different one"))
    for variable in agreeing:
        variable.assign(weights[variable.path])
    for _ in range(10):  # what estimates the norms of kernels is not in the file
        iterate(generator)


def _layer_of(name: str, layers: dict[str, Any]) -> Any:
    """The innermost layer that the name of a weight names, as in unet_1/attention_1/query_1/truediv_2:0."""
    parts = re.sub(r"_\d+(?=/)", "", name).split("/")
    return next(layers[part] for part in reversed(parts) if part in layers)
