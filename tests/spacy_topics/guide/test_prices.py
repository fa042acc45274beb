import pytest

from corpora import bistro, street
from spacy_topics.guide.prices import amount, amounts


@pytest.mark.parametrize(
    ("text", "value", "currency"),
    [
        ("$12", 12, "$"),
        ("12$", 12, "$"),
        ("Rs 350", 350, "₹"),
        ("Rs. 1,890", 1890, "₹"),
        ("₹1,200", 1200, "₹"),
        ("₹1,00,000", 100_000, "₹"),
        ("240/-", 240, "₹"),
        ("£15", 15, "£"),
        ("15 quid", 15, "£"),
        ("15 bucks", 15, "$"),
        ("€9,50", 9.5, "€"),
        ("9,50 €", 9.5, "€"),
        ("1.200 €", 1200, "€"),
        ("$.99", 0.99, "$"),
        ("75 cents", 0.75, "$"),
        ("60p", 0.6, "£"),
        ("a tenner", 10, "£"),
        ("twenty-six dollars", 26, "$"),
        ("Two hundred and six pounds", 206, "£"),
        ("sixty-odd quid", 60, "£"),
        ("$10-15", 15, "$"),
        ("$10 to $15", 15, "$"),
        ("S$2.20", 2.2, "S$"),
        ("RM 14", 14, "RM"),
        ("40 AED", 40, "AED"),
        ("$1.5k", 1500, "$"),
    ],
)
def test_amounts_in_the_currency_that_is_written(text, value, currency):
    (found,) = amounts(f"It was {text}.")
    assert (found.value, found.currency) == (pytest.approx(value), currency)
    assert f"It was {text}."[found.start : found.end] == text


@pytest.mark.parametrize(
    "text", ["at 7 p.m.", "for 4 people", "cheap", "$$", "350 reviews", "in 2013, 10 of us", "I won 3 times"]
)
def test_other_numbers_are_no_amounts(text):
    assert amounts(text) == []


@pytest.mark.parametrize(
    ("mention", "expected"),
    [("12.99", 12.99), ("1,480", 1480), ("eleven fifty", 11.5), ("2.5k", 2500), ("cheap", None), ("$$", None)],
)
def test_a_mention_may_lack_the_currency(mention, expected):
    found = amount(mention)
    assert (None if found is None else (found.value, found.currency)) == (None if expected is None else (expected, ""))


@pytest.mark.parametrize("texts", [bistro.reviews(), street.pieces()], ids=["bistro", "street"])
def test_of_the_marked_prices_with_a_currency_hardly_one_is_missed(texts):
    marked = found = extra = 0
    for text in texts:
        prices = [(m.start, m.end) for m in text.mentions if m.label == "PRICE"]
        said = amounts(text.text)
        with_currency = [(a, b) for a, b in prices if (one := amount(text.text[a:b])) and one.currency]
        marked += len(with_currency)
        found += sum(any(one.start < b and a < one.end for one in said) for a, b in with_currency)
        extra += sum(not any(one.start < b and a < one.end for a, b in prices) for one in said)
    assert found == marked > 1000
    assert extra < 0.02 * found  # pounds of weight
