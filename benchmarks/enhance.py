"""Cleaning and enlarging pictures: how good, how fast, how large.

The models that ship, run as `palate enhance` runs them, each figure beside that of its peers in one run: OpenCV's non-local
means and its enlargers (dnn_superres of opencv-contrib-python-headless 4.10.0.84, in an environment of its own, .venv-opencv),
CFSR, Real-ESRGAN's small general model (ncnn, .venv-ncnn), and the same networks in TensorFlow. PSNR-Y is
`image_gan.training.metrics.psnr_y`, cropped by the scale; speeds are pixels of output per second, the best of several runs on
481 x 321 pixels.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import cv2
import enhance_enlarge
import enhance_restore
import numpy as np
from enhance_shared import JUDGE, ROOT, Wanted, caption, rate, rgb, table
from run import processor

from image_gan import Enhancer
from image_gan.enhance.models import WEIGHTS, shipped
from image_gan.pictures import Picture, write
from image_gan.training.degrade import noise

ENGINES: dict[str, dict[str, Any]] = {
    "OpenVINO": {},
    "OpenVINO, bfloat16": {"precision": "bfloat16"},
    "OpenVINO, float32": {"precision": "float32"},
    "onnxruntime": {"engine": "onnxruntime"},
}
PEAK = """
import atexit, re, palate.command
atexit.register(lambda: print(int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) // 1024))
palate.command.main()
"""


def main() -> None:
    groups, wanted = _arguments()
    print("## Cleaning and enlarging\n\n`python benchmarks/enhance.py`: " + " ".join(__doc__.split()))
    names = ("openvino", "onnxruntime", "numpy", "opencv-python-headless")
    versions = ", ".join(f"{name} {version(name)}" for name in names)
    given = " ".join(["enhance.py", *sys.argv[1:]])
    caption(f"({given}, {time.strftime('%Y-%m-%d')}, {os.cpu_count()} cores, {processor()}, {versions}.)")
    for group in groups:
        GROUPS[group](wanted)


def _arguments() -> tuple[list[str], Wanted]:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default=",".join(GROUPS), help="groups, with commas between (default: all)")
    parser.add_argument("--pictures", type=int, default=0, help="of each set, at most (default: all)")
    parser.add_argument("--models", type=Path, help="a folder whose NAME.onnx stand in for models that ship")
    parser.add_argument("--sheets", type=Path, help="a folder for what photo makes, side by side with its peer")
    given = parser.parse_args()
    groups = given.only.split(",")
    if unknown := set(groups) - set(GROUPS):
        parser.error(f"there is no group {', '.join(unknown)}: choose from {', '.join(GROUPS)}")
    return groups, Wanted(given.pictures, given.models, given.sheets)


def photo(wanted: Wanted) -> None:
    from enhance_photo import photo  # which needs TensorFlow

    photo(wanted)


def engines(wanted: Wanted) -> None:
    from image_gan.training.from_onnx import TensorFlowEngine

    all_engines = {**ENGINES, "TensorFlow, float32": {"engine": TensorFlowEngine}}
    caption("MPix/s by engine")
    rows = []
    for name in shipped():
        speeds = [rate(wanted.enhancer(name, **settings)) for settings in all_engines.values()]
        rows.append([f"`{name}`", *(f"{speed:.2f}" for speed in speeds), f"{speeds[0] / speeds[-1]:.1f}"])
    table(("", *all_engines, "first against last"), rows)


def command(wanted: Wanted) -> None:
    """The whole command, from a cold process to the file."""
    photo = rgb(wanted.files("judge40")[0])
    small, large = cv2.resize(photo, (640, 480)), np.tile(photo, (32, 32, 1))[:10_000, :10_000]
    caption("`palate enhance photo.jpg`, from a cold process to the file")
    model = wanted.models / "restore.onnx" if wanted.models else WEIGHTS / "restore.onnx"
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for picture, times in ((small, 5), (large, 1)):
            write(Path(folder) / "photo.jpg", Picture(picture))
            seconds = []
            for _ in range(times):
                start = time.perf_counter()
                run = [sys.executable, "-c", PEAK, "enhance", "photo.jpg", "--overwrite", "--model", model]
                where = {"cwd": folder, "env": {**os.environ, "PYTHONPATH": str(ROOT)}}
                out = subprocess.run(run, **where, check=True, stdout=subprocess.PIPE)
                seconds.append(time.perf_counter() - start)
            size = "{1:,} x {0:,}".format(*picture.shape)
            rows.append([size, f"{min(seconds):.2f}, the best of {times}", f"{int(out.stdout.split()[-1]):,} MiB"])
    table(("pixels", "seconds", "peak memory"), rows)


def seams(wanted: Wanted) -> None:
    tiles = (1, 200, 256, 320, 400)
    picture = noise(rgb(JUDGE[0]), 5, np.random.default_rng(0))
    caption("Tiled against whole: the largest difference of any sample in grey levels, by the longest side of a tile")
    rows = []
    for name in shipped():
        in_one = wanted.enhancer(name, tile=4000)(picture)
        parts = [wanted.enhancer(name, tile=tile)(picture) for tile in tiles]
        rows.append([f"`{name}`", *(str(cv2.absdiff(part, in_one).max()) for part in parts)])
    table(("", "smallest", *map(str, tiles[1:])), rows)


def plain(wanted: Wanted) -> None:
    caption("Plain pictures of black, white and the six pure colours: the largest change of any sample in grey levels")
    rows = []
    for name in shipped():
        changes = _changes_of_plain_pictures(wanted.enhancer(name))
        rows.append([f"`{name}`", *map(str, np.max(changes, axis=0))])
    table(("", "anywhere", "16 pixels from the border"), rows)


def _changes_of_plain_pictures(enhancer: Enhancer) -> list[tuple[int, int]]:
    inner, changes = slice(16 * enhancer.scale, -16 * enhancer.scale), []
    for colour in np.ndindex(2, 2, 2):
        output = enhancer(np.broadcast_to(np.uint8(colour) * 255, (64, 64, 3)))
        change = np.abs(output.astype(int) - 255 * np.array(colour))
        changes.append((change.max(), change[inner, inner].max()))
    return changes


GROUPS = {
    "flat": enhance_restore.flat_grain,
    "grain": enhance_restore.judge_grain,
    "judge": enhance_restore.judge,
    "twice": enhance_restore.twice,
    "clean": enhance_restore.clean,
    "grey": enhance_restore.grey,
    "set5": enhance_enlarge.set5,
    "natural": enhance_enlarge.natural,
    "crisp": enhance_enlarge.crisp,
    "photo": photo,
    "engines": engines,
    "command": command,
    "seams": seams,
    "plain": plain,
}

if __name__ == "__main__":
    main()
