"""The faces project as its users run it, and the commands of the page on training on drawn faces with nothing else."""

import re
import shlex
import subprocess
import sys

import pytest
from doc_pages import blocks
from helpers import project

from image_gan import pictures

pytestmark = pytest.mark.slow


def test_faces_project(checkout):
    out = project(checkout, "faces", "run", "all")
    made, given = (float(one) for one in re.findall(r"mean of \d+ degraded\W+([\d.]+)\W+[\d.]+\W+[\d.]+\W+([\d.]+)", out)[0])
    assert made > given + 0.5  # dB
    assert pictures.read(checkout / "projects" / "faces" / "results" / "side_by_side.png").pixels.std() > 30


def test_the_page_trains(tmp_path):
    (block,) = blocks("docs/training.md", "sh")
    for line in block.code.splitlines():
        words = shlex.split(re.sub(r"minutes (\d)0", r"minutes 0.\1", line.replace("--count 600", "--count 80")), comments=True)
        run = subprocess.run([sys.executable, "-m", "palate", *words[1:]], cwd=tmp_path, capture_output=True, text=True)
        assert run.returncode == 0, line + run.stderr
    assert (tmp_path / "mine.onnx").stat().st_size > 100_000
