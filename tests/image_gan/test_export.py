import shutil
from datetime import date

import numpy as np
import onnx
import pytest
from confection import Config
from keras import ops
from keras.utils import set_random_seed

from corpora.errors import InputError
from image_gan import Enhancer
from image_gan.enhance.model_file import read_model
from image_gan.enhance.models import load_model, shipped
from image_gan.export import export_model, measure_receptive_field, without_absolute_paths
from image_gan.training.from_onnx import network_from_onnx
from image_gan.training.networks.spectral_norm import spectral_layers
from image_gan.training.networks.unet import add_residual, build_unet, count_parameters
from image_gan.training.runs import load_generator, run_config


def roughened(generator, seed=0):
    """Every part of it takes part in what it gives out: gamma is not 0, heads are not near 0."""
    rng = np.random.default_rng(seed)
    for layer in generator._flatten_layers():
        if layer.name == "attention":
            layer.gamma.assign(0.5)
    generator.get_layer("head").kernel.assign(rng.normal(size=generator.get_layer("head").kernel.shape) * 0.1)
    return generator


@pytest.fixture(scope="module")
def exported(run_of, tmp_path_factory):
    """A generator of scale 2 with attention, and the file that it travels as."""
    from image_gan.training import checkpoint

    root = tmp_path_factory.mktemp("export")
    more = {
        "generator.scale": 2,
        "generator.widths": [8, 12],
        "generator.attention_window": 4,
        "card.name": "try",
        "card.look": "crisp",
        "paths.train": "/home/somebody/prepared",
        "paths.validation": "prepared/validation",
        "paths.pretrained_run": r"C:\runs\0001",
    }
    run, generator = run_of(root / "run", **more)
    roughened(generator)
    best = checkpoint.read(run / "best.npz")[1]
    checkpoint.save(run / "best.npz", {"average": generator.variables}, best)
    return run, root / "model.onnx", export_model(run, root / "model.onnx")


