"""A page of the restaurants that `Guide.find` returns, each with the evidence for it."""

from collections.abc import Sequence
from html import escape
from typing import Any

from spacy_topics.html_pages.base import page

_STYLE = """<style>
table { border-collapse: collapse; font-size: .9em; line-height: 1.5; width: 100% }
td, th { text-align: left; vertical-align: top; padding: .35em .8em .35em 0; border-top: 1px solid #ddd }
blockquote { margin: .2em 0; color: #444 }
</style>"""
_HEADING = "<table><tr><th>restaurant<th>score<th>parts of the score<th>in their words</tr>"


def restaurants_page(title: str, rows: Sequence[dict[str, Any]]) -> str:
    """A table of restaurants with scores, their parts and quotes.

    title (str): title of the page.
    rows (Sequence): restaurants, as `Guide.find` returns them.
    RETURNS (str): HTML that needs no network and no script.
    """
    best = max((row["score"] for row in rows), default=1)
    lines = [_row(row, best) for row in rows]
    return page(title, [_STYLE, f"<h1>{escape(title)}</h1>", _HEADING, *lines, "</table>"], width="70em")


def _row(row: dict[str, Any], best: float) -> str:
    bar = f'<div style="background:#c3f0ba;width:{100 * row["score"] / best:.0f}%">{row["score"]:.2f}</div>'
    parts = ", ".join(f"{name} {value:.2f}" for name, value in row["parts"].items() if value > 0)
    quotes = "".join(f"<blockquote>“{escape(quote)}”</blockquote>" for quote in row["quotes"])
    reviews = "1 review" if row["reviews"] == 1 else f"{row['reviews']} reviews"
    stars = f", {row['stars']:.1f} stars" if row["stars"] is not None else ""
    name = f"<b>{escape(row['name'])}</b><br>{escape(row['city'])}<br>{reviews}{stars}"
    return f'<tr><td>{name}<td style="width:7em">{bar}<td>{escape(parts)}<td>{quotes}</tr>'
