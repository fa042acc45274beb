import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from spacy_topics.bags import to_bags
from spacy_topics.errors import InputError
from spacy_topics.metrics import matched, perplexity
from spacy_topics.topic_model import TopicModel
from spacy_topics.trainers.gibbs import Gibbs

FAST = {"iterations": 60, "burn_in": 30}
WORDS = [f"word{i}" for i in range(60)]


def corpus(topics=4, documents=150, length=40, seed=0):
    """Documents of LDA's own making, and the topics that made them."""
    generator = np.random.default_rng(seed)
    phi = generator.dirichlet(np.full(len(WORDS), 0.05), topics)
    theta = generator.dirichlet(np.full(topics, 0.1), documents)
    terms = np.concatenate([generator.choice(len(WORDS), length, p=row @ phi) for row in theta])
    return phi, to_bags(np.repeat(np.arange(documents), length), terms, documents)


PHI, BAGS = corpus()


def test_recovers_the_topics_that_made_the_documents():
    model = Gibbs(iterations=200, burn_in=100)(BAGS, WORDS, 4, seed=1)
    assert matched(model, TopicModel(PHI, np.ones(4), WORDS)).min() > 0.97
    assert perplexity(model, BAGS) < 1.1 * perplexity(TopicModel(PHI, np.full(4, 0.1), WORDS), BAGS)
    assert abs(model.prevalence.sum() - 1) < 1e-5
    assert model.term_frequency.sum() == 150 * 40
    assert model.meta["training"]["sweeps"] == 200


def test_one_seed_one_model_in_one_process_or_two():
    code = """
import hashlib, sys
from tests.spacy_topics.trainers.test_gibbs import BAGS, FAST, WORDS
from spacy_topics.trainers.gibbs import Gibbs
print(hashlib.sha256(Gibbs(**FAST)(BAGS, WORDS, 4, seed=3).to_bytes()).hexdigest())
"""
    runs = [subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout for _ in range(2)]
    assert runs[0] == runs[1]
    here = [Gibbs(**FAST)(BAGS, WORDS, 4, seed=seed).to_bytes() for seed in (3, 3, 4)]
    assert here[0] == here[1]
    assert here[0] != here[2]


@pytest.mark.parametrize(
    "settings",
    [
        {"optimize_alpha": 10},
        {"alpha": [0.5, 0.1, 0.1, 0.1]},
        {"term_weight": "idf"},
        {"term_weight": "pmi"},
        {"eta": 0.5, "workers": 2},
        {"burn_in": 0},
    ],
)
def test_settings_train(settings):
    model = Gibbs(**{**FAST, **settings})(BAGS, WORDS, 4, seed=1)
    assert perplexity(model, BAGS) < 40
    if "alpha" in settings:
        assert model.alpha.tolist() == pytest.approx(settings["alpha"])
    if "optimize_alpha" in settings:
        assert len(set(model.alpha.tolist())) > 1


def test_stops_early_when_held_out_likelihood_no_longer_rises():
    model = Gibbs(iterations=2000, burn_in=50, patience=2)(BAGS, WORDS, 4, seed=1)
    assert 50 < model.meta["training"]["sweeps"] < 2000
    assert matched(model, TopicModel(PHI, np.ones(4), WORDS)).min() > 0.9


def test_patience_counts_looks_without_progress(monkeypatch):
    monkeypatch.setattr("spacy_topics.trainers.gibbs.perplexity", lambda *_: 7.0)
    for patience in (1, 3):
        model = Gibbs(iterations=400, burn_in=100, patience=patience)(BAGS, WORDS, 4)
        assert model.meta["training"]["sweeps"] == 100 + 10 * (1 + patience)


def test_patience_without_documents_to_judge_by_trains_to_the_end():
    bags = to_bags(np.arange(30), np.arange(30) % 5, 30)
    assert Gibbs(iterations=60, patience=1)(bags, WORDS[:5], 2).meta["training"]["sweeps"] == 60


def test_term_weights_do_not_enter_phi():
    """Weighted sampling, whole counts: phi times the topics' sizes adds up to the term frequencies."""
    model = Gibbs(iterations=50, burn_in=40, term_weight="idf", eta=1e-5)(BAGS, WORDS, 4)
    shares = np.linalg.lstsq(model.phi.T, model.term_frequency / model.term_frequency.sum(), rcond=None)
    assert shares[1][0] < 1e-4
    assert abs(shares[0].sum() - 1) < 1e-2


def test_settings_of_numpy_are_saved():
    model = Gibbs(**FAST, alpha=np.array([0.1, 0.2, 0.3]), eta=np.float32(0.25))(BAGS, WORDS, 3)
    assert model.to_bytes()
    assert model.meta["training"]["eta"] == 0.25


def test_seed_words_name_and_draw_their_topics():
    tops = np.argsort(-PHI, axis=1)
    seeds = {f"name{k}": [WORDS[w] for w in tops[k][:3]] for k in (3, 1)}
    model = Gibbs(**FAST)(BAGS, WORDS, 4, seeds=seeds, seed=2)
    assert model.names == ["name3", "name1", "", ""]
    for topic, truth in ((0, 3), (1, 1)):
        cosine = model.phi[topic] @ PHI[truth] / np.linalg.norm(model.phi[topic]) / np.linalg.norm(PHI[truth])
        assert cosine > 0.9


