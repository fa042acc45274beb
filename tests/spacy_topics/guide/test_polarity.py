import math

import pytest

from spacy_topics.guide.opinion_words import OPINIONS
from spacy_topics.guide.polarity import COMPLAINT, NEITHER, PRAISE, polarity


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("The tacos were excellent.", PRAISE),
        ("The tacos were not good.", COMPLAINT),
        ("Not bad at all.", PRAISE),
        ("I won\u2019t be back.", COMPLAINT),
        ("If you want cream, forget it.", COMPLAINT),
        ("We had the pho and two spring rolls.", NEITHER),
        ("THE WORST FRIES EVER", COMPLAINT),
        ("", NEITHER),
        ("味噌", NEITHER),
    ],
)
def test_words_negations_and_phrases(sentence, expected):
    assert polarity(sentence) == expected


def test_what_is_near_the_words_that_it_is_quoted_for_counts():
    sentence = "The pho was bland, but the patio is lovely."
    assert polarity(sentence, about="pho") == COMPLAINT
    assert polarity(sentence, about="patio") == PRAISE
    assert polarity(sentence, about="not there") == polarity(sentence)


@pytest.mark.parametrize("stars", [1, 3, 5, -10, 100, math.nan, math.inf, None])
def test_stars_alone_decide_nothing(stars):
    assert polarity("We had the pho.", stars) == NEITHER


def test_stars_tip_the_scales():
    weak = "A somewhat rather fair bowl that came out of the kitchen when we sat next to the window at the door"
    assert [polarity(weak, stars, "door") for stars in (5, None, 1)] == [PRAISE, NEITHER, NEITHER]


def test_no_word_is_listed_twice_with_different_weights():
    assert all(weight for weight in OPINIONS.values())
    assert all(word == tuple(part.lower() for part in word) for word in OPINIONS)
