"""Inline markup of entities that people can read: ``[cacio e pepe](DISH)``, ``[Lucia](RESTAURANT:lucia-phoenix)``.

A mention is ``[text](LABEL)`` or ``[text](LABEL:id)``. Mentions cannot be nested, and their text contains no brackets.
"""

import re
from typing import NamedTuple

_MENTION = re.compile(r"\[([^\[\]]+)\]\(([A-Z]+)(?::([\w-]+))?\)")
_LEFTOVER = re.compile(r"[\[\]]")


class Mention(NamedTuple):
    """One mention of an entity.

    start (int): its first character in the plain text.
    end (int): the character after its last one.
    label (str): its label.
    kb_id (str): the id of what it means; "" if it has none.
    """

    start: int
    end: int
    label: str
    kb_id: str


def parse(marked: str) -> tuple[str, list[Mention]]:
    """Split text with markup into plain text and mentions.

    marked (str): text with ``[text](LABEL)`` and ``[text](LABEL:id)``.
    RETURNS (tuple): the plain text, and the mentions in their order.
    RAISES ValueError: a bracket outside a mention; the message quotes the text around it.
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
