"""Engines: each gives what the trained generator gives."""

import sys

import numpy as np
import onnx
import pytest
from image_samples import drawn, largest_difference, plainly_enlarged

from corpora.errors import InputError
from image_gan import Enhancer
from image_gan.enhance.engines import OnnxRuntimeEngine, find_engine
from image_gan.enhance.model_file import write_model
from image_gan.enhance.models import load_model
from image_gan.training.evaluation import run_generator
from image_gan.training.from_onnx import TensorFlowEngine

SCALES = (1, 2, 4)
SIZES = ((61, 45), (410, 300))  # computed in any shape, and in one that is fixed


@pytest.fixture(scope="module")
def expected(generators):
    """By scale and size, what the trained generator gives."""
    return {(scale, size): run_generator(generators[scale][0], free(*size)) for scale in SCALES for size in SIZES}


def free(*size):
    """Neither black nor white, which stay as they are."""
    return drawn(*size) // 2 + 60


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("engine", ["openvino", "onnxruntime", TensorFlowEngine])
def test_engines_give_what_the_trained_generator_gives(engine, scale, size, generators, expected):
    picture, right = free(*size), expected[scale, size]
    assert largest_difference(right, plainly_enlarged(picture, scale)) > 20  # the network has a part in it
    output = Enhancer(generators[scale][1], engine=engine, precision="float32")(picture)
    assert largest_difference(output, right) <= 2
    assert np.mean(np.abs(output.astype(int) - right) > 1) < 1e-5  # weights have 16 bits


@pytest.mark.parametrize("scale", SCALES)
def test_bfloat16_and_int8_are_near(scale, model_files):
    """Where the processor has bfloat16; "auto" is int8."""
    picture, card = drawn(), load_model(model_files[scale]).card
    exact, auto, int8 = (Enhancer(model_files[scale], precision=name)(picture) for name in ("float32", "auto", "int8"))
    assert not largest_difference(auto, int8)
    narrow = [int8]
    if card.bfloat16 and has_bfloat16():
        narrow.append(Enhancer(model_files[scale], precision="bfloat16")(picture))
    for output in narrow:
        error = np.mean((exact.astype(float) - output) ** 2)
        assert 0 < error < 255**2 * 10**-4.5
    deep = drawn(dtype=np.uint16)
    by_precision = [Enhancer(model_files[scale], precision=precision)(deep) for precision in ("float32", "auto")]
    assert not largest_difference(*by_precision)


def has_bfloat16():
    import openvino

    return "BF16" in openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")


def test_what_a_card_lets_be_chosen(model_files, tmp_path):
    """Int8 that is not near is taken where it is asked for; without ranges it is refused."""
    data, card = load_model(model_files[1])
    picture = drawn()
    graph = onnx.load_model_from_string(data)
    graph.metadata_props.clear()
    outputs = {}
    for name, other in (("far", {"int8": 40.0, "bfloat16": None}), ("none", {"ranges": None, "int8": None, "bfloat16": None})):
        write_model(tmp_path / f"{name}.onnx", graph.SerializeToString(), {**card.entries(), **other})
        outputs[name] = Enhancer(tmp_path / f"{name}.onnx")(picture)
        assert not largest_difference(outputs[name], Enhancer(model_files[1], precision="float32")(picture))
    assert largest_difference(Enhancer(tmp_path / "far.onnx", precision="int8")(picture), outputs["far"])
    with pytest.raises(InputError, match=r"\[P060\] precision must be auto or .*float32 with this model on this processor"):
        Enhancer(tmp_path / "none.onnx", precision="int8")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"engine": "torch"}, "engine must be openvino or onnxruntime, or an engine's class. Received: 'torch'"),
        ({"engine": "tensorflow"}, "engine must be"),
        ({"precision": "int4"}, "precision must be auto or int8 or bfloat16 or float32"),
        ({"strength": 1.5}, "strength must be from 0 to 1. Received: 1.5"),
        ({"engine": "onnxruntime", "precision": "bfloat16"}, "precision must be auto or float32 with the engine onnxruntime"),
        ({"engine": TensorFlowEngine, "precision": "int8"}, "precision must be auto or float32 with the engine TensorFlow"),
    ],
)
def test_refuses_settings(settings, message, model_files):
    with pytest.raises(InputError, match=rf"\[P060\] {message}"):
        Enhancer(model_files[1], **settings)


def test_an_engine_that_is_not_installed_is_named(model_files, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(InputError, match=r"\[P091\] the engine 'onnxruntime' needs the package onnxruntime: pip install onnx"):
        Enhancer(model_files[1], engine="onnxruntime")


def test_a_class_is_an_engine():
    assert find_engine("onnxruntime") is find_engine(OnnxRuntimeEngine) is OnnxRuntimeEngine
