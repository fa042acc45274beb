from dataclasses import replace

import numpy as np
import pytest
import spacy
from helpers import build_base
from hypothesis import given
from hypothesis import strategies as st
from spacy.vocab import Vocab

from corpora import bistro
from corpora.businesses import Business
from corpora.reviews import Review
from spacy_topics.errors import InputError
from spacy_topics.lexicon import words
from spacy_topics.linking.candidates import CandidateGenerator
from spacy_topics.linking.decision import Weights, scores
from spacy_topics.linking.knowledge_base import ENVELOPE, KnowledgeBase
from spacy_topics.linking.names import aliases, city_key
from spacy_topics.topic_model import TopicModel


@pytest.fixture
def tiny(small):
    """Topics of three kinds: mexican, italian, japanese."""
    nlp = spacy.blank("en")
    nlp.add_pipe("lda_topics").topic_model = small
    return nlp


@pytest.fixture
def tiny_bytes(tiny):
    return build_base(tiny, [Business("a", "Taco Loco", "Leeds"), Business("b", "Café Lìme")]).to_bytes()


@pytest.mark.parametrize(
    ("name", "city", "shorter"),
    [
        ("The Rusty Anvil Grill", "Leeds", ["rusty anvil", "rusty anvil grill", "the rusty anvil"]),
        ("Trattoria Lucia - Phoenix", "Phoenix", ["lucia", "trattoria lucia"]),
        ("Joe's (Leeds)", "", ["joe"]), ("Sea Salt, Leeds", "", ["sea salt"]), ("Moe's at the Park", "", ["moe"]),
        ("Pho Hoa #3", "", ["pho hoa"]), ("Wok @ Home", "", ["wok"]), ("Salt Leeds", "LEEDS", ["salt"]), ("Salt Leeds", "", []),
        ("MOE'S AT THE PARK", "", ["moe"]), ("鮨 東京", "東京", []), ("すし 東京", "東京", ["すし"]),
        ("Smith & Co", "", ["smith"]), ("Nonna Rosa's Pizzeria", "", ["nonna rosa"]), ("Cedar & Stone", "Phoenix", []),
        ("The Kitchen", "Leeds", []), ("The Bar and Grill", "", []), ("Leeds", "Leeds", []), ("A", "", []),
        ("x" * 300, "", []), ("ab " * 100, "", []), ("(.*)+[ a{9}$ \\", "", []), ("鮨 銀座", "東京", []),
        ("مطعم الشام - دبي", "دبي", ["مطعم الشام"]),
    ],
)  # fmt: skip
def test_aliases(name, city, shorter):
    full = " ".join(words(name))
    assert aliases(name, city) == {full: 1.0, **dict.fromkeys(shorter, 0.5)}
    assert list(aliases(name, city)) == [full, *shorter]


@pytest.mark.parametrize("name", ["", " ", "🌮", "...", "(.*)+["])
def test_no_word_no_alias(name):
    assert aliases(name, "Leeds") == {}


@given(st.text(max_size=40), st.text(max_size=10))
def test_aliases_of_anything(name, city):
    found = aliases(name, city)
    assert bool(found) == bool(city_key(name))
    assert "" not in found
    assert all(set(alias.split()) <= set(words(name)) for alias in found)


def test_build(nlp, businesses, reviews):
    base = build_base(nlp, businesses, reviews)
    assert list(base.restaurants) == [business.id for business in businesses]
    assert base.cities == {"phoenix", "portland", "baltimore", "leed"}
    assert base.profiles.shape == (96, 12)
    assert base.fingerprint == nlp.get_pipe("lda_topics").topic_model.fingerprint
    assert base.kb.get_vector("salt") == pytest.approx(base.profiles[base.index["salt"]].tolist())
    for alias in base.aliases:
        found = base.kb.get_alias_candidates(alias)
        assert sum(candidate.prior_prob for candidate in found) == pytest.approx(1, abs=1e-4)
    assert build_base(nlp, businesses, reviews).to_bytes() == base.to_bytes()


