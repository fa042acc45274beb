import json
import re
import shutil
from collections import Counter

import duckdb
import numpy as np
import pytest
import spacy

from corpora import bistro
from corpora.cuisines import cuisines, read_cuisines
from spacy_topics.annotations.run import annotate
from spacy_topics.annotations.store import Manifest
from spacy_topics.errors import InputError
from spacy_topics.guide.cuisine_scores import PARTS, CuisineWeights
from spacy_topics.guide.guide import MIN_SCORE, UNDECIDED, Guide
from spacy_topics.lexicon import Lexicon, words
from spacy_topics.topic_model import BACKGROUND

HOUSES = bistro.restaurants()
CITIES = ["Baltimore", "Leeds", "Phoenix", "Portland"]


@pytest.fixture(scope="module")
def guide(annotations):
    return Guide(annotations)


@pytest.fixture
def made(pipeline, tmp_path):
    """A guide to the rows given."""

    def make(*rows, **settings):
        path = tmp_path / "made.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf8")
        annotate(path, tmp_path / "made", pipeline, restart=True, part_size=50)
        return Guide(tmp_path / "made", **settings)

    return make


def test_houses_are_those_of_the_reviews(guide, four):
    stars = {house: [row["stars"] for row in four if row["business_id"] == house] for house in HOUSES}
    found = [(h["restaurant_id"], h["name"], h["city"], h["reviews"], h["stars"]) for h in guide.restaurants]
    assert found == sorted((h.id, h.name, h.city, 4, sum(stars[h.id]) / 4) for h in HOUSES.values())
    assert guide.missing == 0


@pytest.mark.parametrize("city", CITIES)
@pytest.mark.parametrize("cuisine", ["italian", "mexican", "indian", "japanese", "thai"])
def test_the_house_of_a_cuisine_is_found_first(cuisine, city, guide):
    first = guide.find(cuisine, city)[0]
    assert cuisine in HOUSES[first["restaurant_id"]].cuisines
    assert (first["name"], first["city"]) == (HOUSES[first["restaurant_id"]].name, city)


def test_most_cuisines_are_found_in_most_cities(guide):
    asked = {(cuisine, house.city) for house in HOUSES.values() for cuisine in house.cuisines if cuisine in cuisines()}
    first = {(cuisine, city): guide.find(cuisine, city, limit=1) for cuisine, city in asked}
    right = [bool(found) and key[0] in HOUSES[found[0]["restaurant_id"]].cuisines for key, found in first.items()]
    assert len(right) > 80
    assert np.mean(right) > 0.85


def test_best_first_and_no_more_than_asked_for(guide):
    found = guide.find("italian", limit=100)
    scores = [row["score"] for row in found]
    assert scores == sorted(scores, reverse=True)
    assert min(scores) > 0
    assert guide.find("italian", limit=3) == found[:3]
    assert {row["city"] for row in found} == set(CITIES)
    assert len(found) == len({row["restaurant_id"] for row in found})


def test_the_parts_add_up(guide):
    for cuisine in cuisines():
        for row in guide.find(cuisine, limit=99, min_score=0):
            assert tuple(row["parts"]) == PARTS
            assert row["score"] == pytest.approx(sum(row["parts"].values()), abs=1e-9)
            assert row["score"] == round(row["score"], 3)


def test_what_narrower_cuisines_give_is_a_part(made):
    guide = made({"text": "Nigiri and maki.", "name": "Sushi Bar Hana"}, {"text": "Tacos.", "name": "A"})
    assert guide.find("japanese", min_score=0)[0]["parts"]["narrower"] > 0
    assert guide.find("sushi", min_score=0)[0]["parts"]["narrower"] == 0


@pytest.mark.parametrize("least", [0.0, 1.5, 4.0, 12.0, 1000.0])
@pytest.mark.parametrize("city", [None, "Leeds"])
def test_a_least_score(least, city, guide):
    everything = guide.find("japanese", city, limit=999, min_score=0)
    assert everything
    assert min(row["score"] for row in everything) > 0
    found = guide.find("japanese", city, limit=999, min_score=least)
    assert found == [row for row in everything if row["score"] >= least]
    assert guide.count_below("japanese", city, least) == len(everything) - len(found)


