"""`palate topics`, after the fit: merge, reduce, update, compare and search topics; reviews that stand for them."""

from pathlib import Path
from typing import Annotated, Any

import typer

from corpora.errors import InputError
from palate.console import export, print_json, print_line, print_table, say, show
from palate.messages import counted
from palate.options import (
    Csv,
    IdColumn,
    Json,
    NameColumn,
    Preprocessing,
    Reviews,
    Table,
    TextColumn,
    TopicModelFile,
    check_csv,
    column_names,
    input_files,
)

_SHOWN = 200  # letters of a review in a table
_TOPICS = {"weight": ".3f", "prevalence": ".1%"}
Output = Annotated[Path, typer.Option("--output", "-o", help="Where to write the new model.")]
MergedAnnotations = Annotated[
    tuple[Path, Path] | None,
    typer.Option("--annotations", help="FOLDER NEW: write the annotations of a folder with the merged topics into a new one."),
]
Measured = Annotated[
    Path | None,
    typer.Option("--reviews", help="Measure on these reviews how far their topics are from the sums of the old ones."),
]


def mount(app: typer.Typer) -> None:
    """Add the commands to an app."""
    app.command("merge")(merge)
    app.command("reduce")(reduce)
    app.command("hierarchy")(show_hierarchy)
    app.command("find")(find)
    app.command("examples")(examples)
    app.command("compare")(compare)
    app.command("proportions")(proportions)
    app.command("update")(update)


def merge(
    model: TopicModelFile,
    topics: Annotated[list[int], typer.Argument(help="Numbers of the topics, as `palate topics show` prints them.")],
    output: Output,
    name: Annotated[
        str | None, typer.Option(help="Name of the merged topic (default: the names of the topics).", show_default=False)
    ] = None,
    reviews: Measured = None,
    annotations: MergedAnnotations = None,
    csv: Csv = None,
    as_json: Json = False,
) -> None:
    """Merge topics into one; it gets the lowest of their numbers, and those after it move up.

    palate topics merge bistro.topics 3 7 -o merged.topics
    """
    from spacy_topics.merging import merge_topics
    from spacy_topics.topic_model import TopicModel

    loaded = TopicModel.load(model)
    _write(loaded, merge_topics(loaded, topics, name), model, output, reviews, annotations, csv, as_json)


def reduce(
    model: TopicModelFile,
    to: Annotated[int, typer.Option(help="Number of topics that are left.")],
    output: Output,
    reviews: Measured = None,
    annotations: MergedAnnotations = None,
    csv: Csv = None,
    as_json: Json = False,
) -> None:
    """Merge the topics that are most alike, until so many are left; the background stays alone.

    palate topics reduce bistro.topics --to 10 -o ten.topics
    """
    from spacy_topics.merging import reduce_topics
    from spacy_topics.topic_model import TopicModel

    loaded = TopicModel.load(model)
    _write(loaded, reduce_topics(loaded, to), model, output, reviews, annotations, csv, as_json)


def _write(
    loaded: Any,
    merged: Any,
    model: Path,
    output: Path,
    reviews: Path | None,
    annotations: tuple[Path, Path] | None,
    csv: Path | None,
    as_json: bool,
) -> None:
    """Write the merged model and annotations, and say what became of the topics."""
    from corpora.files import check_writable
    from corpora.reviews import read_texts
    from spacy_topics.annotations.merging import merge_annotations
    from spacy_topics.merging import theta_moved
    from spacy_topics.topic_search import read_bags

    check_writable(output, *input_files(model, reviews))
    check_csv(csv, model, reviews, output)
    moved = None
    if reviews:
        moved = theta_moved(loaded, merged, read_bags(loaded, read_texts(reviews)))
    if annotations:
        count = merge_annotations(*annotations, loaded, merged)
        say(f"{count} reviews with merged topics written to {annotations[1]}")
    merged.model.save(output)
    say(f"{loaded.num_topics} topics merged into {merged.model.num_topics}, written to {output}")
    rows = [
        {"was": [old for old, new in enumerate(merged.topics.tolist()) if new == row["topic"]], **row}
        for row in merged.model.summary()
    ]
    export(rows, csv)
    if moved and not as_json:
        say(
            f"topics of {moved['documents']} reviews, against the sums of the old ones: L1 distance {moved['mean_l1']:.3f} on"
            f" average (of at most 2), above .001 in {moved['moved']:.0%}"
        )
    if as_json:
        print_json({"topics": rows, "moved": moved})
    else:
        print_table(rows, f"{merged.model.num_topics} topics", formats=_TOPICS)


