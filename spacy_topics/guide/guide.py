"""Annotations -> DuckDB -> answers: which restaurants, cuisines, ingredients and topics, with the evidence."""

from collections import Counter
from difflib import get_close_matches
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np

from corpora.cuisines import cuisines
from corpora.rows import literal
from spacy_topics.annotate import DOCUMENTS, MENTIONS, RESTAURANTS, manifest_of, parts_of, select
from spacy_topics.errors import Errors, InputError
from spacy_topics.evidence import COLUMN, IDS, PARTS, EvidenceWeights, Mentions, evidence
from spacy_topics.lexicon import cuisine_of, entries, find, words

# A review is of the business that it names, else of the house that it links most often; of equals the surest, then the first.
_DOCS = """
CREATE TABLE docs AS
WITH linked AS (
    SELECT document, arg_max(kb_id, (times, best, -first)) AS house FROM (
        SELECT document, kb_id, count(*) AS times, max(score) AS best, min(start) AS first FROM mentions
        WHERE label = 'RESTAURANT' AND kb_id IS NOT NULL AND kb_id <> 'NIL' GROUP BY ALL
    ) GROUP BY document
)
SELECT d.id, coalesce(d.business_id, d.name || ' · ' || coalesce(d.city, ''), l.house) AS house,
    coalesce(d.name, r.name) AS name, coalesce(d.city, nullif(r.city, '')) AS city, d.stars, d.topic_dist, d.evidence
FROM documents d
LEFT JOIN linked l ON l.document = d.id
LEFT JOIN restaurants r ON r.id = coalesce(d.business_id, l.house)
    AND (d.business_id IS NOT NULL OR d.name IS NULL OR lower(d.name) = lower(r.name))
"""
_HOUSES = """
CREATE TABLE houses AS
SELECT house, coalesce(mode(name), house) AS name, coalesce(mode(city), '') AS city, count(*) AS reviews,
    avg(stars) FILTER (isfinite(stars)) AS stars
FROM docs WHERE house IS NOT NULL GROUP BY house ORDER BY house
"""


