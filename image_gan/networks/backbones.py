"""ImageNet networks as feature extractors: activations of several stages, from fine to coarse, of RGB pictures from 0 to 1.

They sit in encoders, losses and critics, from a file or from keras.applications. Sources: ResNet (He et al. 2015, arXiv
1512.03385), VGG (Simonyan & Zisserman 2014, arXiv 1409.1556), MobileNetV2 (Sandler et al. 2018, arXiv 1801.04381).
"""

from collections.abc import Callable, Mapping
from pathlib import Path

import keras
import numpy as np
from keras import layers, ops

from image_gan.errors import Errors, InputError

_MEAN, _STD = np.array([0.485, 0.456, 0.406], "f4"), np.array([0.229, 0.224, 0.225], "f4")  # of ImageNet, RGB
_CAFFE = np.array([103.939, 116.779, 123.68], "f4")  # means of ImageNet, BGR, of 255
_APPLICATIONS = {  # the layer that ends each stage, at strides 2, 4, 8, 16
    "resnet50": ("ResNet50", ("conv1_relu", "conv2_block3_out", "conv3_block4_out", "conv4_block6_out")),
    "mobilenetv2": (
        "MobileNetV2",
        ("block_1_expand_relu", "block_3_expand_relu", "block_6_expand_relu", "block_13_expand_relu"),
    ),
}


def backbone(name: str, weights: str | None = None, *, stages: int | None = None) -> keras.Model:
    """Build a network whose outputs are the activations of its stages.

    name (str): "resnet18", "resnet50", "mobilenetv2" (strides 2, 4, 8, 16) or "vgg16" (strides 1, 2, 4).
    weights (str | None): "imagenet" for what keras.applications downloads; a file: for resnet18 an .npz with batch norms
        folded into the convolutions (OIHW, names as in torchvision), for vgg16 an .npz of Keras's kernels (HWIO), else
        Keras's .weights.h5; None: random.
    stages (int | None): how many, from the finest; None for all.
    RETURNS (keras.Model): (B, H, W, 3), RGB from 0 to 1, to a list of (B, H / stride, W / stride, C).
    RAISES InputError: P070, P071: no such network, or the file does not hold its weights.
    """
    if name not in _BUILDERS:
        raise InputError(Errors.P070.format(got=name, known=", ".join(_BUILDERS)))
    return _BUILDERS[name](weights, stages)


def as_list(activations) -> list:
    """What a model gives out as a list, where it has one output too, which Keras gives as it is."""
    return list(activations) if isinstance(activations, list | tuple) else [activations]


def _resnet18(weights: str | None, count: int | None) -> keras.Model:
    if weights == "imagenet":
        raise InputError(Errors.P071.format(name="resnet18", got=weights, reason="keras.applications has none: name a file"))
    x = inputs = keras.Input((None, None, 3))
    x = _padded(layers.Conv2D(64, 7, strides=2, activation="relu", name="conv1"), 3)((x - _MEAN) / _STD)
    stages = [x]
    x = layers.MaxPooling2D(3, 2)(layers.ZeroPadding2D(1)(x))  # after a relu nothing is below the padding's zero
    for stage, filters in enumerate((64, 128, 256), 1):
        for block in range(2):
            x = _basic_block(x, filters, 2 if stage > 1 and block == 0 else 1, f"layer{stage}.{block}")
        stages.append(x)
    model = keras.Model(inputs, stages)
    if weights is not None:
        arrays = _arrays("resnet18", weights)
        _fill(model, "resnet18", weights, lambda at: (arrays[f"{at}.weight"].transpose(2, 3, 1, 0), arrays[f"{at}.bias"]))
    return keras.Model(inputs, stages[:count], name="resnet18")


def _basic_block(x, filters: int, strides: int, name: str):
    y = _padded(layers.Conv2D(filters, 3, strides=strides, activation="relu", name=f"{name}.conv1"), 1)(x)
    y = _padded(layers.Conv2D(filters, 3, name=f"{name}.conv2"), 1)(y)
    if strides > 1:
        x = layers.Conv2D(filters, 1, strides=strides, name=f"{name}.downsample.0")(x)
    return ops.relu(x + y)


def _padded(conv: layers.Conv2D, pad: int) -> Callable:
    """Padding on all sides, as the weights were trained with; "same" would pad even sides on one side alone."""
    return lambda x: conv(layers.ZeroPadding2D(pad)(x))


def _vgg16(weights: str | None, count: int | None) -> keras.Model:
    x = inputs = keras.Input((None, None, 3))
    x = ops.flip(x, axis=-1) * 255 - _CAFFE
    stages = []
    for block, (filters, convs) in enumerate(((64, 2), (128, 2), (256, 3)), 1):
        if block > 1:
            x = layers.MaxPooling2D(2)(x)
        for conv in range(convs):
            x = layers.Conv2D(filters, 3, padding="same", activation="relu", name=f"block{block}_conv{conv + 1}")(x)
        stages.append(x)
    model = keras.Model(inputs, stages)
    if weights == "imagenet":
        public = keras.applications.VGG16(include_top=False, weights="imagenet")
        _fill(model, "vgg16", weights, lambda layer: public.get_layer(layer).get_weights())
    elif weights is not None:
        arrays = _arrays("vgg16", weights)
        _fill(model, "vgg16", weights, lambda layer: (arrays[f"{layer}/kernel"], arrays[f"{layer}/bias"]))
    return keras.Model(inputs, stages[:count], name="vgg16")


def _application(name: str) -> "Builder":
    def build(weights: str | None, count: int | None) -> keras.Model:
        kind, ends = _APPLICATIONS[name]
        inputs = keras.Input((None, None, 3))
        scaled = ops.flip(inputs, axis=-1) * 255 - _CAFFE if name == "resnet50" else inputs * 2 - 1
        try:
            whole = getattr(keras.applications, kind)(include_top=False, weights=weights, input_shape=(None, None, 3))
        except (OSError, ValueError) as error:
            reason = " ".join(str(error).split())[:200]
            raise InputError(Errors.P071.format(name=name, got=weights, reason=reason)) from None
        # BatchNormalization's averages are ImageNet's, in training too
        for layer in whole.layers:
            layer.trainable = layer.trainable and not isinstance(layer, layers.BatchNormalization)
        stages = [whole.get_layer(end).output for end in ends[:count]]
        return keras.Model(inputs, keras.Model(whole.inputs[0], stages)(scaled, training=False), name=name)

    return build


def _arrays(name: str, path: str) -> Mapping[str, np.ndarray]:
    if not Path(path).is_file():
        raise InputError(Errors.P071.format(name=name, got=path, reason="no such file"))
    try:
        with np.load(path, allow_pickle=False) as file:
            return dict(file)
    except (OSError, ValueError, EOFError, KeyError) as error:
        raise InputError(Errors.P071.format(name=name, got=path, reason=" ".join(str(error).split())[:200])) from None


def _fill(model: keras.Model, name: str, source: str, arrays_of: Callable) -> None:
    for layer in model.layers:
        if layer.weights:
            try:
                layer.set_weights(arrays_of(layer.name))
            except (KeyError, ValueError) as error:
                reason = f"{layer.name}: {' '.join(str(error).split())[:160]}"
                raise InputError(Errors.P071.format(name=name, got=source, reason=reason)) from None


Builder = Callable[[str | None, int | None], keras.Model]
_BUILDERS: dict[str, Builder] = {
    "resnet18": _resnet18,
    "resnet50": _application("resnet50"),
    "mobilenetv2": _application("mobilenetv2"),
    "vgg16": _vgg16,
}
