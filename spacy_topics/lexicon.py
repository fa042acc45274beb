"""The words of the cuisines: names, dishes and ingredients to find in texts, and how much each one tells about a cuisine."""

import math
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import cache, cached_property, lru_cache
from typing import Any, NamedTuple, TypeVar

from corpora.cuisines import Cuisine, cuisines, regional
from spacy_topics.english import is_telling
from spacy_topics.errors import Errors, InputError

KINDS = {"names": "CUISINE", "misspellings": "CUISINE", "dishes": "DISH", "ingredients": "INGREDIENT"}
_PART = r"[^\s\0-/:-@\[-`{-\x7f]+"  # all but blanks and ASCII's signs: `_letters` drops the other signs
_WORD = re.compile(rf"{_PART}(?:'{_PART})?")
_NEAR = 0.75  # likeness of the spellings of cuisines that are suggested

# An item and a word of an item seed the topics of cuisines if at most so many cuisines list them.
_SHARED_ITEM, _SHARED_WORD = 3, 2

Words = tuple[str, ...]


class Entry(NamedTuple):
    """What is known of an item of the lexicon.

    label (str): CUISINE, DISH or INGREDIENT.
    cuisines (tuple): ids of the cuisines that list it.
    weight (float): ln(number of cuisines / number of cuisines that list it), so that "kimchi" tells more than "rice".
    """

    label: str
    cuisines: tuple[str, ...]
    weight: float


@lru_cache(maxsize=200_000)  # mentions are repeated; those that are not leave the cache
def words(text: str) -> Words:
    """The form in which names are compared: lower case, "and" for "&", no accents, possessives or hyphens, singular words.

    Marks that are letters stay: the vowels of Indian scripts and of Thai, the voicing marks of Japanese, the breve of й.

    text (str): a name.

    >>> words("Crème brûlées")
    ('creme', 'brulee')
    """
    plain = unicodedata.normalize("NFKD", text).casefold().replace("\u2019", "'").replace("-", " ").replace("&", " and ")
    if not plain.isascii():
        plain = _letters(plain)
    return tuple(_singular(word.removesuffix("'s").replace("'", "")) for word in _WORD.findall(plain))


def _letters(text: str) -> str:
    """A decomposed text without accents and invisible characters, with blanks for everything else that is no part of a word."""
    kept, base = [], ""
    for c in text:
        category = unicodedata.category(c)
        if category.startswith("M"):
            if base and not _is_accent(c, base):
                kept.append(c)
        elif category != "Cf":
            base = c if c.isalnum() else ""
            kept.append(c if base or c in "'_" else " ")
    return unicodedata.normalize("NFC", "".join(kept))


def _is_accent(mark: str, base: str) -> bool:
    """Whether a mark is no letter: of Latin and Greek, the vowel points of Hebrew and Arabic, a variant of a sign.

    Cyrillic has letters with marks (й, ї), but ё is written as е, too, and the acute and grave tell the stress.
    """
    if "\u0400" <= base <= "\u052f":
        return mark in "\u0300\u0301" or (mark == "\u0308" and base == "\u0435")
    return mark < "\u0730" or "\u1ab0" <= mark <= "\u1dff" or "\u20d0" <= mark <= "\u20ff" or mark >= "\ufe00"


def _singular(word: str) -> str:
    """A rule of thumb: it is applied to both sides of a comparison, so it must be consistent, but not always right."""
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
        """Number of words of the longest item."""
        return max(map(len, self), default=0)


