"""A network's multiplications in 8 bits: the weights of its convolutions, and what goes into them, are rounded.

Inputs are rounded to 256 steps of a range that was measured when the model was exported, weights to 127 steps per channel
(Jacob et al. 2018, arXiv 1712.05877): processors without VNNI add two products in 16 bits, which 255 steps would overflow. The
graph says so by OpenVINO's FakeQuantize, and OpenVINO computes in 8 bits what stands between two of them. Sums, the products of
attention, the first convolution, which takes the picture itself, and the outputs of convolutions keep their precision.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

_MARGIN = 1.2  # of the mean over pictures: less would cut off what some of them have, more would make all steps coarser


def measure_ranges(graph: bytes, pictures: Sequence[np.ndarray]) -> dict[str, list[float]]:
    """Measure the values that go into the convolutions of a graph.

    graph (bytes): an ONNX model.
    pictures (Sequence[np.ndarray]): (H, W, 3) float32, such as the network will be given.
    RETURNS (dict[str, list[float]]): by the name of the input of a convolution, the means over the pictures of its smallest and
        largest value, with a margin.
    """
    import openvino as ov

    core = ov.Core()
    model = core.read_model(graph, b"")
    inputs = {source.get_any_name(): source for _, source in _convolutions(model)}
    model.add_outputs(list(inputs.values()))
    compiled = core.compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    extremes = []
    for picture in pictures:
        values = list(compiled(picture[None]).values())[-len(inputs) :]
        extremes.append([(value.min(), value.max()) for value in values])
    ranges = _MARGIN * np.mean(extremes, axis=0)
    return {name: [float(f"{end:.4g}") for end in ends] for name, ends in zip(inputs, ranges, strict=True)}


def quantize(model: Any, ranges: dict[str, list[float]]) -> Any:
    """Round what goes into the convolutions of a model, and their weights.

    model (openvino.Model): stays as it is.
    ranges (dict[str, list[float]]): of `measure_ranges`.
    RETURNS (openvino.Model): a copy.
    """
    from openvino import opset13 as ops

    quantized = model.clone()
    for convolution, source in _convolutions(quantized):
        lowest, highest = _ends(*ranges[source.get_any_name()])
        steps = ops.fake_quantize(source, lowest, highest, lowest, highest, 256)
        convolution.input(0).replace_source_output(steps.output(0))
        weights = _constant(convolution.input_value(1).get_node())
        largest = 2 * np.maximum(np.abs(weights).max(axis=(1, 2, 3), keepdims=True), 1e-6)  # half of the 255 steps are used
        steps = ops.fake_quantize(ops.constant(weights), -largest, largest, -largest, largest, 255)
        convolution.input(1).replace_source_output(steps.output(0))
    quantized.validate_nodes_and_infer_types()
    return quantized


def ranges_or_none(graph: bytes, pictures: Sequence[np.ndarray]) -> dict[str, list[float]] | None:
    """As `measure_ranges`; None for a graph that has no convolution to be rounded."""
    import openvino as ov

    return measure_ranges(graph, pictures) if _convolutions(ov.Core().read_model(graph, b"")) else None


def has_bfloat16() -> bool:
    """Whether OpenVINO computes in bfloat16 on this processor."""
    import openvino as ov

    return "BF16" in ov.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")


def decibels(
    graph: bytes, pictures: Sequence[np.ndarray], precision: str, ranges: dict[str, list[float]] | None = None
) -> float:
    """PSNR in dB between what is computed with less precision and in float32.

    graph (bytes): an ONNX model.
    pictures (Sequence[np.ndarray]): (H, W, 3), float32 from 0 to 1.
    precision (str): OpenVINO's name of it, "bf16" or "f32".
    ranges (dict[str, list[float]] | None): of `measure_ranges`, for int8.
    """
    import openvino as ov

    core = ov.Core()
    model = core.read_model(graph, b"")
    exact = core.compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    narrowed = quantize(model, ranges) if ranges else model
    narrow = core.compile_model(narrowed, "CPU", {"INFERENCE_PRECISION_HINT": precision})
    errors = [np.mean((exact(picture[None])[0] - narrow(picture[None])[0]) ** 2) for picture in pictures]
    return round(-10 * math.log10(max(float(np.mean(errors)), 1e-12)), 1)


def _convolutions(model: Any) -> list[tuple[Any, Any]]:
    """All convolutions of pictures but the first, each with what goes into it; in foreign graphs weights may be computed."""
    convolutions = [node for node in model.get_ordered_ops() if node.get_type_name() == "Convolution" and _has_weights(node)]
    return [(node, node.input_value(0)) for node in convolutions[1:]]


def _has_weights(convolution: Any) -> bool:
    weights = convolution.input_value(1)
    while weights.get_node().get_type_name() in ("Convert",):
        weights = weights.get_node().input_value(0)
    return weights.get_node().get_type_name() == "Constant" and len(weights.get_partial_shape()) == 4


def _ends(lowest: float, highest: float) -> tuple[np.float32, np.float32]:
    """The range that 256 steps cover: from 0 on, or on both sides of it, so that 0 stays 0."""
    least, most = min(lowest, 0), max(highest, 1e-6)
    if least:
        most = max(most, -least * 127 / 128)
        least = -most * 128 / 127
    return np.float32(least), np.float32(most)


def _constant(node: Any) -> np.ndarray:
    """Weights as float32, from behind what widens them."""
    while node.get_type_name() != "Constant":
        node = node.input_value(0).get_node()
    return node.data.astype(np.float32)
