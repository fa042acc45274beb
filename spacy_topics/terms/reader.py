"""Doc -> terms: the lemmas of its content words, and the phrases that they form.

Documents are read from `doc.to_array` a batch at a time; each distinct token is looked at once and remembered by its
hash, so that reading costs one dictionary look-up a token.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from spacy.attrs import IS_STOP, LEMMA, ORTH, POS
from spacy.language import BaseDefaults
from spacy.lookups import Table, load_lookups
from spacy.strings import get_string_id
from spacy.tokens import Doc
from spacy.util import get_lang_class
from spacy.vocab import Vocab, create_vocab

from spacy_topics import phrases
from spacy_topics.errors import Errors, InputError, number, whole
from spacy_topics.fold_in import Bags, to_bags
from spacy_topics.phrases import BREAK

_SKIP = -2  # the id of a stop word: dropped, but "mac and cheese" is a phrase all the same
_ATTRIBUTES = (ORTH, LEMMA, POS)
_MIX = np.array([1, 0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F], np.uint64)  # odd: columns of hashes -> one key
_FEW = 20  # in fewer documents no term is too common
_REMEMBERED = 50_000  # distinct tokens remembered at most, so that endless streams stay flat in memory


@dataclass(frozen=True)
class TermSettings:
    """What makes a term.

    lemmas (bool): lemmas instead of lower-cased words: the pipeline's, or else those of spacy-lookups-data's tables.
    stop_words (bool): keep stop words.
    pos (Sequence): parts of speech that are kept where a tagger ran.
    min_chars (int): characters that a word needs.
    phrases (int): rounds of joining pairs: 0 none, 1 bigrams, 2 up to four words.
    phrase_count, phrase_npmi (int, float): how often, and with which normalised PMI, a pair must occur to be joined.
    min_df (int), max_df (float): a term is kept when it is in at least min_df documents, at most a share of max_df
        (of 20 documents or more).
    max_terms (int): keep the most frequent so many; 0 keeps all.
    """

    lemmas: bool = True
    stop_words: bool = False
    pos: Sequence[str] = ("NOUN", "PROPN", "ADJ", "VERB")
    min_chars: int = 2
    phrases: int = 2
    phrase_count: int = 5
    phrase_npmi: float = 0.5
    min_df: int = 3
    max_df: float = 0.5
    max_terms: int = 0

    def __post_init__(self) -> None:
        """RAISES InputError: T032, a value that makes no sense."""
        for what, allowed, good in (
            ("lemmas", "true or false", isinstance(self.lemmas, bool)),
            ("stop_words", "true or false", isinstance(self.stop_words, bool)),
            ("pos", "a list of parts of speech", not isinstance(self.pos, str) and isinstance(self.pos, Sequence)),
            ("min_chars", "1 or more", whole(self.min_chars, 1)),
            ("phrases", "0, 1 or 2", whole(self.phrases, 0, 2)),
            ("phrase_count", "1 or more", whole(self.phrase_count, 1)),
            ("phrase_npmi", "a number from -1 to 1", number(self.phrase_npmi, -1, 1)),
            ("min_df", "1 or more", whole(self.min_df, 1)),
            ("max_df", "a share above 0, at most 1", number(self.max_df, 1e-12, 1)),
            ("max_terms", "0 or more", whole(self.max_terms, 0)),
        ):
            if not good:
                raise InputError(Errors.T032.format(what=what, allowed=allowed, got=repr(getattr(self, what))))
        object.__setattr__(self, "pos", tuple(self.pos))


@cache
def _vocab(lang: str) -> Vocab:
    """One vocabulary a language for words that stand in no document: making one costs more than a thousand look-ups."""
    return create_vocab(lang or None, get_lang_class(lang).Defaults if lang else BaseDefaults)


class Stream(NamedTuple):
    """Words or terms in reading order: the document of each, its first and last token, and its id."""

    doc: np.ndarray  # (n,) integers
    token: np.ndarray  # (n,) integers
    last: np.ndarray  # (n,) integers
    word: np.ndarray  # (n,) int32


class TermReader:
    """Reads Docs as terms of a fixed vocabulary; `learn` makes one.

    settings (TermSettings): what makes a term.
    words (list): strings by id: the vocabulary first, then words and phrases that are only parts of phrases.
    size (int): how many of them are the vocabulary.
    forms (dict): hash of a word form -> id of its lemma, for documents without lemmas.
    plurals (dict): word -> id of its singular, where neither pipeline nor tables know it.
    pairs (list): for each round of joining, the (p, 2) pairs of ids and the (p,) ids that they become.
    attributes (tuple): what is read of each token.
    lang (str): the language of the first document.
    """

    def __init__(
        self,
        settings: TermSettings,
        words: Sequence[str] = (),
        size: int = 0,
        forms: Mapping[int, int] | None = None,
        plurals: Mapping[str, int] | None = None,
        pairs: Sequence[tuple[np.ndarray, np.ndarray]] = (),
        attributes: Sequence[int] = _ATTRIBUTES,
        lang: str = "",
    ) -> None:
        self.settings = settings
        self.lang = lang
        self.words = list(words)
        self.size = size
        self.forms = dict(forms or {})
        self.plurals = dict(plurals or {})
        self.pairs = list(pairs)
        self.attributes: list[Any] = list(attributes)
        self._index = {**{word: i for i, word in enumerate(self.words)}, **self.plurals}
        self._vocab: Vocab | None = None
        self._cache: dict[int, int] = {0: BREAK}

    def terms(self, docs: Sequence[Doc]) -> Stream:
        """The terms of the vocabulary in each document, phrases joined."""
        stream = self.read(docs)
        for pairs, ids in self.pairs:
            stream = _joined(stream, pairs, ids)
        known = (stream.word >= 0) & (stream.word < self.size)
        return Stream(*(column[known] for column in stream))

    def find(self, text: str) -> str | None:
        """The one term of the vocabulary that a word or phrase is, or None."""
        doc = Doc(_vocab(self.lang), words=text.lower().split())
        stream = self.terms([doc])
        whole_ = len(stream.word) == 1 and stream.token[0] == 0 and stream.last[0] == len(doc) - 1
        return self.words[stream.word[0]] if whole_ else None

    def bags(self, docs: Sequence[Doc]) -> Bags:
        """The terms of each document as a bag."""
        stream = self.terms(docs)
        return to_bags(stream.doc, stream.word, len(docs))

    def read(self, docs: Sequence[Doc]) -> Stream:
        """Each document's words before joining, with BREAK where no phrase may cross and at its end."""
        if any(doc.vocab is not docs[0].vocab for doc in docs):
            parts = [self.read([doc]) for doc in docs]
            parts = [part._replace(doc=part.doc + number) for number, part in enumerate(parts)]
            return Stream(*map(np.concatenate, zip(*parts, strict=True)))
        if docs and docs[0].vocab is not self._vocab:  # stop words are the vocabulary's, so another remembers nothing
            self._vocab, self._cache = docs[0].vocab, {0: BREAK}
        end = np.zeros((1, len(self.attributes)), np.uint64)
        rows = [doc.to_array(self.attributes).reshape(len(doc), -1) if len(doc) else end[:0] for doc in docs]
        table = np.concatenate([part for row in rows for part in (row, end)] or [end[:0]])
        keys = table[:, 0] if table.shape[1] == 1 else (table * _MIX[: table.shape[1]]).sum(axis=1, dtype=np.uint64)
        found = list(map(self._cache.get, keys.tolist()))
        if None in found:
            self._resolve(docs[0].vocab, table, keys, found)
        word = np.array(found, np.int32)
        sizes = np.array([len(doc) + 1 for doc in docs], np.int64)
        doc = np.repeat(np.arange(len(docs)), sizes)
        token = np.arange(len(doc)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        keep = word != _SKIP
        return Stream(doc[keep], token[keep], token[keep], word[keep])

    def _resolve(self, vocab: Vocab, table: np.ndarray, keys: np.ndarray, found: list[int | None]) -> None:
        """Look at the tokens that are not remembered."""
        if len(self._cache) > _REMEMBERED:
            self._cache = {0: BREAK}
        for i, word in enumerate(found):
            if word is None:
                key = int(keys[i])
                if key not in self._cache:
                    values = {_NAMES[a]: v for a, v in zip(self.attributes, table[i].tolist(), strict=True)}
                    self._cache[key] = self._word(vocab, **values)
                found[i] = self._cache[key]

    def _word(self, vocab: Vocab, orth: int, lemma: int = 0, pos: int = 0) -> int:
        """The id of one token's word, _SKIP or BREAK."""
        lexeme = vocab[orth]
        if not lexeme.is_alpha:
            return BREAK
        if (lexeme.is_stop and not self.settings.stop_words) or len(lexeme.lower_) < self.settings.min_chars:
            return _SKIP
        if pos and vocab.strings[pos] not in self.settings.pos:
            return _SKIP
        if lemma and self.settings.lemmas:
            return self._lemma(vocab, vocab.strings[lemma])
        form = self.forms.get(orth, self.forms.get(lexeme.lower))
        return self._lemma(vocab, lexeme.lower_) if form is None else form

    def _lemma(self, vocab: Vocab, lemma: str) -> int:
        return _SKIP if self._dropped(vocab, lemma) else self._id(lemma.lower())

    def _dropped(self, vocab: Any, lemma: str) -> bool:
        """Whether a lemma is a stop word or too short."""
        is_stop = vocab.lex_attr_getters.get(IS_STOP)
        stops = not self.settings.stop_words and is_stop is not None and is_stop(lemma)
        return stops or len(lemma) < self.settings.min_chars

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_vocab": None, "_cache": {0: BREAK}}

    def _id(self, word: str) -> int:
        return self._index.get(word, BREAK)

    def to_dict(self) -> dict[str, Any]:
        """The reader without its vocabulary, as JSON."""
        return {
            "settings": asdict(self.settings),
            "parts": self.words[self.size :],
            "forms": {str(form): word for form, word in self.forms.items()},
            "plurals": self.plurals,
            "pairs": [[pairs.tolist(), ids.tolist()] for pairs, ids in self.pairs],
            "attributes": self.attributes,
            "lang": self.lang,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], vocabulary: Sequence[str]) -> "TermReader":
        """A reader for a model's vocabulary; {} (a model from elsewhere) reads lower-cased words and known phrases."""
        if not data:
            return cls._foreign(vocabulary)
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
        return cls(settings, words, len(vocabulary), forms, data["plurals"], pairs, data["attributes"], data["lang"])

    @classmethod
    def _foreign(cls, vocabulary: Sequence[str]) -> "TermReader":
        reader = cls(TermSettings(lemmas=False, stop_words=True, min_chars=1), vocabulary, len(vocabulary), attributes=[ORTH])
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


