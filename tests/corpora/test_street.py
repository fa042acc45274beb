import re
from collections import Counter, defaultdict
from itertools import chain
from pathlib import Path

import pytest

from corpora import bistro, street
from corpora.labels import LABELS

PIECES = list(street.pieces())
CUISINES = set(re.search(r"Cuisine ids: (.*?)\.", (Path(bistro.__file__).parent / "GUIDE.md").read_text("utf8"), re.S)[1]
               .replace(",", " ").split())  # fmt: skip


def ngrams(text, n):
    words = re.findall(r"[\w']+", text.lower())
    return zip(*(words[i:] for i in range(n)), strict=False)


def test_size():
    assert len(PIECES) >= 600
    assert all(1 <= len(piece.text.split()) <= 160 for piece in PIECES)
    assert len(list(street.pieces("dev"))) >= 50


def test_written_not_generated():
    fives = Counter(chain.from_iterable(ngrams(piece.text, 5) for piece in PIECES))
    assert sum(count for count in fives.values() if count == 1) / fives.total() >= 0.97
    pieces_of = defaultdict(set)
    for piece in PIECES:
        for six in ngrams(piece.text, 6):
            pieces_of[six].add(piece.id)
    assert max(map(len, pieces_of.values())) <= 3


def test_ids_are_unique():
    assert len({piece.id for piece in PIECES}) == len(PIECES)


def test_nothing_is_shared_with_bistro():
    ours = set(chain.from_iterable(ngrams(review.text, 8) for review in bistro.reviews()))
    assert not ours & set(chain.from_iterable(ngrams(piece.text, 8) for piece in PIECES))


@pytest.mark.parametrize("path", sorted((Path(street.__file__).parent / "pieces").glob("*.md")), ids=lambda path: path.stem)
def test_mentions_follow_the_guide(path):
    for piece in street.read(path):
        end = 0
        for mention in piece.mentions:
            text = piece.text[mention.start : mention.end]
            assert mention.label in LABELS, f"{piece.id}: {mention.label}"
            assert mention.start >= end, f"{piece.id}: {text} overlaps"
            assert text == text.strip(" .,;:!?'\"\n"), f"{piece.id}: {text!r}"
            assert "\n" not in text, f"{piece.id}: {text!r}"
            assert re.search(r"[\w★⭐$]", text), f"{piece.id}: {text!r}"
            end = mention.end
            if mention.label == "CUISINE":
                assert mention.kb_id in CUISINES, f"{piece.id}: {text} is {mention.kb_id!r}"
            else:
                assert not mention.kb_id, f"{piece.id}: {text} has the id {mention.kb_id!r}"


def test_labels_are_there():
    counts = Counter(mention.label for piece in PIECES for mention in piece.mentions)
    assert set(counts) == set(LABELS)
    assert min(counts.values()) >= 100
    assert sum(not piece.mentions for piece in PIECES) >= 50


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("## nobody-1 | A | B\nText.", "city-NUMBER"),
        ("## city-1\nText.", "city-NUMBER"),
        ("## city-1 | | \nA [broken](DISH mention.", "bracket outside a mention"),
    ],
)
def test_a_slip_in_a_file_is_named(content, message, tmp_path):
    (tmp_path / "city.md").write_text(content, "utf8")
    with pytest.raises(ValueError, match=message):
        list(street.read(tmp_path / "city.md"))


def test_unknown_split():
    with pytest.raises(ValueError, match="train, dev"):
        list(street.pieces("test"))
