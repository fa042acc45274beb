"""Does adversarial training stay finite? 2,000 adversarial steps of image_gan/configs/restore.cfg on each folder of pictures.

    python scripts/stability.py FOLDER... -o OUTPUT

Everything else is as the config has it. What is stopped goes on when it is run again; a line of the table for each folder.
"""

import argparse
import json
from pathlib import Path

from image_gan.training import settings, trainer
from image_gan.training.batches import prepare

CONFIG = Path(__file__).parents[3] / "image_gan" / "configs" / "restore.cfg"
STEPS = {"schedule.low.adversarial": 600, "schedule.medium.adversarial": 600, "schedule.high.adversarial": 800}


def run(photos: Path, output: Path) -> None:
    """Train on a folder's pictures, or go on with it."""
    if not (output / "prepared" / "tiers.json").exists():
        prepare([photos], output / "prepared", sides={"low": 40, "medium": 80, "high": 128})
    if (output / "0001" / trainer.LAST).exists():
        done = trainer.resume(output)
    else:
        done = trainer.train(settings.load(CONFIG, {"paths.train": str(output / "prepared"), **STEPS}), output)
    if done.signal:
        raise SystemExit(128 + done.signal)


def row(name: str, log: Path) -> str:
    """What the log says of the adversarial phases: figures are means of a hundred steps, skipped ones are counted."""
    lines = [json.loads(line) for line in log.read_text("utf8").splitlines()]
    them = [line for line in lines if line["phase"] == "adversarial"]
    spread = {key: [line[key] for line in them if key in line] for key in ("generator_norm", "critic_norm", "accuracy")}
    ranges = [f"{min(values):.2f} to {max(values):.2f}" for values in spread.values()]
    psnr = f"{lines[0]['psnr']:.2f} | {lines[-1]['psnr']:.2f}"
    return f"| {name} | {psnr} | {sum(line['skipped'] for line in them)} | {lines[-1]['restores']} | {' | '.join(ranges)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("-o", "--output", type=Path, required=True)
    args = parser.parse_args()
    print("| pictures | PSNR before, dB | after | steps skipped | taken up again | generator's norms | critic's | told right |")
    print("|---|---|---|---|---|---|---|---|")
    for folder in args.folders:
        run(folder, args.output / folder.name)
        print(row(folder.name, args.output / folder.name / "0001" / trainer.LOG), flush=True)


if __name__ == "__main__":
    main()
