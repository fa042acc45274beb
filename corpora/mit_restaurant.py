"""The MIT Restaurant corpus (Liu et al. 2013): lower-case spoken queries for restaurants, with eight labels."""

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
    """Read the utterances one at a time, with the labels of `corpora.bistro`.

    path (str | Path): lines of ``TAG<tab>token``, a blank line between utterances (restauranttrain.bio).
    YIELDS (Sentence): in the file's order. A query is no review: "nearby" is a LOCATION here.
    RAISES InputError: a line that is not so, an unknown tag; names the line. OSError: the file cannot be read.
    """
    with open(path, encoding="utf-8-sig", errors="replace") as file:
        yield from read_bio(file, path, LABELS, tag_column=0)
