"""Fixtures: Bistro's restaurants as a knowledge base."""

import pytest
import spacy
from helpers import build_base

from corpora import bistro
from corpora.businesses import Business
from corpora.reviews import Review
from spacy_topics.linking.knowledge_base import KnowledgeBase
from spacy_topics.topic_model import TopicModel


@pytest.fixture(scope="session")
def businesses():
    return [Business(house.id, house.name, house.city, "; ".join(house.cuisines)) for house in bistro.restaurants().values()]


@pytest.fixture(scope="session")
def reviews():
    """Of the train part's houses."""
    return [Review(review.id, review.text, review.restaurant.id) for review in bistro.reviews("train")]


@pytest.fixture(scope="session")
def base_bytes(model_bytes, businesses, reviews):
    nlp = spacy.blank("en")
    nlp.add_pipe("lda_topics").topic_model = TopicModel.from_bytes(model_bytes)
    return build_base(nlp, businesses, reviews).to_bytes()


@pytest.fixture
def base(nlp, base_bytes):
    return KnowledgeBase.from_bytes(base_bytes, nlp.vocab)
