"""`palate discussed`: what a city discusses."""

import typer

from palate.console import show
from palate.open_guide import open_guide
from palate.options import Annotations, City, Json, Limit


def mount(app: typer.Typer) -> None:
    """Add the command to an app."""
    app.command("discussed")(discussed)


def discussed(annotations: Annotations, city: City = "", limit: Limit = 10, as_json: Json = False) -> None:
    """Show what is discussed in a city, compared with all other cities; without a city, in all of them.

    palate discussed --city Phoenix annotations
    """
    rows = open_guide(annotations).discussed(city or None, limit)
    columns = {"topic": "topic", "here": city, "elsewhere": "elsewhere"} if city else {"topic": "topic", "here": "share"}
    show(rows, "share of what is discussed", as_json, columns, {"here": ".1%", "elsewhere": ".1%"})
