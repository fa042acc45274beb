import json
import math
import re
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import cv2
import keras
import numpy as np
import pytest
import tensorflow as tf
from conftest import PHASES, SIDES, full_disk

from corpora.errors import InputError
from image_gan.training import checkpoint, settings, trainer
from image_gan.training.batches import Batches
from image_gan.training.trainer import Trainer

BATCH = tuple(np.random.default_rng(0).integers(0, 256, (2, 4, 16, 16, 3), dtype=np.uint8))


class Machine(Trainer):
    """One that is compiled once and begins anew in each test; at steps of which something happens, or no gradient is finite."""

    def _build(self, weights):
        super()._build(weights)
        self.poison = tf.Variable(1.0)

    def _generator_loss(self, *batch):
        loss, figures = super()._generator_loss(*batch)
        return loss * self.poison, figures

    def step(self, batch, phase):
        total, learnt = self.state["total"], self.generator.variables + self.averaged.variables
        self.at.get(total, lambda: None)()
        self.poison.assign(math.nan if total in self.bad else 1.0)
        before = values(learnt)
        figures = super().step(batch, phase)
        self.seen[total] = any(changed(learnt, before)), figures
        return figures

    def begin(self, run):
        """As `trainer.train` begins one."""
        run.mkdir()
        (run / "config.cfg").write_text(self.config.to_str())
        return self.train(run)


@pytest.fixture(scope="module")
def kept(least, load, tmp_path_factory):
    made, path = Machine(load(least)), tmp_path_factory.mktemp("kept") / "checkpoint.npz"
    checkpoint.save(path, made.groups, made.state)
    return made, path, (made.phases, made.schedule, made.training)


@pytest.fixture
def machine(kept):
    made, path, (made.phases, made.schedule, made.training) = kept
    made.restore(path)
    made.at, made.bad, made.seen = {}, set(), {}
    return made


@pytest.fixture
def long(machine):
    """The generator alone, 40 steps, looked at after every fourth."""
    machine.phases = [machine.phases[0]._replace(steps=40)]
    machine.training = replace(machine.training, look=4)
    return machine


@pytest.fixture(scope="module")
def uninterrupted(least, load, tmp_path_factory):
    return trainer.train(load(least), tmp_path_factory.mktemp("whole"))


def lines_of(run):
    return [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]


def arrays_of(run, file="checkpoint.npz"):
    return checkpoint.read(run / file)[0]


def same(one, other):
    return one.keys() == other.keys() and all(np.array_equal(one[name], other[name]) for name in one)


def values(variables):
    return [variable.numpy().copy() for variable in variables]


def changed(variables, before):
    return [not np.array_equal(variable.numpy(), value) for variable, value in zip(variables, before, strict=True)]


# A whole run


def test_the_files_of_a_run(outcome):
    run, lines = outcome.run, lines_of(outcome.run)
    names = {"config.cfg", "log.jsonl", "checkpoint.npz", "best.npz", "samples", "tensorboard"}
    assert {path.name for path in run.iterdir()} == names
    assert run.name == "0008"
    assert (outcome.ended, outcome.signal) == ("done", 0)
    assert sorted(path.name for path in (run / "samples").iterdir()) == [f"{line['total']:06d}.png" for line in lines]
    sample = cv2.imread(str(run / "samples" / "000009.png"))
    assert sample.shape == (4 * 32, 3 * 32, 3)  # four pictures: what the network got, what it made, what it was
    assert settings.config_of(run)["generator"]["widths"] == [4, 4]


