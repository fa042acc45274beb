"""Cuisines and kinds of restaurants: their names, dishes and ingredients, and clues to them in the names of restaurants."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from corpora.errors import InputError

_ID = re.compile(r"[^\W\d_]+(?:_[^\W\d_]+)*")


class Cuisine(NamedTuple):
    """One cuisine or kind of restaurant. All strings are lower case, without accents; dishes and ingredients are singular.

    id (str): its id.
    parent (str): the id of the broader cuisine, "" if there is none.
    names (tuple): its names, with the adjective first.
    misspellings (tuple): common misspellings of the names.
    dishes (tuple): its dishes, the most typical first.
    ingredients (tuple): its ingredients, the most typical first.
    name_clues (tuple): words in the name of a restaurant that suggest the cuisine.
    """

    id: str
    parent: str
    names: tuple[str, ...]
    misspellings: tuple[str, ...]
    dishes: tuple[str, ...]
    ingredients: tuple[str, ...]
    name_clues: tuple[str, ...]


_LISTS = Cuisine._fields[2:]


@cache
def cuisines() -> dict[str, Cuisine]:
    """All cuisines by id, in alphabetical order."""
    return dict(sorted((_shipped("cuisines.toml") | _shipped("regional.toml")).items()))


@cache
def regional() -> frozenset[str]:
    """Ids of the narrower cuisines, for which no topics are seeded: most collections have too few reviews of them."""
    return frozenset(_shipped("regional.toml"))


def _shipped(name: str) -> dict[str, Cuisine]:
    tables = tomllib.loads((Path(__file__).parent / name).read_text("utf8"))
    return {key: Cuisine(key, table["parent"], *(tuple(table[field]) for field in _LISTS)) for key, table in tables.items()}


def read_cuisines(path: str | Path, known: Mapping[str, Cuisine] | None = None) -> dict[str, Cuisine]:
    """Read cuisines from a file, and add them to those that are known.

    path (str | Path): a TOML file with one table per id, as in cuisines.toml; keys may be left out. In the table of a known
        cuisine, each key replaces what is known.
    known (Mapping | None): the known cuisines; None for those that ship with palate.
    RETURNS (dict): all cuisines by id, in alphabetical order.
    RAISES InputError: the file is not TOML; a key or a value that a cuisine cannot have (the message names it); a parent that
        is no cuisine, or that has the cuisine as a parent itself.
    RAISES OSError: the file cannot be read.
    """
    try:
        tables = tomllib.loads(Path(path).read_bytes().decode("utf-8-sig"))
    except ValueError as error:
        raise InputError(f"{path}: not TOML: {' '.join(str(error).split()):.200}") from None
    merged = dict(cuisines() if known is None else known)
    for key, table in tables.items():
        merged[key] = _cuisine(key, table, merged.get(key), path)
    for key in tables:
        _check_parents(key, merged, path)
    return dict(sorted(merged.items()))


def _cuisine(key: str, table: Any, known: Cuisine | None, path: str | Path) -> Cuisine:
    if not isinstance(table, dict):
        raise InputError(f"{path}: {key} is outside a table: a cuisine is a table, such as [hyderabadi]")
    if not _ID.fullmatch(key) or key != key.lower():
        raise InputError(f"{path}: [{key:.60}]: an id has lower-case letters, with _ between words, such as [north_indian]")
    if unknown := set(table) - {"parent", *_LISTS}:
        raise InputError(f"{path}: [{key}] has no key {min(unknown)!r:.60}: there are parent, {', '.join(_LISTS)}")
    given: dict[str, Any] = {}
    for field, value in table.items():
        if field == "parent":
            if not isinstance(value, str):
                raise InputError(f'{path}: [{key}] parent must be the id of a cuisine, or "". Received: {value!r:.60}')
            given[field] = value
        elif not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
            raise InputError(f"{path}: [{key}] {field} must be a list of words. Received: {value!r:.60}")
        else:
            given[field] = tuple(dict.fromkeys(" ".join(item.casefold().split()) for item in value))
    blank = Cuisine(key, "", (key.replace("_", " "),), (), (), (), ())
    cuisine = (known or blank)._replace(**given)
    if not cuisine.names:
        raise InputError(f"{path}: [{key}] names must hold at least one name")
    return cuisine


def _check_parents(key: str, merged: Mapping[str, Cuisine], path: str | Path) -> None:
    line = [key]
    while parent := merged[line[-1]].parent:
        if parent not in merged:
            raise InputError(f"{path}: [{line[-1]}] parent: there is no cuisine {parent!r:.60}")
        if parent in line:
            raise InputError(f"{path}: [{key}] parent: {' -> '.join([*line, parent])} is a circle")
        line.append(parent)
