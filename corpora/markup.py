"""Inline entity markup that a person can read: ``[cacio e pepe](DISH)``, ``[Lucia](RESTAURANT:lucia-phoenix)``.

A mention is ``[text](LABEL)`` or ``[text](LABEL:id)``. Mentions do not nest, and the text holds no brackets.
"""

import re
from typing import NamedTuple

_MENTION = re.compile(r"\[([^\[\]]+)\]\(([A-Z]+)(?::([\w-]+))?\)")
_LEFTOVER = re.compile(r"[\[\]]")


class Mention(NamedTuple):
    """One marked stretch: character offsets into the plain text, its label, and the id it stands for ("" if none)."""

    start: int
    end: int
    label: str
    kb_id: str


def parse(marked: str) -> tuple[str, list[Mention]]:
    """Split marked-up text into plain text and its mentions.

    marked (str): text with ``[text](LABEL)`` and ``[text](LABEL:id)``.
    RETURNS (tuple): the plain text, and the mentions in order, as offsets into it.
    RAISES ValueError: a bracket that belongs to no mention; the message quotes its surroundings.
    """
    plain: list[str] = []
    mentions = []
    length = read = 0
    for match in _MENTION.finditer(marked):
        before, (text, label, kb_id) = marked[read : match.start()], match.groups()
        plain += [before, text]
        start = length + len(before)
        length = start + len(text)
        mentions.append(Mention(start, length, label, kb_id or ""))
        read = match.end()
    text = "".join([*plain, marked[read:]])
    stray = _LEFTOVER.search(text)
    if stray:
        around = text[max(0, stray.start() - 30) : stray.end() + 30]
        raise ValueError(f"a bracket outside a mention near {around!r}: write [text](LABEL) or [text](LABEL:id)")
    return text, mentions
