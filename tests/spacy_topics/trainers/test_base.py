"""Trainers by name."""

import pytest
import spacy

from spacy_topics.errors import InputError
from spacy_topics.trainers.base import make_trainer
from spacy_topics.trainers.gibbs import Gibbs


@spacy.registry.misc("tests.Short.v1")
def short(iterations=20):
    """A trainer that a user registers in their own code."""
    return Gibbs(iterations=iterations, burn_in=10)


@pytest.mark.parametrize("name", ["gibbs", "spacy_topics.Gibbs.v1"])
def test_our_own_by_either_name(name):
    assert make_trainer(name, {"iterations": 30}) == Gibbs(iterations=30)


def test_one_that_a_user_registers():
    assert make_trainer("tests.Short.v1", {"iterations": 40}).iterations == 40


def test_one_that_nobody_registers():
    with pytest.raises(InputError, match=r"T022.*gibbs, adversarial, mmd.*registry\.misc.*'nobody'"):
        make_trainer("nobody")
