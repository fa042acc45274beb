"""Whether a sentence praises, complains or does neither: from its own words of opinion, and the stars of the review.

A lexicon of our own (`opinion_words`); negations turn words round, and what stands near what is talked about, in the same
clause, counts most. Stars only tip the scales: alone they decide nothing.
"""

import math
import re

from spacy_topics.guide.opinion_words import CONTRASTS, LONGEST, NEGATIONS, OPINIONS, STRONGER, WEAKER

PRAISE, COMPLAINT, NEITHER = "praise", "complaint", "neither"
# Chosen on one half of SemEval-2014's sentences (projects/restaurants/RESULTS.md).
_LEAST = 0.2  # a sum that is nearer to 0 says neither
_TURNED = -0.7  # weight of a word after a negation
_REACH = 3  # so many words before a word may turn it, or make it stronger
_NEAR = 12.0  # so many words away, a word counts 1/e
_ACROSS = 0.15  # a word beyond a "but" counts so much
_PAUSED = 0.6  # a word beyond a comma counts so much
_STARS = 0.07  # what each star above or below three and a half adds
_TOKEN = re.compile(r"[^\W_]+(?:['-][^\W_]+)*|[.,;:!?()]")
_PAUSES = frozenset(".,;:!?()")
_ENDS = frozenset(".;:!?()")


def polarity(sentence: str, stars: float | None = None, about: str = "") -> str:
    """Whether a sentence praises, complains or does neither.

    sentence (str): the sentence.
    stars (float | None): stars of the review that it is from, 1 to 5; None if they are not known.
    about (str): the words that it is quoted for; "" weighs all of it alike.
    RETURNS (str): PRAISE, COMPLAINT or NEITHER.

    >>> polarity("The pho was not good, but the patio is lovely.", about="pho")
    'complaint'
    """
    start = sentence.find(about) if about else -1
    score = opinion(sentence, None if start < 0 else (start, start + len(about)))
    if stars is not None and math.isfinite(stars):
        score += _STARS * (min(max(stars, 1), 5) - 3.5)
    return PRAISE if score >= _LEAST else COMPLAINT if score <= -_LEAST else NEITHER


def opinion(sentence: str, about: tuple[int, int] | None = None) -> float:
    """How much a sentence praises (above 0) or complains (below 0), from its own words.

    sentence (str): the sentence.
    about (tuple | None): (start, end) of what it is asked of; None weighs all of it alike.
    """
    matches = list(_TOKEN.finditer(sentence.replace("\u2019", "'").lower()))
    tokens = [match.group() for match in matches]
    spot = None
    if about:
        spot = next((i for i, match in enumerate(matches) if match.end() > about[0]), len(tokens))
    score, i = 0.0, 0
    while i < len(tokens):
        size, weight = _phrase(tokens, i)
        if weight and not (about and about[0] <= matches[i].start() < about[1]):
            score += weight * _modified(tokens, i) * _nearness(tokens, i, spot)
        i += size
    return score


def _phrase(tokens: list[str], i: int) -> tuple[int, float]:
    """Number of words and weight of the longest phrase of opinion that starts here; (1, 0) if there is none."""
    for size in range(min(LONGEST, len(tokens) - i), 0, -1):
        if weight := OPINIONS.get(tuple(tokens[i : i + size])):
            return size, weight
    return 1, 0.0


def _modified(tokens: list[str], i: int) -> float:
    """What the words before a word make of its weight."""
    factor = 1.0
    for word in reversed(tokens[max(0, i - _REACH) : i]):
        if word in _ENDS or word in CONTRASTS:
            break
        if word in NEGATIONS:
            factor *= _TURNED
        elif word in STRONGER:
            factor *= 1.3
        elif word in WEAKER:
            factor *= 0.8
    return factor


def _nearness(tokens: list[str], i: int, spot: int | None) -> float:
    """What the way from a word to what is asked of leaves of its weight; without that, what follows a "but" counts more."""
    if spot is None:
        return _ACROSS if any(word in ("but", "however") for word in tokens[i:]) else 1.0
    between = tokens[min(i, spot) : max(i, spot)]
    factor = math.exp(-len(between) / _NEAR)
    if any(word in CONTRASTS or word in _ENDS for word in between):
        factor *= _ACROSS
    if any(word in _PAUSES for word in between):
        factor *= _PAUSED
    return factor
