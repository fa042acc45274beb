"""Cross-validate the recogniser: python scripts/cross_validate.py NAME ASSETS [--vectors FOLDER] [--folds 5] [--seeds 1]

NAME is mit (five folds of the train part) or nyt (train part, judged on its dev part). Prints F1 by label, mean and standard
deviation over folds and seeds. What is judged is the last step of `spacy train configs/cpu.cfg`, not the best one.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import spacy
from spacy.training import Corpus

STEPS = {"mit": 1050, "nyt": 900}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", choices=sorted(STEPS))
    parser.add_argument("assets")
    parser.add_argument("--vectors")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--seeds", type=int, default=1)
    args = parser.parse_args()
    figures: dict[str, list[float]] = {}
    for fold in range(args.folds if args.name == "mit" else 1):
        for seed in range(args.seeds):
            with tempfile.TemporaryDirectory() as folder:
                for label, value in judge(args, fold, seed, Path(folder)).items():
                    figures.setdefault(label, []).append(value)
            print(f"fold {fold}, seed {seed}: F1 {figures['all'][-1]:.4f}", file=sys.stderr)
    print(f"{args.name}, {len(figures['all'])} runs, vectors: {'food vectors' if args.vectors else 'none'}\n")
    print("| label | F1 |\n|---|---|")
    for label in sorted(figures, key=lambda label: (label == "all", label)):
        print(f"| {label} | {np.mean(figures[label]):.3f} ± {np.std(figures[label]):.3f} |")


def judge(args, fold: int, seed: int, folder: Path) -> dict[str, float]:
    run(sys.executable, "scripts/corpus.py", args.name, folder, "--assets", args.assets, "--fold", fold)
    command = [sys.executable, "-m", "spacy", "train", "configs/cpu.cfg", "-o", folder / "model", "--system.seed", seed]
    command += [
        "--paths.train",
        folder / "train.spacy",
        "--paths.dev",
        folder / "dev.spacy",
        "--training.max_steps",
        STEPS[args.name],
    ]
    command += ["--training.batcher.size.start", 300, "--training.eval_frequency", STEPS[args.name]]
    if args.vectors:
        command += ["--paths.vectors", args.vectors]
    else:
        command += ["--components.tok2vec.model.embed.include_static_vectors", "false"]
    run(*command)
    nlp = spacy.load(folder / "model" / "model-last")
    scores = nlp.evaluate(list(Corpus(folder / "dev.spacy")(nlp)))
    return {**{label: row["f"] for label, row in scores["ents_per_type"].items()}, "all": scores["ents_f"]}


def run(*command) -> None:
    subprocess.run([str(part) for part in command], check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
