"""Graphs of others, in several layouts and ranges: small ones made here, and CFSR where PALATE_DATA has it."""

import os
from pathlib import Path

import cv2
import numpy as np
import onnx
import pytest
from image_samples import drawn
from onnx import TensorProto, helper, numpy_helper

from corpora.errors import InputError
from image_gan import Enhancer, SizedEnhancer
from image_gan.enhance.foreign import import_model
from image_gan.enhance.models import load_model
from image_gan.pictures import Picture

PEERS = Path(os.environ.get("PALATE_DATA", "/nowhere")) / "peers"


def graph_of(
    *,
    channels=3,
    first=True,
    scale=2,
    factor=1.0,
    offset=0.0,
    sides=(None, None),
    opset=13,
    inputs=1,
    outputs=1,
    multiple=1,
    domain="",
):
    """Enlarges by nearest neighbours after a slight blur, which knows its range: it adds nothing where that is right.

    factor, offset: of the range that it takes, from 0 to 1; values beyond it are cut.
    """
    kernel = np.zeros((channels, 1, 3, 3), np.float32)
    kernel[:, 0] = np.outer([0.1, 0.8, 0.1], [0.1, 0.8, 0.1])
    weights = {
        "kernel": kernel,
        "least": np.float32(offset),
        "most": np.float32(factor + offset),
        "scales": np.array([1, 1, scale, scale], np.float32),
    }
    nodes = [] if first else [helper.make_node("Transpose", ["x"], ["x1"], perm=[0, 3, 1, 2])]
    nodes += [helper.make_node("Clip", ["x" if first else "x1", "least", "most"], ["c"])]
    nodes += [helper.make_node("Conv", ["c", "kernel"], ["b"], pads=[1] * 4, group=channels)]
    nodes += [helper.make_node("Round" if factor == 255 else "Identity", ["b"], ["r"], domain=domain)]  # whole numbers
    last = "r"
    if multiple > 1:
        nodes += [helper.make_node("SpaceToDepth", ["r"], ["s"], blocksize=multiple)]
        nodes += [helper.make_node("DepthToSpace", ["s"], ["d"], blocksize=multiple)]
        last = "d"
    resize = {"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
    nodes += [helper.make_node("Resize", [last, "", "scales"], ["y" if first else "y1"], **resize)]
    nodes += [] if first else [helper.make_node("Transpose", ["y1"], ["y"], perm=[0, 2, 3, 1])]
    shape = [None, channels, *sides] if first else [None, *sides, channels]
    given = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name in ("x", "other")[:inputs]]
    made = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [None] * 4) for name in ("y", "b")[:outputs]]
    tensors = [numpy_helper.from_array(np.asarray(value), name) for name, value in weights.items()]
    graph = helper.make_graph(nodes, "g", given, made, tensors)
    return helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", opset), helper.make_opsetid("nobody", 1)], ir_version=8
    )


def saved(path, **how):
    onnx.save(graph_of(**how), path)
    return path


def pale(*size, **how):
    """A drawing without black and white, to which nothing is added."""
    return drawn(*size, **how) // 2 + 60


def expected(picture, scale):
    """What the graph makes of a picture, away from its border."""
    taps = np.array([0.1, 0.8, 0.1])
    blurred = cv2.sepFilter2D(picture.astype(np.float64), -1, taps, taps, borderType=cv2.BORDER_REFLECT)
    return np.rint(blurred).repeat(scale, 0).repeat(scale, 1)


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize(("factor", "offset", "said"), [(1, 0, "0 to 1"), (255, 0, "0 to 255"), (2, -1, "-1 to 1")])
def test_layouts_and_ranges(first, factor, offset, said, tmp_path):
    source = saved(tmp_path / "other.onnx", first=first, factor=factor, offset=offset)
    card = import_model(source, tmp_path / "mine.onnx")
    assert (card.name, card.scale, card.size_multiple, card.receptive_field) == ("other", 2, 1, 1)
    assert f"channels {'first' if first else 'last'}, red first, which is assumed, {said} in, {said} out" in card.limits
    assert load_model(tmp_path / "mine.onnx").card == card
    picture = pale(60, 70)
    made = Enhancer(tmp_path / "mine.onnx", precision="float32")(picture)
    assert np.abs(made - expected(picture, 2)).max() <= 1
    tiled = Enhancer(tmp_path / "mine.onnx", precision="float32", tile=1)(picture)
    assert np.array_equal(made, tiled)


def test_a_scale_beyond_those_of_models_that_ship(tmp_path):
    assert import_model(saved(tmp_path / "other.onnx", scale=5), tmp_path / "mine.onnx").scale == 5
    enhancer = SizedEnhancer(model=tmp_path / "mine.onnx")
    assert enhancer.enhance(Picture(pale(20, 30))).pixels.shape == (100, 150, 3)


def test_restoration(tmp_path):
    card = import_model(saved(tmp_path / "other.onnx", scale=1), tmp_path / "mine.onnx")
    assert card.scale == 1
    picture = pale(60, 70)
    assert np.abs(Enhancer(tmp_path / "mine.onnx", precision="float32")(picture) - expected(picture, 1)).max() <= 1


