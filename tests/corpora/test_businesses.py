import gzip
import io
import json
import sys

import duckdb
import pytest

from corpora.businesses import Business, places_to_eat, read_businesses
from corpora.errors import InputError
from corpora.reviews import read_reviews

EXPECTED = [Business("a", "Salt, & Co", "Leeds", "Pubs; Fish & Chips"), Business("b", "Home")]
CSV = 'business_id,name,city,state,categories\na,"Salt, & Co",Leeds,WY,Pubs; Fish & Chips\nb,Home,,,\n'
JSONL = (
    '{"business_id": "a", "name": "Salt, & Co", "city": "Leeds", "categories": ["Pubs", "Fish & Chips"], "hours": {}}\n'
    '{"business_id": "b", "name": "Home", "city": "", "categories": null}\n'
)


def write(path, content):
    data = content.encode("utf8") if isinstance(content, str) else content
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("b.json", JSONL),
        ("b.json", JSONL.replace("\n", "\r\n\r\n")),
        ("b.jsonl.gz", JSONL.rstrip()),
        ("b.csv", CSV),
        ("b.csv", "\ufeff" + CSV.replace("\n", "\r\n")),
        ("b.csv.gz", CSV.rstrip()),
        ("b.tsv", "id\tbusiness_name\tcity\tkind\na\tSalt, & Co\tLeeds\tPubs; Fish & Chips\nb\tHome\t\t\n"),
    ],
)
def test_formats(name, content, tmp_path):
    assert list(read_businesses(write(tmp_path / name, content))) == EXPECTED


@pytest.mark.parametrize("categories", ["categories", "string_split(categories, '; ') AS categories"])
def test_parquet(categories, tmp_path):
    write(tmp_path / "b.csv", CSV)
    source = f"SELECT business_id, name, city, {categories} FROM read_csv('{tmp_path}/b.csv')"
    duckdb.sql(f"COPY ({source}) TO '{tmp_path}/b.parquet' (FORMAT parquet)")
    assert list(read_businesses(tmp_path / "b.parquet")) == EXPECTED


def test_standard_input(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(JSONL.encode())))
    assert list(read_businesses("-")) == EXPECTED


@pytest.mark.parametrize(
    ("categories", "kind"),
    [
        (["Pubs"], "Pubs"),
        (["Books, Mags", "Bars"], "Books, Mags; Bars"),
        ("Pubs, Fish & Chips", "Pubs; Fish & Chips"),
        ("Books, Mags; Bars", "Books, Mags; Bars"),
        ("Pubs", "Pubs"),
        (None, None),
        ("", None),
        ([], None),
        ([None, "", "Bars"], "Bars"),
        (["\ud800"], "\ufffd"),
    ],
)
def test_categories(categories, kind, tmp_path):
    path = write(tmp_path / "b.json", json.dumps({"business_id": "a", "name": "Home", "categories": categories}))
    assert list(read_businesses(path)) == [Business("a", "Home", kind=kind)]


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("b.json", '{"business_id": 1, "name": ""}\n{"business_id": 2, "name": null}', [Business("1", ""), Business("2", "")]),
        ("b.csv", "id,name\na\n", [Business("a", "")]),
        ("b.csv", "id,name\na,So\0up\n", [Business("a", "So\ufffdup")]),
        ("b.json", '{"id": "a", "name": "\\ud83c\\udf5c \\udf5c"}', [Business("a", "\U0001f35c \ufffd")]),
        ("b.json", '{"id": "1", "business_id": "a", "name": "Home"}', [Business("a", "Home")]),
        ("b.json", "", []),
    ],
)
def test_odd_rows(name, content, expected, tmp_path):
    assert list(read_businesses(write(tmp_path / name, content))) == expected


