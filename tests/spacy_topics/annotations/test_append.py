import json

import duckdb
import pytest
from helpers import good, palate

from spacy_topics.annotations.run import annotate
from spacy_topics.annotations.store import Manifest
from spacy_topics.errors import InputError


def write(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf8")
    return path


def documents(folder):
    return duckdb.sql(f"SELECT * FROM read_parquet('{folder}/documents-*.parquet') ORDER BY id").fetchall()


def test_new_rows_are_annotated_and_old_ones_kept(four, pipeline, tmp_path):
    file, out = tmp_path / "reviews.jsonl", tmp_path / "out"
    annotate(write(file, four[:30]), out, pipeline, part_size=20)
    before = {path.name: path.stat().st_mtime_ns for path in out.glob("*-*.parquet")}
    write(file, four[:50])
    with pytest.raises(InputError, match="T080"):
        annotate(file, out, pipeline, part_size=20)
    assert annotate(file, out, pipeline, part_size=20, append=True)[:2] == (20, 30)
    write(file, four[:60])  # grown twice
    result = good("annotate", file, "-o", out, "--pipeline", pipeline, "--part-size", 20, "--append", "--json")
    assert json.loads(result.stdout)["reviews"] == 10
    assert {name: (out / name).stat().st_mtime_ns for name in before} == before
    assert [rows for rows, _ in Manifest.read(out).earlier] == [30, 50]
    annotate(file, tmp_path / "all", pipeline, part_size=20)
    assert documents(out) == documents(tmp_path / "all")
    assert annotate(file, out, pipeline, part_size=20, append=True)[:2] == (0, 60)
    assert annotate(file, out, pipeline, part_size=20)[:2] == (0, 60)


def test_a_stopped_append_continues(four, pipeline, tmp_path):
    file, out = tmp_path / "reviews.jsonl", tmp_path / "out"
    annotate(write(file, four[:30]), out, pipeline, part_size=20)
    annotate(write(file, four[:50]), out, pipeline, part_size=20, append=True)
    for name in ("documents-000000020-000000030", "documents-000000030-000000050"):
        (out / f"{name}.parquet").unlink()
    assert annotate(file, out, pipeline, part_size=20)[:2] == (30, 20)


@pytest.mark.parametrize("spoil", ["changed", "removed", "before"])
def test_changed_rows_are_refused_and_nothing_is_written(spoil, four, pipeline, tmp_path):
    file, out = tmp_path / "reviews.jsonl", tmp_path / "out"
    annotate(write(file, four[:10]), out, pipeline)
    rows = {
        "changed": [{**four[0], "text": "Other words."}, *four[1:12]],
        "removed": four[1:12],
        "before": [four[11], *four[:10]],
    }[spoil]
    manifest = (out / "manifest.json").read_bytes()
    result = palate("annotate", write(file, rows), "-o", out, "--pipeline", pipeline, "--append")
    assert result.exit_code == 2
    assert "[T137]" in result.stderr
    assert result.stderr.count("\n") == 1
    assert (out / "manifest.json").read_bytes() == manifest


def test_append_to_a_new_folder_annotates_all(four, pipeline, tmp_path):
    assert annotate(write(tmp_path / "r.jsonl", four[:5]), tmp_path / "out", pipeline, append=True)[:2] == (5, 0)
