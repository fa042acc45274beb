"""Fixtures: a small model of Bistro, fitted once."""

import json

import numpy as np
import pytest
import spacy
from hypothesis import settings

from corpora import bistro
from spacy_topics.topic_model import TopicModel

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
