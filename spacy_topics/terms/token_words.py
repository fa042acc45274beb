"""The words that a token is read as: usually one, several of a token that was merged, none of punctuation."""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

from spacy_topics.phrases import BREAK

_APOSTROPHES = "'\u2019\u2018"
_JOINTS = re.compile(f"[-{_APOSTROPHES}]")
_SUFFIX = re.compile(rf"(?:n[{_APOSTROPHES}]t|[{_APOSTROPHES}](?:s|re|ve|ll|d|m))$", re.IGNORECASE)


def plain(text: str) -> str:
    """A text as words are compared: composed (NFC), without characters that nobody sees, such as soft hyphens.

    text (str): the text.
    """
    if text.isascii():
        return text
    composed = unicodedata.normalize("NFC", text)
    return composed if composed.isalpha() else "".join(c for c in composed if unicodedata.category(c) != "Cf")


def is_word(text: str) -> bool:
    """Whether a text is one word: letters, and the marks that many scripts write after them (Devanagari, Thai, Arabic).

    text (str): a text, as `plain` returns it.
    """
    if text.isalpha():
        return True
    return text[:1].isalpha() and all(_is_part(c) for c in text)


def word_ids(text: str, lemma: str, word_id: Callable[[str, str], int]) -> int | tuple[int, ...]:
    """The ids of a token's words.

    text (str): the token's text.
    lemma (str): its lemma, "" if it has none.
    word_id (Callable): the id of a word, given the word and its lemma, which is "" if it is not known.
    RETURNS (int | tuple): one id; or several, with BREAK where no phrase may cross.
    """
    words, lemmas = token_words(text), token_words(lemma) if lemma else []
    if len(words) == 1:
        return BREAK if words[0] is None else word_id(words[0], plain(lemma))
    pairs = zip(words, lemmas if len(lemmas) == len(words) else [""] * len(words), strict=True)
    return tuple(BREAK if word is None else word_id(word, word_lemma or "") for word, word_lemma in pairs)


@lru_cache(maxsize=10_000)
def token_words(text: str) -> list[str | None]:
    """The words of a token.

    A token with blanks (a noun chunk that was merged) is read as its words, one with hyphens or apostrophes between words, too.
    So is one whose accents are characters of their own: these are no letters to tokenizers, which leave punctuation there.

    text (str): the token's text.
    RETURNS (list): its words, and None for everything else.
    """
    given = plain(text)
    if is_word(given):
        return [given]
    if given == text and not any(c.isspace() for c in text) and not all(map(is_word, _JOINTS.split(text))):
        return [None]
    words: list[str | None] = []
    for part in given.split():
        run = ""
        for c in part + "\0":
            if _is_part(c) or c.isdigit() or c == "_" or (run and c in _APOSTROPHES):
                run += c
                continue
            words += _words_of(run)
            run = ""
            if c != "\0":
                words.append(None)
    return words or [None]


def _words_of(run: str) -> list[str | None]:
    """The words of letters, digits and apostrophes, as tokenizers cut them: "didn't" is did, "l'ail" is l and ail."""
    if not run:
        return []
    stem = _SUFFIX.sub("", run)
    words: list[str | None] = []
    for part in re.split(f"[{_APOSTROPHES}]", stem):
        if part:
            words += [None] if words else []
            words.append(part if is_word(part) else None)
    return words if stem == run else [*words, None]


def _is_part(c: str) -> bool:
    return c.isalpha() or unicodedata.category(c).startswith("M")
