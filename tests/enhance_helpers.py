"""What the tests of `palate enhance` share."""

import os
import subprocess
import sys

import numpy as np
from helpers import ROOT as ROOT
from picture_files import saved
from PIL import Image
from typer.testing import CliRunner

from palate.command import app


def drawn(height=40, width=60, bands=3, dtype=np.uint8):
    """Noise without black and white, to which nothing would be added."""
    picture = np.random.default_rng(0).integers(60, 200, (height, width, bands), np.uint8)
    return picture.astype(dtype) * (257 if dtype == np.uint16 else 1)


def animated(format):
    return saved(Image.new("RGB", (8, 8)), format, save_all=True, append_images=[Image.new("RGB", (8, 8), "red")])


def palate(*args, code=0):
    """Call the command in this process, which is to end with the code; a bug's exception is raised."""
    result = CliRunner().invoke(app, [str(arg) for arg in args])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == code, result.stderr
    return result


def process(*args, **more):
    """Call the command in a process of its own."""
    command = [sys.executable, "-m", "palate", *map(str, args)]
    return subprocess.run(command, capture_output=True, timeout=120, env={**os.environ, "PYTHONPATH": str(ROOT)}, **more)


def names(folder):
    return sorted(path.name for path in folder.iterdir())
