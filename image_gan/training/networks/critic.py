"""The critics: they tell generated pictures from real ones, by maps of logits, which are positive for real.

Both end in heads that are spectrally normalised (Miyato et al. 2018). Both take an optional condition by projection (Miyato &
Koyama 2018, arXiv 1802.05637): the inner product of what the critic sees with an embedding of what it should see.
"""

import math
from collections.abc import Sequence

import keras
from keras import layers, ops

from image_gan.errors import Errors, InputError
from image_gan.training.networks.attention import WindowedSelfAttention
from image_gan.training.networks.backbones import backbone
from image_gan.training.networks.spectral_norm import SpectralConv2D


def patch_critic(*, widths: Sequence[int] = (32, 64, 128), attention_window: int = 8, conditions: int = 0) -> keras.Model:
    """A critic of patches (Isola et al. 2016, arXiv 1611.07004), with the self-attention of SAGAN after its second halving.

    widths (Sequence[int]): channels after each halving.
    attention_window (int): side of the windows of the attention, 0 for none.
    conditions (int): length of the condition, 0 for none.
    RETURNS (keras.Model): pictures (B, H, W, 3), RGB from 0 to 1 [, conditions (B, conditions)], to a list of one map (B, H / 2
        ** len(widths), W / 2 ** len(widths), 1), float32. H and W are multiples of `model.size_multiple`.
    RAISES InputError: P060, a width or a window is out of range.
    """
    if min(widths, default=0) < 1 or attention_window < 0:
        got = f"{list(widths)} and {attention_window}"
        allowed = "above 0, and 0 or more"
        raise InputError(Errors.P060.format(what="critic.widths and attention_window", allowed=allowed, got=got))
    x = inputs = keras.Input((None, None, 3), name="picture")
    x = x * 2 - 1
    for level, width in enumerate(widths):
        x = _leaky(SpectralConv2D(width, 4, strides=2, name=f"down{level}")(x))
        if attention_window and level == min(1, len(widths) - 1):
            x = WindowedSelfAttention(attention_window, name="attention")(x)
    multiple = 2 ** len(widths)
    if attention_window:
        multiple = math.lcm(multiple, attention_window * 2 ** min(2, len(widths)))
    return _critic(inputs, [x], widths[-1], conditions, multiple)


def resnet_critic(
    *,
    encoder: str = "resnet18",
    weights: str | None = None,
    stages: Sequence[int] = (1, 2, 3),
    width: int = 64,
    conditions: int = 0,
) -> keras.Model:
    """A critic that compares the activation maps of a frozen ImageNet network, the discriminator loss of the talk.

    encoder (str): the network, as `backbone` takes it; it is never trained.
    weights (str | None): its weights, as `backbone` takes them.
    stages (Sequence[int]): which of its stages get a head, from 0.
    width (int): channels of a head.
    conditions (int): length of the condition, 0 for none.
    RETURNS (keras.Model): as `patch_critic`, with one map for each stage.
    RAISES InputError: P060, the network does not have these stages; and as `backbone`.
    """
    network = backbone(encoder, weights, max(stages, default=0) + 1)
    network.trainable = False
    inputs = keras.Input((None, None, 3), name="picture")
    activations = keras.tree.flatten(network(inputs))
    if not stages or not 0 <= min(stages) <= max(stages) < len(activations):
        raise InputError(Errors.P060.format(what="critic.stages", allowed=f"stages of {encoder}, from 0", got=stages))
    return _critic(inputs, [activations[stage] for stage in stages], width, conditions, 1)


def critic_logits(critic: keras.Model, pictures, condition=None) -> list:
    """The critic's maps for pictures, as a list however many there are."""
    return keras.tree.flatten(critic([pictures, condition] if critic.conditions else pictures))


def _critic(inputs, activations, width: int, conditions: int, multiple: int) -> keras.Model:
    condition = keras.Input((conditions,), name="condition") if conditions else None
    maps = [_head(x, width, condition, f"head{i}") for i, x in enumerate(activations)]
    model = keras.Model([inputs, condition] if conditions else inputs, maps, name="critic")
    model.conditions, model.size_multiple = conditions, multiple
    return model


def _head(x, width: int, condition, name: str):
    x = _leaky(SpectralConv2D(width, 3, name=f"{name}_conv")(x))
    logits = SpectralConv2D(1, 3, name=name, dtype="float32")(x)
    if condition is not None:
        embedding = layers.Dense(width, use_bias=False, name=f"{name}_condition")(condition)
        product = ops.sum(x * embedding[:, None, None, :], axis=-1, keepdims=True)
        logits = logits + ops.cast(product, "float32") / width**0.5
    return logits


def _leaky(x):
    return ops.leaky_relu(x, 0.2)
