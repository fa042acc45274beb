import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from corpora.errors import InputError, RunError
from corpora.files import check_folder, left_over, locked, replacing, replacing_folder, write_text

WRITER = """
import sys
from corpora.files import write_bytes
print("ready", flush=True)
while True:
    for letter in (b"a", b"b"):
        write_bytes(sys.argv[1], letter * 3_000_000)
"""


def test_replaces(tmp_path):
    path = tmp_path / "new" / "file.txt"
    write_text(path, "old")
    write_text(path, "new \ud800")
    assert path.read_text("utf8") == "new ?"
    assert os.listdir(path.parent) == ["file.txt"]


def test_a_failure_leaves_the_old_file(tmp_path):
    path = tmp_path / "file.txt"
    path.write_text("old")
    with pytest.raises(ZeroDivisionError), replacing(path) as beside:
        beside.write_bytes(b"half" * (1 // 0))
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["file.txt"]


def test_follows_a_link(tmp_path):
    (tmp_path / "real.txt").write_text("old")
    (tmp_path / "link.txt").symlink_to(tmp_path / "real.txt")
    write_text(tmp_path / "link.txt", "new")
    assert (tmp_path / "real.txt").read_text() == "new"
    assert (tmp_path / "link.txt").is_symlink()


@pytest.mark.parametrize("path", [".", "/dev/null"])
def test_refuses_what_is_no_file(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="not a regular file"):
        write_text(path, "text")
    assert os.path.exists(path)


@pytest.mark.parametrize("wait", [0.05, 0.11, 0.17, 0.23, 0.31])
def test_killed_at_any_moment_the_file_is_whole(wait, tmp_path):
    path = tmp_path / "file"
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE)
    writer.stdout.readline()
    while not path.exists():
        time.sleep(0.01)
    time.sleep(wait)
    writer.send_signal(signal.SIGKILL)
    writer.wait()
    data = path.read_bytes()
    assert data in (b"a" * 3_000_000, b"b" * 3_000_000)


def pipeline(folder, word="old"):
    folder.mkdir(parents=True)
    for name in ("config.cfg", "meta.json"):
        (folder / name).write_text(word)
    return folder


def read(folder):
    return {path.name: path.read_text() for path in folder.iterdir()}


@pytest.mark.parametrize("there", ["nothing", "empty", "pipeline", "link"])
def test_a_folder_is_replaced_whole(there, tmp_path):
    folder = tmp_path / "new" / "nlp"
    if there == "empty":
        folder.mkdir(parents=True)
    if there == "pipeline":
        pipeline(folder)
    if there == "link":
        pipeline(tmp_path / "real")
        folder.parent.mkdir()
        folder.symlink_to(tmp_path / "real")
    with replacing_folder(folder) as beside:
        (beside / "meta.json").write_text("new")
        if there == "pipeline":
            assert read(folder) == {"config.cfg": "old", "meta.json": "old"}
    assert read(folder) == {"meta.json": "new"}
    assert os.listdir(folder.parent) == ["nlp"]
    assert folder.is_symlink() == (there == "link")


def test_a_failure_leaves_the_old_folder(tmp_path):
    folder = pipeline(tmp_path / "nlp")
    with pytest.raises(ZeroDivisionError), replacing_folder(folder) as beside:
        (beside / "meta.json").write_bytes(b"half" * (1 // 0))
    assert read(folder) == {"config.cfg": "old", "meta.json": "old"}
    assert os.listdir(tmp_path) == ["nlp"]


@pytest.mark.parametrize("path", ["", "-", ".", "/", "file", "foreign", "config", "loop", "\0", "holds"])
def test_a_folder_of_something_else_is_left_alone(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("file").write_text("mine")
    pipeline(Path("holds"))
    for folder, name in (("foreign", "thesis.txt"), ("config", "config.cfg"), ("holds", "reviews.jsonl")):
        Path(folder).mkdir(exist_ok=True)
        (Path(folder) / name).write_text("mine")
    Path("loop").symlink_to("loop")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(InputError, match=r"cannot write to|holds the input"):
        check_folder(path, "holds/reviews.jsonl")
    assert sorted(tmp_path.rglob("*")) == before
    if path != "holds":
        with pytest.raises(InputError, match="cannot write to"), replacing_folder(path):
            raise AssertionError("the block is not to be reached")
        assert sorted(tmp_path.rglob("*")) == before


def test_a_folder_below_a_file_is_refused_at_once(tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(OSError):
        check_folder(tmp_path / "file" / "nlp")
    assert read(tmp_path) == {"file": "mine"}


HOLDER = """
import sys, time
from corpora.files import locked
with locked(sys.argv[1]):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_folder_is_locked_until_its_holder_ends_however(tmp_path):
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE)
    holder.stdout.readline()
    with pytest.raises(RunError, match="busy"), locked(tmp_path, "busy"):
        pass
    holder.kill()
    holder.wait()
    with locked(tmp_path, "busy"), pytest.raises(RunError, match="busy"), locked(tmp_path, "busy"):
        pass
    with locked(tmp_path):
        assert os.listdir(tmp_path) == []


def test_what_a_killed_writer_left_is_known_by_its_name(tmp_path):
    kept = ["file.part", ".part", f".{'a' * 31}.part", f".{'g' * 32}.part", f".{'a' * 32}.txt", f"{'a' * 32}.part"]
    with replacing(tmp_path / "file") as beside:
        beside.write_text("whole")
    for name in (*kept, beside.name, beside.with_suffix(".jsonl.part").name):
        (tmp_path / name).write_text("half")
    assert left_over(tmp_path) == {beside, beside.with_suffix(".jsonl.part")}
