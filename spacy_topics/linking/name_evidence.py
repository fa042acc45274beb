"""Is a stretch of text the name of a restaurant, or only spelled like one? All that speaks for and against it.

"Home", "Sauce", "Fez" and "Subway" are names and words. A candidate is a stretch that spells a name of the knowledge base, of a
brand or of the restaurant that the text is about, or that the recogniser takes for a restaurant. Its probability is a logistic
function of the features below; name_weights.csv has their weights, fitted to Bistro's and Street's train parts
(projects/restaurants/scripts/matcher.py).
"""

import csv
import math
from functools import cache
from pathlib import Path
from typing import NamedTuple

from spacy.tokens import Doc, Span, Token

from spacy_topics.english import RARE, english_words, is_rare
from spacy_topics.lexicon import entries, find, words
from spacy_topics.linking.names import is_telling

# Words beside a name, in lower case.
_LISTS = {
    "before a place": "at to from than like visit visited try tried love loved called near by vs v versus beat beats @",
    "before food": "a an some my his her our their with of more extra no any fresh good great best hot cold",
    "after a name": "'s \u2019s is was has does did in on at and or for isn wasn restaurant location",
    "kinds of food": "food sauce salad menu bar roll soup sandwich style",
    "small words of names": "the of and de la el n a for in on",
}
_WORDS = {name: frozenset(text.split()) for name, text in _LISTS.items()}


class Candidate(NamedTuple):
    """A stretch that may name a restaurant.

    start (int): the first token.
    end (int): the token after the last one.
    names (frozenset): how it is known: "base", "brand", "told" (the restaurant that the text is about), for each of these
        "full" if it is the full name and not a part of it, and "city" if a city has the name, too; empty for what the
        recogniser alone takes for a restaurant.
    typos (int): 0 or 1.
    split (bool): whether the words are run together or apart otherwise than in the name.
    """

    start: int
    end: int
    names: frozenset[str]
    typos: int = 0
    split: bool = False


class Habit(NamedTuple):
    """How a text uses capitals: shares of its words, first words of sentences left out."""

    title: float
    upper: float


@cache
def default_weights() -> dict[str, float]:
    """Weights of the features, by name."""
    with open(Path(__file__).parent / "name_weights.csv", encoding="utf8", newline="") as file:
        return {row["feature"]: float(row["weight"]) for row in csv.DictReader(file)}


def habit_of(doc: Doc) -> Habit:
    """How a document uses capitals."""
    title = upper = count = 0
    first = True
    for token in doc:
        text = token.text
        if text.isspace():
            continue
        if len(text) > 1 and not first and text.isalpha():
            count += 1
            title += text.istitle()
            upper += text.isupper()
        first = _ends_sentence(text)
    return Habit(title / max(1, count), upper / max(1, count))


def is_first(doc: Doc, i: int) -> bool:
    """Whether a token stands where everybody writes a capital: first, or after what ends a sentence."""
    while i and doc[i - 1].is_space:
        i -= 1
    return i == 0 or _ends_sentence(doc[i - 1].text)


def _ends_sentence(text: str) -> bool:
    return text[-1] in ".!?\n:" or text in ('"', "-", "*", "\u2022", "(", "\u201c")


def features(doc: Doc, candidate: Candidate, habit: Habit) -> dict[str, float]:
    """What speaks for and against a candidate, by name.

    doc (Doc): with the recogniser's entities.
    candidate (Candidate): the stretch.
    habit (Habit): of the document.
    """
    span = doc[candidate.start : candidate.end]
    known = {"bias": 1.0, **dict.fromkeys(candidate.names, 1.0)}
    return known | _spelling(span, candidate) | _capitals(doc, span, habit) | _around(doc, candidate) | _recogniser(doc, span)


def _spelling(span: Span, candidate: Candidate) -> dict[str, float]:
    """How much the letters tell: words that nobody uses, and more of them, are no accident."""
    tokens = [token.lower_ for token in span if any(letter.isalnum() for letter in token.text)]
    told = [english_words().get(token, (RARE, RARE)) for token in tokens]
    information = sum(lower for lower, _ in told)
    proper = max((lower - title for lower, title in told), default=0.0)
    lexicon = list(find(words(span.text), entries()))
    return {
        "information": min(information, 40.0) / 10,
        "information of a known name": min(information, 40.0) / 10 if candidate.names else 0.0,
        "proper": max(-3.0, min(3.0, proper)),
        "one word": float(len(tokens) == 1),
        "short": float(sum(map(len, tokens)) < 4),
        "food": float(bool(lexicon) and sum(map(len, lexicon)) >= len(words(span.text))),
        "some food": float(bool(lexicon)),
        "typo": float(candidate.typos > 0),
        "split": float(candidate.split),
        "digits only": float(all(token.isdigit() for token in tokens)),
    }


