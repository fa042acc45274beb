"""Learns a vocabulary and phrases from Docs, and makes a reader of them."""

from collections.abc import Collection, Iterable, Sequence

import numpy as np
from spacy.attrs import LEMMA, ORTH, POS
from spacy.lookups import Table, load_lookups
from spacy.strings import get_string_id
from spacy.tokens import Doc
from spacy.vocab import Vocab

from spacy_topics import phrases
from spacy_topics.bags import Stream, to_bags
from spacy_topics.errors import Errors, InputError
from spacy_topics.lexicon import words as normal
from spacy_topics.phrases import BREAK
from spacy_topics.terms.reader import ATTRIBUTES, SKIP, TermReader, TokenTable, dropped, is_function_word, join
from spacy_topics.terms.restaurant_names import name_terms
from spacy_topics.terms.settings import TermSettings

_MIN_DOCUMENTS = 20  # max_df applies to at least so many documents: in fewer, no term is too common
_EMPTY = Stream(*(np.zeros(0, np.int32) for _ in Stream._fields))


def learn(
    batches: Iterable[Sequence[Doc]],
    settings: TermSettings,
    *,
    stop_words: Collection[str] = (),
    names: Sequence[str] = (),
) -> tuple[TermReader, Stream, int]:
    """Learn vocabulary and phrases from documents, and read the documents with them.

    batches (Iterable): lists of Docs, read once; only ids of their words are kept in memory.
    settings (TermSettings): what counts as a term.
    stop_words (Collection): words and phrases that are not terms, and are in no phrase that is a term.
    names (Sequence): for each document the name of its restaurant: terms that are only names are left out (see
        `restaurant_names.name_terms`). It is looked at when all documents are read.
    RETURNS (tuple): a reader, the documents' terms in its ids, and the number of documents.
    RAISES InputError: T031, fewer than two terms are left; T038, another number of names than of documents.
    """
    words = _Words(settings)
    stream, count = _read(batches, words)
    known = stream.word >= 0
    total = int(known.sum())
    stream.word[known] = words.singulars()[stream.word[known]]
    pairs, ids = [], []
    for _ in range(settings.phrases):
        pairs.append(phrases.learn(stream.word, settings.phrase_count, settings.phrase_npmi))
        joined = [f"{words.strings[left]} {words.strings[right]}" for left, right in pairs[-1].tolist()]
        ids.append(np.array([words.add(phrase) for phrase in joined], np.int32))
        stream = join(stream, pairs[-1], ids[-1])
    vocabulary = _vocabulary(stream, words.strings, count, settings)
    vocabulary = vocabulary[~_has_stop_word([words.strings[i] for i in vocabulary], stop_words)]
    if len(names) not in (0, count):
        raise InputError(Errors.T038.format(names=len(names), documents=count))
    if names:
        vocabulary = np.setdiff1d(vocabulary, name_terms(stream, words.strings, names), assume_unique=True)
    if len(vocabulary) < 2:
        limits = {"min_df": settings.min_df, "max_df": settings.max_df}
        raise InputError(Errors.T031.format(documents=count, words=total, **limits))
    elements = np.setdiff1d(np.concatenate([*(p.ravel() for p in pairs), *ids, np.zeros(0, np.int32)]), vocabulary)
    reader = words.reader(np.concatenate([vocabulary, elements]).astype(np.int64), len(vocabulary), pairs, ids)
    new_id = np.full(len(words.strings) + 1, BREAK, np.int32)
    new_id[vocabulary] = np.arange(len(vocabulary))
    term = new_id[stream.word]
    known = term >= 0
    return reader, Stream(stream.doc[known], stream.token[known], stream.last[known], term[known]), count


def _read(batches: Iterable[Sequence[Doc]], words: "_Words") -> tuple[Stream, int]:
    parts, count = [], 0
    for docs in batches:
        stream = words.tokens.read(docs)
        numbers = (stream.doc + count).astype(np.int32)
        parts.append((numbers, stream.token.astype(np.int32), stream.last.astype(np.int32), stream.word))
        count += len(docs)
    return Stream(*map(np.concatenate, zip(_EMPTY, *parts, strict=True))), count


def _vocabulary(stream: Stream, words: list[str], count: int, settings: TermSettings) -> np.ndarray:
    """Ids of the words that are neither too rare nor too common, in the order of their strings."""
    known = stream.word >= 0
    bags = to_bags(stream.doc[known], stream.word[known], count)
    df = np.bincount(bags.terms, minlength=len(words))
    tf = np.bincount(bags.terms, weights=bags.counts, minlength=len(words))
    most = settings.max_df * count if count >= _MIN_DOCUMENTS else count
    kept = np.flatnonzero((df >= settings.min_df) & (df <= most))
    if settings.max_terms:
        kept = kept[np.argsort(-tf[kept], kind="stable")][: settings.max_terms]
    return np.array(sorted(kept, key=lambda i: words[i]), np.int64)


def _has_stop_word(terms: Sequence[str], stop_words: Collection[str]) -> np.ndarray:
    """Which terms are or contain one of these words or phrases, in the singular or plural."""
    stops = {f" {' '.join(normal(word))} " for word in stop_words if normal(word)}
    keys = [f" {' '.join(normal(term))} " for term in terms] if stops else []
    return np.array([any(stop in key for stop in stops) for key in keys] or [False] * len(terms), bool)


