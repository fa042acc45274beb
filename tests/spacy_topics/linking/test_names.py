"""Which shorter forms of a restaurant's name are names of it."""

import pytest

from spacy_topics.linking.names import aliases, is_telling


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Trattoria Lucia - Phoenix", {"lucia"}),
        ("Pizza Hut 118", {"pizza hut"}),
        ("Kazimierz World Wine Bar", {"kazimierz world"}),
        ("Paradise Bakery & Cafe", {"paradise bakery"}),
        ("Las Vegas Diner", set()),
        ("New York Grill", set()),
        ("Mexico Cafe", set()),
        ("Wine Bar", set()),
        ("Pizza Bar", set()),
    ],
)
def test_short_forms(name, short):
    found = {form for form, weight in aliases(name, "Phoenix").items() if weight < 1}
    assert short <= found
    assert not found & {"las vega", "new york", "mexico", "wine", "pizza", "bar"}


@pytest.mark.parametrize("part", ["steak", "wine bar", "sushi roll", "new york", "asian", "fry", "the"])
def test_parts_that_say_only_what_kind_or_where(part):
    assert not is_telling(tuple(part.split()))
