"""`palate search`: free words over the texts of reviews, and filters over what they mention."""

from pathlib import Path
from typing import Annotated, Any

import typer

from palate.console import export, print_json, print_table, say
from palate.messages import say_placement, with_signs
from palate.open_guide import say_missing
from palate.options import City, Csv, Json, Limit, check_csv


def mount(app: typer.Typer) -> None:
    """Add the command to an app."""
    app.command("search")(search)


def search(
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="[WORDS]... ANNOTATIONS", help="What to search for, and last a folder written by `palate annotate`."
        ),
    ],
    city: City = "",
    dish: Annotated[
        str | None, typer.Option(help="Only restaurants whose reviews mention this dish.", show_default=False)
    ] = None,
    amenity: Annotated[
        str | None, typer.Option(help="Only those whose reviews mention this: patio, live music, ...", show_default=False)
    ] = None,
    max_price: Annotated[
        str | None,
        typer.Option(
            help="Only those where the dish (or any, without --dish) costs so much at most: 15, £15, 'Rs 400'.",
            show_default=False,
        ),
    ] = None,
    cuisine: Annotated[
        str | None, typer.Option(help="Only those that `palate find` finds for this cuisine.", show_default=False)
    ] = None,
    min_stars: Annotated[
        float | None, typer.Option(help="Only those with so many stars on average.", min=0, show_default=False)
    ] = None,
    limit: Limit = 10,
    html: Annotated[Path | None, typer.Option(help="Write a page of the restaurants, with the sentences that answer.")] = None,
    csv: Csv = None,
    as_json: Json = False,
) -> None:
    """Search reviews for words, dishes, amenities and prices: the restaurants that have more of it than others, best first.

    Words in double quotes must stand together. The first search makes an index in the folder. Sentences that praise are marked
    +, those that complain -.

    palate search "pho patio" --city Phoenix annotations

    palate search --dish pho --amenity patio --max-price 15 --min-stars 4 annotations
    """
    from corpora.files import check_writable, write_text
    from spacy_topics.annotations.placement import placement
    from spacy_topics.guide.search import find_restaurants
    from spacy_topics.html_pages.restaurants import search_page

    annotations, query = Path(words[-1]), " ".join(words[:-1])
    if html:
        check_writable(html, *annotations.glob("*"))
    check_csv(csv, annotations)
    filters: dict[str, Any] = {"dish": dish, "amenity": amenity, "max_price": max_price, "cuisine": cuisine}
    found = find_restaurants(annotations, query, city=city or None, **filters, min_stars=min_stars, limit=limit)
    if found.indexed:
        say(f"the words of all reviews are indexed: {annotations / 'search.sqlite'}")
    say_missing(found.missing)
    if (placed := placement(annotations)).by_link or placed.unplaced:
        say_placement(placed)
    if found.unknown:
        say(f"no review of a restaurant says {' or '.join(found.unknown)}")
    if not found.restaurants:
        say("no restaurant has what is asked for")
    if found.total > limit:
        say(f"{found.total - limit} more restaurants are left out: --limit shows them")
    title = _title(query, city, {**filters, "min_stars": min_stars})
    if html:
        write_text(html, search_page(title, found.restaurants))
        say(f"page written to {html}")
    export(found.restaurants, csv)
    if as_json:
        print_json(found.restaurants)
    elif found.restaurants:
        columns = {"name": "name", "city": "city", "stars": "stars", "score": "score"}
        columns |= {"has": "reviews with"} if found.restaurants[0]["matches"] else {}
        columns |= {"price": "price"} if max_price is not None else {}
        formats = {"score": ".2f", "stars": ".1f"}
        print_table([_row(row) for row in found.restaurants], title, {**columns, "quotes": "quotes"}, formats)


def _row(row: dict[str, Any]) -> dict[str, Any]:
    has = ", ".join(f"{name} {count}" for name, count in row["matches"].items())
    price = None if row["price"] is None else f"{row['currency']}{row['price']:.2f}".removesuffix(".00")
    return {**row, "has": has, "price": price, "quotes": with_signs(row)}


def _title(query: str, city: str, filters: dict[str, Any]) -> str:
    asked = [f"{name.replace('_', ' ')} {value}" for name, value in filters.items() if value is not None]
    return ", ".join(filter(None, [query.strip(), *asked])) + (f" in {city}" if city else "")
