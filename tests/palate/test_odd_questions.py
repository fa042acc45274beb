"""Odd annotations and odd questions: each answer, or what is wrong, in a clear line."""

import json

import pytest
from helpers import good, palate, write_annotations

from spacy_topics.trainers.converters import from_arrays

TEXT = "The pho was good and the patio lovely. We waited an hour for rude staff."
DATES = ("2013-01-05", "May 25, 2013", "13/6/2013", "5/6/2013", "1372636800", "1372636800000", "soon", " ", None)


def rows(count=120, **more):
    """Reviews of twelve restaurants; fields by number of the review."""
    made = []
    for number in range(count):
        house = {"business_id": f"h{number % 12}", "name": f"House {number % 12}", "city": ("York", "Leeds")[number % 2]}
        said = [("DISH", "pho"), ("AMENITY", "patio")] if number % 3 else [("DISH", "tacos")]
        topics = [0.2 + 0.6 * (number % 2), 0.8 - 0.6 * (number % 2)]
        row = {**house, "stars": number % 5 + 1.0, "date": f"201{number % 5}-05-11", "text": TEXT, "mentions": said}
        made.append({**row, "topic_dist": topics, **{key: value(number) for key, value in more.items()}})
    return made


NOT_PLACED = {"business_id": lambda n: None, "name": lambda n: None, "city": lambda n: None}
NO_OTHER = "there is nothing to compare it with"
# What reviews are like, the question, the exit code, and what standard error says.
ODD = [
    ({"date": lambda n: DATES[n % 9]}, "discussed --by month", 0, "date cannot be read, such as 'soon'"),
    ({"date": lambda n: DATES[n % 9]}, "discussed --by year", 0, "reviews are left out: they have no date"),
    ({"date": lambda n: "2020-02-02"}, "discussed --by month", 0, f"all reviews are of one month, 2020-02: {NO_OTHER}"),
    ({"date": lambda n: "soon"}, "discussed --by year", 2, "[T111] no review has a year that can be read (such as 'soon')"),
    ({"city": lambda n: "York"}, "discussed --by city", 0, f"all reviews are of one city, York: {NO_OTHER}"),
    ({"city": lambda n: "York" if n else "Bath"}, "discussed --by city", 0, "no city differs from the others"),
    ({"stars": lambda n: 4.0}, "discussed --by stars", 0, f"all reviews are of one rating, 4: {NO_OTHER}"),
    ({"stars": lambda n: 4.0}, "drivers", 2, "[T112] 120 reviews of 12 restaurants have stars, all the same"),
    ({"stars": lambda n: float("nan")}, "discussed --by stars", 2, "[T111] no review has a rating that can be read"),
    ({"stars": lambda n: None}, "drivers", 2, "[T112] 0 reviews of 0 restaurants have stars"),
    ({"stars": lambda n: None}, "search --min-stars 3", 0, "no restaurant has what is asked for"),
    ({"topic_dist": lambda n: [0.5, 0.5]}, "drivers", 2, "[T114] nothing varies between these reviews"),
    ({"text": lambda n: "", "mentions": lambda n: []}, "search pho", 0, "no review of a restaurant says pho"),
    (NOT_PLACED, "search pho", 0, "0 reviews belong to a restaurant; 120 belong to no restaurant that is known"),
    (NOT_PLACED, "find --cuisine thai", 0, "thai restaurants: none"),
    (NOT_PLACED, "cuisines", 0, "cuisines: none"),
    (NOT_PLACED, "discussed --city York", 2, "[T089] there is no review of 'York': there are reviews of no city at all"),
    ({}, "ingredients thai", 0, "typical ingredients (thai): none"),
    ({}, "ingredients thai --dishes", 0, "typical dishes (thai): none"),
    ({}, "find --cuisine thai", 0, "thai restaurants: none"),
    ({}, "search the", 2, "[T123] 'the' has only words that say nothing"),
    ({}, "search '", 2, "[T123]"),
    ({}, "search zzzz", 0, "no review of a restaurant says zzzz\nno restaurant has what is asked for\n"),
    ({}, "search --max-price 10", 0, "no restaurant has what is asked for"),
    ({}, "discussed --by weather", 2, "[T110] there is no column 'weather' to compare by"),
]


