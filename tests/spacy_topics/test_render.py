import json
import re

import numpy as np
import pytest

from spacy_topics.errors import InputError
from spacy_topics.render import discussed, sweep_chart, topic_map, topics_page
from spacy_topics.topic_model import TopicModel

TEXT = 'We waited an hour for tacos & <b>salsa</b> at "El Camino".'


def test_discussed(nlp, model):
    doc = nlp(TEXT)
    theta, terms = discussed(model, doc)
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


def test_map_needs_no_network(model):
    page = topic_map(model)
    assert not re.search(r"(src|href)=", page.split("<body>")[1])
    assert "<script src" not in page
    assert "new LDAvis" in page
    data = json.loads(page.split('new LDAvis("#topics", ')[1].split(");</script>")[0])
    assert len(data["mdsDat"]["topics"]) == model.num_topics


@pytest.mark.parametrize("topics", [2, 3])
def test_map_of_few_topics_and_dangerous_words(topics):
    words = ["</script><b>", *(f"w{i}" for i in range(39))]
    model = TopicModel(np.random.default_rng(0).dirichlet(np.ones(40), topics), np.ones(topics), words)
    assert "</script><b>" not in topic_map(model)


def test_sweep_chart(tmp_path):
    rows = [
        {"topics": k, "perplexity": 9.0, "coherence": 0.1, "diversity": 0.9, "stability": float("nan"), "seconds": 1}
        for k in (5, 9)
    ]
    for ending, magic in ((".svg", b"<?xml"), (".png", b"\x89PNG"), (".pdf", b"%PDF")):
        sweep_chart(rows, tmp_path / f"chart{ending}")
        assert (tmp_path / f"chart{ending}").read_bytes().startswith(magic)
    with pytest.raises(InputError, match="T022"):
        sweep_chart(rows, tmp_path / "chart.gif")
