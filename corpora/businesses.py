"""Reads businesses from JSON lines, CSV, TSV, Parquet, Excel or SQLite; Yelp's own file can be read as it is."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from corpora.errors import InputError
from corpora.rows import Ids, cell, identifier, read_fields

# Common names of the columns, in the order of preference.
ALIASES = {
    "id": ("business_id", "id"),
    "name": ("name", "business_name"),
    "city": ("city",),
    "kind": ("categories", "kind"),
}


class Business(NamedTuple):
    """One business.

    id (str): its id, unique in the file.
    name (str): its name; "" if it has none.
    city (str | None): its city; None if it is not known.
    kind (str | None): its categories, joined with "; "; None if they are not known.
    """

    id: str
    name: str
    city: str | None = None
    kind: str | None = None


# In Yelp's file every business that sells food is in one of these categories, next to others.
_SELLS_FOOD = frozenset({"restaurants", "food"})


def read_businesses(path: str | Path, columns: Mapping[str, str] | None = None, *, table: str = "") -> Iterator[Business]:
    """Read businesses one at a time.

    path (str | Path): a file with one of the endings in `readers.FORMATS`; text formats may be gzipped; "-" reads JSON lines
        from standard input.
    columns (Mapping | None): field -> name of its column, for columns that have another name in the file, e.g.
        {"name": "title"}.
    table (str): the table or sheet of a file that has several.
    YIELDS (Business): businesses in the file's order. A business without a name has the name ""; the caller may leave it out.
        Categories may be a list or text; text without ";" is split at commas, as Yelp writes it.
    RAISES InputError: see `corpora.rows.read_fields`; a file without a column of ids or names; a row without an id; two rows
        with the same id.
    RAISES OSError: the file cannot be read.
    """
    ids = Ids()
    for where, fields, _ in read_fields(path, ALIASES, columns, required=("id", "name"), table=table):
        key = identifier(fields["id"])
        if key is None:
            raise InputError(f"{where}: no id: every business needs one")
        ids.add(key, where)
        yield Business(key, cell(fields["name"]) or "", cell(fields["city"]), _kind(fields["kind"]))


def places_to_eat(businesses: Iterable[Business]) -> list[Business]:
    """Leave out what does not sell food, in a file whose categories say so, like Yelp's.

    businesses (Iterable): Businesses.
    RETURNS (list): those of the categories "Restaurants" or "Food" and those without categories; all of them, if none is of
        the category "Restaurants".
    """
    listed = list(businesses)
    categories = [{part.strip().lower() for part in (one.kind or "").split(";")} - {""} for one in listed]
    if not any("restaurants" in some for some in categories):
        return listed
    return [one for one, some in zip(listed, categories, strict=True) if not some or some & _SELLS_FOOD]


def _kind(categories: Any) -> str | None:
    if isinstance(categories, str) and ";" not in categories:
        categories = [category.strip() for category in categories.split(",")]
    if isinstance(categories, list):
        categories = "; ".join(str(category) for category in categories if category)
    return cell(categories)
