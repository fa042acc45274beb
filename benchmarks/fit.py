"""`palate topics fit` against the notebook route, 5,169 Phoenix reviews, K = 50, each a process of its own on two cores.

The notebook route: spaCy's blank English with the same lookup lemmas, stop words and non-words dropped, gensim's Phrases
twice, Dictionary.filter_extremes(3, 0.5), LdaMulticore with 10 passes and one worker beside the main process. Wall-clock
is from start to saved model, the two in turn, three rounds, medians. For the figures both are fitted to nine tenths of
the reviews. Perplexity is by document completion on the last tenth, over the terms that both vocabularies have, each
model renormalised to them, theta by the same fold-in; c_npmi (gensim, top 10 words) over all reviews' terms.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

TOPICS = 50


def texts_of(path: str) -> list[str]:
    with open(path, encoding="utf8") as file:
        return [json.loads(line)["text"] for line in file]


def notebook(reviews: str, output: str) -> None:
    """The notebook's way, from reviews to a saved model, printing what each step takes."""
    import spacy
    from gensim.corpora import Dictionary
    from gensim.models import LdaMulticore
    from gensim.models.phrases import Phrases

    clock = Clock()
    nlp = spacy.blank("en")
    nlp.add_pipe("lemmatizer", config={"mode": "lookup"})
    nlp.initialize()
    tokens = [[t.lemma_.lower() for t in doc if t.is_alpha and not t.is_stop] for doc in nlp.pipe(texts_of(reviews))]
    clock("tokens and lemmas")
    for _ in range(2):
        phrases = Phrases(tokens, min_count=5, threshold=10)
        tokens = [list(phrases[text]) for text in tokens]
    clock("phrases")
    dictionary = Dictionary(tokens)
    dictionary.filter_extremes(3, 0.5)
    bow = [dictionary.doc2bow(text) for text in tokens]
    lda = LdaMulticore(bow, num_topics=TOPICS, id2word=dictionary, passes=10, workers=1, random_state=0)
    clock("LDA")
    lda.save(output)
    print(json.dumps(clock.taken))


def ours(reviews: str, output: str) -> None:
    """What `palate topics fit` does, printing what each step takes."""
    import spacy

    from spacy_topics.bags import to_bags
    from spacy_topics.fit import batches, choose_words
    from spacy_topics.terms.learner import learn
    from spacy_topics.terms.settings import TermSettings
    from spacy_topics.trainers.gibbs import Gibbs

    clock = Clock()
    reader, stream, count = learn(batches(spacy.blank("en"), texts_of(reviews)), TermSettings())
    clock("tokens, lemmas, phrases")
    model = Gibbs()(to_bags(stream.doc, stream.word, count), reader.words[: reader.size], TOPICS)
    clock("LDA")
    choose_words(model, stream)
    clock("words of the topics, coherence")
    model.terms = reader.to_dict()
    model.save(output)
    print(json.dumps(clock.taken))


class Clock:
    def __init__(self) -> None:
        self.taken: dict[str, float] = {}
        self.last = time.perf_counter()

    def __call__(self, name: str) -> None:
        now = time.perf_counter()
        self.taken[name] = round(now - self.last, 1)
        self.last = now


