import json
import math
import re
import shutil
import signal
import time
from dataclasses import replace

import cv2
import numpy as np
import pytest
import tensorflow as tf
from training_helpers import TIMES, alike, arrays_of, changed, lines_of, same, state_of, values

from corpora.errors import InputError, RunError
from image_gan.training import checkpoint, trainer
from image_gan.training.batches import Batches
from image_gan.training.runs import run_config


@pytest.fixture
def machine(compiled, least, load, monkeypatch):
    """A trainer that begins again in each test; at some steps something happens (`at`), or no gradient is finite (`bad`)."""
    trainer, path = compiled
    trainer.restore(path)
    trainer.at, trainer.bad, trainer.seen = {}, set(), {}
    learning, step = trainer.gan.generator.variables + trainer.gan.average.variables, trainer.step

    def observed_step(batch, phase):
        number = trainer.state.total_steps
        trainer.at.get(number, lambda: None)()
        trainer.poison.assign(math.nan if number in trainer.bad else 1.0)
        before = values(learning)
        figures = step(batch, phase)
        trainer.seen[number] = any(changed(learning, before)), figures
        return figures

    def begin(run):
        """As `trainer.train` begins one."""
        run.mkdir()
        (run / "config.cfg").write_text(load(least).to_str())
        return trainer.run(run)

    monkeypatch.setattr(trainer, "step", observed_step)
    monkeypatch.setattr(trainer, "begin", begin, raising=False)
    for name in ("phases", "schedule", "training"):  # which tests replace
        monkeypatch.setattr(trainer, name, getattr(trainer, name))
    monkeypatch.setattr(trainer.gan, "training", trainer.gan.training)
    yield trainer
    trainer.poison.assign(1.0)


@pytest.fixture
def long(machine):
    """The generator alone, 40 steps, validated after every fourth."""
    machine.phases = [machine.phases[0]._replace(steps=40)]
    machine.training = replace(machine.training, validate_every=4)
    return machine


# A whole run


def test_the_files_of_a_run(outcome):
    run, lines = outcome.run, lines_of(outcome.run)
    names = {"config.cfg", "log.jsonl", "checkpoint.npz", "best.npz", "samples", "tensorboard"}
    assert {path.name for path in run.iterdir()} == names
    assert run.name == "0008"
    assert (outcome.ended, outcome.signal) == ("done", 0)
    samples = sorted(path.name for path in (run / "samples").iterdir())
    assert samples == [f"{line['total_steps']:06d}.png" for line in lines]
    sample = cv2.imread(str(run / "samples" / "000009.png"))
    assert sample.shape == (4 * 32, 3 * 32, 3)  # four pictures: degraded, output, target
    assert run_config(run)["critic"]["widths"] == [4]


def test_the_log_of_a_run(outcome, sides, phases):
    """A line at each validation, one more at the end of each phase; tiers and phases in their order."""
    lines = lines_of(outcome.run)
    ends = [0]
    for _ in sides:
        for steps in phases.values():
            ends.append(ends[-1] + steps)
    totals = [line["total_steps"] for line in lines]
    assert totals == sorted({*ends, *(end + 2 for end in ends[:-1])})
    order = [(tier, phase) for tier in sides for phase in phases]
    assert list(dict.fromkeys((line["tier"], line["phase"]) for line in lines)) == order
    always = {
        "total_steps",
        "pictures_seen",
        "restores",
        "seconds",
        "tier",
        "phase",
        "psnr",
        "flat_deviation",
        "metric",
        "skipped",
    }
    for line in lines[1:]:
        figures = {"pixel", "generator_norm"} if line["phase"] != "critic" else set()
        figures |= {"critic", "critic_norm", "critic_accuracy"} if line["phase"] != "generator" else set()
        figures |= {"adversarial", "generator_waits"} if line["phase"] == "adversarial" else set()
        figures |= {"feature"} if line["phase"] != "critic" and line["total_steps"] > 4 else set()
        distance = {"distance"} if line["total_steps"] >= 4 else set()
        assert set(line) - {"remarks"} == always | {"waiting_for_data"} | figures | distance
        assert all(math.isfinite(value) for value in line.values() if isinstance(value, float))
        assert 0 <= line["waiting_for_data"] <= 1
        assert line["pictures_seen"] == 4 * line["total_steps"]
        assert line["skipped"] == line["restores"] == 0
    assert [line["seconds"] for line in lines] == sorted(line["seconds"] for line in lines)
    assert all(10 < line["psnr"] < 50 for line in lines)


