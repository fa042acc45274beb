"""Reads restaurant reviews of a newspaper in CoNLL's columns, with seven labels, of which five have a counterpart here."""

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
    """Read the sentences of all reviews one at a time, with the labels of `corpora.labels`.

    TYPE (a kind of restaurant: "pizzeria", "wine bar") and DIET ("vegetarian") are left out, as no label of ours has the same
    meaning: as AMENITY or CUISINE, they would count as errors of a pipeline that correctly does not mark them.

    path (str | Path): lines of ``token tag`` in IOB2, with a blank line between sentences, ``-DOCSTART-`` between reviews.
    YIELDS (Sentence): sentences in the file's order.
    RAISES InputError: a line of another form; an unknown tag. The message names the line.
    RAISES OSError: the file cannot be read.
    """
    with open(path, encoding="utf-8-sig", errors="replace") as file:
        yield from read_bio(file, path, LABELS, tag_column=1)
