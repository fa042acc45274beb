import math
import unicodedata
from collections import Counter

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from corpora import bistro
from corpora.cuisines import cuisines, regional
from spacy_topics.lexicon import Items, clues, cuisine_of, cuisine_seeds, entries, find, names, patterns, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Crème brûlées", "creme brulee"), ("jalapen\u0303o JALAPEÑO", "jalapeno jalapeno"), ("Straße", "strasse"),
        ("Joe's", "joe"), ("Joe\u2019s", "joe"), ("JOES", "joe"), ("O'Brien O\u2019Brien", "obrien obrien"),
        ("Chefs' ", "chef"), ("Cedar & Stone", "cedar and stone"), ("A&W", "a and w"), ("Tex-Mex", "tex mex"),
        ("snake_case", "snake case"), ("fries", "fry"), ("pies", "pie"), ("dishes", "dish"), ("glasses", "glass"),
        ("gas", "gas"), ("１２ ｓｕｓｈｉ", "12 sushi"), ("pho 88!", "pho 88"), ("鮨 銀座", "鮨 銀座"),
        ("مطعم الشام", "مطعم الشام"), ("أَهْلًا", "اهلا"), ("Борщ", "борщ"), ("🌮 taco ❤️", "taco"), ("", ""), (" \n\t ", ""),
        ("🌮", ""), ("(.*)+[", ""), ("''", ""), ("\ud800\0", ""),
    ],
)  # fmt: skip
def test_words(text, expected):
    assert words(text) == tuple(expected.split())


@pytest.mark.parametrize("text", ["ताज महल", "ผัดไทย ข้าว", "தோசை கடை", "한식 식당"])
def test_vowel_signs_do_not_split_words(text):
    assert len(words(text)) == 2


@given(st.text(max_size=30))
@example("℡ ™")
@example("ᾳ ᾴ")
def test_words_of_words_are_the_same(text):
    assert words(" ".join(words(text))) == words(text)


@pytest.mark.parametrize(
    ("mention", "cuisine"),
    [
        ("Mexican", "mexican"), ("MEXICAN", "mexican"), ("mexcian", "mexican"), ("itallian", "italian"),
        ("Italians", "italian"), ("the old Italian", "italian"),
        ("Sichuanese", "sichuan"), ("Szechuan", "sichuan"), ("Tex-Mex", "tex_mex"), ("tex mex", "tex_mex"), ("BBQ", "barbecue"),
        ("bar-b-que", "barbecue"), ("pizzas", "pizza"), ("sushi bar", "sushi"), ("burger joint", "burgers"),
        ("steakhouses", "steakhouse"), ("brunch", "breakfast"), ("chippy", "fish_and_chips"),
        ("fish & chips", "fish_and_chips"),
        ("taqueria", "mexican"), ("trattoria", "italian"), ("osteria", "italian"), ("Thai-French fusion", "french"),
        ("Martian", None), ("food", None), ("🌮", None), ("", None), ("メキシコ", None),
    ],
)  # fmt: skip
def test_cuisine_of(mention, cuisine):
    assert cuisine_of(mention) == cuisine


def test_cuisines_as_the_reviews_name_them():
    hits = Counter(
        cuisine_of(review.text[mention.start : mention.end]) == mention.kb_id
        for review in bistro.reviews()
        for mention in review.mentions
        if mention.label == "CUISINE"
    )
    assert hits[True] / hits.total() > 0.9


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a b c", ["a b", "c"]), ("b a", ["a"]), ("a x a b", ["a", "a b"]), ("c d e", ["c"]), ("c d e f", ["c d e f"]),
        ("x", []), ("", []),
    ],
)  # fmt: skip
def test_find_takes_the_longest_and_goes_on_behind_it(text, found):
    table = Items({tuple(key.split()): None for key in ("a", "a b", "c", "c d e f")})
    assert [" ".join(key) for key in find(tuple(text.split()), table)] == found
    assert list(find(tuple(text.split()), Items())) == []


