"""Reviews from JSON lines, CSV, TSV, Parquet, Excel or SQLite; Yelp's own files are read as they are."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from corpora.errors import InputError
from corpora.rows import Ids, cell, read_fields

_DECIMAL_COMMA = re.compile(r"\d+,\d+")
# What a field is called in files that people have, in the order of preference.
ALIASES = {
    "id": ("id", "review_id"),
    "text": ("text",),
    "business_id": ("business_id",),
    "name": ("name", "business_name"),
    "city": ("city",),
    "stars": ("stars",),
    "date": ("date",),
}


class Review(NamedTuple):
    """One review; fields that the file lacks are None.

    id (str): differs from all others of the file.
    text (str): the text, "" where there is none.
    business_id (str | None): of the restaurant.
    name (str | None): of the restaurant.
    city (str | None): of the restaurant.
    stars (float | None): the rating.
    date (str | None): as the file has it.
    kept (dict | None): text of the columns that the caller asked to keep.
    """

    id: str
    text: str
    business_id: str | None = None
    name: str | None = None
    city: str | None = None
    stars: float | None = None
    date: str | None = None
    kept: dict[str, str | None] | None = None


def read_reviews(
    path: str | Path, columns: Mapping[str, str] | None = None, *, keep: Sequence[str] = (), table: str = ""
) -> Iterator[Review]:
    """Read reviews one at a time.

    path (str | Path): a file ending in one of readers.FORMATS, text formats also gzipped; "-" reads JSON lines from standard
        input.
    columns (Mapping | None): names in the file of the fields that are called otherwise there, e.g. {"text": "body"}.
    keep (Sequence): other columns that each review brings along, as text.
    table (str): the table or sheet of a file that has several.
    YIELDS (Review): in the file's order. Without an id column the row's number, from 1, is the id. Lone surrogates
        in text become "\ufffd", so that whatever comes in can be encoded again.
    RAISES InputError: unknown kind of file; not JSON, not text (names the row); a missing column (names those that
        exist); two rows with the same id. OSError: the file cannot be read.
    """
    ids = Ids()
    fields_of = read_fields(path, ALIASES, columns, required=("text",), keep=keep, table=table)
    for number, (where, fields, kept) in enumerate(fields_of, 1):
        if not isinstance(fields["text"], str):
            column = (columns or {}).get("text", "text")
            raise InputError(f"{where}: {column!r} is not text. Received: {fields['text']!r:.60}")
        cells: dict[str, Any] = {field: cell(value) for field, value in fields.items()}
        cells |= {"id": cells["id"] or str(number), "text": cells["text"] or "", "stars": _stars(cells["stars"], where)}
        review = Review(**cells, kept=kept or None)
        ids.add(review.id, where)
        yield review


def read_texts(path: str | Path, columns: Mapping[str, str] | None = None, *, table: str = "") -> Iterator[str]:
    """The texts of `read_reviews`, with the same parameters."""
    return (review.text for review in read_reviews(path, columns, table=table))


def _stars(value: str | None, where: str) -> float | None:
    try:
        return None if value is None else float(value.replace(",", ".") if _DECIMAL_COMMA.fullmatch(value) else value)
    except ValueError:
        raise InputError(f"{where}: stars must be a number. Received: {value!r:.60}") from None
