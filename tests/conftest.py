"""Fixtures: a small model of Bistro, and a small pipeline and its annotations, made once."""

import json
import os
import signal
import subprocess

import numpy as np
import pytest
import spacy
from helpers import ROOT, build_base
from hypothesis import settings

from corpora import bistro
from corpora.businesses import Business
from spacy_topics import lexicon
from spacy_topics.annotations.run import annotate
from spacy_topics.topic_model import TopicModel

signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job ignores Ctrl-C, and so would what tests start
settings.register_profile("palate", deadline=None, max_examples=40, derandomize=True)
settings.load_profile("palate")


@pytest.fixture(scope="session")
def texts():
    return [review.text for review in bistro.reviews()]


@pytest.fixture(scope="session")
def model_bytes(texts):
    nlp = spacy.blank("en")
    config = {"num_topics": 12, "seeds": {"mexican": ["taco", "salsa", "tortilla"]}}
    config["trainer"] = {"@misc": "spacy_topics.Gibbs.v1", "iterations": 100, "burn_in": 50}
    return nlp.add_pipe("lda_topics", config=config).fit(texts).to_bytes()


@pytest.fixture
def model(model_bytes):
    return TopicModel.from_bytes(model_bytes)


@pytest.fixture
def model_path(model, tmp_path):
    model.save(tmp_path / "bistro.topics")
    return tmp_path / "bistro.topics"


@pytest.fixture
def nlp(model):
    nlp = spacy.blank("en")
    nlp.add_pipe("lda_topics").topic_model = model
    return nlp


@pytest.fixture(scope="session")
def reviews_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("data") / "reviews.jsonl"
    rows = [bistro.as_row(review) for review in bistro.reviews()]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf8")
    return path


@pytest.fixture(scope="session")
def small():
    """A model of three topics over nine terms."""
    phi = np.kron(np.eye(3), np.full((1, 3), 0.3)) + 0.01
    words = ["taco", "salsa", "lime", "pasta", "basil", "risotto", "sushi", "nori", "rice"]
    return TopicModel(phi, np.full(3, 0.1), words, names=["mexican", "", ""])


@pytest.fixture(scope="session")
def four():
    """Four reviews of each house, as rows of a file."""
    count = dict.fromkeys(bistro.restaurants(), 0)
    rows = []
    for review in bistro.reviews():
        count[review.restaurant.id] += 1
        if count[review.restaurant.id] <= 4:
            rows.append(bistro.as_row(review))
    return rows


@pytest.fixture(scope="session")
def pipeline(four, tmp_path_factory):
    """A folder with a pipeline that finds what is marked in Bistro, with a topic for each cuisine, and links."""
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    kinds = ("RESTAURANT", "CUISINE", "INGREDIENT", "LOCATION")
    said = {(m.label, r.text[m.start : m.end].lower()) for r in bistro.reviews() for m in r.mentions if m.label in kinds}
    patterns = lexicon.patterns() + [{"label": label, "pattern": text} for label, text in sorted(said)]
    nlp.add_pipe("entity_ruler", config={"phrase_matcher_attr": "LOWER"}).add_patterns(patterns)
    config = {"num_topics": 70, "seeds": {name: words[:15] for name, words in lexicon.cuisine_seeds().items()}}
    config["trainer"] = {"@misc": "spacy_topics.Gibbs.v1", "iterations": 20, "burn_in": 10}
    nlp.add_pipe("lda_topics", config=config).fit([row["text"] for row in four])
    businesses = [Business(one.id, one.name, one.city, "; ".join(one.cuisines)) for one in bistro.restaurants().values()]
    nlp.add_pipe("restaurant_linker").knowledge_base = build_base(nlp, businesses)
    folder = tmp_path_factory.mktemp("pipeline") / "nlp"
    nlp.to_disk(folder)
    return folder


@pytest.fixture(scope="session")
def annotations(four, pipeline, tmp_path_factory):
    """Annotations of those reviews, in four parts."""
    folder = tmp_path_factory.mktemp("annotations")
    (folder / "reviews.jsonl").write_text("".join(json.dumps(row) + "\n" for row in four), "utf8")
    annotate(folder / "reviews.jsonl", folder / "out", pipeline, part_size=100)
    return folder / "out"


@pytest.fixture(scope="session")
def image_format_1():
    """Models, runs and pictures that the code of format 1 wrote."""
    return ROOT / "tests" / "data" / "format_1" / "images"


@pytest.fixture(scope="session")
def model_files(image_format_1):
    """Small random models of that time, by scale."""
    return {scale: image_format_1 / "models" / f"{name}.onnx" for scale, name in {1: "restore", 2: "x2", 4: "x4_crisp"}.items()}


@pytest.fixture
def checkout(tmp_path):
    """The tracked and not ignored files of this tree, in a folder of their own."""
    files = subprocess.run(["git", "ls-files", "-coz", "--exclude-standard"], cwd=ROOT, capture_output=True, check=True).stdout
    for name in files.decode().split("\0"):
        if name and (ROOT / name).is_file():
            (tmp_path / "clone" / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "clone" / name).write_bytes((ROOT / name).read_bytes())
    return tmp_path / "clone"


@pytest.fixture
def fresh_environment(tmp_path):
    """No virtual environment on the path, an empty home, an empty pip cache."""
    environment = {k: v for k, v in os.environ.items() if k not in ("VIRTUAL_ENV", "PYTHONPATH", "PALATE_DATA")}
    inside = os.environ.get("VIRTUAL_ENV", str(ROOT / ".venv"))
    path = [p for p in environment["PATH"].split(os.pathsep) if not p.startswith((inside, str(ROOT / ".venv")))]
    home = tmp_path / "home"
    home.mkdir()
    return {**environment, "PATH": os.pathsep.join(path), "HOME": str(home), "XDG_CACHE_HOME": str(home / "cache")}
