"""What pretraining and growing are worth: five cells, three seeds, eight minutes each, on CelebA at half size.

    PALATE_DATA=FOLDER python scripts/claims.py OUTPUT [--seeds 3] [--minutes 8] [--table]

FOLDER/images/celeba_small_89x109 holds the faces, FOLDER/backbones the ResNet-18. Cells differ in two things only. Pretrained:
the encoder is an ImageNet network, and in each tier the generator learns alone before the critic comes; scratch: random
weights, and both learn against each other from the first step. Progressive: three tiers, 32, 56, 80 pixels; flat: 80 only.
Losses, critic, networks, learning rates and pictures are the same. What was stopped continues when it is run again; --table
prints what there is. The targets are the best figures that the vanilla GAN (scratch, flat) reaches in its time, the mean over
its seeds.
"""

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import mean, stdev
from typing import Any

from image_gan.training import settings, trainer
from image_gan.training.prepare import prepare_pictures
from image_gan.training.runs import CHECKPOINT, read_log

CONFIG = Path(__file__).parents[1] / "configs" / "claims.cfg"
FLAT = {"schedule.low": None, "schedule.medium": None}
# Scratch: the encoder's weights are random, and the steps of the phases before go to the adversarial one.
SCRATCH = {"generator.weights": None}
CELLS: dict[str, dict[str, Any]] = {
    "pretrained, progressive": {},
    "pretrained, flat": FLAT,
    "scratch, progressive": {
        **SCRATCH,
        **{f"schedule.{tier}.{phase}": 0 for tier in ("low", "medium", "high") for phase in ("generator", "critic")},
        **{"schedule.low.adversarial": 600, "schedule.medium.adversarial": 500},
    },
    "scratch, flat (vanilla)": {**SCRATCH, **FLAT, "schedule.high.generator": 0, "schedule.high.critic": 0},
    "pretrained, progressive, no critic phase": {f"schedule.{tier}.critic": 0 for tier in ("low", "medium", "high")},
}
VANILLA = "scratch, flat (vanilla)"


def run(output: Path, cell: str, seed: int, minutes: float) -> None:
    """Train a cell, or resume it."""
    data = Path(os.environ["PALATE_DATA"])
    overrides = {"paths.train": str(output / "prepared"), "training.seed": seed, "training.minutes": minutes}
    overrides |= {"vars.weights": str(data / "backbones" / "resnet18_bnfolded_stem_to_layer3.npz"), **CELLS[cell]}
    folder = output / f"{cell.replace(', ', '_').replace(' ', '_')}-{seed}"
    if (folder / "0001" / CHECKPOINT).exists():
        done = trainer.resume(folder)
    else:
        shutil.rmtree(folder, ignore_errors=True)
        done = trainer.train(settings.load(CONFIG, overrides), folder)
    if done.signal:
        raise SystemExit(128 + done.signal)


def log_of(output: Path, cell: str, seed: int, minutes: float) -> list[dict[str, Any]]:
    """The validations of a run's first minutes."""
    run = output / f"{cell.replace(', ', '_').replace(' ', '_')}-{seed}" / "0001"
    return [line for line in read_log(run) if line["seconds"] < 60 * minutes + 3]


def reached(log: list[dict[str, Any]], met: Callable[[dict[str, Any]], bool], unit: str) -> float | None:
    """Seconds, or pictures seen, at the first validation that meets a target."""
    return next((line[unit] for line in log if met(line)), None)


def table(output: Path, seeds: int, minutes: float) -> None:
    logs = {cell: [log for seed in range(seeds) if (log := log_of(output, cell, seed, minutes))] for cell in CELLS}
    psnr = mean(max(line["psnr"] for line in log) for log in logs[VANILLA])
    distance = mean(min(line["distance"] for line in log) for log in logs[VANILLA])
    print(f"Targets, the vanilla GAN's best: PSNR {psnr:.2f} dB, feature distance {distance:.4f}.\n")
    print("| cell | seconds to PSNR | pictures | seconds to distance | pictures | best PSNR | best distance | steps |")
    print("|---|---|---|---|---|---|---|---|")
    for cell, some in logs.items():
        cells = []
        for met in (lambda line: line["psnr"] >= psnr, lambda line: line["distance"] <= distance):
            cells += [spread([reached(log, met, unit) for log in some]) for unit in ("seconds", "pictures_seen")]
        cells.append(spread([max(line["psnr"] for line in log) for log in some], 2))
        cells.append(spread([min(line["distance"] for line in log) for log in some], 4))
        cells.append(spread([log[-1]["total_steps"] for log in some]))
        print(f"| {cell} | {' | '.join(cells)} |")
    troubles(logs)


def troubles(logs: dict[str, list[list[dict[str, Any]]]]) -> None:
    """How the talk's four troubles show: validations at which a log says so, of all validations of adversarial phases."""
    names = {"no convergence": "no convergence", "diminished": "diminished gradient", "overfitting": "overfitting"}
    names |= {"out of balance": "out of balance", "unsteady": "unsteady"}
    print(f"\n| cell | {' | '.join(names.values())} | critic right | gradient, last tenth to first | skipped |")
    print("|---|" + "---|" * (len(names) + 3))
    for cell, some in logs.items():
        lines = [[line for line in log if line["phase"] == "adversarial" and "critic_accuracy" in line] for log in some]
        said = [[" ".join(line.get("remarks", [])) for line in log] for log in lines]
        shares = [spread([sum(name in one for one in log) / max(1, len(log)) for log in said], 2) for name in names]
        shares.append(spread([mean(line["critic_accuracy"] for line in log) for log in lines if log], 2))
        shares.append(spread([_fall(log) for log in lines], 2))
        print(f"| {cell} | {' | '.join(shares)} | {sum(line['skipped'] for log in some for line in log)} |")


def _fall(log: list[dict[str, Any]]) -> float | None:
    norms = [line["generator_norm"] for line in log if "generator_norm" in line]
    tenth = max(1, len(norms) // 10)
    return mean(norms[-tenth:]) / mean(norms[:tenth]) if norms else None


def spread(values: list[float | None], digits: int = 0) -> str:
    """Mean and standard deviation over seeds, and how many reached it, if not all did."""
    there = [value for value in values if value is not None]
    if not there:
        return "never"
    text = f"{mean(there):,.{digits}f}" + (f" ± {stdev(there):,.{digits}f}" if len(there) > 1 else "")
    return text + (f" ({len(there)} of {len(values)})" if len(there) < len(values) else "")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", type=Path)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--minutes", type=float, default=8)
    parser.add_argument("--table", action="store_true", help="print what there is, train nothing")
    parser.add_argument("--only", nargs=2, metavar=("CELL", "SEED"), help="train one cell: what the script calls itself with")
    args = parser.parse_args()
    if args.only:
        return run(args.output, args.only[0], int(args.only[1]), args.minutes)
    if not args.table:
        faces = Path(os.environ["PALATE_DATA"]) / "images" / "celeba_small_89x109"
        if not (args.output / "prepared" / "tiers.json").exists():
            prepare_pictures([faces], args.output / "prepared", sides={"low": 36, "medium": 60, "high": 88})
        for seed in range(args.seeds):
            for cell in CELLS:
                # a process each, so that none has what another left in memory
                call = [sys.executable, __file__, str(args.output), "--minutes", str(args.minutes), "--only", cell, str(seed)]
                subprocess.run(call, check=True)
                print(f"{cell}, seed {seed}: done", flush=True)
    table(args.output, args.seeds, args.minutes)


if __name__ == "__main__":
    main()
