import keras
import numpy as np
import pytest
from keras import ops

from corpora.errors import InputError
from image_gan.training.networks.backbones import backbone
from image_gan.training.networks.unet import ICNR, CheckerboardSuppression, add_residual, build_unet, count_parameters

SMALL = {"widths": (4, 8), "blocks": (1, 1)}
DEEP = {"widths": (4, 6, 8), "blocks": (1, 1, 2)}


def pictures(height, width, batch=1, seed=0):
    return np.random.default_rng(seed).random((batch, height, width, 3), np.float32)


ATTENTIVE = {**DEEP, "attention_window": 3, "spectral_norm": False}


@pytest.mark.parametrize(
    ("scale", "more", "multiple"),
    [
        (1, SMALL, 2),
        (2, SMALL, 2),
        (4, SMALL, 2),
        (2, DEEP, 4),
        (1, {**SMALL, "attention_window": 4}, 8),
        (4, ATTENTIVE, 12),
    ],
)
def test_any_size_that_is_a_multiple(more, multiple, scale):
    model = build_unet(scale=scale, **more)
    assert (model.scale, model.size_multiple) == (scale, multiple)
    for height, width in ((1, 1), (3, 2)):
        x = pictures(height * multiple, width * multiple, batch=2)
        made = add_residual(x, model(x))
        assert made.shape == (2, scale * x.shape[1], scale * x.shape[2], 3)
        assert made.dtype == "float32"
        assert [tuple(level.shape[1:3]) for level in model.encoder(x)] == [
            (x.shape[1] >> level, x.shape[2] >> level) for level in range(len(more["widths"]))
        ]


def test_a_new_one_changes_next_to_nothing():
    """So that training begins with the picture itself, or with its plain enlargement, as OpenCV computes it."""
    import cv2

    x = pictures(16, 24)
    for scale in (1, 2, 4):
        plain = cv2.resize(x[0], None, fx=scale, fy=scale, interpolation=cv2.INTER_LINEAR)
        assert np.abs(add_residual(x, build_unet(scale=scale, **SMALL)(x))[0] - plain).max() < 0.05
        assert np.allclose(add_residual(x, np.zeros((1, 16 * scale, 24 * scale, 3)))[0], plain, atol=1e-6)


def test_from_a_third_of_a_million_parameters_to_30_million():
    assert 290_000 < count_parameters(build_unet(widths=(24, 48, 72), blocks=(1, 1, 1), attention_window=8)) < 310_000
    largest = build_unet(widths=(64, 128, 256, 512), blocks=(2, 2, 3, 4), attention_window=8, spectral_norm=False)
    assert 29_000_000 < count_parameters(largest) < 31_000_000
    small = build_unet(**SMALL)
    assert count_parameters(small) == sum(np.prod(v.shape) for v in small.variables if v.name != "u")


def test_upsampling_begins_as_nearest_neighbour():
    kernel = ICNR(keras.initializers.RandomNormal(seed=2), 2)((3, 3, 5, 12))
    x = np.random.default_rng(1).normal(size=(1, 4, 6, 5)).astype("f4")
    made = ops.depth_to_space(ops.conv(x, kernel, padding="same"), 2)
    assert made.shape == (1, 8, 12, 3)
    assert np.allclose(made, np.repeat(np.repeat(made[:, ::2, ::2], 2, axis=1), 2, axis=2))
    model = build_unet(scale=2, **SMALL)
    upsampled = keras.Model(model.input, model.get_layer("up0_blur").input)(pictures(8, 8)).numpy()
    assert np.allclose(upsampled[:, ::2, ::2], upsampled[:, 1::2, 1::2])
    assert upsampled.std() > 0.01
    residual = model(pictures(8, 8)).numpy()
    assert np.allclose(residual[:, ::2, ::2], residual[:, 1::2, ::2])


def test_a_blur_of_two_by_two_follows():
    layer = build_unet(**SMALL).get_layer("up0_blur")
    point = np.zeros((1, 4, 4, 1), np.float32)
    point[0, 2, 2] = 4
    assert layer(point)[0, ..., 0].numpy().tolist() == [[0] * 4, [0, 1, 1, 0], [0, 1, 1, 0], [0] * 4]


def test_every_weight_has_a_part_in_what_comes_out():
    import tensorflow as tf

    for more in (DEEP | {"attention_window": 2}, DEEP | {"encoder": "resnet18"}):
        model = build_unet(scale=2, **more)
        for layer in model._flatten_layers():
            if hasattr(layer, "gamma") and not layer.gamma.shape.rank:
                layer.gamma.assign(1.0)
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(tf.abs(model(pictures(16, 16))))
        gradients = tape.gradient(loss, [v.value for v in model.trainable_variables])
        assert all(gradient is not None and np.abs(gradient).max() > 0 for gradient in gradients)


@pytest.fixture(scope="module")
def resnet18(tmp_path_factory):
    """Weights as they would be downloaded: OIHW, names as in torchvision."""
    path = tmp_path_factory.mktemp("weights") / "resnet18.npz"
    keras.utils.set_random_seed(11)
    layers = {layer.name.replace("_", "."): layer for layer in backbone("resnet18").layers if layer.weights}
    arrays = {f"{name}.weight": layer.kernel.numpy().transpose(3, 2, 0, 1) for name, layer in layers.items()}
    rng = np.random.default_rng(0)
    biases = {f"{name}.bias": rng.normal(size=layer.bias.shape).astype("f4") for name, layer in layers.items()}
    np.savez(path, **arrays, **biases, **{"fc.weight": np.ones((3, 2), "f4")})
    return path


