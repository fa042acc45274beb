"""Several devices and several machines train as one does with the whole batch: each in a process of its own."""

import json
import os
import signal
import socket
import subprocess
import sys

import numpy as np
import pytest

from image_gan.training import checkpoint, trainer
from image_gan.training.devices import devices

TRAIN = """
import json, os, signal, sys
import tensorflow as tf
from image_gan.training import settings, trainer

logical, config, runs, stop = int(sys.argv[1]), settings.load(sys.argv[2]), sys.argv[3], int(sys.argv[4])
if logical > 1:
    several = [tf.config.LogicalDeviceConfiguration()] * logical
    tf.config.set_logical_device_configuration(tf.config.list_physical_devices("CPU")[0], several)
    try:
        trainer.Trainer(settings.load(sys.argv[2], {"schedule.low.batch": 3}))
    except ValueError as error:
        print(error)

class Told(trainer.Trainer):
    def step(self, batch, phase):
        if self.state["total"] == stop:
            os.kill(os.getpid(), signal.SIGTERM)
        return super().step(batch, phase)

trainer.Trainer = Told
done = trainer.train(config, runs)
print(json.dumps([str(done.run), done.ended, done.signal]))
"""


def begin(config, folder, *, logical=1, stop=-1, **environment):
    path = folder / "some.cfg"
    path.write_text(config.to_str())
    command = [sys.executable, "-c", TRAIN, str(logical), str(path), str(folder / "runs"), str(stop)]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, env={**os.environ, **environment}, **streams)


def ended(process):
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err[-3000:]
    return out.splitlines()


def near(run, other):
    """Networks, averages and both optimisers' moments, to 1e-4, and what the logs say.

    Adam would hide a gradient that is twice too large; its moments do not.
    """
    arrays, expected = (checkpoint.read(folder / "checkpoint.npz")[0] for folder in (run, other))
    assert arrays.keys() == expected.keys()
    for name, array in expected.items():
        assert np.allclose(arrays[name], array, atol=1e-4, rtol=1e-4), name
        if "optimizer" in name and array.ndim > 1:
            assert np.linalg.norm(arrays[name] - array) <= 1e-2 * np.linalg.norm(array), name
    lines, others = ([json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()] for folder in (run, other))
    for line, another in zip(lines, others, strict=True):
        told = {name: value for name, value in another.items() if isinstance(value, int | float)}
        told = {name: value for name, value in told.items() if name not in ("seconds", "waiting")}
        assert {name: line[name] for name in told} == pytest.approx(told, rel=1e-3)
    return True


def test_two_devices(least, load, tmp_path):
    """All three phases, features and all."""
    one = trainer.train(load(least), tmp_path / "one").run
    odd, told = ended(begin(load(least, **{"training.devices": "all"}), tmp_path, logical=2))
    assert odd == "[P060] schedule.low.batch must be a multiple of the 2 devices. Received: 3"
    assert json.loads(told) == [str(tmp_path / "runs" / "0001"), "done", 0]
    assert near(tmp_path / "runs" / "0001", one)


def test_two_machines(least, load, tmp_path):
    """The chief alone writes; where one of them is told to stop, both do, at the same step."""
    few = {**least, "schedule.low.generator": 0}

    (tmp_path / "one").mkdir()
    (told,) = ended(begin(load(few), tmp_path / "one", stop=3))
    one = tmp_path / "one" / "runs" / "0001"
    assert json.loads(told) == [str(one), "stopped", signal.SIGTERM]
    with socket.socket() as first, socket.socket() as second:
        for some in (first, second):
            some.bind(("localhost", 0))
        cluster = {"worker": [f"localhost:{some.getsockname()[1]}" for some in (first, second)]}
    tasks = [{"TF_CONFIG": json.dumps({"cluster": cluster, "task": {"type": "worker", "index": index}})} for index in (0, 1)]
    config = load(few, **{"training.devices": "workers"})
    chief, other = begin(config, tmp_path, **tasks[0]), begin(config, tmp_path, stop=3, **tasks[1])
    runs = tmp_path / "runs"
    assert [json.loads(ended(process)[0]) for process in (chief, other)] == [
        [str(runs / "0001"), "stopped", 0],
        [str(runs), "stopped", signal.SIGTERM],
    ]
    assert [path.name for path in runs.iterdir()] == ["0001"]
    assert checkpoint.read(runs / "0001" / "checkpoint.npz")[1]["total"] == 4
    assert near(runs / "0001", one)


def test_one_machine_says_what_it_says():
    assert devices("one").anywhere(False, True) == [False, True]
    assert devices("one").chief