def test_the_log_of_a_run(outcome):
    """A line at each look, one more at the end of each phase; tiers and phases in their order."""
    lines = lines_of(outcome.run)
    ends = [0]
    for _ in SIDES:
        for steps in PHASES.values():
            ends.append(ends[-1] + steps)
    totals = [line["total"] for line in lines]
    assert totals == sorted({*ends, *(end + 2 for end in ends[:-1])})
    order = [(tier, phase) for tier in SIDES for phase in PHASES]
    assert list(dict.fromkeys((line["tier"], line["phase"]) for line in lines)) == order
    for line in lines[1:]:
        figures = {"pixel", "generator_norm"} if line["phase"] != "critic" else set()
        figures |= {"critic", "critic_norm", "accuracy"} if line["phase"] != "generator" else set()
        figures |= {"adversarial", "waits"} if line["phase"] == "adversarial" else set()
        figures |= {"feature"} if line["phase"] != "critic" and line["total"] > 4 else set()
        always = {"total", "seen", "restores", "seconds", "tier", "phase", "psnr", "judged", "waiting", "skipped"}
        distance = {"distance"} if line["total"] >= 4 else set()
        assert set(line) - {"remarks"} == always | figures | distance
        assert all(math.isfinite(value) for value in line.values() if isinstance(value, float))
        assert 0 <= line["waiting"] <= 1
        assert line["seen"] == 4 * line["total"]
        assert line["skipped"] == line["restores"] == 0
    assert [line["seconds"] for line in lines] == sorted(line["seconds"] for line in lines)
    assert all(10 < line["psnr"] < 50 for line in lines)


def test_the_best_look_of_a_run(outcome):
    """By distance, once there are features; its generator stands in best.npz."""
    lines = lines_of(outcome.run)
    compared = [line for line in lines if "distance" in line]
    assert all(line["judged"] == -line["distance"] for line in compared)
    assert all(line["judged"] == line["psnr"] for line in lines if "distance" not in line)
    best = max(compared, key=lambda line: line["judged"])
    assert {name: value for name, value in best.items() if name != "remarks"} == dict(outcome.best)
    arrays, state = checkpoint.read(outcome.run / "best.npz")
    assert state == outcome.best
    names = {name.split("/")[0] for name in arrays_of(outcome.run)}
    assert names == {"generator", "average", "critic", "features", "generator_optimizer", "critic_optimizer"}
    assert all(np.isfinite(array).all() for array in (*arrays_of(outcome.run).values(), *arrays.values()))
    assert checkpoint.read(outcome.run / "checkpoint.npz")[1] == {
        **{"phase": 9, "step": 0, "total": 27, "seen": 108, "seconds": lines[-1]["seconds"], "restores": 0, "stale": 0},
        **{"featured": True, "best": outcome.best},
        **{name: checkpoint.read(outcome.run / "checkpoint.npz")[1][name] for name in ("accuracy", "seconds")},
    }


def test_what_tensorboard_shows(outcome):
    (file,) = (outcome.run / "tensorboard").iterdir()
    shown, steps = {}, set()
    for event in tf.compat.v1.train.summary_iterator(str(file)):
        for value in event.summary.value:
            shown.setdefault(value.tag, []).append(value)
            steps.add(event.step)
    lines = lines_of(outcome.run)
    assert {"psnr", "distance", "judged", "critic", "accuracy", "generator_norm", "waits", "samples"} <= set(shown)
    assert steps == {line["total"] for line in lines}
    assert [float(tf.make_ndarray(v.tensor)) for v in shown["psnr"]] == pytest.approx([line["psnr"] for line in lines])
    assert len(shown["samples"]) == len(lines)


# One step


