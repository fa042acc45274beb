"""`palate restaurants`: build knowledge bases of restaurants."""

from pathlib import Path
from typing import Annotated

import typer

from palate.console import print_json, say
from palate.messages import counted
from palate.options import CuisinesFile, Json, Table, column_names, input_files


def mount(app: typer.Typer) -> None:
    """Add the commands of the group to an app."""
    app.command("build")(build)
    app.callback()(_group)  # without a callback, Typer makes a group of one command a command


def _group() -> None:
    pass


def build(
    businesses: Annotated[
        Path,
        typer.Argument(help="Businesses: id, name, city, kind; Yelp's business.json, CSV, TSV, Parquet, Excel or SQLite."),
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="Where to write the knowledge base.")],
    topics: Annotated[Path, typer.Option(help="The topic model of the restaurants' profiles.")],
    reviews: Annotated[
        Path | None, typer.Option(help="Reviews for the profiles, with business_id, or with name and city.")
    ] = None,
    id_column: Annotated[str, typer.Option(help="Column of the business's id (default: business_id or id).")] = "",
    name_column: Annotated[str, typer.Option(help="Column of the business's name (default: name or business_name).")] = "",
    city_column: Annotated[str, typer.Option(help="Column of the business's city (default: city).")] = "",
    kind_column: Annotated[str, typer.Option(help="Column of the business's categories (default: categories or kind).")] = "",
    table: Table = "",
    review_text_column: Annotated[str, typer.Option(help="Reviews: column of the text (default: text).")] = "",
    review_business_column: Annotated[
        str, typer.Option(help="Reviews: column of the restaurant's id (default: business_id).")
    ] = "",
    review_name_column: Annotated[
        str, typer.Option(help="Reviews: column of the restaurant's name (default: name or business_name).")
    ] = "",
    review_city_column: Annotated[str, typer.Option(help="Reviews: column of the restaurant's city (default: city).")] = "",
    review_table: Annotated[str, typer.Option(help="Reviews: the table or sheet of a file that has several.")] = "",
    own_cuisines: CuisinesFile = None,
    as_json: Json = False,
) -> None:
    """Build a knowledge base of restaurants, which `restaurant_linker` links mentions to.

    palate restaurants build businesses.csv --topics bistro.topics --reviews reviews.jsonl -o bistro.restaurants
    """
    from corpora.businesses import places_to_eat, read_businesses
    from corpora.cuisines import read_cuisines
    from corpora.files import check_writable
    from corpora.reviews import read_reviews
    from spacy_topics.lexicon import Lexicon
    from spacy_topics.linking.knowledge_base import KnowledgeBase
    from spacy_topics.pipeline.loading import preprocessing
    from spacy_topics.topic_model import TopicModel

    check_writable(output, *input_files(businesses, topics, reviews, own_cuisines))
    known = Lexicon(read_cuisines(own_cuisines)) if own_cuisines else None
    model = TopicModel.load(topics)
    tokenizer = preprocessing(lang=model.terms.get("lang") or "en").tokenizer
    columns = column_names(id=id_column, name=name_column, city=city_column, kind=kind_column)
    listed = list(read_businesses(businesses, columns, table=table))
    eating = places_to_eat(listed)
    review_columns = column_names(
        text=review_text_column, business_id=review_business_column, name=review_name_column, city=review_city_column
    )
    given = list(read_reviews(reviews, review_columns, table=review_table)) if reviews else []
    base = KnowledgeBase.build(model, tokenizer, eating, given, known=known)
    base.save(output)
    if as_json:
        figures = {"restaurants": len(base.restaurants), "names": len(base.aliases), "cities": len(base.cities)}
        print_json({**figures, "reviews": len(given), "reviews_used": base.reviews, "left_out": len(listed) - len(eating)})
    say(f"{counted(len(base.restaurants), 'restaurant')} with {counted(len(base.aliases), 'name')} written to {output}")
    if len(listed) > len(eating):
        say(f"left out as no place to eat, by category or name: {counted(len(listed) - len(eating), 'business')}")
    if reviews:
        used = f"{base.reviews} of {counted(len(given), 'review')} used"
        say(f"{used}: those whose business_id, or name and city, are those of a restaurant")
