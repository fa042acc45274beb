"""What several tests of training do with runs and variables."""

import json

import numpy as np

from image_gan.training import checkpoint

TIMES = ("seconds", "waiting_for_data")  # of a log line: how long things took


def lines_of(run):
    return [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]


def arrays_of(run, file="checkpoint.npz"):
    return checkpoint.read(run / file)[0]


def state_of(run):
    return checkpoint.read(run / "checkpoint.npz")[1]


def same(one, other):
    return one.keys() == other.keys() and all(np.array_equal(one[name], other[name]) for name in one)


def alike(run, other):
    """Whether two runs have made the same bit for bit, and say the same but for the time that it took."""
    lines = [[{k: v for k, v in line.items() if k not in TIMES} for line in lines_of(one)] for one in (run, other)]
    files = ("checkpoint.npz", "best.npz")
    return lines[0] == lines[1] and all(same(arrays_of(run, file), arrays_of(other, file)) for file in files)


def values(variables):
    return [variable.numpy().copy() for variable in variables]


def changed(variables, before):
    return [not np.array_equal(variable.numpy(), value) for variable, value in zip(variables, before, strict=True)]
