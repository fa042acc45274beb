import functools

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from image_gan.training.networks.attention import WindowedSelfAttention
from image_gan.training.networks.critic import patch_critic
from image_gan.training.networks.spectral_norm import SpectralConv2D, iterate, spectral_layers
from image_gan.training.networks.unet import ICNR, build_unet

NORMAL = keras.initializers.RandomNormal(stddev=0.5, seed=1)


def random(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def layer_of(kind):
    """A built layer with nothing at its starting point, and its input."""
    keras.utils.set_random_seed(3)
    layer, *shape = {
        "3x3": (SpectralConv2D(4, 3), 2, 5, 7, 3),
        "strides": (SpectralConv2D(4, 4, strides=2), 2, 6, 8, 3),
        "1x1, no bias": (SpectralConv2D(2, 1, use_bias=False), 1, 3, 3, 5),
        "icnr": (keras.Sequential([SpectralConv2D(8, 3, kernel_initializer=ICNR(NORMAL, 2)), DepthToSpace()]), 1, 3, 3, 2),
        "attention": (WindowedSelfAttention(2), 1, 4, 6, 8),
        "attention, plain": (WindowedSelfAttention(3, spectral_norm=False), 2, 3, 6, 5),
    }[kind]
    layer.build(tuple(shape))
    for variable in layer.trainable_variables:
        if len(variable.shape) < 2:
            variable.assign(0.7 + random(*variable.shape))  # gamma, biases
    return layer, random(*shape).astype("f4")


class DepthToSpace(layers.Layer):
    def call(self, x):
        return keras.ops.depth_to_space(x, 2)


@pytest.mark.parametrize("kind", ["3x3", "strides", "1x1, no bias", "icnr", "attention", "attention, plain"])
def test_gradients_are_those_of_finite_differences(kind):
    """Of a function of the output, in a random direction of the input and of every weight."""
    layer, x = layer_of(kind)
    step = 3e-3
    weights = random(*layer(x).shape, seed=1)
    variables = [tf.Variable(x), *(variable.value for variable in layer.trainable_variables)]

    def value():
        return tf.reduce_sum(tf.cast(tf.tanh(layer(variables[0])), "float64") * weights)

    with tf.GradientTape() as tape:
        total = value()
    for variable, gradient in zip(variables, tape.gradient(total, variables), strict=True):
        kept, direction = variable.numpy(), random(*variable.shape, seed=2)
        found = []
        for sign in (1, -1):
            variable.assign((kept + sign * step * direction).astype(kept.dtype))
            found.append(float(value()))
        variable.assign(kept)
        expected = float(np.sum(gradient.numpy().astype("f8") * direction))
        assert (found[0] - found[1]) / (2 * step) == pytest.approx(expected, rel=2e-3, abs=2e-3), variable.name


@pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16"])
def test_the_effective_norm_is_1_after_20_iterations(policy):
    """Of every wrapped kernel of a generator and a critic, at its start and after the kernels were changed."""
    keras.config.set_dtype_policy(policy)
    keras.utils.set_random_seed(0)
    for model in (
        build_unet(widths=(8, 16), blocks=(1, 1), attention_window=2),
        patch_critic(widths=(8, 24), attention_window=2),
    ):
        wrapped, once = spectral_layers(model), tf.function(functools.partial(iterate, model))
        assert len(wrapped) >= 8
        assert {"query", "key", "content", "out"} <= {layer.name for layer in wrapped}
        for change in (0, 1):
            for layer in wrapped:
                assert change or 0.99999 < norm_of(layer) < 1.2
                layer.kernel.assign(layer.kernel + change * 3 * random(*layer.kernel.shape, seed=5))
            for _ in range(20):
                once()
            assert all(0.99999 < norm_of(layer) < 1.05 for layer in wrapped)


def norm_of(layer):
    """The spectral norm of the kernel as it is used."""
    return np.linalg.svd(layer.kernel.numpy().reshape(-1, layer.filters), compute_uv=False)[0] / float(layer.sigma())


def test_sigma_is_computed_in_float32_whatever_the_compute_dtype():
    exact, coarse = (SpectralConv2D(8, 3, dtype=policy) for policy in ("float32", "mixed_bfloat16"))
    for layer in (exact, coarse):
        layer.build((None, None, None, 6))
        layer.kernel.assign(random(3, 3, 6, 8))
        layer.u.assign(random(1, 8, seed=4))
    assert coarse.sigma().dtype == coarse.kernel.dtype == coarse.u.dtype == "float32"
    assert float(coarse.sigma()) == float(exact.sigma())
    x = random(1, 6, 6, 6).astype("f4")
    assert coarse(x).dtype == "bfloat16"
    assert np.abs(np.float32(coarse(x)) - exact(x)).max() < 0.02


@pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16"])
def test_calls_change_nothing_and_iterations_u_alone(policy):
    layer = SpectralConv2D(8, 3, dtype=policy)
    x = random(2, 6, 6, 4)
    layer.build(x.shape)
    kernel, u, bias = (variable.numpy() for variable in (layer.kernel, layer.u, layer.bias))
    for training in (True, False):
        first, second = (np.float32(layer(x, training=training)) for _ in range(2))
        assert (first == second).all()
    assert (layer.u.numpy() == u).all()
    layer.iterate()
    assert (layer.u.numpy() != u).all()
    assert (layer.kernel.numpy() == kernel).all()
    assert (layer.bias.numpy() == bias).all()
    assert [variable.path for variable in layer.trainable_variables] == [layer.kernel.path, layer.bias.path]


@pytest.mark.parametrize("kind", ["3x3", "strides", "attention", "attention, plain"])
def test_how_large_a_stored_kernel_is_says_nothing(kind):
    """Doubled, it gives the same, but where nothing is divided out."""
    layer, x = layer_of(kind)
    before = np.array(layer(x))
    for one in layer._flatten_layers():
        if hasattr(one, "kernel"):
            one.kernel.assign(2 * one.kernel)
    assert np.allclose(layer(x), before, atol=1e-5) == ("plain" not in kind)


@pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16"])
def test_layers_travel_through_keras(policy, tmp_path):
    """In safe mode, which refuses code: what is loaded is of registered classes, initialisers within initialisers too."""
    keras.config.set_dtype_policy(policy)
    inputs = keras.Input((8, 8, 3))
    x = SpectralConv2D(16, 3, strides=2, kernel_initializer=ICNR(NORMAL, 2))(inputs)
    x = keras.ops.depth_to_space(x, 2)
    x = WindowedSelfAttention(4, spectral_norm=False)(WindowedSelfAttention(2)(x))
    model = keras.Model(inputs, SpectralConv2D(2, 1, use_bias=False)(x))
    for layer in model.layers:
        if hasattr(layer, "gamma"):
            layer.gamma.assign(0.5)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    x = random(2, 8, 8, 3)
    assert (np.float32(loaded(x)) == np.float32(model(x))).all()
    assert [v.dtype for v in loaded.variables] == [v.dtype for v in model.variables]
    again = keras.Model.from_config(loaded.get_config())  # begins anew, with the initialisers that it had
    kernel = again.layers[1].kernel.numpy()
    assert (kernel[..., :4] == kernel[..., 12:]).all()
    assert kernel.std() == pytest.approx(0.5, rel=0.3)


def test_shapes_are_told_before_they_are_computed():
    for layer, shape in ((SpectralConv2D(5, 4, strides=2), (2, 7, 9, 3)), (WindowedSelfAttention(2), (1, 4, 6, 8))):
        assert layer.compute_output_shape(shape) == tuple(layer(random(*shape)).shape)
    assert SpectralConv2D(5).compute_output_shape((None, None, None, 3)) == (None, None, None, 5)