class Lexicon:
    """What is known of the words of cuisines.

    cuisines (Mapping): Cuisine by id.
    """

    def __init__(self, cuisines: Mapping[str, Cuisine]) -> None:
        self.cuisines = cuisines
        self.ids = tuple(cuisines)
        self.column = {name: i for i, name in enumerate(self.ids)}

    @cached_property
    def entries(self) -> Items[Entry]:
        """All names, dishes and ingredients. An item that is listed as several kinds gets the first of KINDS."""
        label: dict[Words, str] = {}
        listed: dict[Words, list[str]] = {}
        for field, kind in KINDS.items():
            for key, ids in self._listed(field).items():
                label.setdefault(key, kind)
                listed.setdefault(key, []).extend(ids)
        count = len(self.cuisines)
        unique = {key: tuple(dict.fromkeys(ids)) for key, ids in listed.items()}
        return Items({key: Entry(label[key], ids, math.log(count / len(ids))) for key, ids in unique.items()})

    @cached_property
    def names(self) -> Items[tuple[str, ...]]:
        """Ids of cuisines by their names and misspellings; the cuisine that lists the name earliest comes first."""
        rank = {
            name: {words(item): i for i, item in reversed([*enumerate((*c.names, *c.misspellings))])}
            for name, c in self.cuisines.items()
        }
        listed = {key for table in rank.values() for key in table if key}
        return Items({key: tuple(sorted((c for c in rank if key in rank[c]), key=lambda c: rank[c][key])) for key in listed})

    @cached_property
    def clues(self) -> Items[tuple[str, ...]]:
        """Ids of cuisines by the words in a restaurant's name that suggest them."""
        suggested = self._listed("name_clues")
        for key, ids in self._listed("names").items():
            suggested.setdefault(key, []).extend(ids)
        return Items({key: tuple(dict.fromkeys(ids)) for key, ids in suggested.items()})

    def _listed(self, field: str) -> dict[Words, list[str]]:
        """Ids of the cuisines that list each item of a field."""
        ids: dict[Words, list[str]] = {}
        for cuisine in self.cuisines.values():
            for item in getattr(cuisine, field):
                if key := words(item):
                    ids.setdefault(key, []).append(cuisine.id)
        return ids

    def cuisine_of(self, mention: str) -> str | None:
        """The id of the cuisine that a mention names ("Sichuanese" -> "sichuan"), or None.

        mention (str): if it holds several names of cuisines, the last one counts.
        """
        named = list(find(words(mention), self.names))
        return self.names[named[-1]][0] if named else None

    def id_of(self, given: str) -> str:
        """The id of a cuisine.

        given (str): an id, a name or an adjective.
        RAISES InputError: T088, an unknown cuisine; the message suggests similar spellings.
        """
        plain = given.strip().lower().replace(" ", "_")
        cuisine_id = plain if plain in self.cuisines else self.cuisine_of(given)
        if cuisine_id is None:
            names = dict.fromkeys(name for one in self.cuisines.values() for name in (one.id.replace("_", " "), *one.names))
            near = get_close_matches(given.lower(), names, n=3, cutoff=_NEAR) or [
                "one of those that `palate cuisines --known` shows"
            ]
            raise InputError(Errors.T088.format(cuisine=f"{given!r:.60}", near=", ".join(near)))
        return cuisine_id

    def is_first_name(self, mention: str, cuisine: str) -> bool:
        """Whether a mention has the first name or the id of a cuisine, and not another one of its names, like that of a region.

        mention (str): the mention.
        cuisine (str): the id of the cuisine that it names.
        """
        named = list(find(words(mention), self.names))
        own = {words(cuisine), words(cuisine.replace("_", " ")), *map(words, self.cuisines[cuisine].names[:1])}
        return words(mention) in own or bool(named and named[-1] in own)

    def summary(self) -> list[dict[str, Any]]:
        """The cuisines as records: cuisine, parent, and the numbers of their names, dishes, ingredients and name_clues."""
        counted = ("names", "dishes", "ingredients", "name_clues")
        return [
            {"cuisine": one.id, "parent": one.parent, **{field: len(getattr(one, field)) for field in counted}}
            for one in self.cuisines.values()
        ]


@cache
def lexicon() -> Lexicon:
    """The words of the cuisines that ship with palate."""
    return Lexicon(cuisines())


def entries() -> Items[Entry]:
    """`Lexicon.entries` of the cuisines that ship with palate."""
    return lexicon().entries


