"""Can LDA and GANs complement each other? Gibbs, a GAN, a GAN that begins as Gibbs's topics, and MMD without an adversary.

    PALATE_DATA=FOLDER python scripts/adversarial.py [recovery BBC_News 20newsgroups] [--seeds 3] [--steps 800]

`recovery`: 10,000 documents of 50 words drawn from LDA (V = 100, K = 5, alpha .1, beta .1), as W-LDA's paper has them but for
the length, which it does not state: cosine with the true topics, matched, and time. The corpora (as in coherence.py, K = 20):
every second document is fitted; c_npmi of the ten likeliest words in the fitted half, diversity, perplexity of the other half
by document completion. "Steps to" is the first snapshot in which the GAN's perplexity is as low as the best that it reaches
from a random start (mean of the seeds); a start from Gibbs counts its own time.
"""

import argparse
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
from coherence import corpus

from spacy_topics import simulate
from spacy_topics.bags import Bags, to_bags
from spacy_topics.metrics import coherence, diversity, perplexity, top_words
from spacy_topics.trainers.adversarial import Adversarial
from spacy_topics.trainers.gibbs import Gibbs
from spacy_topics.trainers.neural import Snapshot
from spacy_topics.trainers.wasserstein import WassersteinLda

GAN, PRETRAINED = "adversarial", "adversarial from Gibbs"


def trainers(steps: int) -> dict[str, Any]:
    return {
        "Gibbs": Gibbs(),
        GAN: Adversarial(steps=steps),
        PRETRAINED: Adversarial(steps=steps, start="gibbs"),
        "adversarial, Gaussian": Adversarial(steps=steps, gaussian=True, rate=2e-3),
        "MMD (W-LDA)": WassersteinLda(steps=steps),
    }


def snapshots(trainer: Any, bags: Bags, vocabulary: list[str], topics: int, seed: int, every: int) -> Iterator[Snapshot]:
    """The snapshots of any trainer; Gibbs has one, its end."""
    if hasattr(trainer, "snapshots"):
        yield from trainer.snapshots(bags, vocabulary, topics, seed=seed, every=every)
    else:
        start = time.perf_counter()
        model = trainer(bags, vocabulary, topics, seed=seed)
        yield Snapshot(model.meta["training"]["sweeps"], time.perf_counter() - start, model)


def recovery(seeds: int, steps: int) -> None:
    print("\n| recovery of the truth | matched cosine | seconds | cosine at the first snapshot | |\n|---|---|---|---|---|")
    for name, trainer in trainers(steps).items():
        found = []
        for seed in range(seeds):
            bags, phi, _ = simulate.corpus(10_000, 100, 5, 0.1, 0.1, 50, seed)
            words = [f"w{i}" for i in range(100)]
            some = [
                (snapshot, simulate.recovery(phi, snapshot.model.phi))
                for snapshot in snapshots(trainer, bags, words, 5, seed, steps // 10)
            ]
            found.append((some[-1][1], some[-1][0].seconds, some[0][1], max(cosine for _, cosine in some)))
        columns = [spread(list(values), digits) for values, digits in zip(zip(*found, strict=True), (3, 0, 3, 3), strict=True)]
        print(f"| {name} | {columns[0]} | {columns[1]} | {columns[2]} | best snapshot {columns[3]} |", flush=True)


def judged(name: str, seeds: int, steps: int, topics: int = 20) -> None:
    texts, vocabulary, stream = corpus(name)
    half = stream.doc % 2 == 0
    fitted, left = (to_bags(stream.doc[part] // 2, stream.word[part], (len(texts) + 1) // 2) for part in (half, ~half))
    traces: dict[str, list[list[tuple[Snapshot, float]]]] = {}
    print(f"\n| {name} | c_npmi | diversity | perplexity | seconds | best snapshot's perplexity |\n|---|---|---|---|---|---|")
    for kind, trainer in trainers(steps).items():
        figures = []
        traces[kind] = []
        for seed in range(seeds):
            trace = [
                (snapshot, perplexity(snapshot.model, left))
                for snapshot in snapshots(trainer, fitted, vocabulary, topics, seed, steps // 20)
            ]
            traces[kind].append(trace)
            snapshot, last = trace[-1]
            tops = top_words(snapshot.model)
            figures.append((float(np.mean(coherence(tops, texts[::2]))), diversity(tops), last, snapshot.seconds, best(trace)))
        columns = [
            spread(list(values), digits) for values, digits in zip(zip(*figures, strict=True), (3, 3, 0, 0, 0), strict=True)
        ]
        print(f"| {kind} | {' | '.join(columns)} |", flush=True)
    target = float(np.mean([best(trace) for trace in traces[GAN]]))
    print(f"\n| to a perplexity of {target:.0f} | steps | seconds |\n|---|---|---|")
    for kind in (GAN, PRETRAINED):
        reached = [next((snapshot for snapshot, value in trace if value <= target), None) for trace in traces[kind]]
        there = [snapshot for snapshot in reached if snapshot]
        steps_to, seconds = (spread([float(getattr(snapshot, key)) for snapshot in there], 0) for key in ("step", "seconds"))
        print(f"| {kind} ({len(there)} of {seeds} seeds) | {steps_to} | {seconds} |", flush=True)


def best(trace: list[tuple[Snapshot, float]]) -> float:
    return min(value for _, value in trace)


def spread(values: list[float], digits: int) -> str:
    if not values:
        return "never"
    return f"{np.mean(values):.{digits}f} ± {np.std(values):.{digits}f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="*", default=["recovery", "BBC_News", "20newsgroups"])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=800)
    args = parser.parse_args()
    import tensorflow  # noqa: F401  loading it is nobody's training time

    for what in args.what:
        if what == "recovery":
            recovery(args.seeds, args.steps)
        else:
            judged(what, args.seeds, args.steps)


if __name__ == "__main__":
    main()
