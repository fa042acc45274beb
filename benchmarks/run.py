"""Run all benchmarks and write RESULTS.md: PALATE_DATA=FOLDER python benchmarks/run.py [NAME ...]"""

import importlib.metadata
import os
import platform
import subprocess
import sys
import time
from pathlib import Path

FOLDER = Path(__file__).parent
NAMES = ("fold_in", "outliers", "pipeline", "fit", "memory", "annotate", "questions", "train", "enhance")
PACKAGES = (
    "numpy",
    "scipy",
    "spacy",
    "tomotopy",
    "gensim",
    "scikit-learn",
    "tensorflow-cpu",
    "keras",
    "openvino",
    "onnxruntime",
)


def main() -> None:
    if "PALATE_DATA" not in os.environ:
        sys.exit("set PALATE_DATA to the folder with topics/20newsgroups and text/yelp_phoenix2013")
    names = sys.argv[1:] or NAMES
    sections = [run(name) for name in names]
    if not sys.argv[1:]:
        (FOLDER / "RESULTS.md").write_text("\n".join([heading(), *sections]), "utf8")


def run(name: str) -> str:
    out = subprocess.run([sys.executable, FOLDER / f"{name}.py"], check=True, stdout=subprocess.PIPE, text=True).stdout
    print(out, flush=True)
    return out


def heading() -> str:
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in PACKAGES)
    return f"""# Benchmarks

`make bench` (PALATE_DATA=folder) printed this on {time.strftime("%Y-%m-%d")}: {processor()}, {os.cpu_count()} cores,
{platform.system()}, Python {platform.python_version()}, {versions}. The machine is shared, so ratios within one run are
what to trust. Each section is the output of the script named in it.
"""


def processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.processor())


if __name__ == "__main__":
    main()
