"""What the reviews of each group discuss, against those of the others, and how sure the difference is."""

from typing import Any, NamedTuple

import numpy as np

from spacy_topics.errors import Errors, InputError
from spacy_topics.guide import bootstrap
from spacy_topics.guide.groups import Unread, group_reviews
from spacy_topics.guide.guide import Guide
from spacy_topics.guide.topic_quotes import topic_quotes

SURE = 0.9  # differences that are as sure as this get quotes
_GROUPS = 40  # most groups that are told apart, those with most reviews; of months and years all
_KERNEL = (1.0, 2 / 3, 1 / 3)  # what the reviews of a month count in its own share, of those next to it, of those after
_COUNTS = "SELECT of, count(*) AS reviews FROM grouped GROUP BY of ORDER BY reviews DESC, of"
_ARRAYS = """
SELECT coalesce(o.number, {rest}) AS of,
    dense_rank() OVER (ORDER BY coalesce('r' || restaurant_id, 'd' || g.id)) - 1 AS restaurant,
    restaurant_id IS NOT NULL AS is_placed, {topics}
FROM grouped g JOIN documents t ON t.id = g.id
LEFT JOIN (SELECT unnest($1::VARCHAR[]) AS of, unnest(range(len($1))) AS number) o ON o.of = g.of
ORDER BY g.id
"""


class TopicsBy(NamedTuple):
    """The topics of G groups.

    by (str): what the groups are by.
    groups (list): their names; months and years in order, without a hole; stars in order; others by their numbers of reviews.
    reviews (ndarray): (G,) their numbers of reviews; 0 is a gap.
    topics (list): labels of the topics, without the background.
    share (ndarray): (G, K) share of each topic in what they discuss; of months smoothed, so that the two before and after
        count, too; NaN in a gap.
    low (ndarray): (G, K) lower ends of 95 % intervals; NaN where too few restaurants (or reviews) are known.
    high (ndarray): (G, K) upper ends.
    elsewhere (ndarray): (G, K) share in all other groups; NaN if there are none.
    sure (ndarray): (G, K) how sure the difference is, see `bootstrap.sureness`.
    over (str): what was resampled: "restaurants", or "reviews" where groups are restaurants or there are fewer than five.
    unread (Unread): reviews that are in no group.
    left_out (int): number of smaller groups that are not told apart; they count as others.
    records (list): dicts of group, topic, share, low, high, elsewhere, sure, reviews, quotes and polarities (of each quote:
        praise, complaint or neither): the topics of each group that are discussed more than elsewhere, as `Guide.discussed`
        ranks them; None for what is not known.
    """

    by: str
    groups: list[str]
    reviews: np.ndarray
    topics: list[str]
    share: np.ndarray
    low: np.ndarray
    high: np.ndarray
    elsewhere: np.ndarray
    sure: np.ndarray
    over: str
    unread: Unread
    left_out: int
    records: list[dict[str, Any]]


def topics_by(guide: Guide, by: str, city: str | None = None, limit: int = 3, quotes: int = 1, seed: int = 0) -> TopicsBy:
    """Compare what the reviews of each group discuss with what all others do.

    A topic's share is its mean weight in the reviews. Intervals and sureness are from 200 resamplings of the restaurants, since
    the reviews of one restaurant are alike: those of another sample would be of other restaurants. Where the groups are
    restaurants, or there are fewer than five, the reviews are resampled.

    guide (Guide): the annotations.
    by (str): "month", "year", "stars", "city", "cuisine", "restaurant", or a column that the annotations keep.
    city (str | None): only this city's reviews.
    limit (int): maximum number of topics of each group in the records.
    quotes (int): maximum number of sentences for each record whose difference is sure.
    seed (int): random seed of the resampling.
    RETURNS (TopicsBy): the groups, and the records.
    RAISES InputError: T089, no review of the city; T090, no topics; T113, none but the background; T110, no such column; T111,
        no review is in a group.
    """
    labels = guide.manifest.topics
    if not labels:
        raise InputError(Errors.T090)
    kept = [k for k in range(len(labels)) if k != guide.background]
    if not kept:
        raise InputError(Errors.T113)
    unread = group_reviews(guide, by, city)
    counts = {row["of"]: row["reviews"] for row in guide.tables.rows(_COUNTS)}
    groups = _groups(by, counts)
    columns = ", ".join(f"topic_dist[{k + 1}] AS k{k}" for k in kept)
    arrays = guide.tables.arrays(_ARRAYS.format(rest=len(groups), topics=columns), [groups])
    theta = np.stack([arrays[f"k{k}"] for k in kept], axis=1)
    over = _over(by, arrays)
    units = arrays["restaurant"] if over == "restaurants" else np.arange(len(theta))
    mixing = _mixing(by, len(groups))
    share, low, high, elsewhere, sure = _compare(theta, arrays["of"], units, mixing, np.random.default_rng(seed))
    reviews = np.array([counts.get(group, 0) for group in groups])
    for values in (share, low, high, elsewhere, sure):
        values[reviews == 0] = np.nan
    left_out = len(counts) - int((reviews > 0).sum())
    names = [labels[k] for k in kept]
    found = TopicsBy(by, groups, reviews, names, share, low, high, elsewhere, sure, over, unread, left_out, [])
    return found._replace(records=_records(guide, found, kept, limit, quotes))


