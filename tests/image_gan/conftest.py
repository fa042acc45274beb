"""Fixtures: small models; drawn faces in three small tiers, a config of tiny networks, a run trained with it."""

import os

import pytest

from corpora import faces

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
SIDES = {"low": 16, "medium": 24, "high": 32}
PHASES = {"generator": 4, "critic": 2, "adversarial": 3}
TINY = {
    "generator.widths": [4, 4],
    "generator.blocks": [1, 1],
    "generator.attention_window": 0,
    "critic.widths": [4],
    "critic.attention_window": 0,
    "training.validate_every": 2,
    "training.validation_pictures": 4,
    "training.validation_split": 0.3,
    "training.precision": "float32",
    "schedule.warmup_steps": 2,
    "schedule.critic_accuracy": 0,
    "degradation.noise": [30, 60],
}


@pytest.fixture(scope="session")
def generators(tmp_path_factory):
    """Small random generators as Keras models and as exported files, by scale: what they add is seen, and they attend."""
    import keras
    from confection import Config

    from image_gan.export import export_generator
    from image_gan.training.settings import network_of

    folder, found = tmp_path_factory.mktemp("models"), {}
    shapes = {
        1: {"widths": [8, 16], "blocks": [1, 1], "attention_window": 4},
        2: {"widths": [8], "blocks": [2], "spectral_norm": False},
        4: {"widths": [8, 16], "blocks": [1, 1], "attention_window": 2, "spectral_norm": False, "suppress_checkerboard": True},
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


@pytest.fixture(scope="session")
def sides():
    """The shorter side of a picture in each tier."""
    return SIDES


@pytest.fixture(scope="session")
def phases():
    """The steps of each phase of a tier."""
    return PHASES


@pytest.fixture(scope="session")
def drawn_faces(tmp_path_factory):
    """Thirty, in CelebA's layout; tests that change something copy them."""
    folder = tmp_path_factory.mktemp("faces") / "faces"
    faces.write(folder, 30)
    return folder


@pytest.fixture(scope="session")
def prepared(drawn_faces, tmp_path_factory):
    """The 24 faces of the training part."""
    from image_gan.training.prepare import prepare_pictures

    folder = tmp_path_factory.mktemp("prepared") / "prepared"
    prepare_pictures([drawn_faces], folder, sides=SIDES)
    return folder


@pytest.fixture(scope="session")
def overrides(prepared):
    """What makes gan.cfg tiny: three tiers and all phases."""
    tiny = {"paths.train": str(prepared), **TINY}
    for tier, side in SIDES.items():
        tiny |= {f"schedule.{tier}.{name}": value for name, value in {"crop": side, "batch": 4, **PHASES}.items()}
    return tiny


@pytest.fixture(scope="session")
def least(overrides):
    """And one tier."""
    return {**overrides, "schedule.medium": None, "schedule.high": None}


@pytest.fixture(scope="session")
def load():
    """gan.cfg with values overridden."""
    from image_gan.training import settings

    def load(*overrides, **more):
        return settings.load("gan", {name: value for some in (*overrides, more) for name, value in some.items()})

    return load


@pytest.fixture(scope="session")
def run_of(load, least):
    """Makes a run of an untrained generator: its folder, and the generator."""
    from image_gan.training import checkpoint
    from image_gan.training.settings import network_of

    def run_of(folder, **more):
        config = load(least, {"paths.train": None, "degradation.noise": [], **more})
        generator = network_of(config, "generator")
        folder.mkdir()
        (folder / "config.cfg").write_text(config.to_str())
        best = {"total_steps": 7, "pictures_seen": 28, "psnr": 30.5, "distance": 0.25, "metric": -0.25}
        checkpoint.save(folder / "best.npz", {"average": generator.variables}, best)
        checkpoint.save(folder / "checkpoint.npz", {"features": generator.encoder.variables}, {})
        return folder, generator

    return run_of


@pytest.fixture(scope="session")
def outcome(overrides, load, tmp_path_factory):
    """A whole run, beside others: three tiers, all phases, bfloat16 if the processor has it."""
    from image_gan.training import trainer

    runs = tmp_path_factory.mktemp("runs")
    for name in ("0001", "0007", "12x", "notes"):
        (runs / name).mkdir()
    more = {"training.precision": "auto", "generator.widths": [4], "generator.blocks": [1], "generator.spectral_norm": False}
    return trainer.train(load(overrides, more), runs)


@pytest.fixture(scope="session")
def compiled(least, load, tmp_path_factory):
    """A trainer of one tier, in float32, that several tests share because it takes seconds to compile; its first checkpoint.

    The loss of the generator is multiplied by `poison`, which is 1.
    """
    import tensorflow as tf

    from image_gan.training.trainer import new_trainer

    trainer = new_trainer(load(least))
    trainer.poison, loss = tf.Variable(1.0), trainer.gan._generator_loss

    def poisoned(*batch):
        value, figures = loss(*batch)
        return value * trainer.poison, figures

    trainer.gan._generator_loss = poisoned
    path = tmp_path_factory.mktemp("compiled") / "checkpoint.npz"
    trainer.save(path)
    return trainer, path


@pytest.fixture(scope="session")
def uninterrupted(compiled, least, load, tmp_path_factory):
    """A whole run of it, from its first checkpoint to its end."""
    from image_gan.training.runs import new_run

    trainer, path = compiled
    trainer.restore(path)
    return trainer.run(new_run(tmp_path_factory.mktemp("whole"), load(least)))
