"""The pipeline that ships: what it finds in texts of kinds that its training texts are not of, and that it is found."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import spacy
from helpers import build_base

from corpora.businesses import Business
from spacy_topics.pipeline.loading import SHIPPED, load_pipeline

FOLDER = Path(__file__).parents[1] / SHIPPED


@pytest.fixture(scope="module")
def shipped():
    return load_pipeline(SHIPPED)


def found(nlp, text):
    return [(ent.text, ent.label_) for ent in nlp(text).ents]


@pytest.mark.parametrize(
    ("text", "entities"),
    [
        ("Ambience is average.", []),
        ("Ambiance was okay.", []),
        ("The staff is courteous.", []),
        ("The staff here is always friendly.", []),
        ("Be prepared.", []),
        ("Be patient.", []),
        ("Must visit place....", []),
        ("Loved it....", []),
        ("Food 😍😍 and service", []),
        ("Service 😡😡", []),
        ("Prices were quite fair.", []),
        ("Paid Rs. 350 for two", [("Rs. 350", "PRICE")]),
        ("Paid Rs 1200 for four", [("Rs 1200", "PRICE")]),
        ("12$ for a pho", [("12$", "PRICE"), ("pho", "DISH")]),
        ("15 quid for a burger", [("15 quid", "PRICE"), ("burger", "DISH")]),
        ("Open from 11am to 10pm daily", [("Open from 11am to 10pm daily", "HOURS")]),
        ("Food-5/5, Ambience-4/5", [("Food-5/5", "RATING"), ("Ambience-4/5", "RATING")]),
        ("Went to KFC yesterday", [("KFC", "RESTAURANT")]),
        ("mcdonalds or starbucks", [("mcdonalds", "RESTAURANT"), ("starbucks", "RESTAURANT")]),
    ],
)
def test_entities(text, entities, shipped):
    assert found(shipped, text) == entities


def test_names_of_a_knowledge_base(shipped):
    nlp = load_pipeline(SHIPPED)
    businesses = [Business("1", "Eventide", "Portland", ""), Business("2", "Duckfat", "Portland", "")]
    nlp.get_pipe("restaurant_linker").knowledge_base = build_base(nlp, businesses)
    assert [(ent.text, ent.label_, ent.kb_id_) for ent in nlp("We went to Eventide and Duckfat").ents] == [
        ("Eventide", "RESTAURANT", "1"),
        ("Duckfat", "RESTAURANT", "2"),
    ]


@pytest.mark.parametrize("text", ["....", "😍😍😍", "!!!", "- - -", "…", "****"])
def test_what_has_no_letter_is_no_entity(text, shipped):
    assert found(shipped, text) == []


def test_it_says_what_it_is():
    meta = json.loads((FOLDER / "meta.json").read_text("utf8"))
    assert meta["license"] == "MIT"
    assert "all-MiniLM-L6-v2" in json.dumps(meta["sources"])
    assert meta["spacy_version"].startswith(">=3.8")
    assert "RESTAURANT" in (FOLDER / "README.md").read_text("utf8")
    assert max(file.stat().st_size for file in FOLDER.rglob("*") if file.is_file()) < 10_000_000


def test_spacy_finds_it(tmp_path):
    """Installed, from anywhere."""
    script = f"import spacy; print(spacy.load({SHIPPED!r}).pipe_names)"
    run = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert "restaurant_matcher" in run.stdout
    assert spacy.util.is_package(SHIPPED)
