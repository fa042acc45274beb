import pytest

from corpora import nyt
from corpora.bio import Sentence
from corpora.errors import InputError
from corpora.labels import LABELS


def write(path, text):
    path.write_text(text, "utf8", newline="")
    return path


def test_labels_are_those_of_bistro():
    assert set(nyt.LABELS.values()) - {None} < set(LABELS)


@pytest.mark.parametrize(("theirs", "ours"), nyt.LABELS.items())
def test_mapping(theirs, ours, tmp_path):
    path = write(tmp_path / "a.conll", f"Try O\nthe I-{theirs}\nthing I-{theirs}\n, O")
    assert list(nyt.read(path)) == [Sentence(["Try", "the", "thing", ","], [(1, 3, ours)] if ours else [])]


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_reviews_and_sentences(newline, tmp_path):
    lines = ["\ufeff-DOCSTART- O", "", "Good O", "miso B-FOOD", "", "", "Bye O", "", "-DOCSTART- O", "", "Crêpes B-DISH", ""]
    found = list(nyt.read(write(tmp_path / "a.conll", newline.join(lines))))
    assert found == [
        Sentence(["Good", "miso"], [(1, 2, "INGREDIENT")]),
        Sentence(["Bye"], []),
        Sentence(["Crêpes"], [(0, 1, "DISH")]),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Good JJ O\n", "a.conll, line 1: a token and its tag"),
        ("Good O\nmiso B-Dish\n", "a.conll, line 2: unknown tag 'B-Dish'"),
    ],
)
def test_damage(text, message, tmp_path):
    with pytest.raises(InputError, match=message):
        list(nyt.read(write(tmp_path / "a.conll", text)))


def test_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        list(nyt.read(tmp_path / "a.conll"))
