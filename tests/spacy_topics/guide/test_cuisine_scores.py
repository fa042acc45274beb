from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from corpora.cuisines import cuisines
from spacy_topics.guide.cuisine_scores import COLUMN, IDS, PARTS, Counts, CuisineWeights, Restaurants, cuisine_scores
from spacy_topics.lexicon import entries, find, words

KINDS = ("CUISINE", "DISH", "INGREDIENT")
WEIGHTS = CuisineWeights()


def facts(names, said=(), theta=None, labels=(), reviews=10):
    """What is known of restaurants; said: (row, text, label, number of reviews)."""
    theta = np.zeros((len(names), len(labels))) if theta is None else np.array(theta)
    items, pairs = {}, []
    for row, text, label, times in said:
        if label in KINDS:
            pairs += [(row, word) for word in words(text)]
            for key in find(words(text), entries()):
                items[row, key] = max(times, items.get((row, key), 0))
    pairs = dict.fromkeys(pairs, 1)
    return Restaurants(names, np.full(len(names), reviews), counts(items, len(names)), counts(pairs, len(names)), theta, labels)


def counts(numbers, restaurants):
    """numbers: (row, thing) -> number."""
    things = list(dict.fromkeys(thing for _, thing in numbers))
    table = np.zeros((restaurants, len(things)))
    for (row, thing), number in numbers.items():
        table[row, things.index(thing)] = number
    return Counts(csr_matrix(table), things)


def of(names, said=(), theta=None, labels=(), reviews=10, **weights):
    return cuisine_scores(facts(names, said, theta, labels, reviews), replace(WEIGHTS, **weights))


def best(row):
    return IDS[int(row.argmax())]


OTHERS = ["", "", "", ""]


@pytest.mark.parametrize(
    ("name", "cuisine"),
    [
        ("Trattoria Lucia", "italian"),
        ("LA TAQUERÍA", "mexican"),
        ("Golden Wok Chinese Restaurant", "chinese"),
        ("Pho 88", "vietnamese"),
        ("Slice Pizzeria", "pizza"),
    ],
)
def test_a_name_alone(name, cuisine):
    found = of([name])
    assert best(found["total"][0]) == cuisine
    assert found["name"][0].max() == pytest.approx(WEIGHTS.name)
    assert not any(found[part].any() for part in ("mentions", "topics"))


@pytest.mark.parametrize("name", ["", "Lucia", "77", "🍕", "The Corner"])
def test_a_name_that_says_nothing(name):
    assert not of([name])["total"].any()


def test_a_word_that_several_cuisines_share_says_less_of_each():
    found = of(["Grill"])["name"][0]
    shared = np.flatnonzero(found)
    assert len(shared) > 1
    assert found[shared] == pytest.approx(WEIGHTS.name / len(shared) ** 0.5)


def test_mentions_alone():
    found = of(["A", "B", *OTHERS], [(0, "risotto", "DISH", 3), (1, "tacos", "DISH", 3), (1, "Mexican", "CUISINE", 1)])
    assert [best(row) for row in found["mentions"][:2]] == ["italian", "mexican"]
    assert [best(row) for row in found["total"][:2]] == ["italian", "mexican"]
    assert not found["name"].any()
    assert not found["topics"].any()
    assert not found["mentions"][2:].any()


def test_of_what_is_mentioned_the_rarer_the_oftener_and_the_more_telling_counts_more():
    everywhere = [(house, "tacos", "DISH", 9) for house in range(6)]
    column = COLUMN["mexican"]

    def score(*said, house=0):
        return of(["A", "B", *OTHERS], said)["mentions"][house, column]

    assert score((0, "tacos", "DISH", 2)) > score((0, "tacos", "DISH", 1)) > 0
    assert score((0, "tacos", "DISH", 2)) > score(*everywhere)
    assert score((0, "Mexican", "CUISINE", 2)) > score((0, "tortilla", "INGREDIENT", 2))
    telling = sorted((entry.weight, key) for key, entry in entries().items() if entry.label == "INGREDIENT")
    (_, least), (_, most) = telling[0], telling[-1]
    said = of(["A", "B", *OTHERS], [(0, " ".join(most), "INGREDIENT", 2), (1, " ".join(least), "INGREDIENT", 2)])
    assert said["mentions"][0].max() > said["mentions"][1].max()


def test_words_of_no_cuisine_say_nothing():
    found = of(["A", *OTHERS], [(0, "quickly", "DISH", 2), (0, "Phoenix", "LOCATION", 2)])
    assert not found["total"].any()


def test_topics_alone():
    theta = [[0.6, 0.2, 0.1, 0.1], [0, 0, 0, 1]]
    found = of(["A", "B"], theta=theta, labels=["italian", "thai", "italian", ""])
    assert best(found["total"][0]) == "italian"
    assert found["topics"][0, COLUMN["italian"]] == pytest.approx(WEIGHTS.topics * 0.7)
    assert found["topics"][0, COLUMN["thai"]] == pytest.approx(WEIGHTS.topics * 0.2)
    assert not found["topics"][1].any()


def test_topics_of_other_names_say_nothing():
    assert not of(["A"], theta=[[0.5, 0.5]], labels=["noise", "service"])["total"].any()