def test_businesses_without_a_name_are_left_out(tiny):
    given = [Business("a", ""), Business("b", "Lime"), Business("c", " "), Business("d", "🌮"), Business("e", "Nori", "")]
    base = build_base(tiny, given, [Review("1", "sushi", "a"), Review("2", "nori", None), Review("3", "rice", "z")])
    assert list(base.restaurants) == ["b", "e"]
    assert base.cities == set()


LIST = [Business("1", "Taco Loco", "Leeds"), Business("2", "Taco Loco", "York"), Business("3", "Café Lìme")]


@pytest.mark.parametrize(
    ("given", "reviews"),
    [
        ([Review("a", "sushi", "1")], [1, 0, 0]),
        ([Review("a", "sushi", None, "taco loco", "YORK")], [0, 1, 0]),
        ([Review("a", "sushi", "77", "Taco Loco", "York")], [0, 1, 0]),
        ([Review("a", "sushi", "1", "Taco Loco", "York")], [1, 0, 0]),
        ([Review("a", "sushi", None, "Cafe Lime", "York"), Review("b", "nori", None, "CAFÉ LÌME")], [0, 0, 2]),
        ([Review("a", "sushi", None, "Taco Loco"), Review("b", "nori", None, "Taco", "York"), Review("c", "rice")], [0, 0, 0]),
    ],
)
def test_reviews_belong_to_a_restaurant_by_id_or_by_name_and_city(given, reviews, tiny):
    base = build_base(tiny, LIST, given)
    counts = {c.entity_: c.entity_freq - 1 for alias in base.aliases for c in base.kb.get_alias_candidates(alias)}
    assert [counts[business.id] for business in LIST] == reviews
    assert base.reviews == sum(reviews)
    assert KnowledgeBase.from_bytes(base.to_bytes(), Vocab()).reviews == sum(reviews)


def test_of_businesses_with_one_id_the_last_stands(tiny):
    base = build_base(tiny, [Business("a", "Taco"), Business("b", "Pasta"), Business("a", "Sushi")])
    assert [house.name for house in base.restaurants.values()] == ["Sushi", "Pasta"]
    assert base.profiles.argmax(axis=1).tolist() == [2, 1]


@pytest.mark.parametrize("given", [[], [Business("a", "")], [Business("a", "\u200b"), Business("b", "!")]])
def test_no_business(given, tiny):
    with pytest.raises(InputError, match="T076"):
        build_base(tiny, given)


@pytest.mark.parametrize("reviewed", [True, False])
def test_profiles_are_on_the_simplex(reviewed, nlp, businesses, reviews):
    profiles = build_base(nlp, businesses, reviews if reviewed else []).profiles
    assert (profiles > 0).all()
    np.testing.assert_allclose(profiles.sum(axis=1), 1, atol=1e-5)


def test_reviews_draw_profiles_near(nlp, businesses, base, reviews):
    bare = build_base(nlp, businesses)
    theta, house = {}, {review.id: review.business_id for review in reviews}
    for doc, name in nlp.pipe(((review.text, review.id) for review in reviews), as_tuples=True):
        theta.setdefault(house[name], []).append(doc._.topic_dist)
    for name, row in base.index.items():
        if name in theta:
            mean = np.mean(theta[name], axis=0)
            assert np.abs(base.profiles[row] - mean).sum() < np.abs(bare.profiles[row] - mean).sum()
        else:
            np.testing.assert_array_equal(base.profiles[row], bare.profiles[row])


def test_without_reviews_name_and_kind_tell(nlp, businesses):
    bare = build_base(nlp, [*(b for b in businesses if b.kind != "mexican"), Business("x", "La Taqueria")])
    others = np.delete(bare.profiles[:, 0], bare.index["x"])
    assert bare.profiles[bare.index["x"], 0] > others.mean() + 3 * others.std()


def test_a_review_of_unknown_words_counts_but_tells_nothing(tiny):
    given = [Business("a", "Taco"), Business("b", "Taco")]
    base = build_base(tiny, given, [Review(str(i), "zzyzx", "a") for i in range(9)])
    np.testing.assert_array_equal(*base.profiles)
    assert [candidate.prior_prob for candidate in base.kb.get_alias_candidates("taco")] == pytest.approx(
        [10 / 11, 1 / 11], 1e-4
    )


