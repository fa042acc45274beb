"""Coherence, diversity and held-out perplexity of topics on M10 (tuned on), 20 Newsgroups and BBC News.

    PALATE_DATA=FOLDER python scripts/coherence.py [M10|BBC_News|20newsgroups ...] [--topics 10,20] [--seeds 3]

FOLDER/topics holds OCTIS's preprocessed BBC_News and M10 (corpus.tsv) and 20newsgroups (train.jsonl.gz, the raw by-date
train part, and OCTIS's vocabulary). Protocol: c_npmi (gensim, window 10) of the top 10 words over the documents that were
fitted, diversity of the same words; mean and standard deviation over K = 10, 20, 30, 40, 50 and seeds. Beside them, from
models fitted to every second document: document-completion perplexity, and c_npmi over the documents left out.
"""

import argparse
import gzip
import json
import os
import re
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path

import numpy as np

from spacy_topics.bags import Stream, to_bags
from spacy_topics.fit import choose_words
from spacy_topics.metrics import coherence, diversity, perplexity
from spacy_topics.topic_model import TopicModel
from spacy_topics.trainers.gibbs import Gibbs

PLAIN = {"iterations": 500, "burn_in": 490, "alpha": 0.1, "eta": 0.01}
# What each row changes against the one before, or against palate's own settings: trainer, relevance (None: described).
ROWS = {
    "plain Gibbs, words by probability": (PLAIN, 1.0),
    "+ eta .1 (from .01)": ({**PLAIN, "eta": 0.1}, 1.0),
    "+ phi averaged over 20 samples": ({}, 1.0),
    "+ words by relevance, lambda .8": ({}, 0.8),
    "+ 10 words of 20 that keep company: palate": ({}, None),
    "palate, alpha optimised": ({"optimize_alpha": 10}, None),
    "palate, IDF weights": ({"term_weight": "idf"}, None),
    "palate, PMI weights": ({"term_weight": "pmi"}, None),
}


def documents(name: str) -> list[list[str]]:
    """A corpus as lists of tokens."""
    folder = Path(os.environ["PALATE_DATA"]) / "topics" / name
    if name != "20newsgroups":
        return [line.split("\t")[0].split() for line in (folder / "corpus.tsv").read_text("utf8").splitlines()]
    vocabulary = set((folder / "octis_vocabulary.txt").read_text("utf8").split())
    with gzip.open(folder / "train.jsonl.gz", "rt", encoding="utf8") as file:
        texts = [re.findall("[a-z]+", json.loads(line)["text"].lower()) for line in file]
    kept = [[word for word in text if word in vocabulary] for text in texts]
    return [text for text in kept if len(text) >= 5]


@cache
def corpus(name: str) -> tuple[list[list[str]], list[str], Stream]:
    """Documents, vocabulary, and the stream of terms."""
    texts = [text for text in documents(name) if text]
    vocabulary = sorted({word for text in texts for word in text})
    index = {word: i for i, word in enumerate(vocabulary)}
    doc = np.repeat(np.arange(len(texts)), [len(text) for text in texts])
    word = np.array([index[word] for text in texts for word in text], np.int32)
    token = np.arange(len(word))
    return texts, vocabulary, Stream(doc, token, token, word)


def fit(settings: dict, vocabulary: Sequence[str], stream: Stream, topics: int, seed: int) -> TopicModel:
    bags = to_bags(stream.doc, stream.word, int(stream.doc.max()) + 1)
    model = Gibbs(**settings)(bags, vocabulary, topics, seed=seed)
    choose_words(model, stream)
    return model


def words(model: TopicModel, relevance: float | None) -> list[list[str]]:
    return [model.top_words(topic, 10, relevance) for topic in range(model.num_topics)]


def judge(job: tuple[str, int, int, str]) -> list[tuple[str, float, float, float, float]]:
    """The figures of all rows that share one trainer's settings."""
    name, topics, seed, key = job
    texts, vocabulary, stream = corpus(name)
    settings = json.loads(key)
    half = stream.doc % 2 == 0
    fitted, left = (Stream(*(column[part] for column in stream)) for part in (half, ~half))
    model, half_model = (fit(settings, vocabulary, part, topics, seed) for part in (stream, fitted))
    held_out = perplexity(half_model, to_bags(left.doc, left.word, len(texts)))
    rows = []
    for label, (row, relevance) in ROWS.items():
        if json.dumps(row) == key:
            tops, half_tops = words(model, relevance), words(half_model, relevance)
            unseen = float(np.mean(coherence(half_tops, texts[1::2])))
            rows.append((label, float(np.mean(coherence(tops, texts))), diversity(tops), unseen, held_out))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", nargs="*", default=["M10", "20newsgroups", "BBC_News"])
    parser.add_argument("--topics", default="10,20,30,40,50")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--export", type=Path, help="write TOPICS.json and TEXTS.txt of the last row here, for another scorer")
    args = parser.parse_args()
    if "PALATE_DATA" not in os.environ:
        sys.exit("set PALATE_DATA to the folder with topics/M10, topics/BBC_News, topics/20newsgroups")
    sizes = [int(size) for size in args.topics.split(",")]
    if args.export:
        return export(args.corpora[0], sizes[0], args.export)
    for name in args.corpora:
        keys = dict.fromkeys(json.dumps(settings) for settings, _ in ROWS.values())
        jobs = [(name, size, seed, key) for key in keys for size in sizes for seed in range(args.seeds)]
        figures: dict[str, list] = {label: [] for label in ROWS}
        with ProcessPoolExecutor() as pool:
            for rows in pool.map(judge, jobs):
                for label, *values in rows:
                    figures[label].append(values)
        print(f"\n{name}, {len(corpus(name)[0]):,} documents, {len(corpus(name)[1]):,} words\n")
        print("| model | c_npmi | diversity | c_npmi, unseen half | perplexity, unseen half |\n|---|---|---|---|---|")
        for label, values in figures.items():
            mean, spread = np.mean(values, axis=0), np.std(values, axis=0)
            cells = [f"{m:.3f} ± {s:.3f}" for m, s in zip(mean[:3], spread[:3], strict=True)]
            print(f"| {label} | {' | '.join(cells)} | {mean[3]:.0f} ± {spread[3]:.0f} |", flush=True)


def export(name: str, topics: int, folder: Path) -> None:
    """Topics and texts as files, so that a scorer that is not ours can judge them."""
    texts, vocabulary, stream = corpus(name)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "TOPICS.json").write_text(json.dumps(words(fit({}, vocabulary, stream, topics, 0), None)))
    (folder / "TEXTS.txt").write_text("\n".join(" ".join(text) for text in texts))


if __name__ == "__main__":
    main()
