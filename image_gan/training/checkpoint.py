"""Variables of models and optimisers, and where a training stands, in one file, replaced at once; any backend reads it."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from corpora.files import replacing
from image_gan.errors import Errors, InputError, one_line

_STATE = "state.json"


def save(path: str | Path, groups: Mapping[str, Sequence[Any]], state: Mapping[str, Any]) -> None:
    """Write variables and a state.

    path (str | Path): the file; it holds its old content, or all of the new one.
    groups (Mapping[str, Sequence[Any]]): lists of Keras variables, by name.
    state (Mapping[str, Any]): what JSON can hold.
    RAISES OSError: as the system says.
    """
    arrays: dict[str, np.ndarray] = {}
    for name, group in groups.items():
        for number, variable in enumerate(group):
            arrays[f"{name}/{number}"] = np.asarray(variable.numpy())
    with replacing(path) as beside, open(beside, "wb") as file:
        arrays[_STATE] = np.frombuffer(json.dumps(state).encode(), np.uint8)
        np.savez(file, allow_pickle=False, **arrays)


def restore(path: str | Path, groups: Mapping[str, Sequence[Any]]) -> dict[str, Any]:
    """Give variables the values that `save` wrote.

    path (str | Path): the file.
    groups (Mapping[str, Sequence[Any]]): as for `save`, or some of them.
    RETURNS (dict[str, Any]): the state.
    RAISES InputError: P067, the file does not have all of them; then no variable is changed.
    """
    arrays, state = read(path)
    pairs = []
    for name, group in groups.items():
        for number, variable in enumerate(group):
            array = arrays.get(f"{name}/{number}")
            if array is None or array.shape != tuple(variable.shape):
                reason = f"it does not have {variable.path} of this network"
                raise InputError(Errors.P067.format(path=path, reason=reason))
            pairs.append((variable, array))
    for variable, array in pairs:
        variable.assign(array)
    return state


def start_from(path: str | Path, variables: Sequence[Any]) -> None:
    """Give variables the values of a run's averaged generator, where shapes agree: a network of another scale has another end.

    path (str | Path): the run's best checkpoint.
    variables (Sequence[Any]): of a generator.
    RAISES InputError: P067, not a checkpoint, or one of a network in which no shape agrees.
    """
    arrays, _ = read(path)
    agreeing = []
    for number, variable in enumerate(variables):
        array = arrays.get(f"average/{number}")
        if array is not None and array.shape == tuple(variable.shape):
            agreeing.append((variable, array))
    if not agreeing:
        raise InputError(Errors.P067.format(path=path, reason="its network is a completely different one"))
    for variable, array in agreeing:
        variable.assign(array)


def read(path: str | Path) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Read a checkpoint.

    path (str | Path): the file.
    RETURNS (tuple[dict[str, np.ndarray], dict[str, Any]]): its arrays, as "group/number", and its state.
    RAISES InputError: P067, it cannot be read.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = dict(file)
        return arrays, json.loads(arrays.pop(_STATE).tobytes())
    except FileNotFoundError:
        raise InputError(Errors.P067.format(path=path, reason="it does not exist")) from None
    except Exception as error:  # zip, zlib, NumPy and JSON each have their own
        raise InputError(Errors.P067.format(path=path, reason=one_line(error, 160))) from None
