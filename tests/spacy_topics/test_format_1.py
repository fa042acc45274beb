"""Files written by commit 5c1654a (tests/data/format_1/make.py) are read and give the same answers."""

import base64
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import spacy

from spacy_topics.annotations.run import annotate
from spacy_topics.errors import InputError
from spacy_topics.guide.guide import Guide
from spacy_topics.linking.knowledge_base import KnowledgeBase
from spacy_topics.topic_model import TopicModel

FOLDER = Path(__file__).parents[1] / "data" / "format_1" / "text"
EXPECTED = json.loads((FOLDER / "expected.json").read_text("utf8"))
REVIEWS = [json.loads(line) for line in (FOLDER / "reviews.jsonl").read_text("utf8").splitlines()]


@pytest.fixture(scope="module")
def nlp():
    return spacy.load(FOLDER / "pipeline")


def theta():
    values = np.frombuffer(base64.b64decode(EXPECTED["theta"]), np.float32)
    return values.reshape(len(REVIEWS), -1)


def test_a_topic_model(nlp):
    model = TopicModel.load(FOLDER / "bistro.topics")
    assert model.fingerprint == EXPECTED["fingerprint"]
    assert model.to_bytes() == (FOLDER / "bistro.topics").read_bytes()
    blank = spacy.blank("en")
    topics = blank.add_pipe("lda_topics").load(FOLDER / "bistro.topics")
    found = topics.predict([blank.make_doc(row["text"]) for row in REVIEWS])
    np.testing.assert_allclose(found.theta, theta(), atol=1e-6)


def test_a_knowledge_base(nlp):
    base = KnowledgeBase.load(FOLDER / "bistro.places", nlp.vocab)
    assert base.fingerprint == EXPECTED["fingerprint"]
    assert base.to_bytes() == (FOLDER / "bistro.places").read_bytes()
    assert set(base.restaurants) >= {"lucia-phoenix", "home-baltimore"}


def test_a_pipeline(nlp):
    doc = nlp.make_doc(REVIEWS[0]["text"])
    doc._.city = REVIEWS[0]["city"]
    doc = nlp(doc)
    assert [label for label, _ in doc._.topics] == [label for label, _ in EXPECTED["topics"]]
    assert [weight for _, weight in doc._.topics] == pytest.approx([weight for _, weight in EXPECTED["topics"]], abs=1e-6)
    assert [label for label, _ in next(doc.sents)._.topics] == [label for label, _ in EXPECTED["sentence"]]
    found = [[e.start_char, e.end_char, e.label_, e.kb_id_] for e in doc.ents]
    assert found == [row[:4] for row in EXPECTED["entities"]]
    for ent, (*_, candidates) in zip(doc.ents, EXPECTED["entities"], strict=True):
        if ent.label_ == "RESTAURANT" and ent.kb_id_ != "NIL":  # others may be candidates: names are compared in another way
            assert ent._.candidates[0][0] == candidates[0][0]


@pytest.mark.parametrize(
    ("question", "given"), [("find", "italian"), ("cuisines", None), ("ingredients", "mexican"), ("discussed", "Phoenix")]
)
def test_annotations(question, given):
    guide = Guide(FOLDER / "annotations")
    found = getattr(guide, question)(*([given] if given else []))
    expected = EXPECTED[question]
    if question == "find":  # "house" is "restaurant_id" now; restaurants are scored in another way
        known = {row["house"]: (row["name"], row["city"], row["reviews"], row["stars"]) for row in expected}
        assert found[0]["restaurant_id"] == expected[0]["house"]
        assert {(row["name"], row["city"], row["reviews"], row["stars"]) for row in found} <= set(known.values())
        return
    if question == "ingredients":  # the highest lift comes first now; "no beans" and "no bacon" do not count, so cotija follows
        others = ("beans", "bacon", "cotija")
        found, expected = ([row for row in rows if row["ingredient"] not in others] for rows in (found, expected))
        expected = sorted(expected, key=lambda row: -row["lift"])
    assert [round_floats(row) for row in found] == [round_floats(row) for row in expected]


def round_floats(value):
    """As far as sums in another order agree."""
    if isinstance(value, dict):
        return {key: round_floats(item) for key, item in value.items()}
    return round(value, 2) if isinstance(value, float) else value


def test_annotations_are_not_mixed_with_those_of_another_format(tmp_path):
    shutil.copytree(FOLDER / "annotations", tmp_path / "out")
    before = {path: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    with pytest.raises(InputError, match=r"T080.*another format"):
        annotate(FOLDER / "reviews.jsonl", tmp_path / "out", FOLDER / "pipeline", part_size=20)
    assert {path: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before
    annotate(FOLDER / "reviews.jsonl", tmp_path / "out", FOLDER / "pipeline", part_size=20, restart=True)
    for question in ("cuisines", "discussed"):
        assert getattr(Guide(tmp_path / "out"), question)() == getattr(Guide(FOLDER / "annotations"), question)()
