"""Businesses, to link reviews to, from JSON lines, CSV, TSV, Parquet, Excel or SQLite; Yelp's file is read as it is."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from corpora.errors import InputError
from corpora.rows import Ids, cell, read_fields

# What a field is called in files that people have, in the order of preference.
ALIASES = {
    "id": ("business_id", "id"),
    "name": ("name", "business_name"),
    "city": ("city",),
    "kind": ("categories", "kind"),
}


class Business(NamedTuple):
    """One business; fields that the file lacks are None.

    id (str): differs from all others of the file.
    name (str): "" where there is none.
    city (str | None): where it is.
    kind (str | None): its categories, joined with "; ".
    """

    id: str
    name: str
    city: str | None = None
    kind: str | None = None


def read_businesses(path: str | Path, columns: Mapping[str, str] | None = None, *, table: str = "") -> Iterator[Business]:
    """Read businesses one at a time.

    path (str | Path): a file ending in one of readers.FORMATS, text formats also gzipped; "-" reads JSON lines from standard
        input.
    columns (Mapping | None): names in the file of the fields that are called otherwise there, e.g. {"name": "title"}.
    table (str): the table or sheet of a file that has several.
    YIELDS (Business): in the file's order. A business without a name has the name "": the caller decides about it.
        Categories are a list or text; text without ";" is split at commas, as Yelp writes it.
    RAISES InputError: as `corpora.rows.read_fields`; no column of ids or names; a row without an id; two rows with the same
        id. OSError: the file cannot be read.
    """
    ids = Ids()
    for where, fields, _ in read_fields(path, ALIASES, columns, required=("id", "name"), table=table):
        key = cell(fields["id"])
        if key is None:
            raise InputError(f"{where}: no id: every business needs one")
        ids.add(key, where)
        yield Business(key, cell(fields["name"]) or "", cell(fields["city"]), _kind(fields["kind"]))


def _kind(categories: Any) -> str | None:
    if isinstance(categories, str) and ";" not in categories:
        categories = [category.strip() for category in categories.split(",")]
    if isinstance(categories, list):
        categories = "; ".join(str(category) for category in categories if category)
    return cell(categories)
