import numpy as np
import pytest
from sklearn.linear_model import Ridge

from spacy_topics.guide.ridge import PENALTIES, RidgeFit, r2


@pytest.fixture
def made():
    """2,000 reviews of 200 restaurants, each with a taste of its own: values, stars, restaurant."""
    rng = np.random.default_rng(0)
    restaurant = np.arange(2000) % 200
    values = (rng.random((2000, 6)) < 0.3).astype(np.float32)
    stars = 3 + values @ np.array([1, -0.5, 0, 0, 0, 0]) + rng.normal(0, 0.5, 200)[restaurant] + rng.normal(0, 1, 2000)
    return values, stars, restaurant


def test_coefficients_are_those_of_scikit_learn(made):
    values, stars, restaurant = made
    standardised = (values - values.mean(axis=0)) / values.std(axis=0)
    fit = RidgeFit(values.copy(), stars, restaurant, np.random.default_rng(0))
    theirs = Ridge(alpha=fit.penalty * len(stars)).fit(standardised, stars)
    assert fit.penalty in PENALTIES
    assert fit.coefficients * values.std(axis=0) == pytest.approx(theirs.coef_, abs=1e-4)


def test_errors_are_those_of_restaurants_drawn_again(made):
    values, stars, restaurant = made
    fit = RidgeFit(values.copy(), stars, restaurant, np.random.default_rng(0))
    rng = np.random.default_rng(1)
    drawn = []
    for _ in range(100):
        rows = np.concatenate([np.flatnonzero(restaurant == one) for one in rng.integers(200, size=200)])
        drawn.append(
            Ridge(alpha=fit.penalty * len(rows)).fit(values[rows] / values.std(axis=0), stars[rows]).coef_ / values.std(axis=0)
        )
    assert fit.errors == pytest.approx(np.std(drawn, axis=0), rel=0.35)
    assert np.abs(fit.coefficients[2:]).max() < 4 * fit.errors.max()


def test_what_is_held_out_is_not_looked_at(made):
    """Columns that name the restaurant tell all of its stars, and nothing of other restaurants."""
    _, stars, restaurant = made
    named = np.eye(200, dtype=np.float32)[restaurant]
    fit = RidgeFit(named, stars, restaurant, np.random.default_rng(0))
    assert max(r2(stars, fit.held_out, restaurant)) < 0.01


def test_r2_of_rows_and_of_restaurants():
    target, units = np.array([1.0, 3, 4, 4]), np.array([0, 0, 1, 1])
    assert r2(target, target, units) == (1.0, 1.0)
    assert r2(target, np.array([2.0, 2, 4, 4]), units) == (round(1 - 2 / 6, 4), 1.0)
    assert r2(target, np.full(4, 3.0), units) == (0.0, 0.0)
