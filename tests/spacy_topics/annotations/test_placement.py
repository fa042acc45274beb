import json

import pytest
import spacy
from helpers import build_base

from corpora.businesses import Business
from spacy_topics.annotations.placement import Placement, placement
from spacy_topics.annotations.run import annotate
from spacy_topics.errors import InputError
from spacy_topics.guide.guide import Guide

LINKED, NOT = "Sumac was shut.", "The pie was fine."


@pytest.fixture
def placed(pipeline, tmp_path):
    def place(*rows, nlp=pipeline):
        (tmp_path / "r.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf8")
        annotate(tmp_path / "r.jsonl", tmp_path / "out", nlp)
        return placement(tmp_path / "out")

    return place


@pytest.fixture
def other_base(pipeline, tmp_path):
    """The pipeline with restaurants of Leeds that are not the demo's."""
    nlp = spacy.load(pipeline)
    nlp.get_pipe("restaurant_linker").knowledge_base = build_base(nlp, [Business("s", "Sumac", "Leeds")])
    nlp.to_disk(tmp_path / "other")
    return tmp_path / "other"


@pytest.mark.parametrize(
    ("rows", "counts"),
    [
        ([{"text": LINKED, "business_id": "sumac"}, {"text": NOT, "business_id": "b"}], (2, 0, 0, 0, "")),
        ([{"text": LINKED, "name": "Casa"}, {"text": NOT, "name": "Casa", "city": "York"}], (0, 2, 0, 0, "")),
        ([{"text": LINKED, "name": "Casa", "business_id": "b"}], (1, 0, 0, 0, "")),
        ([{"text": LINKED}, {"text": NOT}, {"text": ""}], (0, 0, 1, 2, "demo")),
        ([{"text": LINKED, "name": ""}, {"text": NOT, "name": "Casa"}], (0, 1, 1, 0, "demo")),
        ([{"text": NOT}], (0, 0, 0, 1, "")),
    ],
)
def test_counts(rows, counts, placed):
    assert placed(*rows) == Placement(*counts)


@pytest.mark.parametrize(
    ("city", "base"),
    [("Leeds", ""), ("Portland, Maine", "elsewhere"), (None, ""), ("—", "")],
    ids=["here", "there", "no", "dash"],
)
def test_a_base_of_another_place(city, base, placed, other_base):
    assert placed({"text": LINKED, "city": city}, {"text": LINKED}, nlp=other_base).base == base


def test_no_folder(tmp_path):
    with pytest.raises(InputError, match="T081"):
        placement(tmp_path)


def test_a_chain_has_its_name(pipeline, tmp_path):
    nlp = spacy.load(pipeline)
    nlp.get_pipe("entity_ruler").add_patterns([{"label": "RESTAURANT", "pattern": "KFC"}])
    nlp.to_disk(tmp_path / "nlp")
    (tmp_path / "r.jsonl").write_text('{"text": "Went to KFC yesterday."}\n')
    annotate(tmp_path / "r.jsonl", tmp_path / "out", tmp_path / "nlp")
    assert [(row["name"], row["city"]) for row in Guide(tmp_path / "out").restaurants] == [("KFC", "")]
