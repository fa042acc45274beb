"""How common English words are, with and without a capital letter (english_words.csv, made by
projects/restaurants/scripts/words.py)."""

import csv
from functools import cache
from pathlib import Path

RARE = 14.0  # minus the log frequency of words that are not in the table


@cache
def english_words() -> dict[str, tuple[float, float]]:
    """Minus the natural log of the frequency of common words: (in lower case, with a capital)."""
    with open(Path(__file__).parent / "english_words.csv", encoding="utf8", newline="") as file:
        return {row["word"]: (int(row["lower"]) / 10, int(row["title"]) / 10) for row in csv.DictReader(file)}


def is_rare(token: str) -> bool:
    """Whether a word is not a common English word.

    token (str): the word, in any case.
    """
    return token.lower() not in english_words()


def is_telling(word: str, least: float = 11.0) -> bool:
    """Whether a word is too rare in English to stand for anything but itself, and not first of all a name.

    word (str): a word in lower case.
    least (float): minimum of minus the natural log of its frequency.
    """
    lower, title = english_words().get(word, (RARE, RARE))
    return lower >= least and lower <= title + 1
