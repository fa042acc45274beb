import json
import shutil
import sqlite3

import pytest

from corpora import bistro
from spacy_topics.annotations.run import annotate
from spacy_topics.errors import InputError
from spacy_topics.guide.guide import Guide
from spacy_topics.guide.search import find_restaurants
from spacy_topics.guide.sentences import sentence_spans

TEXTS = [
    ("a", "Pho Bo", "Leeds", 5, "The pho is superb at £9. The patio is lovely."),
    ("b", "Pho Bo", "Leeds", 4, "Pho again, £10 now. Pho for ever."),
    ("c", "Dear Bowl", "Leeds", 3, "Their pho costs £19, and parking is £4. No patio."),
    ("d", "Dear Bowl", "Leeds", 2, "£18 for pho?! Awful."),
    ("e", "Casa", "Madrid", 5, 'Tacos for €9,50. "OR" they say; NEAR the crème brûlée.'),
    ("f", "Casa", "Madrid", 4, "Tacos, tacos, tacos. The tacos are 12 € and the happy hour is happy."),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Six reviews of three restaurants, with what they say of dishes, amenities and prices."""
    import spacy

    beside = tmp_path_factory.mktemp("search")
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    ruler = nlp.add_pipe("entity_ruler", config={"phrase_matcher_attr": "LOWER"})
    dishes = [{"label": "DISH", "pattern": name} for name in ("pho", "tacos", "crème brûlée")]
    ruler.add_patterns([*dishes, *({"label": "AMENITY", "pattern": name} for name in ("patio", "parking", "happy hour"))])
    nlp.to_disk(beside / "nlp")
    keys = ("id", "name", "city", "stars", "text")
    (beside / "reviews.jsonl").write_text(
        "".join(json.dumps(dict(zip(keys, row, strict=True))) + "\n" for row in TEXTS), "utf8"
    )
    annotate(beside / "reviews.jsonl", beside / "out", beside / "nlp", part_size=2)
    return beside / "out"


def names(folder, *args, **more):
    return [row["name"] for row in find_restaurants(folder, *args, **more).restaurants]


def test_words_rank_by_share_of_reviews_and_quotes_answer(folder):
    found = find_restaurants(folder, "pho patio")
    assert [row["name"] for row in found.restaurants] == ["Pho Bo", "Dear Bowl"]
    assert found.restaurants[0]["matches"] == {"pho": 2, "patio": 1}
    assert found.restaurants[0]["quotes"] == ["The patio is lovely.", "The pho is superb at £9."]
    assert found.restaurants[0]["polarities"] == ["praise", "praise"]
    assert (found.total, found.unknown) == (2, [])


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"dish": "pho"}, {"Pho Bo", "Dear Bowl"}),
        ({"dish": "PHOS"}, {"Pho Bo", "Dear Bowl"}),
        ({"dish": "creme brulee"}, {"Casa"}),
        ({"amenity": "patio"}, {"Pho Bo", "Dear Bowl"}),
        ({"amenity": "happy hour"}, {"Casa"}),
        ({"dish": "pho", "max_price": 15}, {"Pho Bo"}),
        ({"max_price": 10}, {"Pho Bo", "Casa"}),
        ({"max_price": "£10"}, {"Pho Bo"}),
        ({"max_price": "$100"}, set()),
        ({"min_stars": 4.5}, {"Pho Bo", "Casa"}),
        ({"city": "leeds"}, {"Pho Bo", "Dear Bowl"}),
        ({"dish": "!!!"}, set()),
        ({"dish": "goulash"}, set()),
        ({"dish": "tacos", "city": "Leeds"}, set()),
    ],
)
def test_each_filter_alone(filters, expected, folder):
    assert set(names(folder, **filters)) == expected


def test_the_amount_nearest_to_the_dish_counts(folder):
    (row,) = find_restaurants(folder, dish="pho", max_price=18, city="Leeds", amenity="parking").restaurants
    assert (row["name"], row["price"], row["currency"]) == ("Dear Bowl", 18, "£")
    assert names(folder, dish="pho", max_price=5) == []


@pytest.mark.parametrize(
    "query", ["OR tacos", 'tacos "', "tacos NOT x*", "(tacos", "text:tacos", "tacos^2", "NEAR(tacos, 1)", "ta\0cos tacos"]
)
def test_nothing_is_syntax_but_double_quotes(query, folder):
    assert find_restaurants(folder, query) is not None
    assert names(folder, '"happy hour"') == ["Casa"]
    assert names(folder, '"hour happy"') == []


def test_accents_forms_and_case_are_one_word(folder):
    assert names(folder, "BRULEE") == names(folder, "brûlée") == names(folder, "taco") == ["Casa"]


def test_words_that_nobody_says_and_words_that_say_nothing(folder):
    found = find_restaurants(folder, "xyzzy the")
    assert (found.restaurants, found.unknown) == ([], ["xyzzy"])
    assert find_restaurants(folder, "xyzzy tacos").unknown == ["xyzzy"]
    for query, code in (("the and of", "T123"), ("?!", "T123"), ("", "T122"), ("  ", "T122")):
        with pytest.raises(InputError, match=code):
            find_restaurants(folder, query)


@pytest.mark.parametrize(
    ("filters", "code"),
    [
        ({"city": "Atlantis"}, "T089"),
        ({"cuisine": "klingon"}, "T088"),
        ({"max_price": "cheap"}, "T121"),
        ({"max_price": "nan"}, "T121"),
    ],
)
def test_what_cannot_be_asked(filters, code, folder):
    with pytest.raises(InputError, match=code):
        find_restaurants(folder, "pho", **filters)


def test_the_index_is_made_once_and_again_when_the_parts_change(folder, tmp_path):
    copy = tmp_path / "out"
    shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("search.sqlite"))
    assert find_restaurants(copy, "pho").indexed
    assert not find_restaurants(copy, "pho").indexed
    documents = sorted(copy.glob("documents-*"))
    documents[-1].unlink()
    found = find_restaurants(copy, "tacos pho")
    assert (found.indexed, found.missing, found.unknown) == (True, 2, ["tacos"])
    for damaged in (b"", b"no index", (copy / "search.sqlite").read_bytes()[:5000]):
        (copy / "search.sqlite").write_bytes(damaged)
        assert find_restaurants(copy, "pho").indexed
    assert {path.suffix for path in copy.iterdir()} <= {".parquet", ".json", ".sqlite"}


def test_a_stopped_write_leaves_no_index(folder, tmp_path, monkeypatch):
    copy = tmp_path / "out"
    shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("search.sqlite"))
    (copy / "search.sqlite").write_bytes(b"old")
    monkeypatch.setattr("spacy_topics.guide.search_index._INDEXES", "INSERT INTO nothing VALUES (1)")
    with pytest.raises(OSError, match="the index cannot be written"):
        find_restaurants(copy, "pho")
    assert (copy / "search.sqlite").read_bytes() == b"old"


def test_cuisines_are_those_of_find(annotations, tmp_path):
    copy = tmp_path / "out"
    shutil.copytree(annotations, copy, ignore=shutil.ignore_patterns("search.sqlite"))
    found = find_restaurants(copy, cuisine="Roman", limit=999)
    expected = [row["restaurant_id"] for row in Guide(copy).find("italian", limit=999)]
    assert [row["restaurant_id"] for row in found.restaurants] == expected
    assert all("italian" in bistro.restaurants()[name].cuisines for name in expected[:1])
    assert found.restaurants[0]["quotes"]
    with sqlite3.connect(copy / "search.sqlite") as index:
        (count,) = index.execute("SELECT count(*) FROM reviews").fetchone()
    assert count == 384


def test_older_annotations_are_refused(image_format_1, tmp_path):
    old = image_format_1.parent / "text" / "annotations"
    with pytest.raises(InputError, match="T120"):
        find_restaurants(old, "pho")


def test_sentences():
    text = ' Pho is Rs. 90! "Good." No?\n\nYes… or\nno; e.g. this. 味。好'
    said = [text[a:b] for a, b in sentence_spans(text)]
    assert said == ["Pho is Rs. 90!", '"Good."', "No?", "Yes…", "or", "no; e.g. this.", "味。", "好"]
    assert sentence_spans(" \n ") == []