def test_the_least_score_is_the_one_of_cuisines(guide):
    assert guide.find("japanese", limit=999) == guide.find("japanese", limit=999, min_score=MIN_SCORE)


def test_quotes_are_sentences_of_the_house_that_tell_of_the_cuisine(guide, four):
    said = {house: " ".join(row["text"] for row in four if row["business_id"] == house) for house in HOUSES}
    for row in guide.find("italian", limit=4):
        assert 1 <= len(row["quotes"]) <= 2
        for quote in row["quotes"]:
            assert quote.strip("…") in said[row["restaurant_id"]]
    first = guide.find("italian", "Phoenix", quotes=1)[0]
    italian = {word for item in (*cuisines()["italian"].names, *cuisines()["italian"].dishes) for word in words(item)}
    assert italian & set(words(first["quotes"][0]))
    assert len(guide.find("italian", quotes=0)[0]["quotes"]) == 0


NAMES = [
    ("italian", "italian"),
    ("ITALIAN", "italian"),
    (" Italian ", "italian"),
    ("Roman", "italian"),
    ("roman food", "italian"),
    ("Sichuanese", "sichuan"),
    ("Middle Eastern", "middle_eastern"),
    ("middle_eastern", "middle_eastern"),
    ("dim sum", "dim_sum"),
    ("fish and chips", "fish_and_chips"),
    ("Hyderabadi", "hyderabadi"),
    ("mughlai", "mughlai"),
    ("Goan", "goan"),
    ("South Indian", "south_indian"),
    ("Kerala style", "keralan"),
    ("biriyani", "biryani"),
    ("Indo-Chinese", "indo_chinese"),
    ("irani cafe", "irani_cafe"),
    ("Continental", "continental"),
]


@pytest.mark.parametrize(("given", "cuisine"), NAMES)
def test_a_cuisine_goes_by_many_names(given, cuisine, guide):
    assert guide.cuisine(given) == cuisine
    assert guide.find(given, min_score=0) == guide.find(cuisine, min_score=0)


@pytest.mark.parametrize(
    ("given", "is_first"),
    [
        ("indian", True),
        ("Indian food", True),
        ("hyderabadi", True),
        ("middle_eastern", True),
        ("Middle Eastern", True),
        ("fish and chips", True),
        ("bbq", False),
        ("Roman", False),
        ("roman food", False),
        ("indain", False),
        ("Kerala style", False),
        ("curry house", False),
    ],
)
def test_another_name_than_the_first_one_is_noticed(given, is_first, guide):
    assert guide.lexicon.is_first_name(given, guide.cuisine(given)) == is_first


def test_cuisines_of_ones_own(annotations, tmp_path):
    (tmp_path / "mine.toml").write_text(
        '[nordic_noodle]\nnames = ["nordic noodle"]\ndishes = ["carnitas"]\nparent = "mexican"\n'
    )
    guide = Guide(annotations, known=Lexicon(read_cuisines(tmp_path / "mine.toml")))
    plain = Guide(annotations)
    found = guide.find("Nordic Noodle", min_score=0)
    assert found
    assert any("carnitas" in " ".join(row["quotes"]).lower() for row in found)
    assert [row["restaurant_id"] for row in guide.find("thai")] == [row["restaurant_id"] for row in plain.find("thai")]
    with pytest.raises(InputError, match="T088"):
        plain.find("nordic noodle")


@pytest.mark.parametrize("cuisine", ["hyderabadi", "goan", "south_indian", "indo_chinese"])
def test_a_restaurant_of_a_region_is_found_as_one_and_as_indian(cuisine, made):
    dishes = cuisines()[cuisine].dishes[:4]
    rows = [{"text": f"Good {dish}.", "name": "Sagar", "city": "Pune"} for dish in dishes]
    guide = made(*rows, *({"text": "Tacos.", "name": f"Taqueria {i}"} for i in range(4)))
    (found,) = guide.find(cuisine, min_score=0)
    assert found["name"] == "Sagar"
    assert guide.find("indian", min_score=0)[0]["name"] == "Sagar"


