import json
import re

import numpy as np
import pytest
from spacy.tokens import Span

from spacy_topics.explain import explain
from spacy_topics.html_pages.restaurants import restaurants_page
from spacy_topics.html_pages.reviews import review_page
from spacy_topics.html_pages.topic_map import coordinates, layout, topic_map
from spacy_topics.html_pages.topics import topics_page
from spacy_topics.topic_model import TopicModel

TEXT = 'We waited an hour for tacos & <b>salsa</b> at "El Camino".'


def test_explain(nlp, model):
    doc = nlp(TEXT)
    theta, terms, _ = explain(model, doc)
    assert (theta == doc._.topic_dist).all()
    assert [(doc.text[t.start : t.end], t.term) for t in terms][:3] == [("waited", "wait"), ("hour", "hour"), ("tacos", "taco")]
    assert ("El Camino", "el camino") in [(doc.text[t.start : t.end], t.term) for t in terms]
    assert all(0 < term.probability <= 1 for term in terms)


def test_page_is_escaped_and_whole(nlp, model):
    page = topics_page(model, [nlp(TEXT), nlp("<script>alert(1)</script> salsa")], title="<i>")
    assert "<b>" not in page
    assert "<script" not in page
    assert "<i>" not in page
    text = re.sub(r"<[^>]+>", "", page.split("<p>")[1].split("</p>")[0])
    assert text == TEXT.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    assert "http" not in page


def test_page_of_an_empty_text(nlp, model):
    assert "<mark" not in topics_page(model, [nlp("")])


def entities(doc, *given):
    """Set entities of (words, label, link)."""
    found = []
    for words, label, link in given:
        start = doc.text.index(words)
        span = doc.char_span(start, start + len(words))
        found.append(Span(doc, span.start, span.end, label, kb_id=link))
    doc.ents = found
    return doc


def shown(page):
    """The text of a page's first review, without labels and marks."""
    text = re.sub(r"<small>[^<]*</small>|<[^>]+>", "", page.split("<p>")[1].split("</p>")[0])
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&#x27;", "'").replace("&amp;", "&")


def test_review_page_has_entities_links_and_terms(nlp, model):
    doc = entities(nlp(TEXT), ("tacos", "DISH", ""), ("El Camino", "RESTAURANT", "el-camino-phoenix"))
    page = review_page(model, [doc], "A review")
    assert re.search(r'<mark class="ent" style="background:#ffd8a8"><u [^>]*>tacos</u><small>DISH</small></mark>', page)
    assert "<small>RESTAURANT → el-camino-phoenix</small></mark>" in page
    assert shown(page) == TEXT
    assert page.count("<li>") >= 1
    assert "<h1>A review</h1>" in page
    assert "http" not in page
    assert "<script" not in page


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ("", []),
        ("El Camino", [("El", "RESTAURANT", "")]),  # cuts a phrase of the model in two
        ("at El Camino we", [("Camino we", "RESTAURANT", "")]),
        ("tacos tacos", [("tacos", "DISH", ""), ("tacos", "DISH", "")][:1]),
        ("<b>tacos</b> & salsa", [("<b>tacos</b>", "DISH", "<i>")]),
        ("two\n\nlines of salsa", [("lines", "<script>", "")]),
        ("zzz", [("zzz", "RESTAURANT", "NIL")]),
    ],
)
def test_review_page_shows_the_whole_text_escaped(text, given, nlp, model):
    page = review_page(model, [entities(nlp(text), *given)], "<i>")
    assert shown(page) == text
    assert not re.search(r"<(b|i|script)>", page)
    assert "→ NIL" not in page
    assert page.count("<mark") == page.count("</mark>") == len(given)
    assert page.count("<u ") == page.count("</u>")


def test_review_page_of_several(nlp, model):
    page = review_page(model, [nlp("tacos"), nlp("salsa")])
    assert "<h2>1</h2>" in page
    assert "<h2>2</h2>" in page


def row(**more):
    parts = {"name": 4.0, "mentions": 1.0, "topics": 0.0, "learnt": -0.5}
    there = {"house": "x", "name": "Lucia", "city": "Leeds", "reviews": 2, "stars": 4.5, "score": 4.5, "parts": parts}
    return {**there, "quotes": ["Fine gnocchi."], **more}