def test_the_graph_is_the_generator_in_every_runtime(exported):
    """Of any size that is a multiple; as near as weights of 16 bits are, which depends on what these steps learnt."""
    import onnxruntime
    import openvino

    run, path, _ = exported
    generator = load_generator(run)
    session = onnxruntime.InferenceSession(read_model(path)[0])
    compiled = openvino.Core().compile_model(openvino.Core().read_model(str(path)), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    assert [x.name for x in session.get_inputs()] == ["picture"]
    for height, width, batch in ((16, 16, 1), (24, 40, 2)):
        x = np.random.default_rng(height).random((batch, height, width, 3), np.float32)
        expected = generator(x).numpy()
        assert expected.std() > 0.05
        both = (session.run(None, {"picture": x})[0], compiled(x)[0])
        for made in both:
            assert made.shape == (batch, 2 * height, 2 * width, 3)
            assert made.dtype == np.float32
            assert np.abs(made - expected).max() < 1e-2 * np.abs(expected).max()
            assert np.abs(made - expected).mean() < 2e-3 * np.abs(expected).mean()
        assert np.abs(both[0] - both[1]).max() < 1e-3 * np.abs(expected).max()


def test_weights_are_halved_and_norms_divided_out(exported):
    run, path, _ = exported
    model = onnx.load(path)
    onnx.checker.check_model(model)
    weights = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    assert all(array.dtype == np.float16 for array in weights.values() if array.dtype.kind == "f" and array.size > 16)
    generator = load_generator(run)
    assert sum(array.size for array in weights.values() if array.dtype == np.float16) <= count_parameters(generator) * 1.02
    norms = [node.op_type for node in model.graph.node if node.op_type in ("ReduceL2", "ReduceSum", "ReduceSumSquare")]
    assert norms == ["ReduceSum", "ReduceSum"]  # of attention's queries and keys
    layer = next(one for one in spectral_layers(generator) if one.name == "down1")
    used = (layer.kernel / layer.sigma()).numpy().transpose(3, 2, 0, 1)
    assert any(array.shape == used.shape and np.abs(array - used).max() < 1e-3 for array in weights.values())


def test_the_card_is_complete(exported):
    run, path, card = exported
    _, entries = read_model(path)
    assert entries == {"format": 2, **card.entries()}
    assert load_model(path).card == card
    expected = {"name": "try", "look": "crisp", "data": "the pictures given", "terms": "those of the pictures given"}
    expected |= {"limits": "", "scale": 2, "size_multiple": 8, "steps": 7, "pictures": 28, "seed": 0}
    expected |= {"figures": {"psnr": 30.5, "distance": 0.25}, "exported": date.today().isoformat()}
    expected |= {
        "parameters": count_parameters(load_generator(run)),
        "config": without_absolute_paths(run_config(run)).to_str(),
    }
    assert {name: value for name, value in card.entries().items() if name in expected} == expected
    assert set(card.entries()) == {*expected, "receptive_field", "noise_level", "credit", "bfloat16", "int8", "ranges"}
    assert card.bfloat16 is None or 25 < card.bfloat16 < 120


def test_a_card_holds_no_absolute_paths(exported):
    """They name folders of one machine; all else of the config stays."""
    run, path, card = exported
    config = Config().from_str(card.config)
    assert config["paths"] == {"train": None, "validation": "prepared/validation", "pretrained_run": None}
    assert b"somebody" not in path.read_bytes()
    assert {**config, "paths": None} == {**run_config(run), "paths": None}


@pytest.mark.parametrize(
    "shape", [{"widths": (4, 4), "blocks": (1, 1)}, {"widths": (4, 4), "blocks": (1, 1), "attention_window": 4, "scale": 2}]
)
def test_reach_is_how_far_an_output_looks(shape):
    """Brute force: wherever within a period a pixel changes, nothing beyond changes with it."""
    set_random_seed(0)
    generator = roughened(build_unet(**shape))
    reach, side = measure_receptive_field(generator), 64
    picture = np.random.default_rng(1).random((1, side, side, 3), np.float32)
    before, farthest = generator(picture).numpy(), 0
    for place in range(24, 24 + generator.size_multiple):
        other = picture.copy()
        other[0, place, place] = 1 - other[0, place, place]
        rows, columns = (
            np.flatnonzero(np.abs(generator(other).numpy() - before).max(axis=axes)) for axes in ((0, 2, 3), (0, 1, 3))
        )
        for places in (rows // generator.scale, columns // generator.scale):
            farthest = max(farthest, *np.abs(places - place).tolist())
    assert farthest == reach


def test_reach_is_not_cut_short_by_the_picture_that_it_is_measured_on():
    set_random_seed(0)
    deep = roughened(build_unet(widths=(2,) * 5, blocks=(2,) * 5, spectral_norm=False))
    assert (
        150 < measure_receptive_field(deep) == pytest.approx(measure_receptive_field(deep, 768), rel=0.1)
    )  # at whose end next to nothing is left to see


def test_what_cannot_be_exported(tmp_path, outcome):
    with pytest.raises(InputError, match=r"\[P066\]"):
        export_model(tmp_path, tmp_path / "model.onnx")
    (tmp_path / "config.cfg").write_bytes((outcome.run / "config.cfg").read_bytes())
    with pytest.raises(InputError, match=r"\[P067\]"):
        export_model(tmp_path, tmp_path / "model.onnx")
    assert not (tmp_path / "model.onnx").exists()


@pytest.mark.parametrize("name", [name for name in shipped() if name.endswith("crisp")])
def test_attention_is_at_work_in_crisp_models_that_ship(name):
    """Gamma is 0 as training begins; set to 0 again, the picture is another one by grey levels."""
    data, card = load_model(name)
    generator, picture = network_from_onnx(data, card.config), np.random.default_rng(0).random((1, 64, 64, 3), np.float32)
    (attention,) = (layer for layer in generator._flatten_layers() if layer.name == "attention")
    made = ops.convert_to_numpy(add_residual(picture, generator(picture)))
    attention.gamma.assign(0)
    changes = np.abs(ops.convert_to_numpy(add_residual(picture, generator(picture))) - made)
    assert changes.mean() > 1 / 255


def test_ranges_are_of_what_the_network_is_given(run_of, prepared, tmp_path):
    """With the run's pictures at hand int8 is on the card, and 8 bits are what it computes in; without them it is not."""
    there = shutil.copytree(prepared, tmp_path / "prepared")
    next((there / "low").rglob("*.png")).write_bytes(b"damaged since")
    run, _ = run_of(tmp_path / "run", **{"paths.train": str(there)})
    card = export_model(run, tmp_path / "model.onnx")
    convolutions = [node for node in onnx.load(tmp_path / "model.onnx").graph.node if node.op_type == "Conv"]
    assert set(card.ranges) == {node.input[0] for node in convolutions[1:]}
    assert card.int8 > 40
    assert Enhancer(tmp_path / "model.onnx", precision="int8").card == card


def test_ranges_are_left_out_without_the_pictures(exported):
    _, _, card = exported
    assert card.ranges is card.int8 is None