@pytest.mark.parametrize("cuisine", sorted(cuisines()))
def test_every_cuisine_is_found_by_its_id_and_its_first_name(cuisine, guide):
    assert guide.cuisine(cuisine) == cuisine
    assert guide.cuisine(cuisine.replace("_", " ").title()) == cuisine


@pytest.mark.parametrize(
    ("given", "near"),
    [
        ("itallien", "italian"),
        ("mexcan", "mexican"),
        ("xyzzy", "palate cuisines --known"),
        ("", "one of"),
        ("🍕", "one of"),
        ("%", "one of"),
    ],
)
def test_an_unknown_cuisine_suggests_known_ones(given, near, guide):
    for ask in (guide.find, guide.ingredients, guide.cuisine):
        with pytest.raises(InputError, match=rf"\[T088\] there is no cuisine .*did you mean .*{near}"):
            ask(given)


@pytest.mark.parametrize(
    ("given", "near"),
    [("Phenix", "Phoenix"), ("Leads", "Leeds"), ("Rome", "Baltimore, Leeds, Phoenix, Portland"), ("Portland, OR", "Portland")],
)
def test_an_unknown_city_names_near_ones(given, near, guide):
    for ask in (lambda: guide.find("italian", given), lambda: guide.cuisines(given), lambda: guide.discussed(given)):
        with pytest.raises(
            InputError, match=rf"\[T089\] there is no review of .*{re.escape(given)}.*there are reviews of"
        ) as caught:
            ask()
        assert all(name in str(caught.value).partition("reviews of")[2] for name in near.split(", "))


DANGEROUS = [
    *(
        "'; DROP TABLE docs; --",
        "Phoenix' OR '1'='1",
        "%",
        "_",
        "P%",
        '"',
        "\\",
        "$1",
        "{0}",
        "*",
        "?",
        "[a-z]",
        "🍕",
        "\0",
        "\ud800",
    ),
    *("Phoenix\nLeeds", "x" * 10_000, "-", " "),
]


@pytest.mark.parametrize("city", DANGEROUS)
def test_a_city_is_a_name_whatever_it_holds(city, guide):
    before = guide.find("italian", "Phoenix")
    with pytest.raises(InputError, match="T089") as caught:
        guide.find("italian", city)
    assert len(str(caught.value)) < 300
    assert guide.find("italian", "Phoenix") == before


@pytest.mark.parametrize("city", ["—", "-", "?", "...", "–", "🍕", " "])
def test_a_city_without_letters_is_no_city(city, made):
    guide = made(
        {"text": "Pasta.", "name": "Trattoria"},
        {"text": "Pasta.", "name": "Osteria", "city": city},
        {"text": "Pasta.", "name": "Pizzeria", "city": "Leeds"},
    )
    assert {row["name"]: row["city"] for row in guide.restaurants} == {"Trattoria": "", "Osteria": "", "Pizzeria": "Leeds"}
    for ask in (lambda: guide.find("italian", city), lambda: guide.cuisines(city), lambda: guide.discussed(city)):
        with pytest.raises(InputError, match=r"T089.*there are reviews of Leeds$"):
            ask()


@pytest.mark.parametrize("city", ["phoenix", "PHOENIX", " Phoenix ", "Phóenix", "phoenix."])
def test_a_city_is_found_however_it_is_written(city, guide):
    assert guide.find("italian", city) == guide.find("italian", "Phoenix")
    assert guide.discussed(city) == guide.discussed("Phoenix")


