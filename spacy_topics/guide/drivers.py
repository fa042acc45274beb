"""What the stars depend on: ridge regression of stars on the topics that reviews discuss and the aspects that they speak of."""

from typing import Any, NamedTuple

import numpy as np

from spacy_topics.errors import Errors, InputError
from spacy_topics.guide import bootstrap
from spacy_topics.guide.aspects import ASPECT_OF, ASPECTS, PATTERN
from spacy_topics.guide.guide import Guide
from spacy_topics.guide.ridge import RidgeFit, r2
from spacy_topics.guide.topic_quotes import SEARCHED, Quotes, sentences, words_of
from spacy_topics.lexicon import words

REVIEWS, RESTAURANTS = 100, 10  # fewer say too little
_MENTIONS = 120  # most frequent items that are looked at
_SPREAD = 5.0  # what fewer restaurants are spoken of with (weighted) may stand for one of them
_COMMON = 10  # fewest reviews
_TOPIC, _HAS_TOPIC = 0.1, 0.05  # an effect is that of a tenth more of a topic; a review with a twentieth speaks of it
_LABELS = ("AMENITY", "CUISINE", "DISH", "HOURS", "INGREDIENT", "PRICE")
_RATED = """
SELECT d.id, d.stars, d.restaurant_id, row_number() OVER (ORDER BY d.id) - 1 AS row
FROM docs d WHERE {condition} AND d.known_terms > 0 AND ($1 IS NULL OR d.city_key = $1)
    AND ($2 IS NULL OR list_contains($2::VARCHAR[], d.restaurant_id))
"""
_STARS = """
SELECT stars, dense_rank() OVER (ORDER BY coalesce('r' || restaurant_id, 'd' || id)) - 1 AS restaurant FROM rated ORDER BY row
"""
# Numbers stand for what reviews speak of: a million mentions of text would take seconds.
_ITEMS = """
SELECT kind, what, said, row_number() OVER (ORDER BY kind, what, said) - 1 AS item FROM (
    SELECT DISTINCT m.label AS kind, k.key AS what, k.key AS said
    FROM (SELECT DISTINCT label, lower(text) AS text FROM mentions) m JOIN keys k USING (text)
    WHERE list_contains($1::VARCHAR[], m.label) AND k.key <> ''
    UNION ALL SELECT 'aspect', unnest($2::VARCHAR[]), unnest($3::VARCHAR[])
)
"""
_HEARD = f"""
SELECT DISTINCT r.row, i.item FROM (
    SELECT m.document AS id, m.label AS kind, k.key AS said FROM mentions m JOIN keys k ON k.text = lower(m.text)
    UNION ALL SELECT id, 'aspect', unnest(regexp_extract_all(lower(text), '{PATTERN}')) FROM texts
) s JOIN rated r USING (id) JOIN items i USING (kind, said)
"""
# Amounts and times are told by their labels alone.
_CHOSEN = """
WITH counted AS (
    SELECT h.item, count(*) AS n FROM heard h JOIN rated r USING (row) GROUP BY h.item, coalesce(r.restaurant_id, r.id)
), named AS (
    SELECT i.kind, i.what, c.n FROM counted c JOIN items i USING (item) WHERE NOT regexp_matches(i.what, '\\d')
    UNION ALL SELECT i.kind, '', c.n FROM counted c JOIN items i USING (item) WHERE i.kind <> 'aspect'
), common AS (
    SELECT kind, what, sum(n) AS n FROM named GROUP BY kind, what HAVING sum(n) >= $1 AND sum(n) ** 2 / sum(n ** 2) >= $2
)
SELECT kind, what, row_number() OVER (ORDER BY kind, what) - 1 AS number FROM (
    SELECT *, row_number() OVER (PARTITION BY what = '' OR kind = 'aspect' ORDER BY n DESC, kind, what) AS place FROM common
) WHERE place <= $3
"""
# Words of the name of a review's own restaurant do not count.
_OWN = """
SELECT n.restaurant_id, i.item FROM name_keys n, items i JOIN chosen c ON c.kind = i.kind AND c.what = i.what
WHERE contains(n.key, ' ' || i.said || ' ')
"""
_SPOKEN = """
SELECT DISTINCT h.row, c.number
FROM heard h JOIN items i USING (item) JOIN chosen c ON c.kind = i.kind AND c.what IN (i.what, '') JOIN rated r USING (row)
LEFT JOIN own o ON o.restaurant_id = r.restaurant_id AND o.item = h.item
WHERE o.item IS NULL
"""
_TOPIC_REVIEWS = """
SELECT r.id FROM rated r JOIN documents t ON t.id = r.id, (SELECT avg(stars) AS mean FROM rated)
ORDER BY t.topic_dist[$1] * (r.stars - mean) * $2 DESC, r.id LIMIT $3
"""
_SPOKEN_REVIEWS = """
SELECT r.id FROM spoken s JOIN rated r USING (row) JOIN chosen c USING (number) WHERE c.kind = $1 AND c.what = $2
ORDER BY r.stars * $3 DESC, r.id LIMIT $4
"""


