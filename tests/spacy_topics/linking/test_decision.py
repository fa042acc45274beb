import numpy as np
import pytest
import spacy
from helpers import build_base
from hypothesis import given
from hypothesis import strategies as st

from corpora.businesses import Business
from corpora.reviews import Review
from spacy_topics.errors import InputError
from spacy_topics.linking.candidates import Candidate, CandidateGenerator
from spacy_topics.linking.decision import Weights, scores
from spacy_topics.topic_model import TopicModel

MEXICAN, ITALIAN, JAPANESE = 0.97 * np.eye(3) + 0.01
ANY = np.full(3, 1 / 3)
NONE = Weights(**dict.fromkeys(vars(Weights()), 0))
TWINS = [Candidate(0, 1.0, 0.4), Candidate(1, 1.0, 0.4), Candidate(2, 1.0, 0.2)]


@pytest.fixture(scope="module")
def base():
    """Three of one name: a mexican one in Leeds, an italian one in Phoenix, a japanese one nobody knows where."""
    phi = np.kron(np.eye(3), np.full((1, 2), 0.48)) + 0.01
    nlp = spacy.blank("en")
    nlp.add_pipe("lda_topics").topic_model = TopicModel(
        phi, np.full(3, 0.1), ["taco", "salsa", "pasta", "basil", "sushi", "nori"]
    )
    given = [Business("leeds", "Corner", "Leeds"), Business("phoenix", "Corner", "Phoenix"), Business("nowhere", "Corner")]
    said = [Review("1", "taco salsa", "leeds"), Review("2", "pasta basil", "phoenix"), Review("3", "sushi nori", "nowhere")]
    return build_base(nlp, given, said)


def best(base, *, theta=ANY, evidence=0, places=(), weights=None, candidates=TWINS):
    return scores(base, candidates, theta, evidence, places, weights or Weights())[0][0]


@pytest.mark.parametrize(("places", "house"), [({"leed"}, "leeds"), ({"phoenix"}, "phoenix"), ({"portland"}, "nowhere")])
def test_place_decides_between_equal_names(places, house, base):
    assert best(base, places=places) == house


def test_a_house_of_unknown_city_is_never_away(base):
    found = dict(scores(base, TWINS, ANY, 0, {"phoenix"}, Weights(prior=0, branches=0)))
    assert found == {"phoenix": 1.0, "nowhere": 1.0, "leeds": 0.1}


def test_each_of_several_places_will_do(base):
    assert {score for _, score in scores(base, TWINS[:2], ANY, 0, {"leed", "phoenix"}, Weights())} == {1.0}


@pytest.mark.parametrize(("theta", "house"), [(MEXICAN, "leeds"), (ITALIAN, "phoenix"), (JAPANESE, "nowhere")])
def test_topics_decide_where_the_place_is_unknown(theta, house, base):
    for evidence in (20, 2000):
        assert best(base, theta=theta, evidence=evidence, weights=Weights(branches=0)) == house
        assert best(base, theta=theta, evidence=evidence, candidates=[Candidate(row, 1.0, 0.4) for row in range(3)]) == house


def test_many_branches_elsewhere_say_nothing_in_the_city_that_is_named(base):
    rivals = [Candidate(0, 1.0, 0.05), Candidate(1, 1.0, 0.95)]
    assert scores(base, rivals, ANY, 0, {"leed"}, Weights(prior=0)) == [("leeds", 1.0), ("phoenix", 0.1)]
    assert best(base, candidates=rivals) == "phoenix"


def test_topics_count_as_their_evidence_grows(base):
    rivals = [dict(scores(base, TWINS, MEXICAN, evidence, (), Weights()))["phoenix"] for evidence in (0, 1, 5, 10, 20)]
    assert rivals == sorted(rivals, reverse=True)
    assert len(set(rivals)) == 5
    assert scores(base, TWINS, MEXICAN, 20, (), Weights()) == scores(base, TWINS, MEXICAN, 99, (), Weights())


@pytest.mark.parametrize("theta", [MEXICAN, ITALIAN, JAPANESE, ANY])
def test_no_evidence_leaves_topics_out(theta, base):
    assert scores(base, TWINS, theta, 0, (), Weights()) == scores(base, TWINS, ANY, 20, (), Weights(topics=0))


