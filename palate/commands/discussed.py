"""`palate discussed`: what a city discusses, or each group of reviews."""

from typing import Annotated, Any

import typer

from corpora.errors import InputError
from palate.console import export, print_json, print_table, say, show
from palate.messages import with_signs
from palate.open_guide import open_guide
from palate.options import Annotations, Chart, City, Csv, Json, Seed, check_csv

_ONE = {"stars": "rating"}  # what one of the groups is, where "by" is a plural


def mount(app: typer.Typer) -> None:
    """Add the command to an app."""
    app.command("discussed")(discussed)


def discussed(
    annotations: Annotations,
    by: Annotated[
        str,
        typer.Option(
            help="Compare groups: month, year, stars, city, cuisine, restaurant, or a column kept by `annotate --keep`."
        ),
    ] = "",
    city: City = "",
    limit: Annotated[
        int | None, typer.Option("--limit", "-n", help="Maximum number of topics (default: 10; 3 of each group).", min=1)
    ] = None,
    output: Chart = None,
    seed: Seed = 0,
    csv: Csv = None,
    as_json: Json = False,
) -> None:
    """Show what is discussed in a city, or in each group of reviews, compared with all others; without a city, in all of them.

    Example sentences that praise are marked +, those that complain -.

    palate discussed --city Phoenix annotations

    palate discussed --by year -o years.svg annotations

    palate discussed --by stars --city Phoenix annotations
    """
    check_csv(csv, annotations)
    if not by:
        if output:
            raise InputError("a chart compares groups: give --by, too")
        rows = open_guide(annotations).discussed(city or None, limit or 10)
        export(rows, csv)
        columns = {"topic": "topic", "here": city, "elsewhere": "elsewhere"} if city else {"topic": "topic", "here": "share"}
        show(rows, "share of what is discussed", as_json, columns, {"here": ".1%", "elsewhere": ".1%"})
        return
    from spacy_topics.charts import check_chart
    from spacy_topics.guide.charts import topics_by_chart
    from spacy_topics.guide.topics_by import SURE, topics_by

    if output:
        check_chart(output)
    found = topics_by(open_guide(annotations), by, city or None, limit or 3, seed=seed)
    _say(found)
    if output:
        topics_by_chart(found, output)
        say(f"chart written to {output}")
    export(found.records, csv)
    if as_json:
        print_json(found.records)
        return
    sure = [row for row in found.records if row["sure"] is not None and row["sure"] >= SURE]
    if not sure:
        if len(found.groups) > 1:
            say(f"no {_ONE.get(by, by)} differs from the others by more than chance; --json shows all of them")
        return
    if len(sure) < len(found.records):
        say(f"{len(found.records) - len(sure)} differences that are less than {SURE:.0%} sure are left out; --json shows them")
    columns = {
        "group": by,
        "reviews": "reviews",
        "topic": "topic",
        "share": "share",
        "interval": "95 %",
        "elsewhere": "elsewhere",
    }
    columns |= {"sure": "sure", "quote": "example"}
    print_table(
        [_row(row) for row in sure], "share of what is discussed", columns, {"share": ".1%", "elsewhere": ".1%", "sure": ".0%"}
    )


def _row(row: dict[str, Any]) -> dict[str, Any]:
    interval = f"{row['low']:.1%} to {row['high']:.1%}"
    return {**row, "interval": interval, "quote": with_signs(row)}


def _say(found: Any) -> None:
    """Say what was resampled, and which reviews and groups are left out."""
    lacking = {"month": "date", "year": "date"}.get(found.by, found.by)
    if found.unread.unread:
        such = f", such as {found.unread.such_as!r:.40}"
        say(f"{found.unread.unread} reviews are left out: their {lacking} cannot be read{such}")
    if found.unread.without:
        say(f"{found.unread.without} reviews are left out: they have no {lacking}")
    if found.left_out:
        hint = "" if found.by == "city" else ": --city asks for one city"
        say(f"{found.left_out} groups with fewer reviews are told only as others{hint}")
    if len(found.groups) == 1:
        one = _ONE.get(found.by, found.by)
        say(f"all reviews are of one {one}, {found.groups[0]}: there is nothing to compare it with")
    elif found.over == "restaurants":
        say("intervals: restaurants resampled, since reviews of one restaurant are alike")
    else:
        why = "the groups are restaurants" if found.by == "restaurant" else "there are fewer than five restaurants"
        say(f"intervals: reviews resampled, since {why}")
