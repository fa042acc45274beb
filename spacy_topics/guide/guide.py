"""The guide: answers questions about restaurants, cuisines, ingredients and topics from annotations."""

from collections.abc import Sequence
from difflib import get_close_matches
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np

from spacy_topics.errors import Errors, InputError
from spacy_topics.guide import queries
from spacy_topics.guide.cuisine_scores import PARTS, Counts, CuisineWeights, Restaurants, cuisine_scores
from spacy_topics.guide.log_odds import log_odds
from spacy_topics.guide.polarity import polarity
from spacy_topics.guide.quotes import is_denied, quote
from spacy_topics.guide.tables import Tables
from spacy_topics.lexicon import Lexicon, find, lexicon, words
from spacy_topics.linking.names import city_key
from spacy_topics.topic_model import BACKGROUND

# Chosen on Bistro and on the given half of Phoenix's businesses: see projects/restaurants/RESULTS.md.
MIN_SCORE = 4.0  # least score of a restaurant of a cuisine: what its name alone gives
_MIN_FOOD = 0.08  # least rate of dishes and ingredients per known term in what a place to eat discusses
_MIN_FOOD_NAMED = 0.064  # the same, if the name suggests a cuisine
_MOST_FOOD = 0.7  # these are at most this share of all reviews' rate: where a pipeline finds little food, it is no less food
_USUAL_TERMS = 3  # terms of all reviews' rate that are added to those of each business, so that few terms say little
# Least rate of what a business's own reviews say of food, as a share of the rate of all reviews. Chosen on the given half of
# Phoenix's businesses, with the demo's topics: 96% of the restaurants and 24% of what sells no food are kept.
_MIN_SHARE = 0.25
_MIN_SHARE_NAMED = 0.125  # the same, if the name suggests a cuisine
_USUAL_REVIEWS = 1  # without topics: reviews of the usual rate that are added to those of each business
UNDECIDED = "undecided"
_SURE = 20  # the surest ingredients, of which a shorter list shows those of the highest lift
_OWN = 0.7  # a restaurant counts as one of a cuisine if its score is at least this share of its best cuisine's score
_LABELS = {"INGREDIENT": "ingredient", "DISH": "dish"}


