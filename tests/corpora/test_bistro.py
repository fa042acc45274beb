import re
from collections import Counter, defaultdict
from itertools import chain
from pathlib import Path

import pytest

from corpora import bistro
from corpora.labels import LABELS

REVIEWS = list(bistro.reviews())
GUIDE = (Path(bistro.__file__).parent / "GUIDE.md").read_text("utf8")


def ngrams(text, n):
    words = re.findall(r"[\w']+", text.lower())
    return zip(*(words[i:] for i in range(n)), strict=False)


def test_size():
    assert len(REVIEWS) >= 320
    assert all(60 <= len(review.text.split()) <= 150 for review in REVIEWS)
    houses = {review.restaurant for review in REVIEWS}
    assert len(houses) >= 80
    assert len({house.city for house in houses}) == 4
    assert len({cuisine for house in houses for cuisine in house.cuisines}) >= 16


def test_written_not_generated():
    fives = Counter(chain.from_iterable(ngrams(review.text, 5) for review in REVIEWS))
    assert sum(count for count in fives.values() if count == 1) / fives.total() >= 0.97
    reviews_of = defaultdict(set)
    for review in REVIEWS:
        for six in ngrams(review.text, 6):
            reviews_of[six].add(review.id)
    assert max(map(len, reviews_of.values())) <= 3


def test_names_shared_between_cities_and_with_words():
    cities = defaultdict(set)
    for house in bistro.restaurants().values():
        cities[house.name].add(house.city)
    assert sum(len(places) > 1 for places in cities.values()) >= 6
    assert {"Home", "The Local", "Lunch", "Basil"} <= set(cities)


def test_split_by_restaurant():
    parts = {split: {review.restaurant.id for review in bistro.reviews(split)} for split in bistro.SPLITS}
    assert all(len(houses) >= 15 for houses in parts.values())
    assert sum(map(len, parts.values())) == len(set().union(*parts.values()))
    assert sum(1 for split in bistro.SPLITS for _ in bistro.reviews(split)) == len(REVIEWS)


def test_ids_are_unique():
    assert len({review.id for review in REVIEWS}) == len(REVIEWS)


def test_mentions_follow_the_guide():
    cuisines = set(re.search(r"Cuisine ids: (.*?)\.", GUIDE, re.S)[1].replace(",", " ").split())
    for review in REVIEWS:
        end = 0
        for mention in review.mentions:
            text = review.text[mention.start : mention.end]
            assert mention.label in LABELS
            assert mention.start >= end, f"{review.id}: {text} overlaps"
            assert text == text.strip(" .,;:!?'\""), f"{review.id}: {text}"
            end = mention.end
            if mention.label == "RESTAURANT":
                assert mention.kb_id in bistro.restaurants() or mention.kb_id == "NIL", f"{review.id}: {mention}"
            elif mention.label == "CUISINE":
                assert mention.kb_id in cuisines, f"{review.id}: {mention}"
            else:
                assert not mention.kb_id
    counts = Counter(mention.label for review in REVIEWS for mention in review.mentions)
    assert set(counts) == set(LABELS)
    assert min(counts.values()) >= 100


def test_cuisines_of_restaurants_are_in_the_guide():
    cuisines = set(re.search(r"Cuisine ids: (.*?)\.", GUIDE, re.S)[1].replace(",", " ").split())
    assert {cuisine for house in bistro.restaurants().values() for cuisine in house.cuisines} <= cuisines


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("## nobody-1 | 3 | 2024-01-01\nText.", "known id"),
        ("## salt-1 | 9 | 2024-01-01\nText.", "STARS"),
        ("## salt-1 | 3 | 2024-01-01\nA [broken](DISH mention.", "bracket outside a mention"),
        ("## salt-1 | 3 | 2024-01-01\nA [broken] mention.", "bracket outside a mention"),
    ],
)
def test_a_slip_in_a_file_is_named(content, message, tmp_path):
    (tmp_path / "city.md").write_text(content, "utf8")
    with pytest.raises(ValueError, match=message):
        list(bistro.read(tmp_path / "city.md"))


def test_unknown_split():
    with pytest.raises(ValueError, match="train, dev, test"):
        list(bistro.reviews("exam"))
