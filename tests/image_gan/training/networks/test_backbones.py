import keras
import numpy as np
import pytest

from corpora.errors import InputError
from image_gan.training.networks.backbones import backbone


def saved(network, path, damage=None):
    """The weights of a network as a file of the layout that it is read from."""
    model = backbone(network)
    layers = [layer for layer in model.layers if layer.weights]
    if network == "vgg16":
        arrays = {f"{layer.name}/{w.name}": w.numpy() for layer in layers for w in layer.weights}
    else:
        named = {layer.name.replace("_", "."): layer for layer in layers}
        arrays = {f"{name}.weight": layer.kernel.numpy().transpose(3, 2, 0, 1) for name, layer in named.items()}
        arrays |= {f"{name}.bias": layer.bias.numpy() for name, layer in named.items()}
        assert {"conv1.weight", "layer1.0.conv2.bias", "layer3.0.downsample.0.weight"} < set(arrays)
    np.savez(path, **(damage(arrays) if damage else arrays))
    return model


@pytest.mark.parametrize(("network", "strides"), [("resnet18", (2, 4, 8, 16)), ("vgg16", (1, 2, 4))])
def test_weights_from_a_file(network, strides, tmp_path):
    x = np.random.default_rng(0).random((1, 32, 48, 3), np.float32)
    model = saved(network, tmp_path / "weights.npz")
    stages = backbone(network, str(tmp_path / "weights.npz"))(x)
    assert [tuple(stage.shape[1:3]) for stage in stages] == [(32 // stride, 48 // stride) for stride in strides]
    for stage, expected in zip(stages, model(x), strict=True):
        assert np.array_equal(stage, expected)
        assert np.abs(stage).max() > 0
    first = backbone(network, str(tmp_path / "weights.npz"), 1)
    assert np.array_equal(first(x), stages[0])
    assert len(first.variables) < len(model.variables) / 2


def test_pictures_are_what_imagenet_networks_were_trained_on():
    """resnet18: mean and deviation of ImageNet, RGB; vgg16: BGR of 255 less its means."""
    grey = np.full((1, 16, 16, 3), (0.485, 0.456, 0.406), np.float32)
    model = backbone("resnet18", stages=1)
    assert np.abs(model(grey)).max() < 1e-6
    kernel = np.zeros((3, 3, 3, 64), np.float32)
    kernel[1, 1, 0, 0], kernel[1, 1, 2, 1] = 1, 1
    model = backbone("vgg16", stages=1)
    for layer in model.layers:
        if layer.weights:
            pick = np.zeros(layer.kernel.shape, np.float32)
            pick[1, 1, range(2), range(2)] = 1
            layer.set_weights([kernel if layer.name == "block1_conv1" else pick, np.zeros(64, np.float32)])
    picture = np.full((1, 4, 4, 3), (1.0, 0.5, 0.9), np.float32)
    assert model(picture)[0, 1, 1, :2].numpy() == pytest.approx([0.9 * 255 - 103.939, 255 - 123.68], abs=1e-3)


@pytest.mark.parametrize(
    "damage",
    [
        lambda arrays: {name: array for name, array in arrays.items() if name != "layer2.0.conv1.bias"},
        lambda arrays: arrays | {"layer1.1.conv2.weight": arrays["layer1.1.conv2.weight"][..., :1]},
        lambda arrays: {"x": np.array([{}], object)},
        lambda arrays: {},
    ],
)
def test_a_file_that_does_not_hold_them(damage, tmp_path):
    path = tmp_path / "resnet18.npz"
    saved("resnet18", path, damage)
    with pytest.raises(InputError, match=r"^\[P071\] cannot load weights of resnet18 from .*resnet18.npz: "):
        backbone("resnet18", str(path))


@pytest.mark.parametrize("kept", [0, 10, 0.5, 0.999])
def test_a_truncated_file(kept, tmp_path):
    path = tmp_path / "vgg16.npz"
    saved("vgg16", path)
    data = path.read_bytes()
    path.write_bytes(data[: kept if isinstance(kept, int) else int(kept * len(data))])
    with pytest.raises(InputError, match=r"^\[P071\] cannot load weights of vgg16 from "):
        backbone("vgg16", str(path))


@pytest.mark.parametrize("network", ["resnet18", "vgg16", "mobilenetv2"])
@pytest.mark.parametrize("file", ["none.npz", "text.npz", "text.weights.h5", "", "array.npz"])
def test_what_holds_no_weights(network, file, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("text.npz", "text.weights.h5"):
        (tmp_path / name).write_text("a text")
    with open("array.npz", "wb") as out:
        np.save(out, np.zeros(3))
    with pytest.raises(InputError, match=rf"^\[P071\] cannot load weights of {network} from "):
        backbone(network, file)


def test_names(capsys, monkeypatch, tmp_path):
    with pytest.raises(
        InputError, match=r"\[P070\] there is no network 'vgg19': choose one of resnet18, resnet50, mobilenetv2, vgg16"
    ):
        backbone("vgg19")
    with pytest.raises(InputError, match=r"\[P071\] cannot load weights of resnet18 from imagenet: .* name a file"):
        backbone("resnet18", "imagenet")

    def fetch(*_, **__):
        print("Downloading data")
        raise Exception("URL fetch failure")  # Keras's own

    monkeypatch.setattr(keras.src.applications.mobilenet_v2.file_utils, "get_file", fetch)
    with pytest.raises(InputError, match=r"\[P071\] cannot load weights of mobilenetv2 from imagenet: URL fetch failure$"):
        backbone("mobilenetv2", "imagenet")
    assert capsys.readouterr().out == ""