class Guide:
    """Answers questions from a folder of annotations.

    folder (str | Path): the folder, written by `annotate`; reviews that are not annotated yet are left out, and counted in
        `missing`.
    weights (CuisineWeights | None): weights of the parts of cuisine scores; None for the default ones.
    known (Lexicon | None): the words of the cuisines; None for those that ship with palate.
    """

    def __init__(self, folder: str | Path, weights: CuisineWeights | None = None, known: Lexicon | None = None) -> None:
        """Read the annotations.

        RAISES InputError: T081, not a folder of annotations; T086, a part cannot be read; T087, no review is annotated yet.
        """
        self.tables = Tables(folder)
        self.manifest = self.tables.manifest
        self.missing = self.tables.missing
        self.weights = weights or CuisineWeights()
        self.lexicon = known or lexicon()
        columns = "restaurant_id, name, city, reviews, stars"
        self.restaurants = self.tables.rows(f"SELECT {columns} FROM restaurants ORDER BY restaurant_id")
        self._row = {restaurant["restaurant_id"]: row for row, restaurant in enumerate(self.restaurants)}

    def find(
        self, cuisine: str, city: str | None = None, limit: int = 20, quotes: int = 2, min_score: float = MIN_SCORE
    ) -> list[dict[str, Any]]:
        """Find the restaurants of a cuisine, best first, with the evidence for them.

        What does not serve food (see `places_to_eat`) is left out.

        cuisine (str): an id, a name or an adjective ("italian", "Roman").
        city (str | None): only this city; all cities if None.
        limit (int): maximum number of restaurants.
        quotes (int): maximum number of sentences per restaurant.
        min_score (float): minimum score, above 0.
        RETURNS (list): dicts of restaurant_id, name, city, reviews, stars, score, parts (which add up to the score: name,
            mentions, topics, learnt, narrower), quotes (sentences of the reviews) and polarities (of each quote: praise,
            complaint or neither).
        RAISES InputError: T088, an unknown cuisine; T089, no review of the city.
        """
        cuisine_id = self.cuisine(cuisine)
        parts = self._rounded_parts(cuisine_id)
        scores = parts.sum(axis=1).round(3)
        rows = [row for row in self._found(scores, city) if scores[row] >= min_score]
        return [
            {
                **self.restaurants[row],
                "score": float(scores[row]),
                "parts": dict(zip(PARTS, parts[row].tolist(), strict=True)),
                **self._quotes(self.restaurants[row]["restaurant_id"], cuisine_id, quotes),
            }
            for row in rows[:limit]
        ]

    def count_below(self, cuisine: str, city: str | None = None, min_score: float = MIN_SCORE) -> int:
        """Number of the restaurants that `find` leaves out because their score, above 0, is below the minimum.

        cuisine (str): see `find`.
        city (str | None): see `find`.
        min_score (float): see `find`.
        RAISES InputError: T088, an unknown cuisine; T089, no review of the city.
        """
        scores = self._rounded_parts(self.cuisine(cuisine)).sum(axis=1).round(3)
        return sum(bool(scores[row] < min_score) for row in self._found(scores, city))

    def _rounded_parts(self, cuisine_id: str) -> np.ndarray:
        """(R, P) parts of the scores as they are shown, so that what is shown adds up."""
        column = self.lexicon.column[cuisine_id]
        return np.stack([self.scores[part][:, column] for part in PARTS], axis=1).round(3) + 0.0

    def _found(self, scores: np.ndarray, city: str | None) -> list[int]:
        """Rows of the restaurants with a score above 0, best first."""
        rows = [row for row in self._rows_in(city) if scores[row] > 0 and self.places_to_eat[row]]
        return sorted(rows, key=lambda row: (-scores[row], -self.restaurants[row]["reviews"], row))

    def cuisines(self, city: str | None = None) -> list[dict[str, Any]]:
        """Count the restaurants of each cuisine; each restaurant counts for its best cuisine.

        A restaurant whose best score is below MIN_SCORE is undecided. What does not serve food (see `places_to_eat`) is left
        out.

        city (str | None): only this city; all cities if None.
        RETURNS (list): dicts of cuisine, restaurants (their number), share (of all restaurants), reviews (their number) and
            where (names of the first three restaurants); most restaurants first, undecided ones last.
        RAISES InputError: T089, no review of the city.
        """
        total, best = self.scores["total"], self.best_cuisines()
        rows = [row for row in self._rows_in(city) if self.restaurants[row]["restaurant_id"] in best]
        pairs = sorted(
            ((best[self.restaurants[row]["restaurant_id"]], row) for row in rows),
            key=lambda pair: (pair[0], -total[pair[1]].max(), pair[1]),
        )
        records = []
        for cuisine, group in groupby(pairs, key=lambda pair: pair[0]):
            members = [self.restaurants[row] for _, row in group]
            records.append(
                {
                    "cuisine": cuisine,
                    "restaurants": len(members),
                    "share": round(len(members) / len(rows), 4),
                    "reviews": sum(restaurant["reviews"] for restaurant in members),
                    "where": [restaurant["name"] for restaurant in members[:3]],
                }
            )
        return sorted(records, key=lambda row: (row["cuisine"] == UNDECIDED, -row["restaurants"], row["cuisine"]))

    def best_cuisines(self) -> dict[str, str]:
        """Id of each place to eat -> id of its best cuisine, or UNDECIDED if its best score is below MIN_SCORE."""
        total, ids = self.scores["total"], self.lexicon.ids
        decided = total.max(axis=1, initial=0) >= MIN_SCORE
        return {
            self.restaurants[row]["restaurant_id"]: ids[total[row].argmax()] if decided[row] else UNDECIDED
            for row in np.flatnonzero(self.places_to_eat).tolist()
        }

    def ingredients(self, cuisine: str, limit: int = 20, label: str = "INGREDIENT") -> list[dict[str, Any]]:
        """Find what is typical of a cuisine: what reviews of its restaurants mention more often than other reviews.

        cuisine (str): an id, a name or an adjective.
        limit (int): maximum number of rows.
        label (str): label of the mentions, INGREDIENT or DISH.
        RETURNS (list): dicts of ingredient (or dish), lift (share of the reviews of the cuisine's restaurants that mention it,
            divided by the share of all reviews) and reviews (number of reviews of the cuisine's restaurants that mention it),
            highest lift first. A high lift in two reviews may be chance: the rows are among the 20 (or `limit`) of the
            highest log-odds with a Dirichlet prior (Monroe et al. 2008), in units of its standard deviation.
        RAISES InputError: T088, an unknown cuisine.
        """
        cuisine_id = self.cuisine(cuisine)
        own = self.members(cuisine_id)
        rows = self.tables.with_mentioned.rows(queries.MENTIONED, [label, own])
        inside = np.array([row["inside"] for row in rows], np.float64)
        everywhere = np.array([row["everywhere"] for row in rows], np.float64)
        scores = log_odds(inside, everywhere)
        own_reviews = sum(self.restaurants[self._row[restaurant]]["reviews"] for restaurant in own)
        all_reviews = sum(restaurant["reviews"] for restaurant in self.restaurants)
        sure = [i for i in np.argsort(-scores, kind="stable").tolist() if scores[i] > 0 and inside[i]]
        records = [
            {
                _LABELS[label]: rows[i]["text"],
                "lift": round(float((inside[i] / own_reviews) / (everywhere[i] / all_reviews)), 2),
                "reviews": rows[i]["inside"],
            }
            for i in sure[: max(limit, _SURE)]
        ]
        return sorted(records, key=lambda record: -record["lift"])[:limit]

    def members(self, cuisine_id: str) -> list[str]:
        """Ids of the restaurants that count as restaurants of a cuisine."""
        total, column = self.scores["total"], self.lexicon.column[cuisine_id]
        is_member = (total[:, column] >= MIN_SCORE) & (total[:, column] >= _OWN * total.max(axis=1, initial=0))
        is_member &= self.places_to_eat
        return [self.restaurants[row]["restaurant_id"] for row in np.flatnonzero(is_member).tolist()]

    def discussed(self, city: str | None = None, limit: int = 20) -> list[dict[str, Any]]:
        """Compare the topics of a city's reviews with those of all other reviews.

        city (str | None): the city; None for the topics of all reviews.
        limit (int): maximum number of topics.
        RETURNS (list): dicts of topic, here (mean weight in the city) and elsewhere (mean weight in other reviews, None without
            a city), ranked by how much more the topic is discussed here.
        RAISES InputError: T089, no review of the city; T090, the annotations have no topics.
        """
        labels = self.manifest.topics
        if not labels:
            raise InputError(Errors.T090)
        key = self.city_key(city) if city else None
        here = self._mean_topics(key, True)
        here = np.zeros(len(labels)) if here is None else here
        there = None if key is None else self._mean_topics(key, False)
        more = here if there is None else here * np.log((here + 1e-4) / (there + 1e-4))
        rows = [
            {
                "topic": labels[k],
                "here": round(float(here[k]), 4),
                "elsewhere": None if there is None else round(float(there[k]), 4),
            }
            for k in np.argsort(-more, kind="stable").tolist()
            if k != self.background
        ]
        return rows[:limit]

    def _mean_topics(self, key: str | None, inside: bool) -> np.ndarray | None:
        """Mean topics of reviews; None if there are no such reviews.

        key (str | None): a city's key; None for all cities.
        inside (bool): whether the reviews are those of the city, or all others.
        """
        where = "true" if key is None else "coalesce(d.city_key, '') = $1"
        rows = self.tables.rows(
            queries.TOPICS.format(group="0 AS of", where=where if inside else f"NOT ({where})"), [] if key is None else [key]
        )
        return _means(rows, 1, len(self.manifest.topics))[0] if rows else None

    def cuisine(self, given: str) -> str:
        """The id of a cuisine.

        given (str): an id, a name or an adjective.
        RAISES InputError: T088, an unknown cuisine; the message suggests similar spellings.
        """
        return self.lexicon.id_of(given)

    @cached_property
    def scores(self) -> dict[str, np.ndarray]:
        """Scores of cuisines: (R, C) for each part and the total; the rows are in the order of `restaurants`."""
        return cuisine_scores(self.facts, self.weights, self.lexicon)

    @cached_property
    def facts(self) -> Restaurants:
        """The data that the scores are computed from."""
        names = [restaurant["name"] for restaurant in self.restaurants]
        reviews = np.array([restaurant["reviews"] for restaurant in self.restaurants], np.int64)
        topics = [label.split(":")[0] for label in self.manifest.topics]
        keys = [row["key"] for row in self.tables.with_mentioned.rows("SELECT DISTINCT key FROM mentioned ORDER BY key")]
        return Restaurants(names, reviews, self._items(keys), self._words(keys), self._theta(), topics)

    def _items(self, keys: Sequence[str]) -> Counts:
        """How many reviews of each restaurant mention each item of the lexicon, see `Restaurants.items`."""
        pairs = [(key, item) for key in keys for item in find(tuple(key.split(" ")), self.lexicon.entries)]
        place = {item: number for number, item in enumerate(dict.fromkeys(item for _, item in pairs))}
        given = [[key for key, _ in pairs], [place[item] for _, item in pairs]]
        found = self.tables.with_mentioned.arrays(queries.ITEMS, given)
        return self._counts(found["row"], found["item"], found["n"], list(place))

    def _words(self, keys: Sequence[str]) -> Counts:
        """Which words the mentions of each restaurant have, see `Restaurants.words`."""
        split = [key.split(" ") for key in keys]
        place = {word: number for number, word in enumerate(dict.fromkeys(word for words in split for word in words))}
        given = [[key for key, words in zip(keys, split, strict=True) for _ in words], [place[w] for ws in split for w in ws]]
        found = self.tables.with_mentioned.arrays(queries.WORDS, given)
        return self._counts(found["row"], found["word"], np.ones(len(found["row"])), list(place))

    def _counts(self, rows: np.ndarray, columns: np.ndarray, numbers: np.ndarray, things: Sequence[Any]) -> Counts:
        from scipy import sparse

        shape = (len(self.restaurants), len(things))
        return Counts(sparse.csr_matrix((numbers.astype(np.float64), (rows, columns)), shape=shape), things)

    def _theta(self) -> np.ndarray:
        """(R, K) topics of restaurants, each topic times the trust in its name."""
        terms, _ = self._discussed
        return terms / np.maximum(terms.sum(axis=1, keepdims=True), 1e-9) * np.array(self.manifest.trust)

    @cached_property
    def _discussed(self) -> tuple[np.ndarray, np.ndarray]:
        """(R, K) known terms of restaurants' reviews by topic, without the background; (K,) dishes and ingredients per term."""
        terms = np.zeros((len(self.restaurants), len(self.manifest.topics)))
        food = np.zeros(len(self.manifest.topics))
        found = self.tables.with_mentioned.arrays(queries.TERMS)
        terms[found["row"], found["k"]] = found["terms"]
        np.add.at(food, found["k"], found["food"])
        if self.background is not None:
            terms[:, self.background] = food[self.background] = 0
        return terms, food / np.maximum(terms.sum(axis=0), 1e-9)

    @cached_property
    def background(self) -> int | None:
        """The topic of what all reviews discuss, or None."""
        names = [label.split(":")[0] for label in self.manifest.topics]
        return names.index(BACKGROUND) if BACKGROUND in names else None

    @cached_property
    def places_to_eat(self) -> np.ndarray:
        """(R,) bool, whether a business serves food: by the topics that its reviews discuss, and by what they mention.

        Each topic has a rate of dishes and ingredients per term. A business whose topics have a low rate is no place to eat,
        whatever its name is, and neither is one whose own reviews have few words of any cuisine among their terms: topics of a
        collection of restaurants are all about food. A name that suggests a cuisine lowers the bars. Without topics, the share
        of its reviews that mention food must not be far below that of all reviews. Where no review mentions food, every
        business counts.
        """
        if not self._food.any():
            return np.ones(len(self.restaurants), bool)
        is_named = self.scores["name"].any(axis=1)
        least = np.where(is_named, _MIN_SHARE_NAMED, _MIN_SHARE)
        terms, food = self._discussed
        known_terms = terms.sum(axis=1)
        if not known_terms.any():
            return _relative_rate(self._food, self.facts.reviews, _USUAL_REVIEWS) >= least
        usual = terms.sum(axis=0) @ food / terms.sum()
        rate = (terms @ food + _USUAL_TERMS * usual) / (known_terms + _USUAL_TERMS)
        listed = np.asarray(self.facts.items.numbers.sum(axis=1)).ravel()
        is_food = rate >= np.minimum(np.where(is_named, _MIN_FOOD_NAMED, _MIN_FOOD), _MOST_FOOD * usual)
        return is_food & (_relative_rate(listed, known_terms, _USUAL_TERMS) >= least)

    @cached_property
    def _food(self) -> np.ndarray:
        """(R,) number of the reviews of each restaurant that mention dishes or ingredients."""
        counts = np.zeros(len(self.restaurants), np.int64)
        for row in self.tables.with_mentioned.rows(queries.FOOD):
            counts[self._row[row["restaurant_id"]]] = row["n"]
        return counts

    def _quotes(self, restaurant: str, cuisine: str, limit: int) -> dict[str, list[str]]:
        """What a restaurant's reviews say that tells most about a cuisine, and whether it praises."""
        values: dict[str, dict[str, float]] = {}
        stars: dict[str, float | None] = {}
        entries = self.lexicon.entries
        for row in self.tables.rows(queries.SENTENCES, [restaurant]):
            known = [entries[key] for key in find(words(row["text"]), entries)]
            weight = sum(entry.weight for entry in known if cuisine in entry.cuisines)
            if weight > 0 and not is_denied(row["sentence"], row["text"]):
                said = values.setdefault(row["sentence"], {})
                said[row["text"]] = said.get(row["text"], 0) + weight
                stars.setdefault(row["sentence"], row["stars"])
        best: dict[str, tuple[float, str]] = {}
        for sentence, said in values.items():
            text = quote(sentence, said)
            best[text] = max(best.get(text, (0, "")), (sum(said.values()) / (20 + len(text.split())), sentence))
        chosen = sorted(best, key=lambda text: -best[text][0])[:limit]
        origins = [best[text][1] for text in chosen]
        tones = [polarity(origin, stars[origin], max(values[origin], key=values[origin].__getitem__)) for origin in origins]
        return {"quotes": chosen, "polarities": tones}

    def _rows_in(self, city: str | None) -> list[int]:
        if not city:
            return list(range(len(self.restaurants)))
        rows = self.tables.rows("SELECT restaurant_id FROM restaurants WHERE city_key = $1", [self.city_key(city)])
        return sorted(self._row[row["restaurant_id"]] for row in rows)

    def city_key(self, city: str) -> str:
        """A city's key.

        RAISES InputError: T089, an unknown city; the message suggests similar spellings, or the cities with most reviews.
        """
        key = city_key(city)
        rows = self.tables.rows(queries.CITIES)
        known = {row["city_key"]: row["city"] for row in reversed(rows)}
        if key and key in known:
            return key
        near = [known[name] for name in get_close_matches(key, known, n=3)] or [row["city"] for row in rows[:5]]
        raise InputError(Errors.T089.format(city=f"{city!r:.60}", near=", ".join(near) or "no city at all"))


def _means(rows: Sequence[dict[str, Any]], groups: int, topics: int) -> np.ndarray:
    """(groups, topics) mean weights.

    rows (Sequence): results of queries.TOPICS: sum and count of the weights by group and topic.
    groups (int): number of groups.
    topics (int): number of topics.
    """
    means = np.zeros((groups, topics))
    for row in rows:
        means[row["of"], row["k"]] = row["weight"] / row["n"]
    return means


def _relative_rate(counts: np.ndarray, sizes: np.ndarray, usual: float) -> np.ndarray:
    """(R,) counts by size, as a share of the overall rate, which each size has `usual` more of."""
    if not counts.any() or not sizes.any():
        return np.ones(len(counts))
    rate = counts.sum() / sizes.sum()
    return (counts + usual * rate) / ((sizes + usual) * rate)
