import csv
import json
import shutil

import pytest
from helpers import good, palate

from spacy_topics.guide.search import find_restaurants


@pytest.fixture(scope="module")
def folder(annotations, tmp_path_factory):
    copy = tmp_path_factory.mktemp("search") / "out"
    shutil.copytree(annotations, copy, ignore=shutil.ignore_patterns("search.sqlite"))
    return copy


def test_search(folder, tmp_path):
    first = good("search", "carbonara", "pasta", "--city", "phoenix", folder)
    assert first.stderr.startswith(f"the words of all reviews are indexed: {folder / 'search.sqlite'}\n")
    assert "Trattoria Lucia" in first.stdout
    again = good("search", "carbonara pasta", "--city", "Phoenix", folder, "--json", "--csv", tmp_path / "t.csv")
    rows = json.loads(again.stdout)
    assert rows == find_restaurants(folder, "carbonara pasta", city="Phoenix").restaurants
    assert again.stderr.endswith(f"table written to {tmp_path / 't.csv'}\n")
    with open(tmp_path / "t.csv", encoding="utf8", newline="") as file:
        assert [row["name"] for row in csv.DictReader(file)] == [row["name"] for row in rows]


def test_the_page(folder, tmp_path):
    result = good("search", "--dish", "taco", folder, "-n", 2, "--html", tmp_path / "t.html")
    page = (tmp_path / "t.html").read_text("utf8")
    assert "more restaurants are left out: --limit shows them" in result.stderr
    assert page.count("<tr><td>") == 2
    assert "dish: taco" in page
    good("search", "xyzzy", folder, "--html", tmp_path / "t.html")
    assert "no restaurant" in (tmp_path / "t.html").read_text("utf8")


def test_an_empty_answer_is_told_of(folder):
    result = good("search", "xyzzy", folder)
    assert (result.stdout, result.stderr) == ("", "no review of a restaurant says xyzzy\nno restaurant has what is asked for\n")
    assert json.loads(good("search", "xyzzy", folder, "--json").stdout) == []


@pytest.mark.parametrize(
    ("args", "code"),
    [(("the", "and"), "T123"), ((), "T122"), (("pasta", "--max-price", "dear"), "T121"), (("pasta", "--city", "x"), "T089")],
)
def test_mistakes_are_one_line(args, code, folder):
    result = palate("search", *args, folder)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"palate: [{code}]")
    assert result.stderr.count("\n") == 1


def test_outputs_replace_no_part(folder):
    part = next(folder.glob("texts-*"))
    for option in ("--csv", "--html"):
        assert palate("search", "pasta", folder, option, part).exit_code == 2
    assert palate("find", "--cuisine", "thai", folder, "--csv", part).exit_code == 2


def test_tables_as_csv(folder, model_path, tmp_path):
    for args in (
        ("find", "--cuisine", "italian", folder),
        ("cuisines", folder),
        ("cuisines", "--known"),
        ("ingredients", "mexican", folder),
        ("discussed", folder),
        ("topics", "show", model_path),
        ("topics", "find", model_path, "salsa"),
        ("topics", "merge", model_path, 3, 7, "-o", tmp_path / "m.topics"),
        ("images", "models"),
        ("simulate", "dirichlet"),
    ):
        good(*args, "--csv", tmp_path / "t.csv")
        with open(tmp_path / "t.csv", encoding="utf8", newline="") as file:
            assert len(list(csv.reader(file))) > 1
        (tmp_path / "t.csv").unlink()


def test_topic_proportions(model_path, reviews_file, tmp_path):
    good("topics", "proportions", model_path, reviews_file, "-o", tmp_path / "t.csv")
    with open(tmp_path / "t.csv", encoding="utf8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 880
    assert len(rows[0]) == 14
    assert all(abs(sum(float(value) for key, value in row.items() if key not in ("id", "terms")) - 1) < 1e-4 for row in rows)
