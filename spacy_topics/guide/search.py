"""Search: free words over the texts of reviews, and filters over what they mention; restaurants with the sentences that answer.

Each word and each filter is asked of each restaurant: in which share of its reviews is it, against the share of all reviews?
A restaurant with few reviews is taken to be like the others, but for what these say: five usual reviews are added to its own.
Its score is the sum of the logarithms of these ratios. Its reviews are ranked by BM25.
"""

import math
import re
import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from statistics import median_low
from typing import Any, NamedTuple

from spacy_topics.errors import Errors, InputError
from spacy_topics.guide.polarity import polarity
from spacy_topics.guide.prices import amount
from spacy_topics.guide.quotes import quote
from spacy_topics.guide.search_index import open_index
from spacy_topics.guide.sentences import sentence_spans
from spacy_topics.lexicon import lexicon, words
from spacy_topics.linking.names import city_key

_USUAL = 5  # usual reviews that are added to those of each restaurant
_READ = 8  # reviews of a restaurant that are searched for quotes, for each thing that is asked
_FEW = 6  # words of a sentence that is short
_SAID = 0.3  # what a thing counts for a second quote, when a first one has it
_OPEN, _CLOSE = "\ue000", "\ue001"  # marks of what was found: in a private area of Unicode
_PART = re.compile(r'"([^"]+)"|([^\s"]+)')
_SAYS_NOTHING = (
    "a an and any are as at be by can could do does for from had has have i if in is it its me my of on or our places"
    " restaurant restaurants so some somewhere that the their them there they this to us was we were what when where which who"
    " with would you your place best good great top near around not"
)
_EMPTY = frozenset(_SAYS_NOTHING.split())
_HOLDING = "SELECT number FROM items WHERE label = ? AND instr(' ' || key || ' ', ' ' || ? || ' ') > 0"


class Found(NamedTuple):
    """The answer to a search.

    restaurants (list): dicts of restaurant_id, name, city, reviews, stars, score, matches (word or filter -> number of reviews
        with it), price and currency (the median of the amounts that are said of the dish, with `max_price`), quotes (sentences
        of the reviews) and polarities (of each quote: praise, complaint or neither), best first.
    total (int): number of restaurants that were found, before `limit`.
    unknown (list): words that no review has.
    missing (int): number of reviews that are not annotated yet, and are not searched.
    indexed (bool): whether the index was made now.
    """

    restaurants: list[dict[str, Any]]
    total: int
    unknown: list[str]
    missing: int = 0
    indexed: bool = False


class _Asked(NamedTuple):
    """One word or filter: the number of reviews with it for each restaurant that has one, and SQL that finds it in reviews."""

    counts: dict[int, int]
    sql: str
    parameters: Sequence[Any]


def find_restaurants(
    folder: str | Path,
    query: str = "",
    *,
    city: str | None = None,
    dish: str | None = None,
    amenity: str | None = None,
    max_price: float | str | None = None,
    cuisine: str | None = None,
    min_stars: float | None = None,
    limit: int = 10,
    quotes: int = 2,
) -> Found:
    """Search the reviews of a folder of annotations.

    The first search of a folder makes an index beside its files, and so does the first one after they have changed.

    folder (str | Path): the folder, written by `annotate`.
    query (str): words; those in double quotes must stand together. Forms of an English word are the same word. Nothing else is
        syntax. A restaurant must have one of them; with more of them it ranks higher.
    city (str | None): only restaurants of this city.
    dish (str | None): only those whose reviews mention the dish, or one with these words in its name.
    amenity (str | None): only those whose reviews mention the amenity, or one with these words in its name.
    max_price (float | str | None): only those where half of the amounts in sentences that name the dish (any dish, if none is
        given) are at most so much, in the currency that is written there; "£15" counts pounds alone. Of several amounts in a
        sentence, the one nearest to the dish counts.
    cuisine (str | None): only those that `Guide.find` finds for this cuisine.
    min_stars (float | None): only those whose reviews have so many stars on average.
    limit (int): maximum number of restaurants.
    quotes (int): maximum number of sentences per restaurant.
    RETURNS (Found): the restaurants, best first; of equal ones, the ones with more stars.
    RAISES InputError: T120, annotations of format 1; T121, not a price; T122, nothing is asked; T123, no word says anything;
        T088, an unknown cuisine; T089, an unknown city; and what `Guide` raises.
    """
    filters = {
        "city": city,
        "dish": dish,
        "amenity": amenity,
        "max_price": max_price,
        "cuisine": cuisine,
        "min_stars": min_stars,
    }
    if not query.strip() and all(value is None for value in filters.values()):
        raise InputError(Errors.T122)
    terms = _terms(query)
    if query.strip() and not terms:
        raise InputError(Errors.T123.format(query=f"{query:.60}"))
    most = None if max_price is None else _price(max_price)
    cuisine_id = None if cuisine is None else lexicon().id_of(cuisine)
    opened = open_index(folder)
    try:
        found = _Search(opened.connection)(terms, filters, most, cuisine_id, limit, quotes)
    finally:
        opened.connection.close()
    return found._replace(missing=opened.missing, indexed=opened.is_new)


