import keras
import numpy as np
import pytest

from corpora.errors import InputError
from image_gan.training.networks.critic import critic_logits, patch_critic, resnet_critic
from image_gan.training.networks.spectral_norm import spectral_layers

X = np.random.default_rng(0).random((2, 32, 32, 3), np.float32)


def test_patches():
    critic = patch_critic(widths=(4, 8, 8), attention_window=4)
    assert critic.size_multiple == 16
    (seen,) = critic_logits(critic, X)
    assert (seen.shape, seen.dtype) == ((2, 4, 4, 1), "float32")
    assert critic.get_layer("attention").window == 4
    assert len(spectral_layers(critic)) == 3 + 4 + 2
    other = X.copy()
    other[0, :2, :2] = 0
    changed = np.array(critic_logits(critic, other)[0] != seen)
    assert changed[0, 0, 0]
    assert not changed[1].any()  # one picture says nothing of another


@pytest.mark.parametrize(
    ("widths", "attention", "multiple"),
    [((4,), 2, 4), ((4, 4), 4, 16), ((4, 4, 4, 4), 2, 16), ((4, 4, 4), 0, 8), ((4, 4), 3, 12)],
)
def test_pictures_of_its_multiple(widths, attention, multiple):
    critic = patch_critic(widths=widths, attention_window=attention)
    assert critic.size_multiple == multiple
    (seen,) = critic_logits(critic, np.zeros((1, multiple, 3 * multiple, 3), np.float32))
    assert seen.shape[1:3] == (multiple >> len(widths), 3 * multiple >> len(widths))


@pytest.mark.parametrize("stages", [(0, 1, 2), (3,)])
def test_activation_maps(stages):
    """One map for each stage, as large as that; the ImageNet network stays as it is whatever the optimiser does."""
    critic = resnet_critic(stages=stages, width=8)
    maps = critic_logits(critic, X)
    assert [tuple(seen.shape) for seen in maps] == [(2, 16 >> stage, 16 >> stage, 1) for stage in stages]
    inside = critic.get_layer("resnet18")
    assert len(inside.outputs) == max(stages) + 1
    assert inside.trainable_variables == []
    assert len(critic.trainable_variables) == 4 * len(stages)  # kernels and biases of the heads
    assert {layer.name[:4] for layer in spectral_layers(critic)} == {f"head{i}"[:4] for i in range(len(stages))}


@pytest.mark.parametrize("make", [patch_critic, resnet_critic])
def test_a_condition_by_projection(make):
    """The maps change by the inner product of what is seen with the embedding of what is wanted: linearly, place by place."""
    more = {"widths": (4, 8), "attention_window": 2} if make is patch_critic else {"stages": (0, 2), "width": 8}
    keras.utils.set_random_seed(1)
    critic = make(conditions=3, **more)
    assert critic.conditions == 3
    condition = np.array([[1, 0, 0], [0, 2, 1]], np.float32)
    without, once, twice = ([np.array(m) for m in critic_logits(critic, X, scale * condition)] for scale in (0, 1, 2))
    for none, one, two in zip(without, once, twice, strict=True):
        assert np.abs(one - none).max() > 1e-3
        assert (one - none).std() > 1e-4
        assert np.allclose(two - none, 2 * (one - none), atol=1e-5)
    swapped = critic_logits(critic, X, condition[::-1])
    assert np.abs(swapped[0] - once[0]).max() > 1e-3
    assert np.allclose(critic_logits(critic, X[::-1], condition[::-1])[0], once[0][::-1], atol=1e-5)
    assert make(**more).conditions == 0


@pytest.mark.parametrize(
    ("make", "settings"),
    [
        (resnet_critic, {"stages": ()}),
        (resnet_critic, {"stages": (0, 4)}),
        (resnet_critic, {"stages": (-1, 1)}),
        (resnet_critic, {"encoder": "vgg16", "stages": (3,)}),
        (patch_critic, {"widths": ()}),
        (patch_critic, {"widths": (8, 0)}),
        (patch_critic, {"attention_window": -8}),
    ],
)
def test_settings_that_cannot_be(make, settings):
    with pytest.raises(InputError, match=r"^\[P060\] critic\."):
        make(**settings)


def test_half_precision():
    """The maps that the loss is made of are float32, and near."""
    keras.utils.set_random_seed(2)
    exact = critic_logits(patch_critic(widths=(4, 8), attention_window=2), X)[0]
    keras.config.set_dtype_policy("mixed_bfloat16")
    keras.utils.set_random_seed(2)
    coarse = critic_logits(patch_critic(widths=(4, 8), attention_window=2), X)[0]
    assert coarse.dtype == "float32"
    assert 0 < np.abs(coarse - exact).max() < 0.05