def update(
    model: TopicModelFile,
    reviews: Reviews,
    output: Output,
    memory: Annotated[
        float, typer.Option(help="How much a term of the old reviews weighs, against one of the new: 0 to 1000.")
    ] = 1.0,
    pipeline: Preprocessing = "",
    text_column: TextColumn = "",
    id_column: IdColumn = "",
    name_column: NameColumn = "",
    table: Table = "",
    csv: Csv = None,
    as_json: Json = False,
) -> None:
    """Learn from new reviews: topics keep their numbers and names, and terms that are new come in.

    Give reviews that the model does not know: what is given twice counts twice.

    palate topics update bistro.topics new.jsonl -o updated.topics --memory 0.5
    """
    from corpora.files import check_writable
    from corpora.reviews import read_reviews
    from spacy_topics.pipeline.loading import preprocessing
    from spacy_topics.topic_model import TopicModel
    from spacy_topics.update import changes, update_topics

    check_writable(output, *input_files(model, reviews))
    check_csv(csv, model, reviews, output)
    loaded = TopicModel.load(model)
    nlp = preprocessing(pipeline, loaded.terms.get("lang") or "en")
    given = read_reviews(reviews, column_names(text=text_column, id=id_column, name=name_column), table=table)
    updated = update_topics(loaded, nlp, given, memory=memory, source=str(model), file=str(reviews))
    updated.model.save(output)
    if updated.other_language:
        say(f"{counted(updated.other_language, 'review')} in other languages left out")
    count = counted(len(updated.new_terms), "new term") if updated.new_terms else "no new term"
    say(f"{counted(loaded.num_topics, 'topic')} updated with {counted(updated.documents, 'review')} and {count}, in {output}")
    rows = changes(loaded, updated)
    export(rows, csv)
    show(rows, f"{loaded.num_topics} topics", as_json, formats={"before": ".1%", "prevalence": ".1%"})


def show_hierarchy(
    model: TopicModelFile,
    chart: Annotated[Path | None, typer.Option("--output", "-o", help="Draw a chart: .svg, .png or .pdf.")] = None,
    csv: Csv = None,
    as_json: Json = False,
) -> None:
    """Show which topics are alike, as a tree (Ward's method on Hellinger distances).

    palate topics hierarchy bistro.topics -o tree.svg
    """
    from corpora.files import check_writable
    from spacy_topics.charts import check_chart, hierarchy_chart
    from spacy_topics.hierarchy import hierarchy, tree
    from spacy_topics.topic_model import TopicModel

    check_csv(csv, model)
    if chart:
        check_chart(chart)
        check_writable(chart, *input_files(model))
    loaded = TopicModel.load(model)
    rows = hierarchy(loaded)
    if chart and rows:
        hierarchy_chart(loaded, chart)
        say(f"chart written to {chart}")
    export(rows, csv)
    if as_json:
        print_json(rows)
    elif not rows:
        print_line("the model has fewer than two topics beside the background: there is no hierarchy")
    else:
        for line in tree(loaded):
            print_line(line)


def find(
    model: TopicModelFile,
    query: Annotated[str, typer.Argument(help="A few words.")],
    limit: Annotated[int, typer.Option("--limit", "-n", help="Maximum number of topics.", min=1)] = 5,
    pipeline: Preprocessing = "",
    csv: Csv = None,
    as_json: Json = False,
) -> None:
    """Find the topics that a few words are about.

    palate topics find bistro.topics "slow service"
    """
    from spacy_topics.pipeline.loading import preprocessing
    from spacy_topics.topic_model import TopicModel
    from spacy_topics.topic_search import find_topics

    check_csv(csv, model)
    loaded = TopicModel.load(model)
    doc = preprocessing(pipeline, loaded.terms.get("lang") or "en")(query)
    rows = find_topics(loaded, doc, limit)
    export(rows, csv)
    if not as_json:
        rows = [{**row, "terms": [f"{term} {share:.2f}" for term, share in row["terms"].items()]} for row in rows]
    show(rows, "share of the words that the topic explains", as_json, formats={"share": ".1%"})


