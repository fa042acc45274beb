"""Gives a foreign ONNX graph the interface of palate's own: RGB from 0 to 1, channels last, and what is to be added comes out.

A foreign graph gives the picture itself: its plain enlargement, which the runtime adds, is taken away again in the graph. Of a
graph for luma the difference goes to all three channels alike: that changes luma, and leaves the colours as they are.
"""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from image_gan.errors import Errors, InputError, one_line

_OPSET = 13  # the oldest that all nodes here have in the same form
_LUMA = (0.299, 0.587, 0.114)
RANGES = {"0 to 1": (1.0, 0.0), "0 to 255": (255.0, 0.0), "-1 to 1": (2.0, -1.0)}  # factor and offset from 0 to 1


class Graph(NamedTuple):
    """A foreign graph: parsed, as bytes, the layouts that it may have (channels first, channels), its number of weights."""

    model: Any
    data: bytes
    candidates: Sequence[tuple[bool, int]]
    parameters: int


class Interface(NamedTuple):
    """What a foreign graph takes and gives."""

    channels_first: bool
    channels: int
    bgr: bool
    range_in: str
    range_out: str


def read_graph(path: Path) -> Graph:
    """Read an ONNX model with weights in its file or beside it.

    RAISES InputError: P094, the file is damaged, or no graph from one picture to one.
    """
    from corpora.extras import load

    onnx = load("onnx")
    if not path.is_file():
        raise InputError(Errors.P009.format(path=path))
    try:
        model = onnx.load(path, load_external_data=False)
    except Exception as error:  # protobuf's own
        raise _refused(path, "it is no ONNX model, or damaged") from error
    if not model.graph.node:
        raise _refused(path, "it is no ONNX model, or damaged")
    try:
        onnx.external_data_helper.load_external_data_for_model(model, str(path.parent))
    except Exception as error:
        reason = f"its weights lie in another file, which cannot be read: {one_line(error, 120)}"
        raise _refused(path, reason) from None
    model = _of_known_opset(onnx, model, path)
    return Graph(model, _serialised(model, path), _candidates(onnx, model.graph, path), _parameters(model.graph))


def _refused(path: Path, reason: str) -> InputError:
    return InputError(Errors.P094.format(path=path, reason=reason))


def _serialised(model: Any, path: Path) -> bytes:
    try:
        return model.SerializeToString()
    except Exception as error:  # protobuf holds 2 GB
        raise _refused(path, f"it is too large: {one_line(error, 120)}") from None


def _of_known_opset(onnx: Any, model: Any, path: Path) -> Any:
    opset = next((one.version for one in model.opset_import if one.domain in ("", "ai.onnx")), 0)
    if opset >= _OPSET:
        return model
    try:
        return onnx.version_converter.convert_version(model, _OPSET)
    except Exception as error:  # the converter's own, of many kinds
        reason = f"it has opset {opset}, and cannot be turned into {_OPSET} ({one_line(error, 100)}): export it again"
        raise _refused(path, reason) from None


def _candidates(onnx: Any, graph: Any, path: Path) -> list[tuple[bool, int]]:
    """The layouts that its declared input allows."""
    weights = {tensor.name for tensor in graph.initializer}
    inputs = [one for one in graph.input if one.name not in weights]
    for what, found in (("inputs", inputs), ("outputs", list(graph.output))):
        if len(found) != 1:
            names = ", ".join(one.name for one in found)
            raise _refused(path, f"it has {len(found)} {what} ({names}), where one picture is wanted")
    tensor = inputs[0].type.tensor_type
    if tensor.elem_type not in (onnx.TensorProto.FLOAT, onnx.TensorProto.FLOAT16):
        kind = onnx.TensorProto.DataType.Name(tensor.elem_type).lower()
        raise _refused(path, f"its input is of type {kind}, where float or float16 is wanted")
    sides = [one.dim_value if one.HasField("dim_value") else None for one in tensor.shape.dim]
    if sides and len(sides) != 4:
        raise _refused(path, f"its input has {len(sides)} axes, where a picture has 4")
    sides = sides or [None] * 4
    fitting = [
        (first, channels)
        for first in (True, False)
        for channels in (3, 1)
        if sides[1 if first else 3] in (None, channels) and not any(sides[2:4] if first else sides[1:3])
    ]
    if not fitting or sides[0] not in (None, 1):
        wanted = "a batch of 1, 3 channels or 1, and any height and width are wanted: export it with dynamic axes"
        raise _refused(path, f"its input has the shape {_shown(sides)}, where {wanted}")
    return fitting


def _shown(sides: Sequence[int | None]) -> str:
    return " x ".join("any" if side is None else str(side) for side in sides)


