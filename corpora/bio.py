"""Sentences with entities from lines of BIO tags: one token a line, blank lines between sentences."""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from corpora.errors import InputError


class Sentence(NamedTuple):
    """The words of one sentence and its entities: token offsets start and end (exclusive), and the label."""

    words: list[str]
    entities: list[tuple[int, int, str]]


def read_bio(
    lines: Iterable[str], source: str | Path, labels: Mapping[str, str | None], *, tag_column: int
) -> Iterator[Sentence]:
    """Read sentences one at a time. As for conlleval, an I- that continues nothing starts an entity.

    lines (Iterable): a token and its tag, parted by tabs or spaces; "-DOCSTART-" is read as a blank line.
    source (str | Path): what errors name as the file.
    labels (Mapping): from the file's labels to ours; entities whose label becomes None are left out, their words stay.
    tag_column (int): 0 where the tag stands before the token, 1 where it stands after it.
    YIELDS (Sentence): in the lines' order, none of them empty.
    RAISES InputError: a line that has not two columns, an unknown tag; names the line.
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
            raise InputError(f"{source}, line {number}: a token and its tag are read. Received: {line.strip()!r:.60}")
        tag = columns.pop(tag_column)
        if tag not in known:
            there = ", ".join(labels)
            raise InputError(f"{source}, line {number}: unknown tag {tag!r:.40}: O, and B- or I- before {there} would do")
        words += columns
        tags.append(tag)


def _entities(tags: list[str], labels: Mapping[str, str | None]) -> Iterator[tuple[int, int, str]]:
    start, current = 0, ""
    for place, tag in enumerate([*tags, "O"]):
        prefix, _, label = tag.partition("-")
        if prefix == "I" and label == current:
            continue
        if ours := labels.get(current):
            yield start, place, ours
        start, current = place, label