def _capitals(doc: Doc, span: Span, habit: Habit) -> dict[str, float]:
    letters = _telling(span)
    title = _has_capitals(span)
    upper = bool(letters) and all(token.is_upper for token in letters)
    first = is_first(doc, span.start)
    shouted = habit.upper > 0.5
    plain = habit.title + habit.upper < 0.02
    capital = title and not shouted
    return {
        "capital inside": float(capital and not first),
        "capital at the start": float(capital and first and len(letters) == 1),
        "capitals at the start": float(capital and first and len(letters) > 1),
        "shouted": float(shouted),
        "upper alone": float(upper and not shouted and sum(len(token) for token in letters) > 1),
        "lower in plain text": float(not title and plain),
        "lower beside capitals": float(not title and not plain and not shouted),
        "many capitals": float(capital and habit.title > 0.35),
    }


def _has_capitals(span: Span) -> bool:
    """Whether all words but "the", "of" and the like have a capital."""
    return bool(_telling(span)) and all(token.text[0].isupper() for token in _telling(span))


def _telling(span: Span) -> list[Token]:
    return [token for token in span if token.is_alpha and token.lower_ not in _WORDS["small words of names"]]


def _around(doc: Doc, candidate: Candidate) -> dict[str, float]:
    before = doc[candidate.start - 1].lower_ if candidate.start else ""
    after = doc[candidate.end].lower_ if candidate.end < len(doc) else ""
    return {
        "after a preposition": float(before in _WORDS["before a place"]),
        "after in": float(before == "in"),
        "after the": float(before in ("the", "this")),
        "after food words": float(before in _WORDS["before food"]),
        "before a verb": float(after in _WORDS["after a name"]),
        "before a kind of food": float(after in _WORDS["kinds of food"]),
        "quoted": float(before in ('"', "\u201c", "'") and after in ('"', "\u201d", "'")),
    }


def _recogniser(doc: Doc, span: Span) -> dict[str, float]:
    """What the recogniser says of the same stretch, or of one that it overlaps."""
    said: dict[str, float] = {}
    for ent in doc.ents:
        if ent.start < span.end and span.start < ent.end:
            same = ent.start == span.start and ent.end == span.end
            said[f"{ent.label_} {'here' if same else 'nearby'}"] = 1.0
    return said or {"nothing here": 1.0}


def is_of_words(span: Span) -> bool:
    """Whether all words of a stretch, single letters and what follows an apostrophe left out, are common."""
    spelled = [token.text for token in span if token.is_alpha and len(token) > 1]
    return bool(spelled) and not any(is_rare(text) for text in spelled)


def threshold_of(doc: Doc, candidate: Candidate, threshold: float) -> float:
    """The least probability of a candidate, 0 to 1; infinite if it cannot be a name.

    Common words are a name only if somebody knows it. It counts as others do if the caller gave it and it has capitals, if
    it is in the knowledge base or among the chains, at least in part if the recogniser agrees, and neither a city nor only a
    kind of food or restaurant. Other full names must be halfway up to certainty, and so must parts of the caller's, with
    capitals: The Fry Bread House has fry bread.

    doc (Doc): with the recogniser's entities.
    candidate (Candidate): the stretch.
    threshold (float): of other candidates.
    """
    span, names = doc[candidate.start : candidate.end], candidate.names
    if not is_of_words(span):
        return threshold
    if candidate.typos:  # they are spelled as they are in the dictionary
        return math.inf
    is_full = bool(names & {"told full", "base full", "brand full"})
    is_agreed = bool(names) and (span.start, span.end, "RESTAURANT") in {(ent.start, ent.end, ent.label_) for ent in doc.ents}
    if "told full" in names:
        is_sure = _has_capitals(span)
    else:
        is_sure = (is_full or is_agreed) and "city" not in names and _says_which(span)
    if is_sure:
        return threshold
    is_part = bool(names & {"told", "told initials"}) and _has_capitals(span)
    return (1 + threshold) / 2 if is_full or is_part else math.inf


def _says_which(span: Span) -> bool:
    """Whether a name says more than a kind of food or of restaurant."""
    spelled = words(span.text)
    return is_telling(spelled) and sum(map(len, find(spelled, entries()))) < len(spelled)


def probability(values: dict[str, float], weights: dict[str, float]) -> float:
    """That a candidate is a restaurant's name."""
    return 1 / (1 + math.exp(-sum(weights.get(name, 0.0) * value for name, value in values.items())))
