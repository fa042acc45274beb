import random

import pytest
import spacy
from helpers import build_base
from hypothesis import given
from hypothesis import strategies as st

from corpora import bistro
from corpora.businesses import Business
from spacy_topics.linking.candidates import Candidate, CandidateGenerator
from spacy_topics.linking.knowledge_base import KnowledgeBase

HOUSES = bistro.restaurants()
IDS = list(HOUSES)
WORDS = "Due Tre Uno Sole Luna Mare Monti Centro Nuova Vera Grande Piccola Verde Rossa Bianca Antica Stella Porta"
BRANCHES = [(word, "York" if word == "Verde" else "Hull") for word in WORDS.split()]


@pytest.fixture(scope="module")
def generator(base_bytes):
    return CandidateGenerator(KnowledgeBase.from_bytes(base_bytes, spacy.blank("en").vocab))


def ids(candidates):
    return [IDS[candidate.row] for candidate in candidates]


def test_every_name_finds_its_house(generator):
    for house, found in zip(HOUSES.values(), generator([house.name for house in HOUSES.values()]), strict=True):
        called = [candidate for candidate in found if candidate.similarity == 1]
        assert house.id in ids(called)
        assert {HOUSES[name].name for name in ids(called)} == {house.name}
        assert found[: len(called)] == called


@pytest.mark.parametrize(
    ("mention", "house"),
    [
        ("CEDAR & STONE", "cedar-and-stone"), ("Cedar and Stone", "cedar-and-stone"), ("yak and thistle", "yak-and-thistle"),
        ("Zorba's Table", "zorba"), ("zorba\u2019s table", "zorba"), ("Zorbas Table", "zorba"), ("Whitby's", "whitbys"),
        ("Whitbys", "whitbys"), ("Le Petit Cánard", "le-petit-canard"), ("Bún & Barrel", "bun-and-barrel"),
        ("Machete", "machete"), ("Nonna Rosa", "nonna-rosas"), ("blackbird", "blackbird"), ("Chop Room", "the-chop-room"),
        ("  the   KITCHEN ", "the-kitchen"), ("Red-Lantern", "red-lantern"), ("Slice Work", "slice-works"),
    ],
)  # fmt: skip
def test_exact_but_for_case_accents_plurals_and_marks(mention, house, generator):
    assert [IDS[row] for row, similarity, _ in generator([mention])[0] if similarity == 1] == [house]


@pytest.mark.parametrize(
    ("mention", "house"),
    [
        ("Bosporus", "bosphorus"), ("Kefalona", "kefalonia"), ("Pierogi Pallace", "pierogi-palace"), ("Babuska", "babushka"),
        ("Piergoi Palace", "pierogi-palace"), ("Stackd", "stacked"), ("Lahor Gril", "lahore-grill"), ("Kindlin", "kindling"),
        ("Cantena Azul", "cantina-azul"), ("Warang Ayu", "warung-ayu"), ("Arriang", "arirang"), ("Estanzia", "estancia"),
        ("le petite canard", "le-petit-canard"), ("Captain Abe's", "crab-deck"), ("Crab Deck", "crab-deck"),
        ("Tandor Alley", "tandoor-alley"), ("Bangkok Gardn", "bangkok-garden"), ("Havanna Corner", "havana-corner"),
        ("Mariscos la Riena", "mariscos-la-reina"), ("seoulstation", "seoul-station"), ("Curry Leef", "curry-leaf"),
        ("Biscut Sisters", "biscuit-sisters"), ("olimpia diner", "olympia-diner"), ("Rieve Gauche", "rive-gauche"),
    ],
)  # fmt: skip
def test_typos_are_forgiven(mention, house, generator):
    found = generator([mention])[0]
    assert ids(found)[0] == house
    assert 0 < found[0].similarity < 1


def test_a_misspelt_shared_name_means_all_that_share_it(generator):
    for mention in ("Golden Dragoon", "golden dargon"):
        found = generator([mention])[0]
        assert set(ids(found)[:2]) == {"golden-dragon-phoenix", "golden-dragon-leeds"}
        assert found[0].similarity == found[1].similarity


@pytest.mark.parametrize("mention", ["", " ", "🌮", "...", "Zzyzx Qwrtp", "12345", "鮨", "Хххххх", "\ud800", "(.*)+["])
def test_what_is_called_like_nothing_known_has_no_candidates(mention, generator):
    assert generator([mention]) == [[]]