def examples(
    model: TopicModelFile,
    reviews: Reviews,
    count: Annotated[int, typer.Option("--count", "-n", help="Number of reviews per topic.", min=1)] = 3,
    topic: Annotated[list[int] | None, typer.Option(help="Only this topic; may be repeated.")] = None,
    outliers: Annotated[
        float | None, typer.Option(help="Instead: this share of the reviews, those that no topic explains.", show_default=False)
    ] = None,
    pipeline: Preprocessing = "",
    text_column: TextColumn = "",
    id_column: IdColumn = "",
    table: Table = "",
    csv: Csv = None,
    as_json: Json = False,
) -> None:
    """Show the reviews that stand for each topic; or those that no topic explains.

    palate topics examples bistro.topics reviews.jsonl --topic 3

    palate topics examples bistro.topics reviews.jsonl --outliers 0.02
    """
    from corpora.reviews import read_reviews
    from spacy_topics import topic_search
    from spacy_topics.pipeline.loading import preprocessing
    from spacy_topics.topic_model import TopicModel

    check_csv(csv, model, reviews)
    loaded = TopicModel.load(model)
    nlp = preprocessing(pipeline, loaded.terms.get("lang") or "en")
    given = read_reviews(reviews, column_names(text=text_column, id=id_column), table=table)
    if outliers is not None:
        rows, title = (
            topic_search.outliers(loaded, nlp, given, outliers),
            "reviews that no topic explains (explained: log-likelihood per term beyond the background)",
        )
    else:
        rows, title = topic_search.representative(loaded, nlp, given, count, topic or None), "reviews that stand for topics"
    export(rows, csv)
    if not as_json:
        rows = [{**row, "text": _short(row["text"])} for row in rows]
    show(rows, title, as_json, formats={"share": ".0%"})


def compare(
    model: TopicModelFile,
    other: Annotated[Path, typer.Argument(help="Another topic model.")],
    csv: Csv = None,
    as_json: Json = False,
) -> None:
    """Match the topics of two models one to one, so that the sum of their cosines is greatest.

    palate topics compare bistro.topics longer.topics
    """
    from spacy_topics.metrics import compare
    from spacy_topics.topic_model import TopicModel

    check_csv(csv, model, other)
    rows = compare(TopicModel.load(model), TopicModel.load(other))
    export(rows, csv)
    columns = {"a": str(model), "label_a": "topic", "b": str(other), "label_b": "topic", "cosine": "cosine"}
    show(rows, "matched topics", as_json, columns)


def proportions(
    model: TopicModelFile,
    reviews: Reviews,
    output: Annotated[Path, typer.Option("--output", "-o", help="The CSV file to write.")],
    pipeline: Preprocessing = "",
    text_column: TextColumn = "",
    id_column: IdColumn = "",
    table: Table = "",
) -> None:
    """Write the topic proportions of every review: a row per review, a column per topic.

    palate topics proportions bistro.topics reviews.jsonl -o proportions.csv
    """
    from corpora.reviews import read_reviews
    from spacy_topics import topic_search
    from spacy_topics.pipeline.loading import preprocessing
    from spacy_topics.topic_model import TopicModel

    check_csv(output, model, reviews)
    loaded = TopicModel.load(model)
    nlp = preprocessing(pipeline, loaded.terms.get("lang") or "en")
    given = read_reviews(reviews, column_names(text=text_column, id=id_column), table=table)
    rows = topic_search.proportions(loaded, nlp, given)
    if not rows:
        raise InputError(f"{reviews} has no reviews")
    export(rows, output)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else f"{line[: _SHOWN - 1].rsplit(' ', 1)[0]}…"
