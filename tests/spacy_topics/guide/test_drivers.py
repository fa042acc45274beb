import json

import numpy as np
import pytest
from helpers import good, palate, write_annotations

from spacy_topics.errors import InputError
from spacy_topics.guide.drivers import drivers
from spacy_topics.guide.guide import Guide


def rows(count=600, restaurants=60):
    """Stars fall by 1.5 with rude staff, rise by one with a patio and by two with the first topic; Salsa Blanca is bad."""
    rng = np.random.default_rng(0)
    made = []
    for number in range(count):
        house = number % restaurants
        is_rude, has_patio, has_bar = (bool(drawn) for drawn in rng.random(3) < (0.3, 0.3, 0.6))
        first, own = rng.random(), house < 8
        stars = 3 - 1.5 * is_rude + has_patio + 2 * (first - 0.5) - 2 * own + rng.normal(0, 0.3)
        said = [("AMENITY", "Patio")] * has_patio + [("AMENITY", "bar")] * has_bar + [("DISH", "salsa blanca")] * own
        said += [("PRICE", "$10"), ("RESTAURANT", "Lucia")]
        text = "They were rude to us today. " * is_rude + "We sat on the lovely patio again. " * has_patio + "Tacos."
        row = {"business_id": f"h{house}", "name": "Salsa Blanca" if own else f"House {house}", "city": "York"}
        made.append({**row, "stars": stars, "text": text, "mentions": said, "topic_dist": [first, 1 - first]})
    return made


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_annotations(tmp_path_factory.mktemp("drivers") / "a", rows())


def test_what_makes_the_stars_is_found(folder):
    found = drivers(Guide(folder), limit=100)
    by = {row["what"]: row for row in found.records}
    assert by["rude staff"]["effect"] == pytest.approx(-1.5, abs=0.35)
    assert by["patio"]["effect"] == pytest.approx(1, abs=0.35)
    assert {row["what"] for row in found.records[:4]} >= {"rude staff", "patio"}
    assert by["food: tacos"]["effect"] - by["service: waiter"]["effect"] == pytest.approx(0.2, abs=0.06)  # of a tenth
    for row in found.records:
        assert row["low"] < row["effect"] < row["high"]
    assert by["rude staff"]["sure"] > 0.99
    assert "rude" in by["rude staff"]["quotes"][0]
    assert "patio" in by["patio"]["quotes"][0]
    assert (by["rude staff"]["polarities"], by["patio"]["polarities"]) == (["complaint"], ["praise"])
    assert found.r2_reviews > 0.3
    assert (found.reviews, found.restaurants, found.without_stars) == (600, 60, 0)


def test_a_restaurants_own_name_is_no_driver(folder):
    names = {row["what"] for row in drivers(Guide(folder), limit=100).records}
    assert not [name for name in names if "salsa" in name or "lucia" in name or "$" in name]


def test_what_few_restaurants_speak_of_is_no_driver(tmp_path):
    made = rows()
    for row in made:
        row["mentions"] = [("DISH", "pho")] if row["business_id"] in ("h10", "h11", "h12") else []
    assert "pho" not in {row["what"] for row in drivers(Guide(write_annotations(tmp_path / "a", made)), limit=100).records}


def test_stars_of_chance_depend_on_nothing(tmp_path):
    made, rng = rows(), np.random.default_rng(1)
    for row in made:
        row["stars"] = float(rng.integers(1, 6))
    found = drivers(Guide(write_annotations(tmp_path / "a", made)))
    assert found.r2_reviews < 0.02
    assert not [row for row in found.records if row["sure"] > 0.95]
    result = good("drivers", tmp_path / "a")
    assert ("do not rely on any of it" in result.stderr) == (found.r2_reviews <= 0)


@pytest.mark.parametrize(
    ("count", "restaurants", "stars", "message"),
    [
        (60, 20, None, "60 reviews of 20 restaurants have stars: too few"),
        (200, 4, None, "200 reviews of 4 restaurants have stars: too few"),
        (200, 40, 4.0, "have stars, all the same: too few"),
        (200, 40, np.nan, "0 reviews of 0 restaurants have stars: too few"),
    ],
)
def test_too_little_is_said(count, restaurants, stars, message, tmp_path):
    made = [{**row, **({} if stars is None else {"stars": stars})} for row in rows(count, restaurants)]
    with pytest.raises(InputError, match="T112") as told:
        drivers(Guide(write_annotations(tmp_path / "a", made)))
    assert message in str(told.value)
    result = palate("drivers", tmp_path / "a")
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)


def test_reviews_without_stars_are_counted(tmp_path):
    made = rows()
    for row in made[:50]:
        row["stars"] = (None, np.nan)[made.index(row) % 2]
    assert drivers(Guide(write_annotations(tmp_path / "a", made))).without_stars == 50
    assert "50 reviews are left out: they have no stars\n" in good("drivers", tmp_path / "a").stderr


def test_the_command(annotations, folder, tmp_path):
    chart = tmp_path / "drivers.svg"
    result = good("drivers", folder, "-n", 5, "-o", chart, "--json")
    found = drivers(Guide(folder), limit=5)
    assert json.loads(result.stdout) == json.loads(json.dumps(found._asdict()))
    assert chart.read_text("utf8").startswith("<?xml")
    table = good("drivers", annotations)
    assert "reviews of 96 restaurants depend on" in table.stdout
    assert "of restaurants held out, this tells" in table.stderr
    assert "T089" in palate("drivers", folder, "--city", "Mars").stderr
    assert "T112" in palate("drivers", annotations, "--cuisine", "nepalese").stderr
