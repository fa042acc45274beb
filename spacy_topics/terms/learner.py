"""Learns a vocabulary and phrases from Docs, and makes a reader of them."""

from collections.abc import Collection, Iterable, Sequence

import numpy as np
from spacy.attrs import LEMMA, ORTH, POS
from spacy.strings import get_string_id
from spacy.tokens import Doc
from spacy.vocab import Vocab

from spacy_topics import phrases
from spacy_topics.bags import Stream, to_bags
from spacy_topics.errors import Errors, InputError
from spacy_topics.linking.names import name_key
from spacy_topics.phrases import BREAK
from spacy_topics.terms.lemmas import lemma_table
from spacy_topics.terms.reader import ATTRIBUTES, SKIP, TermReader, TokenTable, is_dropped, is_function_word, join
from spacy_topics.terms.restaurant_names import name_terms
from spacy_topics.terms.settings import TermSettings
from spacy_topics.terms.token_words import word_ids

_MIN_DOCUMENTS = 20  # max_df applies to at least so many documents: in fewer, no term is too common
_EMPTY = Stream(*(np.zeros(0, np.int32) for _ in Stream._fields))


def learn(
    batches: Iterable[Sequence[Doc]],
    settings: TermSettings,
    *,
    stop_words: Collection[str] = (),
    names: Sequence[str] = (),
    least: int = 2,
) -> tuple[TermReader, Stream, int]:
    """Learn vocabulary and phrases from documents, and read the documents with them.

    batches (Iterable): lists of Docs, read once; only ids of their words are kept in memory.
    settings (TermSettings): what counts as a term.
    stop_words (Collection): words and phrases that are not terms, and are in no phrase that is a term.
    names (Sequence): for each document the name of its restaurant: terms that are only names are left out (see
        `restaurant_names.name_terms`). It is looked at when all documents are read.
    least (int): minimum number of terms, 2 for a model; fewer are enough to add to one.
    RETURNS (tuple): a reader, the documents' terms in its ids, and the number of documents.
    RAISES InputError: T031, too few terms are left; T038, another number of names than of documents.
    """
    words = _Words(settings)
    said, count = _read(batches, words)
    known = said.word >= 0
    total = int(known.sum())
    stream, first = said._replace(word=said.word.copy()), np.arange(len(said.word))
    stream.word[known] = words.singulars()[words.lemmas()[said.word[known]]]
    pairs, ids = [], []
    for _ in range(settings.phrases):
        pairs.append(phrases.learn(stream.word, settings.phrase_count, settings.phrase_npmi))
        joined = [f"{words.strings[left]} {words.strings[right]}" for left, right in pairs[-1].tolist()]
        ids.append(np.array([words.add(phrase) for phrase in joined], np.int32))
        stream, begins = join(stream, pairs[-1], ids[-1])
        first = first[begins]
    vocabulary = _vocabulary(stream, words.strings, count, settings)
    vocabulary = vocabulary[~_has_stop_word([words.strings[i] for i in vocabulary], stop_words)]
    if len(names) not in (0, count):
        raise InputError(Errors.T038.format(names=len(names), documents=count))
    if names:
        vocabulary = np.setdiff1d(vocabulary, name_terms(stream, words.strings, names), assume_unique=True)
    if len(vocabulary) < least:
        limits = {"min_df": settings.min_df, "max_df": settings.max_df}
        raise InputError(Errors.T031.format(documents=count, words=total, **limits))
    elements = np.setdiff1d(np.concatenate([*(p.ravel() for p in pairs), *ids, np.zeros(0, np.int32)]), vocabulary)
    reader = words.reader(np.concatenate([vocabulary, elements]).astype(np.int64), len(vocabulary), pairs, ids)
    reader.shown = words.commonest_forms(stream.word, said.word, first, vocabulary)
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
    stops = {f" {name_key(word)} " for word in stop_words if name_key(word)}
    keys = [f" {name_key(term)} " for term in terms] if stops else []
    return np.array([any(stop in key for stop in stops) for key in keys] or [False] * len(terms), bool)