def test_reviews_without_a_business_get_theirs_by_linking(made, four):
    rows = [{"id": row["id"], "text": row["text"]} for row in four if row["city"] == "Phoenix"]
    guide = made(*rows)
    docs = {row["id"]: row["restaurant_id"] for row in guide.tables.rows("SELECT id, restaurant_id FROM docs")}
    true = {row["id"]: row["business_id"] for row in four}
    linked = {name: house for name, house in docs.items() if house is not None}
    assert len(linked) > 0.5 * len(rows)
    assert np.mean([true[name] == house for name, house in linked.items()]) > 0.6
    first = guide.find("italian")[0]
    house = HOUSES[first["restaurant_id"]]
    assert "italian" in house.cuisines
    assert (first["name"], first["city"], first["stars"]) == (house.name, "Phoenix", None)


PIE = "The pie was fine."
WHOSE = [
    # the review, and the house, name and city that it is taken to be of
    ({"text": "Sumac, then Piccolo, then Piccolo."}, ("piccolo", "Piccolo", "Leeds")),
    ({"text": "Sumac, then Piccolo."}, ("sumac", "Sumac", "Portland")),
    ({"text": "Piccolo, then Sumac."}, ("piccolo", "Piccolo", "Leeds")),
    ({"text": "Sumac.", "business_id": "piccolo"}, ("piccolo", "Piccolo", "Leeds")),
    ({"text": PIE, "business_id": "piccolo"}, ("piccolo", "Piccolo", "Leeds")),
    ({"text": PIE, "business_id": "piccolo", "name": "Piccolo & Co", "city": "York"}, ("piccolo", "Piccolo & Co", "York")),
    ({"text": PIE, "business_id": "b1"}, ("b1", "b1", "")),
    ({"text": PIE, "name": "Casa Nova", "city": "York"}, ("Casa Nova · York", "Casa Nova", "York")),
    ({"text": PIE, "name": "Casa Nova"}, ("Casa Nova · ", "Casa Nova", "")),
    ({"text": "No Piccolo, this.", "name": "Casa Nova"}, ("Casa Nova · ", "Casa Nova", "")),
    ({"text": "Good old Piccolo.", "name": "PICCOLO"}, ("PICCOLO · ", "PICCOLO", "Leeds")),
]


@pytest.mark.parametrize(("review", "house"), WHOSE)
def test_whose_review_it_is(review, house, made):
    (found,) = made(review).restaurants
    assert (found["restaurant_id"], found["name"], found["city"]) == house


def test_reviews_of_no_house_are_in_no_answer(made):
    guide = made({"text": PIE}, {"text": ""})
    assert guide.restaurants == guide.find("italian") == guide.cuisines() == guide.ingredients("italian") == []
    assert len(guide.discussed()) == 20
    with pytest.raises(InputError, match=r"T089.*no city at all"):
        guide.find("italian", "Phoenix")


@pytest.mark.parametrize(("stars", "mean"), [([4, 5], 4.5), ([None, 5], 5), ([float("nan"), 3], 3), ([float("inf")], None)])
def test_stars_are_the_mean_of_those_there_are(stars, mean, made):
    (house,) = made(*({"text": PIE, "name": "A", "stars": value} for value in stars)).restaurants
    assert house["stars"] == mean


@pytest.mark.parametrize("cuisine", ["italian", "mexican", "indian", "chinese", "french"])
def test_ingredients_are_the_cuisines_own(cuisine, guide):
    found = guide.ingredients(cuisine)
    assert len(found) == 20
    assert all(row["lift"] > 1 and row["reviews"] >= 1 for row in found)
    own = {words(item) for item in cuisines()[cuisine].ingredients}
    assert sum(words(row["ingredient"]) in own for row in found) >= 4
    assert guide.ingredients(cuisine, limit=3) == found[:3]
    dishes = guide.ingredients(cuisine, limit=10, label="DISH")
    own = {words(item) for item in cuisines()[cuisine].dishes}
    assert sum(words(row["dish"]) in own for row in dishes) >= 5