def test_a_thousand_of_one_name(tiny):
    base = build_base(tiny, [Business(str(i), "Subway", "Leeds") for i in range(1000)])
    assert len(base.kb.get_alias_candidates("subway")) == 1000
    assert base.aliases == ["subway"]


@pytest.mark.parametrize(
    "name",
    ["x" * 300, "Grill (.*)+[", "鮨 銀座", "よしだ", "مطعم الشام", "ताज महल", "O'Brien & Söhne", "C++ Café", "No. 1", "B & B"],
)
def test_any_name_is_found_by_itself(name, tiny):
    base = build_base(tiny, [Business("a", "Taco Loco"), Business("b", name)])
    found = CandidateGenerator(base)([name])[0]
    assert [(candidate.row, candidate.similarity) for candidate in found] == [(1, 1.0)]


def test_round_trip(base, nlp, tmp_path):
    base.save(tmp_path / "bistro.places")
    again = KnowledgeBase.load(tmp_path / "bistro.places", Vocab())
    assert again.to_bytes() == base.to_bytes()
    assert again.restaurants == base.restaurants
    assert again.cities == base.cities
    mentions = [*(house.name for house in bistro.restaurants().values()), "Traroria Lucia", "pho88", "nobody"]
    found, expected = CandidateGenerator(again)(mentions), CandidateGenerator(base)(mentions)
    assert found == expected
    theta = nlp("Tacos and salsa in the sun.")._.topic_dist
    for candidates in expected:
        given = (candidates, theta, 4, {"leed"}, Weights())
        assert scores(again, *given) == scores(base, *given)


def test_any_flipped_byte_is_noticed(tiny_bytes):
    for position in range(len(tiny_bytes)):
        for flip in (0x01, 0x80):
            damaged = bytearray(tiny_bytes)
            damaged[position] ^= flip
            with pytest.raises(InputError, match=r"T01[012]"):
                KnowledgeBase.from_bytes(bytes(damaged), Vocab())


def test_cut_short_at_any_length(tiny_bytes):
    for length in range(len(tiny_bytes)):
        with pytest.raises(InputError, match=r"T01[01]"):
            KnowledgeBase.from_bytes(tiny_bytes[:length], Vocab())


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda data: b"", "T010"), (lambda data: b"PK\x03\x04" + bytes(200), "T010"), (lambda data: data[1:], "T010"),
        (lambda data: data[:-1], "T011"), (lambda data: data + b"\0", "T011"), (lambda data: data[:14], "T011"),
        (lambda data: data[:100], "T011"), (lambda data: data[:99] + b"?" + data[100:], "T011"),
        (lambda data: replace(ENVELOPE, format=2).pack(data), "T012"),
        (lambda data: replace(ENVELOPE, magic=b"palate places?").pack(data), "T010"),
    ],
)  # fmt: skip
def test_other_and_damaged_files(change, code, base_bytes, tmp_path):
    (tmp_path / "f").write_bytes(change(base_bytes))
    with pytest.raises(InputError, match=code) as caught:
        KnowledgeBase.load(tmp_path / "f", Vocab())
    assert str(tmp_path / "f") in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_two_kinds_of_file_are_not_taken_for_each_other(model_bytes, base_bytes):
    with pytest.raises(InputError, match=r"T010.*knowledge base"):
        KnowledgeBase.from_bytes(model_bytes, Vocab())
    with pytest.raises(InputError, match=r"T010.*topic model"):
        TopicModel.from_bytes(base_bytes)


@pytest.mark.parametrize(("path", "error"), [("missing", FileNotFoundError), (".", IsADirectoryError)])
def test_no_such_file(path, error, tmp_path):
    with pytest.raises(error):
        KnowledgeBase.load(tmp_path / path, Vocab())


def test_what_is_read_is_what_was_built(nlp, businesses, reviews):
    built = build_base(nlp, businesses, reviews[:50])
    read = KnowledgeBase.from_bytes(built.to_bytes(), nlp.vocab)
    np.testing.assert_array_equal(built.profiles, read.profiles)
    assert read.to_bytes() == built.to_bytes()