def test_words_are_learnt_from_restaurants_of_a_known_cuisine():
    """Nobody lists "zagara"; Italian restaurants have it, so one without a telling name that has it is taken for Italian."""
    names = [*(f"Trattoria {i}" for i in range(6)), *(f"Taqueria {i}" for i in range(6)), "Unknown", "Silent"]
    said = [(house, "zagara", "DISH", 2) for house in (*range(6), 12)] + [
        (house, "molotes", "DISH", 2) for house in range(6, 12)
    ]
    found = of(names, said)
    assert words("zagara") not in entries()
    assert best(found["learnt"][12]) == best(found["total"][12]) == "italian"
    assert not found["learnt"][13].any()
    assert found["learnt"][0, COLUMN["italian"]] > 0 > found["learnt"][0, COLUMN["mexican"]]
    assert not of(names, said, learnt=0)["total"][12].any()


def test_a_parent_gets_a_share():
    found = of(["Sushi Bar Hana"])
    children = [cuisine for cuisine in cuisines().values() if cuisine.parent == "japanese"]
    own = sum(found[part] for part in PARTS if part != "narrower")
    given = WEIGHTS.child * sum(own[0, COLUMN[child.id]] for child in children)
    assert found["narrower"][0, COLUMN["japanese"]] == pytest.approx(given)
    assert found["total"][0, COLUMN["japanese"]] == pytest.approx(own[0, COLUMN["japanese"]] + given)
    assert given > 0
    alone = of(["Sushi Bar Hana"], child=0)
    assert not alone["narrower"].any()


SAID = [(0, "risotto", "DISH", 3), (1, "tacos", "DISH", 2), (2, "basil", "INGREDIENT", 4), (2, "Thai", "CUISINE", 1)]
ALL = {"said": SAID, "theta": np.eye(3)[[0, 1, 2, 2, 2, 2]], "labels": ["italian", "mexican", "thai"]}
NAMES = ["Trattoria", "Taqueria", "Thai House", "X", "Y", "Z"]


@pytest.mark.parametrize("part", [part for part in PARTS if part != "narrower"])
def test_a_weight_of_0_leaves_a_part_out(part):
    whole, without = of(NAMES, **ALL), of(NAMES, **ALL, **{part: 0})
    assert whole[part].any()
    assert not without[part].any()
    if part != "learnt":  # which rests on the others
        for other in {"name", "mentions", "topics"} - {part}:
            assert (without[other] == whole[other]).all()
        assert of(NAMES, **ALL, **{part: 2 * getattr(WEIGHTS, part)})[part] == pytest.approx(2 * whole[part])


@pytest.mark.parametrize("kind", ["cuisine", "dish", "ingredient"])
def test_a_kind_of_mention_can_be_left_out(kind):
    word = {"cuisine": "Thai", "dish": "risotto", "ingredient": "basil"}[kind]
    said = [(0, word, kind.upper(), 3)]
    assert of(NAMES, said)["mentions"][0].any()
    assert not of(NAMES, said, **{kind: 0})["mentions"].any()


def test_all_weights_0():
    weights = {field.name: 0 for field in fields(CuisineWeights)}
    assert not of(NAMES, **ALL, **weights)["total"].any()


def test_the_total_is_the_sum():
    found = of(NAMES, **ALL)
    assert found["total"] == pytest.approx(sum(found[part] for part in PARTS))


@pytest.mark.parametrize("reviews", [1, 2, 100])
def test_one_restaurant(reviews):
    found = of(["Trattoria"], [(0, "risotto", "DISH", 1)], [[1.0]], ["italian"], reviews=reviews)
    assert best(found["total"][0]) == "italian"
    assert all(np.isfinite(part).all() and part.shape == (1, len(IDS)) for part in found.values())


def test_an_empty_collection():
    found = cuisine_scores(facts([], [], np.zeros((0, 3)), ["italian", "", ""]))
    assert {name: part.shape for name, part in found.items()} == dict.fromkeys((*PARTS, "total"), (0, len(IDS)))


def test_the_order_of_restaurants_and_mentions_does_not_matter():
    order = [3, 0, 5, 1, 4, 2]
    said = [(order.index(row), *rest) for row, *rest in reversed(SAID)]
    found = of([NAMES[i] for i in order], said, ALL["theta"][order], ALL["labels"])
    assert found["total"] == pytest.approx(of(NAMES, **ALL)["total"][order])


LABELS = st.sampled_from(["DISH", "INGREDIENT", "CUISINE", "PRICE"])
TEXTS = st.sampled_from(["risotto", "tacos", "basil", "Thai", "green curry", "zagara", "", "&", "rice"])


@given(st.lists(st.tuples(st.integers(0, 4), TEXTS, LABELS, st.integers(1, 50)), max_size=20), st.integers(1, 50))
def test_it_is_finite_whatever_is_mentioned(said, reviews):
    found = of(["Trattoria", "", "Taqueria", "Thai", "🍕"], said, reviews=reviews)
    assert all(np.isfinite(part).all() for part in found.values())
    assert all((found[part] >= 0).all() for part in ("name", "mentions", "topics"))
