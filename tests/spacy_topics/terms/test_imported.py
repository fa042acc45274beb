"""Vocabularies of models that were trained elsewhere are found in documents, or said not to be."""

import warnings

import numpy as np
import pytest
import spacy
from spacy.tokenizer import Tokenizer
from spacy.tokens import Doc

from spacy_topics.terms.reader import TermReader
from spacy_topics.topic_model import TopicModel
from spacy_topics.trainers.converters import from_arrays

VOCABULARY = [
    "Tacos",
    "7up",
    "new york city",
    "new york",
    "Crème",
    "wi-fi",
    "24_hours",
    "24/7",
    "5pm",
    "don't",
    "c++",
    "Thai",
    "thai",
]


def read(vocabulary, text, nlp=None):
    reader = TermReader.from_dict({"rules": 2}, vocabulary)
    doc = (nlp or spacy.blank("en"))(text) if isinstance(text, str) else text
    stream = reader.terms([doc])
    return [(vocabulary[i], doc[a : b + 1].text) for i, a, b in zip(stream.word, stream.token, stream.last, strict=True)]


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("tacos TACOS Tacos", ["Tacos"] * 3),
        ("A 7up, a 7UP.", ["7up", "7up"]),
        ("new york city, New York and york city", ["new york city", "new york"]),
        ("Cre\u0300me", ["Crème"]),
        ("Wi-Fi 24 hours, 24/7", ["wi-fi", "24_hours", "24/7"]),
        ("Open till 5pm; don't", ["5pm", "don't"]),
        ("Thai thai THAI", ["Thai", "thai", "thai"]),
        ("new new york", ["new york"]),
        ("york 24", []),
    ],
)
def test_terms_of_any_spelling(text, terms):
    assert [term for term, _ in read(VOCABULARY, text)] == terms


def test_tokens_of_long_terms():
    assert read(VOCABULARY, "In New York City.") == [("new york city", "New York City")]


def test_a_merged_token_is_the_term_or_its_words():
    vocab = spacy.blank("en").vocab
    doc = Doc(vocab, words=["new york", "the tacos", "in New York City"])
    assert [term for term, _ in read(VOCABULARY, doc)] == ["new york", "Tacos", "new york city"]


def test_a_document_ends_a_term():
    nlp = spacy.blank("en")
    reader = TermReader.from_dict({"rules": 2}, ["new york"])
    assert len(reader.terms([nlp("new"), nlp("york")]).word) == 0


@pytest.mark.parametrize("saved", [False, True])
def test_in_a_pipeline(saved, tmp_path):
    model = from_arrays(np.eye(2, len(VOCABULARY)) + 0.01, 0.1, VOCABULARY)
    nlp = spacy.blank("en")
    nlp.add_pipe("lda_topics").topic_model = model
    if saved:
        nlp.to_disk(tmp_path)
        nlp = spacy.load(tmp_path)
    assert nlp("Tacos and a 7up in New York City")._.topic_evidence == 3
    alone = nlp("Tacos")._.topic_dist.tobytes()
    assert [doc._.topic_dist.tobytes() for doc in nlp.pipe(["x", "Tacos", "new york"])][1] == alone


def test_what_is_never_read_is_said():
    nlp = spacy.blank("en")
    nlp.tokenizer = Tokenizer(nlp.vocab)  # at blanks
    model = TopicModel(np.ones((2, 5)), [0.1, 0.1], ["tacos", "_", "wi-fi", "good, food", "24/7"])
    with pytest.warns(UserWarning, match=r"W002.* 2 of 5 .*_, good, food"):
        nlp.add_pipe("lda_topics").topic_model = model
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        spacy.blank("en").add_pipe("lda_topics").topic_model = from_arrays(np.ones((2, len(VOCABULARY))), 0.1, VOCABULARY)


def test_an_older_file_is_read_as_it_was(tmp_path):
    model = TopicModel(np.ones((2, 3)), [0.1, 0.1], ["Tacos", "pizza", "new york city"], terms={})
    model.save(tmp_path / "m")
    again = TopicModel.load(tmp_path / "m")
    assert again.terms == {}
    reader = TermReader.from_dict(again.terms, again.vocabulary)
    stream = reader.terms([spacy.blank("en")("Tacos pizza in new york city")])
    assert stream.word.tolist() == [1]


@pytest.mark.parametrize("rules", [3, 0, "2", None])
def test_rules_of_a_later_version_are_refused(rules):
    with pytest.raises(ValueError, match="T013"):
        TermReader.from_dict({"rules": rules}, ["a", "b"])
