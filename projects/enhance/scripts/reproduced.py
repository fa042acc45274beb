"""How near the models of a run of this project come to those that ship, in dB.

    python scripts/reproduced.py RESULTS

RESULTS holds exported models, named as those that ship. Those that enlarge are judged by PSNR-Y on Set5, `restore` by PSNR
on judge40 with noise of sigma 25; both lie under PALATE_DATA.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from image_gan import Enhancer, pictures
from image_gan.training.degrade import noise
from image_gan.training.metrics import psnr, psnr_y

IMAGES = Path(os.environ["PALATE_DATA"]) / "images"


def main(results: str) -> None:
    print("| | ships, dB | this run, dB | difference |\n|---|---|---|---|")
    for file in sorted(Path(results).glob("*.onnx")):
        ships, again = (np.mean(list(decibels(Enhancer(model)))) for model in (file.stem, file))
        print(f"| `{file.stem}` | {ships:.2f} | {again:.2f} | {again - ships:+.2f} |")


def decibels(enhancer: Enhancer) -> Iterator[float]:
    scale = enhancer.scale
    if scale == 1:
        for number, real in enumerate(map(rgb, sorted((IMAGES / "judge40").iterdir()))):
            yield psnr(enhancer(noise(real, 25, np.random.default_rng(number))), real)
    for file in sorted((IMAGES / f"Set5_LR_bicubic/X{scale}").glob("*")):
        made = enhancer(rgb(file))
        real = rgb(IMAGES / f"Set5/{file.stem.split('x')[0]}.png")
        yield psnr_y(made, real[: made.shape[0], : made.shape[1]], scale)


def rgb(file: Path) -> np.ndarray:
    pixels = pictures.read(file).pixels
    return np.repeat(pixels, 3 // pixels.shape[2], axis=2)


if __name__ == "__main__":
    main(*sys.argv[1:])
