import re
from pathlib import Path

import pytest

from corpora import bistro
from corpora.cuisines import cuisines
from spacy_topics.lexicon import names, words

CUISINES = cuisines()
GUIDE = (Path(bistro.__file__).parent / "GUIDE.md").read_text("utf8")
KNOWN = set(re.search(r"Cuisine ids: (.*?)\.", GUIDE, re.S)[1].replace(",", " ").split())
CORE = [
    "mexican", "italian", "chinese", "japanese", "sushi", "pizza", "burgers", "thai", "indian", "mediterranean", "greek",
    "vietnamese", "barbecue", "steakhouse", "seafood", "french", "korean", "breakfast",
]  # fmt: skip


def test_at_least_fifty_with_the_common_ones():
    assert len(CUISINES) >= 50
    assert set(CORE) <= set(CUISINES)
    assert list(CUISINES) == sorted(CUISINES)


def test_every_cuisine_of_the_guide_is_known():
    assert len(KNOWN) >= 50
    assert set(CUISINES) >= KNOWN


@pytest.mark.parametrize("cuisine", CUISINES.values(), ids=list(CUISINES))
def test_lists(cuisine):
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", cuisine.id)
    assert len(cuisine.dishes) >= 15
    assert len(cuisine.ingredients) >= 10
    assert cuisine.names
    assert cuisine.misspellings
    assert cuisine.name_clues
    for items in cuisine[2:]:
        assert len(set(items)) == len(items)
        for item in items:
            assert item == " ".join(item.lower().split())
            assert item.isascii()
            assert words(item)


@pytest.mark.parametrize("cuisine", CUISINES.values(), ids=list(CUISINES))
def test_names_lead_to_their_cuisine(cuisine):
    assert names()[words(cuisine.names[0])][0] == cuisine.id
    assert not set(cuisine.misspellings) & {name for other in CUISINES.values() for name in other.names}


@pytest.mark.parametrize("name", CUISINES)
def test_parents_end_at_a_cuisine_without_one(name):
    line = [name]
    while parent := CUISINES[line[-1]].parent:
        assert parent not in line
        line.append(parent)


@pytest.mark.parametrize(("name", "parent"), [("sushi", "japanese"), ("tex_mex", "mexican"), ("mexican", "latin_american")])
def test_parent(name, parent):
    assert CUISINES[name].parent == parent