class _Learner(TermReader):
    """A reader that gives every new word an id, and remembers which lemma each form got."""

    def __init__(self, settings: TermSettings) -> None:
        super().__init__(settings)
        self._tables: dict[str, tuple[Vocab, Table]] = {}
        self._unlisted: set[int] = set()  # words that neither a lemma table nor a tagger knows
        self.annotated = self.tagged = False

    def _word(self, vocab: Vocab, orth: int, lemma: int = 0, pos: int = 0) -> int:
        self.tagged = self.tagged or pos != 0
        lexeme, table = vocab[orth], self._table(vocab)
        listed = table.get(orth) or table.get(lexeme.lower)
        if listed and not lemma and lexeme.is_alpha:
            self.forms[orth] = self._lemma(vocab, listed)
        word = super()._word(vocab, orth, lemma, pos)
        if lemma and self.settings.lemmas:
            self.annotated = True
            if word >= 0:
                self.forms.setdefault(lexeme.lower, word)
        if word >= 0 and not listed and not pos:
            self._unlisted.add(word)
        return word

    def _id(self, word: str) -> int:
        place = self._index.setdefault(word, len(self.words))
        if place == len(self.words):
            self.words.append(word)
        return place

    def _table(self, vocab: Vocab) -> Table:
        if vocab.lang not in self._tables:
            wanted = vocab.lang and self.settings.lemmas
            lookups = load_lookups(vocab.lang, ["lemma_lookup"], strict=False) if wanted else None
            self._tables[vocab.lang] = (vocab, lookups.get_table("lemma_lookup", {}) if lookups else Table())
        return self._tables[vocab.lang][1]

    def singulars(self) -> np.ndarray:
        """For each word the id of what it is a plural of, or its own: the tables lack most dishes (tacos, pierogis)."""
        became = np.arange(len(self.words), dtype=np.int32)
        for word in sorted(self._unlisted) if "en" in self._tables and self.settings.lemmas else ():
            plural = self.words[word]
            singular = self._index.get(plural[:-1])
            if singular is not None and len(plural) > 4 and plural.endswith("s") and not plural.endswith("ss"):
                became[word] = self.plurals[plural] = singular
        return became

    def freeze(self, order: np.ndarray, size: int, pairs: list[np.ndarray], ids: list[np.ndarray]) -> TermReader:
        """A reader of the words `order` (their ids here), of which the first `size` are the vocabulary."""
        place = np.full(len(self.words), BREAK, np.int32)
        place[order] = np.arange(len(order))
        for vocab, table in self._tables.values():
            for form, lemma in table.items():  # forms that these documents did not have, but others will
                if form not in self.forms:
                    known = self._index.get(lemma.lower(), BREAK)
                    self.forms[form] = _SKIP if self._dropped(vocab, lemma) else known
        words = [self.words[i] for i in order]
        forms = {form: int(place[word]) if word >= 0 else word for form, word in sorted(self.forms.items())}
        # "found" is no term where "find" is none, though "found" may be one, as the lemma of "founded"
        ambiguous = {get_string_id(word) for word in words}
        forms = {form: word for form, word in forms.items() if word != BREAK or form in ambiguous}
        plurals = {plural: int(place[word]) for plural, word in self.plurals.items() if place[word] != BREAK}
        attributes = [ORTH] + [LEMMA] * self.annotated + [POS] * self.tagged
        ordered = []
        for pair, became in zip(pairs, ids, strict=True):
            rank = np.lexsort(place[pair].T[::-1])
            ordered.append((place[pair][rank], place[became][rank]))
        return TermReader(self.settings, words, size, forms, plurals, ordered, attributes, next(iter(self._tables), ""))


