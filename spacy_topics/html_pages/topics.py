"""A page of texts, with each term in the colour of its topic."""

from collections.abc import Sequence
from html import escape

from spacy.tokens import Doc

from spacy_topics.explain import Term, explain
from spacy_topics.html_pages.base import colours_of, legend, page
from spacy_topics.terms.reader import TermReader
from spacy_topics.topic_model import TopicModel


def topics_page(model: TopicModel, docs: Sequence[Doc], title: str = "Topics", threshold: float = 0.05) -> str:
    """A page of documents, with each term in the colour of its topic, and the topics' weights below the text.

    model (TopicModel): the topics.
    docs (Sequence): the documents to show.
    title (str): title of the page.
    threshold (float): minimum weight of the topics to show, 0 to 1.
    RETURNS (str): HTML that needs no network and no script.
    """
    reader = TermReader.from_dict(model.terms, model.vocabulary)
    labels = model.labels
    body = [f"<h1>{escape(title)}</h1>"]
    for number, doc in enumerate(docs, 1):
        explanation = explain(model, doc, reader)
        colours = colours_of(explanation.topics(threshold))
        body += [f"<h2>{number}</h2>"] if len(docs) > 1 else []
        body += [f"<p>{_coloured(doc.text, explanation.terms, colours, labels)}</p>", *legend(explanation, colours, labels)]
    return page(title, body)


def _coloured(text: str, terms: Sequence[Term], colours: dict[int, str], labels: Sequence[str]) -> str:
    parts, position = [], 0
    for term in terms:
        if term.topic in colours and term.start >= position:
            tip = f"{labels[term.topic]} ({term.probability:.2f})"
            shade = f"{colours[term.topic]}{round(255 * term.probability):02x}"  # the more probable the topic, the stronger
            parts.append(escape(text[position : term.start]))
            parts.append(f'<mark style="background:{shade}" title="{escape(tip)}">')
            parts.append(f"{escape(text[term.start : term.end])}</mark>")
            position = term.end
    return "".join([*parts, escape(text[position:])])
