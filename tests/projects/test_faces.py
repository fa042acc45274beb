"""The faces project as its users run it, and the README's training section on drawn faces with nothing else."""

import re
import shlex
import subprocess
import sys

import pytest
from helpers import ROOT, project

from image_gan import pictures

pytestmark = pytest.mark.slow

README = (ROOT / "README.md").read_text("utf8")


def test_faces_project(checkout):
    out = project(checkout, "faces", "run", "all")
    made, given = (float(one) for one in re.findall(r"mean of \d+ spoilt\W+([\d.]+)\W+[\d.]+\W+[\d.]+\W+([\d.]+)", out)[0])
    assert made > given + 0.5  # dB
    assert pictures.read(checkout / "projects" / "faces" / "results" / "side_by_side.png").pixels.std() > 30


def test_readme_trains(tmp_path):
    (block,) = (block for block in re.findall(r"^```sh\n(.*?)^```", README, re.M | re.S) if "images train" in block)
    for line in block.splitlines():
        words = shlex.split(re.sub(r"minutes (\d)0", r"minutes 0.\1", line.replace("--count 600", "--count 80")), comments=True)
        run = subprocess.run([sys.executable, "-m", "palate", *words[1:]], cwd=tmp_path, capture_output=True, text=True)
        assert run.returncode == 0, line + run.stderr
    assert (tmp_path / "restore.onnx").stat().st_size > 100_000
