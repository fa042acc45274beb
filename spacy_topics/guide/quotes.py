"""Quotes: the part of a sentence that says why a restaurant is found, short enough to be read in a list."""

import re
from collections.abc import Mapping

WIDTH = 200  # letters that are shown around what counts
_ROOM = 1.2  # a line that is only so much longer is shown whole
DENIALS = ("no", "without", "without any", "not any", "zero", "forget the", "hold the", "minus the")  # before a mention
_DISMISSED = re.compile(r"\b(?:forget (?:it|about it)|don['\u2019]?t bother|look elsewhere|go elsewhere)\b")
_BREAK = re.compile(r"[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+")
_WRAPPED = re.compile(r".{40,}(?:[^\W\d_]|,)")  # where such a line is followed by a small letter, a long line was wrapped


def is_denied(sentence: str, mention: str) -> bool:
    """Whether a sentence says that there is none of what it mentions: "no cream", "if you want tacos, forget it".

    sentence (str): the sentence.
    mention (str): the mention.
    """
    said = f" {_spaced(sentence).lower()}"
    return any(f" {word} {_spaced(mention).lower()}" in said for word in DENIALS) or bool(_DISMISSED.search(said))


def quote(sentence: str, values: Mapping[str, float], width: int = WIDTH) -> str:
    """Cut a sentence to what counts in it.

    Reviews that are lists are one sentence to a pipeline: of several lines, the one whose mentions count most is taken.

    sentence (str): the sentence.
    values (Mapping): mention -> how much it counts.
    width (int): number of letters around the mentions that are kept; words are not cut.
    RETURNS (str): the part, with a blank in place of other white space, and "…" where something was cut off.
    """
    for text in values:  # a mention is kept whole even if it is wrapped
        sentence = sentence.replace(text, _spaced(text))
    lines = _lines(sentence)
    if not lines:
        return ""
    line = max(lines, key=lambda line: sum(value for text, value in values.items() if _spaced(text) in line))
    if len(line) <= _ROOM * width:
        return line
    spans = [(line.find(_spaced(text)), len(text), value) for text, value in values.items() if _spaced(text) in line]
    return _cut(line, _best_start(spans, width), width)


def _lines(text: str) -> list[str]:
    """The lines of a text; those that were only wrapped are joined."""
    lines: list[str] = []
    for part in _BREAK.split(text):
        line = _spaced(part)
        if lines and line and line[0].islower() and _WRAPPED.fullmatch(lines[-1]):
            lines[-1] += f" {line}"
        elif line:
            lines.append(line)
    return lines


def _spaced(text: str) -> str:
    return " ".join(text.split())


def _best_start(spans: list[tuple[int, int, float]], width: int) -> int:
    """Where to begin, so that the mentions that count most are in the middle of what is shown."""
    best, found = (-1.0, 0), 0
    for first, _, _ in spans:
        inside = [
            (start, length, value) for start, length, value in spans if first <= start and start + length <= first + width
        ]
        score = (sum(value for _, _, value in inside), -first)
        if inside and score > best:
            last = max(start + length for start, length, _ in inside)
            best, found = score, (first + last - width) // 2
    return found


def _cut(line: str, start: int, width: int) -> str:
    start = max(0, min(start, len(line) - width))
    end = start + width
    if start and not line[start - 1].isspace():
        start = _after_blank(line, start, end)
    if end < len(line) and not line[end].isspace():
        end = _before_blank(line, start, end)
    return ("…" if start else "") + line[start:end].strip() + ("…" if end < len(line) else "")


def _after_blank(line: str, start: int, end: int) -> int:
    """The start of the next word; a language without blanks is cut where it is."""
    blank = line.find(" ", start, start + (end - start) // 4)
    return start if blank < 0 else blank + 1


def _before_blank(line: str, start: int, end: int) -> int:
    blank = line.rfind(" ", end - (end - start) // 4, end)
    return end if blank < 0 else blank
