import re
from pathlib import Path

import pytest

from corpora import bistro
from corpora.cuisines import Cuisine, cuisines, read_cuisines, regional
from corpora.errors import InputError
from spacy_topics.lexicon import Lexicon, cuisine_seeds, names, words

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


@pytest.mark.parametrize(
    "name",
    [name for name in sorted(regional()) if name not in ("continental", "sri_lankan")],
)
def test_indian_regions_and_kinds_are_entries_of_their_own(name):
    assert CUISINES[name].parent == "indian"


def test_what_indian_menus_say_is_known():
    asked = "biryani, continental, North Indian, South Indian, Mughlai, Hyderabadi, chaat, Irani cafe, Chettinad, Goan, Bengali"
    asked += ", Punjabi, Indo-Chinese"
    assert [Lexicon(CUISINES).cuisine_of(name) for name in asked.split(", ")] == [
        name.lower().replace(" ", "_").replace("-", "_") for name in asked.split(", ")
    ]


def test_regional_cuisines_have_no_topics():
    assert set(cuisine_seeds()) == set(CUISINES) - regional()
    assert len(cuisine_seeds()) == 64


OWN = """
[manx]
parent = "british"
names = ["Manx", "  isle of   man "]
dishes = ["Queenies", "kipper", "kipper"]

[british]
names = ["british", "pub grub"]

[cornish_tea]
"""


def test_cuisines_of_ones_own(tmp_path):
    (tmp_path / "mine.toml").write_text(OWN, "utf8")
    found = read_cuisines(tmp_path / "mine.toml")
    assert list(found) == sorted({*CUISINES, "manx", "cornish_tea"})
    assert found["manx"] == Cuisine("manx", "british", ("manx", "isle of man"), (), ("queenies", "kipper"), (), ())
    assert found["british"] == CUISINES["british"]._replace(names=("british", "pub grub"))
    assert found["cornish_tea"].names == ("cornish tea",)
    assert found["italian"] is CUISINES["italian"]
    known = Lexicon(found)
    assert known.cuisine_of("Isle of Man") == "manx"
    assert known.entries[words("queenies")].cuisines == ("manx",)
    assert read_cuisines(tmp_path / "mine.toml", {"british": CUISINES["british"]}).keys() == {"british", "manx", "cornish_tea"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[a", "not TOML"),
        ("\xff", "not TOML"),
        ("x = 1", "x is outside a table"),
        ("[A]", r"\[A\]: an id has"),
        ('["a b"]', "an id has"),
        ("[a]\nfoo = 1", r"\[a\] has no key 'foo': there are parent, names"),
        ('[a]\nnames = "x"', r"\[a\] names must be a list of words. Received: 'x'"),
        ("[a]\ndishes = [1]", r"\[a\] dishes must be a list of words"),
        ('[a]\ndishes = [" "]', r"\[a\] dishes must be a list of words"),
        ("[a]\nnames = []", r"\[a\] names must hold"),
        ("[a]\nparent = 1", r"\[a\] parent must be"),
        ('[a]\nparent = "b"', r"\[a\] parent: there is no cuisine 'b'"),
        ('[a]\nparent = "a"', "a -> a is a circle"),
        ('[british]\nparent = "a"\n[a]\nparent = "british"', "is a circle"),
    ],
)
def test_a_mistake_in_them_is_one_line_with_the_key(text, message, tmp_path):
    (tmp_path / "mine.toml").write_bytes(text.encode("latin-1"))
    with pytest.raises(InputError, match=message) as caught:
        read_cuisines(tmp_path / "mine.toml")
    assert "mine.toml" in str(caught.value)
    assert "\n" not in str(caught.value)