def _groups(by: str, counts: dict[str, int]) -> list[str]:
    """The groups that are told apart, in order; a period without reviews between others is one, too."""
    if by == "year":
        years = sorted(map(int, counts))
        return [str(year) for year in range(years[0], years[-1] + 1)]
    if by == "month":
        months = sorted(12 * int(month[:4]) + int(month[5:]) - 1 for month in counts)
        return [f"{month // 12}-{month % 12 + 1:02d}" for month in range(months[0], months[-1] + 1)]
    most = list(counts)[:_GROUPS]
    return sorted(most, key=float) if by == "stars" else most


def _over(by: str, arrays: dict[str, np.ndarray]) -> str:
    placed = np.unique(arrays["restaurant"][arrays["is_placed"]])
    return "restaurants" if by != "restaurant" and len(placed) >= bootstrap.LEAST else "reviews"


def _mixing(by: str, count: int) -> np.ndarray:
    """(G, G + 1) what the reviews of each group, and of all groups that are not told apart, count in each group's share."""
    mixing = np.eye(count, count + 1)
    if by == "month":
        apart = np.abs(np.arange(count)[:, None] - np.arange(count + 1))
        mixing = np.where(apart < len(_KERNEL), np.array([*_KERNEL, 0.0])[np.minimum(apart, len(_KERNEL))], 0.0)
        mixing[:, count] = 0
    return mixing


def _compare(
    theta: np.ndarray, of: np.ndarray, units: np.ndarray, mixing: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, ...]:
    """Shares in groups and in the others, with intervals and how sure the differences are.

    theta (ndarray): (N, K) topics of the reviews.
    of (ndarray): (N,) numbers of their groups; G for a group that is not told apart.
    units (ndarray): (N,) numbers of the restaurants (or reviews) that are resampled.
    mixing (ndarray): (G, G + 1) see `_mixing`.
    rng (Generator): source of randomness.
    RETURNS (tuple): share, low, high, elsewhere, sure: each (G, K).
    """
    block, count = bootstrap.blocks(units, rng)
    size, topics = mixing.shape[1], theta.shape[1]
    cell = block * size + of
    sums = np.stack([np.bincount(cell, column, count * size) for column in theta.T], axis=1)
    sums = np.concatenate([sums, np.bincount(cell, minlength=count * size)[:, None]], axis=1).reshape(count, -1)
    (share,), (elsewhere,) = _shares(sums.sum(axis=0).reshape(1, size, -1), mixing)
    here, there = _shares((bootstrap.weights(count, rng) @ sums).reshape(-1, size, topics + 1), mixing)
    error, error_of_difference = _deviation(here), _deviation(here - there)
    here_units, there_units = _units(of, units, mixing)
    low, high = bootstrap.interval(share, error, here_units[:, None])
    both = np.minimum(here_units, there_units)[:, None] * np.ones(topics)
    sure = bootstrap.sureness(share - elsewhere, error_of_difference, both)
    return share, low.clip(0, 1), high.clip(0, 1), elsewhere, sure


def _units(of: np.ndarray, units: np.ndarray, mixing: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(G,) numbers of restaurants (or reviews) that the share of each group rests on, and those of the others."""
    group, unit = np.unique(np.stack([of, units]), axis=1)
    is_only_here = np.bincount(unit)[unit] == 1
    alone = np.bincount(group[is_only_here], minlength=mixing.shape[1])[:-1]
    return (mixing > 0) @ np.bincount(group, minlength=mixing.shape[1]), len(np.unique(unit)) - alone


def _shares(sums: np.ndarray, mixing: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(draws, G, K) shares in each group, and in all others; NaN without reviews.

    sums (ndarray): (draws, G + 1, K + 1) sums of theta, and numbers of reviews.
    mixing (ndarray): see `_mixing`.
    """
    own = np.tensordot(mixing, sums, (1, 1)).swapaxes(0, 1)
    others = sums.sum(axis=1, keepdims=True) - own
    return _quotient(own), _quotient(others)


def _quotient(sums: np.ndarray) -> np.ndarray:
    reviews = sums[..., -1:]
    return sums[..., :-1] / np.where(reviews > 1e-9, reviews, np.nan)


def _deviation(drawn: np.ndarray) -> np.ndarray:
    """Standard deviation over the draws, without those in which a group has no review."""
    known = np.isfinite(drawn)
    count = known.sum(axis=0)
    mean = np.where(known, drawn, 0).sum(axis=0) / np.maximum(count, 1)
    squares = (np.where(known, drawn - mean, 0) ** 2).sum(axis=0)
    return np.where(count > 1, np.sqrt(squares / np.maximum(count - 1, 1)), np.nan)


def _records(guide: Guide, found: TopicsBy, kept: list[int], limit: int, quotes: int) -> list[dict[str, Any]]:
    here, there = found.share, np.nan_to_num(found.elsewhere)
    with np.errstate(invalid="ignore"):
        more = np.where(np.isnan(found.elsewhere), here, here * np.log((here + 1e-4) / (there + 1e-4)))
    cells = [
        (g, k)
        for g in np.flatnonzero(found.reviews).tolist()
        for k in np.argsort(-more[g], kind="stable")[:limit].tolist()
        if more[g, k] > 0
    ]
    wanted = [(g, k) for g, k in cells if found.sure[g, k] >= SURE]
    asked = [(found.groups[g], kept[k]) for g, k in wanted]
    said = dict(zip(wanted, topic_quotes(guide.tables, guide.manifest.topics, asked, quotes), strict=True))
    names = ("share", "low", "high", "elsewhere", "sure")
    return [
        {
            "group": found.groups[g],
            "topic": found.topics[k],
            **{name: _known(getattr(found, name)[g, k]) for name in names},
            "reviews": int(found.reviews[g]),
            **said.get((g, k), {"quotes": [], "polarities": []}),
        }
        for g, k in cells
    ]


def _known(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 4)
