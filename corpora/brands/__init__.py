"""Restaurant chains that everybody knows, by their Wikidata ids: names and cuisines of OpenStreetMap's name suggestion index.

The table (brands.csv) is under the BSD 3-Clause licence, see LICENSE.md.
"""

import csv
from functools import cache
from pathlib import Path
from typing import NamedTuple


class Brand(NamedTuple):
    """A chain.

    id (str): Wikidata's, such as "Q524757".
    name (str): the name that it is best known by.
    names (tuple): other spellings and names.
    cuisines (tuple): ids of `corpora.cuisines`; empty where the index names none.
    """

    id: str
    name: str
    names: tuple[str, ...]
    cuisines: tuple[str, ...]


@cache
def brands() -> dict[str, Brand]:
    """RETURNS (dict): all brands by id."""
    with open(Path(__file__).parent / "brands.csv", encoding="utf8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {row["id"]: Brand(row["id"], row["name"], _list(row["names"]), _list(row["cuisines"])) for row in rows}


def _list(cell: str) -> tuple[str, ...]:
    return tuple(cell.split("; ")) if cell else ()
