import json

import numpy as np
import pytest
from helpers import good, palate, write_annotations

from corpora import bistro
from spacy_topics.errors import InputError
from spacy_topics.guide.guide import Guide
from spacy_topics.guide.topics_by import SURE, topics_by

HOUSES = [{"business_id": f"h{i}", "name": f"House {i}", "city": "Leeds" if i % 2 else "York"} for i in range(20)]


def rows(share, **more):
    """200 reviews of 20 restaurants; the share of the first topic, and other fields, by number of the review."""
    rng = np.random.default_rng(0)
    made = []
    for number in range(200):
        first = float(np.clip(share(number) + rng.normal(0, 0.05), 0, 1))
        fields = {key: value(number) for key, value in more.items()}
        made.append(
            {
                **HOUSES[number % 20],
                "topic_dist": [first, 1 - first],
                "text": f"Good tacos from a waiter of number {number}.",
                **fields,
            }
        )
    return made


def test_shares_are_the_means_of_the_groups(tmp_path):
    made = rows(lambda n: 0.7 if n < 100 else 0.2, stars=lambda n: 1.0 if n < 100 else 5.0)
    found = topics_by(Guide(write_annotations(tmp_path / "a", made)), "stars")
    theta = np.array([row["topic_dist"] for row in made])
    assert found.groups == ["1", "5"]
    assert found.reviews.tolist() == [100, 100]
    assert found.share == pytest.approx(np.stack([theta[:100].mean(axis=0), theta[100:].mean(axis=0)]), abs=1e-6)
    assert found.elsewhere == pytest.approx(found.share[::-1], abs=1e-6)
    assert (found.low < found.share).all()
    assert (found.share < found.high).all()
    assert (found.sure > 0.99).all()
    assert found.over == "restaurants"
    assert [(row["group"], row["topic"]) for row in found.records] == [("1", "food: tacos"), ("5", "service: waiter")]
    assert "tacos" in found.records[0]["quotes"][0]
    assert found.records[0]["polarities"] == ["praise"]
    assert "+ Good tacos" in good("discussed", "--by", "stars", tmp_path / "a").stdout


def test_chance_is_not_sure(tmp_path):
    """Of 40 groups of the same reviews, a few would differ at 95 % if it were not for all that are compared."""
    made = rows(lambda n: 0.5, stars=lambda n: None)
    for row, group in zip(made, np.random.default_rng(1).integers(40, size=200), strict=True):
        row["table"] = str(group)
    found = topics_by(Guide(write_annotations(tmp_path / "a", made, keep=["table"])), "table")
    assert len(found.groups) == 40
    assert not (found.sure > SURE).any()


def test_the_interval_is_as_wide_as_restaurants_differ(tmp_path):
    """Ten reviews of one restaurant that are all the same say no more than one."""
    made = rows(lambda n: 0.3 + 0.02 * (n % 20), date=lambda n: "2020-01-01" if n < 100 else "2021-01-01")
    by_restaurant = topics_by(Guide(write_annotations(tmp_path / "a", made)), "year")
    for number, row in enumerate(made):
        row |= {"business_id": f"r{number}", "name": f"Other {number}"}
    alone = topics_by(Guide(write_annotations(tmp_path / "b", made)), "year")
    assert by_restaurant.share == pytest.approx(alone.share)
    width = [(found.high - found.low).mean() for found in (by_restaurant, alone)]
    assert width[0] > 1.5 * width[1]


def test_months_have_gaps_and_borrow_from_those_around(tmp_path):
    made = rows(
        lambda n: 0.8 if n % 4 == 0 else 0.2, date=lambda n: ("2020-01-05", "2020-02-05", "2020-05-05", "2020-12-05")[n % 4]
    )
    found = topics_by(Guide(write_annotations(tmp_path / "a", made)), "month")
    assert found.groups == [f"2020-{month:02d}" for month in range(1, 13)]
    assert found.reviews.tolist() == [50, 50, 0, 0, 50, 0, 0, 0, 0, 0, 0, 50]
    assert np.isnan(found.share[found.reviews == 0]).all()
    assert found.share[0, 0] == pytest.approx((0.8 + 0.2 * 2 / 3) / (5 / 3), abs=0.02)
    assert found.share[11, 0] == pytest.approx(0.2, abs=0.02)
    assert {row["group"] for row in found.records} <= {"2020-01", "2020-02", "2020-05", "2020-12"}