class Drivers(NamedTuple):
    """What the stars depend on.

    records (list): dicts of what (a topic's label, an aspect, or what is mentioned; "" for anything of its kind), kind
        ("topic", "aspect", or the label of a mention), effect (stars more in a review that speaks of it, or that has a tenth
        more of the topic, all else alike), low and high (95 % interval), strength (standard deviations of the stars by one
        of its own, which the order is by), sure (see `bootstrap.sureness`), reviews (that speak of it; of a topic, that have
        a twentieth of it), quotes and polarities (of each quote: praise, complaint or neither).
    r2_reviews (float): share of the variance of reviews' stars that is told for restaurants held out; below 0 is worse than the
        mean.
    r2_restaurants (float): the same of the mean stars of restaurants, each as often as it has reviews; NaN if these are all
        alike.
    reviews (int): number of reviews with stars.
    restaurants (int): number of their restaurants.
    without_stars (int): number of reviews without stars.
    penalty (float): of the ridge regression, per review; chosen by restaurants held out.
    """

    records: list[dict[str, Any]]
    r2_reviews: float
    r2_restaurants: float
    reviews: int
    restaurants: int
    without_stars: int
    penalty: float


class _Columns(NamedTuple):
    """What the stars are told from.

    values (ndarray): (N, p) float32.
    kinds (list): p kinds: "topic", "aspect" or a label.
    names (list): p names: a topic's label, an aspect, or an item.
    """

    values: np.ndarray
    kinds: list[str]
    names: list[str]


def drivers(
    guide: Guide, city: str | None = None, cuisine: str | None = None, limit: int = 10, quotes: int = 1, seed: int = 0
) -> Drivers:
    """Find what the stars of reviews depend on.

    Stars are regressed, by ridge regression, on the shares of topics and on what reviews speak of: aspects (`aspects.ASPECTS`),
    what they mention, and which labels. Words of a restaurant's own name do not count in its reviews, nor does what only few
    restaurants' reviews speak of. Intervals are from resampled restaurants. It is what goes with stars, all else alike; only an
    experiment could tell whether it is their cause.

    guide (Guide): the annotations.
    city (str | None): only this city.
    cuisine (str | None): only restaurants of this cuisine.
    limit (int): maximum number of records, the strongest first.
    quotes (int): maximum number of sentences for each, of reviews with few stars where the effect is below 0, else with many.
    seed (int): random seed of folds and resampling.
    RETURNS (Drivers): the records, and how much they tell.
    RAISES InputError: T088, T089, unknown cuisine or city; T112, too few reviews, or all have the same stars; T114, nothing
        varies that they could depend on.
    """
    without = _rate(guide, city, cuisine)
    arrays = guide.tables.arrays(_STARS)
    stars, restaurant = arrays["stars"], arrays["restaurant"]
    count = len(np.unique(restaurant))
    _check(stars, count)
    columns = _columns(guide, restaurant)
    is_topic = np.array([kind == "topic" for kind in columns.kinds])
    used = columns.values > np.where(is_topic, _HAS_TOPIC, 0.5)
    known = np.array([_units(restaurant, column) for column in used.T])
    fit = RidgeFit(columns.values, stars, restaurant, np.random.default_rng(seed))
    sure = bootstrap.sureness(fit.coefficients, fit.errors, known)
    strength = fit.coefficients * fit.deviation / stars.std()
    order = [j for j in np.argsort(-np.abs(strength), kind="stable").tolist() if not np.isnan(sure[j])][:limit]
    unit = np.where(is_topic, _TOPIC, 1.0)
    effect, low, high = (
        values * unit for values in (fit.coefficients, *bootstrap.interval(fit.coefficients, fit.errors, known))
    )
    if not order:
        raise InputError(Errors.T114)
    said = _quotes(guide, columns, order, strength, quotes)
    records = [
        {
            "what": columns.names[j],
            "kind": columns.kinds[j],
            "effect": round(float(effect[j]), 3),
            "low": round(float(low[j]), 3),
            "high": round(float(high[j]), 3),
            "strength": round(float(strength[j]), 4),
            "sure": round(float(sure[j]), 4),
            "reviews": int(used[:, j].sum()),
            **quoted,
        }
        for j, quoted in zip(order, said, strict=True)
    ]
    return Drivers(records, *r2(stars, fit.held_out, restaurant), len(stars), count, without, fit.penalty)


