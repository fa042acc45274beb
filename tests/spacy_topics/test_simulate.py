import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_topics.errors import InputError
from spacy_topics.metrics import matched
from spacy_topics.simulate import (
    IRIS,
    corpus,
    dirichlet,
    dirichlet_row,
    mixture,
    mixture_rows,
    recovered,
    recoveries,
    recovery,
)
from spacy_topics.topic_model import TopicModel

SMALL = {"documents": 100, "vocabulary": 60, "topics": 4, "alpha": 0.1, "beta": 0.1, "length": 20}
priors = st.floats(1e-5, 1000)


def test_the_mixture_of_the_talk():
    """A hundred flowers, and enough of them for proportions, means and deviations to show."""
    made = mixture()
    assert made.lengths.shape == (1, 100)
    many = mixture(draws=200_000, proportions=(0.3, 0.7), seed=1)
    for k, (mean, deviation) in enumerate(IRIS.values()):
        lengths = many.lengths[many.types == k]
        assert abs(len(lengths) / 200_000 - (0.3, 0.7)[k]) < 0.005
        assert abs(lengths.mean() - mean) < 0.01
        assert abs(lengths.std() - deviation) < 0.01


def test_what_changes_when_proportions_are_drawn():
    """Fixed, shares differ as coins do; drawn, as Dirichlet-multinomial counts do: p(1-p) (1 + (n-1) / (sum alpha + 1)) / n."""
    fixed, drawn, narrow = (mixture(samples=900, concentration=c).types.mean(axis=1) for c in (None, 1, 100))
    assert abs(fixed.std() - np.sqrt(0.25 / 100)) < 0.005
    assert abs(drawn.std() - np.sqrt(0.25 / 100 * (1 + 99 / 3))) < 0.02
    assert abs(narrow.std() - np.sqrt(0.25 / 100 * (1 + 99 / 201))) < 0.005
    means = mixture(samples=900, spread=0.3, proportions=(0.25, 0.75), concentration=2)
    assert np.abs(means.means.std(axis=0) - 0.3).max() < 0.02
    assert np.abs(means.proportions.mean(axis=0) - (0.25, 0.75)).max() < 0.03


def test_mixture_rows():
    made = mixture(samples=2, spread=1)
    rows = mixture_rows(made)
    assert [(row["sample"], row["type"]) for row in rows] == [(s, kind) for s in (1, 2) for kind in IRIS]
    lengths = made.lengths[1][made.types[1] == 0]
    assert rows[2]["share seen"] == len(lengths) / 100
    assert rows[2]["mean seen"] == round(lengths.mean(), 4)
    assert rows[2]["deviation seen"] == round(lengths.std(ddof=1), 4)
    assert rows[2]["mean"] == round(made.means[1, 0], 4) != 5.01
    assert all(np.isnan(row["mean seen"]) for row in mixture_rows(mixture(draws=1)))


@given(alpha=priors | st.tuples(priors, priors, priors), seed=st.integers(0, 2**32 - 1))
def test_the_dirichlet(alpha, seed):
    """On the simplex at every alpha; seeded; means and deviations as the formula says."""
    theta = dirichlet(alpha, 500, seed)
    assert (theta >= 0).all()
    np.testing.assert_allclose(theta.sum(axis=1), 1)
    assert (dirichlet(alpha, 500, seed) == theta).all()
    row = dirichlet_row(alpha, theta)
    error = 5 * np.array(row["deviation"]) / np.sqrt(500) + 1e-3
    assert (np.abs(np.array(row["mean seen"]) - row["mean"]) < error).all()
    assert 1 / 3 - 1e-4 <= row["largest"] <= 1


def test_concentration():
    """Small alpha: one topic takes it all; large: all have the same."""
    largest = [dirichlet_row(alpha, dirichlet(alpha))["largest"] for alpha in (0.01, 0.1, 1, 10, 100)]
    assert largest == sorted(largest, reverse=True)
    assert largest[0] > 0.95
    assert largest[-1] < 0.4
    assert abs(largest[2] - (1 + 1 / 2 + 1 / 3) / 3) < 0.02  # the largest of three parts of a stick broken at random