def _parameters(graph: Any) -> int:
    sizes = [math.prod(tensor.dims) for tensor in graph.initializer if tensor.data_type in (1, 10)]
    constants = [node.attribute[0].t for node in graph.node if node.op_type == "Constant" and node.attribute[0].HasField("t")]
    return sum(sizes) + sum(math.prod(tensor.dims) for tensor in constants if tensor.data_type in (1, 10))


def adapted(graph: Graph, interface: Interface, scale: int) -> bytes:
    """The graph with palate's interface.

    graph (Graph): stays as it is.
    interface (Interface): what it takes and gives.
    scale (int): by how much it enlarges.
    RETURNS (bytes): an ONNX model of "picture" (1, H, W, 3) and "residual" (1, scale * H, scale * W, 3), float32.
    """
    import onnx
    from onnx import TensorProto, helper

    model = onnx.ModelProto()
    model.CopyFrom(graph.model)
    weights = {tensor.name for tensor in model.graph.initializer}
    given = next(one for one in model.graph.input if one.name not in weights)
    made, kind = model.graph.output[0], given.type.tensor_type.elem_type
    nodes = _Nodes(model.graph)
    planes = nodes.add("Transpose", ["picture"], perm=[0, 3, 1, 2])
    planes = nodes.of_channels(planes, interface)
    x = nodes.scaled(planes, *RANGES[interface.range_in])
    x = x if interface.channels_first else nodes.add("Transpose", [x], perm=[0, 2, 3, 1])
    before = [*nodes.taken(), helper.make_node("Cast", [x], [given.name], to=kind)]
    y = nodes.add("Cast", [made.name], to=TensorProto.FLOAT)
    y = y if interface.channels_first else nodes.add("Transpose", [y], perm=[0, 3, 1, 2])
    factor, offset = RANGES[interface.range_out]
    y = nodes.scaled(y, 1 / factor, -offset / factor)
    y = nodes.add("Sub", [y, nodes.enlarged(planes, scale)])
    y = nodes.to_rgb(y, interface)
    after = [*nodes.taken(), helper.make_node("Transpose", [y], ["residual"], perm=[0, 2, 3, 1])]
    body = list(model.graph.node)
    del model.graph.node[:], model.graph.output[:], model.graph.value_info[:]
    model.graph.input.remove(given)
    model.graph.node.extend([*before, *body, *after])
    model.graph.input.append(helper.make_tensor_value_info("picture", TensorProto.FLOAT, [1, None, None, 3]))
    model.graph.output.append(helper.make_tensor_value_info("residual", TensorProto.FLOAT, [1, None, None, 3]))
    return model.SerializeToString()


class _Nodes:
    """New nodes of a graph, with names that none of its own has."""

    def __init__(self, graph: Any) -> None:
        self._graph, self._count = graph, 0
        self._nodes: list[Any] = []

    def add(self, kind: str, inputs: Sequence[str], **attributes: Any) -> str:
        from onnx import helper

        name = self._name()
        self._nodes.append(helper.make_node(kind, list(inputs), [name], name=name, **attributes))
        return name

    def constant(self, values: Any) -> str:
        from onnx import numpy_helper

        name = self._name()
        self._graph.initializer.append(numpy_helper.from_array(np.array(values), name))
        return name

    def taken(self) -> list[Any]:
        """The nodes so far, which are forgotten here."""
        nodes, self._nodes = self._nodes, []
        return nodes

    def of_channels(self, planes: str, interface: Interface) -> str:
        """RGB planes as the graph wants them."""
        if interface.channels == 1:
            return self._luma(planes)
        return self._reversed(planes) if interface.bgr else planes

    def to_rgb(self, planes: str, interface: Interface) -> str:
        if interface.channels == 1:
            return self.add("Concat", [planes] * 3, axis=1)
        return self._reversed(planes) if interface.bgr else planes

    def scaled(self, x: str, factor: float, offset: float) -> str:
        x = x if factor == 1 else self.add("Mul", [x, self.constant(np.float32(factor))])
        return x if offset == 0 else self.add("Add", [x, self.constant(np.float32(offset))])

    def enlarged(self, planes: str, scale: int) -> str:
        """Bilinear, as the runtime does it."""
        if scale == 1:
            return planes
        scales = self.constant(np.array([1, 1, scale, scale], np.float32))
        return self.add("Resize", [planes, "", scales], mode="linear", coordinate_transformation_mode="half_pixel")

    def _luma(self, planes: str) -> str:
        weighted = self.add("Mul", [planes, self.constant(np.array(_LUMA, np.float32)[None, :, None, None])])
        return self.add("ReduceSum", [weighted, self.constant(np.array([1], np.int64))], keepdims=1)

    def _reversed(self, planes: str) -> str:
        return self.add("Gather", [planes, self.constant(np.array([2, 1, 0], np.int64))], axis=1)

    def _name(self) -> str:
        self._count += 1
        return f"palate_{self._count}"
