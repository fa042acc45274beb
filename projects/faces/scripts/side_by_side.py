"""Held-out faces as they came, as the network made them at the end of each tier, and as they were, from a run's samples.

python scripts/side_by_side.py RUNS OUTPUT.png
"""

import json
import sys

import numpy as np

from image_gan import pictures
from image_gan.training.settings import run_at
from image_gan.training.trainer import LOG


def main(runs: str, output: str) -> None:
    run = run_at(runs)
    lines = [json.loads(line) for line in (run / LOG).read_text("utf8").splitlines()]
    last = {line["tier"]: line["total"] for line in lines}
    samples = [pictures.read(run / "samples" / f"{total:06d}.png").pixels for total in last.values()]
    side = samples[0].shape[1] // 3
    came, was = samples[-1][:, :side], samples[-1][:, 2 * side :]
    columns = [came, *(sample[:, side : 2 * side] for sample in samples), was]
    pictures.write(output, pictures.Picture(np.concatenate(columns, axis=1), None, "png", None, None, None))
    print(f"{output}: as they came, after {', '.join(last)}, as they were")


if __name__ == "__main__":
    main(*sys.argv[1:])