def test_entries_weigh_by_how_few_cuisines_list_them():
    table, count = entries(), len(cuisines())
    assert {key: entry.label for key, entry in table.items() if key in names()} == dict.fromkeys(names(), "CUISINE")
    assert all(entry.weight == math.log(count / len(set(entry.cuisines))) for entry in table.values())
    assert table[("kimchi",)].weight > table[words("scallion")].weight > 0
    assert table[words("Crème Brûlées")].label == "DISH"
    assert table[words("lemongrass")].label == "INGREDIENT"


def test_clues_are_in_names_of_restaurants():
    assert "mexican" in clues()[("taqueria",)]
    assert "italian" in clues()[("trattoria",)]
    given_away = sum(
        any(set(house.cuisines) & set(clues()[key]) for key in find(words(house.name), clues()))
        for house in bistro.restaurants().values()
    )
    assert given_away > 30


def test_seeds_name_every_cuisine_with_words_of_its_own():
    assert set(cuisine_seeds()) == set(cuisines()) - regional()
    assert {"taco", "tortilla"} & set(cuisine_seeds()["mexican"])
    for name, listed in cuisine_seeds().items():
        assert len(listed) == len(set(listed))
        others = [{*c.names, *c.dishes, *c.ingredients} for c in cuisines().values() if c.id not in (name, *regional())]
        assert {dish for dish in cuisines()[name].dishes if sum(dish in some for some in others) <= 2} <= set(listed)
    assert [name for name, listed in cuisine_seeds().items() if "injera" in listed] == ["ethiopian"]
    assert all("soup" not in listed for listed in cuisine_seeds().values())  # a word of many lists tells nothing


@pytest.mark.parametrize(
    ("dish", "plural"),
    [
        ("taco", "tacos"),
        ("french fry", "french fries"),
        ("goulash", "goulashes"),
        ("banh mi", "banh mis"),
        ("bulgogi", "bulgogis"),
    ],
)
def test_patterns_hold_singular_and_plural(dish, plural):
    assert {"label": "DISH", "pattern": dish} in patterns()
    assert {"label": "DISH", "pattern": plural} in patterns()


def test_patterns_are_dishes_alone():
    assert {pattern["label"] for pattern in patterns()} == {"DISH"}
    assert not {"peach", "peaches", "mexican"} & {pattern["pattern"] for pattern in patterns()}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("बिरयानी बहुत स्वादिष्ट।", ("बिरयानी", "बहुत", "स्वादिष्ट")),
        ("ส้มตำ อร่อย", (unicodedata.normalize("NFC", unicodedata.normalize("NFKD", "ส้มตำ")), "อร่อย")),
        ("தோசை, மிகவும்", ("தோசை", "மிகவும்")),
        ("বিরিয়ানি", (unicodedata.normalize("NFC", "বিরিয়ানি"),)),
        ("ピザ・バー", ("ピザ", "バー")),
        ("김치 찌개", ("김치", "찌개")),
        ("чай", ("чай",)),
        ("Ёлки", ("елки",)),
        ("مَطْعَم", ("مطعم",)),
        ("שָׁלוֹם", ("שלום",)),
        ("ta\u00adcos\u200b", ("taco",)),
        ("Cre\u0300me bru\u0302le\u0301es", ("creme", "brulee")),
        ("Phở Gà", ("pho", "ga")),
        ("I ❤\ufe0f NY", ("i", "ny")),
        ("a_b—c “d”", ("a", "b", "c", "d")),
    ],
)
def test_marks_that_are_letters_stay(text, expected):
    assert words(text) == expected
    assert words(unicodedata.normalize("NFD", text)) == expected
    assert words(" ".join(expected)) == expected


@pytest.mark.parametrize(
    ("one", "other"), [("दिल्ली", "दलाल"), ("パン", "ハン"), ("чай", "чаи"), ("เสือ", "เสา"), ("கடை", "கடி")]
)
def test_words_that_differ_in_a_mark_are_two(one, other):
    assert words(one) != words(other)
