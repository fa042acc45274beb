"""`palate find`: the restaurants of a cuisine."""

from pathlib import Path
from typing import Annotated

import typer

from palate.console import export, print_json, print_table, say
from palate.messages import say_placement, with_signs
from palate.open_guide import open_guide, with_answer
from palate.options import Annotations, City, Csv, CuisinesFile, Json, Limit, check_csv, input_files


def mount(app: typer.Typer) -> None:
    """Add the command to an app."""
    app.command("find")(find)


def find(
    annotations: Annotations,
    cuisine: Annotated[str, typer.Option(help="Name or adjective of a cuisine.")],
    city: City = "",
    limit: Limit = 10,
    min_score: Annotated[
        float | None, typer.Option(help="Minimum score; 0 shows all (default: 4, which a name alone gives).", min=0)
    ] = None,
    own_cuisines: CuisinesFile = None,
    html: Annotated[Path | None, typer.Option(help="Write a page of the restaurants, with the evidence for each.")] = None,
    csv: Csv = None,
    as_json: Json = False,
) -> None:
    """Find the restaurants of a cuisine, best first, each with its score and quotes.

    Quotes that praise are marked +, those that complain -.

    palate find --cuisine italian --city Phoenix annotations
    """
    from corpora.files import check_writable, write_text
    from spacy_topics.annotations.placement import placement
    from spacy_topics.guide.guide import MIN_SCORE
    from spacy_topics.html_pages.restaurants import restaurants_page

    if html:
        check_writable(html, *annotations.glob("*"), *input_files(own_cuisines))
    check_csv(csv, annotations, own_cuisines)
    guide = open_guide(annotations, own_cuisines)
    min_score = MIN_SCORE if min_score is None else min_score
    rows = with_answer(guide.find(cuisine, city or None, limit, min_score=min_score), guide, cuisine)
    if (placed := placement(annotations)).by_link or placed.unplaced:
        say_placement(placed)
    title = f"{guide.cuisine(cuisine)} restaurants" + (f" in {city}" if city else "")
    if html:
        write_text(html, restaurants_page(title, rows))
        say(f"page written to {html}")
    if len(rows) < limit and (below := guide.count_below(cuisine, city or None, min_score)):
        say(f"left out: {below} more, with a score below {min_score:g}; --min-score 0 shows them")
    export(rows, csv)
    if as_json:
        print_json(rows)
    else:
        joined = [{**row, "quotes": with_signs(row)} for row in rows]
        columns = {key: key for key in ("name", "city", "reviews", "score", "quotes")}
        print_table(joined, title, columns, {"score": ".2f"})