def test_the_best_validation_of_a_run(outcome):
    """By distance, once there are features; its generator is in best.npz."""
    lines = lines_of(outcome.run)
    compared = [line for line in lines if "distance" in line]
    assert all(line["metric"] == -line["distance"] for line in compared)
    assert all(line["metric"] == line["psnr"] for line in lines if "distance" not in line)
    best = max(compared, key=lambda line: line["metric"])
    assert {name: value for name, value in best.items() if name != "remarks"} == dict(outcome.best)
    arrays, line = checkpoint.read(outcome.run / "best.npz")
    assert line == outcome.best
    names = {name.split("/")[0] for name in arrays_of(outcome.run)}
    assert names == {"generator", "average", "critic", "features", "generator_optimizer", "critic_optimizer"}
    assert all(np.isfinite(array).all() for array in (*arrays_of(outcome.run).values(), *arrays.values()))
    state = state_of(outcome.run)
    assert state == {
        "phase": 9,
        "phase_step": 0,
        "total_steps": 27,
        "pictures_seen": 108,
        "restores": 0,
        "features_ready": True,
        "stale_validations": 0,
        "best": outcome.best,
        "critic_accuracy": state["critic_accuracy"],
        "seconds": state["seconds"],
    }
    assert lines[-1]["seconds"] == round(state["seconds"], 3)


def test_what_tensorboard_shows(outcome):
    (file,) = (outcome.run / "tensorboard").iterdir()
    shown, steps = {}, set()
    for event in tf.compat.v1.train.summary_iterator(str(file)):
        for value in event.summary.value:
            shown.setdefault(value.tag, []).append(value)
            steps.add(event.step)
    lines = lines_of(outcome.run)
    figures = {"psnr", "distance", "metric", "critic", "critic_accuracy", "generator_norm", "generator_waits", "samples"}
    assert figures <= set(shown)
    assert steps == {line["total_steps"] for line in lines}
    assert [float(tf.make_ndarray(v.tensor)) for v in shown["psnr"]] == pytest.approx([line["psnr"] for line in lines])
    assert len(shown["samples"]) == len(lines)


# Stopped and resumed


def test_resumed_equals_uninterrupted_after_kill_9(machine, uninterrupted, phases, tmp_path):
    """At a random step: `kill -9` leaves what a copy of the folder has.

    A line of the log that no checkpoint followed is written again, and one that was cut short is no hindrance.
    """
    at, killed = int(np.random.default_rng().integers(1, sum(phases.values()))), tmp_path / "killed"
    machine.at = {at: lambda: shutil.copytree(tmp_path / "0001", killed)}
    machine.begin(tmp_path / "0001")
    assert alike(tmp_path / "0001", uninterrupted.run)
    assert not alike(killed, uninterrupted.run)
    last = lines_of(killed)[-1]
    with open(killed / "log.jsonl", "a") as log:
        log.write(json.dumps({**last, "total_steps": last["total_steps"] + 2, "psnr": 99.0}) + '\n{"total_st')
    machine.at = {}
    machine.restore(killed / "checkpoint.npz")
    done = machine.run(killed)
    assert alike(killed, uninterrupted.run), at
    assert done.ended == "done"
    best, expected = ({**one.best, **dict.fromkeys(TIMES, 0)} for one in (done, uninterrupted))
    assert best == expected


