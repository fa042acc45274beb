"""Which words a token is read as, and that accents, marks and merged tokens change nothing in what is read."""

import unicodedata

import pytest
import spacy
from spacy.tokens import Doc
from spacy.vocab import Vocab

from spacy_topics.predict import predict
from spacy_topics.terms.learner import learn
from spacy_topics.terms.reader import TermReader
from spacy_topics.terms.settings import TermSettings
from spacy_topics.terms.token_words import plain, token_words

ALL = TermSettings(min_df=1, max_df=1.0, phrases=0)
FRENCH = ["Le soufflé à la crème brûlée, très léger.", "Une crème fraîche; l'entrée déjà-vu.", "Pâté (maison) ou bœuf."]


@pytest.fixture(scope="module")
def blank():
    return spacy.blank("en")


def read(reader, docs):
    stream = reader.terms(docs)
    terms = [[] for _ in docs]
    for row, word in zip(stream.doc.tolist(), stream.word.tolist(), strict=True):
        terms[row].append(reader.words[word])
    return terms


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("tacos", ["tacos"]),
        ("The smoky tacos", ["The", "smoky", "tacos"]),
        ("Lucia's deep-fried ice cream", ["Lucia", None, "deep", None, "fried", "ice", "cream"]),
        ("all the salt & pepper", ["all", "the", "salt", None, "pepper"]),
        ("we didn't", ["we", "did", None]),
        ("a 7up", ["a", None]),
        ("two\nlines", ["two", "lines"]),
        ("stir-fried", ["stir", None, "fried"]),
        ("ta\u00adcos", ["tacos"]),
        ("\ufefftacos", ["tacos"]),
        ("cafe\u0301.", ["café", None]),
        ("cre\u0300me.Then", ["crème", None, "Then"]),
        ("l'entre\u0301e", ["l", None, "entrée"]),
        ("बिरयानी", ["बिरयानी"]),
        ("7up", [None]),
        ("didn't", ["did", None]),
        ("d'oeuvres", ["d", None, "oeuvres"]),
        ("n't", [None]),
        ("'s", [None]),
        ("https://a.bc/d", [None]),
        ("🌮", [None]),
        ("❤\ufe0f", [None]),
        ("1\ufe0f\u20e3", [None]),
        ("-", [None]),
        (" ", [None]),
        ("", [None]),
        ("\u0301", [None]),
    ],
)
def test_the_words_of_a_token(text, words):
    assert token_words(text) == words


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("lang", ["en", "fr", "xx"])
def test_decomposed_accents_change_nothing(form, lang):
    nlp = spacy.blank(lang)
    texts = [unicodedata.normalize(form, text) for text in FRENCH]
    reader, *_ = learn([list(nlp.pipe(texts))], ALL)
    assert {"soufflé", "crème", "entrée", "déjà"} <= set(reader.words) or lang == "fr"
    assert all(word == unicodedata.normalize("NFC", word) for word in reader.words)
    composed, decomposed = (
        read(reader, list(nlp.pipe(unicodedata.normalize(other, text) for text in FRENCH))) for other in ("NFC", "NFD")
    )
    assert [sorted(terms) for terms in decomposed] == [sorted(terms) for terms in composed]
    assert all(composed)


def test_a_small_model_reads_decomposed_and_hyphenated_words(nlp):
    texts = ["Jalapeño salsa and tacos, crème fraîche.", "Tortillas."]
    odd = [unicodedata.normalize("NFD", texts[0]).replace("salsa", "sal\u00adsa"), "Tor\u00adtil\u00adlas\u200b."]
    for plain_text, other in zip(texts, odd, strict=True):
        one, two = nlp(plain_text), nlp(other)
        assert one._.topic_evidence == two._.topic_evidence > 0
        assert one._.topic_dist.tobytes() == two._.topic_dist.tobytes()


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("hi", "बिरयानी बहुत स्वादिष्ट"),
        ("ta", "தோசை மிகவும் சுவையாக"),
        ("bn", "বিরিয়ানি খুব ভালো"),
        ("ml", "ബിരിയാണി നല്ല രുചി"),
        ("xx", "ส้มตำ อร่อย มาก"),
        ("ar", "مَطْعَم جميل لذيذ"),
        ("fa", "می\u200cخواهم غذا خوب"),
        ("he", "אֹכֶל טעים מאוד"),
        ("xx", "ແຊບ ຫຼາຍ ທີ່ສຸດ"),
    ],
)
def test_words_of_scripts_whose_marks_are_letters_are_words(lang, text):
    nlp = spacy.blank(lang)
    reader, *_ = learn([[nlp(text)]], TermSettings(min_df=1, max_df=1.0, phrases=0, stop_words=True))
    found = read(reader, [nlp(text)])[0]
    assert len(found) >= 2
    assert all(plain(word) == word for word in found)


@pytest.mark.parametrize("merger", ["merge_noun_chunks", "merge_entities", "retokenizer"])
def test_merged_tokens_are_read_as_their_words(merger, nlp):
    words = ["The", "smoky", "carnitas", "tacos", "came", "with", "fresh", "salsa", "."]
    made = {
        "heads": [3, 3, 3, 4, 4, 4, 7, 5, 4],
        "deps": ["det", "amod", "compound", "nsubj", "ROOT", "prep", "amod", "pobj", "punct"],
        "pos": ["DET", "ADJ", "NOUN", "NOUN", "VERB", "ADP", "ADJ", "NOUN", "PUNCT"],
        "ents": ["O", "B-DISH", "I-DISH", "I-DISH", "O", "O", "B-DISH", "I-DISH", "O"],
    }
    topics = nlp.get_pipe("lda_topics")
    whole, merged = (Doc(nlp.vocab, words=words, **made) for _ in range(2))
    if merger == "retokenizer":
        with merged.retokenize() as retokenizer:
            retokenizer.merge(merged[1:4])
    else:
        nlp.create_pipe(merger)(merged)
    assert len(merged) < len(whole)
    found = predict(topics.topic_model, topics.reader, [whole, merged, whole])
    assert found.known_terms.tolist() == [found.known_terms[0]] * 3
    assert found.theta[0].tobytes() == found.theta[1].tobytes() == found.theta[2].tobytes()
    alone = predict(topics.topic_model, topics.reader, [merged])
    assert alone.theta.tobytes() == found.theta[1].tobytes()
    assert (alone.stream.token < len(merged)).all()


def test_lemmas_of_merged_tokens():
    doc = Doc(Vocab(), words=["the", "smoky tacos", "came"], lemmas=["the", "smoky taco", "come"])
    reader, *_ = learn([[doc]], ALL)
    assert {"smoky", "taco", "come"} <= set(reader.words)


def test_by_the_first_rules_a_token_is_one_word(blank):
    reader, *_ = learn([[blank("Tacos, a taco and crème")]], ALL)
    old = TermReader.from_dict({**reader.to_dict(), "rules": 1}, reader.words[: reader.size])
    docs = [blank(text) for text in ("Tacos", "cre\u0300me", "ta\u00adcos")]
    docs.append(Doc(blank.vocab, words=["the tacos"]))
    assert read(old, docs) == [["taco"], [], [], []]
    assert read(reader, docs) == [["taco"], ["crème"], ["taco"], ["taco"]]