@pytest.mark.parametrize("label", ["INGREDIENT", "DISH"])
@pytest.mark.parametrize("limit", [1, 5, 50])
def test_the_highest_lift_first(limit, label, guide):
    for cuisine in ("mexican", "japanese", "breakfast"):
        lifts = [row["lift"] for row in guide.ingredients(cuisine, limit, label)]
        assert lifts == sorted(lifts, reverse=True)
        assert 0 < len(lifts) <= limit


def test_the_lift_is_a_ratio_of_shares_of_reviews(made):
    """Two Italian houses and two others; pasta is in 3 of their 4 reviews, and in 4 of all 8."""
    rows = [
        {"text": f"{word}, said the Italian.", "business_id": f"i{i // 2}", "name": "Trattoria"}
        for i, word in enumerate(["Pasta", "Ricotta and pasta", "Pasta", "Ricotta"])
    ]
    rows += [
        {"text": f"{word} for us.", "business_id": f"m{i // 2}", "name": "Taqueria"}
        for i, word in enumerate(["Pasta", "Salsa", "Masa", "Salsa and salsa"])
    ]
    found = {row["ingredient"]: row for row in made(*rows).ingredients("italian")}
    assert found["pasta"] == {"ingredient": "pasta", "lift": 1.5, "reviews": 3}
    assert found["ricotta"] == {"ingredient": "ricotta", "lift": 2.0, "reviews": 2}
    assert "salsa" not in found


@pytest.mark.parametrize("text", ["Pasta.", "Pasta and ricotta.", "Nothing."])
def test_where_there_is_nothing_to_compare_with_nothing_marks_a_cuisine_out(text, made):
    guide = made({"text": text, "name": "Trattoria"}, {"text": "Pasta.", "name": "Osteria"})
    assert guide.find("italian")
    assert guide.ingredients("italian") == guide.ingredients("mexican") == []


def test_cuisines_share_the_restaurants_among_them(guide):
    for city in (None, *CITIES):
        found = guide.cuisines(city)
        here = [house for house in guide.restaurants if city in (None, house["city"])]
        assert sum(row["share"] for row in found) == pytest.approx(1, abs=0.01)
        assert sum(row["restaurants"] for row in found) == len(here)
        assert sum(row["reviews"] for row in found) == 4 * len(here)
        decided = [row["restaurants"] for row in found if row["cuisine"] != UNDECIDED]
        assert decided == sorted(decided, reverse=True)
        names = {house["name"] for house in here}
        assert all(
            row["cuisine"] in {*cuisines(), UNDECIDED} and 1 <= len(row["where"]) <= 3 and set(row["where"]) <= names
            for row in found
        )
    true = Counter(cuisine for house in HOUSES.values() for cuisine in house.cuisines[:1])
    close = [abs(row["restaurants"] - true[row["cuisine"]]) <= 2 for row in guide.cuisines() if row["cuisine"] != UNDECIDED]
    assert np.mean(close) > 0.9


def test_a_restaurant_of_which_little_is_known_is_undecided(made):
    """Ten tips, of which three name food."""
    tips = ["Nice place.", "Love it!", "So good.", "Great staff", "Get there early.", "Cash only", "Cheap."]
    tips += ["Try the fries", "Good coffee", "The bread is fresh"]
    guide = made(*({"text": tip, "name": "The Corner"} for tip in tips), {"text": "Tacos and salsa.", "name": "Taqueria"})
    found = {row["cuisine"]: row for row in guide.cuisines()}
    assert sum(row["restaurants"] for row in found.values()) == 2
    assert sum(row["reviews"] for row in found.values()) == 11
    assert list(found)[-1] == UNDECIDED
    assert found[UNDECIDED] == {"cuisine": UNDECIDED, "restaurants": 1, "share": 0.5, "reviews": 10, "where": ["The Corner"]}


SHOPS = ["Viet Kitchen", "DV Nail Salon", "Motor Vehicle Division", "Pho Nails"]
NAILS = [
    "The manager was rude, the wait was long and the table by the door was cold, so we left.",
    "They did my nails and my feet, the chairs were nice, and the girl at the front was friendly and quick.",
    "An hour in line with a number in my hand, then the clerk at the window sent us back for one more paper.",
    "Clean place, good price, a bit loud, and they closed early on Sunday when we came by after work.",
]


