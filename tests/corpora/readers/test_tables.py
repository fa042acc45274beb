"""Excel, SQLite and Parquet."""

import datetime
import sqlite3
import sys

import duckdb
import openpyxl
import pytest

from corpora.businesses import read_businesses
from corpora.errors import InputError
from corpora.reviews import Review, read_reviews

ROWS = [(1, "Good tacos.", "Café", 4.5), (2, "Bad soup.", None, 1)]
EXPECTED = [Review("1", "Good tacos.", name="Café", stars=4.5), Review("2", "Bad soup.", stars=1.0)]


@pytest.fixture
def book(tmp_path):
    """A workbook with a sheet of reviews below two empty rows, and another sheet."""
    made = openpyxl.Workbook()
    made.active.title = "Reviews"
    for row in [(), (), ("id", "text", "name", "stars"), *ROWS, ()]:
        made.active.append(row)
    made.create_sheet("More").append(("text",))
    made["More"].append(("Elsewhere.",))
    made.save(tmp_path / "r.xlsx")
    return tmp_path / "r.xlsx"


@pytest.fixture
def database(tmp_path):
    """A database with one table."""
    with sqlite3.connect(tmp_path / "r.db") as connection:
        connection.execute('CREATE TABLE "re""views" (id INTEGER, text TEXT, name TEXT, stars REAL)')
        connection.executemany('INSERT INTO "re""views" VALUES (?, ?, ?, ?)', ROWS)
    connection.close()
    return tmp_path / "r.db"


def test_excel(book):
    assert list(read_reviews(book)) == EXPECTED
    assert [review.text for review in read_reviews(book, table="More")] == ["Elsewhere."]
    with pytest.raises(InputError, match="no sheet 'Other'; there are Reviews, More"):
        list(read_reviews(book, table="Other"))


def test_excels_numbers_and_dates_are_what_they_show(tmp_path):
    made = openpyxl.Workbook()
    made.active.append(("id", "text", "date", "business_id"))
    made.active.append((7.0, "Good.", datetime.datetime(2024, 3, 1), 12.0))
    made.save(tmp_path / "r.xlsx")
    (review,) = read_reviews(tmp_path / "r.xlsx")
    assert (review.id, review.business_id, review.date) == ("7", "12", "2024-03-01T00:00:00")


def test_excel_names_the_row(book):
    sheet = openpyxl.load_workbook(book)
    sheet["Reviews"]["B5"] = 5
    sheet.save(book)
    with pytest.raises(InputError, match=r"row 5: 'text' is not text\. Received: 5"):
        list(read_reviews(book))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 half", b"no workbook"])
def test_not_a_workbook(content, tmp_path):
    (tmp_path / "r.xlsx").write_bytes(content)
    with pytest.raises(InputError, match="not an Excel workbook"):
        list(read_reviews(tmp_path / "r.xlsx"))


def test_without_openpyxl_the_extra_is_named(book, monkeypatch):
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(InputError, match=r"openpyxl is not installed: pip install '.*\[excel\]'"):
        list(read_reviews(book))


def test_sqlite(database):
    assert list(read_reviews(database)) == EXPECTED
    assert list(read_reviews(database, table='re"views')) == EXPECTED
    with pytest.raises(InputError, match="no table 'other'; there are re\"views"):
        list(read_reviews(database, table="other"))


def test_sqlite_with_several_tables_or_none(database, tmp_path):
    with sqlite3.connect(database) as connection:
        connection.execute('CREATE VIEW best AS SELECT * FROM "re""views" WHERE stars > 2')
    connection.close()
    with pytest.raises(InputError, match=r"has 2 tables \(re\"views, best\): name one with --table"):
        list(read_reviews(database))
    assert list(read_reviews(database, table="best")) == EXPECTED[:1]
    sqlite3.connect(tmp_path / "empty.db").close()
    with pytest.raises(InputError, match=r"has 0 tables \(none\)"):
        list(read_reviews(tmp_path / "empty.db"))


def test_sqlite_is_read_only_and_names_are_names(tmp_path):
    (tmp_path / "r?mode=rwc.db").write_bytes(b"not a database, but long enough to look like one " * 9)
    with pytest.raises(InputError, match="not a SQLite database"):
        list(read_reviews(tmp_path / "r?mode=rwc.db"))
    with pytest.raises(FileNotFoundError):
        list(read_reviews(tmp_path / "missing.db"))
    assert not (tmp_path / "missing.db").exists()


def test_businesses_of_any_format(book, database):
    assert [b.name for b in read_businesses(book, {"name": "text"})] == ["Good tacos.", "Bad soup."]
    assert [b.id for b in read_businesses(database)] == ["1", "2"]


@pytest.mark.parametrize("name", ["r.csv", "r.jsonl", "r.parquet"])
def test_a_table_is_for_files_that_have_several(name, tmp_path):
    (tmp_path / name).write_text("")
    with pytest.raises(InputError, match="has one table: leave --table out"):
        list(read_reviews(tmp_path / name, table="reviews"))


@pytest.mark.parametrize("name", ["r.xlsx.gz", "r.db.gz", "r.parquet.gz"])
def test_what_is_compressed_inside_is_not_read_gzipped(name, tmp_path):
    (tmp_path / name).write_bytes(b"")
    with pytest.raises(InputError, match=r"unpack the \.gz first"):
        list(read_reviews(tmp_path / name))


def test_parquet_text_in_a_binary_column_is_utf8(tmp_path):
    """As older writers have it."""
    duckdb.sql("SELECT 1 AS id, encode('Crème') AS text, encode('Café') AS name").write_parquet(str(tmp_path / "r.parquet"))
    (review,) = read_reviews(tmp_path / "r.parquet")
    assert (review.text, review.name) == ("Crème", "Café")
    duckdb.sql(r"SELECT '\xFF\xFE'::BLOB AS text").write_parquet(str(tmp_path / "r.parquet"))
    with pytest.raises(InputError, match=r"r\.parquet"):
        list(read_reviews(tmp_path / "r.parquet"))
