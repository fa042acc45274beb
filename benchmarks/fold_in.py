"""Fold-in against the inference of tomotopy, gensim and scikit-learn: same phi, same documents.

20 Newsgroups (train part), lower-cased words of three letters or more that are no stop words; 9,500 documents are
fitted, the first 60 words of the others are folded in. Speed is documents a second on one core, whole batches; the
perplexity is that of every second word given the others.
"""

import gzip
import json
import os
import re
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")

import numpy as np
import tomotopy
from gensim.models import LdaModel
from scipy.sparse import csr_matrix
from sklearn.decomposition import LatentDirichletAllocation
from spacy.lang.en.stop_words import STOP_WORDS

from spacy_topics.bags import Bags, to_bags
from spacy_topics.fold_in import infer_theta

ALPHA = 0.1


def corpus() -> list[list[str]]:
    path = Path(os.environ["PALATE_DATA"]) / "topics" / "20newsgroups" / "train.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf8") as file:
        texts = [re.findall(r"[^\W_]{3,}", json.loads(line)["text"].lower()) for line in file]
    return [[word for word in text if word not in STOP_WORDS] for text in texts]


def sampler(texts: list[list[str]], size: int, topics: int) -> tomotopy.LDAModel:
    """A tomotopy model over the `size` most frequent words."""
    kept = {word for word, _ in Counter(word for text in texts for word in set(text)).most_common(size)}
    model = tomotopy.LDAModel(k=topics, alpha=ALPHA, eta=0.01, seed=1)
    model.optim_interval = 0
    for text in texts[:9500]:
        words = [word for word in text if word in kept]
        if words:
            model.add_doc(words)
    model.train(150, workers=2, show_progress=False)
    return model


def rate(function: Callable[[], object], documents: int, least: float = 2.0) -> float:
    """Documents a second: the best of the calls that fit in `least` seconds, after one to warm up."""
    start = time.perf_counter()
    function()
    first = time.perf_counter() - start
    times = [first] if first > least else []
    while not times or sum(times) < least:
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return documents / min(times)


def compare(texts: list[list[str]], size: int, topics: int) -> None:
    model = sampler(texts, size, topics)
    phi = np.stack([model.get_topic_word_dist(k) for k in range(topics)])
    vocabulary = list(model.used_vocabs)
    index = {word: i for i, word in enumerate(vocabulary)}
    docs = [[word for word in text if word in index][:60] for text in texts[9500:]]
    docs = [doc for doc in docs if len(doc) >= 10]
    held_out = [doc[1::2] for doc in docs]
    bags, seen = bags_of(docs, index), bags_of([doc[::2] for doc in docs], index)
    word_topic, alpha = np.ascontiguousarray(phi.T), np.full(topics, ALPHA, np.float32)

    lda = LdaModel(num_topics=topics, id2word=dict(enumerate(vocabulary)), alpha=[ALPHA] * topics)
    lda.expElogbeta = phi
    skl = LatentDirichletAllocation(topics, doc_topic_prior=ALPHA)
    skl.components_ = skl.exp_dirichlet_component_ = phi.astype(np.float64)
    skl.doc_topic_prior_ = ALPHA
    some = 400 if size < 10_000 else 30

    def theirs(bags: Bags) -> csr_matrix:
        return csr_matrix((bags.counts.astype(np.float64), bags.terms, bags.offsets), (len(bags), len(vocabulary)))

    def bow(bags: Bags) -> list[list[tuple[int, float]]]:
        pairs = list(zip(bags.terms.tolist(), bags.counts.tolist(), strict=True))
        return [pairs[a:b] for a, b in zip(bags.offsets[:-1], bags.offsets[1:], strict=True)]

    full, half, whole = bow(bags), bow(seen), theirs(bags)
    words, seen_words = [model.make_doc(doc) for doc in docs[:some]], [model.make_doc(doc[::2]) for doc in docs]
    rows = {
        "palate, batches": (
            rate(lambda: infer_theta(word_topic, alpha, bags), len(docs)),
            infer_theta(word_topic, alpha, seen),
        ),
        "palate, steps of older models": (
            rate(lambda: infer_theta(word_topic, alpha, bags, rules=1), len(docs)),
            infer_theta(word_topic, alpha, seen, rules=1),
        ),
        "palate, one at a time": (
            rate(lambda: [infer_theta(word_topic, alpha, bags.take(np.array([i]))) for i in range(300)], 300),
            None,
        ),
        "gensim LdaModel.inference": (rate(lambda: lda.inference(full), len(docs)), lda.inference(half)[0]),
        "scikit-learn transform": (rate(lambda: skl.transform(whole), len(docs)), skl.transform(theirs(seen))),
        "tomotopy infer": (
            rate(lambda: model.infer(words, workers=1), some),
            np.array(model.infer(seen_words[: 4 * some], workers=1)[0]),
        ),
    }
    print(f"\nK = {topics}, V = {len(vocabulary):,}, {len(docs):,} documents of {np.mean([len(d) for d in docs]):.0f} words\n")
    print("| | documents/s | palate is faster by | perplexity | palate's, same documents |\n|---|---|---|---|---|")
    ours = rows["palate, batches"][1]
    for name, (speed, theta) in rows.items():
        ratio = f"{rows['palate, batches'][0] / speed:,.1f}" if "palate" not in name else ""
        figures = ["", ""]
        if theta is not None:
            theta = theta / theta.sum(axis=1, keepdims=True)
            figures = [f"{perplexity(t, word_topic, index, held_out):,.0f}" for t in (theta, ours[: len(theta)])]
        print(f"| {name} | {speed:,.0f} | {ratio} | {figures[0]} | {figures[1]} |")