def test_other_column_names(tmp_path):
    path = write(tmp_path / "b.csv", "key,title,town\na,Home,Leeds\n")
    assert list(read_businesses(path, {"id": "key", "name": "title", "city": "town"})) == [Business("a", "Home", "Leeds")]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("b.csv", "name,city\nHome,Leeds\n", "b.csv: no column 'business_id'; there are name, city: which one holds the id"),
        ("b.csv", "id,city\na,Leeds\n", "b.csv: no column 'name'; there are id, city"),
        ("b.json", '{"id": "a", "name": "Home"}\n{"id": "b"}\n', "line 2: no column 'name'; there are id"),
        ("b.csv", "id,name\na,Home\nb,Salt\na,Else\n", "line 4: the id 'a' stands in an earlier row"),
        ("b.csv", "id,name\na,Home\n,Salt\n", "line 3: no id"),
        ("b.json", '{"id": null, "name": "Home"}', "line 1: no id"),
        ("b.json", '[{"id": "a"}]', "line 1: not a JSON object"),
        ("b.csv.gz", b"no gzip", "gzip file is damaged"),
        ("b.parquet", b"no parquet", "not a Parquet file"),
        ("b.docx", b"", "does not tell the format"),
    ],
)
def test_damage_is_named_in_one_line(name, content, message, tmp_path):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(InputError, match=message) as caught:
        list(read_businesses(path))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("columns", "message"),
    [({"stars": "x"}, "no field is called 'stars': there are id, name, city, kind"), ({"city": "town"}, "no column 'town'")],
)
def test_wrong_mapping(columns, message, tmp_path):
    with pytest.raises(InputError, match=message):
        list(read_businesses(write(tmp_path / "b.csv", CSV), columns))


@pytest.mark.parametrize("name", ["missing.json", "missing.csv.gz", "missing.parquet"])
def test_missing_file(name, tmp_path):
    with pytest.raises(FileNotFoundError):
        list(read_businesses(tmp_path / name))


@pytest.mark.parametrize(
    ("text", "key"), [("1.0", "1"), ("1", "1"), ("12.00", "12"), ("1.5", "1.5"), ("a.0", "a.0"), ("01", "01")]
)
def test_ids_that_a_data_frame_wrote(text, key, tmp_path):
    assert next(read_businesses(write(tmp_path / "b.csv", f"id,name\n{text},Home\n"))).id == key
    assert next(read_reviews(write(tmp_path / "r.csv", f"business_id,text\n{text},Good\n"))).business_id == key


YELP = {
    "Restaurants; Thai": True,
    "Food; Coffee & Tea": True,
    "Restaurants; Nightlife; Bars": True,
    "Tax Services; Financial Services": False,
    "Beauty & Spas; Nail Salons": False,
    "Pet Food": False,
    "Food; Grocery": False,
    "Food; Grocery; Restaurants": True,
    "Massage; Thai Massage": False,
    None: True,
    "": True,
}


@pytest.mark.parametrize(("kind", "is_kept"), YELP.items())
def test_of_yelps_businesses_those_that_sell_food(kind, is_kept):
    one, other = Business("a", "A", kind=kind), Business("b", "B", kind="Restaurants")
    assert places_to_eat([one, other]) == ([one, other] if is_kept else [other])
    assert places_to_eat(iter([other, one])) == ([other, one] if is_kept else [other])


@pytest.mark.parametrize("kinds", [["Bistro", "Imbiss"], [None, None], ["italian; pizza", "tax office"]])
def test_categories_of_ones_own_leave_nothing_out(kinds):
    given = [Business(str(i), "A", kind=kind) for i, kind in enumerate(kinds)]
    assert places_to_eat(given) == given


@pytest.mark.parametrize(
    ("name", "is_kept"),
    [("City Museum", False), ("Museum of Toys", False), ("Taco Stand", True), ("Fez", True), ("Museum Tacos", True)],
)
def test_without_categories_names_like_those_of_other_businesses_are_left_out(name, is_kept):
    """The kinds that the file itself has: no list of ours."""
    others = [f"{word} Museum" for word in ("Art", "Train", "Clock", "Bone", "Rain", "Moon", "Salt", "Glass")]
    eat = [f"{word} Tacos" for word in ("Best", "Red", "Super", "Two", "Holy", "Blue", "Street", "Fish")]
    given = [Business(f"o{i}", one, kind="Museums") for i, one in enumerate(others)]
    given += [Business(f"e{i}", one, kind="Restaurants; Mexican") for i, one in enumerate(eat)]
    kept = places_to_eat([*given, Business("x", name)])
    assert [one.id for one in kept if one.id[0] != "e"] == ["x"] * is_kept
