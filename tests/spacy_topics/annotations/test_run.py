import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest
import spacy

from corpora.cuisines import cuisines
from corpora.files import left_over
from spacy_topics.annotations.run import Annotated, _parts, annotate
from spacy_topics.annotations.store import Manifest, files_of, taken
from spacy_topics.errors import InputError, RunError
from spacy_topics.guide.guide import Guide
from spacy_topics.topic_model import TopicModel

CONTRACT = {
    "documents": {
        "id": "VARCHAR",
        "business_id": "VARCHAR",
        "name": "VARCHAR",
        "city": "VARCHAR",
        "stars": "DOUBLE",
        "date": "VARCHAR",
        "topics": "STRUCT(label VARCHAR, weight DOUBLE)[]",
        "topic_dist": "FLOAT[]",
        "evidence": "INTEGER",
    },
    "mentions": {
        "document": "VARCHAR",
        "start": "INTEGER",
        "end": "INTEGER",
        "text": "VARCHAR",
        "label": "VARCHAR",
        "kb_id": "VARCHAR",
        "score": "DOUBLE",
        "sentence": "VARCHAR",
    },
    "texts": {"id": "VARCHAR", "text": "VARCHAR"},
    "restaurants": {"id": "VARCHAR", "name": "VARCHAR", "city": "VARCHAR"},
}


def write(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf8")
    return path


def rows_of(folder, kind):
    """All rows of a kind, sorted, so that they can be compared whoever wrote them."""
    with duckdb.connect() as connection:
        return connection.execute(f"SELECT * FROM read_parquet('{folder}/{kind}*.parquet') ORDER BY ALL").fetchall()


def ids_of(folder):
    return [row[0] for row in rows_of(folder, "documents")]


def names_of(folder):
    return sorted(path.name for path in Path(folder).iterdir())


@pytest.fixture
def plain(model, tmp_path):
    """A pipeline that loads at once: sentences, two words as entities, topics, no links."""
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "DISH", "pattern": word} for word in ("tacos", "pasta")])
    nlp.add_pipe("lda_topics").topic_model = model
    nlp.to_disk(tmp_path / "plain")
    return tmp_path / "plain"


@pytest.fixture
def reviews(four, tmp_path):
    """Sixty of them in a file."""
    return write(tmp_path / "reviews.jsonl", four[:60])


def test_the_tables_are_the_contracts(annotations):
    for kind, columns in CONTRACT.items():
        found = duckdb.sql(f"DESCRIBE SELECT * FROM read_parquet('{annotations}/{kind}*.parquet')").fetchall()
        assert {row[0]: row[1].replace('"label"', "label") for row in found} == columns
    assert all(name.endswith(".parquet") for name in names_of(annotations) if name != "manifest.json")


def test_every_review_is_there_once_with_what_the_file_says(annotations, four):
    said = sorted((row["id"], row["business_id"], row["name"], row["city"], row["stars"], row["date"]) for row in four)
    assert [row[:6] for row in rows_of(annotations, "documents")] == said
    files = files_of(annotations, Manifest.read(annotations))
    assert (len(files.documents), len(files.mentions), len(files.texts), files.missing) == (4, 4, 4, 0)


def test_what_is_kept_is_what_the_pipeline_says(annotations, four, pipeline):
    """Bit for bit, one document at a time."""
    nlp = spacy.load(pipeline)
    documents = {row[0]: row[6:] for row in rows_of(annotations, "documents")}
    mentions = rows_of(annotations, "mentions")
    for row in four[:40]:
        doc = nlp.make_doc(row["text"])
        doc._.city = row["city"]
        known = row.get("business_id") in nlp.get_pipe("restaurant_linker").knowledge_base.restaurants
        doc._.restaurant = row["business_id"] if known else row.get("name")
        doc = nlp(doc)
        topics, dist, evidence = documents[row["id"]]
        assert dist == tuple(doc._.topic_dist.tolist()) or dist == doc._.topic_dist.tolist()
        assert evidence == doc._.topic_evidence
        assert [(t["label"], t["weight"]) for t in topics] == [(label, round(w, 6)) for label, w in doc._.topics]
        found = [m[1:] for m in mentions if m[0] == row["id"]]
        assert found == [
            (
                ent.start_char,
                ent.end_char,
                ent.text,
                ent.label_,
                ent.kb_id_ or None,
                ent._.candidates[0][1] if ent.label_ == "RESTAURANT" and ent._.candidates else None,
                ent.sent.text.strip(),
            )
            for ent in doc.ents
        ]


