"""Topics to look at: a text with each term in its topic's colour, a map of all topics."""

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from spacy.tokens import Doc

from spacy_topics.errors import Errors, InputError
from spacy_topics.fold_in import to_bags
from spacy_topics.terms import TermReader
from spacy_topics.topic_model import TopicModel

# Light enough to read black text on; neighbours differ in hue and lightness (after Tableau's 20).
COLOURS = (
    *("#aec7e8", "#ffbb78", "#98df8a", "#ff9896", "#c5b0d5", "#c49c94", "#f7b6d2", "#dbdb8d", "#9edae5", "#c7c7c7"),
    *("#8fb9e3", "#ffd8a8", "#c3f0ba", "#ffc9c9", "#e3d5f0", "#e0c8c2", "#fde0ee", "#efefb5", "#cdf1f7", "#e6e6e6"),
)
_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
body {{ font: 16px/1.9 system-ui, sans-serif; max-width: 46em; margin: 2em auto; padding: 0 1em; color: #1a1a1a }}
h2 {{ font-size: 1em; margin: 2em 0 .3em; color: #555 }}
mark {{ padding: .15em .3em; border-radius: .35em; color: inherit; white-space: nowrap }}
.legend {{ list-style: none; padding: 0; line-height: 1.6; font-size: .9em }}
.legend li {{ display: flex; align-items: center; gap: .6em }}
.legend .scale {{ flex: none; width: 8em; display: flex }}
.legend .bar {{ height: 1em; border-radius: .2em }}
.legend .weight {{ flex: none; width: 3em; text-align: right; font-variant-numeric: tabular-nums }}
p {{ white-space: pre-wrap }}
</style></head><body>
{body}
</body></html>
"""


class Term(NamedTuple):
    """A term of a text: its characters (start, end), the term, its likeliest topic, and how sure that is (0 to 1)."""

    start: int
    end: int
    term: str
    topic: int
    probability: float


def discussed(model: TopicModel, doc: Doc, reader: TermReader | None = None) -> tuple[np.ndarray, list[Term]]:
    """What a document discusses, term by term: p(topic | term, document) is theta times p(term | topic), normalised.

    RETURNS (tuple): theta (K,) float32, and the known terms in reading order.
    """
    stream = (reader or TermReader.from_dict(model.terms, model.vocabulary)).terms([doc])
    theta = model.infer_bags(to_bags(stream.doc, stream.word, 1))[0]
    words, place = np.unique(stream.word, return_inverse=True)
    share = theta * model.word_topic[words]
    topics = share.argmax(axis=1)
    sure = share.max(axis=1) / share.sum(axis=1)
    terms = [
        Term(doc[token].idx, doc[last].idx + len(doc[last]), model.vocabulary[words[i]], int(topics[i]), float(sure[i]))
        for token, last, i in zip(stream.token.tolist(), stream.last.tolist(), place.tolist(), strict=True)
    ]
    return theta, terms


def topics_page(model: TopicModel, docs: Sequence[Doc], title: str = "Topics", threshold: float = 0.05) -> str:
    """An HTML page of documents with each term coloured by its topic, and the topics' weights beside; all text escaped.

    model (TopicModel), docs (Sequence): what to show; threshold (float): least weight of a topic in the legend.
    RETURNS (str): a page that needs no network and no script.
    """
    reader = TermReader.from_dict(model.terms, model.vocabulary)
    labels = model.labels
    body = [f"<h1>{escape(title)}</h1>"]
    for number, doc in enumerate(docs, 1):
        theta, terms = discussed(model, doc, reader)
        order = [int(topic) for topic in np.argsort(-theta, kind="stable") if theta[topic] >= threshold and terms]
        colour = {topic: COLOURS[place % len(COLOURS)] for place, topic in enumerate(order)}
        body += [f"<h2>{number}</h2>" if len(docs) > 1 else "", f"<p>{_coloured(doc.text, terms, colour, labels)}</p>"]
        legend = [_legend(labels[k], float(theta[k]), colour[k]) for k in order]
        body += ['<ul class="legend">', *(legend or ["<li>no term of this text is in the model's vocabulary</li>"]), "</ul>"]
    return _PAGE.format(title=escape(title), body="\n".join(body))


def _coloured(text: str, terms: Sequence[Term], colour: dict[int, str], labels: Sequence[str]) -> str:
    parts, read = [], 0
    for term in terms:
        if term.topic in colour and term.start >= read:
            tip = f"{labels[term.topic]} ({term.probability:.2f})"
            shade = f"{colour[term.topic]}{round(255 * term.probability):02x}"  # as strong as the term is sure
            parts.append(escape(text[read : term.start]))
            parts.append(f'<mark style="background:{shade}" title="{escape(tip)}">')
            parts.append(f"{escape(text[term.start : term.end])}</mark>")
            read = term.end
    return "".join([*parts, escape(text[read:])])


def _legend(label: str, weight: float, colour: str) -> str:
    bar = f'<span class="scale"><span class="bar" style="width:{100 * weight:.0f}%;background:{colour}"></span></span>'
    return f'<li><span class="weight">{weight:.2f}</span>{bar}<span>{escape(label)}</span></li>'


LABELS = {
    "RESTAURANT": "#ffc9c9",
    "CUISINE": "#c3f0ba",
    "DISH": "#ffd8a8",
    "INGREDIENT": "#efefb5",
    "LOCATION": "#cdf1f7",
    "PRICE": "#e3d5f0",
    "RATING": "#fde0ee",
    "AMENITY": "#d7e3f4",
    "HOURS": "#e0c8c2",
}
_LABEL_STYLE = """<style>
mark.ent { white-space: normal; padding: .2em .35em; border-radius: .35em }
mark.ent small { font-size: .65em; font-weight: 600; margin-left: .4em; color: #555 }
u { text-decoration: none; border-bottom: 3px solid }
table { border-collapse: collapse; font-size: .9em; line-height: 1.5; width: 100% }
td, th { text-align: left; vertical-align: top; padding: .35em .8em .35em 0; border-top: 1px solid #ddd }
td.number { text-align: right; font-variant-numeric: tabular-nums }
blockquote { margin: .2em 0; color: #444 }
</style>"""


def review_page(model: TopicModel, docs: Sequence[Doc], title: str = "Reviews", threshold: float = 0.05) -> str:
    """An HTML page of documents: entities as coloured boxes with their label and link, terms underlined in their topic's
    colour, the topics' weights below; all text escaped.

    model (TopicModel): the pipeline's. docs (Sequence): annotated Docs. threshold (float): least weight of a topic shown.
    RETURNS (str): a page that needs no network and no script.
    """
    reader = TermReader.from_dict(model.terms, model.vocabulary)
    labels = model.labels
    body = [_LABEL_STYLE, f"<h1>{escape(title)}</h1>"]
    for number, doc in enumerate(docs, 1):
        theta, terms = discussed(model, doc, reader)
        order = [int(topic) for topic in np.argsort(-theta, kind="stable") if theta[topic] >= threshold and terms]
        colour = {topic: COLOURS[place % len(COLOURS)] for place, topic in enumerate(order)}
        body += [f"<h2>{number}</h2>" if len(docs) > 1 else "", f"<p>{_layered(doc, terms, colour, labels)}</p>"]
        body += ['<ul class="legend">', *(_legend(labels[k], float(theta[k]), colour[k]) for k in order), "</ul>"]
    return _PAGE.format(title=escape(title), body="\n".join(body))


def _layered(doc: Doc, terms: Sequence[Term], colour: dict[int, str], labels: Sequence[str]) -> str:
    """The text with its entities boxed and the terms within and between them underlined."""

    def underlined(start: int, end: int) -> str:
        parts, read = [], start
        for term in terms:
            if term.topic in colour and term.start >= read and term.end <= end:
                tip = escape(f"{labels[term.topic]} ({term.probability:.2f})")
                parts.append(escape(doc.text[read : term.start]))
                parts.append(f'<u style="border-color:{colour[term.topic]}" title="{tip}">')
                parts.append(f"{escape(doc.text[term.start : term.end])}</u>")
                read = term.end
        return "".join([*parts, escape(doc.text[read:end])])

    parts, read = [], 0
    for ent in doc.ents:
        link = f" → {ent.kb_id_}" if ent.kb_id_ and ent.kb_id_ != "NIL" else ""
        parts.append(underlined(read, ent.start_char))
        parts.append(f'<mark class="ent" style="background:{LABELS.get(ent.label_, "#ddd")}">')
        parts.append(f"{underlined(ent.start_char, ent.end_char)}<small>{escape(ent.label_ + link)}</small></mark>")
        read = ent.end_char
    return "".join([*parts, underlined(read, len(doc.text))])


def guide_page(title: str, rows: Sequence[dict[str, Any]]) -> str:
    """An HTML page of the restaurants that `Guide.find` found, each with what speaks for it; all text escaped.

    RETURNS (str): a page that needs no network and no script.
    """
    best = max((row["score"] for row in rows), default=1)
    body = [_LABEL_STYLE, f"<h1>{escape(title)}</h1>", "<table><tr><th>restaurant<th>score<th>evidence<th>in their words</tr>"]
    for row in rows:
        bar = f'<div style="background:#c3f0ba;width:{100 * row["score"] / best:.0f}%">{row["score"]:.2f}</div>'
        parts = ", ".join(f"{name} {value:.2f}" for name, value in row["parts"].items() if value > 0)
        quotes = "".join(f"<blockquote>“{escape(quote)}”</blockquote>" for quote in row["quotes"])
        reviews = f"{row['reviews']} review" + "s" * (row["reviews"] != 1)
        stars = f", {row['stars']:.1f} stars" if row["stars"] is not None else ""
        place = f"<b>{escape(row['name'])}</b><br>{escape(row['city'])}<br>{reviews}{stars}"
        body.append(f'<tr><td>{place}<td style="width:7em">{bar}<td>{escape(parts)}<td>{quotes}</tr>')
    return _PAGE.format(title=escape(title), body="\n".join([*body, "</table>"])).replace("max-width: 46em", "max-width: 70em")


def topic_map(model: TopicModel) -> str:
    """The map of topics by pyLDAvis (Sievert & Shirley 2014), one HTML page with its scripts inside: needs no network.

    Topics lie by their Jensen-Shannon distances, sized by prevalence; their number is that of the model.
    """
    if model.num_topics < 2:
        raise InputError(Errors.T030.format(most=model.num_topics, why="a map needs two topics", got=model.num_topics))
    import pyLDAvis
    from pyLDAvis.urls import D3_LOCAL, LDAVIS_CSS_LOCAL, LDAVIS_LOCAL

    prevalence = np.maximum(model.prevalence.astype(np.float64), 1e-6)
    prepared = pyLDAvis.prepare(
        topic_term_dists=(model.phi / model.phi.sum(axis=1, keepdims=True)).astype(np.float64),
        doc_topic_dists=np.eye(model.num_topics),  # one "document" a topic, as long as the topic is prevalent
        doc_lengths=prevalence * max(1, model.term_frequency.sum()),
        vocab=model.vocabulary,
        term_frequency=np.maximum(model.term_frequency, 1),
        mds=_coordinates,
        sort_topics=False,
        start_index=0,
        n_jobs=1,
    )
    data = prepared.to_json().replace("</", "<\\/")  # a term may hold anything
    scripts = "".join(f"<script>{Path(path).read_text('utf8')}</script>" for path in (D3_LOCAL, LDAVIS_LOCAL))
    style = f"<style>{Path(LDAVIS_CSS_LOCAL).read_text('utf8')}</style>"
    head = f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Topics</title>{style}{scripts}</head>'
    names = "".join(f"<li>{escape(label)}</li>" for label in model.labels)
    body = f'<div id="topics"></div><ol start="0">{names}</ol><script>new LDAvis("#topics", {data});</script>'
    return f"{head}<body>{body}</body></html>"


def _coordinates(distributions: Any) -> np.ndarray:
    """Where topics lie (K, 2): principal coordinates of Jensen-Shannon divergences; pyLDAvis' are complex with NumPy 2.5."""
    from scipy.spatial.distance import pdist, squareform

    distances = squareform(np.nan_to_num(pdist(np.asarray(distributions), "jensenshannon"))) ** 2  # NaN: as good as equal
    centre = np.eye(len(distances)) - 1 / len(distances)
    values, vectors = np.linalg.eigh(-0.5 * centre @ distances**2 @ centre)
    return vectors[:, :-3:-1] * np.sqrt(np.maximum(values[:-3:-1], 0))
