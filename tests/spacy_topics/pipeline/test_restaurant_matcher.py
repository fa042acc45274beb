"""Names that a knowledge base, chains or the caller know, in texts; without a recogniser's opinion."""

import pickle

import pytest
import spacy
from helpers import build_base

from corpora.businesses import Business
from spacy_topics.errors import InputError

NAMES = (
    *("Upper Crust", "Thai Basil", "Home", "Pei Wei Asian Diner", "Five Guys Burgers and Fries", "Chez Nous"),
    *("Sauce", "El Camino"),
)


@pytest.fixture
def matched(small):
    """A pipeline whose knowledge base has the names."""
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    nlp.add_pipe("restaurant_matcher")
    nlp.add_pipe("lda_topics").topic_model = small
    businesses = [Business(str(number), name, "Phoenix", "") for number, name in enumerate(NAMES)]
    nlp.add_pipe("restaurant_linker").knowledge_base = build_base(nlp, businesses)
    return nlp


def marked(nlp, text, restaurant=None, recognised=()):
    doc = nlp.make_doc(text)
    doc._.restaurant = restaurant
    doc.ents = [doc.char_span(text.index(name), text.index(name) + len(name), "RESTAURANT") for name in recognised]
    return [ent.text for ent in nlp(doc).ents if ent.label_ == "RESTAURANT"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("We went to Upper Crust on Monday.", ["Upper Crust"]),
        ("We went to Upper Crust I like their pie.", ["Upper Crust"]),
        ("We went to UpperCrust on Monday.", ["UpperCrust"]),
        ("We went to Uper Crust on Monday.", ["Uper Crust"]),
        ("THE BEST PLACE IS CHEZ NOUS HANDS DOWN", ["CHEZ NOUS"]),
        ("Pizza Hut I can do without.", ["Pizza Hut"]),
        ("The sauce was thin and home is far away.", []),
        ("Try the thai basil chicken.", []),
        ("The upper crust was burnt.", []),
        ("Chez Nous is like Chili's.", ["Chez Nous", "Chili's"]),
        ("We went to Chili on Monday.", []),  # a part of Chili's
        ("We went to Crust on Monday.", []),
        ("Thai Basik is close.", ["Thai Basik"]),
        ("Thai Basic is close.", []),  # a word, and no typo
        ("...", []),
        ("", []),
    ],
)
def test_names(text, names, matched):
    assert marked(matched, text) == names


@pytest.mark.parametrize(
    ("text", "restaurant", "names"),
    [
        ("We love Camino for tacos.", "El Camino", ["Camino"]),
        ("We love Camino for tacos.", "7", ["Camino"]),  # its id
        ("We love Camino for tacos.", None, []),
        ("Five Guys never fails.", "Five Guys Burgers and Fries", ["Five Guys"]),
        ("The fries were cold.", "Five Guys Burgers and Fries", []),
        ("I like asian noodles here.", "Pei Wei Asian Diner", []),
        ("We love Zanzibar for tacos.", "Zanzibar Grill", ["Zanzibar"]),  # in no list
    ],
)
def test_the_restaurant_that_a_text_is_about(text, restaurant, names, matched):
    assert marked(matched, text, restaurant) == names


@pytest.mark.parametrize(
    ("text", "recognised", "names"),
    [
        ("We like Zanzibar a lot.", ["Zanzibar"], ["Zanzibar"]),
        ("We like Whole Hog Heaven a lot.", ["Whole Hog Heaven"], []),  # common words that nobody knows as a name
        ("We love Crust at noon.", ["Crust"], ["Crust"]),  # a part of a name: both agree
        ("We met at Chez Nous's bar.", ["Chez Nous's"], ["Chez Nous"]),  # what is known comes first
    ],
)
def test_the_recogniser(text, recognised, names, matched):
    assert marked(matched, text, recognised=recognised) == names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("My Chez Nous salad.", []),
        ("My Chez Nous salad. We went to Chez Nous on Monday.", ["Chez Nous", "Chez Nous"]),
        ("My upper crust salad. We went to upper crust, which is near.", ["upper crust"]),
    ],
)
def test_what_is_spelled_like_a_name_in_the_same_text(text, names, matched):
    assert marked(matched, text) == names


def test_mentions_are_linked(matched):
    (ent,) = matched("We went to Upper Crust on Monday.").ents
    assert ent.kb_id_ == "0"
    (ent,) = matched("Pizza Hut I can do without.").ents
    assert ent.kb_id_.startswith("Q")  # a chain, by its Wikidata id


def test_other_entities_stay_where_they_do_not_overlap(matched):
    ruler = matched.add_pipe("entity_ruler", first=True)
    ruler.add_patterns([{"label": "DISH", "pattern": "pie"}, {"label": "DISH", "pattern": "Crust"}])
    doc = matched("We went to Upper Crust for pie.")
    assert [(ent.text, ent.label_) for ent in doc.ents] == [("Upper Crust", "RESTAURANT"), ("pie", "DISH")]


def test_saved_and_in_processes(matched, tmp_path):
    texts = ["We went to Upper Crust on Monday.", "We went to Chez Nous."] * 5
    expected = [[ent.text for ent in matched(text).ents] for text in texts]
    assert expected[:2] == [["Upper Crust"], ["Chez Nous"]]
    matched.to_disk(tmp_path)
    again = spacy.load(tmp_path)
    assert [[ent.text for ent in doc.ents] for doc in again.pipe(texts)] == expected
    assert [[ent.text for ent in doc.ents] for doc in again.pipe(texts, n_process=2, batch_size=3)] == expected
    alone = pickle.loads(pickle.dumps(matched.get_pipe("restaurant_matcher")))
    assert [ent.text for ent in alone(spacy.blank("en")("We went to Upper Crust on Monday.")).ents] == ["Upper Crust"]


def test_one_of_another_pipeline_is_refused(matched):
    nlp = spacy.blank("en")
    nlp.add_pipe("restaurant_matcher", source=matched)
    with pytest.raises(InputError, match="T094"):
        nlp("We went to Upper Crust.")


@pytest.mark.parametrize("threshold", [-1, 2, "high", None])
def test_a_threshold_that_makes_no_sense(threshold):
    with pytest.raises((InputError, ValueError)):
        spacy.blank("en").add_pipe("restaurant_matcher", config={"threshold": threshold})
