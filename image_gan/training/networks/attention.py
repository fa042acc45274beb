"""Self-attention in windows that are fixed to the picture's grid, so that tiles cut on that grid agree."""

import keras
from keras import ops

from image_gan.training.networks.spectral_norm import SpectralConv2D


@keras.saving.register_keras_serializable("image_gan")
class WindowedSelfAttention(keras.layers.Layer):
    """Self-attention of SAGAN (Zhang et al. 2018, arXiv 1805.08318) inside windows: y = x + gamma * attention(x), gamma from 0.

    Scores are ten times the cosine of query and key (Liu et al. 2021, arXiv 2111.09883, with a fixed temperature): features
    behind spectrally normalised layers are small, and so would the plain products be, so that each position would attend to all
    alike.

    The cost of a picture is linear in its area: window ** 2 * (C / 8 + C / 2) multiplications per position in addition
    to the convolutions; attention over the whole picture would be quadratic in it.

    Input and output are (B, H, W, C).

    window (int): side of a window, in positions; H and W are multiples of it.
    spectral_norm (bool): whether its convolutions are spectrally normalised.
    """

    def __init__(self, window: int = 8, *, spectral_norm: bool = True, **kwargs):
        super().__init__(**kwargs)
        self.window, self.spectral_norm = window, spectral_norm

    def build(self, shape):
        channels = shape[-1]
        self.query = self._conv(max(1, channels // 8), "query")
        self.key = self._conv(max(1, channels // 8), "key")
        self.content = self._conv(max(1, channels // 2), "content")
        self.out = self._conv(channels, "out")
        for conv in (self.query, self.key, self.content):
            conv.build((*shape[:-1], channels))
        self.out.build((*shape[:-1], max(1, channels // 2)))
        self.gamma = self.add_weight(shape=(), initializer="zeros", name="gamma")

    def call(self, x):
        query, key, content = (self._windows(conv(x)) for conv in (self.query, self.key, self.content))
        scores = 10 * ops.matmul(_unit(query), ops.transpose(_unit(key), (0, 2, 1)))
        weights = ops.cast(ops.softmax(scores), self.compute_dtype)
        return x + self.gamma * self.out(self._picture(ops.matmul(weights, content), ops.shape(x)))

    def _windows(self, x):
        """(B, H, W, C) -> (windows, positions, C)."""
        side, (_, height, width, channels) = self.window, ops.shape(x)
        x = ops.reshape(x, (-1, height // side, side, width // side, side, channels))
        return ops.reshape(ops.transpose(x, (0, 1, 3, 2, 4, 5)), (-1, side * side, channels))

    def _picture(self, x, shape):
        """(windows, positions, C) -> (B, H, W, C)."""
        side, (_, height, width, _), channels = self.window, shape, ops.shape(x)[-1]
        x = ops.reshape(x, (-1, height // side, width // side, side, side, channels))
        return ops.reshape(ops.transpose(x, (0, 1, 3, 2, 4, 5)), (-1, height, width, channels))

    def _conv(self, filters: int, name: str):
        if self.spectral_norm:
            return SpectralConv2D(filters, 1, use_bias=False, name=name, dtype=self.dtype_policy)
        return keras.layers.Conv2D(filters, 1, use_bias=False, name=name, dtype=self.dtype_policy)

    def compute_output_shape(self, shape):
        return shape

    def get_config(self):
        return {**super().get_config(), "window": self.window, "spectral_norm": self.spectral_norm}


def _unit(x):
    """Vectors of length 1, float32; a vector of zeros stays one."""
    x = ops.cast(x, "float32")
    return x * ops.rsqrt(ops.sum(ops.square(x), axis=-1, keepdims=True) + 1e-12)
