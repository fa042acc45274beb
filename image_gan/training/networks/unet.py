"""The generator: a U-Net that says what to add to a picture.

It does not decide on the picture's brightness as such: the picture itself, enlarged by plain interpolation where `scale` asks
for it, is added outside (`add_residual`), so that what is precise stays precise, whatever the network's precision.
Sources: U-Net (Ronneberger et al. 2015, arXiv 1505.04597); residual blocks without normalisation (EDSR, Lim et al. 2017,
arXiv 1707.02921); sub-pixel convolution with ICNR (Aitken et al. 2017, arXiv 1707.02937); blur after it, self-attention in
the decoder and spectral normalisation as DeOldify combines them (Antic 2018).
"""

import math
from collections.abc import Sequence

import keras
import numpy as np
from keras import layers, ops

from image_gan.errors import Errors, InputError
from image_gan.training.networks.attention import WindowedSelfAttention
from image_gan.training.networks.backbones import backbone
from image_gan.training.networks.spectral_norm import SpectralConv2D


def build_unet(
    *,
    scale: int = 1,
    widths: Sequence[int] = (32, 64, 128),
    blocks: Sequence[int] = (2, 2, 4),
    encoder: str = "plain",
    weights: str | None = None,
    attention_window: int = 0,
    spectral_norm: bool = True,
    suppress_checkerboard: bool = False,
    noise_level: bool = False,
) -> keras.Model:
    """Build the generator.

    scale (int): 1 cleans, 2 and 4 enlarge; the network works at the small size and enlarges at its end.
    widths (Sequence[int]): channels of each level, from the picture's size downwards; each level has half the size of the last.
    blocks (Sequence[int]): residual blocks of each level, in the encoder and again in the decoder (the lowest level once). An
        ImageNet encoder has its own: then these are the decoder's.
    encoder (str): "plain", or a network of `backbones`, whose stages at strides 2, 4, ... stand for the levels below the first.
    weights (str | None): of the ImageNet encoder, as `backbone` takes them.
    attention_window (int): side of the windows of the self-attention on the level below the picture's own; 0 for none.
    spectral_norm (bool): whether the convolutions of the decoder, and those of a plain encoder, are spectrally normalised.
    suppress_checkerboard (bool): take the mesh out of what is enlarged (`CheckerboardSuppression`), which losses of features
        leave there.
    noise_level (bool): the network is told how much noise to remove, by a fourth channel (FFDNet, Zhang et al. 2018, arXiv
        1710.04026): its standard deviation, in quarters of grey levels, from 0 to 1 (`tiles.with_level`).
    RETURNS (keras.Model): (B, H, W, 3 or 4), RGB from 0 to 1, with H and W that are multiples of `model.size_multiple`, to what
        is to be added, (B, scale * H, scale * W, 3), float32. `model.encoder` gives the activations of its levels.
    RAISES InputError: P072, settings that do not fit together; and as `backbone`.
    """
    _check(scale, widths, blocks, encoder, attention_window, suppress_checkerboard)
    inputs = keras.Input((None, None, 4 if noise_level else 3), name="picture")
    x = layers.Conv2D(widths[0], 3, padding="same", dtype="float32", name="stem")(inputs - 0.5)
    if encoder == "plain":
        x, skips = _plain_encoder(x, widths, blocks, spectral_norm)
    else:
        stages = keras.tree.flatten(backbone(encoder, weights, len(widths) - 1)(inputs[..., :3]))
        x, skips = _imagenet_encoder(x, stages, widths, blocks, spectral_norm)
    features = _features(inputs, skips, noise_level)
    for level in reversed(range(len(widths) - 1)):
        if level == 0 and attention_window:
            x = WindowedSelfAttention(attention_window, spectral_norm=spectral_norm, name="attention")(x)
        x = _upsample(x, widths[level], spectral_norm, f"up{level}") + skips[level]
        x = _stage(x, blocks[level], spectral_norm, f"decoder{level}")
    head = layers.Conv2D(3 * scale**2, 3, padding="same", dtype="float32", kernel_initializer=_small(scale), name="head")
    x = head(x)
    if suppress_checkerboard:
        x = CheckerboardSuppression(scale, dtype="float32", name="checkerboard_suppression")(x)
    model = keras.Model(inputs, ops.depth_to_space(x, scale) if scale > 1 else x, name="unet")
    model.scale, model.encoder, model.noise_level = scale, features, noise_level
    model.size_multiple = math.lcm(2 ** (len(widths) - 1), 2 * attention_window or 1)
    return model


def add_residual(pictures, residual):
    """Add what the generator says to pictures, enlarging them first where it enlarges.

    Enlarged bilinearly, with half-pixel centres, as OpenCV's INTER_LINEAR: every engine computes it alike.

    pictures: (B, H, W, 3), RGB from 0 to 1; a fourth channel, the level of noise, is left out.
    residual: (B, scale * H, scale * W, 3), of the generator.
    RETURNS: (B, scale * H, scale * W, 3), float32, not yet clipped to 0..1.
    """
    base = ops.cast(pictures[..., :3], "float32")
    if residual.shape[1] != base.shape[1]:
        base = ops.image.resize(base, ops.shape(residual)[1:3], interpolation="bilinear", antialias=False)
    return base + ops.cast(residual, "float32")


def count_parameters(model: keras.Model) -> int:
    """How many numbers training changes."""
    return int(sum(np.prod(variable.shape) for variable in model.trainable_variables))


def _features(inputs, skips, noise_level: bool) -> keras.Model:
    """What compares features of pictures: it has no level of noise to tell, and tells the encoder none."""
    encoder = keras.Model(inputs, skips, name="encoder")
    if not noise_level:
        return encoder
    picture = keras.Input((None, None, 3), name="picture")
    return keras.Model(picture, encoder(ops.pad(picture, [[0, 0], [0, 0], [0, 0], [0, 1]])), name="features")


