import numpy as np
import pytest
import spacy
from spacy.tokens import Doc

from spacy_topics.errors import InputError
from spacy_topics.terms.learner import learn
from spacy_topics.terms.reader import TermReader
from spacy_topics.terms.settings import TermSettings

TEXTS = [
    "The tacos came with pad thai.",
    "A taco, please: pad thai was good!",
    "Tacos and more tacos. Pad Thai again.",
    "I waited for pad thai and a taco; waiting is fine.",
]


def read(reader, docs):
    stream = reader.terms(docs)
    return [[reader.words[w] for w in stream.word[stream.doc == i]] for i in range(len(docs))]


@pytest.fixture
def blank():
    return spacy.blank("en")


def learnt(nlp, texts=TEXTS, **settings):
    settings = TermSettings(**{"min_df": 1, "max_df": 1.0, "phrase_count": 3, **settings})
    return learn([list(nlp.pipe(texts))], settings)


def test_lemmas_stop_words_phrases_and_plurals(blank):
    reader, stream, count = learnt(blank)
    assert count == 4
    found = [[reader.words[w] for w in stream.word[stream.doc == i]] for i in range(4)]
    assert found == [
        ["taco", "come", "pad thai"],
        ["taco", "pad thai", "good"],
        ["taco", "taco", "pad thai"],
        ["wait", "pad thai", "taco", "wait", "fine"],
    ]
    assert read(reader, list(blank.pipe(TEXTS))) == found


def test_tokens_of_terms(blank):
    reader, *_ = learnt(blank)
    doc = blank("Two tacos and pad thai.")
    stream = reader.terms([doc])
    assert [doc[a : b + 1].text for a, b in zip(stream.token, stream.last, strict=True)] == ["tacos", "pad thai"]


def test_phrases_cross_stop_words_but_not_punctuation(blank):
    texts = ["mac and cheese", "we had mac and cheese", "mac and cheese pie"] * 2
    reader, *_ = learnt(blank, texts)
    assert read(reader, [blank("Mac and cheese"), blank("mac. Cheese"), blank("mac n cheese")]) == [
        ["mac cheese"],
        [],
        ["mac cheese"],
    ]
    assert "mac" in reader.words[reader.size :]


def test_survives_json(blank):
    reader, *_ = learnt(blank)
    again = TermReader.from_dict(reader.to_dict(), reader.words[: reader.size])
    docs = list(blank.pipe([*TEXTS, "Unseen forms: waited, wait, WAITING, pad thais."]))
    assert read(again, docs) == read(reader, docs)
    assert read(again, docs[4:]) == [["wait", "wait", "wait"]]


def test_forms_unseen_in_fitting_are_read(blank):
    reader, *_ = learnt(blank, ["We wait to eat.", "They wait."])
    assert read(reader, [blank("She waits, waited and is waiting.")]) == [["wait", "wait", "wait"]]


def test_lemmas_and_tags_of_the_pipeline():
    vocab = spacy.blank("en").vocab
    words = ["My", "geese", "swam", "quickly"]
    docs = [Doc(vocab, words=words, lemmas=["my", "Goose", "swim", "quickly"], pos=["PRON", "NOUN", "VERB", "ADV"])] * 3
    reader, *_ = learn([docs], TermSettings(min_df=1, max_df=1.0))
    assert reader.words[: reader.size] == ["goose", "swim"]
    plain = Doc(vocab, words=["Geese", "swam"])
    assert read(reader, [docs[0], plain]) == [["goose", "swim"], ["goose", "swim"]]


def test_settings_are_honoured(blank):
    assert "the" in learnt(blank, stop_words=True)[0].words
    assert "tacos" in learnt(blank, lemmas=False)[0].words
    assert "pad" in learnt(blank, phrases=0)[0].words
    assert "fine" not in learnt(blank, [*TEXTS, "Please wander."], min_chars=5)[0].words
    reader, *_ = learnt(blank, [*TEXTS, "Fine."] * 5, max_df=0.7, phrases=0)
    assert reader.words[: reader.size] == ["come", "fine", "good", "wait"]
    reader, *_ = learnt(blank, max_terms=2)
    assert reader.words[: reader.size] == ["pad thai", "taco"]


