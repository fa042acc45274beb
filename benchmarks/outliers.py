"""Which measure finds the documents that no topic explains: documents of 20 Newsgroups among held-out ones of BBC News.

K = 20, fitted to 80 % of BBC News; of both kinds 445 documents, read in BBC News's vocabulary. AUC of ranking them apart (1 is
best, .5 is chance) by `metrics.explained`, by the same gain without halves (each term is predicted from topics that it helped
to infer), and by the weight of the dominant topic.
"""

import gzip
import json
import os
import re
from pathlib import Path

import numpy as np
from sklearn.metrics import roc_auc_score

from spacy_topics.metrics import explained
from spacy_topics.topic_model import TopicModel
from spacy_topics.trainers.gibbs import Gibbs

COUNT = 445
TERMS = (20, 300)  # known terms of the documents of 20 Newsgroups


def main() -> None:
    generator = np.random.default_rng(0)
    topics = Path(os.environ["PALATE_DATA"]) / "topics"
    bbc = [line.split("\t")[0].split() for line in (topics / "BBC_News" / "corpus.tsv").read_text("utf8").splitlines()]
    vocabulary = sorted({word for document in bbc for word in document})
    order = generator.permutation(len(bbc))
    reader = TopicModel(np.ones((1, len(vocabulary))), [1], vocabulary)
    model = Gibbs()(reader.bags(bbc[i] for i in order[COUNT:]), vocabulary, 20)
    with gzip.open(topics / "20newsgroups" / "train.jsonl.gz", "rt", encoding="utf8") as file:
        texts = [json.loads(line)["text"].lower() for line in file]
    others = [[word for word in re.findall("[a-z]+", text) if word in reader.index] for text in texts]
    others = [document for document in others if TERMS[0] <= len(document) <= TERMS[1]]
    generator.shuffle(others)
    print(f"## Outliers\n\n`python benchmarks/outliers.py`: {' '.join(__doc__.split())}\n")
    print("| documents | halves | without halves | dominant topic |\n|---|---|---|---|")
    whole = [bbc[i] for i in order[:COUNT]], others[:COUNT]
    cut = tuple([generator.permutation(document)[: TERMS[0]].tolist() for document in some] for some in whole)
    for name, (own, other) in (("whole", whole), (f"{TERMS[0]} terms of each", cut)):
        figures = [f"{value:.3f}" for value in aucs(model, own, other)]
        print(f"| {name} | {' | '.join(figures)} |")
    print()


def aucs(model: TopicModel, own: list[list[str]], other: list[list[str]]) -> list[float]:
    bags = model.bags(own + other)
    is_other = np.repeat([0, 1], [len(own), len(other)])
    halves = explained(model, bags)
    theta, rows = model.infer_bags(bags), bags.rows()
    share = np.einsum("nk,nk->n", theta[rows], model.word_topic[bags.terms])
    gain = bags.counts * np.log(share / (model.prevalence @ model.phi)[bags.terms])
    without = np.bincount(rows, gain, len(bags)) / np.maximum(bags.sizes, 1)
    theta[:, model.background] = 0
    known = ~np.isnan(halves)
    return [float(roc_auc_score(is_other[known], -values[known])) for values in (halves, without, theta.max(axis=1))]


if __name__ == "__main__":
    main()
