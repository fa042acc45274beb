"""`palate drivers`: what the stars depend on."""

from typing import Annotated, Any

import typer

from palate.console import export, print_json, print_table, say
from palate.messages import with_signs
from palate.open_guide import open_guide
from palate.options import Annotations, Chart, City, Csv, CuisinesFile, Json, Limit, Seed, check_csv


def mount(app: typer.Typer) -> None:
    """Add the command to an app."""
    app.command("drivers")(show_drivers)


def show_drivers(
    annotations: Annotations,
    city: City = "",
    cuisine: Annotated[str, typer.Option(help="Only restaurants of this cuisine (default: all).")] = "",
    limit: Limit = 10,
    own_cuisines: CuisinesFile = None,
    output: Chart = None,
    seed: Seed = 0,
    csv: Csv = None,
    as_json: Json = False,
) -> None:
    """Show what the stars of reviews depend on: topics, aspects such as the wait, and what is mentioned; the strongest first.

    Example sentences that praise are marked +, those that complain -.

    palate drivers annotations

    palate drivers --city Phoenix --cuisine mexican -o drivers.svg annotations
    """
    from spacy_topics.charts import check_chart
    from spacy_topics.guide import drivers
    from spacy_topics.guide.charts import drivers_chart

    check_csv(csv, annotations, own_cuisines)
    if output:
        check_chart(output)
    found = drivers.drivers(open_guide(annotations, own_cuisines), city or None, cuisine or None, limit, seed=seed)
    if found.without_stars:
        say(f"{found.without_stars} reviews are left out: they have no stars")
    if output:
        drivers_chart(found, output)
        say(f"chart written to {output}")
    export(found.records, csv)
    if as_json:
        print_json({**found._asdict(), "records": found.records})
        return
    columns = {"what": "what", "kind": "kind", "effect": "stars", "interval": "95 %", "sure": "sure", "reviews": "reviews"}
    columns["quote"] = "example"
    title = f"what the stars of {found.reviews} reviews of {found.restaurants} restaurants depend on"
    print_table([_row(row) for row in found.records], title, columns, {"effect": "+.2f", "sure": ".0%"})
    say(f"of restaurants held out, this tells {_told(found)}")
    if found.r2_reviews <= 0:
        say("it tells nothing about restaurants held out: do not rely on any of it")


def _told(found: Any) -> str:
    """Shares of the variance that are told; restaurants whose mean stars are all alike have none."""
    reviews = f"{max(found.r2_reviews, 0):.1%} of the variance of reviews"
    if found.r2_restaurants != found.r2_restaurants:
        return f"{reviews}; restaurants are all alike in their mean stars"
    return f"{reviews}, {max(found.r2_restaurants, 0):.1%} of that of restaurants"


def _row(row: dict[str, Any]) -> dict[str, Any]:
    kind = row["kind"] if row["kind"] in ("topic", "aspect") else row["kind"].lower()
    interval = f"{row['low']:+.2f} to {row['high']:+.2f}"
    return {
        **row,
        "what": row["what"] or f"(any {kind})",
        "kind": kind,
        "interval": interval,
        "quote": with_signs(row),
    }
