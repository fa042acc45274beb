"""Amounts of money in sentences, in the currency that is written: $12, 12$, Rs 350, ₹1,200, €9,50, fifteen quid."""

import re
from typing import NamedTuple

# What is written before or after a number, and the sign that stands for it. Nothing is converted.
_SIGNS = {"$": "$", "us$": "$", "s$": "S$", "a$": "A$", "c$": "C$", "nz$": "NZ$", "hk$": "HK$", "r$": "R$"}
_SIGNS |= {"£": "£", "€": "€", "₹": "₹", "¥": "¥", "₩": "₩", "฿": "฿", "₱": "₱", "₫": "₫"}
_CODES = {"rs": "₹", "inr": "₹", "rm": "RM", "aed": "AED", "usd": "$", "gbp": "£", "eur": "€", "r": "R"}
_NAMES = {
    "$": "dollar dollars buck bucks bux usd",
    "£": "pound pounds quid gbp",
    "€": "euro euros eur",
    "₹": "rupee rupees rs inr",
    "¥": "yen",
    "฿": "baht",
    "₫": "dong",
    "AED": "dirham dirhams aed",
    "peso": "peso pesos",
    "sol": "sol soles",
    "crown": "crown crowns krona kronor krone kroner",
    "Ft": "forint",
}
_WORDS = {word: sign for sign, words in _NAMES.items() for word in words.split()}
_SMALL = {"cent": "$", "cents": "$", "c": "$", "¢": "$", "p": "£", "pence": "£", "paise": "₹"}  # hundredths
_NOTES = {"fiver": 5.0, "tenner": 10.0}  # of pounds
_TY = "twenty thirty forty fifty sixty seventy eighty ninety"
_ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
_COUNTS = {word: number for number, word in enumerate(f"{_ONES} eighteen nineteen".split())} | {"a": 1, "an": 1}
_TENS = {word: ten for ten, word in enumerate(_TY.split(), 2)}
_COUNTS |= {word: 10 * ten for word, ten in _TENS.items()}
_POWERS = {"hundred": 100, "thousand": 1000}
_DIGITS = r"(?:\d{1,3}(?:,\d{2,3})*,\d{3}(?:\.\d{1,2})?|\d{1,3}(?:\.\d{3})+(?:,\d{1,2})?|\d+(?:[.,]\d{1,2})?|\.\d{2})(?!\d)"
_COUNT = "|".join(sorted({*_COUNTS, *_POWERS}, key=len, reverse=True))
_SPELT = rf"(?:{_COUNT})(?:(?:[\s-]|\sand\s)+(?:{_COUNT}))*(?:-odd)?"
_BEFORE = "|".join(sorted((*map(re.escape, _SIGNS), *(rf"\b{code}\.?" for code in _CODES)), key=len, reverse=True))
_LETTERS = r"(?:(?<=\d)[cp]\b(?!\.?m\b))"  # 60p and 99c, not 7 p.m.
_CENTS = [word for word in _SMALL if len(word) > 1]
_AFTER = "|".join((_LETTERS, *map(re.escape, (*_SIGNS, "¢", "/-")), *(rf"{word}\b" for word in (*_WORDS, *_CENTS))))
_TO = r"\s?(?:-|–|to)\s?"
_AMOUNT = re.compile(
    rf"(?P<before>{_BEFORE})\s?(?P<first>{_DIGITS})(?:{_TO}(?:{_BEFORE})?\s?(?P<last>{_DIGITS}))?(?P<k>k\b)?"
    rf"|(?<![\w.,$£€₹])(?:{_DIGITS}{_TO})?(?P<number>{_DIGITS})(?P<k2>k\b)?[\s-]?(?P<after>{_AFTER})"
    rf"|\b(?P<spelt>{_SPELT})[\s-](?P<name>(?:{'|'.join((*_WORDS, *_CENTS))})\b)"
    rf"|\b(?:a\s)?(?P<note>fiver|tenner)\b",
    re.IGNORECASE,
)
_BARE = re.compile(rf"(?P<number>{_DIGITS})(?P<k>k)?|(?P<spelt>{_SPELT})", re.IGNORECASE)


class Amount(NamedTuple):
    """An amount of money.

    value (float): how much; of a range ("$10-15"), its end.
    currency (str): the currency's sign, or its name where it has none; "" where none is written.
    start (int): where it starts in the text.
    end (int): where it ends, exclusive.
    """

    value: float
    currency: str
    start: int
    end: int


def amounts(text: str) -> list[Amount]:
    """The amounts of a text that are written with a currency.

    text (str): a sentence.

    >>> amounts("The pho is $12, or Rs 1,200.")
    [Amount(value=12.0, currency='$', start=11, end=14), Amount(value=1200.0, currency='₹', start=19, end=27)]
    """
    found = ((match, _read(match)) for match in _AMOUNT.finditer(text))
    return [Amount(*read, *match.span()) for match, read in found if read]


def amount(mention: str) -> Amount | None:
    """The amount of a mention that is known to be a price, where the currency may be missing ("12.99").

    mention (str): its text; None is returned for a word such as "cheap".
    """
    if written := amounts(mention):
        return written[0]
    match = _BARE.fullmatch(mention.strip())
    if match is None:
        return None
    value = _spelt(match["spelt"]) if match["spelt"] else _number(match["number"], match["k"])
    return Amount(value, "", 0, len(mention))


def _read(match: re.Match[str]) -> tuple[float, str] | None:
    if match["note"]:
        return _NOTES[match["note"].lower()], "£"
    if match["before"]:
        return _number(match["last"] or match["first"], match["k"]), _sign(match["before"])
    value = _spelt(match["spelt"]) if match["spelt"] else _number(match["number"], match["k2"])
    name = (match["name"] or match["after"]).lower()
    return (value / 100, _SMALL[name]) if name in _SMALL else (value, _sign(name))


def _sign(written: str) -> str:
    key = written.lower().rstrip(".")
    return "₹" if key == "/-" else _SIGNS.get(key) or _CODES.get(key) or _WORDS[key]


def _number(digits: str, thousands: str | None) -> float:
    """A comma or a point before three digits parts thousands, before one or two digits it is the decimal point."""
    whole, _, decimals = digits.replace(",", ".").rpartition(".")
    if whole and len(decimals) < 3:
        value = float(f"{whole.replace('.', '')}.{decimals}")
    else:
        value = float((whole + decimals).replace(".", "") if whole else digits.replace(",", "."))
    return value * 1000 if thousands else value


def _spelt(words: str) -> float:
    """The value of number words; "eleven fifty" is 11.50."""
    total, part = 0.0, 0.0
    for word in re.findall(r"[a-z]+", words.lower()):
        if word in _POWERS:
            total, part = total + max(part, 1) * _POWERS[word], 0
        elif word in _COUNTS:
            count = _COUNTS[word]
            fits = not part or (part >= 20 and part % 10 == 0 and count < 10)
            part += count if fits else count / 100
    return total + part
