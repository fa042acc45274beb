"""Validation faces: degraded, the output at the end of each tier, and the target; from the samples of a run.

python scripts/side_by_side.py RUNS OUTPUT.png
"""

import sys

import numpy as np

from image_gan.pictures import Picture, read, write
from image_gan.training.runs import find_run, read_log, samples_path


def main(runs: str, output: str) -> None:
    run = find_run(runs)
    last = {line["tier"]: line["total_steps"] for line in read_log(run)}
    samples = [read(samples_path(run, steps)).pixels for steps in last.values()]
    side = samples[0].shape[1] // 3
    degraded, target = samples[-1][:, :side], samples[-1][:, 2 * side :]
    columns = [degraded, *(sample[:, side : 2 * side] for sample in samples), target]
    write(output, Picture(np.concatenate(columns, axis=1)))
    print(f"{output}: degraded, after {', '.join(last)}, target")


if __name__ == "__main__":
    main(*sys.argv[1:])
