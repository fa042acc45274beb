"""Messages that several commands print on standard error."""

from typing import Any

from palate.console import say

_PLACED = {"by_id": "by the business's id", "by_name": "by name and city", "by_link": "by the restaurant that they link most"}
_BASES = {
    "demo": "the pipeline links to the invented restaurants of the demo: build your own with `palate restaurants build`",
    "elsewhere": "the pipeline knows no restaurant in the cities of the reviews: what it links is probably elsewhere",
}


def counted(number: int, noun: str) -> str:
    """A number and what it counts: "1 review", "2 reviews", "3 businesses".

    number (int): the number.
    noun (str): the noun in the singular.
    """
    return f"{number} {noun}" if number == 1 else f"{number} {noun}{'es' if noun.endswith('s') else 's'}"


def say_placement(placed: Any) -> None:
    """Say how many reviews belong to a restaurant, and how that is known.

    placed (Placement): the numbers.
    """
    parts = [f"{getattr(placed, field)} {how}" for field, how in _PLACED.items() if getattr(placed, field)]
    total = placed.by_id + placed.by_name + placed.by_link
    how = f"{': ' if parts else ''}{', '.join(parts)}"
    unplaced = f"; {placed.unplaced} {_belong(placed.unplaced)} to no restaurant that is known" if placed.unplaced else ""
    say(f"{counted(total, 'review')} {_belong(total)} to a restaurant{how}{unplaced}")
    if placed.base:
        say(f"warning: {_BASES[placed.base]}")


def with_signs(row: dict[str, Any]) -> str:
    """The quotes of a record in one line: + before those that praise, - before those that complain.

    row (dict): with quotes and polarities.
    """
    signs = {"praise": "+ ", "complaint": "- "}
    return " / ".join(signs.get(tone, "") + text for text, tone in zip(row["quotes"], row["polarities"], strict=True))


def _belong(number: int) -> str:
    return "belongs" if number == 1 else "belong"
