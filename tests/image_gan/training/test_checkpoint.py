import errno
import functools
import operator

import keras
import numpy as np
import pytest

from corpora.errors import InputError
from image_gan.training import checkpoint

STATE = {"phase": 1, "step": 20, "seconds": 1.5, "best": {"psnr": 30.25, "distance": None}}


def groups(fill=None):
    """Variables of two groups, as a trainer's: matrices, a vector, a step."""
    rng = np.random.default_rng(3)
    shapes = {"generator": [(2, 3)], "optimizer": [()]}
    found = {name: [keras.Variable(rng.normal(size=shape).astype("f4")) for shape in some] for name, some in shapes.items()}
    found["optimizer"].append(keras.Variable(np.int64(7), dtype="int64", trainable=False))
    if fill is not None:
        for variable in functools.reduce(operator.iadd, found.values(), []):
            variable.assign(fill * keras.ops.ones_like(variable))
    return found


def values(groups):
    return [variable.numpy().tolist() for group in groups.values() for variable in group]


@pytest.fixture
def path(tmp_path):
    checkpoint.save(tmp_path / "run" / "checkpoint.npz", groups(), STATE)
    return tmp_path / "run" / "checkpoint.npz"


def test_what_was_saved_comes_back(path):
    other = groups(fill=0)
    assert checkpoint.restore(path, other) == STATE
    assert values(other) == values(groups())
    assert other["optimizer"][1].numpy().dtype == np.int64
    arrays, state = checkpoint.read(path)
    assert state == STATE
    assert list(arrays) == ["generator/0", "optimizer/0", "optimizer/1"]
    assert [file.name for file in path.parent.iterdir()] == ["checkpoint.npz"]


def test_a_part_may_be_taken(path):
    other = {"generator": groups(fill=0)["generator"]}
    checkpoint.restore(path, other)
    assert values(other) == values(groups())[:1]


def refused(path, groups, before):
    """Whether a checkpoint is refused in one line; nothing is changed by it then."""
    try:
        checkpoint.restore(path, groups)
    except InputError as error:
        said = str(error)
    else:
        return False
    assert said.startswith(f"[P067] cannot use {path} as a checkpoint: ")
    assert "\n" not in said
    assert values(groups) == before
    return True


def test_every_truncation_is_refused(path):
    data, other = path.read_bytes(), groups(fill=5)
    before = values(other)
    for kept in range(len(data)):
        path.write_bytes(data[:kept])
        assert refused(path, other, before), kept


def test_a_flipped_byte_is_refused_or_says_nothing(path):
    """Of the zip's dates and the like nothing depends: what is taken up then is what was saved."""
    data, other, passed = path.read_bytes(), groups(fill=5), 0
    before, right = values(other), values(groups())
    for place in range(len(data)):
        path.write_bytes(data[:place] + bytes([data[place] ^ 255]) + data[place + 1 :])
        if not refused(path, other, before):
            assert values(other) == right, place
            assert checkpoint.read(path)[1] == STATE
            passed += 1
            for variable in functools.reduce(operator.iadd, other.values(), []):
                variable.assign(5 * keras.ops.ones_like(variable))
    assert passed < 0.3 * len(data)


def test_of_another_network(path, tmp_path):
    for other in (
        {**groups(fill=5), "critic": [keras.Variable(np.zeros(2))]},
        {**groups(fill=5), "generator": [keras.Variable(np.zeros((3, 2)))]},
        {**groups(fill=5), "optimizer": groups()["optimizer"] * 2},
    ):
        assert refused(path, other, values(other))
    other = groups(fill=5)
    assert refused(tmp_path / "none.npz", other, values(other))
    for name, write in {"a": lambda f: np.savez(f, x=np.zeros(2)), "b": lambda f: np.save(f, np.zeros(2))}.items():
        with open(tmp_path / name, "wb") as file:
            write(file)
        assert refused(tmp_path / name, other, values(other))
    assert refused(tmp_path, other, values(other))


@pytest.mark.parametrize("limit", [0, 10_000, 40_000])
def test_where_nothing_more_can_be_written_the_last_one_stands(limit, path, full_disk):
    """The system itself refuses to write on: at once, on the way, and just before the end."""
    before = path.read_bytes()
    more = {"generator": [keras.Variable(np.random.default_rng(0).normal(size=10_000))]}
    with full_disk() as narrow:
        narrow(limit)
        with pytest.raises(OSError) as error:
            checkpoint.save(path, more, {"step": 2})
    assert error.value.errno == errno.EFBIG
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == ["checkpoint.npz"]
