import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_topics.bags import Bags, to_bags
from spacy_topics.fold_in import infer_theta

GENERATOR = np.random.default_rng(0)
TOPICS, TERMS = 7, 400
WORD_TOPIC = np.ascontiguousarray(GENERATOR.dirichlet(np.full(TERMS, 0.05), TOPICS).T.astype(np.float32) + 1e-7)
ALPHA = GENERATOR.uniform(0.02, 0.9, TOPICS).astype(np.float32)
documents = st.lists(st.integers(0, TERMS - 1), max_size=600)


def bags(docs):
    rows = np.repeat(np.arange(len(docs)), [len(doc) for doc in docs])
    return to_bags(rows, np.array([term for doc in docs for term in doc], np.int32), len(docs))


@pytest.mark.parametrize("method", ["variational", "gibbs"])
@given(docs=st.lists(documents, min_size=1, max_size=12), data=st.data())
def test_properties(method, docs, data):
    """On the simplex; the order of words is irrelevant; duplicates agree; alone equals any batch, bit for bit."""

    def infer(docs):
        return infer_theta(WORD_TOPIC, ALPHA, bags(docs), method=method, iterations=8 if method == "gibbs" else None)

    theta = infer(docs)
    assert theta.dtype == np.float32
    assert (theta >= 0).all()
    np.testing.assert_allclose(theta.sum(axis=1), 1, atol=1e-5)
    shuffled = [data.draw(st.permutations(doc)) if len(doc) < 60 else doc[::-1] for doc in docs]
    order = data.draw(st.permutations(range(len(docs))))
    company = infer([*(shuffled[i] for i in order), *docs])
    assert (company[: len(docs)] == theta[order]).all()
    assert (company[len(docs) :] == theta).all()
    for doc, row in zip(docs, theta, strict=True):
        assert (infer([doc])[0] == row).all()


@pytest.mark.parametrize("topics", [2, 50, 100, 700])
def test_alone_equals_batch_at_every_length(topics):
    generator = np.random.default_rng(topics)
    word_topic = generator.dirichlet(np.full(topics, 0.1), 3000).astype(np.float32) + 1e-6
    alpha = np.full(topics, 0.1, np.float32)
    docs = [generator.integers(0, 3000, size).tolist() for size in (1, 7, 8, 9, 31, 33, 64, 65, 130, 257, 1000, 2500, 9, 64)]
    together = infer_theta(word_topic, alpha, bags(docs))
    for doc, row in zip(docs, together, strict=True):
        assert (infer_theta(word_topic, alpha, bags([doc]))[0] == row).all()


def test_one_thread_or_many_give_the_same_bits():
    code = """
import numpy as np
from spacy_topics.bags import to_bags
from spacy_topics.fold_in import infer_theta
g = np.random.default_rng(0)
phi = g.dirichlet(np.full(100, 0.1), 5000).astype(np.float32) + 1e-6
terms = g.integers(0, 5000, 60_000)
rows = np.repeat(np.arange(40), 1500)
print(infer_theta(phi, np.full(100, 0.1, np.float32), to_bags(rows, terms, 40)).tobytes().hex())
"""
    runs = [
        subprocess.run(
            [sys.executable, "-c", code], env={**os.environ, "OPENBLAS_NUM_THREADS": n}, capture_output=True, check=True
        ).stdout
        for n in ("1", "2")
    ]
    assert runs[0] == runs[1]
    assert len(runs[0]) > 1000


def test_empty_documents_get_the_prior():
    theta = infer_theta(WORD_TOPIC, ALPHA, bags([[], [3], []]))
    np.testing.assert_allclose(theta[[0, 2]], np.tile(ALPHA / ALPHA.sum(), (2, 1)), rtol=1e-6)
    assert len(infer_theta(WORD_TOPIC, ALPHA, bags([]))) == 0


def test_converges_to_the_stationary_point():
    """At a small tolerance theta solves theta = (alpha + expected counts) / total."""
    docs = [GENERATOR.integers(0, TERMS, 80).tolist() for _ in range(5)]
    theta = infer_theta(WORD_TOPIC, ALPHA, bags(docs), tolerance=1e-7, iterations=5000).astype(np.float64)
    for doc, row in zip(docs, theta, strict=True):
        share = WORD_TOPIC[doc] * row
        expected = (ALPHA + (share / share.sum(axis=1, keepdims=True)).sum(axis=0)) / (ALPHA.sum() + len(doc))
        np.testing.assert_allclose(row, expected, atol=1e-4)