def _terms(query: str) -> list[str]:
    """The words and phrases of a query, without words that say nothing."""
    plain = query.encode("utf8", "replace").decode("utf8").replace("\0", " ")
    parts = [" ".join((together or alone).split()) for together, alone in _PART.findall(plain)]
    kept = [part for part in parts if any(c.isalnum() for c in part) and part.lower().strip(".,;:!?()*'") not in _EMPTY]
    return list(dict.fromkeys(part.lower() for part in kept))


def _price(given: float | str) -> tuple[float, str]:
    """Value and currency ("" for any) of a maximum price."""
    found = amount(str(given))
    if found is None or not math.isfinite(found.value):
        raise InputError(Errors.T121.format(got=f"{given!r:.60}"))
    return found.value, found.currency


class _Search:
    """Searches an index.

    index (Connection): the index.
    """

    def __init__(self, index: sqlite3.Connection) -> None:
        self._index = index
        names = ("number", "restaurant_id", "name", "city", "city_key", "reviews", "stars", "first", "last")
        self._restaurants = {row[0]: dict(zip(names, row, strict=True)) for row in index.execute("SELECT * FROM restaurants")}
        self._reviews = sum(row["reviews"] for row in self._restaurants.values())

    def __call__(
        self,
        terms: list[str],
        filters: Mapping[str, Any],
        most: tuple[float, str] | None,
        cuisine: str | None,
        limit: int,
        quotes: int,
    ) -> Found:
        words_asked = {term: self._word(term) for term in terms}
        unknown = [term for term, asked in words_asked.items() if not asked.counts]
        known = {term: asked for term, asked in words_asked.items() if asked.counts}
        must, prices = self._filters(filters["dish"], filters["amenity"], most)
        rows = self._kept(filters["city"], filters["min_stars"])
        for asked in must.values():
            rows &= asked.counts.keys()
        if terms:
            rows &= {row for asked in known.values() for row in asked.counts}
        best: dict[int, float] = {}
        if cuisine:
            best = dict(self._index.execute("SELECT restaurant, score FROM cuisines WHERE cuisine = ?", [cuisine]))
            rows &= best.keys()
        everything = {**known, **must}
        scores = {row: round(self._score(row, everything), 3) for row in rows}
        order = sorted(rows, key=lambda row: (-scores[row], -best.get(row, 0), -self._liked[row], row))
        said = {**everything, **({cuisine: self._cuisine(cuisine)} if cuisine else {})}
        found = [
            {
                **{key: self._restaurants[row][key] for key in ("restaurant_id", "name", "city", "reviews", "stars")},
                "score": scores[row],
                "matches": {name: asked.counts.get(row, 0) for name, asked in everything.items()},
                "price": prices[row][0] if row in prices else None,
                "currency": prices[row][1] if row in prices else None,
                **self._quotes(row, said, quotes),
            }
            for row in order[:limit]
        ]
        return Found(found, len(order), unknown)

    def _word(self, term: str) -> _Asked:
        """What is asked by a word or phrase; FTS5's syntax is put out of force by quotes."""
        match = '"' + term.replace('"', '""') + '"'
        joined = "texts JOIN reviews ON number = texts.rowid"
        sql = f"SELECT restaurant, count(*) FROM {joined} WHERE texts MATCH ? GROUP BY restaurant"
        found = (
            f"SELECT rowid, highlight(texts, 0, '{_OPEN}', '{_CLOSE}') FROM texts WHERE texts MATCH ? AND rowid BETWEEN ? AND ?"
        )
        return _Asked(dict(self._index.execute(sql, [match])), f"{found} ORDER BY rank LIMIT {_READ}", [match])

    def _mentioned(self, label: str, name: str) -> _Asked:
        """What is asked by a dish or an amenity."""
        key = " ".join(words(name))
        sql = f"SELECT DISTINCT restaurant, review FROM mentions JOIN reviews ON number = review WHERE item IN ({_HOLDING})"
        counts = self._index.execute(f"SELECT restaurant, count(*) FROM ({sql}) GROUP BY restaurant", [label, key])
        found = f'SELECT review, start, "end" FROM mentions WHERE item IN ({_HOLDING}) AND review BETWEEN ? AND ?'
        return _Asked(dict(counts), f"{found} ORDER BY review LIMIT {_READ}", [label, key])

    def _filters(
        self, dish: str | None, amenity: str | None, most: tuple[float, str] | None
    ) -> tuple[dict[str, _Asked], dict[int, tuple[float, str]]]:
        """The filters over mentions, and the median price of each restaurant whose median is low enough."""
        must: dict[str, _Asked] = {}
        if dish is not None:
            must[f"dish: {dish}"] = self._mentioned("DISH", dish)
        if amenity is not None:
            must[f"amenity: {amenity}"] = self._mentioned("AMENITY", amenity)
        if most is None:
            return must, {}
        holding, parameters = ("true", []) if dish is None else (f"item IN ({_HOLDING})", ["DISH", " ".join(words(dish))])
        holding += " AND value <= ?" if not most[1] else " AND value <= ? AND currency = ?"
        prices, counts = self._prices(dish, most)
        found = (
            f'SELECT review, start, "end" FROM prices WHERE {holding} AND review BETWEEN ? AND ? ORDER BY review LIMIT {_READ}'
        )
        must[f"at most {most[1]}{most[0]:g}"] = _Asked(counts, found, [*parameters, most[0], *filter(None, [most[1]])])
        return must, prices

    def _prices(self, dish: str | None, most: tuple[float, str]) -> tuple[dict[int, tuple[float, str]], dict[int, int]]:
        """Median amount, and number of reviews with a low one, of the restaurants whose median is at most so much."""
        holding, parameters = ("", []) if dish is None else (f"WHERE item IN ({_HOLDING})", ["DISH", " ".join(words(dish))])
        sql = f"SELECT DISTINCT restaurant, review, value, currency FROM prices JOIN reviews ON number = review {holding}"
        said: dict[int, list[tuple[float, str, int]]] = defaultdict(list)
        for row, review, value, currency in self._index.execute(sql, parameters):
            if most[1] in ("", currency):
                said[row].append((value, currency, review))
        medians = {row: median_low(found)[:2] for row, found in said.items()}
        low = {row: price for row, price in medians.items() if price[0] <= most[0]}
        return low, {row: len({review for value, _, review in said[row] if value <= most[0]}) for row in low}

    def _cuisine(self, cuisine: str) -> _Asked:
        """Mentions of a cuisine, for quotes."""
        known = lexicon()
        keys = self._index.execute("SELECT number, key FROM items WHERE label = 'CUISINE'").fetchall()
        items = ", ".join(str(number) for number, key in keys if known.cuisine_of(key) == cuisine)
        found = f'SELECT review, start, "end" FROM mentions WHERE item IN ({items}) AND review BETWEEN ? AND ?'
        return _Asked({}, f"{found} ORDER BY review LIMIT {_READ}", [])

    def _kept(self, city: str | None, min_stars: float | None) -> set[int]:
        """The restaurants of a city, with stars enough."""
        key = None if city is None else self._city(city)
        return {
            number
            for number, row in self._restaurants.items()
            if (key is None or row["city_key"] == key)
            and (min_stars is None or (row["stars"] is not None and row["stars"] >= min_stars))
        }

    def _city(self, city: str) -> str:
        key = city_key(city)
        known: dict[str, str] = {}
        reviews: dict[str, int] = defaultdict(int)
        for row in self._restaurants.values():
            if row["city_key"]:
                known.setdefault(row["city_key"], row["city"])
                reviews[row["city_key"]] += row["reviews"]
        if key in known:
            return key
        near = get_close_matches(key, known, n=3) or sorted(known, key=lambda name: -reviews[name])[:5]
        raise InputError(
            Errors.T089.format(city=f"{city!r:.60}", near=", ".join(known[name] for name in near) or "no city at all")
        )

    def _score(self, row: int, asked: Mapping[str, _Asked]) -> float:
        score = 0.0
        for one in asked.values():
            usual = sum(one.counts.values()) / self._reviews
            share = (one.counts.get(row, 0) + _USUAL * usual) / (self._restaurants[row]["reviews"] + _USUAL)
            score += math.log(share / usual)
        return score

    @cached_property
    def _liked(self) -> dict[int, float]:
        """Stars of each restaurant, with usual reviews added."""
        rated = [(row["stars"], row["reviews"]) for row in self._restaurants.values() if row["stars"] is not None]
        usual = sum(stars * reviews for stars, reviews in rated) / max(1, sum(reviews for _, reviews in rated))
        return {
            number: ((row["stars"] or 0) * row["reviews"] + _USUAL * usual) / (row["reviews"] + _USUAL)
            for number, row in self._restaurants.items()
        }

    def _quotes(self, row: int, asked: Mapping[str, _Asked], limit: int) -> dict[str, list[str]]:
        """The sentences of a restaurant's reviews that answer best, and what they do."""
        first, last = self._restaurants[row]["first"], self._restaurants[row]["last"]
        spans: dict[int, list[tuple[int, int, str]]] = defaultdict(list)
        for name, one in asked.items():
            for review, *found in self._index.execute(one.sql, [*one.parameters, first, last]):
                spans[review] += [(*span, name) for span in (_marked(found[0]) if isinstance(found[0], str) else [found])]
        weights = {name: math.log(1 + self._reviews / (1 + sum(one.counts.values()))) for name, one in asked.items()}
        marks = ", ".join("?" * len(spans))
        sql = f"SELECT texts.rowid, text, stars FROM texts JOIN reviews ON number = texts.rowid WHERE texts.rowid IN ({marks})"
        sentences = [
            (text[start:end], stars, {text[a:b]: weights[name] for a, b, name in inside}, {name for _, _, name in inside})
            for number, text, stars in self._index.execute(sql, list(spans))
            for start, end in sentence_spans(text)
            if (inside := [span for span in spans[number] if start <= span[0] and span[1] <= end])
        ]
        return _chosen(sentences, weights, limit)