@pytest.mark.parametrize(
    "settings",
    [
        {"min_df": 0}, {"max_df": 0.0}, {"max_df": 1.5}, {"max_df": float("nan")}, {"phrases": 3}, {"min_chars": 0},
        {"phrase_npmi": 2.0}, {"phrase_count": 0}, {"max_terms": -1},
    ],
)  # fmt: skip
def test_bad_settings(settings):
    with pytest.raises(InputError, match=f"T032.*{next(iter(settings))}"):
        TermSettings(**settings)


@pytest.mark.parametrize("texts", [[], [""], ["the of and"], ["🌮 !!! 12 \0"], ["one word"]])
def test_nothing_is_left(texts, blank):
    with pytest.raises(InputError, match="T031"):
        learnt(blank, texts, min_df=3)


@pytest.mark.parametrize(("lang", "terms"), [("de", ["kuchen"]), ("xx", ["kuchen"])])
def test_other_languages(lang, terms):
    nlp = spacy.blank(lang)
    reader, *_ = learnt(nlp, ["Apfel Kuchen"] * 3, phrases=0)
    assert read(reader, [nlp("Kuchen")]) == [terms]


def test_remembers_a_bounded_number_of_tokens(blank, monkeypatch):
    monkeypatch.setattr("spacy_topics.terms.reader._REMEMBERED", 50)
    reader, *_ = learnt(blank)
    for start in range(0, 500, 20):
        reader.terms([blank(" ".join(f"x{chr(97 + i % 26)}{'b' * (i // 26)}" for i in range(start, start + 20)))])
    assert len(reader._tokens._ids) <= 50 + 41
    assert read(reader, [blank(TEXTS[0])]) == [["taco", "come", "pad thai"]]


def test_a_vocabulary_from_elsewhere(blank):
    reader = TermReader.from_dict({}, ["tacos", "pad thai", "ice_cream", "The"])
    assert read(reader, [blank("Tacos, pad thai and ice cream; the pad.")]) == [["tacos", "pad thai", "ice_cream"]]


def test_empty_batches(blank):
    reader, *_ = learnt(blank)
    assert len(reader.terms([]).word) == 0
    assert reader.bags([blank(""), blank("  \n")]).sizes.tolist() == [0, 0]
    assert np.array_equal(reader.bags([blank(""), blank("taco")]).sizes, [0, 1])


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("Tacos", "taco"),
        ("Pad Thai", "pad thai"),
        ("waiting", "wait"),
        ("nowhere", None),
        ("fine nowhere", None),
        ("", None),
        ("the taco", None),
    ],
)
def test_find(text, term, blank):
    assert learnt(blank)[0].find(text) == term


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"lemmas": False},
        {"stop_words": True},
        {"min_chars": 4},
        {"phrases": 1},
        {"max_df": 0.1},
        {"min_df": 8},
        {"max_terms": 300},
    ],
)
def test_what_is_fitted_is_what_is_read(settings, blank, texts):
    docs = list(blank.pipe(texts))
    reader, stream, _ = learn([docs[:200], docs[200:]], TermSettings(**settings))
    again = reader.terms(docs)
    for column in ("doc", "token", "last", "word"):
        assert getattr(again, column).tolist() == getattr(stream, column).tolist()


def test_a_lemma_that_is_no_term_is_not_taken_for_another(blank):
    """Where `find` is too common to be a term, "found" does not count as `found`, the lemma of "founded"."""
    texts = [*["We find pasta.", "They found soup."] * 8, *["It was founded by a cook."] * 4]
    reader, *_ = learnt(blank, texts, max_df=0.5, phrases=0)
    assert "found" in reader.words
    assert "find" not in reader.words
    assert read(reader, [blank("found founded")]) == [["found"]]


def test_another_vocabulary_has_other_stop_words(blank):
    reader, *_ = learnt(blank, [*TEXTS, "The man ate."])
    man, german = blank("man"), spacy.blank("de")("man")
    assert [read(reader, docs) for docs in ([man], [german], [man], [man, german, man])] == [
        [["man"]], [[]], [["man"]], [["man"], [], ["man"]],
    ]  # fmt: skip


def test_a_tagger_knows_plurals_better():
    vocab = spacy.blank("en").vocab
    docs = [Doc(vocab, words=["Williams", "William"], lemmas=["Williams", "William"], pos=["PROPN", "PROPN"])] * 3
    reader, *_ = learn([docs], TermSettings(min_df=1, max_df=1.0, phrases=0))
    assert reader.words == ["william", "williams"]