def test_sigterm_makes_a_checkpoint(machine, uninterrupted, tmp_path):
    """Of the step in which it came, and no validation, which a run that was not stopped would not have had.

    What handles it is called; that the system calls it is tested with the command, in a process without others' handlers.
    """
    run, before = tmp_path / "0001", signal.getsignal(signal.SIGTERM)
    machine.at = {6: lambda: signal.getsignal(signal.SIGTERM)(signal.SIGTERM, None)}
    done = machine.begin(run)
    assert (done.ended, done.signal) == ("stopped", signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) is before
    state = state_of(run)
    assert (state["total_steps"], state["phase_step"], state["phase"]) == (7, 1, 2)
    assert lines_of(run)[-1]["total_steps"] == 6
    machine.restore(run / "checkpoint.npz")
    machine.at = {}
    machine.run(run)
    assert all(same(arrays_of(run, file), arrays_of(uninterrupted.run, file)) for file in ("checkpoint.npz", "best.npz"))
    assert [line["total_steps"] for line in lines_of(run)] == [line["total_steps"] for line in lines_of(uninterrupted.run)]
    log, final = (run / "log.jsonl").read_bytes(), arrays_of(run)
    done = trainer.resume(run)  # which is at its end: nothing more is done
    assert (done.ended, done.best["total_steps"]) == ("done", uninterrupted.best["total_steps"])
    assert (run / "log.jsonl").read_bytes() == log
    assert same(arrays_of(run), final)


def test_a_full_disk_leaves_the_last_checkpoint(machine, tmp_path, full_disk):
    """The system refuses to write on, from a step on."""
    run = tmp_path / "0001"
    with full_disk() as narrow:
        machine.at = {3: lambda: narrow(20_000)}
        with pytest.raises(OSError, match=r"File too large"):
            machine.begin(run)
    assert checkpoint.restore(run / "checkpoint.npz", machine.gan.groups)["total_steps"] == 2
    assert not list(run.rglob("*.part"))


def test_another_config_is_refused(uninterrupted, least, load):
    """Naming the keys; the same one is accepted, with other minutes too."""
    other = load(least, **{"training.seed": 4, "schedule.low.batch": 8, "degradation.noise": []})
    with pytest.raises(InputError, match=r"\[P069\] .*0001 has another config: (.*) differ\. Leave them out") as error:
        trainer.resume(uninterrupted.run, other)
    keys = re.search("config: (.*) differ", str(error.value))[1].split(", ")
    assert sorted(keys) == ["degradation.noise", "schedule.low.batch", "training.seed"]
    assert trainer.resume(uninterrupted.run, load(least, **{"training.minutes": 5})).ended == "done"


def test_what_is_not_a_run(uninterrupted, tmp_path):
    with pytest.raises(InputError, match=r"\[P066\] cannot read .*config.cfg as a config: no such file; name the folder of a"):
        trainer.resume(tmp_path)
    (tmp_path / "config.cfg").write_bytes((uninterrupted.run / "config.cfg").read_bytes())
    with pytest.raises(InputError, match=r"\[P067\] cannot use .*checkpoint.npz as a checkpoint: it does not exist"):
        trainer.resume(tmp_path)
    (tmp_path / "checkpoint.npz").write_bytes((uninterrupted.run / "best.npz").read_bytes())
    with pytest.raises(InputError, match=r"\[P067\] .* it does not have "):
        trainer.resume(tmp_path)


# When it ends


def test_a_step_without_finite_gradients_is_skipped_and_counted(long, tmp_path, capsys):
    long.bad = {2, 9, 10, 11, 12}
    assert long.run(tmp_path).ended == "done"
    assert {step for step, (learned, _) in long.seen.items() if not learned} == long.bad
    assert all(math.isnan(long.seen[step][1]["generator_norm"]) for step in long.bad)
    lines = lines_of(tmp_path)
    assert [line["skipped"] for line in lines] == [0, 1, 0, 3, 1, *[0] * 6]
    assert all(math.isfinite(line["pixel"]) for line in lines[1:])
    assert lines[-1]["restores"] == 0
    assert lines[1]["remarks"] == ["1 step without a finite gradient skipped: lower the learning rates if it goes on"]
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "4: 1 step without a finite gradient" in captured.err


