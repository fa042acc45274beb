"""Lemmas: the tables of spacy-lookups-data, mended where they are wrong, and the forms that readers see."""

import pytest
import spacy
from spacy.strings import get_string_id

from spacy_topics.terms.learner import learn
from spacy_topics.terms.lemmas import lemma_table
from spacy_topics.terms.settings import TermSettings
from spacy_topics.topic_model import TopicModel


@pytest.fixture
def blank():
    return spacy.blank("en")


@pytest.mark.parametrize(
    ("form", "lemma"),
    [
        ("worst", "bad"), ("worse", "bad"), ("best", "good"), ("better", "good"), ("cookies", "cookie"),
        ("calories", "calorie"),
        ("amazing", "amazing"), ("boring", "boring"), ("disappointing", "disappointing"), ("disgusting", "disgusting"),
        ("tired", "tired"), ("excited", "excited"), ("overwhelming", "overwhelming"), ("dining", "dining"),
        ("number", "number"), ("numbers", "number"), ("liver", "liver"), ("cola", "cola"), ("crew", "crew"),
        ("second", "second"),
        ("bit", "bit"), ("stove", "stove"), ("clove", "clove"), ("cloves", "clove"), ("icing", "icing"), ("topping", "topping"),
        ("toppings", "topping"), ("dressing", "dressing"), ("evening", "evening"), ("wedding", "wedding"), ("taxes", "tax"),
        ("phases", "phase"), ("shelves", "shelf"), ("leaves", "leaf"), ("ground", "ground"), ("corned", "corned"),
        ("shot", "shot"),
        ("hi", "hi"), ("jus", "jus"), ("matter", "matter"), ("stranger", "stranger"), ("clothes", "clothes"), ("rose", "rose"),
        ("stuffed", "stuffed"), ("fourth", "fourth"), ("thirtieth", "thirtieth"),
        ("waited", "wait"), ("ordered", "order"), ("served", "serve"), ("found", "find"), ("fries", "fry"), ("fried", "fry"),
        ("movies", "movie"), ("pies", "pie"), ("ties", "tie"), ("toes", "toe"), ("dishes", "dish"), ("knives", "knife"),
        ("geese", "goose"), ("bigger", "big"), ("women", "woman"), ("potatoes", "potato"), ("glasses", "glass"),
    ],
)  # fmt: skip
def test_english(form, lemma):
    assert lemma_table("en").get(get_string_id(form), form) == lemma


@pytest.mark.parametrize(
    ("lang", "text", "terms"),
    [
        ("fr", "Les plats étaient délicieux", {"plat", "délicieux"}),
        ("ca", "Els plats eren deliciosos", {"plat", "deliciós"}),
        ("es", "Los platos estaban deliciosos", {"plato", "delicioso"}),
        ("de", "Die Gerichte schmeckten", {"gericht", "schmecken"}),
        ("xx", "Plats délicieux", {"plats", "délicieux"}),
    ],
)
def test_other_languages(lang, text, terms):
    """The tables of French and Catalan list several lemmas of each form."""
    nlp = spacy.blank(lang)
    reader, *_ = learn([[nlp(text), nlp(text)]], TermSettings(min_df=1, max_df=1.0, phrases=0))
    assert terms <= set(reader.words)
    assert all(isinstance(lemma, str) for lemma in lemma_table(lang).values())


def test_topics_show_the_form_that_is_said_most(blank):
    texts = ["Amazing cookies, pulled pork: burned.", "The pulled pork: burned; cookies and a cookie."] * 5
    texts += ["It burns."] * 3 + ["The worst cookies, pulled pork."] * 4
    reader, *_ = learn([[blank(text) for text in texts]], TermSettings(min_df=1, max_df=1.0))
    terms = reader.words[: reader.size]
    assert set(terms) == {"amazing", "cookie", "pull pork", "burn", "bad"}
    assert reader.shown == {"cookie": "cookies", "pull pork": "pulled pork", "burn": "burned", "bad": "worst"}
    model = TopicModel([[1.0] * len(terms)] * 2, [0.1, 0.1], terms, terms=reader.to_dict())
    assert set(model.top_words(0)) == {"amazing", "cookies", "pulled pork", "burned", "worst"}
    assert set(model.top_terms(0)) == set(terms)
    again = TopicModel.from_bytes(model.to_bytes())
    assert again.top_words(0) == model.top_words(0)
    assert again.summary()[0]["words"] == model.top_words(0)
    assert all(word in model.labels[0] for word in model.top_words(0, 3))
