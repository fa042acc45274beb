"""Charts of what groups of reviews discuss, and of what the stars depend on."""

from pathlib import Path
from typing import Any

import numpy as np

from spacy_topics.charts import BLUE, ORANGE, new_figure, save
from spacy_topics.guide.drivers import Drivers
from spacy_topics.guide.groups import TIME
from spacy_topics.guide.topics_by import SURE, TopicsBy

_PANELS, _GROUPS = 6, 12  # most topics and groups in a chart
_TICKS = 10


def topics_by_chart(found: TopicsBy, path: str | Path) -> None:
    """Draw the topics that differ most between groups, one panel each: over time as lines with gaps, else as points.

    found (TopicsBy): the groups.
    path (str | Path): an SVG, PNG or PDF file.
    RAISES InputError: T022, another ending.
    """
    topics = _most_different(found)
    rows = -(-len(topics) // 2)
    is_time = found.by in TIME
    shown = np.arange(len(found.groups)) if is_time else np.flatnonzero(found.reviews)[:_GROUPS]
    figure = new_figure(10, 0.9 + rows * (2.1 if is_time else 0.7 + 0.24 * len(shown)) + (1.3 if is_time else 0))
    above, below = figure.subfigures(2, 1, height_ratios=[rows * 2.1, 1.3]) if is_time else (figure, None)
    panels = above.subplots(rows, min(len(topics), 2), squeeze=False, sharex=is_time, sharey=not is_time).ravel()
    for axes, topic in zip(panels, topics, strict=False):
        (_over_time if is_time else _of_groups)(axes, found, topic, shown)
        axes.set_title(found.topics[topic], fontsize=9)
        axes.spines[["top", "right"]].set_visible(False)
    for axes in panels[len(topics) :]:
        axes.set_visible(False)
    over = f"bars: 95 % intervals, {found.over} resampled"
    if below is not None:
        axes = below.subplots()
        axes.bar(shown, found.reviews, color="#999999")
        axes.set_ylabel("reviews")
        axes.yaxis.get_major_locator().set_params(integer=True)
        axes.spines[["top", "right"]].set_visible(False)
        _time_axis(axes, found.groups)
        smoothed = "; months smoothed with those around" if found.by == "month" else ""
        figure.suptitle(
            f"share of what is discussed by {found.by} (shaded: 95 % intervals, {found.over} resampled{smoothed})", fontsize=10
        )
    else:
        figure.suptitle(
            f"share of what is discussed by {found.by} ({over}; filled: {SURE:.0%} sure; dashed: their mean)", fontsize=10
        )
    save(figure, path)


def _most_different(found: TopicsBy) -> list[int]:
    """The topics whose differences are surest and largest."""
    with np.errstate(invalid="ignore"):
        apart = np.nan_to_num(np.abs(found.share - found.elsewhere)) * (np.nan_to_num(found.sure) + 1e-3)
    apart = apart.max(axis=0, initial=0) if found.elsewhere.size and apart.any() else np.nan_to_num(found.share).max(axis=0)
    return np.argsort(-apart, kind="stable")[:_PANELS].tolist()


def _over_time(axes: Any, found: TopicsBy, topic: int, shown: np.ndarray) -> None:
    axes.fill_between(shown, found.low[:, topic], found.high[:, topic], color=BLUE, alpha=0.2, linewidth=0)
    axes.plot(shown, found.share[:, topic], color=BLUE, marker="." if len(shown) <= 60 else "", markersize=5)
    axes.set_ylim(bottom=0)
    _in_percent(axes.yaxis)
    _time_axis(axes, found.groups)


def _time_axis(axes: Any, groups: list[str]) -> None:
    step = max(1, -(-len(groups) // _TICKS))
    if len(groups) > 24 and len(groups[0]) > 4:
        step = -(-step // 12) * 12
    ticks = range(0, len(groups), step)
    axes.set_xticks(list(ticks), [groups[i] for i in ticks])
    axes.set_xlim(-0.6, len(groups) - 0.4)
    axes.tick_params(labelsize=8)


def _of_groups(axes: Any, found: TopicsBy, topic: int, shown: np.ndarray) -> None:
    share = found.share[shown, topic]
    span = np.stack([share - found.low[shown, topic], found.high[shown, topic] - share]).clip(0)
    place = np.arange(len(shown))
    axes.errorbar(share, place, xerr=np.nan_to_num(span), fmt="none", ecolor=BLUE, capsize=2, linewidth=1)
    is_sure = np.nan_to_num(found.sure[shown, topic]) >= SURE
    axes.plot(share[is_sure], place[is_sure], "o", color=BLUE)
    axes.plot(share[~is_sure], place[~is_sure], "o", color=BLUE, markerfacecolor="white")
    reviews = found.reviews[shown]
    axes.axvline(np.average(share, weights=reviews), color="#555555", linestyle="--", linewidth=0.8)
    axes.set_yticks(place, [f"{found.groups[g]:.32} ({found.reviews[g]})" for g in shown.tolist()])
    axes.set_ylim(len(shown) - 0.4, -0.6)
    axes.set_xlim(left=0)
    _in_percent(axes.xaxis)
    axes.tick_params(labelsize=8)


def _in_percent(axis: Any) -> None:
    from matplotlib.ticker import FuncFormatter

    axis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:g}%"))


def drivers_chart(found: Drivers, path: str | Path) -> None:
    """Draw what the stars depend on: effects with their intervals, the strongest first.

    found (Drivers): the effects.
    path (str | Path): an SVG, PNG or PDF file.
    RAISES InputError: T022, another ending.
    """
    rows = found.records
    figure = new_figure(8, 1.3 + 0.28 * len(rows))
    axes = figure.subplots()
    for place, row in enumerate(rows):
        colour = BLUE if row["effect"] > 0 else ORANGE
        axes.plot([row["low"], row["high"]], [place, place], color=colour, linewidth=1.5)
        axes.plot(row["effect"], place, "o", color=colour)
    names = [row["what"] or f"(any {row['kind'].lower()})" for row in rows]
    axes.set_yticks(range(len(rows)), [f"{name:.44} ({row['reviews']})" for name, row in zip(names, rows, strict=True)])
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.axvline(0, color="#555555", linewidth=0.8)
    figure.supxlabel("stars more in a review that speaks of it, or has a tenth more of the topic; 95 % intervals", fontsize=9)
    reviews, restaurants = (f"{np.fmax(told, 0):.0%}" for told in (found.r2_reviews, found.r2_restaurants))
    told = f"{reviews} of the variance of reviews, {restaurants} of that of restaurants"
    figure.suptitle(f"what the stars depend on\ntold of restaurants held out: {told}", fontsize=10)
    axes.spines[["top", "right"]].set_visible(False)
    save(figure, path)
