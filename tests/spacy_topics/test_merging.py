import numpy as np
import pytest

from spacy_topics.errors import InputError
from spacy_topics.hierarchy import hierarchy, merges, tree
from spacy_topics.merging import merge_theta, merge_topics, reduce_topics, theta_moved
from spacy_topics.topic_model import BACKGROUND, TopicModel


def p_words(model):
    return model.prevalence.astype(np.float64) @ model.phi


def test_what_is_merged_keeps_the_probability_of_each_word(model):
    merged = merge_topics(model, [7, 2, 5])
    assert merged.model.num_topics == model.num_topics - 2
    np.testing.assert_allclose(p_words(merged.model), p_words(model), atol=1e-6)
    assert merged.model.alpha.sum() == pytest.approx(model.alpha.sum(), rel=1e-6)
    assert merged.model.alpha[2] == pytest.approx(model.alpha[[2, 5, 7]].sum(), rel=1e-6)
    assert merged.topics.tolist() == [0, 1, 2, 3, 4, 2, 5, 2, 6, 7, 8, 9]
    for old, new in enumerate(merged.topics.tolist()):
        if old not in (2, 5, 7):
            assert merged.model.labels[new] == model.labels[old]
            assert (merged.model.phi[new] == model.phi[old]).all()
    assert np.isnan(merged.model.coherence[2])
    assert merged.model.meta["merged"][2] == [2, 5, 7]
    again = merge_topics(merged.model, [2, 3])
    assert again.model.meta["merged"][2] == [2, 5, 7, 3]
    assert TopicModel.from_bytes(again.model.to_bytes()).labels == again.model.labels


def test_names(model):
    model.rename(3, "thai")
    model.rename(4, "indian")
    first, second = sorted((3, 4), key=lambda topic: -model.prevalence[topic])
    assert merge_topics(model, [3, 4]).model.names[3] == f"{model.names[first]} & {model.names[second]}"
    assert merge_topics(model, [4, 5]).model.names[4] == "indian"
    assert merge_topics(model, [4, 5], "curry").model.names[4] == "curry"
    assert merge_topics(model, [4, model.background]).model.names[4] == BACKGROUND
    with pytest.raises(InputError, match="T006"):
        merge_topics(model, [4, 5], "thai")
    model.rename(3, "x" * 60)
    model.rename(4, "y" * 60)
    assert len(merge_topics(model, [3, 4]).model.names[3]) == 60


@pytest.mark.parametrize("topics", [[], [1], [1, 1], [0, 1, 2], [0, 3], [-1, 0]])
def test_merges_that_cannot_be(topics, small):
    with pytest.raises(InputError, match="T005" if any(k not in (0, 1, 2) for k in topics) else "T130"):
        merge_topics(small, topics)


def test_topics_that_explain_nothing_count_alike():
    model = TopicModel([[1, 0, 1], [0, 1, 1], [1, 1, 0]], np.ones(3), ["a", "b", "c"], prevalence=[0, 0, 1])
    np.testing.assert_allclose(merge_topics(model, [0, 1]).model.phi[0], [0.25, 0.25, 0.5], atol=1e-6)


@pytest.mark.parametrize("to", [3, 7, 11])
def test_reduce(to, model):
    reduced = reduce_topics(model, to)
    assert reduced.model.num_topics == to
    assert reduced.model.background is not None
    assert (reduced.topics == reduced.topics[model.background]).sum() == 1
    np.testing.assert_allclose(p_words(reduced.model), p_words(model), atol=1e-6)


@pytest.mark.parametrize("to", [-1, 0, 1, 2, 12, 50, True])
def test_reductions_that_cannot_be(to, model):
    with pytest.raises(InputError, match="T131"):
        reduce_topics(model, to)


def test_theta(model, nlp, texts):
    merged = merge_topics(model, [2, 5])
    theta = np.random.default_rng(0).dirichlet(np.ones(12), 5).astype(np.float32)
    added = merge_theta(theta, merged.topics)
    assert added.shape == (5, 11)
    np.testing.assert_allclose(added[:, 2], theta[:, 2] + theta[:, 5])
    bags = nlp.get_pipe("lda_topics").reader.bags(list(nlp.pipe(texts[:100])))
    moved = theta_moved(model, merged, bags)
    assert moved["documents"] == 100
    assert 0 < moved["mean_l1"] < 0.5
    assert 0 < moved["moved"] <= 1
    assert np.isnan(theta_moved(model, merged, model.bags([[], []]))["mean_l1"])


def test_the_most_alike_are_merged_first():
    phi = np.array([[5, 5, 1, 1, 0.1], [1, 1, 5, 5, 0.1], [5, 4, 1, 1, 0.1], [0.1, 0.1, 0.1, 0.1, 9]])
    model = TopicModel(phi, np.ones(4), list("abcde"))
    steps = merges(model)
    assert [(step.left, step.right) for step in steps] == [((0,), (2,)), ((0, 2), (1,)), ((0, 1, 2), (3,))]
    p = model.phi.astype(np.float64)
    assert steps[0].distance == pytest.approx(np.sqrt(((np.sqrt(p[0]) - np.sqrt(p[2])) ** 2).sum() / 2))
    assert [row["distance"] for row in hierarchy(model)] == sorted(row["distance"] for row in hierarchy(model))
    lines = tree(model, 2)
    assert len(lines) == 7
    assert lines[0].endswith(", b") or ", " in lines[0]
    assert [line.split("─ ")[-1].split()[0] for line in lines if "[" not in line] == ["0", "2", "1", "3"]


def test_one_topic_has_no_hierarchy():
    one = TopicModel([[1, 1]], [1], ["a", "b"])
    assert merges(one) == []
    assert tree(one) == ["0 a, b"]
    with pytest.raises(InputError, match="T130"):
        merge_topics(one, [0])
    with pytest.raises(InputError, match="T142"):
        reduce_topics(one, 1)