@pytest.mark.parametrize("row", [0, 1, 2])
def test_prior_decides_otherwise(row, base):
    candidates = [Candidate(i, 1.0, 0.6 if i == row else 0.2) for i in range(3)]
    assert best(base, candidates=candidates) == list(base.restaurants)[row]


def test_the_likelier_spelling_decides(base):
    assert best(base, candidates=[Candidate(0, 0.6, 1.0), Candidate(1, 0.9, 1.0)]) == "phoenix"


@pytest.mark.parametrize(
    ("factor", "candidates", "theta", "places"),
    [
        ("spelling", [Candidate(0, 0.5, 0.5), Candidate(1, 1.0, 0.5)], ANY, ()),
        ("prior", [Candidate(0, 1.0, 0.1), Candidate(1, 1.0, 0.9)], ANY, ()),
        ("topics", [Candidate(0, 1.0, 0.5), Candidate(1, 1.0, 0.5)], ITALIAN, ()),
        ("city", [Candidate(0, 1.0, 0.5), Candidate(1, 1.0, 0.5)], ANY, {"phoenix"}),
    ],
)
def test_each_weight_is_of_its_factor_and_zero_leaves_it_out(factor, candidates, theta, places, base):
    def of_the_worse(weight):
        found = scores(base, candidates, theta, 20, places, Weights(**{**vars(NONE), factor: weight}))
        assert dict(found)["phoenix"] == 1
        return dict(found)["leeds"]

    assert of_the_worse(0) == 1
    assert 1 > of_the_worse(0.5) > of_the_worse(1) > of_the_worse(2) > 0
    assert of_the_worse(2) == pytest.approx(of_the_worse(1) ** 2, abs=1e-5)
    assert {s for _, s in scores(base, candidates, theta, 20, places, NONE)} == {1.0}


def test_ties_go_by_prior_then_by_id(base):
    candidates = [Candidate(0, 1.0, 0.2), Candidate(2, 1.0, 0.3), Candidate(1, 1.0, 0.2)]
    for order in (candidates, candidates[::-1]):
        assert scores(base, order, ANY, 0, (), NONE) == [("nowhere", 1.0), ("leeds", 1.0), ("phoenix", 1.0)]


def test_no_candidates(base):
    assert scores(base, [], ANY, 20, {"leed"}, Weights()) == []


share = st.floats(1e-6, 1)


@given(
    st.lists(st.tuples(st.integers(0, 2), share, share), min_size=1, unique_by=lambda candidate: candidate[0]),
    st.lists(share, min_size=3, max_size=3),
    st.integers(0, 1000),
    st.sets(st.sampled_from(["leed", "phoenix", "portland"])),
    st.builds(Weights, *[st.floats(0, 10)] * 4),
)
def test_scores_are_from_0_to_1_and_sorted(base, candidates, theta, evidence, places, weights):
    candidates = [Candidate(*candidate) for candidate in candidates]
    found = scores(base, candidates, np.array(theta) / sum(theta), evidence, places, weights)
    assert sorted(house for house, _ in found) == sorted(list(base.restaurants)[candidate.row] for candidate in candidates)
    values = [score for _, score in found]
    assert values == sorted(values, reverse=True)
    assert all(0 <= value <= 1 for value in values)


@pytest.mark.parametrize("factor", ["spelling", "prior", "topics", "city"])
@pytest.mark.parametrize("value", [-0.1, float("nan"), float("inf"), float("-inf"), 1001, None, "1", True])
def test_bad_weights(factor, value):
    with pytest.raises(InputError, match=f"T032.*{factor}.*0 or more"):
        Weights(**{factor: value})


def test_one_candidate_with_nothing_against_it_scores_1(base):
    generator = CandidateGenerator(base)
    assert [score for _, score in scores(base, generator(["corner"])[0], ANY, 0, (), Weights())] == [1.0, 1.0, 1.0]
    assert scores(base, [Candidate(1, 1.0, 0.01)], MEXICAN, 50, {"phoenix"}, Weights()) == [("phoenix", 1.0)]