def _marked(text: str) -> list[tuple[int, int]]:
    """(start, end), in the text without marks, of what is marked."""
    spans, position = [], 0
    for part in text.split(_OPEN)[1:] if _OPEN in text else ():
        inside = part.partition(_CLOSE)[0]
        spans.append((position, len(inside)))
        position += len(part) - 1
    offset = text.find(_OPEN)
    return [(offset + start, offset + start + length) for start, length in spans]


def _chosen(
    sentences: Sequence[tuple[str, float | None, dict[str, float], set[str]]], weights: Mapping[str, float], limit: int
) -> dict[str, list[str]]:
    """The sentences that answer best, each for what the ones before it do not.

    sentences (Sequence): sentence, stars of its review, what counts in it, and names of what is asked that it has.
    weights (Mapping): weight of each thing that is asked.
    """
    left, chosen = dict(weights), dict[str, str]()
    rest = list(sentences)
    while rest and len(chosen) < limit:
        best = max(rest, key=lambda one: sum(left[name] for name in one[3]) * _readable(one[0]))
        rest.remove(best)
        text = quote(best[0], best[2])
        if text not in chosen:
            chosen[text] = polarity(best[0], best[1], max(best[2], key=best[2].__getitem__))
            left = {name: weight * (_SAID if name in best[3] else 1) for name, weight in left.items()}
    return {"quotes": list(chosen), "polarities": list(chosen.values())}


def _readable(sentence: str) -> float:
    """What the length of a sentence makes of its value: a few words say little, and in many the answer is hard to find."""
    size = len(sentence.split())
    return min(size, _FEW) / (20 + size)
