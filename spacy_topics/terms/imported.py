"""Vocabularies of models that were trained elsewhere: terms of any case, with digits and signs, of any number of words."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np
from spacy.lang.en import English
from spacy.vocab import Vocab

from spacy_topics.bags import Stream
from spacy_topics.phrases import BREAK
from spacy_topics.terms.token_words import is_word, plain, token_words


class ImportedTerms:
    """Finds the terms of such a vocabulary in documents.

    A token is the term that is spelt like it, else the one that is spelt like it in lower case, else in any case. Of several
    tokens that are a term, the longest term counts; blanks and underscores stand between the words of a term.

    vocabulary (Sequence): the terms.
    """

    def __init__(self, vocabulary: Sequence[str]) -> None:
        self._index: dict[str, int] = {}
        self._folded: list[int] = []  # of each word the id of its lower-cased form
        self._terms: list[int] = []  # of each word the term that it is, or BREAK
        self._phrases: dict[tuple[int, ...], int] = {}
        for term, string in enumerate(vocabulary):
            parts = _tokens(string)
            self._add_term(string, term)
            if len(parts) == 1:
                self._add_term(parts[0], term)
            elif parts:
                key = tuple(self._folded[self._add(part)] for part in parts)
                if key not in self._phrases or string == string.lower():
                    self._phrases[key] = term
        self._lengths = sorted({len(key) for key in self._phrases}, reverse=True)
        self._starts = np.unique(np.array([_pair(*key[:2]) for key in self._phrases], np.int64))

    def _add(self, word: str) -> int:
        number = self._index.setdefault(word, len(self._folded))
        if number == len(self._folded):
            self._terms.append(BREAK)
            self._folded.append(number)
            if (lower := word.lower()) != word:
                self._folded[number] = self._add(lower)
        return number

    def _add_term(self, word: str, term: int) -> None:
        exact = self._add(plain(word))
        folded = self._folded[exact]
        for number in {exact, folded}:
            if self._terms[number] == BREAK or number == exact:
                self._terms[number] = term

    def word_ids(self, vocab: Vocab, orth: int, **attributes: int) -> int | tuple[int, ...]:
        """The id of a token, or the ids of its words if it was merged.

        vocab (Vocab): the document's vocabulary.
        orth (int): hash of the token's text.
        attributes (int): other attributes of the token, which do not matter.
        """
        text = vocab.strings[orth]
        words = [plain(text)] if self._id(plain(text)) != BREAK else token_words(text)
        ids = tuple(BREAK if word is None else self._id(word) for word in words)
        return ids if len(ids) > 1 else ids[0]

    def _id(self, word: str) -> int:
        return self._index.get(word, self._index.get(word.lower(), BREAK))

    def find(self, stream: Stream) -> Stream:
        """The terms of documents.

        stream (Stream): the documents' words, by the ids of `word_ids`.
        RETURNS (Stream): ids of the vocabulary, BREAK for words that are no term.
        """
        folded = np.array([*self._folded, BREAK], np.int64)[stream.word]
        word = np.array([*self._terms, BREAK], np.int32)[stream.word]
        last, keep, taken = stream.last.copy(), np.ones(len(word), bool), 0
        for start in np.flatnonzero(np.isin(_pair(folded[:-1], folded[1:]), self._starts)).tolist():
            if start < taken:
                continue
            for length in self._lengths:
                term = self._phrases.get(tuple(folded[start : start + length].tolist()))
                if term is not None:
                    taken = start + length
                    word[start], last[start] = term, stream.last[taken - 1]
                    keep[start + 1 : taken] = False
                    break
        return Stream(stream.doc[keep], stream.token[keep], last[keep], word[keep])

    def odd(self, vocabulary: Sequence[str]) -> list[int]:
        """The terms that another tokenizer may cut into other tokens: those with anything but letters, blanks and underscores.

        vocabulary (Sequence): the terms.
        """
        return [i for i, term in enumerate(vocabulary) if not all(map(is_word, _parts(term))) or not _parts(term)]


def _pair(first: Any, second: Any) -> Any:
    return first << 32 | (second & 0xFFFFFFFF)


def _parts(term: str) -> list[str]:
    return plain(term).replace("_", " ").split()


def _tokens(term: str) -> list[str]:
    """The tokens of a term in a text."""
    return [token for part in _parts(term) for token in ([part] if is_word(part) else _cut(part))]


def _cut(part: str) -> list[str]:
    return [token.text for token in _tokenizer()(part)]


@cache
def _tokenizer() -> Callable[[str], Any]:
    return English().tokenizer
