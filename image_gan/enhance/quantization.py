"""A network's multiplications in 8 bits: the weights of its convolutions, and what goes into them, rounded.

What goes in is rounded to 256 steps of a range that was measured when the model was exported, weights to 127 steps a channel
(Jacob et al. 2018, arXiv 1712.05877): processors without VNNI add two products in 16 bits, which 255 steps would overflow.
The graph says so by OpenVINO's FakeQuantize, and OpenVINO computes in 8 bits what stands between two of them. Sums, attention's
products, the first convolution, which takes the picture itself, and what convolutions give out keep the precision they had.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

_MARGIN = 1.2  # of what pictures have in the mean: less cuts off what some have, more makes all steps coarser


def measured(graph: bytes, pictures: Sequence[np.ndarray]) -> dict[str, list[float]]:
    """The ranges of a graph.

    graph (bytes): an ONNX model. pictures (Sequence[np.ndarray]): (H, W, 3) float32, such as the network will be given.
    RETURNS (dict): by the name of what goes into a convolution, means over the pictures of its least and most, with a margin.
    """
    import openvino as ov

    core = ov.Core()
    model = core.read_model(graph, b"")
    inputs = {source.get_any_name(): source for _, source in _convolutions(model)}
    model.add_outputs(list(inputs.values()))
    compiled = core.compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    found = []
    for picture in pictures:
        values = list(compiled(picture[None]).values())[-len(inputs) :]
        found.append([(value.min(), value.max()) for value in values])
    ranges = _MARGIN * np.mean(found, axis=0)
    return {name: [float(f"{end:.4g}") for end in ends] for name, ends in zip(inputs, ranges, strict=True)}


def rounded(model: Any, ranges: dict[str, list[float]]) -> Any:
    """A copy of OpenVINO's model with what goes into its convolutions, and their weights, rounded."""
    from openvino import opset13 as ops

    made = model.clone()
    for convolution, source in _convolutions(made):
        lowest, highest = ranges[source.get_any_name()]
        least, most = min(lowest, 0), max(highest, 1e-6)
        if least:  # symmetric: 0 stays 0
            most = max(most, -least * 127 / 128)
            least = -most * 128 / 127
        ends = np.float32(least), np.float32(most)
        steps = ops.fake_quantize(source, *ends, *ends, 256)
        convolution.input(0).replace_source_output(steps.output(0))
        weights = _constant(convolution.input_value(1).get_node())
        largest = 2 * np.maximum(np.abs(weights).max(axis=(1, 2, 3), keepdims=True), 1e-6)  # half of the 255 steps are used
        steps = ops.fake_quantize(ops.constant(weights), -largest, largest, -largest, largest, 255)
        convolution.input(1).replace_source_output(steps.output(0))
    made.validate_nodes_and_infer_types()
    return made


def _convolutions(model: Any) -> Iterator[tuple[Any, Any]]:
    """Convolutions but for the first, and what goes into each."""
    found = [node for node in model.get_ordered_ops() if node.get_type_name() == "Convolution"]
    return ((node, node.input_value(0)) for node in found[1:])


def _constant(node: Any) -> np.ndarray:
    """Weights as float32, from behind what widens them."""
    while node.get_type_name() != "Constant":
        node = node.input_value(0).get_node()
    return node.data.astype(np.float32)
