"""Variables of models and optimisers, and what a run was doing, in one file, replaced in one step; any backend reads it."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from keras import ops

from corpora.files import replacing
from image_gan.errors import Errors, InputError

_STATE = "state.json"


def save(path: str | Path, groups: Mapping[str, Sequence[Any]], state: Mapping[str, Any]) -> None:
    """Write variables and a state.

    groups (Mapping): lists of Keras variables by name. state (Mapping): what JSON can hold.
    RAISES OSError: as the system says; the file that was there still is.
    """
    arrays = {f"{name}/{i}": np.asarray(ops.convert_to_numpy(v)) for name, group in groups.items() for i, v in enumerate(group)}
    with replacing(path) as beside, open(beside, "wb") as file:
        arrays[_STATE] = np.frombuffer(json.dumps(state).encode(), np.uint8)
        np.savez(file, allow_pickle=False, **arrays)


def restore(path: str | Path, groups: Mapping[str, Sequence[Any]]) -> dict[str, Any]:
    """Give variables the values that `save` wrote. RETURNS (dict): the state. RAISES InputError: P067, with nothing changed."""
    arrays, state = read(path)
    pairs = [(variable, arrays.get(f"{name}/{i}")) for name, group in groups.items() for i, variable in enumerate(group)]
    wrong = [variable.path for variable, array in pairs if array is None or array.shape != tuple(variable.shape)]
    if wrong:
        raise InputError(Errors.P067.format(path=path, reason=f"it has no {wrong[0]} of this network's"))
    for variable, array in pairs:
        variable.assign(array)
    return state


def begin_as(path: str | Path, variables: Sequence[Any]) -> None:
    """Give variables the values of a run's averaged generator, where shapes agree: another scale's network has another end.

    RAISES InputError: P067, no checkpoint, or of a network in which no shape agrees.
    """
    arrays, _ = read(path)
    pairs = [(variable, arrays.get(f"average/{i}")) for i, variable in enumerate(variables)]
    alike = [(variable, array) for variable, array in pairs if array is not None and array.shape == tuple(variable.shape)]
    if not alike:
        raise InputError(Errors.P067.format(path=path, reason="its network is another one altogether"))
    for variable, array in alike:
        variable.assign(array)


def read(path: str | Path) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """The arrays and the state of a checkpoint. RAISES InputError: P067."""
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = dict(file)
        return arrays, json.loads(arrays.pop(_STATE).tobytes())
    except FileNotFoundError:
        raise InputError(Errors.P067.format(path=path, reason="there is none")) from None
    except Exception as error:  # zip, zlib, NumPy and JSON each have their own
        raise InputError(Errors.P067.format(path=path, reason=" ".join(str(error).split())[:160])) from None
