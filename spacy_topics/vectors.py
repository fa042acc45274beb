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

    texts (Iterable): reviews; they are split into words as blank English splits them, and lower-cased.
    width (int): length of the vectors.
    epochs (int): number of passes over the words; 0 chooses 5 to 50, so that five million words are read in total.
    min_count (int): minimum number of occurrences of a word.
    seed (int): random seed; the same seed gives the same vectors.
    RETURNS (Language): blank English with the vectors, for `nlp.to_disk` and `[initialize] vectors = PATH`. A word has
        the same vector in lower case, with a capital and in capitals (spaCy does not save the `attr` for looking them up).
    RAISES InputError: T060, no word occurs so often.
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
    """The cuisines' lists as sentences of a cuisine's name and up to four items: neighbours in a list are similar."""
    lists = []
    for cuisine in cuisines().values():
        for items in (cuisine.dishes, cuisine.ingredients):
            for start in range(0, len(items), 2):
                listed = " ".join((cuisine.names[0], *items[start : start + 4]))
                lists.append([token.lower_ for token in nlp.make_doc(listed)])
    return lists


def similar_words(nlp: Language, add: Sequence[str], subtract: Sequence[str] = (), count: int = 10) -> list[dict[str, Any]]:
    """Find the words whose vectors are nearest to a sum: similar_words(nlp, ["sushi", "mexican"], ["japanese"]).

    nlp (Language): a pipeline with vectors.
    add (Sequence): words to add; of several words separated by spaces, the mean is used.
    subtract (Sequence): words to subtract, in the same form.
    count (int): maximum number of words to return.
    RETURNS (list): dicts of word and cosine, best first, without the words in `add` and `subtract`.
    RAISES InputError: T061, the pipeline has no vectors; T062, a word that has no vector (suggests similar spellings).
    """
    vectors = nlp.vocab.vectors
    if not vectors.shape[0] or vectors.mode != "default":
        raise InputError(Errors.T061)
    row_of = {nlp.vocab.strings[key]: row for key, row in vectors.key2row.items()}
    # Of several words with the same vector, the first: the form that was learnt.
    named = {row: word for word, row in reversed(row_of.items())}
    data = vectors.data.astype(np.float64)
    unit = data / np.maximum(np.linalg.norm(data, axis=1, keepdims=True), 1e-12)
    used: set[int] = set()

    def mean(phrase: str) -> np.ndarray:
        known = [row_of[word] for word in phrase.lower().split() if word in row_of]
        if not known:
            raise InputError(Errors.T062.format(word=f"{phrase!r:.60}", near=_near(phrase.lower(), named.values())))
        used.update(known)
        return unit[known].mean(axis=0)

    zero = np.zeros(data.shape[1])
    target = sum(map(mean, add), zero) - sum(map(mean, subtract), zero)
    cosine = unit @ target / max(float(np.linalg.norm(target)), 1e-12)
    order = [row for row in np.argsort(-cosine, kind="stable").tolist() if row in named and row not in used][:count]
    return [{"word": named[row], "cosine": round(float(cosine[row]), 4)} for row in order]


def _near(word: str, known: Iterable[str]) -> str:
    from difflib import get_close_matches

    return ", ".join(get_close_matches(word, list(known), n=3)) or "none"