def test_the_encoder_from_a_file(resnet18):
    """Its stages stand for the levels below the first, with the weights of the file, and are trained on."""
    model = build_unet(widths=(4, 8, 8, 8), blocks=(1, 1, 1, 1), encoder="resnet18", weights=str(resnet18), attention_window=2)
    assert (model.size_multiple, model.scale) == (8, 1)
    x = pictures(16, 24)
    assert model(x).shape == x.shape
    assert [level.shape[-1] for level in model.encoder(x)] == [4, 8, 8, 8]
    inside = model.get_layer("resnet18")
    expected = backbone("resnet18", str(resnet18))(x)
    assert len(inside(x)) == 3  # nothing is built that no level takes
    assert all(np.allclose(a, b) for a, b in zip(inside(x), expected, strict=False))
    trained = {id(variable) for variable in model.trainable_variables}
    assert trained > {id(variable) for variable in inside.variables}
    assert not any(type(layer).__name__ == "SpectralConv2D" for layer in inside._flatten_layers())


@pytest.mark.parametrize(("encoder", "levels"), [("mobilenetv2", 5), ("resnet50", 3)])
def test_encoders_of_keras(encoder, levels):
    widths = (4,) * levels
    model = build_unet(scale=2, widths=widths, blocks=(1,) * levels, encoder=encoder)
    x = pictures(32, 16)
    assert model.size_multiple == 2 ** (levels - 1)
    assert model(x).shape == (1, 64, 32, 3)
    assert [level.shape[1] for level in model.encoder(x)] == [32 >> level for level in range(levels)]
    assert np.array_equal(model(x, training=True), model(x))  # batch norms as they were trained


WRONG = [
    ({"scale": 3}, "scale must be 1, 2 or 4, not 3"),
    ({"scale": 0}, "not 0"),
    ({"widths": (8,)}, "not 1 and 3"),
    ({"widths": (), "blocks": ()}, "above 0"),
    ({"widths": (8, 8, -8)}, "above 0"),
    ({"blocks": (1, 0, 1)}, "above 0"),
    ({"attention_window": -1}, "0 or more, not -1"),
    ({"widths": (8,), "blocks": (1,), "attention_window": 8}, "two levels"),
    ({"widths": (8,), "blocks": (1,), "encoder": "resnet18"}, "2 to 5 levels, not 1"),
    ({"widths": (8,) * 6, "blocks": (1,) * 6, "encoder": "resnet18"}, "not 6"),
    ({"encoder": "vgg16"}, "choose resnet18"),
]


@pytest.mark.parametrize(("settings", "message"), WRONG)
def test_settings_that_do_not_fit(settings, message):
    with pytest.raises(InputError, match=rf"^\[P072\] cannot build the generator: .*{message}"):
        build_unet(**{"widths": (8, 8, 8), "blocks": (1, 1, 1), **settings})


def test_an_unknown_encoder():
    with pytest.raises(InputError, match=r"\[P070\] there is no network 'resnet34': choose one of resnet18"):
        build_unet(**SMALL, encoder="resnet34")


@pytest.mark.parametrize("scale", [2, 4])
def test_checkerboard_suppression_takes_out_a_mesh_and_leaves_detail(scale):
    """A mesh repeats with every pixel; detail that does not stays nearly as it is, and so does what all sub-pixels share."""
    rng = np.random.default_rng(0)
    mesh = np.broadcast_to(rng.normal(size=3 * scale**2), (1, 12, 10, 3 * scale**2)).astype(np.float32)
    flat = mesh.reshape(1, 12, 10, scale**2, 3).mean(axis=3, keepdims=True).repeat(scale**2, axis=3).reshape(mesh.shape)
    layer = CheckerboardSuppression(scale)
    assert np.abs(layer(mesh) - flat).max() < 1e-5
    detail = rng.normal(size=mesh.shape).astype(np.float32)
    assert np.corrcoef(np.ravel(layer(detail)), detail.ravel())[0, 1] > 0.95
    smooth = np.linspace(0, 1, 12, dtype=np.float32)[None, :, None, None] + np.zeros_like(mesh)
    assert np.abs(layer(smooth) - smooth).max() < 1e-5


def test_checkerboard_suppression_is_an_option_of_what_enlarges():
    x = pictures(16, 16)
    plain, levelled = (build_unet(**SMALL, scale=4, suppress_checkerboard=option) for option in (False, True))
    levelled.set_weights(plain.get_weights())
    for model in (plain, levelled):
        model.get_layer("head").kernel.assign(keras.random.normal(model.get_layer("head").kernel.shape, seed=1))
    phases = [model(x).numpy()[0].reshape(16, 4, 16, 4, 3).mean(axis=(0, 2)) for model in (plain, levelled)]
    assert np.ptp(phases[1], axis=(0, 1)).max() < 0.2 * np.ptp(phases[0], axis=(0, 1)).max()
