"""The generator: a U-Net that tells what to add to a picture.

It has no say on the picture's brightness as such: the picture itself, enlarged by plain interpolation where `scale` asks for
it, is added outside (`restored`), so that what is precise stays precise, whatever the network's precision.
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


def unet(
    *,
    scale: int = 1,
    widths: Sequence[int] = (32, 64, 128),
    blocks: Sequence[int] = (2, 2, 4),
    encoder: str = "plain",
    weights: str | None = None,
    attention: int = 0,
    spectral: bool = True,
    levelled: bool = False,
) -> keras.Model:
    """Build the generator.

    scale (int): 1 restores, 2 and 4 enlarge; the network works at the small size and enlarges at its end.
    widths (Sequence[int]): channels of each level, from the picture's size downwards, halving it from one to the next.
    blocks (Sequence[int]): residual blocks of each level, in the encoder and again in the decoder (the lowest level once). With
        an ImageNet encoder, which has its own, those of the decoder alone.
    encoder (str): "plain", or a network of `backbones`, whose stages at strides 2, 4, ... stand for the levels below the first.
    weights (str | None): the ImageNet encoder's, as `backbone` takes them.
    attention (int): side of the windows of the self-attention on the level below the picture's own; 0 for none.
    spectral (bool): whether the convolutions of the decoder, and those of a plain encoder, are spectrally normalised.
    levelled (bool): whether a mesh is taken out of what is enlarged (`Levelled`), which losses of features leave there.
    RETURNS (keras.Model): (B, H, W, 3), RGB from 0 to 1, of any H and W that are multiples of `model.multiple`, to what is
        to be added, (B, scale * H, scale * W, 3), float32. `model.encoder` gives the activations of its levels.
    RAISES InputError: P072, settings that do not fit together.
    """
    _check(scale, widths, blocks, encoder, attention, levelled)
    x = inputs = keras.Input((None, None, 3), name="picture")
    x = layers.Conv2D(widths[0], 3, padding="same", dtype="float32", name="stem")(x - 0.5)
    skips = [x]
    if encoder == "plain":
        skips[0] = x = _stage(x, blocks[0], spectral, "encoder0")
        for level in range(1, len(widths)):
            x = _conv(widths[level], 4, spectral, f"down{level}", strides=2)(x)
            x = _stage(x, blocks[level], spectral, f"encoder{level}")
            skips.append(x)
    else:
        stages = keras.tree.flatten(backbone(encoder, weights, len(widths) - 1)(inputs))
        sides = zip(widths[1:], stages, strict=True)
        skips += [_conv(width, 1, spectral, f"side{i}")(stage) for i, (width, stage) in enumerate(sides, 1)]
        x = _stage(skips[-1], blocks[-1], spectral, "bottom")
    features = keras.Model(inputs, skips, name="encoder")
    for level in reversed(range(len(widths) - 1)):
        if level == 0 and attention:
            x = WindowedSelfAttention(attention, spectral=spectral, name="attention")(x)
        x = _upsample(x, widths[level], spectral, f"up{level}") + skips[level]
        x = _stage(x, blocks[level], spectral, f"decoder{level}")
    x = layers.Conv2D(3 * scale**2, 3, padding="same", dtype="float32", kernel_initializer=_small(scale), name="head")(x)
    x = Levelled(scale, dtype="float32", name="levelled")(x) if levelled else x
    model = keras.Model(inputs, ops.depth_to_space(x, scale) if scale > 1 else x, name="unet")
    model.scale, model.encoder = scale, features
    model.multiple = math.lcm(2 ** (len(widths) - 1), 2 * attention or 1)
    return model


def restored(residual, pictures):
    """What the generator tells to add, and the pictures: (B, scale * H, scale * W, 3), float32, not yet clipped to 0..1.

    Bilinear, half-pixel centres, as OpenCV's INTER_LINEAR: every engine computes it alike.
    """
    base = ops.cast(pictures, "float32")
    if residual.shape[1] != base.shape[1]:
        base = ops.image.resize(base, ops.shape(residual)[1:3], interpolation="bilinear", antialias=False)
    return base + ops.cast(residual, "float32")


def _stage(x, blocks: int, spectral: bool, name: str):
    for block in range(blocks):
        x = _residual_block(x, spectral, f"{name}_block{block}")
    return x


def _residual_block(x, spectral: bool, name: str):
    y = ops.relu(_conv(x.shape[-1], 3, spectral, f"{name}_conv1")(x))
    return x + _conv(x.shape[-1], 3, spectral, f"{name}_conv2", scale=0.1)(y)


def _upsample(x, filters: int, spectral: bool, name: str):
    """Sub-pixel upsampling by 2, then a blur of 2 x 2 against what is left of the chequerboard."""
    x = _conv(4 * filters, 1, spectral, name, icnr=2)(x)
    x = ops.depth_to_space(x, 2)
    return layers.AveragePooling2D(2, strides=1, padding="same", name=f"{name}_blur")(x)


def _conv(filters: int, size: int, spectral: bool, name: str, *, strides: int = 1, scale: float = 1.0, icnr: int = 1):
    initializer = keras.initializers.VarianceScaling(2.0 * scale**2, "fan_in", "untruncated_normal")
    if icnr > 1:
        initializer = ICNR(initializer, icnr)
    if spectral:
        return SpectralConv2D(filters, size, strides=strides, kernel_initializer=initializer, name=name)
    return layers.Conv2D(filters, size, strides=strides, padding="same", kernel_initializer=initializer, name=name)


def _small(scale: int):
    initializer = keras.initializers.RandomNormal(stddev=1e-3)
    return ICNR(initializer, scale) if scale > 1 else initializer


@keras.saving.register_keras_serializable("image_gan")
class ICNR(keras.initializers.Initializer):
    """Gives the scale * scale sub-pixels of a channel one kernel, so that upsampling begins as nearest neighbour does."""

    def __init__(self, inner: keras.initializers.Initializer, scale: int):
        self.inner, self.scale = keras.initializers.get(inner), scale

    def __call__(self, shape, dtype=None):
        kernel = self.inner((*shape[:-1], shape[-1] // self.scale**2), dtype=dtype)
        return ops.tile(kernel, (1, 1, 1, self.scale**2))

    def get_config(self):
        return {"inner": keras.initializers.serialize(self.inner), "scale": self.scale}


@keras.saving.register_keras_serializable("image_gan")
class Levelled(layers.Layer):
    """Takes away by how much the scale * scale sub-pixels of a pixel differ in the mean of the 5 x 5 pixels around it.

    Where a picture has detail its sub-pixels differ now here, now there; what is alike everywhere is a mesh (Odena et al. 2016,
    doi 10.23915/distill.00003). Input and output (B, H, W, scale * scale * C), as `depth_to_space` takes it.
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


def _check(scale, widths, blocks, encoder, attention, levelled) -> None:
    wrong = [
        scale not in (1, 2, 4) and f"scale is 1, 2 or 4, not {scale}",
        len(widths) != len(blocks) and f"widths and blocks have one number a level, not {len(widths)} and {len(blocks)}",
        min([*widths, *blocks], default=0) < 1 and f"widths and blocks are above 0, not {list(widths)} and {list(blocks)}",
        attention < 0 and f"the windows of attention have a side of 0 or more, not {attention}",
        encoder == "vgg16" and "vgg16 has no stages at strides 2, 4, ...: it compares features, resnet18 would do",
        encoder != "plain" and not 2 <= len(widths) <= 5 and f"an ImageNet encoder has 2 to 5 levels, not {len(widths)}",
        levelled and scale == 1 and "levelled evens out what enlarging leaves: it needs a scale of 2 or 4",
        attention and len(widths) < 2 and "self-attention stands in the decoder: it needs two levels or more",
    ]
    for reason in filter(None, wrong):
        raise InputError(Errors.P072.format(reason=reason))


def parameters(model: keras.Model) -> int:
    """How many numbers training changes."""
    return int(sum(np.prod(variable.shape) for variable in model.trainable_variables))
