"""`palate enhance`: where outputs go, full disks, and being stopped."""

import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from enhance_helpers import ROOT, drawn, names, palate, process
from picture_files import saved

from image_gan import Enhancer, pictures
from image_gan.pictures import Picture

pytestmark = pytest.mark.filterwarnings(r"ignore::UserWarning:PIL\.")


def test_outputs_that_are_inputs_or_each_others(photo, model_files):
    before = photo.read_bytes()
    assert "P087" in palate("enhance", photo, "-o", ".", "--model", model_files[1], code=1).stderr
    Path("photo.png").write_bytes(saved(drawn(), "png"))
    result = palate("enhance", ".", "-o", "new", "--format", "webp", "--model", model_files[1], code=1)
    assert result.stderr.count("P088") == 2
    assert photo.read_bytes() == before
    assert names(photo.parent) == ["photo.jpg", "photo.png"]


@pytest.mark.parametrize("name", ["out.gif", "out.jxl", "new/out.JP2"])
def test_outputs_of_formats_that_are_not_written(name, photo, shop):
    assert "P011" in palate("enhance", photo, "-o", name, code=2).stderr
    assert names(photo.parent) == ["photo.jpg"]


def test_in_place(photo, model_files):
    before = photo.read_bytes()
    assert "P087" in palate("enhance", photo, "--suffix", "", "--model", model_files[1], code=1).stderr
    assert photo.read_bytes() == before
    right = Enhancer(model_files[1])(pictures.read(photo).pixels)
    palate("enhance", ".", "--suffix", "", "--overwrite", "--model", model_files[1])
    assert photo.read_bytes() == pictures.encode(Picture(right), "jpeg")
    assert names(photo.parent) == ["photo.jpg"]


def test_in_place_on_a_full_disk(photo, model_files):
    before = photo.read_bytes()
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))  # noqa: E731
    options = ("--suffix", "", "--overwrite", "--model", model_files[1])
    done = process("enhance", photo, *options, cwd=photo.parent, preexec_fn=limit)
    assert done.returncode == 1
    assert photo.read_bytes() == before
    assert names(photo.parent) == ["photo.jpg"]


def test_a_full_disk(photo, model_files):
    """No file may grow beyond 1,000 bytes."""
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))  # noqa: E731
    done = process("enhance", photo, "--model", model_files[1], cwd=photo.parent, preexec_fn=limit)
    assert done.returncode == 1
    assert b"File too large" in done.stderr
    assert done.stderr.count(b"\n") == 1
    assert names(photo.parent) == ["photo.jpg"]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_stopping_leaves_no_half_file(number, code, tmp_path, model_files):
    for name in ("a.png", "b.png", "c.png"):
        pictures.write(tmp_path / "in" / name, Picture(np.tile(drawn(), (2, 2, 1) if name == "a.png" else (75, 50, 1))))
    command = [sys.executable, "-m", "palate", "enhance", str(tmp_path / "in"), "-o", str(tmp_path / "out")]
    command += ["--model", str(model_files[4]), "--report", str(tmp_path / "page.html")]
    running = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    while not (tmp_path / "out" / "a.png").exists():
        time.sleep(0.05)
        assert running.poll() is None, running.stderr.read()
    start = time.monotonic()
    running.send_signal(number)
    out, err = running.communicate(timeout=60)
    assert running.returncode == code
    assert out == b""
    assert err == (b"palate: stopped\n" if code == 130 else b"")
    assert time.monotonic() - start < 30
    assert names(tmp_path) == ["in", "out"]
    assert names(tmp_path / "out") == ["a.png"]


def test_stopping_while_standard_input_is_awaited(tmp_path, model_files):
    command = [sys.executable, "-m", "palate", "enhance", "-", "-o", str(tmp_path / "out.png"), "--model", str(model_files[1])]
    running = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stderr=subprocess.PIPE)
    while "pipe" not in Path(f"/proc/{running.pid}/wchan").read_text():
        time.sleep(0.05)
        assert running.poll() is None
    running.send_signal(signal.SIGINT)
    assert running.wait(timeout=30) == 130
    running.communicate()
    assert names(tmp_path) == []
