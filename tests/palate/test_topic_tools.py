import json

import duckdb
import numpy as np
import pytest
from helpers import good, palate

from corpora import bistro
from spacy_topics.annotations.store import Manifest
from spacy_topics.guide.guide import Guide
from spacy_topics.guide.topics_by import topics_by
from spacy_topics.pipeline.loading import load_pipeline
from spacy_topics.topic_model import TopicModel
from spacy_topics.trainers.converters import from_arrays


def theta_of(folder):
    rows = duckdb.sql(f"SELECT topic_dist, topics FROM read_parquet('{folder}/documents-*.parquet') ORDER BY id").fetchall()
    return np.array([row[0] for row in rows]), [row[1] for row in rows]


def test_merge(model, model_path, reviews_file, tmp_path):
    result = good("topics", "merge", model_path, 3, 7, "-o", tmp_path / "m.topics", "--name", "both", "--json")
    rows = json.loads(result.stdout)["topics"]
    assert [row["was"] for row in rows][2:5] == [[2], [3, 7], [4]]
    assert TopicModel.load(tmp_path / "m.topics").names[3] == "both"
    result = good("topics", "reduce", model_path, "--to", 5, "-o", tmp_path / "five.topics", "--reviews", reviews_file)
    assert "L1 distance 0." in result.stderr
    assert "5 topics" in result.stdout
    assert palate("topics", "merge", model_path, 3, 7, "-o", model_path).exit_code == 2  # the model is not replaced


def test_annotations_are_merged_by_adding_columns(annotations, pipeline, tmp_path):
    model = load_pipeline(pipeline).get_pipe("lda_topics").topic_model
    model.save(tmp_path / "a.topics")
    out = tmp_path / "merged"
    good("topics", "merge", tmp_path / "a.topics", 3, 7, "-o", tmp_path / "b.topics", "--annotations", annotations, out)
    before, _ = theta_of(annotations)
    after, listed = theta_of(out)
    assert after.shape == (len(before), before.shape[1] - 1)
    np.testing.assert_allclose(after[:, 3], before[:, 3] + before[:, 7], atol=1e-6)
    np.testing.assert_allclose(after.sum(axis=1), 1, atol=1e-4)
    labels = TopicModel.load(tmp_path / "b.topics").labels
    assert Manifest.read(out).topics == labels
    assert {topic["label"] for row in listed for topic in row} <= set(labels)
    rows = json.loads(good("discussed", out, "--city", "Leeds", "--json").stdout)
    assert {row["topic"] for row in rows} <= set(labels)
    file = annotations.parent / "reviews.jsonl"
    refused = palate("annotate", file, "-o", out, "--pipeline", pipeline, "--part-size", 100)
    assert "[T080]" in refused.stderr  # no pipeline has these topics
    for given, code in (((tmp_path / "b.topics", 3, 7), "T134"), ((tmp_path / "a.topics", 3, 7), "T136")):
        folder = tmp_path / "new" if code == "T134" else out
        refused = palate("topics", "merge", *given, "-o", tmp_path / "c.topics", "--annotations", annotations, folder)
        assert f"[{code}]" in refused.stderr


def test_hierarchy(model_path, tmp_path):
    result = good("topics", "hierarchy", model_path, "-o", tmp_path / "tree.svg")
    assert result.stdout.count("─ ") == 20  # eleven topics beside the background
    assert "<svg" in (tmp_path / "tree.svg").read_text("utf8")
    assert len(json.loads(good("topics", "hierarchy", model_path, "--json").stdout)) == 10


def test_find(model_path):
    rows = json.loads(good("topics", "find", model_path, "Tacos and salsa!", "--json").stdout)
    assert rows[0]["label"].startswith("mexican")
    assert set(rows[0]["terms"]) == {"taco", "salsa"}
    assert sum(row["share"] for row in rows) <= 1.001
    assert "taco" in good("topics", "find", model_path, "tacos", "-n", 1).stdout


@pytest.mark.parametrize("query", ["the and of", "zzxqv", "", "?!", "'"])
def test_queries_without_a_known_word(query, model_path):
    result = palate("topics", "find", model_path, query)
    assert result.exit_code == 2
    assert "[T133]" in result.stderr
    assert result.stderr.count("\n") == 1


def test_examples(model, model_path, reviews_file):
    rows = json.loads(good("topics", "examples", model_path, reviews_file, "-n", 2, "--json").stdout)
    assert len(rows) == 2 * 11  # not of the background
    assert {row["topic"] for row in rows} == set(range(12)) - {model.background}
    (row,) = json.loads(good("topics", "examples", model_path, reviews_file, "-n", 1, "--topic", 1, "--json").stdout)
    assert row["share"] > 0.5
    assert any(word in row["text"].lower() for word in model.top_words(1))
    assert "T005" in palate("topics", "examples", model_path, reviews_file, "--topic", 99).stderr


def test_outliers(model_path, reviews_file):
    rows = json.loads(good("topics", "examples", model_path, reviews_file, "--outliers", 0.05, "--json").stdout)
    assert 40 <= len(rows) <= 44
    assert [row["explained"] for row in rows] == sorted(row["explained"] for row in rows)
    assert rows[-1]["explained"] < 0.3
    assert "T032" in palate("topics", "examples", model_path, reviews_file, "--outliers", 1.5).stderr


