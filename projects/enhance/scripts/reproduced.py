"""How near the models of a run of this project come to those that ship, in dB.

    python scripts/reproduced.py RESULTS

RESULTS holds exported models, with the names of those that ship. Those that enlarge are evaluated by PSNR-Y on Set5, `restore`
by PSNR on judge40 with noise of sigma 25; both are in PALATE_DATA.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from image_gan import Enhancer
from image_gan.pictures import read
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
        for number, file in enumerate(sorted((IMAGES / "judge40").iterdir())):
            target = read(file).rgb8()
            yield psnr(enhancer(noise(target, 25, np.random.default_rng(number))), target)
    for file in sorted((IMAGES / f"Set5_LR_bicubic/X{scale}").glob("*")):
        output = enhancer(read(file).rgb8())
        target = read(IMAGES / f"Set5/{file.stem.split('x')[0]}.png").rgb8()
        yield psnr_y(output, target[: output.shape[0], : output.shape[1]], scale)


if __name__ == "__main__":
    main(*sys.argv[1:])
