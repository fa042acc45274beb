"""What format 2 adds: texts, columns of the input that are kept, and parts that carry what they were made by."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest
import spacy

from corpora.reviews import Review
from spacy_topics.annotations.records import entity_records, read_doc, records
from spacy_topics.annotations.run import Annotated, annotate
from spacy_topics.annotations.store import Manifest
from spacy_topics.errors import InputError
from spacy_topics.guide.guide import Guide

ROWS = [
    {"id": "a", "text": "Tacos.\n\nAnd \0 salsa \ud800", "useful": 3, "menu url": "x.org", "name": "A"},
    {"id": "b", "text": "", "useful": None, "menu url": 'q"uo', "name": "B"},
]


def write(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf8")
    return path


def query(folder, kind, what="*"):
    with duckdb.connect() as connection:
        return connection.execute(f"SELECT {what} FROM read_parquet('{folder}/{kind}*.parquet') ORDER BY ALL").fetchall()


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """A pipeline that loads at once."""
    nlp = spacy.blank("en")
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "DISH", "pattern": "Tacos"}])
    folder = tmp_path_factory.mktemp("nlp") / "plain"
    nlp.to_disk(folder)
    return folder


def test_texts_are_kept_as_they_were_read(plain, tmp_path):
    annotate(write(tmp_path / "r.jsonl", ROWS), tmp_path / "out", plain)
    assert query(tmp_path / "out", "texts") == [("a", "Tacos.\n\nAnd \ufffd salsa \ufffd"), ("b", "")]
    assert Manifest.read(tmp_path / "out").format == 2


def test_columns_are_kept_by_name_as_text(plain, tmp_path):
    path, keep = write(tmp_path / "r.jsonl", ROWS), ["useful", "menu url", "useful"]
    annotate(path, tmp_path / "out", plain, keep=keep)
    assert query(tmp_path / "out", "documents", 'id, useful, "menu url"') == [("a", "3", "x.org"), ("b", None, 'q"uo')]
    assert annotate(path, tmp_path / "out", plain, keep=keep) == Annotated(0, 2, [])
    with pytest.raises(InputError, match=r"T080.*kept columns"):
        annotate(path, tmp_path / "out", plain)
    assert [row["name"] for row in Guide(tmp_path / "out").restaurants] == ["A", "B"]


@pytest.mark.parametrize(
    ("column", "message"),
    [("stars", "T093"), ("Stars", "T093"), ("topics", "T093"), ("nothing", "no column 'nothing'; there are id")],
)
def test_columns_that_cannot_be_kept(column, message, plain, tmp_path):
    with pytest.raises(InputError, match=message):
        annotate(write(tmp_path / "r.jsonl", ROWS), tmp_path / "out", plain, keep=[column])
    assert not (tmp_path / "out").exists()


def test_the_same_reviews_are_the_same_input_whatever_file_they_are_in(plain, tmp_path):
    rows = [{"id": "1", "text": "Tacos."}, {"id": "2", "text": "Salsa."}]
    annotate(write(tmp_path / "r.jsonl", rows), tmp_path / "out", plain)
    (tmp_path / "r.csv").write_text("id,text\n1,Tacos.\n2,Salsa.\n")
    assert annotate(tmp_path / "r.csv", tmp_path / "out", plain) == Annotated(0, 2, [])
    (tmp_path / "r.csv").write_text("id,text\n1,Tacos.\n2,Salsas.\n")
    with pytest.raises(InputError, match=r"T080.*another input"):
        annotate(tmp_path / "r.csv", tmp_path / "out", plain)


def test_a_part_that_another_pipeline_made_is_made_again(plain, tmp_path):
    path = write(tmp_path / "r.jsonl", ROWS)
    annotate(path, tmp_path / "out", plain)
    nlp = spacy.blank("en")
    nlp.to_disk(tmp_path / "other")
    annotate(path, tmp_path / "theirs", tmp_path / "other")
    for file in (tmp_path / "theirs").glob("mentions-*"):
        (tmp_path / "out" / file.name).write_bytes(file.read_bytes())
    assert annotate(path, tmp_path / "out", plain) == Annotated(2, 0, [])
    assert len(query(tmp_path / "out", "mentions")) == 1


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks processes up in /proc")
def test_workers_end_with_their_parent(four, plain, tmp_path):
    """A worker that went on writing would write into a folder that somebody else has taken."""
    path = write(tmp_path / "r.jsonl", [{"text": row["text"] * 40} for row in four * 3])
    command = ["annotate", path, "-o", tmp_path / "out", "--pipeline", plain, "--part-size", "200", "--processes", "3"]
    child = subprocess.Popen([sys.executable, "-m", "palate", *map(str, command)], stderr=subprocess.DEVNULL)
    children = Path(f"/proc/{child.pid}/task/{child.pid}/children")
    wait_for((tmp_path / "out" / "manifest.json").exists)
    workers = [int(pid) for pid in children.read_text().split()]
    workers = [pid for pid in workers if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    assert len(workers) == 2
    child.send_signal(signal.SIGKILL)
    child.wait()
    for pid in workers:
        wait_for(lambda pid=pid: not is_running(pid))


def is_running(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


def wait_for(condition):
    for _ in range(600):
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError("it never came")


def test_records_are_what_a_program_gets_without_a_folder(pipeline, four):
    nlp = spacy.load(pipeline)
    reviews = [Review(row["id"], row["text"], city=row["city"], kept={"useful": "1"}) for row in four[:3]]
    found = list(records(nlp, reviews))
    assert [record.document["id"] for record in found] == [row["id"] for row in four[:3]]
    assert found[0].document["useful"] == "1"
    assert len(found[0].document["topic_dist"]) == 70
    assert found[0].text == {"id": four[0]["id"], "text": four[0]["text"]}
    assert {mention["document"] for mention in found[0].mentions} == {four[0]["id"]}


def test_entities_of_one_text(pipeline):
    nlp = spacy.load(pipeline)
    rows = {row["text"]: row for row in entity_records(read_doc(nlp, "The carnitas at El Camino.", "Portland"))}
    assert rows["El Camino"]["link"] == "el-camino-portland"
    assert rows["carnitas"] == {"text": "carnitas", "label": "DISH", "link": "", "candidates": []}
