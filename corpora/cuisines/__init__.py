"""Cuisines and kinds of house: what people call them, what they serve and cook with, and what their names give away."""

import tomllib
from functools import cache
from pathlib import Path
from typing import NamedTuple


class Cuisine(NamedTuple):
    """One cuisine or kind of house. All strings are lower case, without accents, dishes and ingredients in the singular.

    parent: the id of the broader cuisine, "" where there is none. names: the adjective first. misspellings: of the names.
    dishes, ingredients: the most telling first. name_clues: words in the name of a house that give the cuisine away.
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
    """RETURNS (dict): all cuisines by id, in the order of the alphabet."""
    tables = tomllib.loads((Path(__file__).parent / "cuisines.toml").read_text("utf8"))
    return {
        name: Cuisine(name, table["parent"], *(tuple(table[field]) for field in Cuisine._fields[2:]))
        for name, table in tables.items()
    }
