"""Food vectors: Word2Vec over reviews and over the cuisines' lists, as the vectors of a spaCy vocabulary."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import spacy
from spacy.language import Language
from spacy.vectors import Vectors

from corpora.cuisines import cuisines
from spacy_topics.errors import Errors, InputError

WIDTH = 100


def fit_vectors(texts: Iterable[str], *, width: int = WIDTH, epochs: int = 0, min_count: int = 2, seed: int = 0) -> Language:
    """Learn vectors from texts and the cuisines' lists (gensim's skip-gram; Mikolov et al. 2013).

    texts (Iterable): reviews; they are split into words as blank English splits them, lower-cased.
    width (int): numbers a vector. epochs (int): passes; 0: as many as read five million words, 5 to 50.
    min_count (int): occurrences that a word needs. seed (int): one seed gives the same vectors every time.
    RETURNS (Language): blank English with the vectors, for `nlp.to_disk` and `[initialize] vectors = PATH`. A word has
        the same one in lower case, with a capital and in capitals (spaCy saves no `attr` by which to look vectors up).
    RAISES InputError: T060, no word is left.
    """
    from gensim.models import Word2Vec

    nlp = spacy.blank("en")
    sentences = [[token.lower_ for token in doc if not token.is_space] for doc in map(nlp.make_doc, texts)]
    sentences += _lists(nlp)
    epochs = epochs or int(np.clip(5e6 / sum(map(len, sentences)), 5, 50))
    model = Word2Vec(vector_size=width, window=5, min_count=min_count, sg=1, workers=1, epochs=epochs, seed=seed)
    model.build_vocab(sentences)
    if not len(model.wv):
        raise InputError(Errors.T060.format(min_count=min_count))
    model.train(sentences, total_examples=len(sentences), epochs=epochs)
    known = model.wv.index_to_key
    keys = [nlp.vocab.strings.add(word) for word in known]
    nlp.vocab.vectors = Vectors(strings=nlp.vocab.strings, data=model.wv.vectors, keys=keys, name="food_vectors")
    for row, word in enumerate(known):
        for form in {word.capitalize(), word.upper()} - model.wv.key_to_index.keys():
            nlp.vocab.vectors.add(nlp.vocab.strings.add(form), row=row)
    return nlp


def _lists(nlp: Language) -> list[list[str]]:
    """The cuisines' lists as sentences, each item with its name and its neighbours: like stands beside like in a list."""
    lists = []
    for cuisine in cuisines().values():
        for items in (cuisine.dishes, cuisine.ingredients):
            for start in range(0, len(items), 2):
                listed = " ".join((cuisine.names[0], *items[start : start + 4]))
                lists.append([token.lower_ for token in nlp.make_doc(listed)])
    return lists


def similar_words(nlp: Language, add: Sequence[str], subtract: Sequence[str] = (), count: int = 10) -> list[dict[str, Any]]:
    """Words whose vectors are nearest to a sum: similar_words(nlp, ["sushi", "mexican"], ["japanese"]).

    nlp (Language): a pipeline with vectors.
    add (Sequence): words, or several separated by blanks (their mean).
    subtract (Sequence): likewise.
    count (int): maximum number of words.
    RETURNS (list): dicts of word and cosine, best first, without the words given.
    RAISES InputError: T061, the pipeline has no vectors; T062, a word that has none (names near ones by spelling).
    """
    vectors = nlp.vocab.vectors
    if not vectors.shape[0] or vectors.mode != "default":
        raise InputError(Errors.T061)
    place = {nlp.vocab.strings[key]: row for key, row in vectors.key2row.items()}
    named = {row: word for word, row in reversed(place.items())}  # of several with one vector the first, the one learnt
    data = vectors.data.astype(np.float64)
    unit = data / np.maximum(np.linalg.norm(data, axis=1, keepdims=True), 1e-12)
    given: set[int] = set()

    def mean(phrase: str) -> np.ndarray:
        known = [place[word] for word in phrase.lower().split() if word in place]
        if not known:
            raise InputError(Errors.T062.format(word=f"{phrase!r:.60}", near=_near(phrase.lower(), named.values())))
        given.update(known)
        return unit[known].mean(axis=0)

    target = sum((mean(phrase) for phrase in add), np.zeros(data.shape[1])) - sum(
        (mean(phrase) for phrase in subtract), np.zeros(data.shape[1])
    )
    cosine = unit @ target / max(float(np.linalg.norm(target)), 1e-12)
    order = [row for row in np.argsort(-cosine, kind="stable").tolist() if row in named and row not in given][:count]
    return [{"word": named[row], "cosine": round(float(cosine[row]), 4)} for row in order]


def _near(word: str, known: Iterable[str]) -> str:
    from difflib import get_close_matches

    return ", ".join(get_close_matches(word, list(known), n=3)) or "none is spelt alike"