class _Words:
    """Gives every new word an id, and every pair of a word and the form in which it is said.

    settings (TermSettings): what counts as a term.
    """

    def __init__(self, settings: TermSettings) -> None:
        self.settings = settings
        self.strings: list[str] = []
        self.tokens = TokenTable(ATTRIBUTES, self._said_ids)
        self._index: dict[str, int] = {}
        self._said: dict[tuple[int, str], int] = {}
        self._forms: dict[int, int] = {}
        self._plurals: dict[str, int] = {}
        self._vocabs: dict[str, Vocab] = {}
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

    def lemmas(self) -> np.ndarray:
        """The word of each pair."""
        return np.array([word for word, _ in self._said], np.int32)

    def _said_ids(self, vocab: Vocab, orth: int, lemma: int = 0, pos: int = 0) -> int | tuple[int, ...]:
        self._has_tags = self._has_tags or pos != 0
        self._has_lemmas = self._has_lemmas or (lemma != 0 and self.settings.lemmas)
        self._vocabs.setdefault(vocab.lang, vocab)
        text = vocab.strings[lemma] if lemma and self.settings.lemmas else ""
        return word_ids(vocab.strings[orth], text, lambda form, known: self._said_id(vocab, form, known, pos))

    def _said_id(self, vocab: Vocab, form: str, lemma: str, pos: int) -> int:
        word = self._word_id(vocab, form, lemma, pos)
        return word if word < 0 else self._said.setdefault((word, form.lower()), len(self._said))

    def _word_id(self, vocab: Vocab, form: str, lemma: str, pos: int) -> int:
        orth, lower, table = get_string_id(form), form.lower(), self._table(vocab.lang)
        listed = table.get(orth) or table.get(get_string_id(lower))
        if listed and not lemma:
            self._forms[orth] = self._lemma_id(vocab, listed)
        if is_dropped(vocab, form, pos, self.settings):
            return SKIP
        if lemma:
            word = self._lemma_id(vocab, lemma)
            if word >= 0:
                self._forms.setdefault(get_string_id(lower), word)
        else:
            known = self._forms.get(orth, self._forms.get(get_string_id(lower)))
            word = self._lemma_id(vocab, lower) if known is None else known
        if word >= 0 and not listed and not pos:
            self._unlisted.add(word)
        return word

    def _lemma_id(self, vocab: Vocab, lemma: str) -> int:
        return SKIP if is_function_word(vocab, lemma, self.settings) else self.add(lemma.lower())

    def _table(self, lang: str) -> dict[int, str]:
        return lemma_table(lang) if self.settings.lemmas else {}

    def singulars(self) -> np.ndarray:
        """For each word the id of its singular, or its own id: the lemma tables lack most dishes (tacos, pierogis)."""
        singular_of = np.arange(len(self.strings), dtype=np.int32)
        if "en" not in self._vocabs or not self.settings.lemmas:
            return singular_of
        for word in sorted(self._unlisted):
            plural = self.strings[word]
            singular = self._index.get(plural[:-1])
            if singular is not None and len(plural) > 4 and plural.endswith("s") and not plural.endswith("ss"):
                singular_of[word] = self._plurals[plural] = singular
        return singular_of

    def commonest_forms(self, words: np.ndarray, said: np.ndarray, first: np.ndarray, shown: np.ndarray) -> dict[str, str]:
        """The form in which each word or phrase is said most often.

        words (ndarray): (n,) words and phrases in reading order.
        said (ndarray): (m,) ids of the pairs of word and form in reading order.
        first (ndarray): (n,) where in `said` each of the words and phrases begins.
        shown (ndarray): the words and phrases that are wanted.
        RETURNS (dict): word -> form, of those that are said in another form most often.
        """
        forms = [form for _, form in self._said]
        size = np.append(first, len(said))[1:] - first
        wanted = np.isin(words, shown)
        best: dict[str, tuple[int, str]] = {}
        for length in np.unique(size[wanted]).tolist():
            rows = np.flatnonzero(wanted & (size == length))
            parts = said[first[rows][:, None] + np.arange(length)]
            kinds, counts = np.unique(np.column_stack([words[rows], parts]), axis=0, return_counts=True)
            for (word, *ids), count in zip(kinds.tolist(), counts.tolist(), strict=True):
                name, form = self.strings[word], " ".join(forms[i] for i in ids)
                best[name] = min(best.get(name, (0, name)), (-count, form))
        return {name: form for name, (_, form) in sorted(best.items()) if form != name}

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
        return TermReader(self.settings, words, size, forms, plurals, ordered, attributes, next(iter(self._vocabs), ""))

    def _add_listed_forms(self) -> None:
        """Add the forms of the lemma tables that are not in these documents: other documents may have them."""
        for lang, vocab in self._vocabs.items():
            for form, lemma in self._table(lang).items():
                if form not in self._forms:
                    is_dropped = is_function_word(vocab, lemma, self.settings)
                    self._forms[form] = SKIP if is_dropped else self._index.get(lemma.lower(), BREAK)
