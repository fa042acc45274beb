"""Several devices and several machines train as one does with the whole batch."""

import json
import os
import signal
import socket
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf
from training_helpers import TIMES, arrays_of, lines_of, state_of

from corpora.errors import InputError
from image_gan.training import trainer
from image_gan.training.devices import OneDevice, choose_devices

TRAIN = """
import json, os, signal, sys
from image_gan.training import settings, trainer

stop = int(sys.argv[3])

class Stopped(trainer.Trainer):
    def step(self, batch, phase):
        if self.state.total_steps == stop:
            os.kill(os.getpid(), signal.SIGTERM)
        return super().step(batch, phase)

trainer.Trainer = Stopped
done = trainer.train(settings.load(sys.argv[1]), sys.argv[2])
print(json.dumps([str(done.run), done.ended, done.signal]))
"""


def begin(config, folder, stop=-1, **environment):
    path = folder / "some.cfg"
    path.write_text(config.to_str())
    command = [sys.executable, "-c", TRAIN, str(path), str(folder / "runs"), str(stop)]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, env={**os.environ, **environment}, **streams)


def result_of(process):
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err[-3000:]
    return json.loads(out)


def near(run, other):
    """Networks, averages and both optimisers' moments, to 1e-4, and what the logs say.

    Adam would hide a gradient that is twice too large; its moments do not.
    """
    arrays, expected = arrays_of(run), arrays_of(other)
    assert arrays.keys() == expected.keys()
    for name, array in expected.items():
        assert np.allclose(arrays[name], array, atol=1e-4, rtol=1e-4), name
        if "optimizer" in name and array.ndim > 1:
            assert np.linalg.norm(arrays[name] - array) <= 1e-2 * np.linalg.norm(array), name
    for line, another in zip(lines_of(run), lines_of(other), strict=True):
        figures = {name: value for name, value in another.items() if isinstance(value, int | float) and name not in TIMES}
        assert {name: line[name] for name in figures} == pytest.approx(figures, rel=1e-3)
    return True


@pytest.fixture(scope="module")
def flat(least):
    """A generator of one level, which compiles in half the time."""
    return {**least, "generator.widths": [4], "generator.blocks": [1]}


def test_two_devices(flat, load, tmp_path):
    """All three phases, with features."""
    one = trainer.train(load(flat), tmp_path)
    two = trainer.train(load(flat, **{"training.devices": "all"}), tmp_path)
    assert (two.ended, two.run.name) == ("done", "0002")
    assert near(two.run, one.run)


def test_two_machines(flat, load, tmp_path, monkeypatch):
    """Only the chief writes; when one of them is told to stop, both stop at the same step."""
    few = {**flat, "schedule.low.generator": 0}
    with socket.socket() as first, socket.socket() as second:
        for one in (first, second):
            one.bind(("localhost", 0))
        cluster = {"worker": [f"localhost:{one.getsockname()[1]}" for one in (first, second)]}
    tasks = [{"TF_CONFIG": json.dumps({"cluster": cluster, "task": {"type": "worker", "index": index}})} for index in (0, 1)]
    config, runs = load(few, **{"training.devices": "workers"}), tmp_path / "runs"
    chief, other = begin(config, tmp_path, **tasks[0]), begin(config, tmp_path, stop=3, **tasks[1])

    def stop_after_four(self, batch, phase, step=trainer.Trainer.step):
        if self.state.total_steps == 3:
            signal.getsignal(signal.SIGTERM)(signal.SIGTERM, None)
        return step(self, batch, phase)

    monkeypatch.setattr(trainer.Trainer, "step", stop_after_four)
    one = trainer.train(load(few), tmp_path / "one")  # meanwhile
    assert (one.ended, one.signal) == ("stopped", signal.SIGTERM)
    assert [result_of(process) for process in (chief, other)] == [
        [str(runs / "0001"), "stopped", 0],
        [str(runs), "stopped", signal.SIGTERM],
    ]
    assert [path.name for path in runs.iterdir()] == ["0001"]
    assert state_of(runs / "0001")["total_steps"] == 4
    assert near(runs / "0001", one.run)


def test_one_device():
    assert choose_devices("one").true_anywhere(False, True) == [False, True]
    assert choose_devices("one").chief


def test_all_devices_where_there_is_only_a_processor(least, load, tmp_path, monkeypatch):
    """It would train on one device and not say so."""
    processor = tf.config.list_logical_devices("CPU")[:1]
    monkeypatch.setattr(tf.config, "list_logical_devices", lambda kind: processor if kind == "CPU" else [])
    message = r"^\[P060\] training.devices must be one on this machine, which has no GPU. Received: all$"
    with pytest.raises(InputError, match=message):
        trainer.train(load(least, **{"training.devices": "all"}), tmp_path / "runs")
    assert not (tmp_path / "runs").exists()
    assert type(choose_devices("one")) is OneDevice
