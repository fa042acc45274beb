"""Reads the MIT Restaurant corpus (Liu et al. 2013): lower-case spoken queries for restaurants, with eight labels."""

from collections.abc import Iterator
from pathlib import Path

from corpora.bio import Sentence, read_bio

LABELS = {
    "Rating": "RATING",
    "Amenity": "AMENITY",
    "Location": "LOCATION",
    "Restaurant_Name": "RESTAURANT",
    "Price": "PRICE",
    "Hours": "HOURS",
    "Dish": "DISH",
    "Cuisine": "CUISINE",
}


def read(path: str | Path) -> Iterator[Sentence]:
    """Read the queries one at a time, with the labels of `corpora.labels`.

    path (str | Path): lines of ``TAG<tab>token``, with a blank line between queries (restauranttrain.bio).
    YIELDS (Sentence): queries in the file's order. They are marked in another way than reviews: "nearby" is a LOCATION here.
    RAISES InputError: a line of another form; an unknown tag. The message names the line.
    RAISES OSError: the file cannot be read.
    """
    with open(path, encoding="utf-8-sig", errors="replace") as file:
        yield from read_bio(file, path, LABELS, tag_column=0)
