"""Newspaper restaurant reviews in CoNLL's columns, with seven labels of which five have a counterpart here."""

from collections.abc import Iterator
from pathlib import Path

from corpora.bio import Sentence, read_bio

LABELS = {
    "FOOD": "INGREDIENT",
    "DISH": "DISH",
    "CUISINE": "CUISINE",
    "EST": "RESTAURANT",
    "LOC": "LOCATION",
    "TYPE": None,
    "DIET": None,
}


def read(path: str | Path) -> Iterator[Sentence]:
    """Read the sentences of all reviews one at a time, with the labels of `corpora.bistro`.

    TYPE (a kind of house: "pizzeria", "wine bar") and DIET ("vegetarian") are left out, as no label of ours means either:
    counted as AMENITY or CUISINE, they would be taken for errors of a pipeline that is right not to mark them.

    path (str | Path): lines of ``token tag`` in IOB2, a blank line between sentences, ``-DOCSTART-`` between reviews.
    YIELDS (Sentence): in the file's order.
    RAISES InputError: a line that is not so, an unknown tag; names the line. OSError: the file cannot be read.
    """
    with open(path, encoding="utf-8-sig", errors="replace") as file:
        yield from read_bio(file, path, LABELS, tag_column=1)
