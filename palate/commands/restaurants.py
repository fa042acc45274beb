"""`palate restaurants`: build knowledge bases of restaurants."""

from pathlib import Path
from typing import Annotated

import typer

from palate.console import print_json, say
from palate.options import Json, Table, input_files


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
    reviews: Annotated[Path | None, typer.Option(help="Reviews with business_id, for the profiles.")] = None,
    table: Table = "",
    as_json: Json = False,
) -> None:
    """Build a knowledge base of restaurants, which `restaurant_linker` links mentions to.

    palate restaurants build businesses.csv --topics bistro.topics --reviews reviews.jsonl -o bistro.restaurants
    """
    from corpora.businesses import read_businesses
    from corpora.files import check_writable
    from corpora.reviews import read_reviews
    from spacy_topics.linking.knowledge_base import KnowledgeBase
    from spacy_topics.pipeline.loading import preprocessing
    from spacy_topics.topic_model import TopicModel

    check_writable(output, *input_files(businesses, topics, reviews))
    model = TopicModel.load(topics)
    tokenizer = preprocessing(lang=model.terms.get("lang") or "en").tokenizer
    listed = read_businesses(businesses, table=table)
    base = KnowledgeBase.build(model, tokenizer, listed, read_reviews(reviews) if reviews else ())
    base.save(output)
    if as_json:
        print_json({"restaurants": len(base.restaurants), "names": len(base.aliases), "cities": len(base.cities)})
    say(f"{len(base.restaurants)} restaurants with {len(base.aliases)} names written to {output}")
