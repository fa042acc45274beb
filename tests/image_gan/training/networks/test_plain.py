import keras
import numpy as np
import pytest
from confection import Config
from keras import ops

from corpora.errors import InputError
from image_gan.enhance.model_file import read_model
from image_gan.export import export_generator
from image_gan.training.from_onnx import network_from_onnx, start_from_file
from image_gan.training.networks.plain import ReparameterizedConv2D, build_plain
from image_gan.training.networks.unet import add_residual

SMALL = {"width": 6, "depth": 3}


def random(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype("f4")


def trained(scale=2, seed=1):
    """A generator none of whose weights is where it began."""
    keras.utils.set_random_seed(seed)
    model = build_plain(scale=scale, **SMALL)
    for number, variable in enumerate(model.trainable_variables):
        variable.assign(variable + 0.05 * random(*variable.shape, seed=number))
    return model


@pytest.mark.parametrize("scale", [2, 4])
def test_any_size_enlarged(scale):
    model = build_plain(scale=scale, **SMALL)
    assert (model.scale, model.size_multiple, model.noise_level) == (scale, 1, False)
    for height, width in ((1, 1), (5, 8)):
        x = np.random.default_rng(0).random((2, height, width, 3), np.float32)
        made = add_residual(x, model(x))
        assert made.shape == (2, scale * height, scale * width, 3)
        assert made.dtype == "float32"
        assert model.encoder(x).shape == (2, height, width, 6)
        assert np.abs(model(x)).max() < 0.05  # a new one changes next to nothing


def test_the_fused_kernel_does_what_the_convolutions_beside_each_other_do():
    layer, x = ReparameterizedConv2D(), random(2, 7, 9, 4)
    layer.build(x.shape)
    for number, variable in enumerate(layer.trainable_variables):
        variable.assign(random(*variable.shape, seed=number))
    sobel = np.float32([[1, 0, -1], [2, 0, -2], [1, 0, -1]])
    edges = [sobel, sobel.T, np.float32([[0, 1, 0], [1, -4, 1], [0, 1, 0]])]
    expanded = ops.conv(x, layer.expand[None, None])
    expected = (
        x + layer.bias + ops.conv(x, layer.kernel_3x3, padding="same") + ops.conv(expanded, layer.squeeze, padding="same")
    )
    for edge, before, strengths in zip(edges, layer.before_edges.numpy(), layer.edge_strengths.numpy(), strict=True):
        every = np.broadcast_to(edge[..., None, None], (3, 3, 4, 1))
        filtered = ops.depthwise_conv(ops.conv(x, before[None, None]), every, padding="same")
        expected = expected + strengths * filtered
    assert np.allclose(layer(x), expected, atol=1e-5 * np.abs(expected).max())


def test_every_part_learns():
    import tensorflow as tf

    model = trained()
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(tf.abs(model(random(1, 8, 8, 3))))
    gradients = tape.gradient(loss, [v.value for v in model.trainable_variables])
    assert all(gradient is not None and np.abs(gradient).max() > 0 for gradient in gradients)


def test_what_is_exported_is_plain_and_does_the_same(tmp_path):
    import onnx
    import openvino as ov

    model, path = trained(4), tmp_path / "plain.onnx"
    config = Config({"generator": {"@networks": "image_gan.Plain.v1", "scale": 4, **SMALL}})
    export_generator(model, path, about={"name": "plain", "config": config.to_str()})
    graph = onnx.load(path).graph
    kinds = {node.op_type for node in graph.node}
    assert kinds == {"Cast", "Conv", "Relu", "Transpose", "Sub", "DepthToSpace"}
    assert sum(node.op_type == "Conv" for node in graph.node) == SMALL["depth"] + 2
    x = np.random.default_rng(3).random((1, 9, 7, 3), np.float32)
    run = ov.Core().compile_model(ov.Core().read_model(path), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    expected = model(x).numpy()
    assert np.allclose(run(x)[0], expected, atol=2e-3 * np.abs(expected).max())  # weights have 16 bits
    data, card = read_model(path)
    assert np.allclose(network_from_onnx(data, card["config"])(x), run(x)[0], atol=1e-5 * np.abs(expected).max())
    other = build_plain(scale=4, **SMALL)
    start_from_file(path, other)
    assert np.allclose(other(x), run(x)[0], atol=1e-5 * np.abs(expected).max())


@pytest.mark.parametrize("wrong", [{"scale": 1}, {"scale": 3}, {"width": 0}, {"depth": 0}])
def test_settings_that_cannot_be(wrong):
    with pytest.raises(InputError, match="P072"):
        build_plain(**wrong)
