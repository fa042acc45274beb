"""The names by which restaurants are known: those of a knowledge base, of brands, and of the restaurant that a text is
about."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from spacy.tokens import Doc

from corpora.brands import brands
from spacy_topics.english import is_rare
from spacy_topics.lexicon import Words, words
from spacy_topics.linking.name_evidence import Candidate
from spacy_topics.linking.name_index import POSSESSIVES, NameIndex, letters
from spacy_topics.linking.names import aliases, is_telling

_TOLD_TYPO_LETTERS = 5  # the restaurant that a text is about is recognised from shorter misspellings
_POSSESSIVE = re.compile(r"['\u2019]s$")


class Entry(NamedTuple):
    """How a key (see `name_index.letters`) is known.

    names (frozenset): see `name_evidence.Candidate`.
    counts (frozenset): numbers of words that it is written with.
    possessive (bool): whether an 's at its end is part of the name, as in "Wendy's".
    """

    names: frozenset[str]
    counts: frozenset[int]
    possessive: bool


Known = dict[str, Entry]


class KnownNames:
    """Finds candidates for restaurants' names in documents.

    names (Iterable): (name, city) of the knowledge base's restaurants.
    """

    def __init__(self, names: Iterable[tuple[str, str]] = ()) -> None:
        names = list(names)
        own = [entry for name, city in names for entry in _aliases(name, city, "base")]
        self._cities = {letters(city) for _, city in names}
        chains = [
            entry for one in brands().values() for name in (one.name, *one.names) for entry in _aliases(name, "", "brand")
        ]
        self._known = _merged([*own, *chains])
        self._index = NameIndex(self._known)

    def candidates(self, doc: Doc, restaurant: str | None = None) -> list[Candidate]:
        """Stretches of a document that spell a known name, overlapping ones too, and those that the recogniser marks.

        doc (Doc): with the recogniser's entities.
        restaurant (str | None): name of the restaurant that the document is about.
        """
        tokens = [token.text for token in doc]
        found = [
            candidate._replace(names=candidate.names | {"city"})
            if letters(doc[candidate.start : candidate.end].text) in self._cities
            else candidate
            for candidate in _matches(doc, tokens, [is_rare(token) for token in tokens], self._index, self._known)
        ]
        if restaurant:
            found += _matches(doc, tokens, [True] * len(tokens), *told_names(restaurant))
        return _united(
            _without_neighbours(doc, found), [(ent.start, ent.end) for ent in doc.ents if ent.label_ == "RESTAURANT"]
        )


@lru_cache(maxsize=10_000)
def told_names(restaurant: str) -> tuple[NameIndex, Known]:
    """What the restaurant that a text is about may be called in it: its name, parts of it, its initials."""
    full = words(restaurant)
    owned = _owned(restaurant)
    parts = {full[start:end] for start in range(len(full)) for end in range(start + 1, len(full) + 1)} - {full}
    entries = [_entry(full, {"told", "told full"}, owned)]
    entries += [_entry(part, {"told"}, owned) for part in sorted(parts) if is_telling(part)]
    initials = "".join(word[0] for word in full)
    entries += [_entry((initials,), {"told initials"}, owned)] if len(initials) > 1 else []
    known = _merged(entries)
    return NameIndex(known, typo_letters=_TOLD_TYPO_LETTERS), known


def is_called(restaurant: str, mention: str) -> bool:
    """Whether a restaurant may be called so in a text about it (see `told_names`)."""
    index, known = told_names(restaurant)
    key = letters(mention)
    return key in known or any(index.misspelt([key])[0])


@cache
def _brand_ids() -> dict[str, str]:
    return {letters(name): brand.id for brand in reversed(brands().values()) for name in (*brand.names, brand.name)}


def brand_of(mention: str) -> str | None:
    """The Wikidata id of the chain that is called so, None where there is none."""
    return _brand_ids().get(letters(mention))


def _aliases(name: str, city: str, kind: str) -> Iterator[tuple[str, Entry]]:
    owned = _owned(name)
    for alias, weight in aliases(name, city).items():
        yield _entry(tuple(alias.split(" ")), {kind, f"{kind} full"} if weight == 1 else {kind}, owned)


def _owned(name: str) -> set[str]:
    """Words of a name that are possessives."""
    return {word for raw in name.split() if _POSSESSIVE.search(raw) for word in words(raw)}


def _entry(alias: Words, names: Iterable[str], owned: Collection[str]) -> tuple[str, Entry]:
    return "".join(alias), Entry(frozenset(names), frozenset((len(alias),)), bool(alias) and alias[-1] in owned)


def _merged(entries: Iterable[tuple[str, Entry]]) -> Known:
    known: Known = {}
    for key, entry in entries:
        other = known.get(key, entry)
        known[key] = Entry(other.names | entry.names, other.counts | entry.counts, other.possessive or entry.possessive)
    return known


def _matches(doc: Doc, tokens: Sequence[str], rare: Sequence[bool], index: NameIndex, known: Known) -> list[Candidate]:
    found = []
    for match in index.find(tokens, rare):
        entry = known[match.key]
        if entry.names == {"told initials"} and not doc[match.start].is_upper:
            continue
        some = tokens[match.start : match.end]
        written = sum(bool(letters(token)) for token in some) - sum(token in POSSESSIVES for token in some)
        owns = match.end < len(tokens) and entry.possessive and tokens[match.end] in POSSESSIVES
        names = entry.names
        if entry.possessive and not owns and some[-1][-1] not in "sS":  # Chili is a part of Chili's
            names = frozenset(name for name in names if not name.endswith(" full"))
        found.append(Candidate(match.start, match.end + owns, names, match.typos, written not in entry.counts))
    return found


def _without_neighbours(doc: Doc, found: Sequence[Candidate]) -> list[Candidate]:
    """Those candidates that are no name with a short word beside it: "Pizza Hut I" is one typo away from "Pizza Hut", too."""
    if not any(candidate.typos for candidate in found):
        return list(found)
    lengths = [len(letters(token.text)) for token in doc]
    exact = sorted({(candidate.start, candidate.end) for candidate in found if not candidate.typos})

    def holds_a_name(candidate: Candidate) -> bool:
        size = sum(lengths[candidate.start : candidate.end])
        return any(
            candidate.start <= start and end <= candidate.end and size - sum(lengths[start:end]) <= 1 for start, end in exact
        )

    return [candidate for candidate in found if not candidate.typos or not holds_a_name(candidate)]


def _united(found: Sequence[Candidate], recognised: Sequence[tuple[int, int]]) -> list[Candidate]:
    """One candidate per stretch, with all that is known of it."""
    united: dict[tuple[int, int], Candidate] = {}
    for candidate in found:
        span = candidate.start, candidate.end
        other = united.get(span, candidate)
        typos, split = min(other.typos, candidate.typos), other.split and candidate.split
        united[span] = Candidate(*span, other.names | candidate.names, typos, split)
    for span in recognised:
        united.setdefault(span, Candidate(*span, frozenset()))
    return [united[span] for span in sorted(united)]
