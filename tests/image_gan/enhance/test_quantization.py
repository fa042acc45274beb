import numpy as np
import onnx
import pytest
from image_samples import drawn

from image_gan.enhance.models import load_model
from image_gan.enhance.quantization import measure_ranges, quantize


@pytest.mark.parametrize("scale", [1, 2, 4])
def test_ranges_are_those_of_what_goes_into_convolutions(scale, model_files):
    data, card = load_model(model_files[scale])
    convolutions = [node for node in onnx.load_model_from_string(data).graph.node if node.op_type == "Conv"]
    half, full = (measure_ranges(data, [drawn(64, 64).astype(np.float32) / 255 * k]) for k in (0.5, 1))
    for ranges in (half, full, card.ranges):
        assert set(ranges) == {node.input[0] for node in convolutions[1:]}
        assert all(low <= 0 < high for low, high in ranges.values())
    assert half != full


@pytest.mark.parametrize("scale", [1, 2, 4])
def test_all_convolutions_but_the_first_are_computed_in_8_bits(scale, model_files):
    import openvino as ov

    data, card = load_model(model_files[scale])
    model = ov.Core().read_model(data, b"")
    convolutions = sum(node.get_type_name() == "Convolution" for node in model.get_ordered_ops())
    assert in_8_bits(model) == 0
    assert in_8_bits(quantize(model, card.ranges)) == convolutions - 1
    assert in_8_bits(model) == 0  # it stays as it is


def in_8_bits(model):
    """How many convolutions are computed in 8 bits."""
    import openvino as ov

    model = model.clone()
    model.reshape([1, 32, 32, 3])
    compiled = ov.Core().compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"}).get_runtime_model()
    infos = [node.get_rt_info() for node in compiled.get_ordered_ops()]
    return sum(info["layerType"].value == "Convolution" and info["runtimePrecision"].value in ("i8", "u8") for info in infos)
