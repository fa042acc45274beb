"""New documents into an old model (`spacy_topics.update`), against a fit to all and against sampling with old counts as prior.

K = 20, Gibbs sampling. The first 60 % of the documents are the old ones, the next 30 % the new ones, the last 10 % are held
out. Phoenix's 5,169 reviews are cut by their dates; BBC News has none, and is cut in the order of its file. Perplexity is over
the terms of the old model. *Alike* is the mean cosine of topics matched one to one with those of two fits to all (seeds 0 and
1; for these with each other); *same numbers* that of each topic with the old one of its number.
"""

import os
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import spacy

from corpora.reviews import Review, read_reviews
from spacy_topics.bags import Bags
from spacy_topics.fit import batches, fit_topics
from spacy_topics.metrics import matched, perplexity
from spacy_topics.terms.settings import TermSettings
from spacy_topics.topic_model import TopicModel
from spacy_topics.topic_search import read_bags
from spacy_topics.trainers.gibbs import Gibbs
from spacy_topics.update import update_topics

TOPICS, SWEEPS, ETA = 20, 200, 0.1
# BBC News comes with its terms chosen: what is lemma, stop word or phrase is not asked again.
SETTINGS = {"BBC News": TermSettings(lemmas=False, phrases=0, stop_words=True, max_df=1.0), "Phoenix": TermSettings()}


def documents(name: str) -> list[Review]:
    data = Path(os.environ["PALATE_DATA"])
    if name == "Phoenix":
        return sorted(read_reviews(data / "text" / "yelp_phoenix2013" / "reviews.csv.gz"), key=lambda review: review.date or "")
    lines = (data / "topics" / "BBC_News" / "corpus.tsv").read_text("utf8").splitlines()
    return [Review(str(i), line.split("\t")[0]) for i, line in enumerate(lines)]


def fit(name: str, reviews: list[Review], seed: int) -> TopicModel:
    texts, names = [review.text for review in reviews], [review.name or "" for review in reviews]
    return fit_topics(batches(spacy.blank("en"), texts), TOPICS, Gibbs(), SETTINGS[name], names=names, seed=seed)


def sampled(old: TopicModel, longer: TopicModel, bags: Bags, memory: float, seed: int) -> TopicModel:
    """By tomotopy's sampler, with the old counts as priors of the words."""
    import tomotopy

    counts = np.full(longer.phi.shape, ETA)
    counts[:, : len(old.vocabulary)] += memory * old.term_frequency.sum() * old.prevalence[:, None] * old.phi
    sampler = tomotopy.LDAModel(k=old.num_topics, alpha=old.alpha.tolist(), eta=ETA, seed=seed)
    sampler.optim_interval = 0
    for start, end in zip(bags.offsets[:-1], bags.offsets[1:], strict=True):
        if ids := np.repeat(bags.terms[start:end], bags.counts[start:end].astype(int)).tolist():
            sampler.add_doc([str(term) for term in ids])
    for term in range(len(longer.vocabulary)):
        sampler.set_word_prior(str(term), counts[:, term].tolist())
    seen, taken = np.zeros_like(counts), 0
    for sweep in range(0, SWEEPS, 10):
        sampler.train(10, workers=1)
        if sweep >= SWEEPS // 2:
            ids = np.array([int(term) for term in sampler.vocabs])
            for doc in sampler.docs:
                np.add.at(seen, (np.asarray(doc.topics), ids[np.asarray(doc.words)]), 1)
            taken += 1
    return TopicModel(counts + seen / taken, old.alpha, longer.vocabulary)


def models(name: str, reviews: list[Review], seed: int) -> Iterator[tuple[str, TopicModel, float]]:
    """What is compared, and the seconds of the processor that it took: the old model, the two fits to all, and the updates."""
    old, new = reviews[: len(reviews) * 6 // 10], reviews[len(reviews) * 6 // 10 : len(reviews) * 9 // 10]
    nlp, source = spacy.blank("en"), "benchmark"
    first, seconds = timed(lambda: fit(name, old, seed))
    yield "old model", first, seconds
    for other in (seed, seed + 1):
        yield "fit to all", *timed(lambda other=other: fit(name, old + new, other))
    yield "fit to the new ones", *timed(lambda: fit(name, new, seed))
    for memory in (1, 0.3, 0):
        updated, seconds = timed(lambda memory=memory: update_topics(first, nlp, new, memory=memory, source=source))
        yield f"updated, memory {memory}", updated.model, seconds
        bags = read_bags(updated.model, (review.text for review in new), nlp)
        yield f"sampled, memory {memory}", *timed(partial(sampled, first, updated.model, bags, memory, seed))


def timed(make: Callable[[], object]) -> tuple:
    start = time.process_time()
    made = make()
    return made, time.process_time() - start


def report(name: str, seed: int) -> None:
    reviews = documents(name)
    made = list(models(name, reviews, seed))
    old, *whole = [model for label, model, _ in made if label in ("old model", "fit to all")]
    shared = [term for term in old.vocabulary if all(term in model.index for _, model, _ in made)]
    nlp = spacy.blank("en")
    texts = {"held out": reviews[len(reviews) * 9 // 10 :], "old": reviews[: len(reviews) * 6 // 10 : 5]}
    print(f"\n{name}, seed {seed}: {len(reviews):,} documents, {len(shared):,} terms that all models have.\n")
    print("| | perplexity, held out | of the old ones | alike | same numbers | seconds of the processor |")
    print("|---|---|---|---|---|---|")
    bags = {kind: read_bags(old, (review.text for review in some), nlp) for kind, some in texts.items()}
    keep = np.isin(np.arange(len(old.vocabulary)), [old.index[term] for term in shared])
    ids = np.cumsum(keep) - 1
    for kind, some in bags.items():
        part = some.select(keep[some.terms])
        bags[kind] = Bags(ids[part.terms].astype(np.int32), part.counts, part.offsets)
    for label, model, seconds in made:
        cut = TopicModel(model.phi[:, [model.index[term] for term in shared]], model.alpha, shared)
        figures = [f"{perplexity(cut, bags[kind]):,.0f}" for kind in texts]
        alike = np.mean([matched(model, other).mean() for other in whole if other is not model])
        same = np.mean([cosine(a, b) for a, b in zip(cut.phi, old.phi[:, keep], strict=True)])
        print(f"| {label} | {figures[0]} | {figures[1]} | {alike:.3f} | {same:.3f} | {seconds:.1f} |", flush=True)


def cosine(a: np.ndarray, b: np.ndarray) -> float:
    return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))


def main() -> None:
    print("## Updating\n\n`python benchmarks/update.py`: " + " ".join(__doc__.split()))
    for name in SETTINGS:
        report(name, 0)


if __name__ == "__main__":
    main()
