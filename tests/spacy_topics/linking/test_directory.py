import pytest

from spacy_topics.linking.directory import Directory

ROWS = [
    ("1", "Bella Napoli", "Leeds"),
    ("2", "Bella Napoli", "York"),
    ("3", "Café Lìme", "York"),
    ("4", "Nori", ""),
    ("5", "Twins", "Hull"),
    ("6", "Twins", "Hull"),
    ("7", "Ruby's & Sons", "Hull"),
]


@pytest.mark.parametrize(
    ("given", "name", "city", "expected"),
    [
        ("1", None, None, "1"),
        ("1", "Nori", "Rome", "1"),
        ("9", None, None, None),
        ("9", "Nori", None, "4"),
        (None, "Bella Napoli", "Leeds", "1"),
        (None, "BELLA NAPOLI", " york ", "2"),
        (None, "Bella Napoli", None, None),
        (None, "Bella Napoli", "", None),
        (None, "Bella Napoli", "Rome", None),
        (None, "Cafe Lime", None, "3"),
        (None, "Cafe Lime", "York", "3"),
        (None, "Cafe Lime", "Leeds", None),
        (None, "Nori", "Leeds", "4"),
        (None, "Twins", "Hull", None),
        (None, "Rubys and Sons", "Hull", "7"),
        (None, "", "Hull", None),
        (None, "🍕", None, None),
        (None, None, "Hull", None),
        (None, "Nori", "—", "4"),
    ],
)
def test_whose_it_is(given, name, city, expected):
    assert Directory(ROWS).find(given, name, city) == expected