def test_five_in_a_row_restore_the_last_checkpoint(long, tmp_path):
    """Which changes the networks and not where the training stands, so that other batches follow."""
    restored = []

    def compare():
        variables = {f"{name}/{i}": v.numpy() for name, group in long.gan.groups.items() for i, v in enumerate(group)}
        restored.append(same(arrays_of(tmp_path), variables))

    long.bad, long.at = set(range(14, 19)), {13: compare, 19: compare}
    long.run(tmp_path)
    assert restored == [False, True]
    assert [line["restores"] for line in lines_of(tmp_path)] == [0] * 5 + [1] * 6
    assert long.state.total_steps == 40


def test_what_does_not_help_is_not_tried_for_ever(long, tmp_path):
    """A failure of the run, not of what was given."""
    long.bad = set(range(100))
    with pytest.raises(RunError, match=r"\[P068\] .*: gradients are not finite, and 3 restores did not help: lower the learn"):
        long.run(tmp_path)
    assert long.state.total_steps == 4 * 5 - 1
    assert all(np.isfinite(array).all() for array in arrays_of(tmp_path).values())


def test_patience_ends_a_phase(machine, tmp_path):
    """If the metric does not improve; but not the critic's phase, which does not change it."""
    machine.phases = [phase._replace(steps=steps) for phase, steps in zip(machine.phases, (12, 8, 30), strict=True)]
    machine.schedule = replace(machine.schedule, patience=2)
    machine.training = replace(machine.training, generator_learning_rate=1e-9, metric="psnr")
    machine.gan.training = machine.training
    assert machine.run(tmp_path).ended == "done"
    lines = lines_of(tmp_path)
    assert [(line["phase"], line["total_steps"]) for line in lines[1:]] == [
        *[("generator", step) for step in (2, 4)],
        *[("critic", step) for step in (6, 8, 10, 12)],
        *[("adversarial", step) for step in (14, 16)],
    ]
    assert state_of(tmp_path)["phase"] == 3
    assert "distance" in lines[3]  # its features were frozen as the generator's phase ended


def test_minutes_end_a_run(long, tmp_path):
    """With a last validation; resumed, it takes a step and is at its end again."""
    long.training = replace(long.training, minutes=1e-6)
    for totals in ([0, 1], [0, 1, 2]):
        assert long.run(tmp_path).ended == "time"
        assert [line["total_steps"] for line in lines_of(tmp_path)] == totals
        assert state_of(tmp_path)["total_steps"] == totals[-1]


def test_waiting_for_data_is_counted(long, tmp_path, monkeypatch):
    batch = Batches.batch

    def slow(self, *args, **more):
        time.sleep(0.15)
        return batch(self, *args, **more)

    monkeypatch.setattr(Batches, "batch", slow)
    long.phases = [long.phases[0]._replace(steps=12)]
    long.run(tmp_path)
    assert all(0.25 < line["waiting_for_data"] <= 1 for line in lines_of(tmp_path)[2:])


MISFITS = [
    ({"paths.train": None}, r"\[P061\] there are no prepared pictures in nothing .--paths.train is not given"),
    ({"critic.attention_window": 3, "schedule.high.crop": 32}, r"\[P060\] schedule.low.crop must be a multiple of 6"),
    ({"generator.scale": 4, "schedule.medium.crop": 20}, r"\[P060\] schedule.medium.crop must be a multiple of 8"),
    ({"generator.scale": 3}, r"\[P072\] cannot build the generator: scale must be 1, 2 or 4, not 3"),
    ({"generator.encoder": "resnet34"}, r"\[P070\]"),
    ({"critic.widths": []}, r"\[P060\] critic.widths"),
    ({"critic.conditions": 2}, r"\[P060\] critic.conditions, where paths.conditions names no file, must be 0. Received: 2"),
]


@pytest.mark.parametrize(("wrong", "said"), MISFITS)
def test_what_does_not_fit_is_said_before_anything_is_made(wrong, said, overrides, load, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=said):
        trainer.train(load(overrides, wrong), tmp_path / "runs")
    assert list(tmp_path.iterdir()) == []
