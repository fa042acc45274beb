"""Files that the code of format 1 wrote are read, and give the same results (tests/data/format_1/images)."""

import json
import os
import shutil
from importlib.metadata import version
from pathlib import Path

import cv2
import numpy as np
import pytest

from image_gan import Enhancer
from image_gan.enhance.model_file import read_model
from image_gan.enhance.models import ModelCard, load_model


@pytest.fixture(scope="session")
def same_machine(image_format_1):
    """Whether all is computed by the same packages on the same kind of processor, so that every bit must be the same."""
    made_with = json.loads((image_format_1 / "made_with.json").read_text())
    try:
        flags = next(line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("flags")).split()
    except (OSError, StopIteration):
        return False
    flags = sorted(flag for flag in flags if flag.startswith(("avx", "amx", "fma", "sse")))
    packages = {name: version(name) for name in made_with["packages"]}
    cores = len(os.sched_getaffinity(0))
    return {"packages": packages, "cpu_flags": flags, "cores": cores} == made_with


@pytest.fixture
def folder(image_format_1, tmp_path, monkeypatch):
    """A copy of those files, in which their relative paths lead somewhere."""
    shutil.copytree(image_format_1, tmp_path / "files")
    monkeypatch.chdir(tmp_path / "files")
    return tmp_path / "files"


def test_a_config_has_its_present_keys(folder):
    from image_gan.training.runs import run_config
    from image_gan.training.settings import settings_of

    config = run_config(folder / "stopped")
    made = settings_of(config)
    assert config["paths"] == {"train": "prepared", "validation": None, "conditions": "conditions.npz"}
    assert config["generator"]["attention_window"] == 4
    assert config["critic"]["attention_window"] == 2
    assert not {"spectral", "levelled", "attention"} & set(config["generator"])
    assert (made.training.validate_every, made.training.validation_split, made.training.rotate) == (2, 0.3, False)
    assert (made.training.metric, made.training.validation_pictures, made.training.plain_patches) == ("feature", 4, 0.1)
    assert (made.schedule.critic_accuracy, made.schedule.warmup_steps, made.schedule.fade_in) == (0.3, 2, 0.3)
    assert (made.schedule.tier_rate_factor, made.schedule.final_rate_factor) == (0.7, 0.05)
    assert (made.degradation.grey_probability, made.degradation.identity_probability) == (0.2, 0.1)
    assert (made.degradation.single_probability, made.degradation.resize) == (0.6, [0.7, 1.6])


def test_a_stopped_run_is_resumed_bit_for_bit(folder, same_machine):
    """Through both tiers, all phases, features and conditions; what the former code made of it is the right result."""
    from image_gan.training import checkpoint, trainer
    from image_gan.training.format_1 import current_log_line, current_state
    from image_gan.training.runs import read_log

    expected, arrays = json.loads((folder / "continued.json").read_text()), np.load(folder / "continued.npz")
    done = trainer.resume(folder / "stopped")
    assert done.ended == "done"
    times = ("seconds", "waiting_for_data")
    lines, other_lines = read_log(done.run), [current_log_line(line) for line in expected["lines"]]
    assert all(line.pop("flat_deviation") > 0 for line in lines if line["total_steps"] > 7)  # a figure that lines did not have
    assert [list(line) for line in lines] == [list(line) for line in other_lines]
    for line, other in zip(lines, other_lines, strict=True):
        line, other = ({k: v for k, v in one.items() if k not in times} for one in (line, other))
        assert line == (other if same_machine else pytest.approx(other, rel=1e-2, abs=1e-4))
    for name in ("checkpoint", "best"):
        found, _ = checkpoint.read(done.run / f"{name}.npz")
        flat = np.concatenate([array.astype(np.float32).ravel() for array in found.values()])
        assert np.array_equal(flat, arrays[name]) if same_machine else np.allclose(flat, arrays[name], atol=1e-3)
    state, other = checkpoint.read(done.run / "checkpoint.npz")[1], current_state(expected["state"])
    assert set(state) == set(other)
    for name in ("phase", "phase_step", "total_steps", "pictures_seen", "restores", "features_ready", "stale_validations"):
        assert state[name] == other[name]


def test_a_run_is_evaluated_and_exported(folder):
    from image_gan.export import export_model
    from image_gan.training.evaluation import evaluate, mean_figures

    rows = list(evaluate(folder / "stopped", folder / "prepared" / "medium"))
    assert len(rows) == 10
    assert 10 < mean_figures(rows)["psnr"] < 50
    card = export_model(folder / "stopped", folder / "model.onnx")
    assert (card.name, card.steps, card.pictures) == ("restore", 7, 21)
    assert set(card.figures) == {"psnr", "distance"}


def test_log_lines_have_their_present_keys(folder):
    from image_gan.training.runs import read_best, read_log

    lines = read_log(folder / "stopped")
    assert [line["total_steps"] for line in lines] == [0, 2, 3, 5, 7]
    old = {"total", "seen", "judged", "accuracy", "waiting", "waits"}
    assert not any(old & set(line) for line in lines)
    assert {"pictures_seen", "metric", "critic_accuracy", "waiting_for_data", "generator_waits"} <= set(lines[-1])
    assert read_best(folder / "stopped") == lines[-1]


def test_conditions_are_read(folder):
    from image_gan.training.conditioning import load_conditions

    conditions = load_conditions(folder / "conditions.npz")
    assert (len(conditions.names), conditions.vectors.shape, conditions.vectors.dtype) == (12, (12, 2), np.float32)
    assert conditions.vectors.sum(axis=1) == pytest.approx(1)
    assert len(conditions.topics) == 2


@pytest.mark.parametrize("precision", ["float32", "auto"])
@pytest.mark.parametrize("name", ["restore", "x2", "x4_crisp"])
def test_models_give_the_same_picture(name, precision, image_format_1, same_machine):
    outputs = np.load(image_format_1 / "outputs.npz")
    enhancer = Enhancer(image_format_1 / "models" / f"{name}.onnx", precision=precision)
    output, sides = enhancer(outputs["input"]), {"fx": enhancer.scale, "fy": enhancer.scale}
    plain = cv2.resize(outputs["input"].astype(np.float32), None, **sides, interpolation=cv2.INTER_LINEAR)
    black_or_white = (plain == 0) | (plain == 255)  # to which nothing has since been added, in enlargements
    difference = np.abs(output.astype(int) - outputs[f"{name}/{precision}"])
    if enhancer.scale > 1:
        assert np.array_equal(output[black_or_white], plain[black_or_white])
        difference = difference[~black_or_white]
    assert difference.max() <= (0 if same_machine else 1 if precision == "float32" else 8)


@pytest.mark.parametrize("name", ["restore", "x2", "x4_crisp"])
def test_cards_have_their_present_keys(name, image_format_1):
    file = image_format_1 / "models" / f"{name}.onnx"
    entries, card = read_model(file)[1], load_model(file).card
    assert entries["format"] == 1
    assert (card.size_multiple, card.receptive_field) == (entries["multiple"], entries["reach"])
    same = {key: value for key, value in entries.items() if key not in ("format", "multiple", "reach")}
    assert same.items() <= card.entries().items()
    assert card == ModelCard.from_entries(card.entries(), file)
