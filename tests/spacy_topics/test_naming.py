"""A seeded topic has its name only where its words bear it out; what has no topic is said."""

import pytest
import spacy

from spacy_topics.fit import fit_topics
from spacy_topics.naming import deserved
from spacy_topics.terms.settings import TermSettings
from spacy_topics.trainers.gibbs import Gibbs

PRICE = ["price", "expensive", "cheap"]
WAIT = ["wait", "queue", "minute"]
MEXICAN = ["taco", "salsa", "tortilla", "carnitas", "al pastor", "quesadilla", "lime", "chile", "burrito", "queso"]
REST = ["honey", "almond", "croissant", "sakura", "miso", "tuna", "car", "wash", "auto", "ring"]


@pytest.mark.parametrize(
    ("top", "is_deserved"),
    [
        ([*PRICE, *REST], True),
        ([*PRICE[:2], *REST], True),
        (["price", *REST], False),
        (REST, False),
        ([*REST, *PRICE], False),  # a reader sees ten words
        (["prices", "Expensive", *REST], True),  # in any form
        (["price", *WAIT, *REST], False),
        ([*PRICE, *WAIT, *REST], False),  # as much of another name
    ],
)
def test_a_name_is_deserved_where_the_seeds_lead(top, is_deserved):
    assert ("price" in deserved({"price": top}, {"price": PRICE, "wait": WAIT})) == is_deserved


@pytest.mark.parametrize(("count", "is_deserved"), [(0, False), (1, False), (3, False), (4, True), (10, True)])
def test_of_a_long_list_four_of_ten_words_must_be_there(count, is_deserved):
    top = [*MEXICAN[:count], *REST][:10]
    assert ("food" in deserved({"food": top}, {"food": MEXICAN})) == is_deserved


def test_a_word_of_several_names_counts_for_each_by_its_share():
    seeds = {"mexican": ["taco", "lime", "chile"], "thai": ["lime", "chile", "basil"]}
    assert deserved({"mexican": ["lime", "chile", *REST]}, seeds) == set()
    assert deserved({"mexican": ["taco", "lime", "chile", *REST]}, seeds) == {"mexican"}


def test_two_topics_that_changed_places_have_no_names():
    assert deserved({"price": [*WAIT, *REST], "wait": [*PRICE, *REST]}, {"price": PRICE, "wait": WAIT}) == set()


def test_names_that_vanish_are_said(texts):
    seeds = {"mexican": ["taco", "salsa", "tortilla"], "klingon": ["gagh"], "romulan": ["ale house xyz", "viinerine"]}
    nlp = spacy.blank("en")
    trainer = Gibbs(iterations=60, burn_in=30)
    model = fit_topics([list(nlp.pipe(texts))], 12, trainer, TermSettings(), seeds=seeds)
    assert model.meta["absent"] == ["klingon", "romulan"]
    assert set(model.meta["unnamed"]) >= {"klingon", "romulan"}
    assert set(model.meta["unnamed"]) | set(model.names) >= set(seeds)
    assert model.meta["unknown_seeds"] == ["gagh", "ale house xyz", "viinerine"]
    assert {"klingon", "romulan"}.isdisjoint(model.names)


def test_a_topic_of_something_else_loses_its_name(texts):
    """Where seeds are hardly drawn to their topics, they hold something else."""
    seeds = {"price": PRICE, "wait": WAIT, "parking": ["parking", "garage"]}
    nlp = spacy.blank("en")
    trainer = Gibbs(iterations=60, burn_in=30, seed_weight=1e-6)
    model = fit_topics([list(nlp.pipe(texts))], 20, trainer, TermSettings(), seeds=seeds)
    for name in set(seeds) & set(model.names):
        assert name in deserved({name: model.top_terms(model.names.index(name))}, seeds)
    assert model.meta["absent"] == []
    assert sorted(model.meta["unnamed"]) == sorted(set(seeds) - set(model.names))
    assert len(model.meta["unnamed"]) >= 2
