"""Cuisines and kinds of restaurants: their names, dishes and ingredients, and clues to them in the names of restaurants."""

import tomllib
from functools import cache
from pathlib import Path
from typing import NamedTuple


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


@cache
def cuisines() -> dict[str, Cuisine]:
    """All cuisines by id, in alphabetical order."""
    tables = tomllib.loads((Path(__file__).parent / "cuisines.toml").read_text("utf8"))
    return {
        name: Cuisine(name, table["parent"], *(tuple(table[field]) for field in Cuisine._fields[2:]))
        for name, table in tables.items()
    }