@given(
    documents=st.integers(1, 30),
    vocabulary=st.integers(2, 40),
    topics=st.integers(2, 8),
    alpha=priors,
    beta=priors,
    length=st.integers(0, 30),
    seed=st.integers(0, 2**32 - 1),
)
def test_corpus(documents, vocabulary, topics, alpha, beta, length, seed):
    settings = (documents, vocabulary, topics, alpha, beta, length, seed)
    if topics > vocabulary:
        with pytest.raises(InputError, match="T101"):
            corpus(*settings)
        return
    bags, phi, theta = corpus(*settings)
    assert len(bags) == documents
    assert phi.shape == (topics, vocabulary)
    assert theta.shape == (documents, topics)
    for rows in (phi, theta):
        assert (rows >= 0).all()
        np.testing.assert_allclose(rows.sum(axis=1), 1)
    assert (bags.terms < vocabulary).all()
    assert (bags.counts > 0).all()
    again = corpus(*settings)
    assert all((a == b).all() for a, b in zip((*bags, phi, theta), (*again.bags, again.phi, again.theta), strict=True))


def test_words_are_drawn_as_theta_and_phi_say():
    """The corpus of W-LDA: of each word as many as expected, of each length as many as Poisson has, and of no words too."""
    made = corpus(10_000, 100, 5, 0.1, 0.1, 3, seed=0)
    lengths = made.bags.sizes
    assert abs(lengths.mean() - 3) < 0.06
    assert abs((lengths == 0).mean() - np.exp(-3)) < 0.01
    expected = lengths @ made.theta @ made.phi
    seen = np.bincount(made.bags.terms, weights=made.bags.counts, minlength=100)
    assert (np.abs(seen - expected) < 6 * np.sqrt(expected) + 6).all()
    # and document by document: words of the topic that a document has most of are likelier in it than elsewhere
    rows, top = made.bags.rows(), made.theta.argmax(axis=1)
    own = made.phi[top[rows], made.bags.terms]
    other = made.phi[(top[rows] + 1) % 5, made.bags.terms]
    assert made.bags.counts @ own > 3 * (made.bags.counts @ other)


def test_no_words_at_all():
    bags, *_ = corpus(7, 10, 2, 0.1, 0.1, 0, seed=0)
    assert len(bags) == 7
    assert bags.sizes.tolist() == [0] * 7


def test_recovery():
    phi = np.random.default_rng(0).dirichlet(np.full(50, 0.1), 6)
    assert recovery(phi, phi[::-1]) == pytest.approx(1)
    assert recovery(phi, phi[:3] * 7) == pytest.approx(0.5)  # topics that were not found count 0; scale does not
    assert recovery(phi[:3], phi) == pytest.approx(1)
    other = np.random.default_rng(1).dirichlet(np.full(50, 0.1), 6)
    words = [f"w{i}" for i in range(50)]
    models = [TopicModel(rows, np.ones(6), words) for rows in (phi, other)]
    assert recovery(phi, other) == pytest.approx(matched(*models).mean(), abs=1e-5)


def test_topics_are_recovered():
    made = corpus(**SMALL, seed=3)
    found = recovered(made, 0.1, 0.1, seed=3)
    assert recovery(made.phi, found) > 0.95
    cosines = (made.phi * found).sum(axis=1) / np.linalg.norm(made.phi, axis=1) / np.linalg.norm(found, axis=1)
    assert cosines.mean() == pytest.approx(recovery(made.phi, found), abs=1e-6)  # they are in the order of the true ones


@pytest.fixture(scope="module")
def rows():
    return recoveries(runs=2, **SMALL)


def test_where_lda_works_and_where_it_breaks(rows):
    of = {(row["varied"], row["value"]): row for row in rows}
    for varied, values in (("documents", (6, 25, 100, 400)), ("length", (1, 5, 20, 80)), ("alpha", (0.01, 0.1, 1, 10))):
        assert tuple(value for key, value in of if key == varied) == values
    topics, documents = ({key: row[name] for key, row in of.items()} for name in ("topics", "documents"))
    base = of["broken", "nothing broken"]
    assert base["topics"] == topics["documents", 100] == topics["length", 20] == topics["alpha", 0.1] > 0.95
    assert topics["documents", 6] < topics["documents", 25] < topics["documents", 400]
    assert topics["length", 1] < topics["length", 5] < topics["length", 80]
    assert documents["length", 1] < documents["length", 5] < documents["length", 20] < documents["length", 80]
    assert topics["alpha", 10] < 0.8  # all documents are alike: nothing tells the topics apart
    assert abs(documents["alpha", 10] - of["alpha", 10]["documents by chance"]) < 0.03  # and their overlap is no merit
    assert topics["broken", "2 topics sought"] <= 0.5
    assert topics["broken", "8 topics sought"] > 0.9
    assert documents["broken", "8 topics sought"] < base["documents"] - 0.1  # true topics are found, in pieces
    assert documents["broken", "one topic a document"] > base["documents"]
    assert of["broken", "two topics always together"]["worst topic"] < 0.8
    assert topics["broken", "two words a document"] > 0.9  # as many words tell the topics,
    assert documents["broken", "two words a document"] < 0.8  # but not what each document is of