def _rate(guide: Guide, city: str | None, cuisine: str | None) -> int:
    """Create the tables `rated`, of the reviews with stars, and `name_keys`; RETURNS the number of reviews without stars."""
    tables = guide.tables.with_keys
    chosen = [guide.city_key(city) if city else None, guide.members(guide.cuisine(cuisine)) if cuisine else None]
    tables.create("rated", _RATED.format(condition="isfinite(d.stars)"), chosen)
    names = {
        house["restaurant_id"]: f" {' '.join(words(house['name']))} {house['name'].lower()} " for house in guide.restaurants
    }
    pairs = "SELECT unnest($1::VARCHAR[]) AS restaurant_id, unnest($2::VARCHAR[]) AS key"
    tables.create("name_keys", pairs, [list(names), list(names.values())])
    (without,) = tables.rows(f"SELECT count(*) AS n FROM ({_RATED.format(condition='isfinite(d.stars) IS NOT TRUE')})", chosen)
    return without["n"]


def _check(stars: np.ndarray, restaurants: int) -> None:
    """RAISES InputError: T112, too few reviews, or all have the same stars."""
    is_same = len(stars) > 0 and stars.min() == stars.max()
    if len(stars) < REVIEWS or restaurants < RESTAURANTS or is_same:
        found = f"{len(stars)} reviews of {restaurants} restaurants have stars{', all the same' if is_same else ''}"
        raise InputError(Errors.T112.format(found=found, reviews=REVIEWS, restaurants=RESTAURANTS))


def _columns(guide: Guide, restaurant: np.ndarray) -> _Columns:
    """Topics, aspects and mentions that are not those of few restaurants."""
    tables, labels = guide.tables, guide.manifest.topics
    topics = [k for k in range(len(labels)) if k != guide.background]
    tables.create("items", _ITEMS, [list(_LABELS), list(ASPECT_OF.values()), list(ASPECT_OF)])
    tables.create("heard", _HEARD)
    tables.create("chosen", _CHOSEN, [_COMMON, _SPREAD, _MENTIONS])
    tables.create("own", _OWN)
    tables.create("spoken", _SPOKEN)
    chosen = tables.rows("SELECT kind, what FROM chosen ORDER BY number")
    weights = ", ".join(["r.row", *(f"t.topic_dist[{k + 1}] AS k{k}" for k in topics)])
    arrays = tables.arrays(f"SELECT {weights} FROM rated r JOIN documents t ON t.id = r.id ORDER BY r.row")
    topics = [k for k in topics if _restaurants(arrays[f"k{k}"], restaurant) >= _SPREAD]
    values = np.zeros((len(restaurant), len(topics) + len(chosen)), np.float32)
    for column, k in enumerate(topics):
        values[:, column] = arrays[f"k{k}"]
    cells = tables.arrays("SELECT row, number FROM spoken")
    values[cells["row"], cells["number"] + len(topics)] = 1
    kinds = ["topic"] * len(topics) + [row["kind"] for row in chosen]
    return _Columns(values, kinds, [labels[k] for k in topics] + [row["what"] for row in chosen])


def _units(restaurant: np.ndarray, is_used: np.ndarray) -> int:
    """How many restaurants have reviews that speak of something, or reviews that do not, whichever are fewer."""
    used = np.bincount(restaurant, is_used)
    return min(int((used > 0).sum()), int((np.bincount(restaurant) > used).sum()))


def _restaurants(column: np.ndarray, restaurant: np.ndarray) -> float:
    """How many restaurants speak of something, if all of these did so as much (the inverse of Simpson's index)."""
    total = np.bincount(restaurant, column)
    return float(total.sum() ** 2 / max((total**2).sum(), 1e-12))


def _quotes(guide: Guide, columns: _Columns, order: list[int], strength: np.ndarray, limit: int) -> list[Quotes]:
    """Sentences for columns: of reviews with few stars where the effect is below 0, else with many."""
    tables, labels = guide.tables, guide.manifest.topics
    asked = []
    given: list[str | int]
    for j in order:
        kind, name, sign = columns.kinds[j], columns.names[j], 1 if strength[j] > 0 else -1
        if kind == "topic":
            sql, given = _TOPIC_REVIEWS, [labels.index(name) + 1, sign, SEARCHED]
        else:
            sql, given = _SPOKEN_REVIEWS, [kind, name, sign, SEARCHED]
        ids = [row["id"] for row in tables.rows(sql, given)]
        asked.append((ids, _words(guide, kind, name)))
    return sentences(tables, asked, limit)


def _words(guide: Guide, kind: str, name: str) -> list[str]:
    """Words of which a sentence must have one to be a quote."""
    if kind == "topic":
        return words_of(name)
    if kind == "aspect":
        return ASPECTS[name].split()
    rows = guide.tables.rows("SELECT what FROM chosen WHERE kind = $1 AND what <> '' ORDER BY what", [kind])
    return [name] if name else [row["what"] for row in rows]
