"""The cuisines' words in running text: which names, dishes and ingredients stand there, and how much each one tells."""

import math
import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from corpora.cuisines import Cuisine, cuisines

KINDS = {"names": "CUISINE", "misspellings": "CUISINE", "dishes": "DISH", "ingredients": "INGREDIENT"}
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?|&")

_FEW = 2  # a word that so many cuisines' lists use still seeds their topics

Words = tuple[str, ...]


class Entry(NamedTuple):
    """What an item of the lexicon says: its label, the cuisines that list it, and how telling it is.

    weight: ln(number of cuisines / number that list it), so that "kimchi" tells more than "rice".
    """

    label: str
    cuisines: tuple[str, ...]
    weight: float


@cache
def words(text: str) -> Words:
    """A name as it is compared: lower case, without accents, possessives and hyphens, each word in the singular.

    >>> words("Crème brûlées")
    ('creme', 'brulee')
    """
    plain = unicodedata.normalize("NFKD", text.casefold().replace("\u2019", "'").replace("-", " "))
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return tuple(_singular(word.removesuffix("'s").replace("'", "")) for word in _WORD.findall(plain))


def _singular(word: str) -> str:
    """A rule of thumb; both sides of a comparison go through it, so that it need not be right, only the same."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("ches", "shes", "sses")):
        return word[:-2]
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


@cache
def entries() -> dict[Words, Entry]:
    """All names, dishes and ingredients of the cuisines. An item listed as several kinds keeps the first of KINDS."""
    found: dict[Words, tuple[str, dict[str, None]]] = {}
    for field, label in KINDS.items():
        for cuisine in cuisines().values():
            for item in getattr(cuisine, field):
                found.setdefault(words(item), (label, {}))[1][cuisine.id] = None
    count = len(cuisines())
    return {key: Entry(label, tuple(ids), math.log(count / len(ids))) for key, (label, ids) in found.items()}


@cache
def clues() -> dict[Words, tuple[str, ...]]:
    """Cuisines by the words in a restaurant's name that give them away."""
    found: dict[Words, dict[str, None]] = {}
    for cuisine in cuisines().values():
        for item in (*cuisine.name_clues, *cuisine.names):
            found.setdefault(words(item), {})[cuisine.id] = None
    return {key: tuple(ids) for key, ids in found.items()}


def find(given: Words, table: Any) -> Iterator[Words]:
    """The keys of a table that stand in a row of words, the longest first where several start at one word."""
    longest, start = _longest(table), 0
    while start < len(given):
        for length in range(min(longest, len(given) - start), 0, -1):
            if given[start : start + length] in table:
                yield given[start : start + length]
                start += length
                break
        else:
            start += 1


_LONGEST: dict[int, int] = {}


def _longest(table: Any) -> int:
    if id(table) not in _LONGEST:
        _LONGEST[id(table)] = max(map(len, table), default=0)
    return _LONGEST[id(table)]


def cuisine_of(mention: str) -> str | None:
    """The cuisine that a mention names ("Sichuanese" -> "sichuan"), None where it names none.

    Of several that share the name, the one that lists it first in its names; of several names, the last: "Tex-Mex taqueria".
    """
    named = [key for key in find(words(mention), entries()) if entries()[key].label == "CUISINE"]
    if not named:
        return None
    return min(entries()[named[-1]].cuisines, key=lambda name: _rank(cuisines()[name], named[-1]))


def _rank(cuisine: Cuisine, key: Words) -> int:
    return next(i for i, name in enumerate((*cuisine.names, *cuisine.misspellings)) if words(name) == key)


@cache
def seeds() -> dict[str, list[str]]:
    """Seed words of a topic for each cuisine: its names and dishes, and the words of its lists that few others use."""
    used: dict[str, set[str]] = {}
    listed = {name: (*c.names, *c.dishes, *c.ingredients) for name, c in cuisines().items()}
    for name, items in listed.items():
        for word in {word for item in items for word in item.split()}:
            used.setdefault(word, set()).add(name)
    return {
        name: list(dict.fromkeys([*items, *(w for item in items for w in item.split() if len(used[w]) <= _FEW and len(w) > 2)]))
        for name, items in listed.items()
    }