def test_gibbs_estimates_the_posterior_mean():
    """Against the exact posterior, summed over all assignments of a short document."""
    doc, topics = [0, 5, 9, 9], range(TOPICS)
    prior = ALPHA.astype(np.float64)
    total, mean = 0.0, np.zeros(TOPICS)
    for z in np.stack(np.meshgrid(*[topics] * len(doc)), -1).reshape(-1, len(doc)):
        counts = np.bincount(z, minlength=TOPICS)
        rising = np.prod([np.prod(a + np.arange(n)) for a, n in zip(prior, counts, strict=True)])
        weight = rising * np.prod(WORD_TOPIC[doc, z].astype(np.float64))
        total += weight
        mean += weight * (prior + counts) / (prior.sum() + len(doc))
    found = infer_theta(WORD_TOPIC, ALPHA, bags([doc]), method="gibbs", iterations=4000)[0]
    np.testing.assert_allclose(found, mean / total, atol=0.02)


def test_gibbs_is_seeded():
    docs = bags([[1, 2, 3, 40, 50]])
    same = [infer_theta(WORD_TOPIC, ALPHA, docs, method="gibbs", seed=seed) for seed in (1, 1, 2)]
    assert (same[0] == same[1]).all()
    assert (same[0] != same[2]).any()


def test_two_million_tokens():
    theta = infer_theta(WORD_TOPIC, ALPHA, bags([GENERATOR.integers(0, TERMS, 2_000_000)]))
    np.testing.assert_allclose(theta.sum(), 1, atol=1e-4)


@given(st.lists(documents, max_size=6))
def test_bags(docs):
    made = bags(docs)
    assert len(made) == len(docs)
    assert made.sizes.tolist() == [len(doc) for doc in docs]
    for number, doc in enumerate(docs):
        some = slice(made.offsets[number], made.offsets[number + 1])
        assert np.repeat(made.terms[some], made.counts[some].astype(int)).tolist() == sorted(doc)
    backwards = made.take(np.arange(len(docs))[::-1])
    assert backwards.sizes.tolist() == made.sizes.tolist()[::-1]
    kept = made.select(made.terms % 2 == 0)
    assert kept.sizes.tolist() == [sum(term % 2 == 0 for term in doc) for doc in docs]
    assert isinstance(kept, Bags)


def likelihood(word_topic, alpha, doc, theta):
    theta = np.maximum(theta.astype(np.float64), 1e-30)
    return np.log(word_topic[doc].astype(np.float64) @ theta).sum() + (alpha * np.log(theta)).sum()


def alike(noise, topics, size=2000, seed=0):
    """Topics that are the first one with lognormal noise."""
    generator = np.random.default_rng(seed)
    first = generator.dirichlet(np.full(size, 0.5))
    phi = first * np.vstack([np.ones(size), generator.lognormal(0, noise, (topics - 1, size))])
    phi /= phi.sum(axis=1, keepdims=True)
    return np.ascontiguousarray(phi.T.astype(np.float32)) + 1e-9, phi


@pytest.mark.parametrize("noise", [0.05, 0.15, 0.5, 2.0])
@pytest.mark.parametrize(("topics", "length"), [(2, 100), (2, 1000), (2, 20_000), (5, 1000), (30, 300), (60, 40)])
def test_it_stops_where_the_likelihood_does(noise, topics, length):
    """However alike the topics are: what is left is less than a document can tell."""
    word_topic, phi = alike(noise, topics)
    alpha = np.full(topics, 0.1, np.float32)
    generator = np.random.default_rng(1)
    docs = [generator.choice(len(word_topic), length, p=phi[0]).tolist() for _ in range(3)]
    theta = infer_theta(word_topic, alpha, bags(docs))
    converged = infer_theta(word_topic, alpha, bags(docs), tolerance=1e-7, iterations=20_000)
    for doc, row, best in zip(docs, theta, converged, strict=True):
        assert likelihood(word_topic, alpha, doc, best) - likelihood(word_topic, alpha, doc, row) < 0.1


@pytest.mark.parametrize("seed", range(4))
def test_a_document_of_one_of_two_topics_that_are_alike(seed):
    word_topic, phi = alike(0.15, 2, seed=seed)
    alpha = np.full(2, 0.1, np.float32)
    docs = [np.random.default_rng(seed).choice(len(word_topic), 1000, p=phi[0]).tolist()]
    theta = infer_theta(word_topic, alpha, bags(docs))[0]
    converged = infer_theta(word_topic, alpha, bags(docs), tolerance=1e-7, iterations=20_000)[0]
    np.testing.assert_allclose(theta, converged, atol=0.02)
    assert theta[0] > 0.7
    assert infer_theta(word_topic, alpha, bags(docs), rules=1)[0, 0] < 0.55  # by the rules of older models


def test_steps_are_limited():
    word_topic, phi = alike(0.15, 2)
    doc = np.random.default_rng(0).choice(len(word_topic), 1000, p=phi[0]).tolist()
    few, more = (infer_theta(word_topic, np.full(2, 0.1, np.float32), bags([doc]), iterations=n) for n in (2, 100))
    assert few[0, 0] < 0.6 < more[0, 0]
