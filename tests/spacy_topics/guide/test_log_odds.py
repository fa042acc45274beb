import numpy as np
import pytest

from spacy_topics.guide.log_odds import log_odds


def naive(inside, everywhere):
    """Monroe et al. 2008, one thing after the other."""
    size, total = sum(inside), sum(everywhere)
    scores = []
    for here, all_ in zip(inside, everywhere, strict=True):
        prior, mass, there = 0.05 * all_, 0.05 * total, all_ - here
        first = np.log((here + prior) / (size + mass - here - prior))
        second = np.log((there + prior) / (total - size + mass - there - prior))
        scores.append((first - second) / np.sqrt(1 / (here + prior) + 1 / (there + prior)))
    return scores


def test_the_formula():
    rng = np.random.default_rng(0)
    everywhere = rng.integers(2, 40, 30)
    inside = rng.integers(0, everywhere)
    np.testing.assert_allclose(log_odds(inside.astype(float), everywhere.astype(float)), naive(inside, everywhere))


@pytest.mark.parametrize(
    ("inside", "everywhere"), [([], []), ([0], [0]), ([0, 0], [3, 4]), ([3, 4], [3, 4]), ([2], [3]), ([0, 0], [0, 0])]
)
def test_nothing_to_compare_with(inside, everywhere):
    assert not log_odds(np.array(inside, float), np.array(everywhere, float)).any()


def test_a_vocabulary_of_any_size_takes_one_pass():
    """Summing all counts for each of half a million things again would take hours."""
    everywhere = np.ones(500_000)
    everywhere[0] = 50
    inside = np.zeros(500_000)
    inside[:2] = 40, 1
    scores = log_odds(inside, everywhere)
    assert scores[0] > scores[1] > 0 > scores[2]