def test_no_mentions(generator):
    assert generator([]) == []


def test_priors_follow_the_reviews(generator, reviews):
    counts = {house: 1 + sum(review.business_id == house for review in reviews) for house in IDS}
    first, second = generator(["Trattoria Lucia"])[0]
    assert ids([first, second]) == ["lucia-phoenix", "lucia-baltimore"]
    assert counts["lucia-phoenix"] > counts["lucia-baltimore"] == 1
    assert first.prior / second.prior == pytest.approx(counts["lucia-phoenix"], 1e-4)


def test_the_same_in_any_company_and_order(generator):
    mentions = [review.text[m.start : m.end] for review in bistro.reviews() for m in review.mentions if m.label == "RESTAURANT"]
    mentions += ["Bosporus", "Kefalona", "", "nobody", "Cedar"]
    expected = dict(zip(mentions, generator(mentions), strict=True))
    shuffled = sorted(set(mentions))
    random.Random(0).shuffle(shuffled)
    assert dict(zip(shuffled, generator(shuffled), strict=True)) == expected
    again = CandidateGenerator(generator.base)
    assert {mention: again([mention])[0] for mention in shuffled} == expected
    for found in expected.values():
        assert found == sorted(found, key=lambda c: (-c.similarity, -c.prior, c.row))
        assert len({candidate.row for candidate in found}) == len(found)
        assert all(0 < c.similarity <= 1 and 0 < c.prior <= 1 for c in found)


def test_a_house_with_several_like_names_stands_once(small):
    nlp = spacy.blank("en")
    nlp.add_pipe("lda_topics").topic_model = small
    base = build_base(nlp, [Business("a", "The Rusty Anvil Grill", "Leeds"), Business("b", "Rusty Nail")])
    found = CandidateGenerator(base)(["rusty anvill"])[0]
    rows = [candidate.row for candidate in found]
    assert rows[0] == 0
    assert rows.count(0) == 1


def test_limit_is_of_names_compared_with(small):
    nlp = spacy.blank("en")
    nlp.add_pipe("lda_topics").topic_model = small
    others = [Business(house.id, house.name) for house in HOUSES.values()]
    base = build_base(nlp, [*(Business(str(i), f"Kefalonia {i}") for i in range(30)), *others])
    assert [len(CandidateGenerator(base, limit)(["Kefalonia 99"])[0]) for limit in (1, 5, 10)] == [1, 5, 10]
    first, *others = CandidateGenerator(base)(["kefalonia 7"])[0]
    assert first == Candidate(7, 1.0, pytest.approx(1, 1e-4))
    assert all(other.similarity < 1 for other in others)


def test_other_names_of_the_same_restaurants_count_once(small):
    nlp = spacy.blank("en")
    nlp.add_pipe("lda_topics").topic_model = small
    base = build_base(nlp, [Business(word, f"The Rusty Anvil {word} Grill House", "Leeds") for word in WORDS.split()])
    assert len(CandidateGenerator(base)(["the rusty anvil gril house"])[0]) == 10


def test_the_city_counts_before_the_limit(small):
    nlp = spacy.blank("en")
    nlp.add_pipe("lda_topics").topic_model = small
    branches = [Business(f"b{i}", f"Bella Napoli {word}", city) for i, (word, city) in enumerate(BRANCHES)]
    for businesses in (branches, branches[::-1]):
        base = build_base(nlp, businesses)
        found = CandidateGenerator(base)(["Bella Napolli", "Bella Napolli"], [{"york"}, set()])
        assert "York" in {base.rows[candidate.row].city for candidate in found[0]}
        assert len(found[0]) == 11
        assert len(found[1]) == 10


def test_a_branch_is_called_without_its_number(small):
    nlp = spacy.blank("en")
    nlp.add_pipe("lda_topics").topic_model = small
    base = build_base(nlp, [Business("a", "Pizza Palace 118"), Business("b", "Pizza Palace 7091"), Business("c", "Bistro 24")])
    assert {candidate.row for candidate in CandidateGenerator(base)(["pizza palace"])[0] if candidate.similarity == 1} == {0, 1}
    assert not [candidate for candidate in CandidateGenerator(base)(["bistro"])[0] if candidate.similarity == 1]


@given(st.text(max_size=20))
def test_any_mention(generator, mention):
    for row, similarity, prior in generator([mention])[0]:
        assert 0 <= row < len(IDS)
        assert 0 < similarity <= 1
        assert 0 < prior <= 1
