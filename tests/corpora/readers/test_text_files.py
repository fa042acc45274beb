"""CSV, TSV and JSON lines: in which encoding, with which separators; what would be read wrong is refused with its line."""

import gzip

import pytest

from corpora.errors import InputError
from corpora.reviews import read_reviews


def write(path, data):
    data = data.encode("utf8") if isinstance(data, str) else data
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


CREME = "id,text\n1,Crème brûlée – naïve\n"
ENCODINGS = [
    ("r.csv", CREME.encode("utf8")),
    ("r.csv", CREME.encode("utf-8-sig")),
    ("r.csv", CREME.encode("cp1252")),
    ("r.csv.gz", CREME.encode("cp1252")),
    ("r.csv", CREME.encode("utf-16")),
    ("r.csv", b"\xfe\xff" + CREME.encode("utf-16-be")),
    ("r.tsv", CREME.replace(",", "\t").encode("cp1252")),
    ("r.jsonl", '{"id": 1, "text": "Crème brûlée – naïve"}\n'.encode("cp1252")),
    ("r.jsonl", '{"id": 1, "text": "Crème brûlée – naïve"}\n'.encode("utf-16")),
]


@pytest.mark.parametrize(("name", "data"), ENCODINGS)
def test_the_bytes_show_the_encoding(name, data, tmp_path):
    (review,) = read_reviews(write(tmp_path / name, data))
    assert review.text == "Crème brûlée – naïve"


def test_the_encoding_is_found_however_late_it_shows(tmp_path):
    rows = "".join(f"{i},plain text\n" for i in range(200_000))
    reviews = list(read_reviews(write(tmp_path / "r.csv", f"id,text\n{rows}x,Crème\n".encode("cp1252"))))
    assert reviews[-1].text == "Crème"
    long = "word " * 300_000 + "è"  # two bytes of UTF-8 on both sides of a block
    for pad in range(3):
        (review,) = read_reviews(write(tmp_path / "r.csv", f"text\n{'x' * pad}{long}\n"))
        assert review.text.endswith("è")


MIXED = [
    ("r.csv", "id,text\n1,Crème\n2,".encode() + b"Caf\xe9\n", "line 3: not UTF-8, though text before it is"),
    ("r.csv", "id,text\n1,Caf\u00e9 \u2013\n".encode() + b"2,\x81\n", "line 3: not UTF-8"),
    ("r.csv", b"id,text\n1,Caf\xe9\n2,\x81\n", "line 3: neither UTF-8 nor cp1252"),
]


@pytest.mark.parametrize(("name", "data", "message"), MIXED)
def test_bytes_of_several_encodings_are_refused_with_the_line(name, data, message, tmp_path):
    with pytest.raises(InputError, match=message):
        list(read_reviews(write(tmp_path / name, data)))


BEYOND = [
    ("id,stars,text\n1,5,Good food, lovely tacos and salsa\n", "line 2: 4 cells, but the heading has 3 columns"),
    ("id,text\n1,Good\n2,Fine,very\n", "line 3: 3 cells"),
    ("id;text\n1;Good;more\n", "line 2: 3 cells"),
    ('id,text\n1,"Good,\nfood",more\n', "line 3: 3 cells"),
]


@pytest.mark.parametrize(("data", "message"), BEYOND)
def test_cells_beyond_the_heading_are_refused_with_the_line(data, message, tmp_path):
    with pytest.raises(InputError, match=message):
        list(read_reviews(write(tmp_path / "r.csv", data)))


@pytest.mark.parametrize("data", ["id,text,,\n1,Good,,\n", "id,text\n1,Good,,,\n", "id,text\n1,Good,\n\n"])
def test_empty_cells_beyond_the_heading_are_fine(data, tmp_path):
    assert [review.text for review in read_reviews(write(tmp_path / "r.csv", data))] == ["Good"]


@pytest.mark.parametrize(
    ("heading", "cells"),
    [('id;"text; and more";text', "1;x;Good"), ('"a,b,c";text;id', "x;Good;1"), ("id;text", "1;Good, and fine")],
)
def test_separators_inside_quotes_do_not_count(heading, cells, tmp_path):
    (review,) = read_reviews(write(tmp_path / "r.csv", f"{heading}\n{cells}\n"))
    assert review.text.startswith("Good")


def test_a_column_that_is_asked_for_and_stands_there_twice_is_refused(tmp_path):
    with pytest.raises(InputError, match="2 columns are called 'text'"):
        list(read_reviews(write(tmp_path / "r.csv", "id,text,text\n1,Good,Bad\n")))
    with pytest.raises(InputError, match="2 columns are called 'body'"):
        list(read_reviews(write(tmp_path / "r.csv", "id,body,body\n1,Good,Bad\n"), {"text": "body"}))
    (review,) = read_reviews(write(tmp_path / "r.csv", "id,note,text,note\n1,a,Good,b\n"))
    assert review.text == "Good"


@pytest.mark.parametrize(
    ("stars", "value"), [("4,5", 4.5), ("4.5", 4.5), ("4", 4.0), ("4.5/5", 4.5), ("8 / 10", 4.0), ("", None)]
)
def test_stars_may_have_a_decimal_comma(stars, value, tmp_path):
    (review,) = read_reviews(write(tmp_path / "r.csv", f"id;stars;text\n1;{stars};Good\n"))
    assert review.stars == value