_NONE = Stream(*(np.zeros(0, np.int32) for _ in Stream._fields))
_NAMES = {ORTH: "orth", LEMMA: "lemma", POS: "pos"}


def learn(batches: Iterable[Sequence[Doc]], settings: TermSettings) -> tuple[TermReader, Stream, int]:
    """Learn vocabulary and phrases from documents, and read them; integers are all that is held of the documents.

    batches (Iterable): lists of Docs, read once.
    settings (TermSettings): what makes a term.
    RETURNS (tuple): a reader, the documents' terms in its ids, and how many documents there were.
    RAISES InputError: T031, no term is left.
    """
    learner, parts, count = _Learner(settings), [], 0
    for docs in batches:
        stream = learner.read(docs)
        numbers = (stream.doc + count).astype(np.int32)
        parts.append((numbers, stream.token.astype(np.int32), stream.last.astype(np.int32), stream.word))
        count += len(docs)
    stream = Stream(*map(np.concatenate, zip(_NONE, *parts, strict=True)))
    del parts
    known = stream.word >= 0
    total = int(known.sum())
    stream.word[known] = learner.singulars()[stream.word[known]]
    pairs, ids = [], []
    for _ in range(settings.phrases):
        pairs.append(phrases.learn(stream.word, settings.phrase_count, settings.phrase_npmi))
        names = [f"{learner.words[left]} {learner.words[right]}" for left, right in pairs[-1].tolist()]
        ids.append(np.array([learner._id(name) for name in names], np.int32))
        stream = _joined(stream, pairs[-1], ids[-1])
    vocabulary = _vocabulary(stream, learner.words, count, settings)
    if len(vocabulary) < 2:
        limits = {"min_df": settings.min_df, "max_df": settings.max_df}
        raise InputError(Errors.T031.format(documents=count, words=total, **limits))
    elements = np.setdiff1d(np.concatenate([*(p.ravel() for p in pairs), *ids, np.zeros(0, np.int32)]), vocabulary)
    reader = learner.freeze(np.concatenate([vocabulary, elements]).astype(np.int64), len(vocabulary), pairs, ids)
    place = np.full(len(learner.words) + 1, BREAK, np.int32)
    place[vocabulary] = np.arange(len(vocabulary))
    term = place[stream.word]
    known = term >= 0
    return reader, Stream(stream.doc[known], stream.token[known], stream.last[known], term[known]), count


def _joined(stream: Stream, pairs: np.ndarray, ids: np.ndarray) -> Stream:
    """The stream with the pairs joined; pair i becomes ids[i]."""
    joined, begins = phrases.join(stream.word, pairs, ids)
    last = stream.last[np.append(begins, len(stream.word))[1:] - 1]
    return Stream(stream.doc[begins], stream.token[begins], last, joined)


def _vocabulary(stream: Stream, words: list[str], count: int, settings: TermSettings) -> np.ndarray:
    """Ids of the words that are neither too rare nor too common, in the order of their strings."""
    known = stream.word >= 0
    bags = to_bags(stream.doc[known], stream.word[known], count)
    df = np.bincount(bags.terms, minlength=len(words))
    tf = np.bincount(bags.terms, weights=bags.counts, minlength=len(words))
    most = settings.max_df * count if count >= _FEW else count
    kept = np.flatnonzero((df >= settings.min_df) & (df <= most))
    if settings.max_terms:
        kept = kept[np.argsort(-tf[kept], kind="stable")][: settings.max_terms]
    return np.array(sorted(kept, key=lambda i: words[i]), np.int64)
