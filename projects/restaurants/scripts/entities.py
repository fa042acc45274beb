"""Judge entities of real reviews: python scripts/entities.py PIPELINE [PIPELINE ...] GOLD.jsonl [--without-base]

GOLD has JSON lines of id, text, spans ([start, end, label] in characters), name and city of the restaurant. An entity is right
where start, end and label agree. Each pipeline is judged twice: the restaurant and its city told, and nothing told. Intervals
are 95 %, by bootstrap over reviews; the table of several pipelines has means, and the range of F1.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, NamedTuple

import numpy as np
import spacy
import typer
from intervals import with_interval
from spacy.tokens import Doc

ALL = "**all**"
HOW = {True: "restaurant and city told", False: "nothing told"}
FIGURES = ("precision", "recall", "F1")
Counts = dict[str, np.ndarray]  # label -> (documents, 3): right ones, those too many, those missed


class Gold(NamedTuple):
    """A review with its entities.

    text (str): the review.
    spans (frozenset): (start, end, label).
    name (str): name of the restaurant.
    city (str): its city.
    """

    text: str
    spans: frozenset[tuple[int, int, str]]
    name: str
    city: str


def main(
    paths: Annotated[list[Path], typer.Argument(metavar="PIPELINE... GOLD", help="Pipelines, and the reviews with entities.")],
    without_base: Annotated[bool, typer.Option("--without-base", help="Leave the knowledge base out: brands alone.")] = False,
) -> None:
    """Print tables of precision, recall and F1."""
    *pipelines, path = paths
    gold = read(path)
    loaded = [load(pipeline, without_base) for pipeline in pipelines]
    print(f"{len(gold)} reviews, {sum(len(one.spans) for one in gold)} entities{', no knowledge base' * without_base}\n")
    for told, how in HOW.items():
        counts = [count(nlp, gold, told) for nlp in loaded]
        if len(counts) > 1:
            for pipeline, one in zip(pipelines, counts, strict=True):
                print(f"{how}, {pipeline}\n\n{table([one])}\n")
            how += f", {len(counts)} pipelines"
        print(f"{how}\n\n{table(counts)}\n")


def read(path: Path) -> list[Gold]:
    rows = [json.loads(line) for line in path.read_text("utf8").splitlines()]
    return [Gold(row["text"], frozenset(map(tuple, row["spans"])), row["name"], row["city"]) for row in rows]


def load(pipeline: Path, without_base: bool = False) -> spacy.Language:
    """A pipeline that sets entities and does not link them; without its linker, the matcher has no knowledge base."""
    return spacy.load(pipeline, disable=["lda_topics", "restaurant_linker"], exclude=["restaurant_linker"] * without_base)


def about(doc: Doc, restaurant: str | None, city: str | None) -> Doc:
    """Tell the pipeline what a document is about, as far as it takes this."""
    if Doc.has_extension("restaurant"):
        doc._.restaurant = restaurant
    if Doc.has_extension("city"):
        doc._.city = city
    return doc


def count(nlp: spacy.Language, gold: Sequence[Gold], told: bool) -> Counts:
    docs = [about(nlp.make_doc(one.text), one.name if told else None, one.city if told else None) for one in gold]
    found = [frozenset((ent.start_char, ent.end_char, ent.label_) for ent in doc.ents) for doc in nlp.pipe(docs)]
    labels = sorted({label for spans in (*found, *(one.spans for one in gold)) for *_, label in spans})
    pairs = [(mine, one.spans) for mine, one in zip(found, gold, strict=True)]
    return {label: np.array([compared(*pair, label) for pair in pairs]) for label in (*labels, ALL)}


def compared(found: frozenset, right: frozenset, label: str) -> tuple[int, int, int]:
    mine, theirs = ({span for span in spans if label in (ALL, span[2])} for spans in (found, right))
    return len(mine & theirs), len(mine - theirs), len(theirs - mine)


def table(counts: Sequence[Counts]) -> str:
    """Rows of labels; figures are means over the pipelines."""
    several = len(counts) > 1
    columns = ["label", "entities", *FIGURES, *["F1 from, to"] * several]
    lines = [f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]
    for label in sorted({label for one in counts for label in one}, key=lambda label: (label == ALL, label)):
        some = [one.get(label, np.zeros_like(one[ALL])) for one in counts]
        cells = [with_interval(lambda rows, i=i, some=some: mean(some, rows)[i], len(some[0])) for i in range(3)]
        f1 = [figures(one)[2] for one in some]
        if several:
            cells.append(f"{min(f1):.3f}, {max(f1):.3f}")
        lines.append(f"| {label} | {some[0][:, [0, 2]].sum()} | {' | '.join(cells)} |")
    return "\n".join(lines)


def mean(counts: Sequence[np.ndarray], rows: np.ndarray) -> np.ndarray:
    return np.mean([figures(one[rows]) for one in counts], axis=0)


def figures(counts: np.ndarray) -> tuple[float, float, float]:
    """Precision, recall and F1 of documents' counts; 0 where there is nothing to divide by."""
    right, extra, missed = counts.sum(axis=0)
    return right / max(1, right + extra), right / max(1, right + missed), 2 * right / max(1, 2 * right + extra + missed)


if __name__ == "__main__":
    typer.run(main)
