"""`palate annotate` and `palate read`: run a pipeline over reviews, or over one text."""

from pathlib import Path
from typing import Annotated

import typer

from palate.console import export, has_terminal, print_json, print_table, say
from palate.messages import counted, say_placement
from palate.options import (
    SHIPPED_PIPELINE,
    BusinessColumn,
    CityColumn,
    Csv,
    DateColumn,
    IdColumn,
    Json,
    NameColumn,
    Pipeline,
    ReviewsFile,
    StarsColumn,
    Table,
    Text,
    TextColumn,
    check_csv,
    column_names,
    input_files,
    read_text,
)


def mount(app: typer.Typer) -> None:
    """Add the commands to an app."""
    app.command("annotate")(annotate)
    app.command("read")(read)


def annotate(
    reviews: ReviewsFile,
    output: Annotated[Path, typer.Option("--output", "-o", help="The folder of annotations; a stopped run continues there.")],
    pipeline: Pipeline = SHIPPED_PIPELINE,
    processes: Annotated[int, typer.Option(help="Number of processes; each loads the pipeline.")] = 1,
    part_size: Annotated[
        int, typer.Option(help="Maximum number of reviews per part; a stopped process loses at most one.")
    ] = 1000,
    restart: Annotated[bool, typer.Option("--restart", help="Remove the folder's annotations and start again.")] = False,
    append: Annotated[
        bool, typer.Option("--append", help="Annotate also the rows that the file has got after those annotated before.")
    ] = False,
    keep: Annotated[list[str] | None, typer.Option(help="Keep this column of the input, too; may be repeated.")] = None,
    text_column: TextColumn = "",
    id_column: IdColumn = "",
    business_column: BusinessColumn = "",
    name_column: NameColumn = "",
    city_column: CityColumn = "",
    stars_column: StarsColumn = "",
    date_column: DateColumn = "",
    table: Table = "",
    as_json: Json = False,
) -> None:
    """Run a pipeline over reviews, and keep topics, entities and links for find, cuisines, ingredients, discussed and drivers.

    palate annotate reviews.jsonl -o annotations
    """
    from spacy_topics.annotations import run
    from spacy_topics.annotations.placement import placement

    names = column_names(text=text_column, id=id_column, business_id=business_column, name=name_column, city=city_column)
    names |= column_names(stars=stars_column, date=date_column)
    done = run.annotate(
        reviews,
        output,
        pipeline,
        columns=names,
        keep=keep or [],
        table=table,
        processes=processes,
        part_size=part_size,
        restart=restart,
        append=append,
        progress=has_terminal(),
    )
    placed = placement(output)
    if as_json:
        print_json({**done._asdict(), "placed": placed._asdict()})
    before = f", {done.before} were annotated before" if done.before else ""
    say(f"{counted(done.reviews, 'review')} annotated{before}: {output}")
    say_placement(placed)
    if done.other_language:
        say(f"reviews that are not in the pipeline's language: {done.other_language}; what is found in them is unreliable")
    if done.stars_unread:
        say(f"reviews whose stars are no number: {done.stars_unread}; questions about stars leave them out")
    for name in done.failed:
        say(f"too long for the pipeline, left without annotations: {name}")
    if done.failed:
        raise typer.Exit(1)


def read(
    text: Text,
    pipeline: Pipeline = SHIPPED_PIPELINE,
    city: Annotated[str, typer.Option(help="The city that the text is about, for linking.")] = "",
    restaurant: Annotated[
        str, typer.Option(help="The restaurant that the text is about: its name, or its id in the knowledge base.")
    ] = "",
    html: Annotated[
        Path | None, typer.Option(help="Write a page with boxes around entities and terms underlined by topic.")
    ] = None,
    csv: Csv = None,
    as_json: Json = False,
) -> None:
    """Show what a pipeline finds in a text: entities, their links, and topics.

    palate read "The carnitas at El Camino were worth the wait."
    """
    from corpora.files import check_writable, write_text
    from spacy_topics.annotations.records import entity_records, read_doc
    from spacy_topics.html_pages.reviews import review_page
    from spacy_topics.pipeline.lda_topics import find_topics
    from spacy_topics.pipeline.loading import load_pipeline

    check_csv(csv, text)
    if html:
        check_writable(html, *input_files(text))
    nlp = load_pipeline(pipeline)
    doc = read_doc(nlp, read_text(text), city, restaurant)
    if html:
        component = find_topics(nlp, "the page")
        write_text(html, review_page(component.topic_model, [doc], "Review", component.threshold))
        say(f"page written to {html}")
    entities = entity_records(doc)
    topics = doc._.topics if doc.has_extension("topics") else []
    export(entities, csv)
    if as_json:
        print_json({"entities": entities, "topics": topics})
        return
    rows = [{**row, "candidates": [f"{name} {score:.2f}" for name, score in row["candidates"]]} for row in entities]
    columns = {key: key for key in ("text", "label", "link", "candidates")}
    print_table(rows, "entities", columns)
    if not topics:
        say("no topic stands out in this text")
        return
    print_table(
        [{"label": label, "weight": weight} for label, weight in topics],
        "topics",
        {"label": "label", "weight": "weight"},
        {"weight": ".2f"},
    )
