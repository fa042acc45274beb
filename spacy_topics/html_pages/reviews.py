"""A page of reviews, with boxes around entities and terms underlined in the colour of their topic."""

from collections.abc import Sequence
from html import escape

from spacy.tokens import Doc

from corpora.labels import LABELS
from spacy_topics.explain import Term, explain
from spacy_topics.html_pages.base import colours_of, legend, page
from spacy_topics.terms.reader import TermReader
from spacy_topics.topic_model import TopicModel

_OTHER = "#ddd"  # the colour of labels that are not in LABELS
_STYLE = """<style>
mark.ent { white-space: normal; padding: .2em .35em; border-radius: .35em }
mark.ent small { font-size: .65em; font-weight: 600; margin-left: .4em; color: #555 }
u { text-decoration: none; border-bottom: 3px solid }
</style>"""


def review_page(model: TopicModel, docs: Sequence[Doc], title: str = "Reviews", threshold: float = 0.05) -> str:
    """A page of documents, with entities, terms and topics.

    Entities are coloured boxes with their label and link; terms are underlined in the colour of their topic; the topics'
    weights are below the text.

    model (TopicModel): the topic model of the pipeline.
    docs (Sequence): annotated Docs.
    title (str): title of the page.
    threshold (float): minimum weight of the topics to show, 0 to 1.
    RETURNS (str): HTML that needs no network and no script.
    """
    reader = TermReader.from_dict(model.terms, model.vocabulary)
    labels = model.labels
    body = [_STYLE, f"<h1>{escape(title)}</h1>"]
    for number, doc in enumerate(docs, 1):
        explanation = explain(model, doc, reader)
        colours = colours_of(explanation.topics(threshold))
        body += [f"<h2>{number}</h2>"] if len(docs) > 1 else []
        body += [f"<p>{_layered(doc, explanation.terms, colours, labels)}</p>", *legend(explanation, colours, labels)]
    return page(title, body)


def _layered(doc: Doc, terms: Sequence[Term], colours: dict[int, str], labels: Sequence[str]) -> str:
    """The text as HTML, with boxes around entities and underlined terms inside and outside them."""
    shown = [term for term in terms if term.topic in colours]
    parts, position = [], 0
    for ent in doc.ents:
        link = f" → {ent.kb_id_}" if ent.kb_id_ and ent.kb_id_ != "NIL" else ""
        colour = LABELS[ent.label_].colour if ent.label_ in LABELS else _OTHER
        inside = _underlined(doc.text, ent.start_char, ent.end_char, shown, colours, labels)
        parts.append(_underlined(doc.text, position, ent.start_char, shown, colours, labels))
        parts.append(f'<mark class="ent" style="background:{colour}">{inside}<small>{escape(ent.label_ + link)}</small></mark>')
        position = ent.end_char
    return "".join([*parts, _underlined(doc.text, position, len(doc.text), shown, colours, labels)])


def _underlined(text: str, start: int, end: int, terms: Sequence[Term], colours: dict[int, str], labels: Sequence[str]) -> str:
    parts, position = [], start
    for term in terms:
        if term.start >= position and term.end <= end:
            tip = escape(f"{labels[term.topic]} ({term.probability:.2f})")
            parts.append(escape(text[position : term.start]))
            parts.append(f'<u style="border-color:{colours[term.topic]}" title="{tip}">')
            parts.append(f"{escape(text[term.start : term.end])}</u>")
            position = term.end
    return "".join([*parts, escape(text[position:end])])
