"""Fixtures: drawn faces in three small tiers, a config of tiny networks, a run trained with it."""

import contextlib
import os
import resource
import signal
import sys
from pathlib import Path

import pytest

from corpora import faces

sys.path.insert(0, str(Path(__file__).parent))  # for modules that tests share, however pytest imports these
sys.path.insert(0, str(Path(__file__).parent / "training"))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
SIDES = {"low": 16, "medium": 24, "high": 32}
TINY = {
    **{"generator.widths": [4, 4], "generator.blocks": [1, 1], "generator.attention": 0},
    **{"critic.widths": [4], "critic.attention": 0},
    **{"training.look": 2, "training.pictures": 5, "training.held_out": 0.3, "training.precision": "float32"},
    **{"schedule.warmup": 2, "schedule.lead": 0, "degradation.noise": [30, 60]},
}
PHASES = {"generator": 4, "critic": 2, "adversarial": 3}


FORMAT_1 = Path(__file__).parents[1] / "data" / "format_1" / "images"


@pytest.fixture(scope="session")
def format_1():
    """Files that the code of format 1 wrote."""
    return FORMAT_1


@pytest.fixture(scope="session")
def model_files():
    """Small random models of that time, by scale."""
    return {scale: FORMAT_1 / "models" / f"{name}.onnx" for scale, name in {1: "restore", 2: "x2", 4: "x4_crisp"}.items()}


@pytest.fixture(scope="session")
def generators(tmp_path_factory):
    """Small random generators as Keras models and as exported files, by scale: what they add is seen, and they attend."""
    import keras
    from confection import Config

    from image_gan.export import export_generator
    from image_gan.training.settings import network_of

    folder, found = tmp_path_factory.mktemp("models"), {}
    shapes = {
        1: {"widths": [8, 16], "blocks": [1, 1], "attention": 4},
        2: {"widths": [8], "blocks": [2], "spectral": False},
        4: {"widths": [8, 16], "blocks": [1, 1], "attention": 2, "spectral": False, "levelled": True},
    }
    for scale, shape in shapes.items():
        keras.utils.set_random_seed(scale)
        config = Config({"generator": {"@networks": "image_gan.UNet.v1", "scale": scale, **shape}})
        generator = network_of(config, "generator")
        for layer in generator.layers:
            if hasattr(layer, "bias"):
                layer.bias.assign(keras.random.normal(layer.bias.shape, stddev=0.02))
            if hasattr(layer, "gamma"):
                layer.gamma.assign(0.5)
        head = generator.get_layer("head")
        head.kernel.assign(keras.random.normal(head.kernel.shape, stddev=0.03))
        export_generator(generator, folder / f"{scale}.onnx", about={"name": f"x{scale}", "config": config.to_str()})
        found[scale] = generator, folder / f"{scale}.onnx"
    return found


@pytest.fixture(autouse=True)
def float32():
    """What one test trains in is not what the next one builds in."""
    import keras

    yield
    keras.config.set_dtype_policy("float32")


@pytest.fixture(scope="session")
def prepared(tmp_path_factory):
    """24 drawn faces."""
    from image_gan.training.batches import prepare

    root = tmp_path_factory.mktemp("pictures")
    faces.write(root / "faces", 30)
    prepare([root / "faces"], root / "prepared", sides=SIDES)
    return root / "prepared"


@pytest.fixture(scope="session")
def overrides(prepared):
    """What makes restore.cfg tiny: three tiers and all phases."""
    tiers = {f"schedule.{tier}.{name}": value for tier in SIDES for name, value in {"batch": 4, **PHASES}.items()}
    return {"paths.train": str(prepared), **TINY, **tiers, **{f"schedule.{tier}.crop": side for tier, side in SIDES.items()}}


@pytest.fixture(scope="session")
def least(overrides):
    """And one tier."""
    return {**overrides, "schedule.medium": None, "schedule.high": None}


@pytest.fixture(scope="session")
def load():
    """restore.cfg with values overridden."""
    from image_gan.training import settings

    restore = Path(settings.__file__).parents[1] / "configs" / "restore.cfg"
    return lambda *overrides, **more: settings.load(
        restore, {name: v for some in (*overrides, more) for name, v in some.items()}
    )


@pytest.fixture(scope="session")
def outcome(overrides, load, tmp_path_factory):
    """A whole run, beside others: three tiers, all phases, bfloat16 where the processor has it."""
    from image_gan.training import trainer

    runs = tmp_path_factory.mktemp("runs")
    for name in ("0001", "0007", "12x", "notes"):
        (runs / name).mkdir()
    return trainer.train(load(overrides, **{"training.precision": "auto"}), runs)


@contextlib.contextmanager
def full_disk():
    """Gives a function: from when it is called, within the block, the system writes no file beyond so many bytes."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    heard = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        yield lambda size: resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, heard)


@pytest.fixture
def holiday(tmp_path):
    """A folder of pictures with a folder of pictures in it."""
    from image_samples import drawn

    from image_gan.pictures import Picture, write

    for name in ("a.jpg", "b.PNG", "sub/c.tiff", "sub/ü.webp"):
        path = tmp_path / "holiday" / name
        path.parent.mkdir(exist_ok=True, parents=True)
        write(path, Picture(drawn(40, 60)))
    (tmp_path / "holiday" / "notes.txt").write_text("not a picture")
    return tmp_path / "holiday"
