"""A training that begins as a model file; and networks that are told the level of noise, from their training to the file."""

import numpy as np
import pytest
from confection import Config
from training_helpers import lines_of

from corpora.errors import InputError
from image_gan import Enhancer, SizedEnhancer
from image_gan.enhance.batch import enhance_pictures
from image_gan.enhance.outputs import plan
from image_gan.enhance.tiles import with_level
from image_gan.export import export_generator, export_model
from image_gan.pictures import Picture, write
from image_gan.training import trainer
from image_gan.training.evaluation import evaluate, run_generator
from image_gan.training.from_onnx import TensorFlowEngine, start_from_file
from image_gan.training.settings import check, network_of

SHAPE = {"@networks": "image_gan.UNet.v1", "widths": [6, 8], "blocks": [1, 1], "spectral_norm": False, "noise_level": True}


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """A random generator that is told levels, and its file."""
    import keras

    keras.utils.set_random_seed(0)
    config = Config({"generator": SHAPE})
    generator, path = network_of(config, "generator"), tmp_path_factory.mktemp("told") / "told.onnx"
    head = generator.get_layer("head")
    head.kernel.assign(keras.random.normal(head.kernel.shape, stddev=0.05))
    pictures = [with_level(np.random.default_rng(0).random((32, 32, 3), np.float32), 12, peak=1)]
    card = export_generator(generator, path, about={"name": "told", "config": config.to_str()}, pictures=pictures)
    assert card.noise_level
    assert card.int8 > 20
    return generator, path


def grainy(side, deviation):
    noise = np.random.default_rng(1).standard_normal((side, side, 3)) * deviation
    return np.clip(np.rint(128 + noise), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("engine", ["openvino", "onnxruntime", TensorFlowEngine])
@pytest.mark.parametrize("denoise", [0, 0.5, "auto"])
def test_engines_tell_the_level(engine, denoise, told):
    """In float32, and in tiles, as the network itself is told it."""
    generator, path = told
    enhancer, picture = Enhancer(path, engine=engine, precision="float32", denoise=denoise, tile=64), grainy(150, 20)
    level = enhancer.noise_level(picture)
    assert level == 0 if denoise == 0 else 5 < level < 30
    expected = run_generator(generator, np.round(4 * with_level(picture / 4.0, level / 4)).astype(np.float32))
    assert np.abs(enhancer(picture).astype(int) - expected).max() <= 1
    assert (expected != run_generator(generator, with_level(picture, 40))).mean() > 0.3


def test_the_level_is_said_of_each_picture_and_on_the_page(told, tmp_path):
    write(tmp_path / "a.png", Picture(grainy(64, 20)))
    enhancer = SizedEnhancer(model=told[1], denoise=0.5)
    (row,) = enhance_pictures(plan([tmp_path / "a.png"]), enhancer, report=tmp_path / "page.html")
    assert row["noise_level"] == round(enhancer.noise_level(grainy(64, 20)), 1) > 5
    assert f"noise level {row['noise_level']:g} · " in (tmp_path / "page.html").read_text("utf8")


def test_grey_and_16_bits_are_told_the_same_level(told):
    enhancer, picture = Enhancer(told[1], precision="float32"), grainy(64, 20)[..., :1]
    fine = enhancer(picture.astype(np.uint16) * 257)
    assert np.abs(fine / 257 - enhancer(picture)).max() <= 1


def test_a_run_begins_as_a_model_file(told, least, load, tmp_path):
    generator, path = told
    more = {f"generator.{name}": value for name, value in SHAPE.items() if name != "@networks"}
    config = load(least, more, {"paths.pretrained_run": str(path)})
    started = trainer.new_trainer(config).gan
    for network in (started.generator, started.average):
        for variable, expected in zip(network.variables, generator.variables, strict=True):
            assert np.allclose(variable, expected, atol=1e-3)
    other = trainer.new_trainer(
        load(least, more, {"paths.pretrained_run": str(path), "generator.widths": [6, 10]})
    ).gan.generator
    assert np.allclose(other.get_layer("stem").kernel, generator.get_layer("stem").kernel, atol=1e-3)


def test_a_whole_run_of_it(least, load, tmp_path):
    """All phases, features compared by its own encoder, and the file that comes of it."""
    more = {f"generator.{name}": value for name, value in SHAPE.items() if name != "@networks"}
    config = load(least, more)
    config["degradation"] = {"@settings": "image_gan.HistoryDegradation.v1", "noise": [20, 30]}
    done = trainer.train(check(config), tmp_path)
    assert done.ended == "done"
    assert lines_of(done.run)[-1]["distance"] > 0
    assert export_model(done.run, tmp_path / "made.onnx").noise_level
    assert Enhancer(tmp_path / "made.onnx")(grainy(40, 20)).shape == (40, 40, 3)
    row = next(evaluate(done.run, folder_of(tmp_path)))
    assert {"psnr", "input_psnr", "distance", "input_distance"} < set(row)


def folder_of(path):
    write(path / "photos" / "one.png", Picture(grainy(40, 20)))
    return path / "photos"


@pytest.mark.parametrize("content", [None, b"", b"not a model"])
def test_what_is_not_a_model_file(content, told, tmp_path):
    path = tmp_path / "some.onnx"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=r"\[P067\] cannot use .*some\.onnx as a checkpoint: "):
        start_from_file(path, told[0])
