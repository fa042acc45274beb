"""Reads sentences with entities from lines of BIO tags: one token per line, blank lines between sentences."""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from corpora.errors import InputError


class Sentence(NamedTuple):
    """One sentence.

    words (list): its words.
    entities (list): (start, end, label) of each entity: offsets of tokens, with end exclusive.
    """

    words: list[str]
    entities: list[tuple[int, int, str]]


def read_bio(
    lines: Iterable[str], source: str | Path, labels: Mapping[str, str | None], *, tag_column: int
) -> Iterator[Sentence]:
    """Read sentences one at a time. As in conlleval, an I- that continues no entity starts one.

    lines (Iterable): lines of a token and its tag, separated by tabs or spaces; "-DOCSTART-" is read as a blank line.
    source (str | Path): what messages call the file.
    labels (Mapping): the file's labels -> ours; entities whose label becomes None are left out, but their words stay.
    tag_column (int): 0 if the tag is before the token, 1 if it is after the token.
    YIELDS (Sentence): sentences in the order of the lines, without empty ones.
    RAISES InputError: a line without exactly two columns; an unknown tag. The message names the line.
    """
    known = {"O", *(prefix + label for label in labels for prefix in ("B-", "I-"))}
    words: list[str] = []
    tags: list[str] = []
    for number, line in enumerate(chain(lines, [""]), 1):
        columns = re.split(r"[ \t]+", line.strip(" \t\r\n"))
        if columns[0] in ("", "-DOCSTART-"):
            if words:
                yield Sentence(words, list(_entities(tags, labels)))
            words, tags = [], []
            continue
        if len(columns) != 2:
            raise InputError(f"{source}, line {number}: a token and its tag are expected. Received: {line.strip()!r:.60}")
        tag = columns.pop(tag_column)
        if tag not in known:
            allowed = ", ".join(labels)
            raise InputError(f"{source}, line {number}: unknown tag {tag!r:.40}: expected O, or B- or I- before {allowed}")
        words += columns
        tags.append(tag)


def _entities(tags: list[str], labels: Mapping[str, str | None]) -> Iterator[tuple[int, int, str]]:
    start, current = 0, ""
    for position, tag in enumerate([*tags, "O"]):
        prefix, _, label = tag.partition("-")
        if prefix == "I" and label == current:
            continue
        if ours := labels.get(current):
            yield start, position, ours
        start, current = position, label
