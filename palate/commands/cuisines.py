"""`palate cuisines` and `palate ingredients`: which cuisines there are, and what is typical of one."""

from pathlib import Path
from typing import Annotated

import typer

from corpora.errors import InputError
from palate.console import export, show
from palate.open_guide import open_guide, open_lexicon, with_answer
from palate.options import Annotations, City, Csv, CuisinesFile, Json, Limit, check_csv


def mount(app: typer.Typer) -> None:
    """Add the commands to an app."""
    app.command("cuisines")(cuisines)
    app.command("ingredients")(ingredients)


def cuisines(
    annotations: Annotated[Path | None, typer.Argument(help="A folder written by `palate annotate`.")] = None,
    city: City = "",
    known: Annotated[
        bool, typer.Option("--known", help="Show all cuisines that palate knows instead, with the numbers of their words.")
    ] = False,
    own_cuisines: CuisinesFile = None,
    csv: Csv = None,
    as_json: Json = False,
) -> None:
    """Show how many restaurants each cuisine has, and the best of them.

    palate cuisines --city Phoenix annotations

    palate cuisines --known
    """
    check_csv(csv, annotations, own_cuisines)
    if known:
        rows = open_lexicon(own_cuisines).summary()
        export(rows, csv)
        show(rows, "known cuisines", as_json)
        return
    if annotations is None:
        raise InputError("give a folder of annotations, or --known")
    rows = open_guide(annotations, own_cuisines).cuisines(city or None)
    export(rows, csv)
    columns = {key: key for key in ("cuisine", "restaurants", "share", "reviews", "where")}
    show(rows, f"cuisines{f' of {city}' if city else ''}", as_json, columns, {"share": ".1%"})


def ingredients(
    cuisine: Annotated[str, typer.Argument(help="Name or adjective of a cuisine.")],
    annotations: Annotations,
    dishes: Annotated[bool, typer.Option("--dishes", help="Show dishes instead.")] = False,
    limit: Limit = 20,
    own_cuisines: CuisinesFile = None,
    csv: Csv = None,
    as_json: Json = False,
) -> None:
    """Show what is typical of a cuisine: what reviews of its restaurants mention more often than other reviews.

    palate ingredients mexican annotations
    """
    check_csv(csv, annotations, own_cuisines)
    guide = open_guide(annotations, own_cuisines)
    rows = with_answer(guide.ingredients(cuisine, limit, "DISH" if dishes else "INGREDIENT"), guide, cuisine)
    export(rows, csv)
    columns = {key: key for key in ("dish" if dishes else "ingredient", "lift", "reviews")}
    title = f"typical {'dishes' if dishes else 'ingredients'} ({guide.cuisine(cuisine)})"
    show(rows, title, as_json, columns, {"lift": ".1f"})