def test_figures_of_the_runs(rows):
    for row in rows:
        for key in ("topics", "documents"):
            assert 0 <= row[f"{key} lowest"] <= row[key] <= row[f"{key} highest"] <= 1 + 1e-6
            assert 0 < row[f"{key} by chance"] < 1
        assert row["worst topic"] <= row["topics lowest"]


def test_one_seed_one_table():
    few = {**SMALL, "documents": 30}
    same = [recoveries(runs=1, seed=seed, **few) for seed in (7, 7, 8)]
    assert same[0] == same[1]
    assert same[0] != same[2]


def test_a_trial_with_too_few_documents_says_nothing():
    rows = recoveries(runs=1, **{**SMALL, "documents": 6, "length": 9})
    of = {row["value"]: row for row in rows if row["varied"] == "broken"}
    assert np.isnan(of["8 topics sought"]["topics"])
    assert of["nothing broken"]["topics"] > 0


NAN = float("nan")
DAMAGE = [
    (lambda: corpus(**{**SMALL, "alpha": 0}, seed=0), "T100.*alpha must be a number from 1e-05"),
    (lambda: corpus(**{**SMALL, "alpha": -1}, seed=0), "T100.*alpha"),
    (lambda: corpus(**{**SMALL, "alpha": NAN}, seed=0), "T100.*alpha"),
    (lambda: corpus(**{**SMALL, "beta": 0}, seed=0), "T100.*beta"),
    (lambda: corpus(**{**SMALL, "beta": float("inf")}, seed=0), "T100.*beta"),
    (lambda: corpus(**{**SMALL, "documents": -1}, seed=0), "T100.*documents"),
    (lambda: corpus(**{**SMALL, "documents": 2.5}, seed=0), "T100.*documents"),
    (lambda: corpus(**{**SMALL, "length": -1}, seed=0), "T100.*length"),
    (lambda: corpus(**{**SMALL, "documents": 10**5, "length": 10**5}, seed=0), "T100.*total words"),
    (lambda: corpus(**{**SMALL, "topics": 1}, seed=0), "T100.*topics"),
    (lambda: corpus(**{**SMALL, "topics": True}, seed=0), "T100.*topics"),
    (lambda: corpus(**{**SMALL, "topics": 61}, seed=0), "T101.*61 topics over 60 words"),
    (lambda: corpus(**SMALL, seed=-1), "T032.*seed"),
    (lambda: corpus(**SMALL, seed=2**32), "T032.*seed"),
    (lambda: recoveries(**SMALL, runs=0), "T100.*runs"),
    (lambda: recoveries(**SMALL, seed=None), "T032.*seed"),
    (lambda: recoveries(**{**SMALL, "documents": -1}), "T100.*documents"),
    (lambda: recoveries(**{**SMALL, "length": 0}), "T036"),
    (lambda: dirichlet(0), "T100.*alpha"),
    (lambda: dirichlet("1"), "T100.*alpha"),
    (lambda: dirichlet([1, 2]), "T100.*one number, or three"),
    (lambda: dirichlet([1, NAN, 1]), "T100.*alpha"),
    (lambda: dirichlet(1, draws=0), "T100.*draws"),
    (lambda: mixture(draws=-5), "T100.*draws"),
    (lambda: mixture(draws=10**6, samples=1000), "T100.*total draws"),
    (lambda: mixture(proportions=(0.5, 0.6)), "T100.*whose sum is 1"),
    (lambda: mixture(proportions=(1.0,)), "T100.*two numbers"),
    (lambda: mixture(proportions=(NAN, 0.5)), "T100.*proportion"),
    (lambda: mixture(proportions=(-0.5, 1.5)), "T100.*proportion"),
    (lambda: mixture(concentration=0), "T100.*concentration"),
    (lambda: mixture(spread=-1), "T100.*spread"),
    (lambda: mixture(seed=1.5), "T032.*seed"),
]


@pytest.mark.parametrize(("call", "message"), DAMAGE)
def test_damage(call, message):
    with pytest.raises(InputError, match=message):
        call()
