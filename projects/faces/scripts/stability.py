"""Does adversarial training stay finite? 2,000 adversarial steps of image_gan/configs/gan.cfg on each folder of pictures.

    python scripts/stability.py FOLDER... -o OUTPUT

All else is as in the config. What was stopped continues when it is run again. The table has a line for each folder.
"""

import argparse
from pathlib import Path

from image_gan.training import settings, trainer
from image_gan.training.prepare import prepare_pictures
from image_gan.training.runs import CHECKPOINT, read_log

STEPS = {"schedule.low.adversarial": 600, "schedule.medium.adversarial": 600, "schedule.high.adversarial": 800}


def run(photos: Path, output: Path) -> None:
    """Train on a folder's pictures, or resume it."""
    if not (output / "prepared" / "tiers.json").exists():
        prepare_pictures([photos], output / "prepared", sides={"low": 40, "medium": 80, "high": 128})
    if (output / "0001" / CHECKPOINT).exists():
        done = trainer.resume(output)
    else:
        done = trainer.train(settings.load("gan", {"paths.train": str(output / "prepared"), **STEPS}), output)
    if done.signal:
        raise SystemExit(128 + done.signal)


def row(name: str, run: Path) -> str:
    """What the log says about the adversarial phases: figures are means over a hundred steps, skipped ones are counted."""
    lines = read_log(run)
    adversarial = [line for line in lines if line["phase"] == "adversarial"]
    keys = ("generator_norm", "critic_norm", "critic_accuracy")
    spread = {key: [line[key] for line in adversarial if key in line] for key in keys}
    ranges = [f"{min(values):.2f} to {max(values):.2f}" for values in spread.values()]
    psnr = f"{lines[0]['psnr']:.2f} | {lines[-1]['psnr']:.2f}"
    return (
        f"| {name} | {psnr} | {sum(line['skipped'] for line in adversarial)} | {lines[-1]['restores']} | {' | '.join(ranges)} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("-o", "--output", type=Path, required=True)
    args = parser.parse_args()
    print("| pictures | PSNR before, dB | after | steps skipped | restores | generator's norms | critic's | critic right |")
    print("|---|---|---|---|---|---|---|---|")
    for folder in args.folders:
        run(folder, args.output / folder.name)
        print(row(folder.name, args.output / folder.name / "0001"), flush=True)


if __name__ == "__main__":
    main()
