"""What the restaurants project's scripts compute."""

import sys

import numpy as np
import pytest
from helpers import ROOT


@pytest.fixture(autouse=True)
def scripts(monkeypatch):
    before = set(sys.modules)
    monkeypatch.syspath_prepend(str(ROOT / "projects" / "restaurants" / "scripts"))
    yield
    for name in set(sys.modules) - before:
        if "restaurants/scripts" in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]


def test_interval_holds_the_figure_and_wilson_is_the_textbooks():
    from intervals import interval, wilson, with_interval

    values = np.random.default_rng(1).normal(3, 1, size=400)
    low, high = interval(lambda rows: values[rows].mean(), len(values))
    assert low < values.mean() < high
    assert high - low == pytest.approx(4 * 1.0 / 20, rel=0.15)
    assert with_interval(lambda rows: 1.0, 5) == "1.000 (1.000 to 1.000)"
    assert wilson(8, 10) == "0.800 (0.490 to 0.943)"


def test_entities_are_right_where_start_end_and_label_agree():
    from entities import ALL, compared, figures, table

    found, right = {(0, 3, "DISH"), (5, 9, "PRICE")}, {(0, 3, "DISH"), (5, 8, "PRICE"), (10, 12, "DISH")}
    assert compared(frozenset(found), frozenset(right), ALL) == (1, 1, 2)
    assert compared(frozenset(found), frozenset(right), "DISH") == (1, 0, 1)
    assert figures(np.array([[1, 1, 2], [0, 0, 0]])) == pytest.approx((1 / 2, 1 / 3, 2 / 5))
    assert figures(np.zeros((2, 3))) == (0, 0, 0)
    counts = {ALL: np.array([[1, 1, 2], [3, 0, 0]]), "DISH": np.array([[1, 0, 1], [2, 0, 0]])}
    assert "| **all** | 6 | 0.800" in table([counts])
    assert table([counts, counts]).endswith("0.727, 0.727 |")


def test_own_name_is_the_first_whole_word_in_any_case():
    from linking import own_name

    from corpora.reviews import Review

    found = own_name(Review("1", "Saucer? No: sauce. Sauce!", name="Sauce"))
    assert found.span() == (12, 17)
    assert own_name(Review("1", "Saucer", name="Sauce")) is None
    assert own_name(Review("1", "Sauce")) is None


def test_nil_recall_is_the_greatest_of_those_that_are_precise_enough():
    from linking import recall_at

    best = np.array([0.1, 0.2, 0.3, 0.4, 0.9])
    assert recall_at(best, np.array([True, True, False, True, False])) == (pytest.approx(2 / 3), 0.3)
    assert recall_at(best, np.array([False, True, True, True, True])) == (0.0, 0.0)


def test_names_that_others_write_are_looked_up(tmp_path, capsys):
    from name_pairs import main

    names = [f"{first} {second}" for first in ("Rusty", "Blue", "Golden", "Little") for second in ("Anvil", "Heron", "Kettle")]
    (tmp_path / "names.txt").write_text("\n".join(names))
    (tmp_path / "pairs.csv").write_text("said,name\nRusti Anvil,Rusty Anvil\nBLUE KETTLE!,Blue Kettle\n")
    main(tmp_path / "pairs.csv", tmp_path / "names.txt")
    assert "| as others write them | 2 | 1.000 (1.000 to 1.000) | 1.000" in capsys.readouterr().out


def test_a_reader_is_asked_and_judged(tmp_path, capsys):
    import topic_reader

    from spacy_topics.topic_model import TopicModel

    cuisines = ["thai", "greek", "pizza", "mexican", "french", "korean"]
    model = TopicModel(np.eye(7) + 0.01, [1.0] * 7, [*cuisines, "table"], names=[*cuisines, ""])
    model.save(tmp_path / "model")
    topic_reader.ask(tmp_path / "model", tmp_path / "reader")
    rows = topic_reader.read_table(tmp_path / "reader" / "questions.csv")
    assert len(rows) == 6
    key = {row["question"]: row["name"] for row in topic_reader.read_table(tmp_path / "reader" / "key.csv")}
    assert all(key[row["question"]] in row["names"].split("; ") for row in rows)
    answered = [(row["question"], row["words"], row["names"], key[row["question"]]) for row in rows[1:]]
    topic_reader.write_table(tmp_path / "reader" / "questions.csv", list(rows[0]), [tuple(rows[0].values()), *answered])
    topic_reader.score(tmp_path / "reader")
    assert "| 6 all | 0.833" in capsys.readouterr().out
