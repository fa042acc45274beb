import os
import signal
import subprocess
import sys
import time

import pytest

from corpora.errors import InputError
from corpora.files import replacing, write_text

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
