import csv
import math
from typing import NamedTuple

import pytest

from corpora.tables import flat, to_frame, write_csv


class Row(NamedTuple):
    name: str
    parts: dict


RECORDS = [
    {"name": 'a "b", c\nd', "parts": {"x": 1.5}, "quotes": ["Good.", "Fine."], "deep": [{"y": 1}]},
    {"name": "=é", "parts": {"z": math.nan}, "quotes": [], "stars": None},
]


def test_a_value_per_column():
    assert flat(RECORDS)[0] == {
        "name": 'a "b", c\nd',
        "parts.x": 1.5,
        "quotes": "Good. | Fine.",
        "parts.z": None,
        "stars": None,
    }
    assert flat([Row("a", {"b": {"c": 1}})]) == [{"name": "a", "parts.b.c": 1}]
    assert flat([]) == []


def test_csv_and_frame_have_the_same_cells(tmp_path):
    write_csv(RECORDS, tmp_path / "t.csv")
    with open(tmp_path / "t.csv", encoding="utf8", newline="") as file:
        first, second = csv.DictReader(file)
    assert first == {"name": 'a "b", c\nd', "parts.x": "1.5", "quotes": "Good. | Fine.", "parts.z": "", "stars": ""}
    assert (second["name"], second["parts.z"]) == ("=é", "")
    frame = pytest.importorskip("pandas") and to_frame(RECORDS)
    assert list(frame.columns) == list(first)
    assert len(frame) == 2
    write_csv([], tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_bytes() == b""
