"""`palate find`, `cuisines`, `ingredients` and `discussed`: answer questions from annotations."""

from pathlib import Path
from typing import Annotated, Any

import typer

from palate.console import print_json, print_table, say, show
from palate.messages import say_placement
from palate.options import Annotations, City, Json, Limit


def mount(app: typer.Typer) -> None:
    """Add the commands to an app."""
    app.command("find")(find)
    app.command("cuisines")(cuisines)
    app.command("ingredients")(ingredients)
    app.command("discussed")(discussed)


def find(
    annotations: Annotations,
    cuisine: Annotated[str, typer.Option(help="Name or adjective of a cuisine.")],
    city: City = "",
    limit: Limit = 10,
    min_score: Annotated[float | None, typer.Option(help="Minimum score; 0 shows all (default: 4).", min=0)] = None,
    html: Annotated[Path | None, typer.Option(help="Write a page of the restaurants, with the evidence for each.")] = None,
    as_json: Json = False,
) -> None:
    """Find the restaurants of a cuisine, best first, each with its score and quotes.

    palate find --cuisine italian --city Phoenix annotations
    """
    from corpora.files import check_writable, write_text
    from spacy_topics.annotations.placement import placement
    from spacy_topics.guide.guide import MIN_SCORE
    from spacy_topics.pages.restaurants import restaurants_page

    if html:
        check_writable(html, *annotations.glob("*"))
    guide = _guide(annotations)
    min_score = MIN_SCORE if min_score is None else min_score
    rows = guide.find(cuisine, city or None, limit, min_score=min_score)
    if (placed := placement(annotations)).by_link or placed.unplaced:
        say_placement(placed)
    title = f"{guide.cuisine(cuisine)} restaurants" + (f" in {city}" if city else "")
    if html:
        write_text(html, restaurants_page(title, rows))
        say(f"page written to {html}")
    if len(rows) < limit and (below := guide.count_below(cuisine, city or None, min_score)):
        say(f"{below} more with a score below {min_score:g} are left out: --min-score 0 shows them")
    if as_json:
        print_json(rows)
    else:
        joined = [{**row, "quotes": " / ".join(row["quotes"])} for row in rows]
        columns = {key: key for key in ("name", "city", "reviews", "score", "quotes")}
        print_table(joined, title, columns, {"score": ".2f"})


def cuisines(annotations: Annotations, city: City = "", as_json: Json = False) -> None:
    """Show how many restaurants each cuisine has, and the best of them.

    palate cuisines --city Phoenix annotations
    """
    rows = _guide(annotations).cuisines(city or None)
    columns = {key: key for key in ("cuisine", "restaurants", "share", "reviews", "where")}
    show(rows, f"cuisines{f' of {city}' if city else ''}", as_json, columns, {"share": ".1%"})


def ingredients(
    cuisine: Annotated[str, typer.Argument(help="Name or adjective of a cuisine.")],
    annotations: Annotations,
    dishes: Annotated[bool, typer.Option("--dishes", help="Show dishes instead.")] = False,
    limit: Limit = 20,
    as_json: Json = False,
) -> None:
    """Show what is typical of a cuisine: what reviews of its restaurants mention more often than other reviews.

    palate ingredients mexican annotations
    """
    rows = _guide(annotations).ingredients(cuisine, limit, "DISH" if dishes else "INGREDIENT")
    columns = {key: key for key in ("dish" if dishes else "ingredient", "lift", "reviews")}
    show(rows, cuisine, as_json, columns, {"lift": ".1f"})


def discussed(annotations: Annotations, city: City = "", limit: Limit = 10, as_json: Json = False) -> None:
    """Show what is discussed in a city, compared with all other cities.

    palate discussed --city Phoenix annotations
    """
    rows = _guide(annotations).discussed(city or None, limit)
    columns = {"topic": "topic", "here": city or "here", "elsewhere": "elsewhere"}
    show(rows, "share of what is discussed", as_json, columns, {"here": ".1%", "elsewhere": ".1%"})


def _guide(annotations: Path) -> Any:
    from spacy_topics.guide.guide import Guide

    guide = Guide(annotations)
    if guide.missing:
        say(f"{guide.missing} reviews are not annotated yet: run `palate annotate` again; it continues where it stopped")
    return guide
