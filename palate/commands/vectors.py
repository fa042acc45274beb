"""`palate vectors` and `palate similar`: learn and use food vectors."""

from pathlib import Path
from typing import Annotated

import typer

from palate.console import export, say, show
from palate.messages import counted
from palate.options import (
    Csv,
    IdColumn,
    Json,
    Limit,
    Reviews,
    Table,
    TextColumn,
    check_csv,
    column_names,
    input_files,
)


def mount(app: typer.Typer) -> None:
    """Add the commands of the group to an app."""
    app.command("fit")(fit)
    app.callback()(_group)  # without a callback, Typer makes a group of one command a command


def mount_similar(app: typer.Typer) -> None:
    """Add `similar` to an app, outside the group."""
    app.command("similar")(similar)


def _group() -> None:
    pass


def fit(
    reviews: Reviews,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The folder to write, a spaCy pipeline that holds the vectors.")
    ],
    width: Annotated[int, typer.Option(help="Length of the vectors.", min=2, max=1000)] = 100,
    seed: Annotated[int, typer.Option(help="Random seed.", min=0, max=2**32 - 1)] = 0,
    text_column: TextColumn = "",
    id_column: IdColumn = "",
    table: Table = "",
) -> None:
    """Learn food vectors from reviews, for `palate similar` and for `spacy train --paths.vectors FOLDER`.

    palate vectors fit reviews.jsonl -o vectors
    """
    from corpora.files import check_folder, replacing_folder
    from corpora.reviews import read_texts
    from spacy_topics.vectors import fit_vectors

    check_folder(output, *input_files(reviews))
    texts = read_texts(reviews, column_names(text=text_column, id=id_column), table=table)
    nlp = fit_vectors(texts, width=width, seed=seed)
    with replacing_folder(output) as beside:
        nlp.to_disk(beside)
    say(f"vectors of {counted(len(nlp.vocab.vectors), 'word')} written to {output}")


def similar(
    word: Annotated[str, typer.Argument(help="A word, or several separated by spaces.")],
    pipeline: Annotated[str, typer.Option(help="Food vectors: a folder that `palate vectors fit` wrote, or a spaCy pipeline.")],
    add: Annotated[list[str] | None, typer.Option(help="A word to add; may be repeated.")] = None,
    subtract: Annotated[list[str] | None, typer.Option(help="A word to subtract; may be repeated.")] = None,
    limit: Limit = 10,
    csv: Csv = None,
    as_json: Json = False,
) -> None:
    """Find words that are used like this one, or like a sum of words.

    palate similar pasta --pipeline vectors

    palate similar sushi --subtract japanese --add mexican --pipeline vectors
    """
    from spacy_topics.pipeline.loading import load_pipeline
    from spacy_topics.vectors import similar_words

    check_csv(csv)
    words = [word, *(add or [])]
    rows = similar_words(load_pipeline(pipeline), words, subtract or [], limit)
    export(rows, csv)
    show(rows, " ".join(words), as_json)
