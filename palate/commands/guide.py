"""`palate find`, `cuisines`, `ingredients` and `discussed`: answer questions from annotations."""

from pathlib import Path
from typing import Annotated, Any

import typer

from corpora.errors import InputError
from palate.console import print_json, print_table, say, show
from palate.messages import say_placement
from palate.options import Annotations, City, CuisinesFile, Json, Limit, input_files


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
    own_cuisines: CuisinesFile = None,
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
        check_writable(html, *annotations.glob("*"), *input_files(own_cuisines))
    guide = _guide(annotations, own_cuisines)
    min_score = MIN_SCORE if min_score is None else min_score
    rows = _with_answer(guide.find(cuisine, city or None, limit, min_score=min_score), guide, cuisine)
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


def cuisines(
    annotations: Annotated[Path | None, typer.Argument(help="A folder written by `palate annotate`.")] = None,
    city: City = "",
    known: Annotated[
        bool, typer.Option("--known", help="Show all cuisines that palate knows instead, with the numbers of their words.")
    ] = False,
    own_cuisines: CuisinesFile = None,
    as_json: Json = False,
) -> None:
    """Show how many restaurants each cuisine has, and the best of them.

    palate cuisines --city Phoenix annotations

    palate cuisines --known
    """
    if known:
        show(_lexicon(own_cuisines).summary(), "known cuisines", as_json)
        return
    if annotations is None:
        raise InputError("give a folder of annotations, or --known")
    rows = _guide(annotations, own_cuisines).cuisines(city or None)
    columns = {key: key for key in ("cuisine", "restaurants", "share", "reviews", "where")}
    show(rows, f"cuisines{f' of {city}' if city else ''}", as_json, columns, {"share": ".1%"})


def ingredients(
    cuisine: Annotated[str, typer.Argument(help="Name or adjective of a cuisine.")],
    annotations: Annotations,
    dishes: Annotated[bool, typer.Option("--dishes", help="Show dishes instead.")] = False,
    limit: Limit = 20,
    own_cuisines: CuisinesFile = None,
    as_json: Json = False,
) -> None:
    """Show what is typical of a cuisine: what reviews of its restaurants mention more often than other reviews.

    palate ingredients mexican annotations
    """
    guide = _guide(annotations, own_cuisines)
    rows = _with_answer(guide.ingredients(cuisine, limit, "DISH" if dishes else "INGREDIENT"), guide, cuisine)
    columns = {key: key for key in ("dish" if dishes else "ingredient", "lift", "reviews")}
    show(rows, guide.cuisine(cuisine), as_json, columns, {"lift": ".1f"})


def discussed(annotations: Annotations, city: City = "", limit: Limit = 10, as_json: Json = False) -> None:
    """Show what is discussed in a city, compared with all other cities.

    palate discussed --city Phoenix annotations
    """
    rows = _guide(annotations).discussed(city or None, limit)
    columns = {"topic": "topic", "here": city or "here", "elsewhere": "elsewhere"}
    show(rows, "share of what is discussed", as_json, columns, {"here": ".1%", "elsewhere": ".1%"})


def _guide(annotations: Path, own_cuisines: Path | None = None) -> Any:
    from spacy_topics.guide.guide import Guide

    guide = Guide(annotations, known=_lexicon(own_cuisines))
    if guide.missing:
        say(f"{guide.missing} reviews are not annotated yet: run `palate annotate` again; it continues where it stopped")
    return guide


def _lexicon(own_cuisines: Path | None) -> Any:
    from corpora.cuisines import read_cuisines
    from spacy_topics.lexicon import Lexicon, lexicon

    return Lexicon(read_cuisines(own_cuisines)) if own_cuisines else lexicon()


def _with_answer(rows: list[dict[str, Any]], guide: Any, asked: str) -> list[dict[str, Any]]:
    """Say which cuisine is answered for, if it was asked for by another name, which may be narrower (that of a region)."""
    answered = guide.cuisine(asked)
    if guide.lexicon.is_first_name(asked, answered):
        return rows
    say(f"{asked} is answered as {answered}")
    return [{**row, "answered_as": answered} for row in rows]
