"""ImageNet networks as feature extractors: activations of several stages, from fine to coarse, of RGB pictures from 0 to 1.

They are used in encoders, losses and critics, from a file or from keras.applications. Sources: ResNet (He et al. 2015, arXiv
1512.03385), VGG (Simonyan & Zisserman 2014, arXiv 1409.1556), MobileNetV2 (Sandler et al. 2018, arXiv 1801.04381).
"""

import contextlib
import functools
import sys
import warnings
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


def backbone(name: str, weights: str | None = None, stages: int | None = None) -> keras.Model:
    """Build a network whose outputs are the activations of its stages.

    name (str): "resnet18", "resnet50", "mobilenetv2" (strides 2, 4, 8, 16) or "vgg16" (strides 1, 2, 4).
    weights (str | None): "imagenet" for what keras.applications downloads; or a file: for resnet18 an .npz with batch norms
        folded into the convolutions (OIHW, names as in torchvision), for vgg16 an .npz of Keras's kernels (HWIO), for the
        others Keras's .weights.h5; None: random.
    stages (int | None): how many stages are wanted; nothing is built beyond them.
    RETURNS (keras.Model): (B, H, W, 3), RGB from 0 to 1, to a list of (B, H / stride, W / stride, C), or to that of one stage.
    RAISES InputError: P070, there is no such network; P071, the file does not hold its weights.
    """
    if name not in _BUILDERS:
        raise InputError(Errors.P070.format(got=name, known=", ".join(_BUILDERS)))
    try:
        with contextlib.redirect_stdout(sys.stderr):  # where a download shows its progress
            return _BUILDERS[name](weights, stages)
    except Exception as error:  # zip, HDF5, NumPy, Keras and its downloads each have their own
        if weights is None:
            raise
        reason = " ".join(str(error).split())[:200]
        raise InputError(Errors.P071.format(name=name, got=weights, reason=reason)) from None


def _resnet18(weights: str | None, count: int | None) -> keras.Model:
    if weights == "imagenet":
        raise ValueError("keras.applications does not have it: name a file")
    arrays = None if weights is None else _arrays(weights)
    inputs = keras.Input((None, None, 3))
    x = _padded(layers.Conv2D(64, 7, strides=2, activation="relu", name="conv1"), 3, (inputs - _MEAN) / _STD)
    stages = [x]
    x = layers.MaxPooling2D(3, 2)(layers.ZeroPadding2D(1)(x))  # after a relu nothing is below the padding's zero
    for stage, filters in enumerate((64, 128, 256), 1):
        for block in range(2):
            x = _basic_block(x, filters, 2 if stage > 1 and block == 0 else 1, f"layer{stage}_{block}")
        stages.append(x)
    model = keras.Model(inputs, stages[:count], name="resnet18")
    if arrays is not None:
        for layer in _layers_with_weights(model):
            name = layer.name.replace("_", ".")  # Keras takes no points in names
            _fill(layer, arrays, f"{name}.weight", f"{name}.bias", axes=(2, 3, 1, 0))
    return model


def _basic_block(x, filters: int, strides: int, name: str):
    y = _padded(layers.Conv2D(filters, 3, strides=strides, activation="relu", name=f"{name}_conv1"), 1, x)
    y = _padded(layers.Conv2D(filters, 3, name=f"{name}_conv2"), 1, y)
    if strides > 1:
        x = layers.Conv2D(filters, 1, strides=strides, name=f"{name}_downsample_0")(x)
    return ops.relu(x + y)


def _padded(conv: layers.Conv2D, pad: int, x):
    """Padding on all sides, as the weights were trained with; "same" would pad even sides on one side only."""
    return conv(layers.ZeroPadding2D(pad)(x))


def _vgg16(weights: str | None, count: int | None) -> keras.Model:
    arrays = _arrays(weights) if weights is not None and weights != "imagenet" else None
    inputs = keras.Input((None, None, 3))
    x = ops.flip(inputs, axis=-1) * 255 - _CAFFE
    stages = []
    for block, (filters, convs) in enumerate(((64, 2), (128, 2), (256, 3)), 1):
        if block > 1:
            x = layers.MaxPooling2D(2)(x)
        for conv in range(convs):
            x = layers.Conv2D(filters, 3, padding="same", activation="relu", name=f"block{block}_conv{conv + 1}")(x)
        stages.append(x)
    model = keras.Model(inputs, stages[:count], name="vgg16")
    if weights == "imagenet":
        public = keras.applications.VGG16(include_top=False, weights="imagenet")
        for layer in _layers_with_weights(model):
            layer.set_weights(public.get_layer(layer.name).get_weights())
    if arrays is not None:
        for layer in _layers_with_weights(model):
            _fill(layer, arrays, f"{layer.name}/kernel", f"{layer.name}/bias", axes=(0, 1, 2, 3))
    return model


def _application(name: str, weights: str | None, count: int | None) -> keras.Model:
    """A network of keras.applications."""
    kind, ends = _APPLICATIONS[name]
    inputs = keras.Input((None, None, 3))
    scaled = ops.flip(inputs, axis=-1) * 255 - _CAFFE if name == "resnet50" else inputs * 2 - 1
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # the weights for 224 x 224 are the right ones
        network = getattr(keras.applications, kind)(include_top=False, weights=weights, input_shape=(None, None, 3))
    stages = keras.Model(network.inputs, [network.get_layer(end).output for end in ends[:count]])
    for layer in stages.layers:
        if isinstance(layer, layers.BatchNormalization):
            layer.trainable = False  # which keeps its means, whoever calls it
    return keras.Model(inputs, stages(scaled), name=name)


def _arrays(path: str) -> Mapping[str, np.ndarray]:
    if not Path(path).is_file():
        raise FileNotFoundError("no such file")
    with np.load(path, allow_pickle=False) as file:
        return dict(file)


def _layers_with_weights(model: keras.Model) -> list[keras.layers.Layer]:
    return [layer for layer in model.layers if layer.weights]


def _fill(layer: keras.layers.Layer, arrays: Mapping[str, np.ndarray], kernel: str, bias: str, axes: tuple[int, ...]) -> None:
    """Give a convolution its weights; `axes` brings those of the kernel into Keras's order."""
    try:
        layer.set_weights((arrays[kernel].transpose(axes), arrays[bias]))
    except (KeyError, ValueError) as error:
        raise ValueError(f"{layer.name}: {error}") from None


_BUILDERS: dict[str, Callable[[str | None, int | None], keras.Model]] = {
    "resnet18": _resnet18,
    "resnet50": functools.partial(_application, "resnet50"),
    "mobilenetv2": functools.partial(_application, "mobilenetv2"),
    "vgg16": _vgg16,
}