def test_mentions_stand_in_their_reviews(annotations, four, pipeline):
    text = {row["id"]: row["text"] for row in four}
    houses = {row[0] for row in rows_of(annotations, "restaurants")}
    for document, start, end, mention, label, kb_id, score, sentence in rows_of(annotations, "mentions"):
        assert text[document][start:end] == mention
        assert mention in sentence
        assert sentence in text[document]
        known = {"RESTAURANT": houses | {"NIL"}, "CUISINE": {*cuisines(), "NIL"}}.get(label, {None})
        assert kb_id in known
        assert score is None or (label == "RESTAURANT" and 0 <= score <= 1)
    assert {row[4] for row in rows_of(annotations, "mentions")} >= {"RESTAURANT", "CUISINE", "DISH", "INGREDIENT"}


def test_two_processes_write_the_same_rows(annotations, reviews, pipeline, tmp_path):
    assert annotate(reviews, tmp_path / "two", pipeline, processes=2, part_size=13) == Annotated(60, 0, [])
    assert len(list((tmp_path / "two").glob("documents-*"))) == 5
    ids = ids_of(tmp_path / "two")
    assert len(set(ids)) == 60
    for kind in ("documents", "mentions"):
        assert rows_of(tmp_path / "two", kind) == [row for row in rows_of(annotations, kind) if row[0] in ids]
    assert rows_of(tmp_path / "two", "restaurants") == rows_of(annotations, "restaurants")


def test_a_second_run_has_nothing_to_do(reviews, plain, tmp_path):
    annotate(reviews, tmp_path / "out", plain, part_size=25)
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").iterdir()}
    for processes in (1, 3):
        assert annotate(reviews, tmp_path / "out", plain, part_size=25, processes=processes) == Annotated(0, 60, [])
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "out").iterdir()} == before


def test_restart_begins_again(reviews, plain, tmp_path):
    annotate(reviews, tmp_path / "out", plain)
    assert annotate(reviews, tmp_path / "out", plain, restart=True) == Annotated(60, 0, [])
    assert len(ids_of(tmp_path / "out")) == 60


def start(reviews, output, pipeline, *more):
    arguments = ["annotate", reviews, "-o", output, "--pipeline", pipeline, "--part-size", 3, *more]
    command = [sys.executable, "-m", "palate", *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)


def wait_for(found):
    for _ in range(600):
        if value := found():
            return value
        time.sleep(0.05)
    raise AssertionError("it never came")


@pytest.fixture
def more(four, tmp_path):
    return write(tmp_path / "more.jsonl", four[:90])


