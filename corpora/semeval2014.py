"""Reads SemEval-2014 task 4, restaurants (Pontiki et al. 2014): sentences with aspect terms."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

from corpora.errors import InputError


class AspectSentence(NamedTuple):
    """One sentence.

    id (str): its id.
    text (str): its text.
    terms (list): (start, end) of each aspect term: offsets of characters, with end exclusive.
    """

    id: str
    text: str
    terms: list[tuple[int, int]]


def read(path: str | Path) -> Iterator[AspectSentence]:
    """Read the sentences one at a time. The terms have no labels, so they can measure coverage, but not precision.

    path (str | Path): XML with the root <sentences> (Restaurants_Train_v2.xml). A document type declaration is an error, so
        that no XML entity is ever expanded.
    YIELDS (AspectSentence): sentences in the file's order.
    RAISES InputError: a file that is not such XML; a sentence without id or text, or with a term that is not at its offsets
        (the message names the sentence).
    RAISES OSError: the file cannot be read.
    """
    for sentence, elements in _sentences(path):
        where = f"{path}, sentence {sentence.id!r:.40}"
        yield sentence._replace(terms=[_offsets(term, sentence.text, where) for term in elements])


def polarities(path: str | Path) -> Iterator[tuple[str, tuple[int, int], str]]:
    """Read the polarity of each aspect term.

    path (str | Path): see `read`.
    YIELDS (tuple): the sentence's text, (start, end) of the term, and its polarity: positive, negative, neutral or conflict.
    RAISES InputError: see `read`; a term without a polarity.
    RAISES OSError: the file cannot be read.
    """
    for sentence, elements in _sentences(path):
        where = f"{path}, sentence {sentence.id!r:.40}"
        for term in elements:
            if (polarity := term.get("polarity")) is None:
                raise InputError(f"{where}: {term.get('term')!r:.40} has no polarity")
            yield sentence.text, _offsets(term, sentence.text, where), polarity


def _sentences(path: str | Path) -> Iterator[tuple[AspectSentence, list[ElementTree.Element]]]:
    """Sentences, still without terms, and the elements of their terms."""
    try:
        root = ElementTree.parse(path, ElementTree.XMLParser(target=_NoDoctype())).getroot()
    except (ElementTree.ParseError, LookupError, ValueError) as error:  # the latter two: unknown encodings
        raise InputError(f"{path}: not SemEval-2014 XML ({error!s:.80})") from None
    if root.tag != "sentences":
        raise InputError(f"{path}: not SemEval-2014 XML: its root must be <sentences>. Received: <{root.tag:.40}>")
    for number, element in enumerate(root.iter("sentence"), 1):
        name, text = element.get("id"), element.findtext("text")
        if not name or text is None:
            raise InputError(f"{path}, sentence {number}: an id and a <text> are needed")
        yield AspectSentence(name, text, []), list(element.iter("aspectTerm"))


class _NoDoctype(ElementTree.TreeBuilder):
    def doctype(self, *_: object) -> None:
        raise ElementTree.ParseError("a document type declaration is not allowed: delete <!DOCTYPE …>")


def _offsets(term: ElementTree.Element, text: str, where: str) -> tuple[int, int]:
    try:
        start, end = int(term.attrib["from"]), int(term.attrib["to"])
    except (KeyError, ValueError):
        raise InputError(f"{where}: from and to must be integers. Received: {dict(term.attrib)!s:.80}") from None
    if not 0 <= start < end or text[start:end] != term.get("term"):
        raise InputError(
            f"{where}: {term.get('term')!r:.40} is not at {start}:{end}, where the text is {text[start:end]!r:.40}"
        )
    return start, end
