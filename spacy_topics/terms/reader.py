"""Reads Docs as terms of a fixed vocabulary.

Documents are read from `doc.to_array` a batch at a time; each distinct token is examined once and remembered by its
hash, so that reading costs one dictionary look-up per token.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from functools import cache
from typing import Any

import numpy as np
from spacy.attrs import IS_STOP, LEMMA, ORTH, POS
from spacy.language import BaseDefaults
from spacy.strings import get_string_id
from spacy.tokens import Doc
from spacy.util import get_lang_class
from spacy.vocab import Vocab, create_vocab

from spacy_topics import phrases
from spacy_topics.bags import Bags, Stream, to_bags
from spacy_topics.errors import Errors, InputError
from spacy_topics.phrases import BREAK
from spacy_topics.terms.imported import ImportedTerms
from spacy_topics.terms.settings import TermSettings
from spacy_topics.terms.token_words import word_ids
from spacy_topics.topic_model import RULES

SKIP = -2  # the id of a stop word, which is dropped, but does not end a phrase: "mac and cheese" becomes "mac cheese"
ATTRIBUTES = (ORTH, LEMMA, POS)
_NAMES = {ORTH: "orth", LEMMA: "lemma", POS: "pos"}
_MIX = np.array([1, 0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F], np.uint64)  # odd factors, to mix columns of hashes into one key
_REMEMBERED = 50_000  # maximum number of distinct tokens to remember, so that endless streams need constant memory

# (vocab, orth, lemma=, pos=) -> the id of a token's word, SKIP or BREAK; several of a token that is read as several words
WordIds = Callable[..., int | tuple[int, ...]]
_SEVERAL = -10  # this id and those below stand for the words of such a token


class TokenTable:
    """Ids of tokens' words: each distinct token is examined once.

    attributes (Sequence): spaCy's attributes that are read from each token, ORTH first.
    word_ids (Callable): returns a token's id or ids, given the vocabulary and the attributes by name.
    """

    def __init__(self, attributes: Sequence[int], word_ids: WordIds) -> None:
        self.attributes: list[Any] = list(attributes)
        self._word_ids = word_ids
        self._forget()

    def _forget(self, vocab: Vocab | None = None) -> None:
        self._vocab = vocab
        self._ids: dict[int, int] = {0: BREAK}
        self._several: list[tuple[int, ...]] = []

    def read(self, docs: Sequence[Doc]) -> Stream:
        """Read the words of documents.

        docs (Sequence): Docs.
        RETURNS (Stream): the words of each document, with BREAK where no phrase may cross and at the document's end.
        """
        if any(doc.vocab is not docs[0].vocab for doc in docs):
            parts = [self.read([doc]) for doc in docs]
            parts = [part._replace(doc=part.doc + number) for number, part in enumerate(parts)]
            return Stream(*map(np.concatenate, zip(*parts, strict=True)))
        # Another vocabulary may have other stop words.
        if docs and (docs[0].vocab is not self._vocab or len(self._several) > _REMEMBERED):
            self._forget(docs[0].vocab)
        end = np.zeros((1, len(self.attributes)), np.uint64)
        rows = [doc.to_array(self.attributes).reshape(len(doc), -1) if len(doc) else end[:0] for doc in docs]
        table = np.concatenate([part for row in rows for part in (row, end)] or [end[:0]])
        keys = table[:, 0] if table.shape[1] == 1 else (table * _MIX[: table.shape[1]]).sum(axis=1, dtype=np.uint64)
        ids = list(map(self._ids.get, keys.tolist()))
        if None in ids:
            self._resolve(docs[0].vocab, table, keys, ids)
        word = np.array(ids, np.int32)
        sizes = np.array([len(doc) + 1 for doc in docs], np.int64)
        doc = np.repeat(np.arange(len(docs)), sizes)
        token = np.arange(len(doc)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        if len(merged := np.flatnonzero(word <= _SEVERAL)):
            words = [self._several[_SEVERAL - i] for i in word[merged].tolist()]
            counts = np.ones(len(word), np.int64)
            counts[merged] = [len(several) for several in words]
            doc, token, word = np.repeat(doc, counts), np.repeat(token, counts), np.repeat(word, counts)
            word[word <= _SEVERAL] = np.concatenate(words)
        keep = word != SKIP
        return Stream(doc[keep], token[keep], token[keep], word[keep])

    def _resolve(self, vocab: Vocab, table: np.ndarray, keys: np.ndarray, ids: list[int | None]) -> None:
        """Set the ids of the tokens that are not remembered, and remember them."""
        if len(self._ids) > _REMEMBERED:
            self._ids = {0: BREAK}  # those in `ids` still need `_several`
        for i, word in enumerate(ids):
            if word is None:
                key = int(keys[i])
                if key not in self._ids:
                    values = {_NAMES[a]: v for a, v in zip(self.attributes, table[i].tolist(), strict=True)}
                    found = self._word_ids(vocab, **values)
                    if isinstance(found, tuple):
                        self._several.append(found)
                        found = _SEVERAL + 1 - len(self._several)
                    self._ids[key] = found
                ids[i] = self._ids[key]

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_vocab": None, "_ids": {0: BREAK}, "_several": []}


class TermReader:
    """Reads Docs as terms of a fixed vocabulary; `learner.learn` returns one.

    settings (TermSettings): what counts as a term.
    words (Sequence): strings by id: the vocabulary first, then words and phrases that are only parts of phrases.
    size (int): number of words, the first ones, that are the vocabulary.
    forms (Mapping): hash of a word form -> id of its lemma, for documents without lemmas.
    plurals (Mapping): word -> id of its singular, for plurals that neither the pipeline nor the lemma tables know.
    pairs (Sequence): for each round of joining, the (p, 2) pairs of ids and the (p,) ids that they become.
    attributes (Sequence): spaCy's attributes that are read from each token.
    lang (str): the language of the documents that the vocabulary was learnt from.
    rules (int): the rules of reading. By 1, a token is a word if `str.isalpha` says so. By 2, it is read as its words
        (`token_words.token_words`).
    imported (ImportedTerms | None): finds the terms of a vocabulary that was learnt elsewhere.
    """

    def __init__(
        self,
        settings: TermSettings,
        words: Sequence[str] = (),
        size: int = 0,
        forms: Mapping[int, int] | None = None,
        plurals: Mapping[str, int] | None = None,
        pairs: Sequence[tuple[np.ndarray, np.ndarray]] = (),
        attributes: Sequence[int] = ATTRIBUTES,
        lang: str = "",
        rules: int = RULES,
        imported: ImportedTerms | None = None,
    ) -> None:
        self.settings = settings
        self.lang = lang
        self.rules = rules
        self.words = list(words)
        self.size = size
        self.forms = dict(forms or {})
        self.plurals = dict(plurals or {})
        self.shown: dict[str, str] = {}  # the forms that readers see, of terms that are mostly said in another one
        self.pairs = list(pairs)
        self._index = {**{word: i for i, word in enumerate(self.words)}, **self.plurals}
        self.imported = imported
        by_rule = self._word_id if rules == 1 else self._word_ids
        self._tokens = TokenTable(attributes, imported.word_ids if imported else by_rule)

    def terms(self, docs: Sequence[Doc]) -> Stream:
        """The terms of documents in reading order, with phrases joined.

        docs (Sequence): Docs.
        """
        stream = self._tokens.read(docs)
        if self.imported:
            stream = self.imported.find(stream)
        for pairs, ids in self.pairs:
            stream, _ = join(stream, pairs, ids)
        known = (stream.word >= 0) & (stream.word < self.size)
        return Stream(*(column[known] for column in stream))

    def bags(self, docs: Sequence[Doc]) -> Bags:
        """The terms of documents as bags.

        docs (Sequence): Docs.
        """
        stream = self.terms(docs)
        return to_bags(stream.doc, stream.word, len(docs))

    def find(self, text: str) -> str | None:
        """The term of the vocabulary that a word or phrase becomes, or None.

        text (str): the word or phrase.
        """
        doc = Doc(_vocab(self.lang), words=text.lower().split())
        stream = self.terms([doc])
        is_all = len(stream.word) == 1 and stream.token[0] == 0 and stream.last[0] == len(doc) - 1
        return self.words[stream.word[0]] if is_all else None

    def _word_id(self, vocab: Vocab, orth: int, lemma: int = 0, pos: int = 0) -> int:
        lexeme = vocab[orth]
        if not lexeme.is_alpha:
            return BREAK
        return self._id_of(vocab, lexeme.orth_, vocab.strings[lemma] if lemma and self.settings.lemmas else "", pos)

    def _word_ids(self, vocab: Vocab, orth: int, lemma: int = 0, pos: int = 0) -> int | tuple[int, ...]:
        text = vocab.strings[lemma] if lemma and self.settings.lemmas else ""
        return word_ids(vocab.strings[orth], text, lambda word, word_lemma: self._id_of(vocab, word, word_lemma, pos))

    def _id_of(self, vocab: Vocab, word: str, lemma: str, pos: int) -> int:
        lower = word.lower()
        if is_dropped(vocab, word, pos, self.settings):
            return SKIP
        if lemma:
            return self._lemma_id(vocab, lemma)
        form = self.forms.get(get_string_id(word), self.forms.get(get_string_id(lower)))
        return self._lemma_id(vocab, lower) if form is None else form

    def _lemma_id(self, vocab: Vocab, lemma: str) -> int:
        return SKIP if is_function_word(vocab, lemma, self.settings) else self._index.get(lemma.lower(), BREAK)

    def to_dict(self) -> dict[str, Any]:
        """The reader without its vocabulary, as values for JSON."""
        return {
            "settings": asdict(self.settings),
            "parts": self.words[self.size :],
            "forms": {str(form): word for form, word in self.forms.items()},
            "plurals": self.plurals,
            "pairs": [[pairs.tolist(), ids.tolist()] for pairs, ids in self.pairs],
            "attributes": self._tokens.attributes,
            "lang": self.lang,
            "rules": self.rules,
            "shown": self.shown,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], vocabulary: Sequence[str]) -> "TermReader":
        """Make a reader for a model's vocabulary.

        data (Mapping): what `to_dict` returned; or the rules alone, for a model that was trained elsewhere. {} stands for
            rules 1, by which such a model reads lower-cased words and phrases of two words.
        vocabulary (Sequence): the model's terms.
        RAISES InputError: T013, other data.
        """
        if data.get("rules", 1) not in (1, RULES):
            raise InputError(Errors.T013.format(error=f"rules {data['rules']!r:.20}"))
        if not data:
            return cls._of_foreign(vocabulary)
        if set(data) == {"rules"}:
            settings = TermSettings(lemmas=False, stop_words=True, min_chars=1)
            return cls(settings, vocabulary, len(vocabulary), attributes=[ORTH], imported=ImportedTerms(vocabulary))
        try:
            return cls._parse(data, vocabulary)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise InputError(Errors.T013.format(error=f"{type(error).__name__}: {error!s:.80}")) from error

    @classmethod
    def _parse(cls, data: Mapping[str, Any], vocabulary: Sequence[str]) -> "TermReader":
        pairs = [(np.array(p, np.int32).reshape(-1, 2), np.array(ids, np.int32)) for p, ids in data["pairs"]]
        words = [*vocabulary, *data["parts"]]
        forms = {int(form): word for form, word in data["forms"].items()}
        settings = TermSettings(**data["settings"])
        rules = data.get("rules", 1)
        reader = cls(settings, words, len(vocabulary), forms, data["plurals"], pairs, data["attributes"], data["lang"], rules)
        reader.shown = dict(data.get("shown", {}))
        return reader

    @classmethod
    def _of_foreign(cls, vocabulary: Sequence[str]) -> "TermReader":
        settings = TermSettings(lemmas=False, stop_words=True, min_chars=1)
        reader = cls(settings, vocabulary, len(vocabulary), attributes=[ORTH], rules=1)
        pairs = {}
        for term, parts in ((term, term.replace("_", " ").split(" ")) for term in vocabulary):
            if len(parts) == 2 and all(parts):
                for part in parts:
                    if part not in reader._index:
                        reader._index[part] = len(reader.words)
                        reader.words.append(part)
                pairs[reader._index[parts[0]], reader._index[parts[1]]] = reader._index[term]
        if pairs:
            ordered = sorted(pairs)
            reader.pairs = [(np.array(ordered, np.int32), np.array([pairs[pair] for pair in ordered], np.int32))]
        return reader


def is_dropped(vocab: Any, word: str, pos: int, settings: TermSettings) -> bool:
    """Whether a word cannot be a term, whatever its lemma.

    vocab (Vocab): the document's vocabulary.
    word (str): the word.
    pos (int): the part of speech of its token, 0 if it is unknown.
    settings (TermSettings): what counts as a term.
    """
    is_stop = vocab[word].is_stop if word in vocab else _is_stop(vocab, word)  # a user may have made it one, or none
    if (is_stop and not settings.stop_words) or len(word.lower()) < settings.min_chars:
        return True
    return bool(pos) and vocab.strings[pos] not in settings.pos


def is_function_word(vocab: Any, lemma: str, settings: TermSettings) -> bool:
    """Whether a lemma is a stop word or too short.

    vocab (Vocab): the document's vocabulary.
    lemma (str): the lemma.
    settings (TermSettings): what counts as a term.
    """
    return (not settings.stop_words and _is_stop(vocab, lemma)) or len(lemma) < settings.min_chars


def _is_stop(vocab: Any, word: str) -> bool:
    """What the language says, without an entry in the vocabulary."""
    is_stop = vocab.lex_attr_getters.get(IS_STOP)
    return is_stop is not None and is_stop(word)


def join(stream: Stream, pairs: np.ndarray, ids: np.ndarray) -> tuple[Stream, np.ndarray]:
    """Join pairs of words in a stream.

    stream (Stream): the words.
    pairs (ndarray): (p, 2) pairs of word ids, in ascending order.
    ids (ndarray): (p,) the id that each pair becomes.
    RETURNS (tuple): the joined words, and where in `stream` each of them begins.
    """
    joined, begins = phrases.join(stream.word, pairs, ids)
    last = stream.last[np.append(begins, len(stream.word))[1:] - 1]
    return Stream(stream.doc[begins], stream.token[begins], last, joined), begins


@cache
def _vocab(lang: str) -> Vocab:
    """One vocabulary per language, for words outside documents: creating one costs more than a thousand look-ups."""
    return create_vocab(lang or None, get_lang_class(lang).Defaults if lang else BaseDefaults)