def test_restaurants_page():
    page = restaurants_page("italian in Leeds", [row(), row(name="Piccolo", reviews=1, stars=None, score=0.9, quotes=[])])
    assert page.index("Lucia") < page.index("Piccolo")
    assert "Leeds<br>2 reviews, 4.5 stars" in page
    assert "<br>1 review<" in page
    assert "width:100%" in page
    assert "width:20%" in page
    assert "name 4.00, mentions 1.00<" in page  # what speaks against it is left out
    assert "<blockquote>“Fine gnocchi.”</blockquote>" in page
    assert "http" not in page


def test_restaurants_page_of_nothing():
    assert "<table>" in restaurants_page("nothing", [])


@pytest.mark.parametrize("field", ["name", "city", "quotes", "title"])
def test_restaurants_page_is_escaped(field):
    bad = "<script>alert('x')</script><img src=x onerror=alert(1)>{body}{{}}"
    page = restaurants_page(
        bad if field == "title" else "t", [row(**{} if field == "title" else {field: [bad] if field == "quotes" else bad})]
    )
    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt;" in page
    assert "{body}{{}}" in page


def map_data(page):
    return json.loads(page.split('id="data">')[1].split("</script>")[0])


def test_map_needs_no_network(model):
    page = topic_map(model)
    assert not re.search(r"(src|href|url)\s*[=(]", page)
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "")
    data = map_data(page)
    assert [topic["label"] for topic in data["topics"]] == model.labels
    assert [k for k, topic in enumerate(data["topics"]) if topic["background"]] == [model.background]
    words = [data["words"][term] for term, *_ in data["topics"][1]["terms"]]
    for relevance in (0.0, 0.35, 0.8, 1.0):  # all that the slider shows is there
        assert set(model.top_words(1, 20, relevance)) <= set(words)


def test_map_with_examples_and_shares(model):
    examples = [{"topic": 2, "id": "</script>", "share": 0.5, "text": "<b>" + "word " * 500}]
    shares = [{"by": "city", "names": ["Leeds", "</script>"], "shares": np.array([model.prevalence, np.full(12, np.nan)])}]
    data = map_data(topic_map(model, examples, shares))
    assert data["topics"][2]["examples"][0]["id"] == "</script>"
    assert len(data["topics"][2]["examples"][0]["text"]) <= 601
    assert data["groups"][0]["shares"][1] == [None] * 12


@pytest.mark.parametrize("topics", [2, 3, 40])
@pytest.mark.parametrize("background", [False, True])
def test_circles_are_whole_and_do_not_overlap(topics, background):
    phi = np.random.default_rng(topics).dirichlet(np.full(100, 0.1), topics)
    phi[1] = phi[0]  # two at one place
    names = [*[""] * (topics - 1), "background" if background else ""]
    model = TopicModel(phi, np.ones(topics), [f"w{i}" for i in range(100)], names=names, prevalence=np.arange(topics) ** 2.0)
    places, sizes = layout(model)
    gaps = np.hypot(*(places[:, None] - places).T) - sizes[:, None] - sizes
    assert gaps[np.triu_indices(topics, 1)].min() > -1e-3
    left, top, width, height = map_data(topic_map(model))["box"]
    assert (places - sizes[:, None] >= [left - 1e-4, top - 1e-4]).all()
    assert (places + sizes[:, None] <= [left + width + 1e-4, top + height + 1e-4]).all()


@pytest.mark.parametrize("names", [[""], ["background"]])
def test_map_of_one_topic(names):
    assert len(map_data(topic_map(TopicModel([[1, 1]], [1], ["a", "b"], names=names)))["topics"]) == 1


@pytest.mark.parametrize("topics", [2, 3])
def test_map_of_few_topics_and_dangerous_words(topics):
    words = ["</script><b>", *(f"w{i}" for i in range(39))]
    model = TopicModel(np.random.default_rng(0).dirichlet(np.ones(40), topics), np.ones(topics), words)
    assert "</script><b>" not in topic_map(model)


@pytest.mark.parametrize("seed", range(10))
def test_topics_that_are_nearly_one_lie_at_one_place(seed):
    """And those far apart lie as far apart as they are, where two dimensions can hold them."""
    random = np.random.default_rng(seed)
    one, other = random.dirichlet(np.full(40, 0.1), 2)
    phi = np.array([one, one * (1 + 1e-15 * random.normal(size=40)), other])
    x, y = coordinates(phi).T
    assert np.hypot(x[0] - x[1], y[0] - y[1]) < 1e-6
    middle = (one + other) / 2
    divergence = 0.5 * sum(np.sum(p * np.log(p / middle)) for p in (one, other))
    assert np.hypot(x[0] - x[2], y[0] - y[2]) == pytest.approx(divergence, rel=1e-4)