def test_what_each_phase_trains(machine):
    made = machine
    made.schedule = replace(made.schedule, lead=0.4)
    keep, fast = made.training.ema, made.training.generator_rate
    phases = {phase.name: phase for phase in made.phases}
    networks = {"generator": made.generator, "critic": made.critic, "averaged": made.averaged, "features": made.features}
    kernels = {name: [v for v in network.variables if len(v.shape) == 4] for name, network in networks.items()}

    def after(phase):
        before = {name: values(variables) for name, variables in kernels.items()}
        figures = made.step(BATCH, phases[phase])
        return figures, {name: changed(variables, before[name]) for name, variables in kernels.items()}, before

    figures, trained, before = after("generator")
    assert set(figures) == {"pixel", "generator_norm"}
    assert all(trained["generator"])
    assert not any(trained["critic"] + trained["features"])
    for average, old, new in zip(kernels["averaged"], before["averaged"], kernels["generator"], strict=True):
        assert np.allclose(average, keep * old + (1 - keep) * new.numpy(), atol=1e-7)
    assert float(made.optimizers["generator"].learning_rate) == pytest.approx(fast * made.schedule.rate(phases["generator"], 0))

    made._end_phase(phases["generator"])
    assert made.state["featured"]
    assert not any(changed(made.features.variables, values(made.averaged.encoder.variables)))
    figures, trained, _ = after("critic")
    assert set(figures) == {"critic", "accuracy", "critic_norm"}
    assert all(trained["critic"])
    assert not any(trained["generator"] + trained["averaged"] + trained["features"])

    made.state["accuracy"] = 0.1  # the critic is not ahead: the generator waits
    figures, trained, _ = after("adversarial")
    assert "pixel" not in figures
    assert all(trained["critic"])
    assert not any(trained["generator"])
    assert 0.1 < made.state["accuracy"] < 0.2
    made.state["accuracy"] = 0.9
    figures, trained, _ = after("adversarial")
    assert {"pixel", "feature", "adversarial", "generator_norm", "critic", "critic_norm", "accuracy"} == set(figures)
    assert all(trained["critic"] + trained["generator"] + trained["averaged"])
    assert not any(trained["features"])


def test_the_recipe_of_imagenet_networks(least, load, tmp_path):
    """A frozen network in critic and loss, which nothing trains; the generator's is trained."""
    wanted = {"vars.network": "resnet18", "vars.weights": None, "critic.stages": [1], "critic.width": 4}
    wanted |= {name: value for name, value in least.items() if not name.startswith("critic")}
    config = settings.load(Path(settings.__file__).parents[1] / "configs" / "restore_imagenet.cfg", wanted)
    made = Trainer(config)
    assert made.state["featured"]
    frozen = {"critic": made.critic.get_layer("resnet18"), "features": made.features}
    before = {name: values(network.variables) for name, network in frozen.items()}
    encoder = made.generator.get_layer("resnet18")
    start = values(encoder.variables)
    figures = made.step(BATCH, made.phases[-1])
    assert all(math.isfinite(value) for value in figures.values())
    assert {"feature", "adversarial", "critic"} < set(figures)
    assert all(changed(encoder.variables, start))
    assert not any(flag for name, network in frozen.items() for flag in changed(network.variables, before[name]))


def test_bfloat16_keeps_its_weights_in_float32(least, load):
    """And what is to be precise."""
    made = Trainer(load(least, **{"training.precision": "bfloat16"}))
    assert {variable.dtype for group in made.groups.values() for variable in group} <= {"float32", "int64", "int32"}
    assert made.generator.get_layer("encoder0_block0_conv1").compute_dtype == "bfloat16"
    assert {made.generator.get_layer(name).compute_dtype for name in ("stem", "head")} == {"float32"}


# Stopped and gone on with


KILLED = """
import os, sys
from image_gan.training import settings, trainer

class Killed(trainer.Trainer):
    def step(self, batch, phase):
        if self.state["total"] == int(sys.argv[3]):
            os.kill(os.getpid(), 9)
        return super().step(batch, phase)

trainer.Trainer = Killed
trainer.train(settings.load(sys.argv[1]), sys.argv[2])
"""


def alike(run, whole):
    """What two runs have made is the same bit for bit, and so is what they say but for the time that it took."""
    told = [[{k: v for k, v in line.items() if k not in ("seconds", "waiting")} for line in lines_of(r)] for r in (run, whole)]
    return told[0] == told[1] and all(
        same(arrays_of(run, file), arrays_of(whole, file)) for file in ("checkpoint.npz", "best.npz")
    )