def names() -> Items[tuple[str, ...]]:
    """`Lexicon.names` of the cuisines that ship with palate."""
    return lexicon().names


def clues() -> Items[tuple[str, ...]]:
    """`Lexicon.clues` of the cuisines that ship with palate."""
    return lexicon().clues


def cuisine_of(mention: str) -> str | None:
    """`Lexicon.cuisine_of` with the cuisines that ship with palate.

    mention (str): see there.
    """
    return lexicon().cuisine_of(mention)


def find(given: Words, table: Items[Any]) -> Iterator[Words]:
    """Find the keys of a table in a sequence of words; of several that start at one word, the longest.

    given (tuple): words, as `words` returns them.
    table (Items): the keys to find.
    YIELDS (tuple): the keys, in the order of the words; they do not overlap.
    """
    start = 0
    while start < len(given):
        for length in range(min(table.longest, len(given) - start), 0, -1):
            if given[start : start + length] in table:
                yield given[start : start + length]
                start += length
                break
        else:
            start += 1


@cache
def cuisine_seeds() -> dict[str, list[str]]:
    """Seed words for a topic per cuisine: its names, its dishes and ingredients that at most two others list, and the telling
    words of these. (Not "open" of "open sandwich", "phoenix" of "phoenix claw" or "cuban" of "cuban sandwich".) Regional
    cuisines have no topics.
    """
    seeded = {name: cuisine for name, cuisine in cuisines().items() if name not in regional()}
    listed = {name: (*c.names, *c.dishes, *c.ingredients) for name, c in seeded.items()}
    items, parts = _users(listed, lambda item: [item]), _users(listed, str.split)
    named = {word for cuisine in seeded.values() for name in cuisine.names for word in name.split()}
    seeds = {}
    for cuisine, some in listed.items():
        others = named - {word for name in cuisines()[cuisine].names for word in name.split()}
        shared = [item for item in some if len(items[item]) <= _SHARED_ITEM]
        telling = [word for item in some for word in item.split() if len(word) > 2 and len(parts[word]) <= _SHARED_WORD]
        seeds[cuisine] = list(dict.fromkeys([*shared, *(w for w in telling if is_telling(w) and w not in others)]))
    return seeds


def _users(listed: Mapping[str, Sequence[str]], parts: Callable[[str], list[str]]) -> dict[str, set[str]]:
    """The cuisines that use each part of an item."""
    users: dict[str, set[str]] = {}
    for cuisine, items in listed.items():
        for item in items:
            for part in parts(item):
                users.setdefault(part, set()).add(cuisine)
    return users


def seed_precision(name: str, top_words: Sequence[str]) -> float:
    """Precision of a topic's seed words: the share of the terms describing it that are in the lists of its cuisine.

    If a collection says nothing about a cuisine, the topic drifts to something else: "polish" to manicures.

    name (str): the topic's name.
    top_words (Sequence): the terms that describe the topic.
    RETURNS (float): 0 to 1; 0 for a name that is not the id of a cuisine with seeds.
    """
    if name not in cuisine_seeds():
        return 0.0
    listed = {word for seed in cuisine_seeds()[name] for word in words(seed)}
    return sum(set(words(term)) <= listed for term in top_words) / max(1, len(top_words))


def patterns() -> list[dict[str, str]]:
    """Patterns for spaCy's entity_ruler (phrase_matcher_attr "LOWER") that mark the dishes of all cuisines.

    RETURNS (list): dicts of label and pattern; each dish in the singular and in the plural.
    """
    dishes = sorted({dish for cuisine in cuisines().values() for dish in cuisine.dishes})
    return [{"label": "DISH", "pattern": form} for dish in dishes for form in (dish, _plural(dish))]


def _plural(dish: str) -> str:
    if dish.endswith(("s", "ch", "sh")):
        return dish + "es"
    return dish[:-1] + "ies" if dish.endswith("y") and dish[-2] not in "aeiou" else dish + "s"
