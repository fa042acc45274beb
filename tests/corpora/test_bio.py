import pytest

from corpora.bio import Sentence, read_bio
from corpora.errors import InputError

LABELS = {"Dish": "DISH", "City": "LOCATION", "Mood": None}


def read(text, tag_column=1):
    return list(read_bio(text.split("\n"), "file.txt", LABELS, tag_column=tag_column))


@pytest.mark.parametrize(
    ("tags", "entities"),
    [
        ("O O O", []),
        ("B-Dish I-Dish O", [(0, 2, "DISH")]),
        ("O B-Dish B-Dish", [(1, 2, "DISH"), (2, 3, "DISH")]),
        ("I-Dish I-Dish O", [(0, 2, "DISH")]),
        ("B-Dish I-City I-City", [(0, 1, "DISH"), (1, 3, "LOCATION")]),
        ("I-Dish O I-Dish", [(0, 1, "DISH"), (2, 3, "DISH")]),
        ("B-Mood I-Mood B-City", [(2, 3, "LOCATION")]),
        ("B-City I-Mood I-City", [(0, 1, "LOCATION"), (2, 3, "LOCATION")]),
    ],
)
def test_entities(tags, entities):
    lines = "\n".join(f"w{place} {tag}" for place, tag in enumerate(tags.split()))
    assert read(lines) == [Sentence(["w0", "w1", "w2"], entities)]


TWO = [Sentence(["hot", "soup"], [(1, 2, "DISH")]), Sentence(["Leeds"], [(0, 1, "LOCATION")])]


@pytest.mark.parametrize(
    ("text", "tag_column"),
    [
        ("hot O\nsoup B-Dish\n\nLeeds B-City\n", 1),
        ("hot O\nsoup B-Dish\n\nLeeds B-City", 1),
        ("\n\nhot O\nsoup B-Dish\n\n \t\n\nLeeds B-City\n\n\n", 1),
        ("hot O\r\nsoup B-Dish\r\n\r\nLeeds B-City\r\n", 1),
        ("-DOCSTART- O\n\nhot  O \nsoup\tB-Dish\n-DOCSTART- -X- O O\nLeeds B-City\n", 1),
        ("O\thot\nB-Dish\tsoup\n\nB-City\tLeeds\n", 0),
    ],
)
def test_lines(text, tag_column):
    assert read(text, tag_column) == TWO


@pytest.mark.parametrize("text", ["", "\n\n", "-DOCSTART- O\n\n"])
def test_nothing_to_read(text):
    assert read(text) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("hot O\nsoup\n", "file.txt, line 2: a token and its tag are expected. Received: 'soup'"),
        ("\nhot JJ O\n", "file.txt, line 2: a token and its tag"),
        ("hot O\n\nsoup B-Soup\n", "file.txt, line 3: unknown tag 'B-Soup': expected O, or B- or I- before Dish, City, Mood"),
        ("O hot\n", "line 1: unknown tag 'hot'"),
        ("hot B-\n", "line 1: unknown tag 'B-'"),
        ("hot S-Dish\n", "line 1: unknown tag 'S-Dish'"),
        ("hot " + "x" * 10_000, "line 1: unknown tag 'xxx"),
    ],
)
def test_damage_is_named_in_one_line(text, message):
    with pytest.raises(InputError, match=message) as caught:
        read(text)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 200
