"""Recipes as documents, cuisines as seeds, labels hidden: python scripts/recipes.py RECIPES.jsonl.gz

A recipe is the list of its ingredients. The lexicon shares each out among the cuisines, a topic a cuisine is counted from the
shares, and the recipes are read by these topics. Labels are read only to judge: share of the recipes whose dominant topic
names the right cuisine, and precision at 20 of what marks a cuisine's recipes out. Gibbs sampling from the seeds beside it.
"""

import gzip
import json
import sys
from collections import Counter

import numpy as np

from spacy_topics.bags import Bags, to_bags
from spacy_topics.lexicon import cuisine_seeds, entries, find, words
from spacy_topics.trainers.gibbs import Gibbs
from spacy_topics.trainers.shares import from_shares

OURS = {"southern_us": "southern", "cajun_creole": "cajun"}  # the labels that are called otherwise here
SEEDS = 3


def main() -> None:
    with gzip.open(sys.argv[1], "rt", encoding="utf8") as file:
        recipes = [json.loads(line) for line in file]
    truth = [OURS.get(recipe["cuisine"], recipe["cuisine"]) for recipe in recipes]
    items = [[words(ingredient) for ingredient in recipe["ingredients"]] for recipe in recipes]
    cuisines = sorted(set(truth))
    most = Counter(truth).most_common(1)[0]
    print("| recipes whose cuisine is named | |\n|---|---|")
    print(f"| always the most frequent ({most[0]}) | {most[1] / len(truth):.3f} |")
    print(f"| counting the lexicon's words | {share(counted(items, cuisines), truth):.3f} |")
    bags, vocabulary = bags_of(items)
    for extra in (0, 10):
        figures = [share(sampled(bags, vocabulary, cuisines, extra, seed), truth) for seed in range(SEEDS)]
        label = f"Gibbs, seeded topics and {extra} free ones, {SEEDS} seeds"
        print(f"| {label} | {np.mean(figures):.3f} ± {np.std(figures):.3f} |")
    shares = shared_out(items, cuisines)
    print(f"| the lexicon's words, telling ones counting more | {share(dominant(shares, cuisines), truth):.3f} |")
    theta = from_shares(bags, vocabulary, shares, cuisines).infer_bags(bags)
    named = dominant(theta, cuisines)
    print(f"| **topics counted from these shares** | **{share(named, truth):.3f}** |\n")
    print("| cuisine | precision at 20 |\n|---|---|")
    values = []
    for cuisine in cuisines:
        found, gold = (marking(items, [c == cuisine for c in given]) for given in (named, truth))
        values.append(len(set(found[:20]) & set(gold[:20])) / 20)
        print(f"| {cuisine} | {values[-1]:.2f} |")
    print(f"| **mean** | **{np.mean(values):.3f}** |")


def share(named: list[str], truth: list[str]) -> float:
    return float(np.mean([a == b for a, b in zip(named, truth, strict=True)]))


def counted(items: list, cuisines: list[str]) -> list[str]:
    """The cuisine whose words stand in a recipe most often, the earlier in the alphabet of equals."""
    named = []
    for recipe in items:
        tally = Counter(dict.fromkeys(cuisines, 0))
        for key in (key for item in recipe for key in find(item, entries())):
            tally.update(cuisine for cuisine in entries()[key].cuisines if cuisine in tally)
        named.append(max(cuisines, key=lambda cuisine: tally[cuisine]))
    return named


def terms_of(recipe: list) -> list[str]:
    """An ingredient as one term, and its words."""
    return [term for item in recipe for term in {" ".join(item), *item}]


def bags_of(items: list) -> tuple[Bags, list[str]]:
    documents = [terms_of(recipe) for recipe in items]
    seen = Counter(term for document in documents for term in set(document))
    vocabulary = sorted(term for term in seen if 3 <= seen[term] <= 0.3 * len(documents))
    index = {term: i for i, term in enumerate(vocabulary)}
    rows = [[index[term] for term in document if term in index] for document in documents]
    bags = to_bags(
        np.repeat(np.arange(len(rows)), [len(row) for row in rows]), np.concatenate(rows).astype(np.int32), len(rows)
    )
    return bags, vocabulary


def sampled(bags: Bags, vocabulary: list[str], cuisines: list[str], extra: int, seed: int) -> list[str]:
    given = {name: {" ".join(words(word)) for word in cuisine_seeds()[name]} & set(vocabulary) for name in cuisines}
    trainer = Gibbs(iterations=200, alpha=0.02, background=0)
    seeded = {name: sorted(terms) for name, terms in given.items()}
    model = trainer(bags, vocabulary, len(cuisines) + extra, seeds=seeded, seed=seed)
    return dominant(model.infer_bags(bags)[:, : len(cuisines)], cuisines)


def shared_out(items: list, cuisines: list[str]) -> np.ndarray:
    """(D, C): softmax of the summed weights of a recipe's words; a word that n cuisines list weighs ln((C + 1) / n)."""
    column = {name: i for i, name in enumerate(cuisines)}
    total = np.zeros((len(items), len(cuisines)))
    for row, recipe in enumerate(items):
        for key in (key for item in recipe for key in find(item, entries())):
            listed = [column[name] for name in entries()[key].cuisines if name in column]
            total[row, listed] += np.log((len(cuisines) + 1) / max(1, len(listed)))
    shares = np.exp(total - total.max(axis=1, keepdims=True))
    return shares / shares.sum(axis=1, keepdims=True)


def dominant(theta: np.ndarray, names: list[str]) -> list[str]:
    return [names[k] for k in theta.argmax(axis=1)]


def marking(items: list, inside: list[bool]) -> list[str]:
    """Ingredients of the recipes inside, by log-odds against the others, with an informative Dirichlet prior."""
    counts = [
        Counter(" ".join(item) for recipe, own in zip(items, inside, strict=True) if own == part for item in set(recipe))
        for part in (True, False)
    ]
    return sorted(counts[0], key=lambda key: (-z_score(counts, key), key))


def z_score(counts: list, key: str) -> float:
    (ours, theirs), (size, rest) = (counts[0][key], counts[1][key]), (counts[0].total(), counts[1].total())
    prior, whole = 0.05 * (ours + theirs), 0.05 * (size + rest)
    here = np.log((ours + prior) / (size + whole - ours - prior))
    there = np.log((theirs + prior) / (rest + whole - theirs - prior))
    return float((here - there) / np.sqrt(1 / (ours + prior) + 1 / (theirs + prior)))


if __name__ == "__main__":
    main()