def test_luma_leaves_colours_as_they_are(tmp_path):
    card = import_model(saved(tmp_path / "other.onnx", channels=1, scale=3), tmp_path / "mine.onnx")
    assert card.scale == 3
    assert "luma" in card.limits
    grey = np.repeat(pale(40, 50, channels=1), 3, axis=2)
    made = Enhancer(tmp_path / "mine.onnx", precision="float32")(grey)
    assert np.ptp(made, axis=2).max() == 0
    assert np.abs(made - expected(grey, 3)).max() <= 1


def test_blue_first(tmp_path):
    """A graph that leaves out what it takes for red."""
    model = graph_of(scale=1)
    kernel = next(tensor for tensor in model.graph.initializer if tensor.name == "kernel")
    values = numpy_helper.to_array(kernel).copy()
    values[0] *= 0.9
    kernel.CopyFrom(numpy_helper.from_array(values, "kernel"))
    onnx.save(model, tmp_path / "other.onnx")
    rosy = np.full((40, 40, 3), 240, np.uint8) - np.uint8([0, 1, 0])  # what is grey stays grey
    for bgr, darker in ((False, 0), (True, 2)):
        import_model(tmp_path / "other.onnx", tmp_path / "mine.onnx", bgr=bgr)
        made = Enhancer(tmp_path / "mine.onnx", precision="float32")(rosy)[20, 20]
        assert int(made.argmin()) == darker


def test_sizes_that_are_multiples(tmp_path):
    card = import_model(saved(tmp_path / "other.onnx", multiple=4), tmp_path / "mine.onnx")
    assert card.size_multiple == 4
    picture = drawn(61, 71)
    assert Enhancer(tmp_path / "mine.onnx")(picture).shape == (122, 142, 3)


def test_weights_beside_the_graph(tmp_path):
    onnx.save(graph_of(), tmp_path / "other.onnx", save_as_external_data=True, location="weights", size_threshold=0)
    assert import_model(tmp_path / "other.onnx", tmp_path / "mine.onnx").scale == 2
    (tmp_path / "weights").unlink()
    refused(tmp_path / "other.onnx", "its weights lie in another file")


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ({"sides": (64, 64)}, "any x 3 x 64 x 64, where a batch of 1, 3 channels or 1, and any height"),
        ({"inputs": 2}, "it has 2 inputs (x, other)"),
        ({"outputs": 2}, "it has 2 outputs (y, b)"),
        ({"channels": 4}, "any x 4 x any x any, where"),
        ({"factor": 0.2, "offset": 5}, "does not resemble it"),
        ({"opset": 1}, "opset 1"),
        ({"domain": "nobody"}, "OpenVINO cannot run it"),
    ],
)
def test_what_cannot_be_imported(how, reason, tmp_path):
    refused(saved(tmp_path / "other.onnx", **how), reason)


def test_what_is_no_model(tmp_path):
    refused(tmp_path / "absent.onnx", "no file")
    (tmp_path / "text.onnx").write_text("no model")
    refused(tmp_path / "text.onnx", "no ONNX model, or damaged")
    whole = graph_of().SerializeToString()
    (tmp_path / "short.onnx").write_bytes(whole[: len(whole) // 2])
    refused(tmp_path / "short.onnx", "cannot import")


def test_outputs_that_are_no_enlargement(tmp_path):
    shape = [None, 3, None, None]
    given, made = (helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name in "xy")
    mean = helper.make_node("GlobalAveragePool", ["x"], ["y"])
    graph = helper.make_graph([mean], "g", [given], [made])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), tmp_path / "other.onnx")
    refused(tmp_path / "other.onnx", "not its input's size times a whole number")


def refused(path, reason):
    with pytest.raises(InputError) as caught:
        import_model(path, path.parent / "never.onnx")
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not (path.parent / "never.onnx").exists()


@pytest.mark.slow
@pytest.mark.skipif(not PEERS.is_dir(), reason="PALATE_DATA has CFSR")
@pytest.mark.parametrize(("scale", "least"), [(2, 38.0), (4, 32.2)])
def test_cfsr(scale, least, tmp_path):
    """Its own figures on Set5: 38.07 and 32.33 dB."""
    from image_gan.pictures import read
    from image_gan.training.metrics import psnr_y

    card = import_model(PEERS / f"CFSRx{scale}.onnx", tmp_path / "mine.onnx")
    assert (card.scale, card.size_multiple) == (scale, 1)
    assert ", 0 to 1 in, 0 to 1 out" in card.limits
    enhancer, decibels = Enhancer(tmp_path / "mine.onnx", precision="float32"), []
    for file in sorted((PEERS.parent / f"images/Set5_LR_bicubic/X{scale}").iterdir()):
        made = enhancer(read(file).rgb8())
        real = read(PEERS.parent / f"images/Set5/{file.stem.split('x')[0]}.png").rgb8()
        decibels.append(psnr_y(made, real[: made.shape[0], : made.shape[1]], scale))
    assert np.mean(decibels) > least