def bags_of(docs: list[list[str]], index: dict[str, int]) -> Bags:
    rows = np.repeat(np.arange(len(docs)), [len(doc) for doc in docs])
    return to_bags(rows, np.array([index[word] for doc in docs for word in doc], np.int32), len(docs))


def perplexity(theta: np.ndarray, word_topic: np.ndarray, index: dict[str, int], held_out: list[list[str]]) -> float:
    logs = [np.log(word_topic[[index[w] for w in doc]] @ row) for doc, row in zip(held_out, theta, strict=False)]
    return float(np.exp(-np.concatenate(logs).mean()))


def flat_in_vocabulary(topics: int = 50) -> None:
    print(f"\nTime of a document of 60 distinct words by vocabulary, K = {topics}, phi drawn at random\n")
    print("| V | µs a document, in batches | one at a time |\n|---|---|---|")
    generator = np.random.default_rng(0)
    alpha = np.full(topics, ALPHA, np.float32)
    for size in (1_000, 10_000, 100_000, 1_000_000):
        word_topic = generator.gamma(0.1, size=(size, topics)).astype(np.float32) + 1e-4
        word_topic /= word_topic.sum(axis=0)
        terms = np.concatenate([generator.choice(size, 60, replace=False) for _ in range(1000)])
        bags = to_bags(np.repeat(np.arange(1000), 60), terms, 1000)
        batch = 1e6 / rate(lambda w=word_topic, b=bags: infer_theta(w, alpha, b, tolerance=0, iterations=8), 1000)
        single = [bags.take(np.array([i])) for i in range(200)]
        alone = 1e6 / rate(lambda w=word_topic, s=single: [infer_theta(w, alpha, b, tolerance=0, iterations=8) for b in s], 200)
        print(f"| {size:,} | {batch:.1f} | {alone:.0f} |")


if __name__ == "__main__":
    print("## Fold-in\n\n`python benchmarks/fold_in.py`: " + " ".join(__doc__.split("\n\n", 1)[1].split()))
    texts = corpus()
    compare(texts, 8_000, 50)
    compare(texts, 108_000, 100)
    flat_in_vocabulary()