@pytest.mark.parametrize(("more", "question", "code", "said"), ODD, ids=[f"{one[1]}-{i}" for i, one in enumerate(ODD)])
def test_what_is_so_is_said(more, question, code, said, tmp_path):
    made = rows(**more)
    if "[T114]" in said:
        made = [{**row, "mentions": [("DISH", "pho")]} for row in made]
    result = palate(*question.split(" "), write_annotations(tmp_path / "a", made))
    assert result.exit_code == code
    assert said in result.stderr
    assert result.stdout == "" or code == 0
    assert result.stderr.count("\n") <= (1 if code else 5)


@pytest.mark.parametrize("query", ['"pho OR', "pho AND NOT patio", "pho*", "(pho", "NEAR(pho patio)", "^pho", 'pho""', "{pho}"])
def test_a_querys_operators_are_words(query, tmp_path):
    folder = write_annotations(tmp_path / "a", rows())
    found = json.loads(good("search", query, folder, "--json").stdout)
    assert found
    assert all(row["matches"] for row in found)


@pytest.mark.parametrize(
    ("topics", "question", "code", "said"),
    [
        ("all: food", "discussed --by stars", 0, "no rating differs from the others"),
        ("all: food", "discussed --city York", 0, ""),
        ("background: food", "discussed --by stars", 2, "[T113] the annotations have no topic beside the background"),
        ("background: food", "discussed", 0, "share of what is discussed: none"),
    ],
)
def test_one_topic(topics, question, code, said, tmp_path):
    folder = write_annotations(tmp_path / "a", rows(topic_dist=lambda n: [1.0]), topics=[topics])
    result = palate(*question.split(" "), folder)
    assert result.exit_code == code
    assert said in result.stderr


@pytest.mark.parametrize(
    ("topics", "command", "code", "said"),
    [
        (1, "reduce MODEL --to 1 -o NEW", 2, "[T142] 1 topics cannot be reduced: at least 2 must be left"),
        (2, "reduce MODEL --to 1 -o NEW", 2, "[T142]"),
        (2, "merge MODEL 0 0 -o NEW", 2, "[T130]"),
        (2, "merge MODEL 0 1 -o NEW", 2, "[T130]"),
        (2, "merge MODEL 0 7 -o NEW", 2, "[T005]"),
        (1, "evaluate MODEL EMPTY", 2, "[T023]"),
        (1, "examples MODEL EMPTY", 0, "reviews that stand for topics: none"),
        (2, "examples MODEL EMPTY --outliers .1", 0, "reviews that no topic explains"),
        (1, "proportions MODEL EMPTY -o NEW", 2, "has no reviews"),
        (2, "update MODEL EMPTY -o NEW", 2, "[T138]"),
        (1, "view MODEL --reviews EMPTY -o NEW", 0, "map written"),
        (1, "compare MODEL MODEL", 0, ""),
    ],
)
def test_few_topics_and_no_reviews(topics, command, code, said, tmp_path):
    from_arrays([[1, 2, 3], [3, 2, 1]][:topics], 0.1, ["taco", "soup", "pho"]).save(tmp_path / "MODEL")
    (tmp_path / "empty.jsonl").write_text("")
    places = {"MODEL": tmp_path / "MODEL", "EMPTY": tmp_path / "empty.jsonl", "NEW": tmp_path / "new"}
    result = palate("topics", *(places.get(word, word) for word in command.split(" ")))
    assert (result.exit_code, said in result.stderr) == (code, True)
    assert result.stderr.count("\n") <= 1
    assert (tmp_path / "new").exists() == ("map written" in said)
