"""Reviews from JSON lines, CSV, TSV or Parquet, gzipped or not; Yelp's own files are read as they are."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from corpora.errors import InputError
from corpora.rows import Ids, cell, read_fields

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
    """One review; fields that the file lacks are None."""

    id: str
    text: str
    business_id: str | None = None
    name: str | None = None
    city: str | None = None
    stars: float | None = None
    date: str | None = None


def read_reviews(path: str | Path, columns: Mapping[str, str] | None = None) -> Iterator[Review]:
    """Read reviews one at a time.

    path (str | Path): a file ending in one of corpora.rows.FORMATS, with or without ".gz"; "-" reads JSON lines from
        standard input.
    columns (Mapping | None): names in the file of the fields that are called otherwise there, e.g. {"text": "body"}.
    YIELDS (Review): in the file's order. Without an id column the row's number, from 1, is the id. Lone surrogates
        in text become "\ufffd", so that whatever comes in can be encoded again.
    RAISES InputError: unknown kind of file; not JSON, not text (names the row); a missing column (names those that
        exist); two rows with one id. OSError: the file cannot be read.
    """
    ids = Ids()
    for number, (where, fields) in enumerate(read_fields(path, ALIASES, columns, required=("text",)), 1):
        if not isinstance(fields["text"], str):
            column = (columns or {}).get("text", "text")
            raise InputError(f"{where}: {column!r} is no text. Received: {fields['text']!r:.60}")
        cells: dict[str, Any] = {field: cell(value) for field, value in fields.items()}
        stars = _stars(cells["stars"], where)
        review = Review(**{**cells, "id": cells["id"] or str(number), "text": cells["text"] or "", "stars": stars})
        ids.add(review.id, where)
        yield review


def _stars(value: str | None, where: str) -> float | None:
    try:
        return None if value is None else float(value)
    except ValueError:
        raise InputError(f"{where}: stars are a number. Received: {value!r:.60}") from None
