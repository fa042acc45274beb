"""SemEval-2014 task 4, restaurants (Pontiki et al. 2014): which aspect terms of a sentence does a pipeline find?"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

from corpora.errors import InputError


class AspectSentence(NamedTuple):
    """One sentence; its aspect terms are character offsets start and end (exclusive) into the text."""

    id: str
    text: str
    terms: list[tuple[int, int]]


def read(path: str | Path) -> Iterator[AspectSentence]:
    """Read the sentences one at a time. The terms have no types, so they measure coverage, never precision.

    path (str | Path): XML whose root is <sentences> (Restaurants_Train_v2.xml). A document type is refused, so no
        entity is ever expanded.
    YIELDS (AspectSentence): in the file's order.
    RAISES InputError: no such XML; a sentence without id or text, a term that does not stand at its offsets (names the
        sentence). OSError: the file cannot be read.
    """
    try:
        root = ElementTree.parse(path, ElementTree.XMLParser(target=_NoDoctype())).getroot()
    except (ElementTree.ParseError, LookupError, ValueError) as error:  # the latter two: unknown encodings
        raise InputError(f"{path}: no SemEval-2014 XML ({error!s:.80})") from None
    if root.tag != "sentences":
        raise InputError(f"{path}: no SemEval-2014 XML: its root is <sentences>. Received: <{root.tag:.40}>")
    for number, element in enumerate(root.iter("sentence"), 1):
        name, text = element.get("id"), element.findtext("text")
        if not name or text is None:
            raise InputError(f"{path}, sentence {number}: an id and a <text> are needed")
        yield AspectSentence(
            name, text, [_offsets(term, text, f"{path}, sentence {name!r:.40}") for term in element.iter("aspectTerm")]
        )


class _NoDoctype(ElementTree.TreeBuilder):
    def doctype(self, *_: object) -> None:
        raise ElementTree.ParseError("a document type is not read: delete <!DOCTYPE …>")


def _offsets(term: ElementTree.Element, text: str, where: str) -> tuple[int, int]:
    try:
        start, end = int(term.attrib["from"]), int(term.attrib["to"])
    except (KeyError, ValueError):
        raise InputError(f"{where}: from and to are whole numbers. Received: {dict(term.attrib)!s:.80}") from None
    if not 0 <= start < end or text[start:end] != term.get("term"):
        raise InputError(
            f"{where}: {term.get('term')!r:.40} does not stand at {start}:{end}, where {text[start:end]!r:.40} does"
        )
    return start, end
