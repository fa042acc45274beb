"""The cuisines' words in running text: which names, dishes and ingredients stand there, and how much each one tells."""

import math
import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache, cached_property, lru_cache
from typing import Any, NamedTuple, TypeVar

from corpora.cuisines import cuisines

KINDS = {"names": "CUISINE", "misspellings": "CUISINE", "dishes": "DISH", "ingredients": "INGREDIENT"}
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")

_SHARED = 2  # a word that so many cuisines' lists use still seeds their topics

Words = tuple[str, ...]


class Entry(NamedTuple):
    """What an item of the lexicon says: its label, the cuisines that list it, and how telling it is.

    weight: ln(number of cuisines / number that list it), so that "kimchi" tells more than "rice".
    """

    label: str
    cuisines: tuple[str, ...]
    weight: float


@lru_cache(maxsize=200_000)  # mentions come again and again; what comes once is let go
def words(text: str) -> Words:
    """A name as it is compared: lower case, "and" for "&", no accents, possessives or hyphens, each word in the singular.

    >>> words("Crème brûlées")
    ('creme', 'brulee')
    """
    plain = unicodedata.normalize("NFKD", text).casefold().replace("\u2019", "'").replace("-", " ").replace("&", " and ")
    plain = "".join(letter for letter in plain if not unicodedata.category(letter).startswith("M"))
    return tuple(_singular(word.removesuffix("'s").replace("'", "")) for word in _WORD.findall(plain))


def _singular(word: str) -> str:
    """A rule of thumb; both sides of a comparison go through it, so that it need not be right, only the same."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("ches", "shes", "sses")):
        return word[:-2]
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


T = TypeVar("T")


class Items(dict[Words, T]):
    """What is known of items, by their words."""

    @cached_property
    def longest(self) -> int:
        return max(map(len, self), default=0)


@cache
def entries() -> Items[Entry]:
    """All names, dishes and ingredients of the cuisines. An item listed as several kinds keeps the first of KINDS."""
    label: dict[Words, str] = {}
    listed: dict[Words, list[str]] = {}
    for field, kind in KINDS.items():
        for key, ids in _listed(field).items():
            label.setdefault(key, kind)
            listed.setdefault(key, []).extend(ids)
    count = len(cuisines())
    unique = {key: tuple(dict.fromkeys(ids)) for key, ids in listed.items()}
    return Items({key: Entry(label[key], ids, math.log(count / len(ids))) for key, ids in unique.items()})


@cache
def names() -> Items[tuple[str, ...]]:
    """Cuisines by what they are called, misspellings too; of several, first the one that lists the name first."""
    place = {name: {words(item): i for i, item in enumerate((*c.names, *c.misspellings))} for name, c in cuisines().items()}
    listed = {key for table in place.values() for key in table}
    return Items({key: tuple(sorted((c for c in place if key in place[c]), key=lambda c: place[c][key])) for key in listed})


@cache
def clues() -> Items[tuple[str, ...]]:
    """Cuisines by the words in a restaurant's name that give them away."""
    found = _listed("name_clues")
    for key, ids in _listed("names").items():
        found.setdefault(key, []).extend(ids)
    return Items({key: tuple(dict.fromkeys(ids)) for key, ids in found.items()})


def _listed(field: str) -> dict[Words, list[str]]:
    found: dict[Words, list[str]] = {}
    for cuisine in cuisines().values():
        for item in getattr(cuisine, field):
            found.setdefault(words(item), []).append(cuisine.id)
    return found


def find(given: Words, table: Items[Any]) -> Iterator[Words]:
    """The keys of a table that stand in a row of words, the longest first where several start at one word."""
    start = 0
    while start < len(given):
        for length in range(min(table.longest, len(given) - start), 0, -1):
            if given[start : start + length] in table:
                yield given[start : start + length]
                start += length
                break
        else:
            start += 1


def cuisine_of(mention: str) -> str | None:
    """The cuisine that a mention names ("Sichuanese" -> "sichuan"), None where it names none; the last of several names."""
    named = list(find(words(mention), names()))
    return names()[named[-1]][0] if named else None


@cache
def cuisine_seeds() -> dict[str, list[str]]:
    """Seed words of a topic for each cuisine: its names and dishes, and the words of its lists that few others use."""
    used: dict[str, set[str]] = {}
    listed = {name: (*c.names, *c.dishes, *c.ingredients) for name, c in cuisines().items()}
    for name, items in listed.items():
        for word in {word for item in items for word in item.split()}:
            used.setdefault(word, set()).add(name)
    return {
        name: list(
            dict.fromkeys([*items, *(w for item in items for w in item.split() if len(used[w]) <= _SHARED and len(w) > 2)])
        )
        for name, items in listed.items()
    }


def seed_precision(name: str, top_words: Sequence[str]) -> float:
    """How far a seeded topic has kept to its cuisine: the share of the terms describing it that the cuisine's lists hold.

    Where a collection says nothing about a cuisine its topic drifts off: "polish" to manicures. 0 for other names.
    """
    if name not in cuisines():
        return 0.0
    listed = {word for seed in cuisine_seeds()[name] for word in words(seed)}
    return sum(set(words(term)) <= listed for term in top_words) / max(1, len(top_words))


def patterns() -> list[dict[str, str]]:
    """Patterns for spaCy's entity_ruler (phrase_matcher_attr "LOWER") that mark the cuisines' dishes, singular and plural."""
    dishes = sorted({dish for cuisine in cuisines().values() for dish in cuisine.dishes})
    return [{"label": "DISH", "pattern": form} for dish in dishes for form in (dish, _plural(dish))]


def _plural(dish: str) -> str:
    if dish.endswith(("s", "ch", "sh")):
        return dish + "es"
    return dish[:-1] + "ies" if dish.endswith("y") and dish[-2] not in "aeiou" else dish + "s"
