"""Losses. Pictures are (B, H, W, 3), RGB, float32 from 0 to 1; every loss is a float32 scalar, a mean over the batch."""

from typing import Any

import keras
from keras import ops


def pixel_loss(generated, real):
    """Mean absolute difference of pixels, 0 to 1 (L1; less blur than the square: Zhao et al. 2015, arXiv 1511.08861)."""
    return ops.mean(ops.abs(generated - real))


def feature_loss(features: Any, generated, real, *, content: float = 1.0, style: float = 0.0):
    """Content and style of pictures compared in a network's activations (Johnson et al. 2016, arXiv 1603.08155).

    features (Callable): pictures to one or several activations (B, h, w, C); not trained.
    content, style (float): weights of the two. Content is the mean absolute difference of activations, style that of their
        Gram matrices; both relative to the size of the real picture's, so that all stages count alike whatever their units.
    RETURNS (float32): 0 for equal pictures; about 1 (times content + style) for unrelated ones.
    """
    total = 0.0
    made, there = keras.tree.flatten(features(generated)), keras.tree.flatten(features(real))
    for a, b in zip(made, there, strict=True):
        a, b = ops.cast(a, "float32"), ops.stop_gradient(ops.cast(b, "float32"))
        if content:
            total += content * _relative(a, b)
        if style:
            total += style * _relative(gram(a), gram(b))
    return total / len(made)


def gram(activations):
    """(B, h, w, C) -> (B, C, C): how channels go together, summed over places and divided by their number (Gatys 2015)."""
    _, height, width, channels = ops.shape(activations)
    flat = ops.reshape(activations, (-1, height * width, channels))
    return ops.matmul(ops.transpose(flat, (0, 2, 1)), flat) / ops.cast(height * width, "float32")


def critic_loss(real_maps, made_maps):
    """Hinge loss of the critic (Lim & Ye 2017; SAGAN): 0 where real is above 1 and generated below -1; 2 for no opinion."""
    hinges = [ops.mean(ops.relu(1 - r)) + ops.mean(ops.relu(1 + m)) for r, m in zip(real_maps, made_maps, strict=True)]
    return sum(hinges) / len(hinges)


def adversarial_loss(made_maps):
    """The generator's side: minus the critic's mean opinion of what it makes; no bounds."""
    return -sum(ops.mean(m) for m in made_maps) / len(made_maps)


def accuracy(real_maps, made_maps):
    """Share of places that the critic tells right, 0 to 1."""
    right = [ops.mean(ops.cast(r > 0, "float32")) for r in real_maps]
    right += [ops.mean(ops.cast(m < 0, "float32")) for m in made_maps]
    return sum(right) / len(right)


def _relative(a, b):
    """Picture by picture, so that the loss of a batch is the mean of its parts'."""
    places = tuple(range(1, len(a.shape)))
    return ops.mean(ops.mean(ops.abs(a - b), axis=places) / (ops.mean(ops.abs(b), axis=places) + 1e-6))
