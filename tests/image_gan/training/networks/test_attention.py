import keras
import numpy as np
import pytest
import tensorflow as tf

from image_gan.training.networks.attention import WindowedSelfAttention


def made(window, height, width, channels=16, gamma=0.8, **more):
    """A layer, and a picture that is not the same anywhere."""
    keras.utils.set_random_seed(7)
    layer = WindowedSelfAttention(window, **more)
    layer.build((None, None, None, channels))
    layer.gamma.assign(gamma)
    return layer, np.random.default_rng(0).normal(size=(2, height, width, channels)).astype("f4")


def test_it_begins_as_the_identity():
    layer, x = made(4, 8, 12)
    assert np.abs(layer(x) - x).max() > 0.01
    layer, x = made(4, 8, 12, gamma=0)
    assert (np.array(layer(x)) == x).all()


def test_it_is_attention_as_the_papers_write_it():
    """y = x + gamma * out(softmax(10 cos(query, key)) content), with a loop over windows and places."""
    layer, x = made(3, 6, 3, spectral_norm=False)
    query, key, content, out = (conv.kernel.numpy()[0, 0] for conv in (layer.query, layer.key, layer.content, layer.out))
    assert query.shape == key.shape == (16, 2)
    assert content.shape == (16, 8)
    for picture, got in zip(x, layer(x).numpy(), strict=True):
        for top in (0, 3):
            places = picture[top : top + 3].reshape(9, 16)
            unit = [vectors / np.linalg.norm(vectors, axis=1, keepdims=True) for vectors in (places @ query, places @ key)]
            scores = np.exp([[10 * q @ k for k in unit[1]] for q in unit[0]])
            expected = places + 0.8 * (scores / scores.sum(axis=1, keepdims=True)) @ (places @ content) @ out
            assert np.allclose(got[top : top + 3].reshape(9, 16), expected, atol=1e-5)


def test_small_features_attend_as_large_ones_do():
    """Behind spectrally normalised layers they are small."""
    layer, x = made(4, 8, 12)
    assert np.allclose(layer(x / 64).numpy() * 64, layer(x), atol=1e-3)


def test_windows_are_fixed_to_the_grid():
    """Tiles that are cut on it agree with the whole; a change stays in its window, and reaches most of it."""
    layer, x = made(4, 12, 8)
    whole = layer(x).numpy()
    for part in (np.s_[:, 4:], np.s_[:, :, 4:], np.s_[:, 4:8, :4]):
        assert np.allclose(layer(x[part]), whole[part], atol=1e-6)
    assert not np.allclose(layer(x[:, 2:10]), whole[:, 2:10], atol=1e-3)
    other = x.copy()
    other[0, 5, 6] += 1
    changed = (layer(other).numpy() != whole).any(axis=-1)
    assert changed[0, 4:8, 4:].sum() == changed.sum() > 8


@pytest.mark.parametrize("window", [2, 4])
def test_the_cost_is_linear_in_the_area(window):
    """Multiplications and additions as TensorFlow counts them, and as the docstring gives them."""
    layer, _ = made(window, 8, 8, spectral_norm=False)

    def operations(height, width):
        graph = tf.function(layer).get_concrete_function(tf.TensorSpec((1, height, width, 16))).graph
        found = dict.fromkeys(("Conv2D", "BatchMatMulV2"), 0)
        for operation in graph.get_operations():
            if operation.type == "Conv2D":
                found["Conv2D"] += np.prod(operation.outputs[0].shape) * operation.inputs[1].shape[2]
            elif operation.type in found:
                found[operation.type] += np.prod(operation.outputs[0].shape) * operation.inputs[0].shape[-1]
        return np.array(list(found.values()))

    small = operations(8, 8)
    assert (operations(16, 8) == 2 * small).all()
    assert (operations(32, 24) == 12 * small).all()
    assert small[1] == 64 * window**2 * (16 // 8 + 16 // 2)


def test_bfloat16_is_near():
    exact, x = made(4, 8, 8)
    keras.config.set_dtype_policy("mixed_bfloat16")
    coarse, _ = made(4, 8, 8)
    assert coarse.gamma.dtype == "float32"
    assert coarse(x).dtype == "bfloat16"
    assert np.abs(np.float32(coarse(x)) - exact(x)).max() < 0.05
