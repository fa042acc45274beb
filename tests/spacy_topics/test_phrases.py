import numpy as np
from gensim.models.phrases import Phrases
from hypothesis import given
from hypothesis import strategies as st

from spacy_topics.phrases import BREAK, join, learn

streams = st.lists(st.lists(st.integers(0, 5), min_size=0, max_size=12), min_size=1, max_size=8)


def flat(sentences):
    return np.array([word for sentence in sentences for word in [*sentence, BREAK]], np.int32)


@given(streams)
def test_joins_as_gensim_does(sentences):
    words = flat(sentences)
    pairs = learn(words, 2, 0.1)
    strings = [[str(word) for word in sentence] for sentence in sentences if len(sentence) > 1]
    phrases = Phrases(strings, min_count=2, threshold=0.1, scoring="npmi")
    assert {f"{a}_{b}" for a, b in pairs.tolist()} == set(phrases.export_phrases())
    ids = np.arange(100, 100 + len(pairs), dtype=np.int32)
    joined, begins = join(words, pairs, ids)
    name = {100 + i: f"{a}_{b}" for i, (a, b) in enumerate(pairs.tolist())}
    found = [name.get(word, str(word)) for word in joined.tolist() if word != BREAK]
    assert found == [word for sentence in sentences for word in phrases[[str(word) for word in sentence]]]
    assert (words[begins] == np.where(joined >= 100, words[begins], joined)).all()


def test_left_to_right():
    pairs = np.array([[1, 2], [2, 3]], np.int32)
    joined, begins = join(np.array([1, 2, 3, 1, 2, 3, 2, 3, BREAK, 3], np.int32), pairs, np.array([7, 8], np.int32))
    assert joined.tolist() == [7, 3, 7, 3, 8, BREAK, 3]
    assert begins.tolist() == [0, 2, 3, 5, 6, 8, 9]


def test_nothing_to_join():
    none = np.zeros((0, 2), np.int32)
    for words in (np.zeros(0, np.int32), np.array([BREAK], np.int32), np.array([1, 2], np.int32)):
        assert join(words, none, none[:, 0])[0].tolist() == words.tolist()
        assert learn(words, 2, 0.5).shape == (0, 2)
