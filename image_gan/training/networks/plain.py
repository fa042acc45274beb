"""A generator of plain convolutions, one after the other, which is what int8 computes fastest.

They learn as several convolutions side by side, which amount to one at any time (`ReparameterizedConv2D`). The picture itself
is added outside (`unet.add_residual`).
Sources: VGG-like networks from re-parameterised blocks (RepVGG, Ding et al. 2021, arXiv 2101.03697); the block (ECBSR, Zhang et
al. 2021, doi 10.1145/3474085.3475291); sub-pixel convolution (Shi et al. 2016, arXiv 1609.05158).
"""

import keras
import numpy as np
from keras import layers, ops

from image_gan.errors import Errors, InputError
from image_gan.training.networks.unet import ICNR

_BRANCHES = 0.1  # how large the kernels of new branches are beside the identity, so that a deep network begins as a shallow one


def build_plain(*, scale: int = 2, width: int = 32, depth: int = 24) -> keras.Model:
    """Build the generator.

    scale (int): 2 or 4; the network works at the small size and enlarges at its end.
    width (int): channels.
    depth (int): convolutions from channels to channels.
    RETURNS (keras.Model): (B, H, W, 3), RGB from 0 to 1, to what is to be added, (B, scale * H, scale * W, 3), float32.
        `model.encoder` gives the activations before the last convolution.
    RAISES InputError: P072, a setting is out of range.
    """
    _check(scale, width, depth)
    inputs = keras.Input((None, None, 3), name="picture")
    x = ops.relu(layers.Conv2D(width, 3, padding="same", name="stem")(inputs - 0.5))
    for number in range(depth):
        x = ops.relu(ReparameterizedConv2D(name=f"conv{number}")(x))
    features = keras.Model(inputs, x, name="encoder")
    small = ICNR(keras.initializers.RandomNormal(stddev=1e-3), scale)
    x = layers.Conv2D(3 * scale**2, 3, padding="same", dtype="float32", kernel_initializer=small, name="head")(x)
    model = keras.Model(inputs, ops.depth_to_space(x, scale), name="plain")
    model.scale, model.size_multiple, model.encoder, model.noise_level = scale, 1, features, False
    return model


@keras.saving.register_keras_serializable("image_gan")
class ReparameterizedConv2D(layers.Layer):
    """A 3 x 3 convolution that keeps the channels, and whose kernel is the sum of several.

    They are the identity; a kernel of 3 x 3; a 1 x 1 to twice the channels and a 3 x 3 back; and 1 x 1 before edge filters
    (Sobel's two, Laplace's), each with a strength per channel. As all are linear, they are added up before the picture is
    filtered: the sum is what is computed, in training too, and what is exported. It is made in float32 whatever the compute
    dtype. Input and output are (B, H, W, C).
    """

    def build(self, shape):
        channels = shape[-1]
        small = keras.initializers.VarianceScaling(2 * _BRANCHES**2, "fan_in", "untruncated_normal")
        plain = keras.initializers.VarianceScaling(1.0, "fan_in", "untruncated_normal")

        def add(name, *shape, initializer=small):
            return self.add_weight(shape=shape, initializer=initializer, name=name, autocast=False)

        self.kernel_3x3 = add("kernel_3x3", 3, 3, channels, channels)
        self.expand = add("expand", channels, 2 * channels, initializer=plain)
        self.squeeze = add("squeeze", 3, 3, 2 * channels, channels)
        self.before_edges = add("before_edges", len(_EDGES), channels, channels, initializer=plain)
        self.edge_strengths = add("edge_strengths", len(_EDGES), channels, initializer=_EDGE_STRENGTH)
        self.bias = self.add_weight(shape=(channels,), initializer="zeros", name="bias")

    def call(self, inputs):
        kernel = ops.cast(self.fused_kernel(), self.compute_dtype)
        return ops.add(ops.conv(inputs, kernel, padding="same"), self.bias)

    def fused_kernel(self):
        """The one kernel that does what all do: (3, 3, C, C), float32."""
        expanded = ops.einsum("im,hwmo->hwio", self.expand, self.squeeze)
        edges = ops.einsum("ehw,eio,eo->hwio", _EDGES, self.before_edges, self.edge_strengths)
        return self.kernel_3x3 + expanded + edges + _identity(self.bias.shape[0])

    def assign(self, kernel) -> None:
        """Make (3, 3, C, C) the one kernel, as a file has it; what it is the sum of is not in the file."""
        self.kernel_3x3.assign(self.kernel_3x3 + kernel - self.fused_kernel())

    def compute_output_shape(self, shape):
        return shape


def _identity(channels: int) -> np.ndarray:
    kernel = np.zeros((3, 3, channels, channels), np.float32)
    kernel[1, 1] = np.eye(channels)
    return kernel


def _check(scale: int, width: int, depth: int) -> None:
    reason = ""
    if scale not in (2, 4):
        reason = f"scale must be 2 or 4, not {scale}"
    elif width < 1 or depth < 1:
        reason = f"width and depth must be above 0, not {width} and {depth}"
    if reason:
        raise InputError(Errors.P072.format(reason=reason))


_SOBEL = np.array([[1, 0, -1], [2, 0, -2], [1, 0, -1]], np.float32)
_LAPLACE = np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]], np.float32)
_EDGES = np.stack([_SOBEL, _SOBEL.T, _LAPLACE])
_EDGE_STRENGTH = keras.initializers.RandomNormal(stddev=1e-2)
