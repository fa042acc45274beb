"""Food vectors: Word2Vec over reviews and over the cuisines' lists, as the vectors of a spaCy vocabulary."""

from collections.abc import Iterable, Sequence

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
    RETURNS (Language): blank English with the vectors, for `nlp.to_disk` and `[initialize] vectors = PATH`. They are
        looked up by the lower-cased word.
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
    keys = [nlp.vocab.strings.add(word) for word in model.wv.index_to_key]
    nlp.vocab.vectors = Vectors(strings=nlp.vocab.strings, data=model.wv.vectors, keys=keys, name="food_vectors", attr="LOWER")
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


def similar(nlp: Language, add: Sequence[str], subtract: Sequence[str] = (), count: int = 10) -> list[tuple[str, float]]:
    """Words whose vectors lie nearest to a sum: similar(nlp, ["pasta"]); similar(nlp, ["sushi", "mexican"], ["japanese"]).

    nlp (Language): a pipeline with vectors. add, subtract (Sequence): words, or several with blanks between (their mean).
    RETURNS (list): (word, cosine) pairs, best first, without the words given.
    RAISES InputError: T061, the pipeline has no vectors; T062, a word that has none (names near ones by spelling).
    """
    vectors = nlp.vocab.vectors
    if not vectors.shape[0] or vectors.mode != "default":
        raise InputError(Errors.T061)
    keys = sorted(vectors.key2row, key=vectors.key2row.__getitem__)
    rows = np.array([vectors.key2row[key] for key in keys])
    data = vectors.data[rows].astype(np.float64)
    unit = data / np.maximum(np.linalg.norm(data, axis=1, keepdims=True), 1e-12)
    place = {nlp.vocab.strings[key]: i for i, key in enumerate(keys)}
    given: set[int] = set()

    def mean(phrase: str) -> np.ndarray:
        known = [place[word] for word in phrase.lower().split() if word in place]
        if not known:
            raise InputError(Errors.T062.format(word=f"{phrase!r:.60}", near=_near(phrase.lower(), place)))
        given.update(known)
        return unit[known].mean(axis=0)

    target = sum((mean(phrase) for phrase in add), np.zeros(data.shape[1])) - sum(
        (mean(phrase) for phrase in subtract), np.zeros(data.shape[1])
    )
    cosine = unit @ target / max(float(np.linalg.norm(target)), 1e-12)
    order = [i for i in np.argsort(-cosine, kind="stable").tolist() if i not in given][:count]
    return [(nlp.vocab.strings[keys[i]], float(cosine[i])) for i in order]


def _near(word: str, known: Iterable[str]) -> str:
    from difflib import get_close_matches

    return ", ".join(get_close_matches(word, list(known), n=3)) or "none is spelt alike"
