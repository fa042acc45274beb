"""What the commands that ask questions share: a guide is opened, and what it answered for is said."""

from pathlib import Path
from typing import Any

from palate.console import say
from palate.messages import counted


def open_guide(annotations: Path, own_cuisines: Path | None = None) -> Any:
    """Open a folder of annotations for questions.

    annotations (Path): the folder.
    own_cuisines (Path | None): a TOML file of the user's cuisines.
    RETURNS (Guide): the guide; it is said if not all reviews are annotated.
    """
    from spacy_topics.guide.guide import Guide

    guide = Guide(annotations, known=open_lexicon(own_cuisines))
    say_missing(guide.missing)
    return guide


def say_missing(count: int) -> None:
    """Say if not all reviews are annotated.

    count (int): number of reviews that are not.
    """
    if count:
        say(f"not annotated yet: {counted(count, 'review')}; `palate annotate` continues where it stopped")


def open_lexicon(own_cuisines: Path | None) -> Any:
    """The cuisines that palate knows, with the user's own.

    own_cuisines (Path | None): a TOML file of the user's cuisines.
    RETURNS (Lexicon): the lexicon.
    """
    from corpora.cuisines import read_cuisines
    from spacy_topics.lexicon import Lexicon, lexicon

    return Lexicon(read_cuisines(own_cuisines)) if own_cuisines else lexicon()


def with_answer(rows: list[dict[str, Any]], guide: Any, asked: str) -> list[dict[str, Any]]:
    """Say which cuisine is answered for, if it was asked for by another name, which may be narrower (that of a region).

    rows (list): the answer.
    guide (Guide): who answered.
    asked (str): the cuisine as the user gave it.
    RETURNS (list): the rows, which then have "answered_as".
    """
    answered = guide.cuisine(asked)
    if guide.lexicon.is_first_name(asked, answered):
        return rows
    say(f"{asked} is answered as {answered}")
    return [{**row, "answered_as": answered} for row in rows]