@pytest.mark.parametrize("processes", [1, 2])
def test_killed_in_mid_run_it_goes_on(processes, four, more, plain, tmp_path):
    """Nothing is lost and nothing is there twice; workers outlive their parent for a part at most."""
    output = tmp_path / "out"
    child = start(more, output, plain, "--processes", processes)
    wait_for(lambda: list(output.glob("documents-*")))
    child.send_signal(signal.SIGKILL)
    child.wait()
    parts = len(list(output.glob("documents-*")))
    time.sleep(1)
    assert len(list(output.glob("documents-*"))) <= parts + processes < 30
    left = [f".{'0123' * 8}{kind}.part" for kind in ("", ".jsonl")]
    for name in left:
        (output / name).write_bytes(b"PAR1 half")
    (output / "mentions-000000087-000000090.parquet").write_bytes(b"PAR1 half")  # without its documents
    guide = Guide(output)
    there = {path: path.read_bytes() for path in output.glob("documents-*")}
    assert 0 < guide.missing < 90
    done = annotate(more, output, plain, part_size=3)
    assert done.before >= 3 * len(there)
    assert done.reviews + done.before == 90
    assert ids_of(output) == sorted(row["id"] for row in four[:90])
    assert {path: path.read_bytes() for path in there} == there
    assert not set(left) & set(names_of(output))
    assert Guide(output).missing == 0
    annotate(more, tmp_path / "whole", plain)
    assert rows_of(output, "mentions") == rows_of(tmp_path / "whole", "mentions")


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks processes up in /proc")
def test_a_worker_that_is_killed_ends_the_run_in_one_line(four, more, plain, tmp_path):
    output = tmp_path / "out"
    child = start(more, output, plain, "--processes", 3)
    wait_for(lambda: list(output.glob("documents-*")))
    children = Path(f"/proc/{child.pid}/task/{child.pid}/children").read_text().split()
    workers = [pid for pid in children if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    assert len(workers) == 2
    os.kill(int(workers[0]), signal.SIGKILL)
    _, err = child.communicate(timeout=30)
    assert child.returncode == 1
    assert err.startswith("palate: [T083] a process was ended from outside (exit code -9): run the command again")
    assert err.count("\n") == 1
    annotate(more, output, plain, part_size=3)
    assert ids_of(output) == sorted(row["id"] for row in four[:90])


@pytest.mark.parametrize("processes", [1, 2])
@pytest.mark.parametrize("wait", [0, 0.3, 0.6, 0.9, 1.2, 1.5])
def test_ctrl_c_is_one_line_whatever_the_processes_are_at(wait, processes, four, plain, tmp_path):
    """All processes of a terminal hear of it: while one starts, and while each annotates or writes."""
    rows = [{"text": row["text"]} for row in four * 4]
    output = tmp_path / "out"
    child = start(write(tmp_path / "many.jsonl", rows), output, plain, "--processes", processes)
    wait_for((output / "restaurants.parquet").exists)
    time.sleep(wait)
    os.killpg(child.pid, signal.SIGINT)
    _, err = child.communicate(timeout=30)
    assert (child.returncode, err) == (130, "palate: stopped\n")
    assert not left_over(output)


def test_what_is_half_written_when_a_run_ends_is_removed(plain, reviews, tmp_path):
    """By whoever holds the folder: workers are ended wherever they are."""
    output = tmp_path / "out"
    annotate(reviews, output, plain)
    half = output / f".{'0123' * 8}.part"
    with taken(output, Manifest.read(output), [], restart=False):
        half.write_bytes(b"PAR1 half")
    assert not half.exists()


CHANGES = [
    # what is changed, what the message says
    ("input", "another input:"),
    ("pipeline", "another pipeline:"),
    ("part_size", "another part size:"),
    ("columns", "another input and columns:"),
    ("input and part size", "another input and part size:"),
]


@pytest.mark.parametrize(("change", "message"), CHANGES)
def test_annotations_of_something_else_are_refused_unless_restarted(change, message, reviews, plain, tmp_path):
    output, given = tmp_path / "out", {"part_size": 30}
    annotate(reviews, output, plain, **given)
    (output / "notes.txt").write_text("mine")
    (output / "mine.parquet").write_text("mine")
    if "input" in change:
        write(reviews, [{"id": "new", "text": "Tacos.", "town": "Leeds"}])
    if change == "pipeline":
        (plain / "entity_ruler" / "patterns.jsonl").write_text('{"label": "DISH", "pattern": "pasta"}\n')
    if change == "columns":
        given["columns"] = {"date": "stars"}
    if "part" in change:
        given["part_size"] = 20
    before = {path: path.read_bytes() for path in output.iterdir()}
    with pytest.raises(InputError, match=rf"\[T080\] .*{message}"):
        annotate(reviews, output, plain, **given)
    assert {path: path.read_bytes() for path in output.iterdir()} == before
    done = annotate(reviews, output, plain, restart=True, **given)
    assert done.before == 0
    annotate(reviews, tmp_path / "fresh", plain, **given)
    for kind in CONTRACT:
        assert rows_of(output, kind) == rows_of(tmp_path / "fresh", kind)
    assert Manifest.read(output) == Manifest.read(tmp_path / "fresh")
    assert names_of(output) == sorted([*names_of(tmp_path / "fresh"), "notes.txt", "mine.parquet"])


# What a part may be instead of itself: query of the rows that a file is written with, or None, a function of its bytes.
WRONG = [
    ("documents", None, lambda data: data[:300]),
    ("documents", None, lambda data: data[:-9]),
    ("documents", None, lambda data: data[:60] + bytes(400) + data[460:]),
    ("documents", None, lambda data: b""),
    ("documents", "SELECT 1 AS id", None),
    ("documents", "SELECT * EXCLUDE (evidence) FROM part", None),
    ("documents", "SELECT * REPLACE ('x' AS topic_dist) FROM part", None),
    ("mentions", None, lambda data: data[:300]),
    ("mentions", "SELECT * EXCLUDE (kb_id) FROM part", None),
    ("mentions", "SELECT * REPLACE ('first' AS start) FROM part", None),
    ("texts", None, lambda data: data[:300]),
    ("texts", "SELECT * EXCLUDE (text) FROM part", None),
    ("restaurants", None, lambda data: data[:-9]),
    ("restaurants", "SELECT * EXCLUDE (city) FROM part", None),
]


@pytest.mark.parametrize(("kind", "query", "damage"), WRONG)
def test_a_part_that_cannot_be_read_is_told_and_annotated_again(kind, query, damage, reviews, plain, tmp_path):
    output = tmp_path / "out"
    annotate(reviews, output, plain, part_size=25)
    rows = {kind: rows_of(output, kind) for kind in CONTRACT}
    path = sorted(output.glob(f"{kind}*"))[0]
    whole = {other: other.read_bytes() for other in output.iterdir() if other.name[-15:] != path.name[-15:]}
    if query:
        with duckdb.connect() as connection:
            connection.execute(f"CREATE TABLE part AS SELECT * FROM read_parquet('{path}')")
            connection.execute(f"COPY ({query}) TO '{path}' (FORMAT parquet)")
    else:
        path.write_bytes(damage(path.read_bytes()))
    if kind != "texts":
        with pytest.raises(InputError, match=rf"\[T086\] .*the {kind} is damaged: run `palate annotate` again") as caught:
            Guide(output).find("italian")
        assert "\n" not in str(caught.value)
    again = 0 if kind == "restaurants" else 25
    assert annotate(reviews, output, plain, part_size=25) == Annotated(again, 60 - again, [])
    assert {kind: rows_of(output, kind) for kind in CONTRACT} == rows
    assert {other: other.read_bytes() for other in whole} == whole


def test_documents_of_other_rows_are_annotated_again(reviews, plain, tmp_path):
    output = tmp_path / "out"
    annotate(reviews, output, plain, part_size=25)
    rows = rows_of(output, "documents")
    shutil.copy(output / "documents-000000050-000000060.parquet", output / "documents-000000000-000000025.parquet")
    assert annotate(reviews, output, plain, part_size=25) == Annotated(25, 35, [])
    assert rows_of(output, "documents") == rows


def test_two_runs_into_one_folder_do_not_meet(four, more, plain, tmp_path):
    output = tmp_path / "out"
    child = start(more, output, plain)
    wait_for(lambda: list(output.glob("documents-*")))
    for restart in (False, True):
        with pytest.raises(RunError, match="T092"):
            annotate(more, output, plain, part_size=3, restart=restart)
    assert child.wait(timeout=60) == 0
    assert ids_of(output) == sorted(row["id"] for row in four[:90])


@pytest.mark.parametrize(("rows", "size"), [(0, 1000), (1, 1), (7, 3), (399, 1000), (5169, 1000), (5169, 1), (100_000, 1000)])
def test_parts_follow_one_another_and_get_small(rows, size):
    parts = _parts(rows, size)
    assert [start for start, _ in parts] == [0, *(end for _, end in parts)][: len(parts)]
    assert (parts[-1][1] if parts else 0) == rows
    lengths = [end - start for start, end in parts]
    assert lengths == sorted(lengths, reverse=True)
    assert all(length <= size for length in lengths)
    assert not parts or lengths[-1] <= 100


def test_a_run_that_was_stopped_at_its_start_goes_on(reviews, plain, tmp_path):
    output = tmp_path / "out"
    annotate(reviews, output, plain)
    for path in output.glob("*.parquet"):
        path.unlink()
    assert annotate(reviews, output, plain) == Annotated(60, 0, [])
    assert rows_of(output, "restaurants") == []


@pytest.mark.parametrize("there", ["file", "foreign", "unfinished", "manifest"])
def test_a_folder_that_holds_something_else_is_left_alone(there, reviews, plain, tmp_path):
    output = tmp_path / "out"
    if there == "file":
        output.write_text("mine")
    else:
        output.mkdir()
        name = {"foreign": "thesis.txt", "unfinished": "documents-000000000-000000060.parquet", "manifest": "manifest.json"}
        (output / name[there]).write_text("mine")
    for restart in (False, True):
        with pytest.raises(InputError, match="T081" if there == "manifest" else "T084"):
            annotate(reviews, output, plain, restart=restart)
    assert [path.read_text() for path in ([output] if there == "file" else output.iterdir())] == ["mine"]


def test_an_empty_folder_is_taken(reviews, plain, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / f".{'0123' * 8}.part").write_text("{")  # a manifest whose writer was killed
    annotate(reviews, tmp_path / "out", plain)
    assert not list((tmp_path / "out").glob(".*"))
    assert len(ids_of(tmp_path / "out")) == 60


GOOD = {"format": 2, "input": "", "columns": {}, "keep": [], "pipeline": "", "part_size": 1}
GOOD |= {"topics": [], "trust": [], "rows": 60, "parts": [[0, 60]]}
MANIFESTS = [
    b"",
    b"{",
    b"[]",
    b"null",
    b"\xff\xfe",
    b"[" * 100_000,
    json.dumps({**GOOD, "format": 3}).encode(),
    json.dumps({**GOOD, "parts": 5}).encode(),
    json.dumps({**GOOD, "parts": [5]}).encode(),
    json.dumps({**GOOD, "parts": [["a", "b"]]}).encode(),
    json.dumps({**GOOD, "parts": [[60, 0]]}).encode(),
    json.dumps({**GOOD, "rows": "many"}).encode(),
    json.dumps({**GOOD, "topics": None}).encode(),
    json.dumps({key: value for key, value in GOOD.items() if key != "rows"}).encode(),
]


@pytest.mark.parametrize("manifest", MANIFESTS)
def test_a_damaged_manifest_is_refused(manifest, reviews, plain, tmp_path):
    output = tmp_path / "out"
    annotate(reviews, output, plain)
    (output / "manifest.json").write_bytes(manifest)
    for use in (lambda: Guide(output), lambda: annotate(reviews, output, plain)):
        with pytest.raises(InputError, match="T081"):
            use()
    assert (output / "manifest.json").read_bytes() == manifest
    assert len(ids_of(output)) == 60
    if len(manifest) < 3:
        assert annotate(reviews, output, plain, restart=True) == Annotated(60, 0, [])
        assert len(ids_of(output)) == 60


LONG = "taco " * 200_001
ODD = [
    {"text": "Tacos and pasta.", "city": None},
    {"text": "", "city": ""},
    {"text": "   \n\t "},
    {"text": "tacos \x00 pasta"},
    {"text": "literally \\u0000 pasta \\\\u0000"},
    {"text": "🌮🌮 tacos 👩‍🍳", "name": "Café 🌮", "city": "São Paulo"},
    {"text": "lone \ud800 tacos \udfff", "name": "\udfff", "city": "\ud800"},
    {"text": "<script>alert(1)</script> tacos & <b>pasta</b>", "name": "<i>"},
    {"text": '\'; DROP TABLE docs; -- tacos\t"quoted"\r\n'},
    {"text": LONG},
    {"text": "タコス tacos \u202e \u2028 \x1b[31m"},
]


def test_odd_reviews_are_kept_as_they_are(plain, tmp_path):
    """But for NUL and lone surrogates, which become \ufffd, and what is too long, which is named."""
    path = write(tmp_path / "odd.jsonl", ODD)
    done = annotate(path, tmp_path / "out", plain, part_size=4)
    assert done == Annotated(len(ODD), 0, ["10"])
    assert annotate(path, tmp_path / "out", plain, part_size=4) == Annotated(0, len(ODD), ["10"])
    documents = {row[0]: row for row in rows_of(tmp_path / "out", "documents")}
    assert sorted(documents, key=int) == [str(number) for number in range(1, len(ODD) + 1)]
    found = {}
    for number, start_, end, text, *_, sentence in rows_of(tmp_path / "out", "mentions"):
        said = re.sub("[\0\ud800-\udfff]", "\ufffd", ODD[int(number) - 1]["text"])
        assert said[start_:end] == text
        assert sentence in said
        found.setdefault(number, []).append(text)
    assert found == {
        "1": ["pasta"],
        "4": ["tacos", "pasta"],
        "5": ["pasta"],
        "6": ["tacos"],
        "7": ["tacos"],
        "8": ["tacos"],
        "9": ["tacos"],
        "11": ["tacos"],
    }
    assert documents["6"][2:4] == ("Café 🌮", "São Paulo")
    assert documents["7"][2:4] == ("\ufffd", "\ufffd")
    assert documents["8"][2] == "<i>"
    assert all(documents[number][3] is None for number in ("1", "2", "3"))
    assert [documents[number][6:] for number in ("2", "10")] == [([], documents["2"][7], 0)] * 2
    assert documents["1"][8] == 2
    guide = Guide(tmp_path / "out")
    assert [house["name"] for house in guide.restaurants] == ["<i>", "Café 🌮", "\ufffd"]


@pytest.mark.parametrize("name", ["a[1]", "a*", "a?", "city=Rome", "~here", "it's", 'q"q', "a b", "b\\c", "ünï", "%s", "$1"])
def test_a_folders_name_is_a_name(name, plain, tmp_path, monkeypatch):
    """No pattern, no partition, no home, no SQL."""
    monkeypatch.chdir(tmp_path)
    for other in ("a1", "ab", name):
        shutil.rmtree(other, ignore_errors=True)
        annotate(write(tmp_path / "r.jsonl", [{"text": "Tacos.", "name": other, "city": "Leeds"}]), other, plain)
    guide = Guide(name)
    assert [(house["name"], house["city"]) for house in guide.restaurants] == [(name, "Leeds")]
    assert names_of(name) == [
        *("documents-000000000-000000001.parquet", "manifest.json"),
        *("mentions-000000000-000000001.parquet", "restaurants.parquet", "texts-000000000-000000001.parquet"),
    ]


def test_nothing_is_written_when_the_input_is_damaged(plain, tmp_path):
    path = tmp_path / "r.jsonl"
    path.write_text('{"text": "tacos"}\n' * 30 + "{broken\n")
    with pytest.raises(InputError, match="line 31: not JSON"):
        annotate(path, tmp_path / "out", plain, part_size=10)
    assert not (tmp_path / "out").exists()


def test_an_input_of_no_reviews(plain, tmp_path):
    with pytest.raises(InputError, match="T095"):
        annotate(write(tmp_path / "r.jsonl", []), tmp_path / "out", plain)
    assert not (tmp_path / "out").exists()


def test_standard_input_is_refused(plain, tmp_path):
    with pytest.raises(InputError, match="T085"):
        annotate("-", tmp_path / "out", plain)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("what", ["processes", "part_size"])
@pytest.mark.parametrize("value", [0, -1, 1.0, True, 2**40, "2"])
def test_numbers_that_make_no_sense(what, value, reviews, plain, tmp_path):
    with pytest.raises(InputError, match=f"T032.*{what}"):
        annotate(reviews, tmp_path / "out", plain, **{what: value})


@pytest.mark.parametrize("name", ["nowhere", "no/such/folder", "numpy", "", "cut", "garbage", "config"])
def test_a_pipeline_that_cannot_be_loaded(name, reviews, plain, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for copy in ("cut", "garbage", "config"):
        shutil.copytree(plain, copy)
    os.truncate("cut/lda_topics/model", 99)
    Path("garbage/tokenizer").write_text("garbage")
    Path("config/config.cfg").write_text("garbage")
    with pytest.raises(InputError, match="T082") as caught:
        annotate(reviews, tmp_path / "out", name)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "out").exists()


UNREADY = [
    (["restaurant_linker"], "T074"),
    (["lda_topics"], "T040"),
]


@pytest.mark.parametrize(("parts", "code"), UNREADY)
def test_a_pipeline_that_is_not_ready(parts, code, reviews, tmp_path):
    nlp = spacy.blank("en")
    for part in parts:
        nlp.add_pipe(part)
    nlp.to_disk(tmp_path / "nlp")
    with pytest.raises(InputError, match=code):
        annotate(reviews, tmp_path / "out", tmp_path / "nlp")


def test_a_pipeline_with_two_topic_models_is_refused(nlp, model, reviews, tmp_path):
    other = spacy.blank("en")
    other.add_pipe("lda_topics", name="more_topics").topic_model = model
    nlp.add_pipe("more_topics", source=other)
    nlp.to_disk(tmp_path / "nlp")
    with pytest.raises(InputError, match=r"\[T091\] .*lda_topics and more_topics"):
        annotate(reviews, tmp_path / "out", tmp_path / "nlp")
    assert not (tmp_path / "out").exists()


def test_a_pipeline_without_topics_links_or_entities(reviews, tmp_path):
    spacy.blank("en").to_disk(tmp_path / "nlp")
    annotate(reviews, tmp_path / "out", tmp_path / "nlp")
    assert {str(row[6:]) for row in rows_of(tmp_path / "out", "documents")} == {"([], [], 0)"}
    assert rows_of(tmp_path / "out", "mentions") == rows_of(tmp_path / "out", "restaurants") == []
    guide = Guide(tmp_path / "out")
    assert len(guide.restaurants) > 10
    first = guide.find("italian")[0]
    assert first["parts"] == {"name": first["score"], "mentions": 0.0, "topics": 0.0, "learnt": 0.0, "narrower": 0.0}
    with pytest.raises(InputError, match="T090"):
        guide.discussed()


def test_without_a_linker_restaurants_are_not_linked(reviews, plain, tmp_path):
    annotate(reviews, tmp_path / "out", plain)
    assert {row[5:7] for row in rows_of(tmp_path / "out", "mentions")} == {(None, None)}
    assert rows_of(tmp_path / "out", "restaurants") == []


def test_without_sentences_the_words_around_are_kept(tmp_path):
    nlp = spacy.blank("en")
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "DISH", "pattern": "tacos"}])
    nlp.to_disk(tmp_path / "nlp")
    annotate(write(tmp_path / "r.jsonl", [{"text": "yes " * 40 + "tacos" + " no" * 40}]), tmp_path / "out", tmp_path / "nlp")
    ((*_, sentence),) = rows_of(tmp_path / "out", "mentions")
    assert sentence.split() == ["yes"] * 15 + ["tacos"] + ["no"] * 15


def test_topics_are_named_in_the_manifest(annotations, pipeline):
    labels = TopicModel.load(pipeline / "lda_topics" / "model").labels
    assert Manifest.read(annotations).topics == labels
    assert {topic["label"] for row in rows_of(annotations, "documents") for topic in row[6]} <= set(labels)
    assert all(abs(sum(row[7]) - 1) < 1e-4 for row in rows_of(annotations, "documents"))