def test_compare(model, model_path, tmp_path):
    good("topics", "merge", model_path, 3, 7, "-o", tmp_path / "m.topics")
    rows = json.loads(good("topics", "compare", model_path, tmp_path / "m.topics", "--json").stdout)
    assert len(rows) == 12
    assert sum(row["cosine"] is not None and row["cosine"] > 0.999 for row in rows) >= 10
    assert rows[-1]["b"] is None
    assert rows[-1]["a"] in (3, 7)
    from_arrays([[1, 2], [2, 1]], 0.1, ["qq", "zz"]).save(tmp_path / "other.topics")
    assert "[T132]" in palate("topics", "compare", model_path, tmp_path / "other.topics").stderr


def test_evaluate_by_labels(model_path, reviews_file):
    figures = json.loads(good("topics", "evaluate", model_path, reviews_file, "--labels", "city", "--json").stdout)
    assert figures["labelled"] == 880
    assert 0 < figures["nmi"] < 1
    assert 0.25 < figures["purity"] <= 1
    assert palate("topics", "evaluate", model_path, reviews_file, "--labels", "nothing").exit_code == 2


@pytest.mark.parametrize("command", [("find", "a"), ("hierarchy",), ("show",)])
def test_one_topic(command, tmp_path):
    from_arrays([[1, 2]], 0.1, ["aa", "bb"]).save(tmp_path / "one.topics")
    name, *rest = command
    result = palate("topics", name, tmp_path / "one.topics", *rest)
    assert (result.stdout + result.stderr).strip()
    assert result.exit_code in (0, 2)


def test_view_with_reviews_and_annotations(annotations, pipeline, reviews_file, model_path, tmp_path):
    good("topics", "view", model_path, "--reviews", reviews_file, "-o", tmp_path / "map.html")
    data = map_data(tmp_path / "map.html")
    assert sum(len(topic["examples"]) == 3 for topic in data["topics"]) == 11
    model = load_pipeline(pipeline).get_pipe("lda_topics").topic_model
    model.save(tmp_path / "a.topics")
    good("topics", "view", tmp_path / "a.topics", "--annotations", annotations, "-o", tmp_path / "map.html")
    data = map_data(tmp_path / "map.html")
    assert [group["by"] for group in data["groups"]] == ["city", "year"]
    by_city = topics_by(Guide(annotations), "city")
    assert data["groups"][0]["names"] == by_city.groups
    known = [[share for share in shares if share is not None] for shares in data["groups"][0]["shares"]]
    np.testing.assert_allclose(known, by_city.share, atol=1e-5)
    assert [shares[model.background] for shares in data["groups"][1]["shares"]] == [None] * len(data["groups"][1]["names"])
    assert sum(len(topic["examples"]) for topic in data["topics"]) == 3 * 69
    assert "[T134]" in palate("topics", "view", model_path, "--annotations", annotations, "-o", tmp_path / "x.html").stderr


def map_data(path):
    return json.loads(path.read_text("utf8").split('id="data">')[1].split("</script>")[0])


def test_update(model, model_path, tmp_path):
    reviews = [
        {"text": f"{review.text} Zobo!" if i < 40 else review.text} for i, review in enumerate(bistro.reviews()) if i < 90
    ]
    (tmp_path / "new.jsonl").write_text("".join(json.dumps(row) + "\n" for row in reviews))
    out = tmp_path / "new.topics"
    result = good("topics", "update", model_path, tmp_path / "new.jsonl", "-o", out, "--csv", tmp_path / "rows.csv", "--json")
    assert f"12 topics updated with 90 reviews and 5 new terms, in {out}" in result.stderr
    rows = json.loads(result.stdout)
    assert [row["name"] for row in rows] == model.names
    assert "zobo" in [word for row in rows for word in row["new_words"]]
    assert (tmp_path / "rows.csv").read_text("utf8").count("\n") == 13
    again = good("topics", "update", out, tmp_path / "new.jsonl", "-o", out.with_suffix(".2"), "--memory", 0)
    assert "no new term" in again.stderr
    assert TopicModel.load(out.with_suffix(".2")).meta["updates"][1]["memory"] == 0
    from_arrays([[1, 2], [2, 1]], 0.1, ["qq", "zz"]).save(tmp_path / "other.topics")
    for args, code in (
        ((tmp_path / "other.topics", tmp_path / "new.jsonl"), "T138"),
        ((model_path, tmp_path / "new.jsonl", "--memory", -1), "T032"),
        ((model_path, tmp_path / "empty.jsonl"), "T095"),
    ):
        (tmp_path / "empty.jsonl").write_text("")
        refused = palate("topics", "update", *args, "-o", tmp_path / "no.topics")
        assert (refused.exit_code, f"[{code}]" in refused.stderr, refused.stderr.count("\n")) == (2, True, 1)
    assert not (tmp_path / "no.topics").exists()
    assert palate("topics", "update", model_path, tmp_path / "new.jsonl", "-o", model_path).exit_code == 2
