"""Pages of the restaurants that `Guide.find` and `search` return, each with the evidence for it."""

from collections.abc import Sequence
from html import escape
from itertools import starmap, zip_longest
from typing import Any

from spacy_topics.html_pages.base import page

_STYLE = """<style>
table { border-collapse: collapse; font-size: .9em; line-height: 1.5; width: 100% }
td, th { text-align: left; vertical-align: top; padding: .35em .8em .35em 0; border-top: 1px solid #ddd }
blockquote { margin: .2em 0; padding-left: .6em; border-left: 3px solid #ddd; color: #444 }
blockquote.praise { border-color: #4a9a3d }
blockquote.complaint { border-color: #c8452f }
blockquote small { color: #777 }
</style>"""
_HEADING = "<table><tr><th>restaurant<th>score<th>{parts}<th>in their words</tr>"


def restaurants_page(title: str, rows: Sequence[dict[str, Any]]) -> str:
    """A table of restaurants with scores, their parts and quotes.

    title (str): title of the page.
    rows (Sequence): restaurants, as `Guide.find` returns them.
    RETURNS (str): HTML that needs no network and no script.
    """
    parts = [", ".join(f"{name} {value:.2f}" for name, value in row["parts"].items() if value > 0) for row in rows]
    return _page(title, rows, "parts of the score", parts)


def search_page(title: str, rows: Sequence[dict[str, Any]]) -> str:
    """A table of restaurants with scores, what their reviews have of what was asked, and quotes.

    title (str): title of the page.
    rows (Sequence): restaurants, as `search` returns them.
    RETURNS (str): HTML that needs no network and no script.
    """
    return _page(title, rows, "reviews with", [_matches(row) for row in rows])


def _matches(row: dict[str, Any]) -> str:
    has = [f"{name} {count}" for name, count in row["matches"].items()]
    price = [] if row["price"] is None else [f"median price {row['currency']}{row['price']:.2f}".removesuffix(".00")]
    return ", ".join([*has, *price])


def _page(title: str, rows: Sequence[dict[str, Any]], heading: str, parts: Sequence[str]) -> str:
    best = max((row["score"] for row in rows), default=1)
    lines = [_row(row, best, part) for row, part in zip(rows, parts, strict=True)]
    table = [_HEADING.format(parts=heading), *(lines or ["<tr><td>no restaurant</tr>"]), "</table>"]
    return page(title, [_STYLE, f"<h1>{escape(title)}</h1>", *table], width="70em")


def _row(row: dict[str, Any], best: float, parts: str) -> str:
    width = max(0, 100 * row["score"] / best) if best > 0 else 0
    bar = f'<div style="background:#c3f0ba;width:{width:.0f}%">{row["score"]:.2f}</div>'
    quotes = "".join(starmap(_quote, zip_longest(row["quotes"], row.get("polarities", ()), fillvalue="neither")))
    reviews = "1 review" if row["reviews"] == 1 else f"{row['reviews']} reviews"
    stars = f", {row['stars']:.1f} stars" if row["stars"] is not None else ""
    name = f"<b>{escape(row['name'])}</b><br>{escape(row['city'])}<br>{reviews}{stars}"
    return f'<tr><td>{name}<td style="width:7em">{bar}<td>{escape(parts)}<td>{quotes}</tr>'


def _quote(text: str, tone: str) -> str:
    if tone == "neither":
        return f"<blockquote>“{escape(text)}”</blockquote>"
    return f'<blockquote class="{tone}">“{escape(text)}” <small>{tone}</small></blockquote>'
