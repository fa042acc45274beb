import duckdb
import pytest

from spacy_topics.guide.dates import days


def read(*texts):
    with duckdb.connect() as db:
        db.execute("CREATE TABLE t AS SELECT unnest($1::VARCHAR[]) AS d", [texts])
        found = dict(db.execute(days("t", "d")).fetchall())
    return [str(found[text]) if found.get(text) else None for text in texts]


@pytest.mark.parametrize(
    "text",
    [
        "2013-01-05",
        "2013-1-5",
        "2013/01/05",
        "20130105",
        "2013-01-05 23:59:59",
        "2013-01-05T23:59:59.123Z",
        "2013-01-05T23:30:00-07:00",
        "Jan 5, 2013",
        "January 5th, 2013",
        "5 January 2013 13:45",
        "Sat, 5 Jan 2013 13:45:00 GMT",
        "05-Jan-2013",
        " Jan 5, 2013 ",
        "1357344000",
        "1357344000.0",
        "1357344000000",
    ],
)
def test_a_day_in_any_way_of_writing(text):
    assert read(text) == ["2013-01-05"]


@pytest.mark.parametrize(
    "text", ["yesterday", "2013-13-45", "31 Feb 2019", "0202-01-01", "9999-01-01", "12", "1e9", "NaN", "—"]
)
def test_what_is_no_date(text):
    assert read(text) == [None]


def test_formats_are_mixed_in_one_column():
    assert read("2013-01-05", "May 25, 2019", "1357344000", "soon", "2013-02") == [
        "2013-01-05",
        "2019-05-25",
        "2013-01-05",
        None,
        "2013-02-01",
    ]


def test_whether_day_or_month_comes_first_is_told_by_the_column():
    assert read("5/25/2019 15:54", "5/6/2019") == ["2019-05-25", "2019-05-06"]
    assert read("25/5/2019", "5/6/2019") == ["2019-05-25", "2019-06-05"]
    assert read("5/6/2019") == [None]
    assert read("25/5/2019", "5/25/2019", "5/6/2019") == [None, None, None]
