"""Make sheets of before and after, to look at, from the models that ship.

    python scripts/sheets.py IMAGES OUTPUT

IMAGES holds gb82, photographs under CC0; crops of some that were set apart, and a picture drawn by palate, are degraded or made
small. A row is a crop as it was given, as each model makes it, and as it was.
"""

import sys
from pathlib import Path

import cv2
import numpy as np

from image_gan import Enhancer
from image_gan.enhance.models import shipped
from image_gan.pictures import Picture, find_pictures, read, write
from image_gan.training.degrade import HistoryDegradation
from image_gan.training.tiers import split_files

FREE = ("CID22", "CLIC2025_half", "gb82", "graphics")  # as pictures.py sets a twelfth of them apart
DRAWN = Path(__file__).parents[3] / "docs" / "bistro.jpg"
SIDE = 192  # pixels of a crop
SHEETS = {"restored": ("restore",), "enlarged": ("x4", "x4_crisp", "x4_photo")}


def main(images: str, output: str) -> None:
    photos = find_pictures([Path(images) / name for name in FREE if (Path(images) / name).is_dir()], recursive=False)
    _, apart = split_files(photos, Path(images), 1 / 12)
    files = [DRAWN, *(file for file in apart if file.parent.name == "gb82")]
    Path(output).mkdir(parents=True, exist_ok=True)
    for sheet, names in SHEETS.items():
        enhancers = [Enhancer(name) for name in names if name in shipped()]
        rows = [row(enhancers, crop(file), seed) for seed, file in enumerate(files)]
        write(Path(output) / f"{sheet}.jpg", Picture(np.vstack(rows)), quality=92)


def crop(file: Path) -> np.ndarray:
    """The middle of a picture."""
    pixels = read(file).rgb8()
    top, left = ((length - SIDE) // 2 for length in pixels.shape[:2])
    return np.ascontiguousarray(pixels[top : top + SIDE, left : left + SIDE])


def row(enhancers: list[Enhancer], real: np.ndarray, seed: int) -> np.ndarray:
    """The degraded crop, what the models make of it, and the crop, side by side."""
    scale = enhancers[0].scale
    degraded = HistoryDegradation(identity_probability=0, grey_probability=0, noise_probability=1).example(
        real, scale, np.random.default_rng(seed)
    )
    shown = cv2.resize(degraded.degraded, (SIDE, SIDE), interpolation=cv2.INTER_NEAREST)
    return np.hstack([shown, *(enhancer(degraded.degraded) for enhancer in enhancers), real])


if __name__ == "__main__":
    main(*sys.argv[1:])
