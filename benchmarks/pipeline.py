"""What lda_topics costs in a pipeline: 5,169 Phoenix reviews, blank English with lookup lemmas, with and without it.

One process, one thread; the two pipelines in turn, five rounds after one to warm up; medians.
"""

import os
import time
from pathlib import Path

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")

import numpy as np
import spacy

from corpora.reviews import read_reviews


def main() -> None:
    print("## lda_topics in a pipeline\n\n`python benchmarks/pipeline.py`: " + " ".join(__doc__.split()))
    path = Path(os.environ["PALATE_DATA"]) / "text" / "yelp_phoenix2013" / "reviews.csv.gz"
    texts = [review.text for review in read_reviews(path)]
    nlp = spacy.blank("en")
    nlp.add_pipe("lemmatizer", config={"mode": "lookup"})
    nlp.initialize()
    nlp.add_pipe("lda_topics", config={"num_topics": 50}).fit(texts)
    rounds: dict[str, list[float]] = {"without": [], "with": []}
    for number in range(6):
        for name, disable in (("without", ["lda_topics"]), ("with", [])):
            start = time.perf_counter()
            for _ in nlp.pipe(texts, disable=disable):
                pass
            if number:
                rounds[name].append(len(texts) / (time.perf_counter() - start))
    without, with_ = (np.median(values) for values in rounds.values())
    by_round = [1 - b / a for a, b in zip(rounds["without"], rounds["with"], strict=True)]
    print("\n| | documents/s |\n|---|---|")
    print(f"| lookup lemmas | {without:,.0f} |\n| lookup lemmas and lda_topics (K = 50) | {with_:,.0f} |")
    rounds_say = f"{min(by_round):.1%} to {max(by_round):.1%} by round"
    print(f"\nlda_topics costs {1 - with_ / without:.1%} of the documents/s ({rounds_say}).")


if __name__ == "__main__":
    main()