def test_empty_documents_are_passed_over():
    bags = to_bags(np.array([1, 1, 3, 3, 3]), np.array([0, 1, 2, 3, 3]), 6)
    model = Gibbs(**FAST)(bags, WORDS[:5], 2)
    assert model.meta["training"]["documents"] == 2
    assert np.isfinite(model.phi).all()
    assert model.term_frequency.tolist() == [1, 1, 1, 2, 0]


BAD = [
    {"iterations": 0}, {"iterations": 15}, {"iterations": -10}, {"iterations": 2.5}, {"burn_in": 60}, {"burn_in": -1},
    {"alpha": 0}, {"alpha": -1}, {"alpha": float("nan")}, {"alpha": []}, {"alpha": [0.1, -0.1]}, {"alpha": "much"},
    {"alpha": 1e9}, {"eta": 0}, {"eta": float("nan")}, {"eta": float("inf")}, {"eta": -0.1}, {"eta": None}, {"seed_weight": 0},
    {"term_weight": "tf"}, {"optimize_alpha": -1}, {"patience": -1}, {"workers": 0}, {"workers": True},
    {"optimize_alpha": 2**32}, {"iterations": 2**32 + 10}, {"workers": 10**21}, {"eta": "0.1"}, {"eta": [0.1]},
    {"alpha": "0.1"}, {"alpha": [["x"]]}, {"term_weight": []}, {"seed_weight": float("nan")},
]  # fmt: skip


@pytest.mark.parametrize("settings", BAD)
def test_bad_settings_are_refused_before_the_sampler_sees_them(settings):
    with pytest.raises(InputError, match=r"T0(22|32)") as caught:
        Gibbs(**{**FAST, **settings})
    assert next(iter(settings)) in str(caught.value)


@pytest.mark.parametrize(
    ("topics", "more", "code"),
    [
        (0, {}, "T030"), (1, {}, "T030"), (-3, {}, "T030"), (2.0, {}, "T030"), ("9", {}, "T030"), (40_000, {}, "T030"),
        (151, {}, "T036"), (2, {"seeds": {"a": ["word1"], "b": ["word2"], "c": ["word3"]}}, "T034"),
        (2, {"seeds": {"a": ["nowhere"]}}, "T033"), (2, {"seed": -1}, "T032"),
        (2, {"seed": 2**70}, "T032"), (2, {"seed": "x"}, "T032"), (2, {"seeds": {"a": []}}, "T033"),
    ],
)  # fmt: skip
def test_bad_sizes(topics, more, code):
    with pytest.raises(InputError, match=code):
        Gibbs(**FAST)(BAGS, WORDS, topics, **more)


def test_alpha_must_fit_the_number_of_topics():
    with pytest.raises(InputError, match="T032"):
        Gibbs(**FAST, alpha=[0.1, 0.2])(BAGS, WORDS, 4)


def test_the_worst_does_not_kill_the_interpreter():
    """One document of two million tokens, odd strings in the vocabulary, as many topics as documents."""
    code = """
import numpy as np
from spacy_topics.bags import to_bags
from spacy_topics.trainers.gibbs import Gibbs
terms = np.random.default_rng(0).integers(0, 6, 2_000_000)
bags = to_bags(np.minimum(np.arange(2_000_000), 2), terms, 3)
model = Gibbs(iterations=10, burn_in=0)(bags, ["\\0", "\\ud800", "", " ", "\\n", "x"], 3)
print(np.isfinite(model.phi).all(), model.phi.shape, len(type(model).from_bytes(model.to_bytes()).vocabulary))
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (run.returncode, run.stdout) == (0, "True (3, 6) 6\n"), run.stderr


def test_ctrl_c_keeps_what_is_trained():
    code = """
from tests.spacy_topics.trainers.test_gibbs import WORDS, corpus
from spacy_topics.trainers.gibbs import Gibbs
_, bags = corpus(documents=3000)
print("ready", flush=True)
model = Gibbs(iterations=1_000_000, burn_in=0)(bags, WORDS, 4)
print(0 < model.meta["training"]["sweeps"] < 1_000_000, model.phi.shape)
"""
    run = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    run.stdout.readline()
    time.sleep(2.5)
    run.send_signal(signal.SIGINT)
    out, err = run.communicate(timeout=30)
    assert out == "True (4, 60)\n", err
    assert "keeping the model so far" in err


@pytest.mark.parametrize("wait", [0.3, 0.9, 1.4])
def test_killed_while_fitting_the_old_model_stands(wait, reviews_file, model_path):
    old = model_path.read_bytes()
    command = [sys.executable, "-m", "palate", "topics", "fit", str(reviews_file), "-o", str(model_path), "--iterations", "100"]
    run = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(wait)
    run.kill()
    run.wait()
    assert model_path.read_bytes() == old or TopicModel.load(model_path)
    assert os.path.exists(model_path)
