"""Names that are common words ("Home", "Sauce"): are they restaurants where the pipeline says so?

python scripts/word_names.py list PIPELINE REVIEWS -o FILE.csv   # then read what is printed, and fill the column `right`
python scripts/word_names.py score FILE.csv

The file has ids of reviews and offsets, and no text.
"""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, NamedTuple

import numpy as np
import typer
from entities import load
from intervals import SEED, wilson
from own_names import document, is_restaurant, shuffled
from spacy.language import Language

from corpora.files import write_text
from corpora.reviews import Review
from spacy_topics.linking.name_evidence import is_of_words

SAMPLE = 1500  # reviews
NUMBER = 100  # occurrences, of which one reads each
CONTEXT = 60  # characters on either side

app = typer.Typer()


class Occurrence(NamedTuple):
    """A name in a review: the review, and the name's characters."""

    review: Review
    start: int
    end: int


@app.command("list")
def list_names(
    pipeline: Annotated[Path, typer.Argument(help="The pipeline.")],
    reviews: Annotated[Path, typer.Argument(help="Reviews; those of restaurants are taken, and what each is about is told.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="CSV of review, start, end and an empty column `right`.")],
    seed: Annotated[int, typer.Option(help="Which reviews, and which occurrences: another one for each reading.")] = SEED,
) -> None:
    """Draw occurrences from random reviews of restaurants, write their places and print them with their context."""
    some = [review for review in shuffled(reviews, seed) if is_restaurant(review)][:SAMPLE]
    found = list(occurrences(load(pipeline), some))
    drawn = [found[row] for row in sorted(np.random.default_rng(seed).permutation(len(found))[:NUMBER])]
    print(f"{len(found)} names of common words in {SAMPLE} reviews, of which {len(drawn)} are drawn\n")
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(("review", "start", "end", "right"))
    for count, one in enumerate(drawn, 1):
        writer.writerow((one.review.id, one.start, one.end, ""))
        print(f"{count:3d} ({one.review.name}) {in_context(one)}")
    write_text(output, table.getvalue())


def occurrences(nlp: Language, reviews: list[Review]) -> Iterator[Occurrence]:
    docs = nlp.pipe(document(nlp, review, told=True) for review in reviews)
    for review, doc in zip(reviews, docs, strict=True):
        for ent in doc.ents:
            if ent.label_ == "RESTAURANT" and is_of_words(ent):
                yield Occurrence(review, ent.start_char, ent.end_char)


def in_context(one: Occurrence) -> str:
    text = one.review.text
    parts = text[max(0, one.start - CONTEXT) : one.start], text[one.start : one.end], text[one.end : one.end + CONTEXT]
    return " ".join("{}[{}]{}".format(*parts).split())


@app.command()
def score(file: Annotated[Path, typer.Argument(help="What `list` wrote, with 1 or 0 in the column `right`.")]) -> None:
    """Print the share of the occurrences that are right."""
    with open(file, encoding="utf8", newline="") as lines:
        right = [int(row["right"]) for row in csv.DictReader(lines)]
    print(f"| names of common words | precision |\n|---|---|\n| {len(right)} | {wilson(sum(right), len(right))} |")


if __name__ == "__main__":
    app()
