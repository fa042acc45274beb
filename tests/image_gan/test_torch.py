"""The same networks and the same trainer under Keras's torch backend, where PyTorch is and TensorFlow is not."""

import json
import os
import sys

import pytest
from helpers import execute

pytestmark = pytest.mark.slow

SHARED = """
import json, sys
import numpy as np
from keras import ops
from image_gan.training import checkpoint, settings, trainer
from image_gan.training.networks.critic import critic_logits, patch_critic, resnet_critic
from image_gan.training.networks.unet import add_residual, build_unet

config = settings.load(sys.argv[1], json.loads(sys.argv[2]))
pictures = np.random.default_rng(0).random((2, 16, 32, 3), np.float32)

def networks():
    generators = {
        "plain": build_unet(scale=2, widths=(4, 8), blocks=(1, 1), attention_window=4),
        "resnet18": build_unet(widths=(4, 8, 8), blocks=(1, 1, 1), encoder="resnet18"),
    }
    critics = {"patch": patch_critic(widths=(4, 8), attention_window=2), "maps": resnet_critic(width=4)}
    return generators, critics

def outputs(generators, critics):
    found = {name: [add_residual(pictures, model(pictures)), *model.encoder(pictures)] for name, model in generators.items()}
    found |= {name: critic_logits(model, pictures) for name, model in critics.items()}
    return {f"{name}/{i}": ops.convert_to_numpy(x) for name, xs in found.items() for i, x in enumerate(xs)}

def step(made):
    return made.step(made.data.batches("low").batch(3), made.phases[-1])
"""
MAKE = (
    SHARED
    + """
generators, critics = networks()
rng = np.random.default_rng(1)
for model in (generators["plain"], critics["patch"]):
    model.get_layer("attention").gamma.assign(0.5)
for model in generators.values():
    head = model.get_layer("head").kernel
    head.assign(rng.normal(size=head.shape) * 0.1)
groups = {name: model.variables for name, model in {**generators, **critics}.items()}
checkpoint.save("networks.npz", groups, {})
np.savez("outputs.npz", **outputs(generators, critics))
done = trainer.train(config, "runs")
made = trainer.Trainer(config)
made.restore(done.run / "checkpoint.npz")
figures = step(made)
made.save("stepped.npz")
print(json.dumps(figures))
"""
)
USE = (
    SHARED
    + """
from pathlib import Path
import keras

generators, critics = networks()
checkpoint.restore("networks.npz", {name: model.variables for name, model in {**generators, **critics}.items()})
expected, found = dict(np.load("outputs.npz")), outputs(generators, critics)
assert found.keys() == expected.keys()
apart = {name: float(np.abs(found[name] - expected[name]).max()) for name in expected}
made = trainer.Trainer(config)
made.restore(Path("runs/0001/checkpoint.npz"))
figures = step(made)
arrays = {f"{name}/{i}": keras.ops.convert_to_numpy(v) for name, group in made.gan.groups.items() for i, v in enumerate(group)}
others = checkpoint.read("stepped.npz")[0]
assert arrays.keys() == others.keys()
weights = {name: float(np.abs(arrays[name] - others[name]).max()) for name in others if "optimizer" not in name}
done = trainer.train(config, "torch_runs")
assert trainer.resume(done.run).best == done.best
try:
    trainer.Trainer(settings.load(sys.argv[1], {**json.loads(sys.argv[2]), "training.devices": "all"}))
except ValueError as error:
    assert "[P060] training.devices must be one under PyTorch. Received: all" in str(error)
half = trainer.Trainer(settings.load(sys.argv[1], {**json.loads(sys.argv[2]), "training.precision": "bfloat16"}))
assert all(np.isfinite(value) for value in step(half).values())
lines = [json.loads(line) for line in (done.run / "log.jsonl").read_text().splitlines()]
print(json.dumps({"backend": keras.backend.backend(), "apart": apart, "figures": figures, "weights": weights, "lines": lines}))
assert "tensorflow" not in sys.modules
"""
)
TINY = {
    "generator.widths": [4, 8],
    "generator.blocks": [1, 1],
    "generator.attention_window": 4,
    "critic.widths": [4, 8],
    "critic.attention_window": 2,
    "schedule.critic_accuracy": 0,
    "schedule.medium": None,
    "schedule.high": None,
    "schedule.low.crop": 16,
    "schedule.low.batch": 4,
    "schedule.low.generator": 4,
    "schedule.low.critic": 2,
    "schedule.low.adversarial": 4,
    "training.validate_every": 2,
    "training.validation_pictures": 4,
    "training.validation_split": 0.3,
    "training.precision": "float32",
    "paths.train": "prepared",
}


def test_networks_and_training_under_torch(checkout, fresh_environment, tmp_path):
    """Outputs to 1e-4 with TensorFlow's weights; the next step of a run of TensorFlow's; a whole run of its own."""
    execute([sys._base_executable, "-m", "venv", str(tmp_path / "venv")], env=fresh_environment)
    python = str(tmp_path / "venv" / "bin" / "python")
    install = [python, "-m", "pip", "install", "-q", "-c", str(checkout / "requirements" / "train.txt")]
    execute([*install, "torch==2.13.0", "keras", "confection", "catalogue", f"{checkout}[images]"], env=fresh_environment)
    here = {"cwd": tmp_path, "env": {**os.environ, "PYTHONPATH": str(checkout)}}
    execute([sys.executable, "-m", "palate", "corpus", "faces", "-o", "faces", "--count", "20"], **here)
    execute([sys.executable, "-m", "palate", "images", "prepare", "faces", "-o", "prepared", "--sides", "16,24,32"], **here)
    arguments = [str(checkout / "image_gan" / "configs" / "gan.cfg"), json.dumps(TINY)]
    expected = json.loads(execute([sys.executable, "-c", MAKE, *arguments], **here).splitlines()[-1])
    torch = {"cwd": tmp_path, "env": {**fresh_environment, "KERAS_BACKEND": "torch"}}
    found = json.loads(execute([python, "-c", USE, *arguments], **torch).splitlines()[-1])
    assert found["backend"] == "torch"
    assert len(found["apart"]) == 11
    assert max(found["apart"].values()) < 1e-4
    assert found["figures"].keys() == expected.keys() >= {"critic", "critic_accuracy", "pixel", "feature", "adversarial"}
    assert all(abs(found["figures"][name] - value) < 1e-3 * (1 + abs(value)) for name, value in expected.items())
    assert max(found["weights"].values()) < 1e-4
    assert [line["total_steps"] for line in found["lines"]] == [0, 2, 4, 6, 8, 10]
    assert found["lines"][-1]["psnr"] > 15
