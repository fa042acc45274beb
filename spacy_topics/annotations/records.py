"""Reviews -> pipeline -> records: what the pipeline finds in each review, as plain values."""

from collections.abc import Container, Iterable, Iterator, Sequence
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc, Span

from corpora.reviews import Review
from spacy_topics.annotations.schema import Record
from spacy_topics.pipeline.restaurant_linker import restaurant_ids

_BATCH = 64
_CONTEXT = 15  # tokens on each side of a mention, which replace its sentence if there are no sentence boundaries


def records(nlp: Language, reviews: Iterable[Review]) -> Iterator[Record]:
    """Run a pipeline over reviews.

    nlp (Language): the pipeline; topics, entities and links are recorded if it has components for them.
    reviews (Iterable): Reviews; one that is longer than the pipeline's `max_length` gets an empty document.
    YIELDS (Record): records in the order of the reviews.
    """
    known = restaurant_ids(nlp)
    pairs = ((_doc(nlp, review, known), review) for review in reviews)
    for doc, review in nlp.pipe(pairs, as_tuples=True, batch_size=_BATCH):
        fields = {**review._asdict(), **dict(review.kept or {})}
        text = fields.pop("text")
        del fields["kept"]
        mentions = [{"document": review.id, **_mention(ent)} for ent in doc.ents]
        yield Record({**fields, **_topics(doc)}, mentions, {"id": review.id, "text": text})


def _doc(nlp: Language, review: Review, known: Container[str]) -> Doc:
    doc = nlp.make_doc(review.text if len(review.text) <= nlp.max_length else "")
    return _about(doc, review.city, review.business_id if review.business_id in known else review.name)


def _about(doc: Doc, city: str | None, restaurant: str | None) -> Doc:
    """Say what a document is about to the components that want to know."""
    if Doc.has_extension("city"):
        doc._.city = city or None
    if Doc.has_extension("restaurant"):
        doc._.restaurant = restaurant or None
    return doc


def _topics(doc: Doc) -> dict[str, Any]:
    if not Doc.has_extension("topic_dist") or doc._.topic_dist is None:
        return {"topics": [], "topic_dist": [], "evidence": 0}
    topics = [{"label": label, "weight": round(weight, 6)} for label, weight in doc._.topics]
    return {"topics": topics, "topic_dist": doc._.topic_dist.tolist(), "evidence": doc._.topic_evidence}


def _mention(ent: Span) -> dict[str, Any]:
    candidates = candidates_of(ent) if ent.label_ == "RESTAURANT" else []
    return {
        "start": ent.start_char,
        "end": ent.end_char,
        "text": ent.text,
        "label": ent.label_,
        "kb_id": ent.kb_id_ or None,
        "score": candidates[0][1] if candidates else None,
        "sentence": _sentence(ent),
    }


def _sentence(ent: Span) -> str:
    """The sentence of a mention; without sentence boundaries, some tokens around the mention."""
    if ent.doc.has_annotation("SENT_START"):
        return ent.sent.text.strip()
    return ent.doc[max(0, ent.start - _CONTEXT) : ent.end + _CONTEXT].text


def candidates_of(ent: Span) -> Sequence[Any]:
    """[id, score] of the restaurants that an entity may mean, best first.

    ent (Span): the entity.
    """
    return ent._.candidates if Span.has_extension("candidates") else []


def entity_records(doc: Doc) -> list[dict[str, Any]]:
    """The entities of a document as records.

    doc (Doc): the document.
    RETURNS (list): dicts of text, label, link, and candidates (the three best).
    """
    return [
        {"text": ent.text, "label": ent.label_, "link": ent.kb_id_, "candidates": list(candidates_of(ent)[:3])}
        for ent in doc.ents
    ]


def read_doc(nlp: Language, text: str, city: str = "", restaurant: str = "") -> Doc:
    """Run a pipeline over one text.

    nlp (Language): the pipeline.
    text (str): the text.
    city (str): the city that it is about, for linking; "" if it is not known.
    restaurant (str): the restaurant that it is about: an id of the pipeline's knowledge base, or a name; "" if it is not known.
    """
    return nlp(_about(nlp.make_doc(text), city, restaurant))
