"""One step: what it trains."""

import math
from dataclasses import replace

import keras
import numpy as np
import pytest
from training_helpers import changed, values

from image_gan.training import settings
from image_gan.training.trainer import new_trainer

BATCH = tuple(np.random.default_rng(0).integers(0, 256, (2, 4, 16, 16, 3), dtype=np.uint8))


def test_what_each_phase_trains(compiled, monkeypatch):
    trainer, path = compiled
    trainer.restore(path)
    gan, state = trainer.gan, trainer.state
    monkeypatch.setattr(gan, "schedule", replace(gan.schedule, critic_accuracy=0.4))
    keep, rate = gan.training.ema, gan.training.generator_learning_rate
    phases = {phase.name: phase for phase in trainer.phases}
    networks = {"generator": gan.generator, "critic": gan.critic, "average": gan.average, "features": gan.features}
    kernels = {name: [v for v in network.variables if len(v.shape) == 4] for name, network in networks.items()}

    def after(phase):
        before = {name: values(variables) for name, variables in kernels.items()}
        figures = gan.step(BATCH, phases[phase], state)
        return figures, {name: changed(variables, before[name]) for name, variables in kernels.items()}, before

    figures, trained, before = after("generator")
    assert set(figures) == {"pixel", "generator_norm"}
    assert all(trained["generator"])
    assert not any(trained["critic"] + trained["features"])
    for average, old, new in zip(kernels["average"], before["average"], kernels["generator"], strict=True):
        assert np.allclose(average, keep * old + (1 - keep) * new.numpy(), atol=1e-7)
    factor = gan.schedule.rate_factor(phases["generator"], 0)
    assert float(gan.optimizers["generator"].learning_rate) == pytest.approx(rate * factor)

    trainer._end_phase(phases["generator"])
    assert state.features_ready
    assert not any(changed(gan.features.variables, values(gan.average.encoder.variables)))
    figures, trained, _ = after("critic")
    assert set(figures) == {"critic", "critic_accuracy", "critic_norm"}
    assert all(trained["critic"])
    assert not any(trained["generator"] + trained["average"] + trained["features"])

    state.critic_accuracy = 0.1  # too little: the generator waits
    figures, trained, _ = after("adversarial")
    assert "pixel" not in figures
    assert all(trained["critic"])
    assert not any(trained["generator"])
    assert 0.1 < state.critic_accuracy < 0.2
    state.critic_accuracy = 0.9
    figures, trained, _ = after("adversarial")
    assert set(figures) == {
        "pixel",
        "feature",
        "adversarial",
        "generator_norm",
        "critic",
        "critic_norm",
        "critic_accuracy",
    }
    assert all(trained["critic"] + trained["generator"] + trained["average"])
    assert not any(trained["features"])


def test_the_recipe_of_imagenet_networks(least, load):
    """A frozen network in critic and loss, which nothing trains; the generator's is trained."""
    wanted = {"vars.network": "resnet18", "vars.weights": None, "critic.stages": [1], "critic.width": 4}
    wanted |= {name: value for name, value in least.items() if not name.startswith("critic")}
    trainer = new_trainer(settings.load("gan_imagenet", wanted))
    gan = trainer.gan
    assert trainer.state.features_ready
    frozen = {"critic": gan.critic.get_layer("resnet18"), "features": gan.features}
    before = {name: values(network.variables) for name, network in frozen.items()}
    encoder = gan.generator.get_layer("resnet18")
    start = values(encoder.variables)
    figures = gan.step(BATCH, trainer.phases[-1], trainer.state)
    assert all(math.isfinite(value) for value in figures.values())
    assert {"feature", "adversarial", "critic"} < set(figures)
    assert all(changed(encoder.variables, start))
    assert not any(flag for name, network in frozen.items() for flag in changed(network.variables, before[name]))


def test_bfloat16_keeps_its_weights_in_float32(least, load):
    """And what is to be precise; what is built afterwards is not built in bfloat16."""
    gan = new_trainer(load(least, **{"training.precision": "bfloat16"})).gan
    assert {variable.dtype for group in gan.groups.values() for variable in group} <= {"float32", "int64", "int32"}
    assert gan.generator.get_layer("encoder0_block0_conv1").compute_dtype == "bfloat16"
    assert {gan.generator.get_layer(name).compute_dtype for name in ("stem", "head")} == {"float32"}
    assert keras.config.dtype_policy().name == "float32"
