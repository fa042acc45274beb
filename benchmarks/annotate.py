"""What `palate annotate` costs: 5,169 Phoenix reviews through the pipeline that `spacy project run yelp` makes.

By component, in one process and in two; and peak memory of the first thousand reviews and of all.
"""

import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PIPELINE = Path(__file__).parents[1] / "projects" / "restaurants" / "training" / "yelp_pipeline"


def main() -> None:
    from corpora.reviews import read_reviews

    print("## Annotating\n\n`python benchmarks/annotate.py`: " + " ".join(__doc__.split()))
    path = Path(os.environ["PALATE_DATA"]) / "text" / "yelp_phoenix2013" / "reviews.csv.gz"
    reviews = list(read_reviews(path))
    by_component([(review.text, review.city) for review in reviews])
    with tempfile.TemporaryDirectory() as folder:
        for count in (1000, len(reviews)):
            rows = ({"id": review.id, "text": review.text, "city": review.city} for review in reviews[:count])
            Path(folder, f"{count}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf8")
        runs: dict[int, list[tuple[float, float]]] = {1: [], 2: []}
        for turn, processes in itertools.product(range(3), runs):  # in turn, so that the machine's moods meet both
            runs[processes].append(annotate(folder, len(reviews), processes, turn))
        few = annotate(folder, 1000, 1, 0)[1]
    one, two = (min(seconds for seconds, _ in runs[processes]) for processes in (1, 2))
    print(f"\nThe whole command, the best of three runs: one process {one:.0f} s ({len(reviews) / one:.0f} reviews/s),")
    print(f"two {two:.0f} s ({len(reviews) / two:.0f} reviews/s), {one / two:.2f} times as fast, loading and writing included.")
    most = max(peak for _, peak in runs[1])
    print(f"\nPeak memory: {few:.0f} MiB of 1,000 reviews, {most:.0f} MiB of {len(reviews):,} ({most / few - 1:+.1%}).\n")


def by_component(texts: list[tuple[str, str]]) -> None:
    import spacy

    nlp = spacy.load(PIPELINE)
    docs, taken = [], {}
    start = time.perf_counter()
    for text, city in texts:
        doc = nlp.make_doc(text)
        doc._.city = city
        docs.append(doc)
    taken["tokenizer"] = time.perf_counter() - start
    for name, component in nlp.pipeline:
        start = time.perf_counter()
        docs = list(component.pipe(docs, batch_size=64) if hasattr(component, "pipe") else map(component, docs))
        taken[name] = time.perf_counter() - start
    whole = sum(taken.values())
    print("\n| component | reviews/s | share |\n|---|---|---|")
    for name, value in taken.items():
        print(f"| {name} | {len(texts) / value:,.0f} | {value / whole:.0%} |")


def annotate(folder: str, count: int, processes: int, turn: int) -> tuple[float, float]:
    """Seconds and peak MiB of the command."""
    out = f"{folder}/out-{count}-{processes}-{turn}"
    command = [sys.executable, "-m", "palate", "annotate", f"{folder}/{count}.jsonl", "-o", out, "--pipeline", str(PIPELINE)]
    code = "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, stderr=subprocess.DEVNULL);"
    code += " print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)"
    start = time.perf_counter()
    run = [sys.executable, "-c", code, *command, "--processes", str(processes)]
    peak = subprocess.run(run, check=True, capture_output=True, text=True).stdout
    return time.perf_counter() - start, float(peak)


if __name__ == "__main__":
    main()
