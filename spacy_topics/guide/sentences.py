"""Sentences of a text, by rule: for texts that no pipeline is at hand for."""

import re

_END = re.compile(r"(?<=[.!?…。！？])[\"')\]”’]*\s+(?=\S)|(?<=[。！？])|[\r\n\u2028\u2029]+")
_ABBREVIATION = re.compile(r"(?:\b(?:mr|mrs|ms|dr|st|rs|vs|etc|approx|no)|\b[a-z]\.[a-z])\.$", re.IGNORECASE)


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """(start, end) of each sentence of a text, without white space around it.

    text (str): the text.

    >>> sentence_spans("The pho is Rs. 90. Go!")
    [(0, 18), (19, 22)]
    """
    spans, start = [], 0
    for end in _END.finditer(text):
        if "\n" not in end.group() and _ABBREVIATION.search(text, max(0, end.start() - 8), end.start()):
            continue
        spans.append((start, end.end()))
        start = end.end()
    spans.append((start, len(text)))
    stripped = [(a + len(text[a:b]) - len(text[a:b].lstrip()), a + len(text[a:b].rstrip())) for a, b in spans]
    return [(a, b) for a, b in stripped if a < b]