def test_resumed_equals_uninterrupted_after_kill_9(least, load, uninterrupted, tmp_path):
    """At a random step; a line of the log that no checkpoint followed is written again, one that was cut short no hindrance."""
    at = int(np.random.default_rng().integers(1, sum(PHASES.values())))
    (tmp_path / "some.cfg").write_text(load(least).to_str())
    command = [sys.executable, "-c", KILLED, str(tmp_path / "some.cfg"), str(tmp_path), str(at)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == -signal.SIGKILL, done.stderr
    run = tmp_path / "0001"
    assert not alike(run, uninterrupted.run)
    last = lines_of(run)[-1]
    with open(run / "log.jsonl", "a") as log:
        log.write(json.dumps({**last, "total": last["total"] + 2, "psnr": 99.0}) + '\n{"total": 1')
    done = trainer.resume(run)
    assert alike(run, uninterrupted.run), at
    assert done.ended == "done"
    assert {**done.best, "seconds": 0, "waiting": 0} == {**uninterrupted.best, "seconds": 0, "waiting": 0}


def test_sigterm_makes_a_checkpoint(machine, uninterrupted, tmp_path):
    """Of the step that it came in, and no look, which a run that is not stopped would not have had.

    What hears it is called; that the system calls it is tested with the command, in a process without others' handlers.
    """
    run, before = tmp_path / "0001", signal.getsignal(signal.SIGTERM)
    machine.at = {6: lambda: signal.getsignal(signal.SIGTERM)(signal.SIGTERM, None)}
    done = machine.begin(run)
    assert (done.ended, done.signal) == ("stopped", signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) is before
    state = checkpoint.read(run / "checkpoint.npz")[1]
    assert (state["total"], state["step"], state["phase"]) == (7, 1, 2)
    assert lines_of(run)[-1]["total"] == 6
    trainer.resume(run)
    final = arrays_of(run)
    assert same(final, arrays_of(uninterrupted.run))
    assert same(arrays_of(run, "best.npz"), arrays_of(uninterrupted.run, "best.npz"))
    assert [line["total"] for line in lines_of(run)] == [line["total"] for line in lines_of(uninterrupted.run)]
    log = (run / "log.jsonl").read_bytes()
    done = trainer.resume(run)  # which is at its end: nothing more is done
    assert (done.ended, done.best["total"]) == ("done", uninterrupted.best["total"])
    assert (run / "log.jsonl").read_bytes() == log
    assert same(arrays_of(run), final)


def test_a_disk_that_is_full_leaves_the_last_checkpoint(machine, tmp_path):
    """The system refuses to write on, from a step on."""
    run = tmp_path / "0001"
    with full_disk() as narrow:
        machine.at = {3: lambda: narrow(20_000)}
        with pytest.raises(OSError, match=r"File too large"):
            machine.begin(run)
    assert checkpoint.restore(run / "checkpoint.npz", machine.groups)["total"] == 2
    assert not list(run.rglob("*.part"))


def test_another_config_is_refused(uninterrupted, least, load):
    """Naming the keys; the same one is not another."""
    other = load(least, **{"training.seed": 4, "schedule.low.batch": 8, "degradation.noise": []})
    with pytest.raises(InputError, match=r"\[P069\] .*0001 has another config: (.*) differ\. Leave them out") as error:
        trainer.resume(uninterrupted.run, other)
    named = re.search("config: (.*) differ", str(error.value))[1].split(", ")
    assert sorted(named) == ["degradation.noise", "schedule.low.batch", "training.seed"]
    assert trainer.resume(uninterrupted.run, load(least)).ended == "done"
    assert trainer.resume(uninterrupted.run, load(least, **{"training.minutes": 5})).ended == "done"


def test_what_is_no_run(uninterrupted, tmp_path):
    with pytest.raises(InputError, match=r"\[P066\] cannot read .*config.cfg as a config: no such file: name the folder"):
        trainer.resume(tmp_path)
    (tmp_path / "config.cfg").write_bytes((uninterrupted.run / "config.cfg").read_bytes())
    with pytest.raises(InputError, match=r"\[P067\] .*checkpoint.npz as a checkpoint: there is none"):
        trainer.resume(tmp_path)
    (tmp_path / "checkpoint.npz").write_bytes((uninterrupted.run / "best.npz").read_bytes())
    with pytest.raises(InputError, match=r"\[P067\] .* it has no "):
        trainer.resume(tmp_path)


# When it ends


def test_a_step_without_finite_gradients_is_skipped_and_counted(long, tmp_path, capsys):
    long.bad = {2, 9, 10, 11, 12}
    assert long.train(tmp_path).ended == "done"
    assert {total for total, (learnt, _) in long.seen.items() if not learnt} == long.bad
    assert all(math.isnan(long.seen[total][1]["generator_norm"]) for total in long.bad)
    lines = lines_of(tmp_path)
    assert [line["skipped"] for line in lines] == [0, 1, 0, 3, 1, *[0] * 6]
    assert all(math.isfinite(line["pixel"]) for line in lines[1:])
    assert lines[-1]["restores"] == 0
    assert lines[1]["remarks"] == ["1 steps gave no finite gradient and were skipped: lower the rates if it goes on"]
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "4: 1 steps gave no finite gradient" in captured.err


def test_five_in_a_row_take_up_the_last_checkpoint(long, tmp_path):
    """Which changes the networks and not where the training stands, so that other batches follow."""
    taken = []

    def compare():
        variables = {f"{name}/{i}": v.numpy() for name, group in long.groups.items() for i, v in enumerate(group)}
        taken.append(same(arrays_of(tmp_path), variables))

    long.bad, long.at = set(range(14, 19)), {13: compare, 19: compare}
    long.train(tmp_path)
    assert taken == [False, True]
    assert [line["restores"] for line in lines_of(tmp_path)] == [0] * 5 + [1] * 6
    assert long.state["total"] == 40


def test_what_does_not_help_is_not_tried_for_ever(long, tmp_path):
    long.bad = set(range(100))
    with pytest.raises(
        InputError, match=r"\[P068\] .*: gradients are not finite, and 3 restores did not help: lower the learning rates"
    ):
        long.train(tmp_path)
    assert long.state["total"] == 4 * 5 - 1
    assert all(np.isfinite(array).all() for array in arrays_of(tmp_path).values())


def test_patience_ends_a_phase(machine, tmp_path):
    """Where the figure does not get better, but not the critic's, which does not change it."""
    machine.phases = [phase._replace(steps=steps) for phase, steps in zip(machine.phases, (12, 8, 30), strict=True)]
    machine.schedule = replace(machine.schedule, patience=2)
    machine.training = replace(machine.training, generator_rate=1e-9, judge="psnr")
    assert machine.train(tmp_path).ended == "done"
    lines = lines_of(tmp_path)
    assert [(line["phase"], line["total"]) for line in lines[1:]] == [
        *[("generator", total) for total in (2, 4)],
        *[("critic", total) for total in (6, 8, 10, 12)],
        *[("adversarial", total) for total in (14, 16)],
    ]
    assert checkpoint.read(tmp_path / "checkpoint.npz")[1]["phase"] == 3
    assert "distance" in lines[3]  # its features were made as the generator's phase ended


def test_minutes_end_a_run(long, tmp_path):
    """With a last look; gone on with, it takes a step and is at its end again."""
    long.training = replace(long.training, minutes=1e-6)
    for totals in ([0, 1], [0, 1, 2]):
        assert long.train(tmp_path).ended == "time"
        assert [line["total"] for line in lines_of(tmp_path)] == totals
        assert checkpoint.read(tmp_path / "checkpoint.npz")[1]["total"] == totals[-1]


def test_what_is_waited_for_is_counted(long, tmp_path, monkeypatch):
    batch = Batches.batch

    def slow(self, *args, **more):
        time.sleep(0.3)
        return batch(self, *args, **more)

    monkeypatch.setattr(Batches, "batch", slow)
    long.training, long.phases = replace(long.training, look=8), [long.phases[0]._replace(steps=24)]
    long.train(tmp_path)
    assert all(0.25 < line["waiting"] <= 1 for line in lines_of(tmp_path)[2:])


# What does not fit


MISFITS = [
    ({"paths.train": None}, r"\[P061\] there are no prepared pictures in nothing .--paths.train is not given"),
    ({"paths.train": "none"}, r"\[P061\] there are no prepared pictures in none: `palate images prepare"),
    ({"schedule.low.crop": 15}, r"\[P060\] schedule.low.crop must be a multiple of 2, for these networks. Received: 15"),
    ({"critic.attention": 3, "schedule.high.crop": 32}, r"\[P060\] schedule.low.crop must be a multiple of 6"),
    ({"generator.scale": 4, "schedule.medium.crop": 20}, r"\[P060\] schedule.medium.crop must be a multiple of 8"),
    ({"schedule.high.crop": 40}, r"\[P065\] .*high.*png is 32x39, smaller than the crop of 40: lower the crop"),
    ({"training.held_out": 1e-9}, r"\[P060\] training.held_out must be such that of the 24 pictures of tier high some judge"),
    ({"training.held_out": 1 - 1e-9}, r"\[P060\] training.held_out must be such that of the 24 pictures of tier low some"),
    ({"paths.held_out": "none"}, r"\[P061\] there are no prepared pictures in none"),
    ({"generator.scale": 3}, r"\[P072\] cannot build the generator: scale is 1, 2 or 4, not 3"),
    ({"generator.encoder": "resnet34"}, r"\[P070\]"),
    ({"critic.widths": []}, r"\[P060\] critic.widths"),
]


@pytest.mark.parametrize(("wrong", "said"), MISFITS)
def test_what_does_not_fit_is_said_before_anything_is_made(wrong, said, overrides, load, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=said):
        trainer.train(load(overrides, wrong), tmp_path / "runs")
    assert list(tmp_path.iterdir()) == []


def test_tiers_that_are_missing(overrides, load, prepared, tmp_path):
    (tmp_path / "low").symlink_to(prepared / "low")
    with pytest.raises(InputError, match=r"\[P061\] there are no prepared pictures in"):  # no tiers.json
        trainer.train(load(overrides, **{"paths.train": str(tmp_path)}), tmp_path / "runs")
    (tmp_path / "tiers.json").write_bytes((prepared / "tiers.json").read_bytes())
    with pytest.raises(InputError, match=r"\[P062\] tier medium of .* is empty: .* or set \[schedule.medium\] to null"):
        trainer.train(load(overrides, **{"paths.train": str(tmp_path)}), tmp_path / "runs")
    assert not (tmp_path / "runs").exists()


def test_copies_that_were_left_whole_do_not_count(machine, tmp_path):
    """An untrained generator adds nothing to them: 100 dB."""
    spoilt, whole = machine.judging[:2]
    machine.judging = [spoilt[:1], whole[:1]]
    one = machine._judge(tmp_path)["psnr"]
    machine.judging = [np.concatenate([spoilt[:1], whole[1:2]]), whole[:2]]
    assert machine._judge(tmp_path)["psnr"] == pytest.approx(one, abs=0.05)
    machine.judging = [whole[:1], whole[:1]]
    assert machine._judge(tmp_path)["psnr"] == 100


def test_others_may_judge(least, load, prepared):
    """Then all the pictures are trained on."""
    made = Trainer(load(least, **{"paths.held_out": str(prepared), "training.pictures": 100}))
    assert len(made._judging()[0]) == len(made._batches("low", 16, 4).files) == 24
    made = Trainer(load(least, **{"training.pictures": 100}))
    assert len(made._judging()[0]) + len(made._batches("low", 16, 4).files) == 24
    assert keras.config.dtype_policy().name == "float32"