def test_what_cannot_be_read_is_counted(tmp_path):
    made = rows(
        lambda n: 0.5,
        date=lambda n: ("2020-01-05", "May 25, 2020", "1590364800", "soon", None)[n % 5],
        stars=lambda n: (4.0, np.nan)[n % 2],
    )
    guide = Guide(write_annotations(tmp_path / "a", made))
    found = topics_by(guide, "year")
    assert (found.groups, found.reviews.tolist()) == (["2020"], [120])
    assert found.unread == (40, 40, "soon")
    stars = topics_by(guide, "stars")
    assert (stars.groups, stars.unread[:2]) == (["4"], (0, 100))
    result = good("discussed", "--by", "year", tmp_path / "a")
    assert "40 reviews are left out: their date cannot be read, such as 'soon'\n" in result.stderr
    assert "40 reviews are left out: they have no date\n" in result.stderr
    assert "all reviews are of one year, 2020: there is nothing to compare it with\n" in result.stderr


@pytest.mark.parametrize("column", ["topic", "group", "of", 'a "b"', "Größe"])
def test_a_column_may_have_any_name(column, tmp_path):
    made = rows(lambda n: 0.8 if n % 2 else 0.2)
    for number, row in enumerate(made):
        row[column] = ("a", "b", " ")[number % 3]
    found = topics_by(Guide(write_annotations(tmp_path / "a", made, keep=[column])), column)
    assert sorted(found.groups) == ["a", "b"]
    assert found.unread.without == 66


def test_few_reviews_say_so(tmp_path):
    made = rows(lambda n: 0.5, stars=lambda n: 1.0 if n == 7 else 5.0)
    found = topics_by(Guide(write_annotations(tmp_path / "a", made)), "stars")
    assert np.isnan(found.sure[0]).all()
    assert np.isnan(found.low[0]).all()
    assert [row["sure"] for row in found.records if row["group"] == "1"] == [None]
    assert "no rating differs" in good("discussed", "--by", "stars", tmp_path / "a", "-o", tmp_path / "c.svg").stderr


def test_one_topic_one_restaurant(tmp_path):
    made = [{**HOUSES[0], "topic_dist": [1.0], "stars": float(n % 5 + 1)} for n in range(50)]
    found = topics_by(Guide(write_annotations(tmp_path / "a", made, topics=["all: food"])), "stars")
    assert found.over == "reviews"
    assert found.share.tolist() == [[1.0]] * 5
    assert not (found.sure > 0).any()
    result = good("discussed", "--by", "stars", tmp_path / "a", "-o", tmp_path / "c.svg")
    assert "fewer than five restaurants" in result.stderr
    assert (tmp_path / "c.svg").exists()


def test_many_groups_are_told_only_as_others(tmp_path):
    made = rows(lambda n: 0.5)
    for number, row in enumerate(made):
        row |= {"business_id": f"r{number % 50}", "name": f"House {number % 50 // 2}", "city": "York"}
    found = topics_by(Guide(write_annotations(tmp_path / "a", made)), "restaurant")
    assert (len(found.groups), found.left_out, found.over) == (40, 10, "reviews")
    assert len(set(found.groups)) == 40  # two of one name are told apart by their ids
    assert found.groups[0] == "House 0, York · r0"


@pytest.mark.parametrize(
    ("by", "city", "message"),
    [
        ("weather", None, "there is no column 'weather' to compare by: there are month, year"),
        ("year", None, "no review has a year that can be read (such as 'soon')"),
        ("stars", None, "no review has a rating"),
        ("city", "Mars", "there is no review of 'Mars'"),
    ],
)
def test_mistakes_are_told_in_one_line(by, city, message, tmp_path):
    guide = Guide(write_annotations(tmp_path / "a", rows(lambda n: 0.5, date=lambda n: "soon")))
    with pytest.raises(InputError, match=r"T\d+") as told:
        topics_by(guide, by, city)
    assert message in str(told.value)
    result = palate("discussed", "--by", by, tmp_path / "a", *(["--city", city] if city else []))
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1


def test_each_group_of_bistro(annotations, tmp_path):
    guide = Guide(annotations)
    for by in ("month", "year", "stars", "city", "cuisine", "restaurant"):
        found = topics_by(guide, by)
        assert found.records
        assert sum(found.reviews) + found.unread.without <= 384
    cuisines = topics_by(guide, "cuisine", limit=1)
    assert "italian" in {row["group"]: row["topic"] for row in cuisines.records}["italian"]
    leeds = topics_by(guide, "year", "leeds")
    assert sum(leeds.reviews) == 4 * sum(house.city == "Leeds" for house in bistro.restaurants().values())
    assert topics_by(guide, "year").records == topics_by(guide, "year").records
    chart = tmp_path / "year.svg"
    result = good("discussed", "--by", "city", annotations, "-o", chart, "--json")
    assert json.loads(result.stdout) == topics_by(guide, "city").records
    assert f"chart written to {chart}" in result.stderr
    assert "no cuisine differs" in good("discussed", "--by", "cuisine", annotations).stderr
    assert palate("discussed", annotations, "-o", chart).exit_code == 2


def test_format_1_gets_quotes_from_mentions(image_format_1):
    folder = image_format_1.parent / "text" / "annotations"
    assert topics_by(Guide(folder), "city").records
