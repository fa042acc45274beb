"""What the benchmarks of enhancing share: pictures, models, speeds, other programs in environments of their own, tables."""

import os
import subprocess
import sys
import time
import venv
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np

from image_gan import Enhancer
from image_gan.enhance.models import shipped
from image_gan.pictures import find_pictures, read
from image_gan.training.tiers import split_files

ROOT, DATA = Path(__file__).parents[1], Path(os.environ["PALATE_DATA"])
JUDGE = sorted((DATA / "images/judge40").iterdir())
FREE = ("CID22", "CLIC2025_half", "gb82", "graphics")  # projects/enhance/scripts/pictures.py sets a twelfth of them apart
BACKBONES = DATA / "backbones"


class Wanted(NamedTuple):
    """What the command line asks for.

    pictures (int): of each set, at most; 0 for all.
    models (Path | None): a folder whose files NAME.onnx stand in for the models that ship.
    sheets (Path | None): a folder that gets pictures side by side.
    """

    pictures: int = 0
    models: Path | None = None
    sheets: Path | None = None

    def files(self, folder: str, pattern: str = "*") -> list[Path]:
        """The files of a folder of PALATE_DATA/images, in the order of their names."""
        return sorted((DATA / "images" / folder).glob(pattern))[: self.pictures or None]

    def set_apart(self, folder: str) -> list[Path]:
        """The files of a folder that nothing was trained on."""
        photos = find_pictures([DATA / "images" / name for name in FREE], recursive=False)
        _, apart = split_files(photos, DATA / "images", 1 / 12)
        return [file for file in apart if file.parent.name == folder][: self.pictures or None]

    def has(self, name: str) -> bool:
        return self._file(name) is not None or name in shipped()

    def enhancer(self, name: str, **settings: Any) -> Enhancer:
        return Enhancer(self._file(name) or name, **settings)

    def _file(self, name: str) -> Path | None:
        file = self.models / f"{name}.onnx" if self.models else None
        return file if file and file.exists() else None


def rgb(file: Path) -> np.ndarray:
    return read(file).rgb8()


def rate(enhance: Callable[[np.ndarray], np.ndarray], side: int | None = None, times: int = 6) -> float:
    """Megapixels of output per second, the best of several runs on a picture of 481 x 321, or on a square of it."""
    picture, seconds = np.ascontiguousarray(rgb(JUDGE[0])[:side, :side]), []
    for _ in range(times):
        start = time.perf_counter()
        output = enhance(picture)
        seconds.append(time.perf_counter() - start)
    return output.shape[0] * output.shape[1] / min(seconds) / 1e6


def cubic(picture: np.ndarray, factor: float) -> np.ndarray:
    return cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)


def area(picture: np.ndarray, factor: float) -> np.ndarray:
    return cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)


def whole(picture: np.ndarray, multiple: int) -> np.ndarray:
    """The picture, cut so that its sides are multiples."""
    height, width = (side - side % multiple for side in picture.shape[:2])
    return np.ascontiguousarray(picture[:height, :width])


def python_with(name: str, *packages: str) -> Path:
    """The interpreter of an environment of its own, in the checkout's folder .venv-NAME; made if it is not there."""
    python = ROOT / f".venv-{name}" / "bin" / "python"
    if not python.exists():
        venv.create(python.parents[1], with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "-q", *packages], check=True, stdout=sys.stderr)
    return python


def caption(*text: str) -> None:
    """Print the paragraph before a table."""
    print(f"\n{' '.join(text)}")


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
    head = list(head)
    print(f"\n| {' | '.join(head)} |\n|{'---|' * len(head)}")
    for row in rows:
        print(f"| {' | '.join(row)} |", flush=True)
