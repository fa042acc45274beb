import gzip
import io
import json
import sys

import duckdb
import pytest

from corpora.errors import InputError
from corpora.reviews import Review, read_reviews

ROWS = [
    {"id": "a", "text": "Good tacos.", "stars": 4, "city": "Phoenix"},
    {"id": "b", "text": 'Bad "soup",\nsadly.', "stars": 1.5, "city": ""},
]
EXPECTED = [
    Review("a", "Good tacos.", city="Phoenix", stars=4.0),
    Review("b", 'Bad "soup",\nsadly.', stars=1.5),
]
JSONL = "".join(json.dumps(row) + "\n" for row in ROWS)
CSV = 'id,text,stars,city\na,Good tacos.,4,Phoenix\nb,"Bad ""soup"",\nsadly.",1.5,\n'


def write(path, content):
    data = content.encode("utf8") if isinstance(content, str) else content
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("r.jsonl", JSONL),
        ("r.json", "\ufeff" + JSONL.replace("\n", "\n\n")),
        ("R.NDJSON.GZ".lower(), JSONL),
        ("r.csv", CSV),
        ("r.csv.gz", CSV),
        ("r.csv", 'id;text;stars;"ci,ty";city\na;Good tacos.;4;;Phoenix\nb;"Bad ""soup"",\nsadly.";1.5;;\n'),
        ("r.tsv", 'id\ttext\tstars\tcity\na\tGood tacos.\t4\tPhoenix\nb\t"Bad ""soup"",\nsadly."\t1.5\t\n'),
    ],
)
def test_formats(name, content, tmp_path):
    assert list(read_reviews(write(tmp_path / name, content))) == EXPECTED


def test_parquet(tmp_path):
    path = tmp_path / "r.parquet"
    write(tmp_path / "r.csv", CSV)
    duckdb.sql(f"COPY (SELECT * FROM read_csv('{tmp_path}/r.csv')) TO '{path}' (FORMAT parquet)")
    assert list(read_reviews(path)) == EXPECTED


def test_standard_input(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(JSONL.encode())))
    assert list(read_reviews("-")) == EXPECTED


def test_yelp_as_it_is(tmp_path):
    row = {"review_id": "x", "business_id": "h", "user_id": "u", "stars": 5, "text": "Fine.", "date": "2011-07-27", "votes": {}}
    path = write(tmp_path / "yelp_academic_dataset_review.json", json.dumps(row))
    assert list(read_reviews(path)) == [Review("x", "Fine.", "h", stars=5.0, date="2011-07-27")]


def test_other_column_names_and_no_ids(tmp_path):
    path = write(tmp_path / "r.csv", "body,town\nFine.,Leeds\nPoor.,Leeds\n")
    found = list(read_reviews(path, {"text": "body", "city": "town"}))
    assert found == [Review("1", "Fine.", city="Leeds"), Review("2", "Poor.", city="Leeds")]


def test_long_texts_and_odd_characters(tmp_path):
    text = "word " * 100_000
    path = write(tmp_path / "r.csv", f"text\n{text}\nwith \0 NUL\n")
    assert [len(review.text) for review in read_reviews(path)] == [500_000, 10]
    path = write(tmp_path / "r.jsonl", '{"text": "lone \\ud800 surrogate"}')
    assert next(read_reviews(path)).text == "lone \ufffd surrogate"


DAMAGE = [
    ("r.jsonl", '{"text": "a"}\n' * 6 + "{broken\n", "line 7: not JSON"),
    ("r.jsonl", '{"text": "a"}\n[1, 2]\n', "line 2: not a JSON object"),
    ("r.jsonl", '{"text": "a"}\n' + "[" * 100_000, "line 2: JSON nested too deep"),
    ("r.jsonl", '{"body": "a", "stars": 3}\n', "no column 'text'; there are body, stars"),
    ("r.jsonl", '{"text": 3}\n', "'text' is not text. Received: 3"),
    ("r.jsonl", '{"text": null}\n', "'text' is not text. Received: None"),
    (
        "r.jsonl",
        '{"id": 1, "text": "a"}\n{"id": 2, "text": "b"}\n{"id": 1, "text": "c"}\n',
        "line 3: the id '1' stands in an earlier row",
    ),
    ("r.csv", "id,body\na,b\n", "no column 'text'; there are id, body"),
    ("r.csv", "id,text\na\n", "'text' is not text"),
    ("r.jsonl.gz", b"no gzip", "gzip file is damaged"),
    ("r.parquet", b"no parquet", "not a Parquet file"),
    ("r.xlsx", b"", "not an Excel workbook"),
    ("reviews", b"", "does not tell the format"),
]


@pytest.mark.parametrize(("name", "content", "message"), DAMAGE)
def test_damage_is_named_in_one_line(name, content, message, tmp_path):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(InputError, match=message) as caught:
        list(read_reviews(path))
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


def test_an_id_seen_long_ago_is_noticed(tmp_path):
    rows = [f'{{"id": {number}, "text": "x"}}\n' for number in range(25_000)]
    path = write(tmp_path / "r.jsonl", "".join(rows))
    assert sum(1 for _ in read_reviews(path)) == 25_000
    with pytest.raises(InputError, match="line 25001: the id '17' stands"):
        list(read_reviews(write(tmp_path / "r.jsonl", "".join([*rows, rows[17]]))))


def test_gzip_cut_short(tmp_path):
    whole = gzip.compress(b'{"text": "fine"}\n' * 50)
    (tmp_path / "r.jsonl.gz").write_bytes(whole[:-20])
    with pytest.raises(InputError, match="damaged"):
        list(read_reviews(tmp_path / "r.jsonl.gz"))


@pytest.mark.parametrize("columns", [{"flavour": "x"}, {"text": "missing"}, {"city": "missing"}])
def test_wrong_mapping(columns, tmp_path):
    with pytest.raises(InputError):
        list(read_reviews(write(tmp_path / "r.jsonl", JSONL), columns))


@pytest.mark.parametrize("name", ["missing.jsonl", "missing.csv", "missing.parquet"])
def test_missing_file(name, tmp_path):
    with pytest.raises(FileNotFoundError):
        list(read_reviews(tmp_path / name))


def test_parquet_names_are_names_and_columns_of_any_type_are_read(tmp_path):
    for name, text in (("r[1]", "brackets"), ("r1", "other"), ("r*", "star")):
        duckdb.sql(
            f"COPY (SELECT 7 AS id, '{text}' AS text, TIMESTAMPTZ '2024-01-01' AS date, 4.5 AS stars, [1] AS more)"
            f" TO '{tmp_path}/{name}.parquet' (FORMAT parquet)"
        )
    for name, text in (("r[1]", "brackets"), ("r*", "star")):
        (review,) = read_reviews(tmp_path / f"{name}.parquet")
        assert (review.id, review.text, review.stars) == ("7", text, 4.5)
        assert review.date.startswith(("2024-01-01", "2023-12-31"))
    duckdb.sql(f"COPY (SELECT 5 AS text) TO '{tmp_path}/n.parquet' (FORMAT parquet)")
    with pytest.raises(InputError, match=r"is not text\. Received: 5"):
        list(read_reviews(tmp_path / "n.parquet"))
    duckdb.sql(f"COPY (SELECT 5 AS body) TO '{tmp_path}/n.parquet' (FORMAT parquet)")
    with pytest.raises(InputError, match="no column 'text'; there are body"):
        list(read_reviews(tmp_path / "n.parquet"))
