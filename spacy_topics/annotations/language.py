"""Whether a text is in the language of a pipeline: by the script of its letters, and by the stop words in it."""

import re
import unicodedata
from collections import Counter
from functools import cache
from importlib import import_module

# Languages in Latin letters whose stop words are looked for. They need not be told apart from each other.
_LATIN = (
    "cs",
    "da",
    "de",
    "en",
    "es",
    "fi",
    "fr",
    "hr",
    "hu",
    "id",
    "it",
    "nb",
    "nl",
    "pl",
    "pt",
    "ro",
    "sv",
    "tl",
    "tr",
    "vi",
)
_MIN_LETTERS = 4  # a text with fewer letters is undecided
_MIN_WORDS = 6  # the same, for what its stop words say
_MIN_STOP_WORDS = 50  # spaCy's list of a language must be so long to say anything
_OTHER = 0.2  # least share of words that are stop words of another language, and not of the pipeline's
_LENGTH = 2000  # letters that are looked at
_WORD = re.compile(r"[^\W\d_]+")


class LanguageCheck:
    """Finds texts that are not in a language.

    A text in which most letters are of a script that the language does not have is in another language. So is one in which a
    fifth of the words, and more than are stop words of this language, are stop words of one other language alone. What is
    short or has no stop words is undecided, and counts as the language's own.

    lang (str): spaCy's code of the language, such as `nlp.lang`; "xx" is every language.
    """

    def __init__(self, lang: str) -> None:
        own = stop_words(lang)
        self._scripts = _scripts(own)
        self._own = own if len(own) >= _MIN_STOP_WORDS and "LATIN" in self._scripts else frozenset()
        self._others: dict[str, list[str]] = {}
        for other in _LATIN if self._own else ():
            for word in {word for word in stop_words(other) - own if len(word) > 1}:  # single letters are markup and lists, too
                self._others.setdefault(word, []).append(other)

    def is_other(self, text: str) -> bool:
        """Whether a text is in another language.

        text (str): the text; its first 2,000 characters count.
        """
        if not self._scripts:
            return False
        text = unicodedata.normalize("NFC", text[:_LENGTH]).casefold()
        words = _WORD.findall(text)
        letters = "".join(words)
        if len(letters) < _MIN_LETTERS:
            return False
        is_latin = letters.isascii() and "LATIN" in self._scripts
        if not is_latin and 2 * sum(_script(letter) not in self._scripts for letter in letters) > len(letters):
            return True
        if not self._own or len(words) < _MIN_WORDS:
            return False
        own = sum(word in self._own for word in words)
        counts = Counter(other for word in words for other in self._others.get(word, ()))
        most = max(counts.values(), default=0)
        return most > own and most >= max(2, _OTHER * len(words))


@cache
def stop_words(lang: str) -> frozenset[str]:
    """spaCy's stop words of a language that are words, without those of several words; none if it has no list.

    lang (str): the code of the language.
    """
    try:
        listed = import_module(f"spacy.lang.{lang}.stop_words").STOP_WORDS
    except ImportError:
        return frozenset()
    return frozenset(word for raw in listed if _WORD.fullmatch(word := unicodedata.normalize("NFC", raw).casefold()))


def _scripts(words: frozenset[str]) -> frozenset[str]:
    scripts = {_script(letter) for word in words for letter in word}
    return frozenset(scripts | ({"KATAKANA", "CJK"} if "HIRAGANA" in scripts else set()))


@cache
def _script(letter: str) -> str:
    """The first word of a letter's name, which is its script."""
    return unicodedata.name(letter, "").partition(" ")[0]