@pytest.mark.parametrize("exclude", [[], ["lda_topics", "restaurant_linker"]], ids=["topics", "no topics"])
def test_what_never_mentions_food_is_no_place_to_eat(exclude, pipeline, four, tmp_path):
    nlp = spacy.load(pipeline, exclude=exclude)
    nlp.to_disk(tmp_path / "nlp")
    rows = [{"text": "Pho with beef broth, then spring rolls and a banh mi.", "name": "Viet Kitchen"}] * 4
    rows += [{"text": text, "name": name} for name in SHOPS[1:] for text in NAILS * 3]
    rows += [{"text": row["text"], "name": row["name"]} for row in four[:100]]
    (tmp_path / "r.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf8")
    annotate(tmp_path / "r.jsonl", tmp_path / "out", tmp_path / "nlp")
    guide = Guide(tmp_path / "out")
    found = {row["name"] for row in guide.find("vietnamese", min_score=0)}
    assert "Viet Kitchen" in found
    assert not found & set(SHOPS[1:])
    assert not set(SHOPS[1:]) & {name for row in guide.cuisines() for name in row["where"]}
    assert sum(row["restaurants"] for row in guide.cuisines()) == len(guide.restaurants) - 3


def test_what_is_discussed_is_the_mean_of_the_topics(guide, annotations):
    rows = duckdb.sql(
        f"SELECT city, topic_dist FROM read_parquet('{annotations}/documents*.parquet') WHERE evidence > 0"
    ).fetchall()
    theta, city = np.array([row[1] for row in rows]), np.array([row[0] for row in rows])
    labels = Manifest.read(annotations).topics
    everywhere = {row["topic"]: row for row in guide.discussed(limit=100)}
    is_shown = np.array([not label.startswith(BACKGROUND) for label in labels])
    assert set(everywhere) == set(np.array(labels)[is_shown])
    shown = np.array(labels)[is_shown].tolist()
    theta = theta[:, is_shown]
    assert [everywhere[label]["here"] for label in shown] == pytest.approx(theta.mean(axis=0), abs=1e-4)
    assert {row["elsewhere"] for row in everywhere.values()} == {None}
    weights = [row["here"] for row in everywhere.values()]
    assert weights == sorted(weights, reverse=True)
    found = {row["topic"]: row for row in guide.discussed("Leeds", limit=100)}
    assert [found[label]["here"] for label in shown] == pytest.approx(theta[city == "Leeds"].mean(axis=0), abs=1e-4)
    assert [found[label]["elsewhere"] for label in shown] == pytest.approx(theta[city != "Leeds"].mean(axis=0), abs=1e-4)
    first, last = guide.discussed("Leeds", limit=100)[0], guide.discussed("Leeds", limit=100)[-1]
    assert first["here"] > first["elsewhere"]
    assert last["here"] < last["elsewhere"]
    assert guide.discussed("Leeds", 2) == guide.discussed("Leeds", 100)[:2]


def test_of_one_city_there_is_no_elsewhere(made):
    guide = made({"text": "Tacos and salsa.", "name": "A", "city": "Leeds"})
    assert guide.discussed("Leeds") == guide.discussed()


def test_answers_are_the_same_every_time(guide, annotations):
    again = Guide(annotations)
    for name, given in (
        ("find", ("italian", None, 99)),
        ("cuisines", ()),
        ("ingredients", ("mexican", 99)),
        ("discussed", ("Leeds",)),
    ):
        assert json.dumps(getattr(again, name)(*given)) == json.dumps(getattr(guide, name)(*given))


