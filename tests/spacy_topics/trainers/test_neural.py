"""The trainers in Keras: they find topics that are there, repeat bit for bit, and end as every other trainer does."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from spacy_topics.bags import to_bags
from spacy_topics.errors import InputError
from spacy_topics.metrics import match
from spacy_topics.simulate import corpus, recovery
from spacy_topics.topic_model import TopicModel
from spacy_topics.trainers.adversarial import Adversarial
from spacy_topics.trainers.neural import Documents, dirichlet
from spacy_topics.trainers.wasserstein import WassersteinLda, discrepancy

WORDS = [f"w{i}" for i in range(40)]
SMALL = {"batch": 32, "hidden": 16}


@pytest.fixture(scope="module")
def drawn():
    """600 documents of 30 words of 40, of three topics: bags, the true phi."""
    bags, phi, _ = corpus(600, 40, 3, 0.1, 0.1, 30, 0)
    return bags, phi


@pytest.mark.parametrize(
    ("trainer", "least"),
    [
        (Adversarial(steps=250, rate=2e-3, **SMALL), 0.85),
        (Adversarial(steps=10, start="gibbs", **SMALL), 0.95),
        (Adversarial(steps=250, rate=1e-2, gaussian=True, **SMALL), 0.8),
        (WassersteinLda(steps=600, rate=1e-2, **SMALL), 0.85),
    ],
    ids=["adversarial", "from gibbs", "gaussian", "mmd"],
)
def test_topics_that_are_there_are_found(drawn, trainer, least):
    bags, phi = drawn
    model = trainer(bags, WORDS, 3)
    assert recovery(phi, model.phi) > least
    assert model.prevalence.sum() == pytest.approx(1, abs=1e-4)
    assert model.term_frequency.sum() == bags.counts.sum()
    assert model.meta["training"]["documents"] == 600
    assert TopicModel.from_bytes(model.to_bytes()).fingerprint == model.fingerprint


@pytest.mark.parametrize("trainer", [Adversarial(steps=3, **SMALL), WassersteinLda(steps=3, **SMALL)], ids=["gan", "mmd"])
def test_one_seed_is_one_model(drawn, trainer):
    one, again, other = (trainer(drawn[0], WORDS, 3, seed=seed).fingerprint for seed in (1, 1, 2))
    assert one == again
    assert one != other


def test_a_start_from_gibbs_is_its_topics(drawn):
    bags, phi = drawn
    top = [WORDS[word] for word in np.argsort(-phi[1])[:5]]
    first = next(Adversarial(steps=1, start="gibbs", **SMALL).snapshots(bags, WORDS, 3, seeds={"first": top}))
    assert first.step == 0
    assert first.model.names[0] == "first"
    assert recovery(phi, first.model.phi) > 0.97


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda bags: Adversarial(alpha=0.0), "T032"),
        (lambda bags: Adversarial(alpha=float("nan")), "T032"),
        (lambda bags: Adversarial(steps=0), "T032"),
        (lambda bags: WassersteinLda(noise=2), "T032"),
        (lambda bags: Adversarial(start="lda")(bags, WORDS, 3), "T022"),
        (lambda bags: Adversarial()(bags, WORDS, 3, seeds={"a": ["w1"]}), "T047"),
        (lambda bags: WassersteinLda()(bags, WORDS, 3, seeds={"a": ["w1"]}), "T047"),
        (lambda bags: Adversarial()(bags, WORDS, 601), "T036"),
        (lambda bags: WassersteinLda()(bags, WORDS, 1), "T030"),
    ],
)
def test_what_cannot_be_is_refused(drawn, make, message):
    with pytest.raises(InputError, match=message):
        make(drawn[0])


def test_batches_are_pure_and_on_the_simplex():
    bags = to_bags(np.array([0, 0, 2]), np.array([1, 3, 0], np.int32), 3)  # the second document is empty
    documents = Documents(bags, 5, 7, idf=True)
    rows = documents.batch(4, 6)
    assert np.array_equal(rows, documents.batch(4, 6))
    assert not np.array_equal(rows, documents.batch(5, 6))
    assert rows.sum(axis=1) == pytest.approx(1)
    assert len(documents) == 2
    phi = np.full((1, 5), 0.2)
    assert documents.phi(phi * documents.weights) == pytest.approx(phi)


def test_discrepancy_is_small_for_one_distribution():
    rng = np.random.default_rng(0)
    one, again, other = (dirichlet(rng, alpha, 4, 200) for alpha in (0.1, 0.1, 10.0))
    assert abs(float(discrepancy(one, again))) < 0.02
    assert float(discrepancy(one, other)) > 0.1


def test_match_is_what_recovery_counts(drawn):
    _, phi = drawn
    assert recovery(phi, phi[::-1]) == pytest.approx(1)
    assert len(match(phi, phi)[0]) == 3


def test_without_tensorflow_the_command_says_what_to_install(reviews_file, tmp_path):
    code = "import sys; sys.modules['tensorflow'] = None; sys.modules['keras'] = None; from palate.command import main; main()"
    fit = [sys.executable, "-c", code, "topics", "fit", str(reviews_file), "-o", str(tmp_path / "m.topics"), "-k", "5"]
    run = subprocess.run([*fit, "--trainer", "adversarial"], capture_output=True, text=True)
    assert run.returncode == 2
    assert run.stderr == f"palate: keras is not installed: pip install '{Path(__file__).parents[3]}[train]'\n"
    assert subprocess.run([*fit, "--trainer.iterations", "20"], capture_output=True).returncode == 0