def _plain_encoder(x, widths, blocks, spectral_norm: bool):
    x = _stage(x, blocks[0], spectral_norm, "encoder0")
    skips = [x]
    for level in range(1, len(widths)):
        x = _conv(widths[level], 4, spectral_norm, f"down{level}", strides=2)(x)
        x = _stage(x, blocks[level], spectral_norm, f"encoder{level}")
        skips.append(x)
    return x, skips


def _imagenet_encoder(x, stages, widths, blocks, spectral_norm: bool):
    skips = [x]
    for level, (width, stage) in enumerate(zip(widths[1:], stages, strict=True), 1):
        skips.append(_conv(width, 1, spectral_norm, f"side{level}")(stage))
    return _stage(skips[-1], blocks[-1], spectral_norm, "bottom"), skips


def _stage(x, blocks: int, spectral_norm: bool, name: str):
    for block in range(blocks):
        x = _residual_block(x, spectral_norm, f"{name}_block{block}")
    return x


def _residual_block(x, spectral_norm: bool, name: str):
    y = ops.relu(_conv(x.shape[-1], 3, spectral_norm, f"{name}_conv1")(x))
    return x + _conv(x.shape[-1], 3, spectral_norm, f"{name}_conv2", scale=0.1)(y)


def _upsample(x, filters: int, spectral_norm: bool, name: str):
    """Sub-pixel upsampling by 2, then a blur of 2 x 2 against the rest of the checkerboard."""
    x = _conv(4 * filters, 1, spectral_norm, name, icnr=2)(x)
    x = ops.depth_to_space(x, 2)
    return layers.AveragePooling2D(2, strides=1, padding="same", name=f"{name}_blur")(x)


def _conv(filters: int, size: int, spectral_norm: bool, name: str, *, strides: int = 1, scale: float = 1.0, icnr: int = 1):
    initializer = keras.initializers.VarianceScaling(2.0 * scale**2, "fan_in", "untruncated_normal")
    if icnr > 1:
        initializer = ICNR(initializer, icnr)
    if spectral_norm:
        return SpectralConv2D(filters, size, strides=strides, kernel_initializer=initializer, name=name)
    return layers.Conv2D(filters, size, strides=strides, padding="same", kernel_initializer=initializer, name=name)


def _small(scale: int):
    initializer = keras.initializers.RandomNormal(stddev=1e-3)
    return ICNR(initializer, scale) if scale > 1 else initializer


@keras.saving.register_keras_serializable("image_gan")
class ICNR(keras.initializers.Initializer):
    """Gives the scale * scale sub-pixels of a channel one kernel, so that upsampling begins as nearest neighbour.

    inner (keras.initializers.Initializer): of that kernel.
    scale (int): how many times larger the output is.
    """

    def __init__(self, inner: keras.initializers.Initializer, scale: int):
        self.inner, self.scale = keras.initializers.get(inner), scale

    def __call__(self, shape, dtype=None):
        kernel = self.inner((*shape[:-1], shape[-1] // self.scale**2), dtype=dtype)
        return ops.tile(kernel, (1, 1, 1, self.scale**2))

    def get_config(self):
        return {"inner": keras.initializers.serialize(self.inner), "scale": self.scale}


@keras.saving.register_keras_serializable("image_gan", name="Levelled")  # its name in files
class CheckerboardSuppression(layers.Layer):
    """Subtracts by how much the scale * scale sub-pixels of a pixel differ in the mean of the 5 x 5 pixels around it.

    Where a picture has detail, its sub-pixels differ in changing ways; what is alike everywhere is a mesh (Odena et al. 2016,
    doi 10.23915/distill.00003). Input and output are (B, H, W, scale * scale * C), as `depth_to_space` takes it.

    scale (int): how many times larger the output will be.
    """

    def __init__(self, scale: int, **kwargs):
        super().__init__(**kwargs)
        self.scale = scale

    def call(self, x):
        _, height, width, channels = ops.shape(x)
        around = ops.average_pool(x, 5, strides=1, padding="same")
        parts = ops.reshape(around, (-1, height, width, self.scale**2, channels // self.scale**2))
        mesh = parts - ops.mean(parts, axis=3, keepdims=True)
        return x - ops.reshape(mesh, (-1, height, width, channels))

    def compute_output_shape(self, shape):
        return shape

    def get_config(self):
        return {**super().get_config(), "scale": self.scale}


def _check(scale, widths, blocks, encoder, attention_window, suppress_checkerboard) -> None:
    reason = ""
    if scale not in (1, 2, 4):
        reason = f"scale must be 1, 2 or 4, not {scale}"
    elif len(widths) != len(blocks):
        reason = f"widths and blocks must have one number per level, not {len(widths)} and {len(blocks)}"
    elif min([*widths, *blocks], default=0) < 1:
        reason = f"widths and blocks must be above 0, not {list(widths)} and {list(blocks)}"
    elif attention_window < 0:
        reason = f"attention_window must be 0 or more, not {attention_window}"
    elif encoder == "vgg16":
        reason = "vgg16 has no stages at strides 2, 4, ...: it can compare features; choose resnet18"
    elif encoder != "plain" and not 2 <= len(widths) <= 5:
        reason = f"an ImageNet encoder must have 2 to 5 levels, not {len(widths)}"
    elif suppress_checkerboard and scale == 1:
        reason = "suppress_checkerboard evens out what enlarging leaves: it needs a scale of 2 or 4"
    elif attention_window and len(widths) < 2:
        reason = "self-attention stands in the decoder: it needs two levels or more"
    if reason:
        raise InputError(Errors.P072.format(reason=reason))