def test_of_houses_linked_equally_often_the_same_one_is_taken_every_time(tmp_path):
    """So many reviews that several threads count them."""
    part = 60_000
    documents = f"""SELECT i::VARCHAR AS id, NULL::VARCHAR AS business_id, NULL::VARCHAR AS name, NULL::VARCHAR AS city,
        NULL::DOUBLE AS stars, NULL::VARCHAR AS date, []::STRUCT(label VARCHAR, weight DOUBLE)[] AS topics, []::FLOAT[] AS
        topic_dist, 0 AS evidence FROM range(0, {5 * part}) t(i) WHERE i // {part} = """
    mentions = f"""SELECT i::VARCHAR AS document, 9 * k::INTEGER AS start, 9 * k::INTEGER + 3 AS "end", 'Pho' AS text,
        'RESTAURANT' AS label, 'h' || (i + k * k) % 50 AS kb_id, 1.0 AS score, '' AS sentence
        FROM range(0, {5 * part}) t(i), range(3) s(k) WHERE i // {part} = """
    parts = [(number * part, (number + 1) * part) for number in range(5)]
    for number, (first, last) in enumerate(parts):
        for kind, query in (("documents", documents), ("mentions", mentions)):
            duckdb.sql(query + str(number)).write_parquet(f"{tmp_path}/{kind}-{first:09d}-{last:09d}.parquet")
    duckdb.sql("SELECT 'h0' AS id, 'House' AS name, 'Leeds' AS city").write_parquet(f"{tmp_path}/restaurants.parquet")
    manifest = {"format": 1, "input": "", "columns": {}, "pipeline": "", "part_size": part, "topics": [], "trust": []}
    manifest |= {"rows": 5 * part, "parts": parts}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    for _ in range(2):
        guide = Guide(tmp_path)
        assert {house["restaurant_id"]: house["reviews"] for house in guide.restaurants} == {f"h{i}": 6000 for i in range(50)}


def test_parts_that_are_missing_are_counted_and_left_out(annotations, tmp_path):
    shutil.copytree(annotations, tmp_path / "out")
    (tmp_path / "out" / "documents-000000100-000000200.parquet").unlink()
    guide = Guide(tmp_path / "out")
    assert guide.missing == 100
    assert sum(house["reviews"] for house in guide.restaurants) == 284
    for path in (tmp_path / "out").glob("documents-*"):
        path.unlink()
    with pytest.raises(InputError, match="T087"):
        Guide(tmp_path / "out")


SCHEMAS = [
    ("documents", "SELECT 1 AS id"),
    ("documents", "SELECT * EXCLUDE (evidence) FROM part"),
    ("documents", "SELECT * REPLACE ('many' AS evidence) FROM part"),
    ("documents", "SELECT * REPLACE ('x' AS topic_dist) FROM part"),
    ("mentions", "SELECT * EXCLUDE (kb_id) FROM part"),
    ("mentions", "SELECT * REPLACE ('first' AS start) FROM part"),
    ("mentions", ""),
    ("restaurants", "SELECT * EXCLUDE (city) FROM part"),
    ("restaurants", ""),
]


@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize(("kind", "query"), SCHEMAS)
def test_a_part_of_another_schema_is_told(kind, query, last, annotations, tmp_path):
    shutil.copytree(annotations, tmp_path / "out")
    path = sorted((tmp_path / "out").glob(f"{kind}*"))[-last]
    if query:
        with duckdb.connect() as connection:
            connection.execute(f"CREATE TABLE part AS SELECT * FROM read_parquet('{path}')")
            connection.execute(f"COPY ({query}) TO '{path}' (FORMAT parquet)")
    else:
        path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(InputError, match=rf"\[T086\] .* the {kind} is damaged") as caught:
        Guide(tmp_path / "out").find("italian")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("folder", ["nowhere", "file", "empty"])
def test_no_folder_of_annotations(folder, tmp_path):
    (tmp_path / "file").write_text("{}")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="T081"):
        Guide(tmp_path / folder)


def test_weights_can_be_given(annotations):
    guide = Guide(annotations, CuisineWeights(name=0, mentions=1, learnt=0))
    row = guide.find("italian", "Leeds", min_score=0)[0]
    assert row["parts"]["mentions"] > 0
    assert row["parts"]["name"] == row["parts"]["learnt"] == 0
