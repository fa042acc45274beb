import numpy as np
import pytest

from spacy_topics.linking.names import name_key
from spacy_topics.linking.spelling import SpellingIndex

NAMES = [
    "Great Wall", "Great Wall Restaurant", "Julia's", "Five Guys Burgers and Fries", "Best Garden", "New China 3",
    "La Vera Pizzeria", "BoCaphe", "Thai Basil", "The Hairy Lemon Pub", "Number 1 Chinese Restaurant", "Kennedy Deli & Grocery",
]  # fmt: skip
INDEX = SpellingIndex([name_key(name) for name in NAMES])


def best(mention):
    return [(NAMES[i], score) for i, score in INDEX.search([name_key(mention)], [None])[0]]


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("Great Wall", "Great Wall"), ("Julia's Beer and Wine Bar", "Julia's"), ("Five Guys", "Five Guys Burgers and Fries"),
        ("Best Garden Chinese Restaurant", "Best Garden"), ("New China III", "New China 3"), ("La Vera", "La Vera Pizzeria"),
        ("Bo Ca Phe", "BoCaphe"), ("The Hairy Lemon", "The Hairy Lemon Pub"), ("No. 1 Chinese", "Number 1 Chinese Restaurant"),
        ("Kennedy Deli & Pizza", "Kennedy Deli & Grocery"), ("Thia Basil", "Thai Basil"),
    ],
)  # fmt: skip
def test_what_people_say(said, name):
    assert best(said)[0][0] == name


def test_only_the_same_name_is_fully_alike():
    assert best("GREAT WALL")[0] == ("Great Wall", 1.0)
    assert best("Great Wall of China")[0][1] < 1
    assert all(0 <= score <= 1 for said in (*NAMES, "Gr8 Wall", "🌮", "") for _, score in best(said))


def test_preferred_names_are_found_among_many_better_ones():
    names = [f"bella napoli {letter}" for letter in "abcdefghijklmnopqrstuvwxyz"] + ["bela napol quite another name"]
    index = SpellingIndex(names)
    preferred = np.array([name.endswith("name") for name in names])
    plain, with_preferred = index.search(["bella napoli"] * 2, [None, preferred])
    assert len(names) - 1 not in [i for i, _ in plain]
    assert len(names) - 1 in [i for i, _ in with_preferred]


@pytest.mark.parametrize(
    ("said", "name"), [("Matra", "Marta"), ("Swta", "Swat"), ("GreatW all", "Great Wall"), ("Ozne", "Ozen")]
)
def test_one_typo_is_found_among_many_names(said, name):
    """Also where few neighbouring letters are left of a short name."""
    alike = [f"{said[:2]}{x}{y}x" for x in "bcdfg" for y in "aeiou"]
    names = [name_key(one) for one in (*NAMES, *alike, "Swat", "Marta", "Ozen")]
    index, score = SpellingIndex(names).search([name_key(said)], [None])[0][0]
    assert names[index] == name_key(name)
    assert score > 0.6


def test_what_is_spelt_right_is_no_typo():
    index = SpellingIndex([name_key(name) for name in ("Thai House", "Thai Horse")])
    right, other = index.search([name_key("Thai House")], [None])[0]
    assert right == (0, 1.0)
    assert dict(index.search([name_key("Thai Houze")], [None])[0])[0] > other[1]
