import math

import numpy as np
import pytest
from gensim.corpora import Dictionary
from gensim.models import CoherenceModel

from spacy_topics.bags import Stream, to_bags
from spacy_topics.coherence import companions, mean_npmi, npmi
from spacy_topics.errors import InputError
from spacy_topics.evaluation import evaluate
from spacy_topics.metrics import coherence, diversity, explained, halves, matched, nmi, perplexity, purity, stability
from spacy_topics.topic_model import TopicModel

GENERATOR = np.random.default_rng(5)
WORDS = [f"w{i:02}" for i in range(30)]


def stream_of(texts):
    words = sorted({word for text in texts for word in text})
    ids = np.array([words.index(word) for text in texts for word in text], np.int32)
    doc = np.repeat(np.arange(len(texts)), [len(text) for text in texts])
    return Stream(doc, doc, doc, ids), words


def test_halves_share_out_the_terms():
    bags = to_bags(np.array([0, 0, 0, 0, 0, 1, 2, 2]), np.array([4, 4, 4, 7, 9, 3, 5, 5]), 4)
    seen, held_out = halves(bags)
    assert (seen.sizes + held_out.sizes).tolist() == [5, 0, 2, 0]  # one term alone says nothing
    assert held_out.sizes.tolist() == [2, 0, 1, 0]
    assert seen.terms[: seen.offsets[1]].tolist() == [4, 9]
    assert seen.counts[: seen.offsets[1]].tolist() == [2, 1]


def test_perplexity_by_hand():
    """One topic: theta is 1, so perplexity is that of the held-out terms under phi."""
    model = TopicModel([[0.5, 0.3, 0.2]], [1.0], ["a", "b", "c"])
    bags = model.bags([["a", "b", "c", "c"], ["a"]])
    assert perplexity(model, bags) == pytest.approx(math.exp(-(math.log(0.3) + math.log(0.2)) / 2), rel=1e-5)
    assert math.isnan(perplexity(model, model.bags([["a"], []])))


def test_perplexity_prefers_the_truth(small):
    bags = small.bags([["taco", "salsa", "lime", "taco"] * 5, ["pasta", "basil", "risotto"] * 5])
    flat = TopicModel(np.ones((3, 9)), np.ones(3), small.vocabulary)
    assert perplexity(small, bags) < 0.5 * perplexity(flat, bags)
    assert perplexity(flat, bags) == pytest.approx(9, rel=1e-4)


def test_explained_by_hand(small):
    """A document of one topic is explained, one of halves without a common topic is not, one term alone tells nothing."""
    bags = small.bags([["taco", "salsa", "lime"] * 4, ["taco", "pasta"], ["sushi"], []])
    values = explained(small, bags)
    assert values[0] == pytest.approx(math.log(3), abs=0.15)
    assert values[1] < -0.5
    assert np.isnan(values[2:]).all()
    one = TopicModel([[0.5, 0.5]], [1.0], ["a", "b"])
    np.testing.assert_allclose(explained(one, one.bags([["a", "b", "b"]])), 0, atol=1e-6)


def test_purity():
    assert purity([0, 0, 0, 1], ["a", "a", "b", "b"]) == 0.75
    assert purity([0, 1], ["a", "a"]) == 1


def test_coherence_is_gensims():
    texts = [GENERATOR.choice(WORDS, size).tolist() for size in (3, 9, 10, 11, 40, 60)]
    topics = [WORDS[:10], WORDS[10:20]]
    theirs = CoherenceModel(
        topics=topics, texts=texts, dictionary=Dictionary(texts), coherence="c_npmi", topn=10, processes=1
    ).get_coherence_per_topic()
    assert coherence(topics, texts) == pytest.approx(theirs)
    assert math.isnan(coherence([["nowhere", "w00"]], texts)[0])
    assert coherence([["nowhere", *WORDS[:9]]], texts) == pytest.approx(coherence([WORDS[:9]], texts))


def test_npmi_counts_windows_exactly():
    texts = [GENERATOR.choice(WORDS, size).tolist() for size in (1, 3, 9, 10, 11, 40, 60)]
    stream, words = stream_of(texts)
    windows = [set(text[i : i + 10]) for text in texts for i in range(max(1, len(text) - 9))]
    found = npmi(stream, np.arange(len(words)))
    for a, b in ((0, 1), (3, 9), (12, 2), (20, 21)):
        p_a, p_b, p_ab = (
            np.mean([want <= window for window in windows]) for want in ({words[a]}, {words[b]}, {words[a], words[b]})
        )
        expected = np.log((p_ab + 1e-12) / (p_a * p_b)) / -np.log(p_ab + 1e-12)
        assert found[a, b] == pytest.approx(expected, abs=1e-4)
    assert (npmi(stream, np.array([9, 3]))[0, 1] - found[9, 3]) == pytest.approx(0, abs=1e-6)


def test_npmi_is_gensims_where_no_word_repeats_in_a_window():
    texts = [GENERATOR.permutation(WORDS).tolist() for _ in range(20)]
    stream, _ = stream_of(texts)
    ours = mean_npmi(npmi(stream, np.arange(10)))
    assert ours == pytest.approx(coherence([WORDS[:10]], texts)[0], abs=1e-6)


def test_npmi_in_chunks(monkeypatch):
    texts = [GENERATOR.choice(WORDS, 30).tolist() for _ in range(50)]
    stream, _ = stream_of(texts)
    whole = npmi(stream, np.arange(30))
    monkeypatch.setattr("spacy_topics.coherence._CHUNK", 37)
    np.testing.assert_allclose(npmi(stream, np.arange(30)), whole, atol=1e-6)


def test_companions_drop_the_intruder():
    pairs = np.full((5, 5), 0.5)
    pairs[2, :] = pairs[:, 2] = -0.4
    np.fill_diagonal(pairs, 1)
    assert companions(pairs, 4).tolist() == [0, 1, 3, 4]
    assert companions(pairs, 9).tolist() == [0, 1, 2, 3, 4]


def test_diversity():
    assert diversity([["a", "b"], ["a", "c"]]) == 0.75


def test_stability_matches_topics(small):
    shuffled = TopicModel(small.phi[[2, 0, 1]][:, ::-1], small.alpha, small.vocabulary[::-1])
    assert matched(small, shuffled) == pytest.approx(1)
    assert stability([small, shuffled, small]) == pytest.approx(1)
    other = TopicModel(GENERATOR.dirichlet(np.ones(9), 3), small.alpha, small.vocabulary)
    assert stability([small, other]) < 0.9
    assert math.isnan(stability([small]))


def test_nmi():
    assert nmi([0, 0, 5, 5], ["a", "a", "b", "b"]) == pytest.approx(1)
    assert nmi([0, 1, 0, 1], ["a", "a", "b", "b"]) == pytest.approx(0, abs=1e-9)


def test_evaluate(nlp, model, texts):
    figures = evaluate(model, (nlp.make_doc(text) for text in [*texts[:50], "", "salsa"]))
    assert figures["documents"] == 52
    assert figures["documents_judged"] == 50
    assert 1 < figures["perplexity"] < 2000
    assert -1 < figures["coherence"] < 1
    with pytest.raises(InputError, match="T023"):
        evaluate(model, [])
