"""Reads reviews from JSON lines, CSV, TSV, Parquet, Excel or SQLite; Yelp's own files can be read as they are."""

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from corpora.errors import InputError
from corpora.rows import Ids, cell, identifier, read_fields

_RATING = re.compile(r"(?P<stars>\d+(?:[.,]\d+)?)(?: */ *(?P<of>\d+))?")
_STARS = 5  # what "8/10" is told in
# Common names of the columns, in the order of preference.
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
    """One review; a field without a column in the file is None.

    id (str): its id, unique in the file.
    text (str): its text; "" if it has none.
    business_id (str | None): id of the restaurant.
    name (str | None): name of the restaurant.
    city (str | None): city of the restaurant.
    stars (float | None): the rating; NaN if what is given is no number.
    date (str | None): the date, in the file's format.
    kept (dict | None): column -> its text, for the columns that the caller wants to keep.
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

    path (str | Path): a file with one of the endings in `readers.FORMATS`; text formats may be gzipped; "-" reads JSON lines
        from standard input.
    columns (Mapping | None): field -> name of its column, for columns that have another name in the file, e.g.
        {"text": "body"}.
    keep (Sequence): other columns that each review keeps, as text.
    table (str): the table or sheet of a file that has several.
    YIELDS (Review): reviews in the file's order. Without a column of ids, the number of the row, from 1, is the id. Lone
        surrogates in text become "\ufffd", so that every text can be encoded again.
    RAISES InputError: an unknown kind of file; a row that is not JSON or has no text (the message names it); a missing column
        (the message names those that exist); two rows with the same id.
    RAISES OSError: the file cannot be read.
    """
    ids = Ids()
    rows = read_fields(path, ALIASES, columns, required=("text",), keep=keep, table=table)
    for number, (where, fields, kept) in enumerate(rows, 1):
        if not isinstance(fields["text"], str):
            column = (columns or {}).get("text", "text")
            raise InputError(f"{where}: {column!r} is not text. Received: {fields['text']!r:.60}")
        cells: dict[str, Any] = {field: cell(value) for field, value in fields.items()}
        cells |= {"id": cells["id"] or str(number), "text": cells["text"] or "", "stars": _stars(cells["stars"])}
        cells["business_id"] = identifier(cells["business_id"])
        review = Review(**cells, kept=kept or None)
        ids.add(review.id, where)
        yield review


def read_texts(path: str | Path, columns: Mapping[str, str] | None = None, *, table: str = "") -> Iterator[str]:
    """Read the texts of reviews one at a time.

    path (str | Path): see `read_reviews`.
    columns (Mapping | None): see `read_reviews`.
    table (str): see `read_reviews`.
    YIELDS (str): texts in the file's order.
    """
    return (review.text for review in read_reviews(path, columns, table=table))


def read_labelled(
    path: str | Path, column: str, columns: Mapping[str, str] | None = None, *, table: str = ""
) -> tuple[Iterator[str], list[str | None]]:
    """Read the texts of reviews and their labels.

    path (str | Path): see `read_reviews`.
    column (str): column of the labels, which may be one of the fields, too; "" for none.
    columns (Mapping | None): see `read_reviews`.
    table (str): see `read_reviews`.
    RETURNS (tuple): an iterator over the texts, and a list to which each text that is read adds its label, None if it has none.
    """
    labels: list[str | None] = []

    def texts() -> Iterator[str]:
        for review in read_reviews(path, columns, keep=[column] if column else [], table=table):
            labels.append((review.kept or {}).get(column))
            yield review.text

    return texts(), labels


def texts_and_names(reviews: Iterable[Review]) -> tuple[Iterator[str], list[str]]:
    """Split reviews into texts and names of restaurants.

    reviews (Iterable): Reviews.
    RETURNS (tuple): an iterator over the texts, and a list to which each text that is read adds its restaurant's name, "" if it
        is not known.
    """
    names: list[str] = []

    def texts() -> Iterator[str]:
        for review in reviews:
            names.append(review.name or "")
            yield review.text

    return texts(), names


def _stars(value: str | None) -> float | None:
    """The number in "4", "4.5", "4,5", "4.5/5" or "8/10" (4 of 5); NaN in any other text, such as "NEW"."""
    if value is None or not (rating := _RATING.fullmatch(value.strip())):
        return None if value is None else math.nan
    stars, of = float(rating["stars"].replace(",", ".")), float(rating["of"] or _STARS)
    return stars * _STARS / of if of else math.nan
