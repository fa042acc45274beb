"""Reviews in groups: by month, year, stars, city, cuisine, restaurant, or a column that annotations keep."""

from typing import NamedTuple

from spacy_topics.annotations import schema
from spacy_topics.errors import Errors, InputError
from spacy_topics.guide.dates import days
from spacy_topics.guide.guide import Guide

TIME = ("month", "year")
_RATINGS = 10  # more different ratings than this are rounded to whole stars


class _Way(NamedTuple):
    """SQL of one way to group.

    value (str): the group of a review, NULL if it has none.
    given (str): what the group is read from.
    joins (str): the tables that they need, besides docs (d) and documents (t).
    """

    value: str
    given: str
    joins: str = ""


_DAYS = "LEFT JOIN days y ON y.text = t.date"
_WAYS = {
    "month": _Way("strftime(y.day, '%Y-%m')", "nullif(trim(t.date), '')", _DAYS),
    "year": _Way("strftime(y.day, '%Y')", "nullif(trim(t.date), '')", _DAYS),
    "stars": _Way(
        f"CASE WHEN isfinite(d.stars) THEN printf('%g', CASE WHEN m.n > {_RATINGS} THEN round(d.stars) ELSE d.stars END) END",
        "d.stars",
        "CROSS JOIN (SELECT count(DISTINCT stars) AS n FROM docs WHERE isfinite(stars)) m",
    ),
    "city": _Way(
        "c.city",
        "d.city",
        """LEFT JOIN (
        SELECT city_key, arg_min(city, (-n, city)) AS city
        FROM (SELECT city_key, city, count(*) AS n FROM docs GROUP BY ALL) GROUP BY city_key
    ) c ON c.city_key = d.city_key""",
    ),
    "cuisine": _Way("u.cuisine", "u.cuisine", "LEFT JOIN cuisine_of u ON u.restaurant_id = d.restaurant_id"),
    "restaurant": _Way(
        "r.label",
        "d.restaurant_id",
        """LEFT JOIN (
        SELECT restaurant_id,
            label || CASE WHEN count(*) OVER (PARTITION BY label) > 1 THEN ' · ' || restaurant_id ELSE '' END AS label
        FROM (SELECT restaurant_id, name || CASE WHEN city <> '' THEN ', ' || city ELSE '' END AS label FROM restaurants)
    ) r ON r.restaurant_id = d.restaurant_id""",
    ),
}
BY = tuple(_WAYS)
_GROUPED = """
SELECT d.id, {value} AS of, {given} AS given, d.restaurant_id
FROM docs d JOIN documents t ON t.id = d.id {joins}
WHERE d.known_terms > 0 AND ($1 IS NULL OR d.city_key = $1)
"""


class Unread(NamedTuple):
    """Reviews that are in no group.

    without (int): number of those that lack what the groups are read from.
    unread (int): number of those where it cannot be read.
    such_as (str): one text that cannot be read; "" if there is none.
    """

    without: int
    unread: int
    such_as: str


def group_reviews(guide: Guide, by: str, city: str | None) -> Unread:
    """Create the table `grouped`: id, of (the group) and restaurant_id of each review that is in a group.

    Reviews without a known term are left out.

    guide (Guide): the annotations.
    by (str): one of BY, or a column that the annotations keep. BY comes first where a kept column has such a name.
    city (str | None): only this city's reviews.
    RETURNS (Unread): the reviews that are in no group.
    RAISES InputError: T089, no review of the city; T110, no such column; T111, no review is in a group.
    """
    tables, keep = guide.tables, guide.manifest.keep
    if by not in BY and by not in keep:
        raise InputError(Errors.T110.format(by=f"{by:.60}", known=", ".join((*BY, *keep))))
    column = f"nullif(trim(t.{schema.quoted(by)}), '')"
    way = _WAYS.get(by) or _Way(column, column)
    if by in TIME:
        tables.create("days", days("documents", "date"))
    elif by == "cuisine":
        best = guide.best_cuisines()
        pairs = "SELECT unnest($1::VARCHAR[]) AS restaurant_id, unnest($2::VARCHAR[]) AS cuisine"
        tables.create("cuisine_of", pairs, [list(best), list(best.values())])
    key = guide.city_key(city) if city else None
    tables.create("asked", _GROUPED.format(**way._asdict()), [key])
    (counts,) = tables.rows(
        "SELECT count(*) FILTER (given IS NULL) AS without, count(*) FILTER (given IS NOT NULL AND of IS NULL) AS unread,"
        " coalesce(min(given::VARCHAR) FILTER (of IS NULL), '') AS such_as, count(of) AS n FROM asked"
    )
    if not counts.pop("n"):
        such = f" (such as {counts['such_as']!r:.40})" if counts["unread"] else ""
        raise InputError(Errors.T111.format(what="a rating" if by == "stars" else f"a {by}", such=such))
    tables.create("grouped", "SELECT * EXCLUDE (given) FROM asked WHERE of IS NOT NULL")
    return Unread(**counts)