def main() -> None:
    from corpora.reviews import read_reviews

    print("## Fitting\n\n`python benchmarks/fit.py`: " + " ".join(__doc__.split()))
    path = Path(os.environ["PALATE_DATA"]) / "text" / "yelp_phoenix2013" / "reviews.csv.gz"
    texts = [review.text for review in read_reviews(path)]
    order = np.random.default_rng(0).permutation(len(texts))
    cut = len(texts) // 10
    with tempfile.TemporaryDirectory() as folder:
        names = {"all": texts, "train": [texts[i] for i in order[cut:]], "test": [texts[i] for i in order[:cut]]}
        for name, rows in names.items():
            Path(folder, f"{name}.jsonl").write_text("".join(json.dumps({"text": text}) + "\n" for text in rows), "utf8")
        reviews, output = f"{folder}/all.jsonl", f"{folder}/out"
        command = [sys.executable, "-m", "palate", "topics", "fit", reviews, "-o", output, "-k", str(TOPICS)]
        rival = [sys.executable, __file__, "--notebook", reviews, output]
        seconds: dict[str, list[float]] = {"palate": [], "notebook": []}
        for _ in range(3):
            for name, run in (("palate", command), ("notebook", rival)):
                seconds[name].append(wall(run))
        steps = {name: steps_of([sys.executable, __file__, f"--{name}", reviews, output]) for name in ("ours", "notebook")}
        figures = judge(folder)
    print("\n| | seconds (median of 3) | c_npmi | perplexity, held out |\n|---|---|---|---|")
    for name, label in (("palate", "`palate topics fit`, one thread"), ("notebook", "notebook route")):
        spread = f"{np.median(seconds[name]):.1f} ({min(seconds[name]):.1f} to {max(seconds[name]):.1f})"
        print(f"| {label} | {spread} | {figures[name][0]:.3f} | {figures[name][1]:,.0f} |")
    print("\nWhere the time goes, after the imports:\n")
    for name, label in (("ours", "palate"), ("notebook", "notebook route")):
        print(f"- {label}: " + ", ".join(f"{step} {taken} s" for step, taken in steps[name].items()))


def wall(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - start


def steps_of(command: list[str]) -> dict[str, float]:
    out = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
    return json.loads(out.splitlines()[-1])


def judge(folder: str) -> dict[str, tuple[float, float]]:
    """c_npmi and held-out perplexity of both, fitted to nine tenths."""
    import spacy
    from gensim.models import LdaMulticore

    from spacy_topics.metrics import coherence, perplexity, top_words
    from spacy_topics.terms.reader import TermReader
    from spacy_topics.topic_model import TopicModel
    from spacy_topics.trainers.converters import from_gensim

    for name in ("ours", "notebook"):
        steps_of([sys.executable, __file__, f"--{name}", f"{folder}/train.jsonl", f"{folder}/{name}.model"])
    palate = TopicModel.load(f"{folder}/ours.model")
    notebook = from_gensim(LdaMulticore.load(f"{folder}/notebook.model"))
    notebook.vocabulary = [term.replace("_", " ") for term in notebook.vocabulary]
    shared = sorted(set(palate.vocabulary) & set(notebook.vocabulary))
    nlp = spacy.blank("en")
    reader = TermReader.from_dict(palate.terms, palate.vocabulary)
    docs = {name: list(nlp.pipe(texts_of(f"{folder}/{name}.jsonl"))) for name in ("all", "test")}

    def tokens(name: str) -> list[list[str]]:
        stream = reader.terms(docs[name])
        ends = np.searchsorted(stream.doc, np.arange(1, len(docs[name])))
        return [[palate.vocabulary[i] for i in words] for words in np.split(stream.word, ends)]

    everything, test, found = tokens("all"), tokens("test"), {}
    for name, model in (("palate", palate), ("notebook", notebook)):
        index = {term: i for i, term in enumerate(model.vocabulary)}
        common = TopicModel(model.phi[:, [index[term] for term in shared]], model.alpha, shared)
        words = top_words(palate) if name == "palate" else [top(model, k) for k in range(TOPICS)]
        value = float(np.nanmean(coherence(words, everything)))
        found[name] = (value, perplexity(common, common.bags(test)))
    print(f"\nVocabularies: palate {len(palate.vocabulary):,}, notebook {len(notebook.vocabulary):,}, shared {len(shared):,}.")
    return found


def top(model, topic: int) -> list[str]:
    return [model.vocabulary[i] for i in np.argsort(-model.phi[topic])[:10]]


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--notebook", nargs=2)
    parser.add_argument("--ours", nargs=2)
    args = parser.parse_args()
    if args.notebook:
        notebook(*args.notebook)
    elif args.ours:
        ours(*args.ours)
    else:
        main()
