"""Losses. Pictures are (B, H, W, 3), RGB, float32 from 0 to 1; every loss is a float32 scalar, a mean over the batch."""

from typing import Any

import keras
from keras import ops


def pixel_loss(output, target):
    """Mean absolute difference of pixels, 0 to 1 (L1; less blur than the square: Zhao et al. 2015, arXiv 1511.08861)."""
    return ops.mean(ops.abs(output - target))


def feature_loss(features: Any, output, target, *, content: float = 1.0, style: float = 0.0):
    """Content and style of pictures, compared in a network's activations (Johnson et al. 2016, arXiv 1603.08155).

    Content is the mean absolute difference of activations, style that of their Gram matrices. Both are relative to the size of
    the target's, so that all stages count alike whatever their units.

    features (Callable): pictures to one or several activations (B, h, w, C); it is not trained.
    output: pictures; gradients flow to them only.
    target: pictures of the same shape.
    content (float): weight of the content.
    style (float): weight of the style.
    RETURNS (float32): 0 for equal pictures; about 1 (times content + style) for unrelated ones.
    """
    total = 0.0
    activations, expected = keras.tree.flatten(features(output)), keras.tree.flatten(features(target))
    for a, b in zip(activations, expected, strict=True):
        a, b = ops.cast(a, "float32"), ops.stop_gradient(ops.cast(b, "float32"))
        if content:
            total += content * _relative(a, b)
        if style:
            total += style * _relative(gram(a), gram(b))
    return total / len(activations)


def gram(activations):
    """(B, h, w, C) -> (B, C, C): which channels go together, summed over positions, divided by their number (Gatys 2015)."""
    _, height, width, channels = ops.shape(activations)
    flat = ops.reshape(activations, (-1, height * width, channels))
    return ops.matmul(ops.transpose(flat, (0, 2, 1)), flat) / ops.cast(height * width, "float32")


def mesh_loss(output, target):
    """By how much the local high-pass deviation exceeds the target's, relative to it, which counts most where that is flat.

    Losses of features, and critics, hardly see a faint mesh on flat parts; people do. What is compared is the deviation, in
    9 x 9 pixels, from the mean of the 5 x 5 around: detail may lie elsewhere than in the target, and there may be less of it.

    output: pictures; gradients flow to them only.
    target: pictures of the same shape.
    RETURNS (float32): 0 where the output has nowhere more than the target; 1 for twice as much everywhere.
    """
    expected = _local_deviation(target)
    return ops.mean(ops.relu(_local_deviation(output) - expected) / (expected + 1 / 255))


def _local_deviation(pictures):
    fine = pictures - ops.average_pool(pictures, 5, strides=1, padding="same")
    return ops.sqrt(ops.average_pool(ops.square(fine), 9, strides=1, padding="same") + 1e-8)


def critic_loss(real_logits, generated_logits):
    """Hinge loss of the critic (Lim & Ye 2017; SAGAN): 0 where real is above 1 and generated below -1; 2 for logits of 0.

    real_logits (list): maps of the critic for real pictures.
    generated_logits (list): its maps for generated pictures.
    """
    hinges = [
        ops.mean(ops.relu(1 - real)) + ops.mean(ops.relu(1 + generated))
        for real, generated in zip(real_logits, generated_logits, strict=True)
    ]
    return sum(hinges) / len(hinges)


def adversarial_loss(generated_logits):
    """The generator's side: minus the critic's mean logit of what it generates; unbounded."""
    return -sum(ops.mean(logits) for logits in generated_logits) / len(generated_logits)


def critic_accuracy(real_logits, generated_logits):
    """The share of positions where the critic is right, 0 to 1; a logit of 0 is not."""
    right = [ops.mean(ops.cast(logits > 0, "float32")) for logits in real_logits]
    right += [ops.mean(ops.cast(logits < 0, "float32")) for logits in generated_logits]
    return sum(right) / len(right)


def _relative(a, b):
    """Picture by picture, so that the loss of a batch is the mean of its parts'."""
    axes = tuple(range(1, len(a.shape)))
    return ops.mean(ops.mean(ops.abs(a - b), axis=axes) / (ops.mean(ops.abs(b), axis=axes) + 1e-6))