class _Words:
    """Gives every new word an id, and remembers the lemma of each form.

    settings (TermSettings): what counts as a term.
    """

    def __init__(self, settings: TermSettings) -> None:
        self.settings = settings
        self.strings: list[str] = []
        self.tokens = TokenTable(ATTRIBUTES, self._word_id)
        self._index: dict[str, int] = {}
        self._forms: dict[int, int] = {}
        self._plurals: dict[str, int] = {}
        self._tables: dict[str, tuple[Vocab, Table]] = {}
        self._unlisted: set[int] = set()  # words that neither a lemma table nor a tagger knows
        self._has_lemmas = self._has_tags = False

    def add(self, word: str) -> int:
        """The id of a word; a new word gets a new id.

        word (str): the word.
        """
        number = self._index.setdefault(word, len(self.strings))
        if number == len(self.strings):
            self.strings.append(word)
        return number

    def _word_id(self, vocab: Vocab, orth: int, lemma: int = 0, pos: int = 0) -> int:
        self._has_tags = self._has_tags or pos != 0
        lexeme, table = vocab[orth], self._table(vocab)
        listed = table.get(orth) or table.get(lexeme.lower)
        if listed and not lemma and lexeme.is_alpha:
            self._forms[orth] = self._lemma_id(vocab, listed)
        word = self._id_of(vocab, orth, lemma, pos)
        if lemma and self.settings.lemmas:
            self._has_lemmas = True
            if word >= 0:
                self._forms.setdefault(lexeme.lower, word)
        if word >= 0 and not listed and not pos:
            self._unlisted.add(word)
        return word

    def _id_of(self, vocab: Vocab, orth: int, lemma: int, pos: int) -> int:
        code = dropped(vocab, orth, pos, self.settings)
        if code is not None:
            return code
        if lemma and self.settings.lemmas:
            return self._lemma_id(vocab, vocab.strings[lemma])
        lexeme = vocab[orth]
        form = self._forms.get(orth, self._forms.get(lexeme.lower))
        return self._lemma_id(vocab, lexeme.lower_) if form is None else form

    def _lemma_id(self, vocab: Vocab, lemma: str) -> int:
        return SKIP if is_function_word(vocab, lemma, self.settings) else self.add(lemma.lower())

    def _table(self, vocab: Vocab) -> Table:
        if vocab.lang not in self._tables:
            wanted = vocab.lang and self.settings.lemmas
            lookups = load_lookups(vocab.lang, ["lemma_lookup"], strict=False) if wanted else None
            self._tables[vocab.lang] = (vocab, lookups.get_table("lemma_lookup", {}) if lookups else Table())
        return self._tables[vocab.lang][1]

    def singulars(self) -> np.ndarray:
        """For each word the id of its singular, or its own id: the lemma tables lack most dishes (tacos, pierogis)."""
        singular_of = np.arange(len(self.strings), dtype=np.int32)
        if "en" not in self._tables or not self.settings.lemmas:
            return singular_of
        for word in sorted(self._unlisted):
            plural = self.strings[word]
            singular = self._index.get(plural[:-1])
            if singular is not None and len(plural) > 4 and plural.endswith("s") and not plural.endswith("ss"):
                singular_of[word] = self._plurals[plural] = singular
        return singular_of

    def reader(self, order: np.ndarray, size: int, pairs: list[np.ndarray], ids: list[np.ndarray]) -> TermReader:
        """Make a reader, which has its own ids.

        order (ndarray): ids of its words, in the order of the ids that the reader gives them.
        size (int): number of words, the first ones, that are the vocabulary.
        pairs (list): for each round of joining, the (p, 2) pairs of ids.
        ids (list): for each round of joining, the (p,) ids that the pairs become.
        """
        new_id = np.full(len(self.strings), BREAK, np.int32)
        new_id[order] = np.arange(len(order))
        self._add_listed_forms()
        words = [self.strings[i] for i in order]
        forms = {form: int(new_id[word]) if word >= 0 else word for form, word in sorted(self._forms.items())}
        # A form whose lemma is not a term is kept only if it is also a term itself: if "find" is not a term, neither is its
        # form "found", although "found" may be a term as the lemma of "founded".
        ambiguous = {get_string_id(word) for word in words}
        forms = {form: word for form, word in forms.items() if word != BREAK or form in ambiguous}
        plurals = {plural: int(new_id[word]) for plural, word in self._plurals.items() if new_id[word] != BREAK}
        attributes = [ORTH]
        if self._has_lemmas:
            attributes.append(LEMMA)
        if self._has_tags:
            attributes.append(POS)
        ordered = []
        for pair, joined in zip(pairs, ids, strict=True):
            rank = np.lexsort(new_id[pair].T[::-1])
            ordered.append((new_id[pair][rank], new_id[joined][rank]))
        return TermReader(self.settings, words, size, forms, plurals, ordered, attributes, next(iter(self._tables), ""))

    def _add_listed_forms(self) -> None:
        """Add the forms of the lemma tables that are not in these documents: other documents may have them."""
        for vocab, table in self._tables.values():
            for form, lemma in table.items():
                if form not in self._forms:
                    is_dropped = is_function_word(vocab, lemma, self.settings)
                    self._forms[form] = SKIP if is_dropped else self._index.get(lemma.lower(), BREAK)
