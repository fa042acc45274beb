"""Reads businesses from JSON lines, CSV, TSV, Parquet, Excel or SQLite; Yelp's own file can be read as it is."""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
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
_EAT_THERE = "restaurants"
_SELLS_FOOD = "food"
_TAKE_HOME = frozenset({"grocery", "drugstores", "convenience stores", "gas & service stations"})
_CLEAR = -2.0  # of what speaks for a name as a place to eat's; of Yelp's places to eat 2 in 100 have less, of the others 58
_WORD = re.compile(r"\w+(?:['\u2019]\w+)?")


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
    """Leave out where nobody eats, in a file whose categories say so, like Yelp's.

    businesses (Iterable): Businesses.
    RETURNS (list): those of the category "Restaurants", those of "Food" that are no groceries, and of those without categories
        all but the ones whose names read like the others' ("museum", "zoo"); all of them, if none is of the category
        "Restaurants".
    """
    listed = list(businesses)
    eating = [_is_place_to_eat(one) for one in listed]
    if not any(_EAT_THERE in _categories(one) for one in listed):
        return listed
    evidence = _learn_names({(one.name, is_one) for one, is_one in zip(listed, eating, strict=True) if is_one is not None})
    return [
        one for one, is_one in zip(listed, eating, strict=True) if is_one or (is_one is None and evidence(one.name) >= _CLEAR)
    ]


def _categories(business: Business) -> set[str]:
    return {part.strip().lower() for part in (business.kind or "").split(";")} - {""}


def _is_place_to_eat(business: Business) -> bool | None:
    """What the categories say; None where there are none."""
    categories = _categories(business)
    if not categories:
        return None
    return _EAT_THERE in categories or (_SELLS_FOOD in categories and not categories & _TAKE_HOME)


def _learn_names(known: set[tuple[str, bool]]) -> Callable[[str], float]:
    """Learn from names how much a name speaks for a place to eat (naive Bayes on words of two names or more)."""
    total = Counter(is_one for _, is_one in known)
    counts = Counter((word, is_one) for name, is_one in known for word in _words(name))

    def share(word: str, is_one: bool) -> float:
        return (counts[word, is_one] + 0.5) / (total[is_one] + 1)

    def evidence(name: str) -> float:
        common = [word for word in sorted(_words(name)) if counts[word, True] + counts[word, False] > 1]
        return math.fsum(math.log(share(word, True) / share(word, False)) for word in common)

    return evidence


def _words(name: str) -> set[str]:
    return set(_WORD.findall(name.lower()))


def _kind(categories: Any) -> str | None:
    if isinstance(categories, str) and ";" not in categories:
        categories = [category.strip() for category in categories.split(",")]
    if isinstance(categories, list):
        categories = "; ".join(str(category) for category in categories if category)
    return cell(categories)