class Guide:
    """Answers from a folder of annotations.

    folder (str | Path): what `annotate` wrote; parts that are still missing are left out, and counted in `missing`.
    weights (EvidenceWeights | None): of the evidence for cuisines.
    """

    def __init__(self, folder: str | Path, weights: EvidenceWeights | None = None) -> None:
        """RAISES InputError: T081, no annotations; T086, a part that cannot be read; T087, no part yet."""
        import duckdb

        self.manifest = manifest_of(folder)
        documents, mentions, self.missing = parts_of(folder, self.manifest)
        if not documents:
            raise InputError(Errors.T087.format(folder=folder))
        self.weights = weights or EvidenceWeights()
        self.db = duckdb.connect()
        files = {"documents": documents, "mentions": mentions, "restaurants": [literal(Path(folder) / "restaurants.parquet")]}
        for (table, paths), columns in zip(files.items(), (DOCUMENTS, MENTIONS, RESTAURANTS), strict=True):
            try:
                self.db.execute(f"CREATE TABLE {table} AS {select(columns)}", [paths])
            except duckdb.Error as error:
                reason = str(error).splitlines()[0][:200]
                raise InputError(Errors.T086.format(folder=folder, table=table, reason=reason)) from None
        self.db.execute(_DOCS)
        self.db.execute(_HOUSES)
        self.houses = self._rows("SELECT * FROM houses ORDER BY house")

    def find(self, cuisine: str, city: str | None = None, limit: int = 20, quotes: int = 2) -> list[dict[str, Any]]:
        """Restaurants of a cuisine, ranked, with the evidence.

        cuisine (str): an id, a name or an adjective ("italian", "Roman"). city (str | None): all cities without.
        RETURNS (list): dicts of house, name, city, reviews, stars, score (evidence, 0 is none), parts (what of it comes
            from name, mentions, topics, learnt) and quotes (sentences of the reviews).
        RAISES InputError: T088, an unknown cuisine; T089, no review of the city.
        """
        column = COLUMN[self.cuisine(cuisine)]
        rows = self._in(city)
        total = self.evidence["total"][:, column]
        best = [row for row in sorted(rows, key=lambda row: (-total[row], -self.houses[row]["reviews"], row)) if total[row] > 0]
        return [
            {
                **self.houses[row],
                "score": round(float(total[row]), 3),
                "parts": {part: round(float(self.evidence[part][row, column]), 3) for part in PARTS},
                "quotes": self._quotes(self.houses[row]["house"], IDS[column], quotes),
            }
            for row in best[:limit]
        ]

    def cuisines(self, city: str | None = None) -> list[dict[str, Any]]:
        """How much of each cuisine there is: restaurants whose strongest cuisine it is, their reviews, and the first three.

        Where a review mentions fewer than two dishes and ingredients on average (one, where the name tells), nobody eats.
        """
        total = self.evidence["total"]
        kept = [row for row in self._in(city) if total[row].max() > 0 and self._feeds(row)]
        strongest = sorted(
            ((int(total[row].argmax()), row) for row in kept), key=lambda pair: (pair[0], -total[pair[1], pair[0]])
        )
        found = []
        for column, group in groupby(strongest, key=lambda pair: pair[0]):
            of = [row for _, row in group]
            found.append(
                {
                    "cuisine": IDS[column],
                    "restaurants": len(of),
                    "share": round(len(of) / len(kept), 4),
                    "reviews": sum(self.houses[row]["reviews"] for row in of),
                    "where": [self.houses[row]["name"] for row in of[:3]],
                }
            )
        return sorted(found, key=lambda row: (-row["restaurants"], row["cuisine"]))

    def ingredients(self, cuisine: str, limit: int = 20, label: str = "INGREDIENT") -> list[dict[str, Any]]:
        """What marks a cuisine out: mentions that its restaurants' reviews have more often than the others'.

        label (str): of the mentions, INGREDIENT or DISH. RETURNS (list): dicts of ingredient, lift (share of the reviews
            of the cuisine's restaurants that mention it, by that of all reviews), reviews (of the cuisine that mention it).
            Ranked by log-odds with a Dirichlet prior (Monroe et al. 2008), in units of its standard deviation.
        RAISES InputError: T088, an unknown cuisine.
        """
        column = COLUMN[self.cuisine(cuisine)]
        total = self.evidence["total"]
        own = {
            row for row in range(len(self.houses)) if total[row, column] > 0 and total[row, column] >= 0.7 * total[row].max()
        }
        inside: dict[Any, int] = {}
        everywhere: dict[Any, int] = {}
        spelt: dict[Any, dict[str, int]] = {}
        for row, text, kind, times in self._mentions:
            if kind == label:
                key = words(text)
                everywhere[key] = everywhere.get(key, 0) + times
                spelt.setdefault(key, {})[text] = spelt.get(key, {}).get(text, 0) + times
                if row in own:
                    inside[key] = inside.get(key, 0) + times
        here = sum(self.houses[row]["reviews"] for row in own)
        there = sum(house["reviews"] for house in self.houses)
        ranked = sorted(inside, key=lambda key: (-_log_odds(inside[key], everywhere[key], inside, everywhere), key))
        return [
            {
                "ingredient": max(sorted(spelt[key]), key=lambda text: spelt[key][text]),
                "lift": round((inside[key] / here) / (everywhere[key] / there), 2),
                "reviews": inside[key],
            }
            for key in ranked[:limit]
            if _log_odds(inside[key], everywhere[key], inside, everywhere) > 0
        ]

    def discussed(self, city: str | None = None, limit: int = 20) -> list[dict[str, Any]]:
        """Topics of a city against those of all others; without a city, the topics of all reviews.

        RETURNS (list): dicts of topic, here and elsewhere (mean weight), ranked by how much more it is discussed here.
        RAISES InputError: T089.
        """
        labels = self.manifest["topics"]
        if not labels:
            raise InputError(Errors.T090)
        key = self._city(city) if city else None
        theta = {inside: np.zeros(len(labels)) for inside in (True, False)}
        count = {True: 0, False: 0}
        rows = self.db.execute("SELECT coalesce(city, ''), topic_dist FROM docs WHERE evidence > 0")
        while batch := rows.fetchmany(10_000):
            for place, dist in batch:
                inside = key is None or " ".join(words(place)) == key
                theta[inside] += dist
                count[inside] += 1
        here, there = (theta[inside] / max(1, count[inside]) for inside in (True, False))
        more = here if key is None or not count[False] else here * np.log((here + 1e-4) / (there + 1e-4))
        order = np.argsort(-more, kind="stable")[:limit]
        elsewhere = None if key is None or not count[False] else there
        return [
            {
                "topic": labels[k],
                "here": round(float(here[k]), 4),
                "elsewhere": None if elsewhere is None else round(float(elsewhere[k]), 4),
            }
            for k in order
        ]

    def cuisine(self, given: str) -> str:
        """The id of a cuisine. RAISES InputError: T088, with those that are spelt alike."""
        plain = given.strip().lower().replace(" ", "_")
        found = plain if plain in COLUMN else cuisine_of(given)
        if found is None:
            names = [name for cuisine in cuisines().values() for name in (cuisine.id, *cuisine.names)]
            near = get_close_matches(given.lower(), names, n=3) or ["one of " + ", ".join(IDS)]
            raise InputError(Errors.T088.format(cuisine=f"{given!r:.60}", near=", ".join(near)))
        return found

    @cached_property
    def evidence(self) -> dict[str, np.ndarray]:
        """Evidence for each cuisine, (R, C) for each part and the total; rows as `houses`."""
        return evidence(*self.aggregates, self.weights)

    @cached_property
    def aggregates(self) -> tuple[list[str], np.ndarray, Mentions, np.ndarray, list[str]]:
        """What evidence is made of: names, numbers of reviews, mentions, (R, K) mean topics as far as each is to be trusted
        with its cuisine, and the topics' names."""
        topics = [label.split(":")[0] for label in self.manifest["topics"]]
        place = {house["house"]: row for row, house in enumerate(self.houses)}
        theta = np.zeros((len(self.houses), len(topics)))
        known = np.zeros(len(self.houses))
        rows = self.db.execute("SELECT house, topic_dist FROM docs WHERE house IS NOT NULL AND evidence > 0 ORDER BY id")
        while batch := rows.fetchmany(10_000):
            for house, dist in batch:
                theta[place[house]] += dist
                known[place[house]] += 1
        theta *= np.array(self.manifest["trust"]) / np.maximum(known, 1)[:, None]
        mentions = Mentions(
            np.array([row for row, *_ in self._mentions], np.int64),
            [words(text) for _, text, *_ in self._mentions],
            [label for *_, label, _ in self._mentions],
            np.array([times for *_, times in self._mentions], np.int64),
        )
        reviews = np.array([house["reviews"] for house in self.houses], np.int64)
        return [house["name"] for house in self.houses], reviews, mentions, theta, topics

    @cached_property
    def _mentions(self) -> list[tuple[int, str, str, int]]:
        """Row of the house, text in lower case, label, and number of reviews, of what is mentioned anywhere."""
        place = {house["house"]: row for row, house in enumerate(self.houses)}
        found = self.db.execute(
            "SELECT house, lower(m.text) AS said, label, count(DISTINCT document)"
            " FROM mentions m JOIN docs d ON d.id = m.document"
            " WHERE house IS NOT NULL AND label IN ('CUISINE', 'DISH', 'INGREDIENT') GROUP BY ALL ORDER BY ALL"
        ).fetchall()
        return [(place[house], text, label, times) for house, text, label, times in found]

    def _feeds(self, row: int) -> bool:
        return self._eaten[row] >= (1 if self.evidence["name"][row].any() else 2) * self.houses[row]["reviews"]

    @cached_property
    def _eaten(self) -> Counter[int]:
        """Mentions of dishes and ingredients in a house's reviews, by its row."""
        found: Counter[int] = Counter()
        for row, _, label, times in self._mentions:
            found[row] += times * (label != "CUISINE")
        return found

    def _quotes(self, house: str, cuisine: str, limit: int) -> list[str]:
        """Sentences of a house's reviews whose mentions tell most of a cuisine."""
        said = self.db.execute(
            "SELECT m.text, m.sentence, m.document FROM mentions m JOIN docs d ON d.id = m.document WHERE house = $1"
            " AND label IN ('CUISINE', 'DISH', 'INGREDIENT') ORDER BY document, start",
            [house],
        ).fetchall()
        value: dict[str, float] = {}
        for text, sentence, _ in said:
            told = [entries()[key] for key in find(words(text), entries())]
            value[sentence] = value.get(sentence, 0) + sum(entry.weight for entry in told if cuisine in entry.cuisines)
        best = sorted((sentence for sentence in value if value[sentence] > 0), key=lambda s: -value[s] / (20 + len(s.split())))
        return best[:limit]

    def _in(self, city: str | None) -> list[int]:
        key = self._city(city) if city else None
        return [row for row, house in enumerate(self.houses) if key is None or " ".join(words(house["city"])) == key]

    def _city(self, city: str) -> str:
        """A city's key. RAISES InputError: T089, with cities that are spelt alike or have most reviews."""
        rows = self._rows("SELECT city, count(*) AS reviews FROM docs WHERE city IS NOT NULL GROUP BY city ORDER BY 2 DESC, 1")
        known = {" ".join(words(row["city"])): row["city"] for row in reversed(rows)}
        key = " ".join(words(city))
        if key in known:
            return key
        near = [known[name] for name in get_close_matches(key, known, n=3)] or [row["city"] for row in rows[:5]]
        raise InputError(Errors.T089.format(city=f"{city!r:.60}", near=", ".join(near) or "no city at all"))

    def _rows(self, sql: str) -> list[dict[str, Any]]:
        cursor = self.db.execute(sql)
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _log_odds(inside: int, everywhere: int, ours: dict[Any, int], theirs: dict[Any, int]) -> float:
    """z-score of the log-odds of a word inside against outside, with the overall counts as the prior (Monroe et al. 2008)."""
    return _z(inside, everywhere - inside, everywhere, sum(ours.values()), sum(theirs.values()) - sum(ours.values()))


def _z(inside: int, outside: int, prior: int, size: int, rest: int) -> float:
    if not rest or prior == size + rest:  # nothing to compare with
        return 0.0
    scale = 0.05  # the prior weighs a twentieth of the counts that it is made of
    weight, whole = scale * prior, scale * (size + rest)
    here = np.log((inside + weight) / (size + whole - inside - weight))
    there = np.log((outside + weight) / (rest + whole - outside - weight))
    return float((here - there) / np.sqrt(1 / (inside + weight) + 1 / (outside + weight)))
