import pytest

from corpora import mit_restaurant
from corpora.bio import Sentence
from corpora.errors import InputError
from corpora.labels import LABELS


def write(path, data):
    path.write_bytes(data)
    return path


def test_labels_are_those_of_bistro():
    assert set(mit_restaurant.LABELS.values()) < set(LABELS)


@pytest.mark.parametrize(("theirs", "ours"), mit_restaurant.LABELS.items())
def test_mapping(theirs, ours, tmp_path):
    path = write(tmp_path / "a.bio", f"O\tany\nB-{theirs}\tone\nI-{theirs}\tmore\n\nO\tok".encode())
    assert list(mit_restaurant.read(path)) == [Sentence(["any", "one", "more"], [(1, 3, ours)]), Sentence(["ok"], [])]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\xef\xbb\xbfO\tsoup\r\nO\tnow\r\n", ["soup", "now"]),
        (b"O\ta\0b\n", ["a\0b"]),
        (b"O\tcaf\xe9\nO\t\xed\xa0\x80", ["caf\ufffd", "\ufffd\ufffd\ufffd"]),
    ],
)
def test_odd_bytes(data, words, tmp_path):
    assert list(mit_restaurant.read(write(tmp_path / "a.bio", data))) == [Sentence(words, [])]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"O\tsoup\nO\n", "a.bio, line 2: a token and its tag"),
        (b"O\tsoup\n\nB-Table\tfour\n", "a.bio, line 3: unknown tag 'B-Table'"),
        (b"soup\tO\n", "a.bio, line 1: unknown tag 'soup'"),
    ],
)
def test_damage(data, message, tmp_path):
    with pytest.raises(InputError, match=message):
        list(mit_restaurant.read(write(tmp_path / "a.bio", data)))


def test_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        list(mit_restaurant.read(tmp_path / "a.bio"))
