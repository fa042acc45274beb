"""Bistro: restaurant reviews of our own with inline markup of entities (see GUIDE.md), and facts about the restaurants."""

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from corpora import markup
from corpora.errors import InputError
from corpora.files import write_text

SPLITS = ("train", "dev", "test")
_FOLDER = Path(__file__).parent
_HEADING = re.compile(r"## (?P<restaurant>[\w-]+)-(?P<number>\d+) \| (?P<stars>[1-5]) \| (?P<date>\d{4}-\d\d-\d\d)")


class Restaurant(NamedTuple):
    """The facts about one restaurant.

    id (str): its id.
    name (str): its name.
    city (str): its city.
    area (str): its quarter.
    cuisines (tuple): ids of its cuisines.
    price (str): "$" to "$$$$" ("£" in Leeds).
    hours (str): when it is open.
    amenities (tuple): what it offers besides food.
    known_for (tuple): its best-known dishes.
    split (str): one of SPLITS.
    """

    id: str
    name: str
    city: str
    area: str
    cuisines: tuple[str, ...]
    price: str
    hours: str
    amenities: tuple[str, ...]
    known_for: tuple[str, ...]
    split: str


@dataclass(frozen=True)
class Review:
    """One review.

    id (str): its id.
    text (str): its plain text.
    restaurant (Restaurant): the restaurant that it is about.
    stars (int): the rating, 1 to 5.
    date (str): YYYY-MM-DD.
    mentions (list): the mentions of entities in the text.
    """

    id: str
    text: str
    restaurant: Restaurant
    stars: int
    date: str
    mentions: list[markup.Mention] = field(default_factory=list)


@cache
def restaurants() -> dict[str, Restaurant]:
    """The facts about all restaurants by id, in the file's order."""
    lists = ("cuisines", "amenities", "known_for")
    with open(_FOLDER / "restaurants.csv", encoding="utf8", newline="") as file:
        rows: list[dict[str, Any]] = list(csv.DictReader(file))
    return {row["id"]: Restaurant(**{**row, **{key: tuple(row[key].split("; ")) for key in lists}}) for row in rows}


def reviews(split: str | None = None) -> Iterator[Review]:
    """Read the reviews of one split or of all.

    split (str | None): "train", "dev" or "test" (a property of the restaurant, see restaurants.csv); None reads all.
    YIELDS (Review): reviews in the order of the files.
    RAISES InputError: an unknown split.
    """
    if split not in (None, *SPLITS):
        raise InputError(f"bistro has the splits {', '.join(SPLITS)}. Received: split={split!r}")
    for path in sorted((_FOLDER / "reviews").glob("*.md")):
        for review in read(path):
            if split in (None, review.restaurant.split):
                yield review


def read(path: Path) -> Iterator[Review]:
    """Read the reviews of one file in the format of GUIDE.md.

    path (Path): the file.
    YIELDS (Review): reviews in the file's order.
    RAISES InputError: a heading or mention of another form, or an unknown restaurant. The message names file and heading.
    """
    for block in re.split(r"(?m)^(?=## )", path.read_text(encoding="utf8"))[1:]:
        heading, _, body = block.partition("\n")
        match = _HEADING.fullmatch(heading.strip())
        if not match or match["restaurant"] not in restaurants():
            form = "'## RESTAURANT_ID-NUMBER | STARS | DATE' with a known id"
            raise InputError(f"{path.name}: a heading must be {form}. Received: {heading!r}")
        paragraphs = [" ".join(paragraph.split()) for paragraph in re.split(r"\n\s*\n", body.strip())]
        try:
            text, mentions = markup.parse("\n\n".join(paragraphs))
        except ValueError as error:
            raise InputError(f"{path.name}: {heading}: {error}") from None
        restaurant = restaurants()[match["restaurant"]]
        yield Review(f"{restaurant.id}-{match['number']}", text, restaurant, int(match["stars"]), match["date"], mentions)


def as_row(review: Review) -> dict[str, object]:
    """A review as a row for `corpora.reviews`.

    review (Review): the review.
    RETURNS (dict): id, text, business_id, name, city, stars, date.
    """
    restaurant = review.restaurant
    return {
        "id": review.id,
        "text": review.text,
        "business_id": restaurant.id,
        "name": restaurant.name,
        "city": restaurant.city,
        "stars": review.stars,
        "date": review.date,
    }


def as_csv(split: str | None = None) -> str:
    """The restaurants of one split or of all, as CSV for `corpora.businesses`.

    split (str | None): one of SPLITS; None for all.
    RETURNS (str): CSV with the columns id, name, city, kind (the cuisines).
    """
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(("id", "name", "city", "kind"))
    chosen = [restaurant for restaurant in restaurants().values() if split in (None, restaurant.split)]
    writer.writerows((one.id, one.name, one.city, "; ".join(one.cuisines)) for one in chosen)
    return file.getvalue()


def write_reviews(path: str | Path, split: str | None = None) -> int:
    """Write the reviews of one split or of all as JSON lines.

    path (str | Path): the file.
    split (str | None): one of SPLITS; None for all.
    RETURNS (int): number of reviews.
    RAISES InputError: an unknown split.
    """
    rows = [as_row(review) for review in reviews(split)]
    write_text(path, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    return len(rows)
