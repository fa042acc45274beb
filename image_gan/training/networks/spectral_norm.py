"""Convolutions whose kernel has a spectral norm of 1 where it is used, and is stored as it is."""

import keras
from keras import ops


@keras.saving.register_keras_serializable("image_gan")
class SpectralConv2D(keras.layers.Layer):
    """2-D convolution with kernel / sigma(kernel), the reparameterisation of Miyato et al. 2018 (arXiv 1802.05957).

    The gradient flows through sigma. The stored kernel is what the optimiser makes of it. `u`, the estimate of its first
    right singular vector, is changed by `iterate` only, once per step, and not between the calls of one step. sigma is
    computed in float32 whatever the compute dtype. The u of a new layer is near already, so that its first outputs are not
    several times too large.

    Input is (B, H, W, C), output (B, ceil(H / strides), ceil(W / strides), filters).

    filters (int): channels of the output.
    size (int): side of the kernel.
    strides (int): in both directions.
    use_bias (bool): whether a bias is added.
    kernel_initializer (str | keras.initializers.Initializer): of the stored kernel.
    """

    def __init__(self, filters, size=3, *, strides=1, use_bias=True, kernel_initializer="he_normal", **kwargs):
        super().__init__(**kwargs)
        self.filters, self.size, self.strides, self.use_bias = filters, size, strides, use_bias
        self.kernel_initializer = keras.initializers.get(kernel_initializer)

    def build(self, shape):
        kernel = (self.size, self.size, shape[-1], self.filters)
        self.kernel = self.add_weight(shape=kernel, initializer=self.kernel_initializer, name="kernel", autocast=False)
        self.u = self.add_weight(
            shape=(1, self.filters), initializer="random_normal", trainable=False, name="u", dtype="float32", autocast=False
        )
        if self.use_bias:
            self.bias = self.add_weight(shape=(self.filters,), initializer="zeros", name="bias")
        for _ in range(10):
            self.iterate()

    def call(self, inputs):
        kernel = ops.cast(self.kernel / self.sigma(), self.compute_dtype)
        outputs = ops.conv(inputs, kernel, strides=self.strides, padding="same")
        return ops.add(outputs, self.bias) if self.use_bias else outputs

    def sigma(self):
        """Estimate, by u, the spectral norm of the kernel as a (size * size * C, filters) matrix: a float32 scalar."""
        u = _unit(ops.stop_gradient(ops.convert_to_tensor(self.u)))
        return _length(ops.matmul(u, ops.transpose(ops.reshape(self.kernel, (-1, self.filters)))))

    def iterate(self):
        """Do two rounds of the power iteration, u <- W' W u: from any u, 20 calls bring sigma within 5 % of the norm."""
        matrix, u = ops.reshape(self.kernel, (-1, self.filters)), ops.convert_to_tensor(self.u)
        for _ in range(2):
            u = _unit(ops.matmul(_unit(ops.matmul(u, ops.transpose(matrix))), matrix))
        self.u.assign(ops.stop_gradient(u))

    def compute_output_shape(self, shape):
        sides = [None if side is None else -(-side // self.strides) for side in shape[1:3]]
        return (shape[0], *sides, self.filters)

    def get_config(self):
        own = {name: getattr(self, name) for name in ("filters", "size", "strides", "use_bias")}
        return {**super().get_config(), **own, "kernel_initializer": keras.initializers.serialize(self.kernel_initializer)}


def iterate(model: keras.Model) -> None:
    """Bring sigma nearer to the norm in every spectrally normalised layer of a model."""
    for layer in spectral_layers(model):
        layer.iterate()


def spectral_layers(model: keras.Model) -> list[SpectralConv2D]:
    """The spectrally normalised layers of a model, those inside its layers too."""
    return [layer for layer in model._flatten_layers(include_self=False) if isinstance(layer, SpectralConv2D)]


def _unit(x):
    return x / (_length(x) + 1e-12)


def _length(x):
    return ops.sqrt(ops.sum(ops.square(x)))
