import math

import numpy as np
import pytest
import spacy

from corpora import bistro
from corpora.reviews import Review
from spacy_topics.errors import InputError
from spacy_topics.fit import batches, fit_topics
from spacy_topics.terms.reader import TermReader
from spacy_topics.terms.settings import TermSettings
from spacy_topics.topic_model import TopicModel
from spacy_topics.topic_search import read_bags
from spacy_topics.trainers.converters import from_arrays
from spacy_topics.trainers.gibbs import Gibbs
from spacy_topics.update import changes, update_topics


def as_reviews(texts, name=None):
    return [Review(str(i), text, name=name) for i, text in enumerate(texts)]


TEXTS = [review.text for review in bistro.reviews()]
ZOBO = [f"{text} We had zobo, too." if i % 2 else f"Zobo! {text}" for i, text in enumerate(TEXTS) if "salsa" in text][:40]
NEW = [*ZOBO, *TEXTS[:60]]


@pytest.fixture
def blank():
    return spacy.blank("en")


def test_topics_stay_and_new_terms_come_in(model, blank):
    model.rename(4, "renamed")
    before = model.to_bytes()
    updated = update_topics(model, blank, as_reviews(NEW))
    now = updated.model
    assert model.to_bytes() == before
    assert now.vocabulary[: len(model.vocabulary)] == model.vocabulary
    assert now.vocabulary[len(model.vocabulary) :] == updated.new_terms
    assert "zobo" in updated.new_terms
    assert now.names == model.names
    assert "renamed" in now.names
    assert now.background == model.background
    assert (now.alpha == model.alpha).all()
    mexican = model.names.index("mexican")
    assert now.word_topic[now.index["zobo"]].argmax() == mexican
    assert now.prevalence[mexican] > model.prevalence[mexican]
    rows = changes(model, updated)
    assert "zobo" in rows[mexican]["new_words"]
    assert np.mean([row["alike"] for row in rows]) > 0.9
    assert np.isnan(now.coherence).all()
    read = TopicModel.from_bytes(now.to_bytes())
    assert read.infer_bags(read_bags(read, ["Zobo, please!"]))[0, : read.background].argmax() == mexican
    assert read.meta["updates"] == [{"documents": len(NEW), "terms": int(read_bags(now, NEW).counts.sum()), "memory": 1.0}]


@pytest.mark.parametrize("memory", [0, 0.5, 1, 3.0])
def test_old_terms_weigh_as_much_as_said(memory, model, blank):
    now = update_topics(model, blank, as_reviews(NEW), memory=memory).model
    new = np.bincount(*(lambda bags: (bags.terms, bags.counts))(read_bags(now, NEW)), minlength=len(now.vocabulary))
    frequency = np.append(model.term_frequency, np.zeros(len(now.vocabulary) - len(model.vocabulary))) * memory + new
    np.testing.assert_allclose(now.term_frequency, frequency, atol=0.5)
    old = memory * model.term_frequency.sum() * (model.prevalence.astype(np.float64) @ model.phi)
    expected = np.append(old, np.zeros(len(now.vocabulary) - len(model.vocabulary))) + new
    said = now.prevalence.astype(np.float64) @ now.phi
    often = (new > 15) & (np.arange(len(new)) < len(model.vocabulary))
    tolerance = {0: 0.5, 0.5: 0.2}.get(memory, 0.01)  # of what is forgotten the prior of .1 takes the place
    np.testing.assert_allclose(said[often], expected[often] / expected.sum(), rtol=tolerance)


def test_the_less_memory_the_less_alike(model, blank):
    alike = [
        np.mean([row["alike"] for row in changes(model, update_topics(model, blank, as_reviews(NEW), memory=memory))])
        for memory in (0, 0.01, 1)
    ]
    assert alike == sorted(alike)
    assert alike[0] < 0.9


def test_the_same_reviews_give_the_same_model(model, blank):
    assert (
        update_topics(model, blank, as_reviews(NEW)).model.to_bytes()
        == update_topics(model, blank, iter(as_reviews(NEW))).model.to_bytes()
    )


def test_old_terms_are_read_as_before(model, blank):
    updated = update_topics(model, blank, as_reviews(NEW))
    old = TermReader.from_dict(model.terms, model.vocabulary)
    new = TermReader.from_dict(updated.model.terms, updated.model.vocabulary)
    docs = [blank(text) for text in TEXTS[:200]]
    before, after = old.terms(docs), new.terms(docs)
    kept = after.word < len(model.vocabulary)
    in_phrases = {term for phrase in updated.new_terms for term in phrase.split()}
    plain = ~np.isin(before.word, [model.index[term] for term in in_phrases if term in model.index])
    same = ~np.isin(after.word, [model.index[term] for term in in_phrases if term in model.index]) & kept
    assert before.word[plain].tolist() == after.word[same].tolist()
    assert plain.mean() > 0.9


def test_new_phrases_and_plurals(blank):
    model = fit_topics(batches(blank, TEXTS[:60]), 2, Gibbs(iterations=20), TermSettings())
    old = TermReader.from_dict(model.terms, model.vocabulary)
    assert old.find("tacos") == "taco"
    new = [f"{text} Good tacos, zobo tea." if i % 3 == 1 else text for i, text in enumerate(TEXTS[60:100])]
    updated = update_topics(model, blank, as_reviews(new))
    assert "zobo tea" in updated.new_terms
    assert "tacos" not in updated.new_terms
    found = set(read_bags(updated.model, new).terms.tolist())
    assert {updated.model.index[term] for term in updated.new_terms} <= found


def test_stop_words_and_names_stay_out(blank):
    settings, kept_out = TermSettings(min_df=2, max_df=1.0), ["zobo"]
    model = fit_topics(batches(blank, TEXTS[:60]), 2, Gibbs(iterations=20), settings, stop_words=kept_out)
    updated = update_topics(model, blank, as_reviews([f"Zorba and zobo, {text}" for text in ZOBO], name="Zorba"))
    assert "salsa" in updated.model.vocabulary
    assert not {"zobo", "zorba"} & set(updated.model.vocabulary)


def test_one_review_has_no_new_terms(model, blank):
    updated = update_topics(model, blank, as_reviews(NEW[:1]))
    assert not updated.new_terms
    assert updated.documents == 1
    assert updated.model.vocabulary == model.vocabulary


def test_reviews_in_other_languages_are_left_out(model, blank):
    spanish = "La comida estaba muy buena pero el servicio fue muy lento y no nos gustó nada de lo que nos trajeron"
    updated = update_topics(model, blank, as_reviews([*NEW, *[f"{spanish} {i}" for i in range(5)]]))
    assert updated.other_language == 5
    assert updated.documents == len(NEW)
    assert "comida" not in updated.new_terms
    with pytest.raises(InputError, match="T141"):
        update_topics(model, blank, as_reviews([spanish]))


def test_what_cannot_be(model, blank):
    for memory in (-1, math.nan, math.inf, 1001, True, "1"):
        with pytest.raises(InputError, match="T032"):
            update_topics(model, blank, as_reviews(NEW), memory=memory)
    with pytest.raises(InputError, match="T138"):
        update_topics(from_arrays([[1, 2], [2, 1]], 0.1, ["taco", "soup"]), blank, as_reviews(NEW))
    with pytest.raises(InputError, match="T139"):
        update_topics(model, spacy.blank("de"), as_reviews(NEW))
    with pytest.raises(InputError, match="T095"):
        update_topics(model, blank, [])
    for texts in ([""], ["qqx"], ["the of"]):
        with pytest.raises(InputError, match="T140"):
            update_topics(model, blank, as_reviews(texts))
