"""Do topics steer a GAN? The condition of the critic is nothing, the 40 attributes, theta, or another face's theta (control).

    PALATE_DATA=FOLDER python scripts/conditions.py OUTPUT [--seeds 3] [--steps 250]

FOLDER and configuration are those of claims.py (pretrained; only the highest tier): 150 steps of the generator, 50 of the
critic, then --steps of both. LDA with 8 topics over the attributes of all faces. Evaluated on 200 validation faces: feature
distance overall, and in the topic where it is worst; theta's topics in all rows. What was stopped continues when it is run
again.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path
from statistics import mean

from claims import CONFIG, spread

from image_gan.training import conditioning, settings, trainer
from image_gan.training.celeba import CelebA
from image_gan.training.evaluation import evaluate
from image_gan.training.prepare import prepare_pictures
from image_gan.training.runs import CHECKPOINT

TOPICS, EVALUATED = 8, 200
KINDS = ("none", *conditioning.KINDS)


def run(output: Path, kind: str, seed: int, steps: int) -> None:
    """Train with a condition, or resume it."""
    data, folder = Path(os.environ["PALATE_DATA"]), output / f"{kind}-{seed}"
    overrides = {"paths.train": str(output / "prepared"), "training.seed": seed, "training.minutes": 0}
    overrides |= {"schedule.low": None, "schedule.medium": None, "schedule.high.generator": 150, "training.validate_every": 100}
    overrides |= {"schedule.high.adversarial": steps}
    overrides |= {"vars.weights": str(data / "backbones" / "resnet18_bnfolded_stem_to_layer3.npz")}
    if kind != "none":
        made = conditioning.load_conditions(output / f"{kind}.npz")
        overrides |= {"paths.conditions": str(output / f"{kind}.npz"), "critic.conditions": made.vectors.shape[1]}
    if (folder / "0001" / CHECKPOINT).exists():
        trainer.resume(folder)
    else:
        trainer.train(settings.load(CONFIG, overrides), folder)


def prepare_faces(output: Path) -> None:
    """Faces to train on and faces to evaluate on, and the conditions."""
    faces = Path(os.environ["PALATE_DATA"]) / "images" / "celeba_small_89x109"
    if (output / "prepared" / "tiers.json").exists():
        return
    celeba = CelebA.at(faces)
    assert celeba is not None
    files = celeba.files("train")
    sides = {"low": 36, "medium": 60, "high": 88}
    prepare_pictures(files[-EVALUATED:], output / "validation", sides=sides)
    for kind in conditioning.KINDS:
        conditioning.save_conditions(output / f"{kind}.npz", conditioning.fit_conditions(faces, topics=TOPICS, kind=kind))
    prepare_pictures(files[:-EVALUATED], output / "prepared", sides=sides)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", type=Path)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=250)
    parser.add_argument("--only", nargs=2, metavar=("KIND", "SEED"), help="train one: what the script calls itself with")
    args = parser.parse_args()
    if args.only:
        return run(args.output, args.only[0], int(args.only[1]), args.steps)
    prepare_faces(args.output)
    theta = conditioning.load_conditions(args.output / "theta.npz")
    print("| condition of the critic | feature distance | PSNR | worst topic's distance | the worst topic |")
    print("|---|---|---|---|---|")
    for kind in KINDS:
        overall, worst, decibels, names = [], [], [], []
        for seed in range(args.seeds):
            call = [sys.executable, __file__, str(args.output), "--steps", str(args.steps), "--only", kind, str(seed)]
            subprocess.run(call, check=True, stdout=sys.stderr)
            rows = list(evaluate(args.output / f"{kind}-{seed}", args.output / "validation" / "high"))
            overall.append(mean(row["distance"] for row in rows))
            decibels.append(mean(row["psnr"] for row in rows))
            by_topic = conditioning.figures_by_topic(rows, theta)
            worst.append(by_topic[0]["distance"])
            names.append(by_topic[0]["topic"])
        cells = [spread(overall, 4), spread(decibels, 2), spread(worst, 4), " / ".join(dict.fromkeys(names))]
        print(f"| {kind} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
