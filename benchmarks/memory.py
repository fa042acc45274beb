"""Peak memory of 20,000 and 200,000 reviews from a file through nlp.pipe, and of fitting to them.

Bistro's reviews over and over, each with an id and a word that no other review has, so that strings would pile up; the pipeline
runs in spaCy's memory zones of 2,000 reviews, as the README shows. Each figure is the maximum resident set of a process
of its own.
"""

import json
import resource
import subprocess
import sys
import tempfile
from itertools import islice
from pathlib import Path

SIZES = (20_000, 200_000)


def write(path: Path, size: int) -> None:
    from corpora import bistro

    reviews = [review.text for review in bistro.reviews()]
    with open(path, "w", encoding="utf8") as file:
        for number in range(size):
            odd = "".join(chr(97 + int(digit)) for digit in f"{number:07}")
            file.write(json.dumps({"id": odd, "text": f"{reviews[number % len(reviews)]} x{odd}"}) + "\n")


def pipe(path: str) -> None:
    import spacy

    from corpora import bistro
    from corpora.reviews import read_reviews

    nlp = spacy.blank("en")
    nlp.add_pipe("lda_topics").fit([review.text for review in bistro.reviews()])
    texts = (review.text for review in read_reviews(path))
    while some := list(islice(texts, 2_000)):
        with nlp.memory_zone():
            for doc in nlp.pipe(some):
                assert doc._.topic_evidence


def fit(path: str) -> None:
    import spacy

    from corpora.reviews import read_reviews

    config = {"trainer": {"@misc": "spacy_topics.Gibbs.v1", "iterations": 10, "burn_in": 0}}
    spacy.blank("en").add_pipe("lda_topics", config=config).fit(review.text for review in read_reviews(path))


def main() -> None:
    print("## Memory\n\n`python benchmarks/memory.py`: " + " ".join(__doc__.split()))
    peaks: dict[str, list[int]] = {"pipe": [], "fit": []}
    with tempfile.TemporaryDirectory() as folder:
        for size in SIZES:
            write(Path(folder, "reviews.jsonl"), size)
            for name, values in peaks.items():
                run = [sys.executable, __file__, name, f"{folder}/reviews.jsonl"]
                values.append(int(subprocess.run(run, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout))
    print(f"\n| | {SIZES[0]:,} reviews | {SIZES[1]:,} reviews | |\n|---|---|---|---|")
    a, b = peaks["pipe"]
    print(f"| nlp.pipe from a file, K = 20 | {a} MiB | {b} MiB | {b / a - 1:+.1%} |")
    a, b = peaks["fit"]
    each = (b - a) * 2**20 / (SIZES[1] - SIZES[0])
    print(f"| fit (reading, terms, 10 sweeps) | {a} MiB | {b} MiB | {each:,.0f} bytes a review |")


if __name__ == "__main__":
    if len(sys.argv) == 3:
        {"pipe": pipe, "fit": fit}[sys.argv[1]](sys.argv[2])
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
    else:
        main()
