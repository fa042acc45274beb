"""`palate corpus`: write a corpus that ships with palate."""

from pathlib import Path
from typing import Annotated

import typer

from corpora.errors import InputError
from palate.console import say
from palate.messages import counted

_REVIEWS = ("bistro", "street")


def mount(app: typer.Typer) -> None:
    """Add the command to an app."""
    app.command("corpus")(write_corpus)


def write_corpus(
    name: Annotated[str, typer.Argument(help="bistro, street or faces.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Where to write: a file for reviews, a folder for faces.")],
    split: Annotated[str, typer.Option(help="Reviews: train, dev or (bistro) test (default: all).")] = "",
    restaurants: Annotated[
        bool, typer.Option("--restaurants", help="Bistro: write the restaurants instead, as CSV: id, name, city, kind.")
    ] = False,
    count: Annotated[int | None, typer.Option(help="Faces: number of pictures (default: 600).")] = None,
    seed: Annotated[int | None, typer.Option(help="Faces: random seed (default: 0).")] = None,
) -> None:
    """Write a corpus that ships with palate: reviews as JSON lines, or drawn faces in CelebA's layout.

    bistro: reviews of invented restaurants.
    street: short posts in many styles.
    faces: drawn portraits with attributes.

    palate corpus bistro -o reviews.jsonl

    palate corpus faces -o faces/ --count 600 --seed 0
    """
    from corpora import bistro, street
    from corpora.files import write_text

    if name not in (*_REVIEWS, "faces"):
        raise InputError(f"there is no corpus {name!r}: choose bistro, street or faces")
    if (split or restaurants) if name == "faces" else (count, seed) != (None, None):
        raise InputError("--split and --restaurants are for reviews, --count and --seed for faces")
    if restaurants and name != "bistro":
        raise InputError("--restaurants is for bistro")
    if name == "faces":
        from corpora import faces

        count = 600 if count is None else count
        faces.write(output, count, seed or 0)
        say(f"{counted(count, 'face')} written to {output}")
    elif restaurants:
        write_text(output, bistro.as_csv(split or None))
        say(f"restaurants written to {output}")
    else:
        corpus = bistro if name == "bistro" else street
        say(f"{counted(corpus.write_reviews(output, split or None), 'review')} written to {output}")
