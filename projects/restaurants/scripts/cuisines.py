"""Judge the cuisines of restaurants: python scripts/cuisines.py ANNOTATIONS [BUSINESSES REVIEWS] [--bootstrap] [--export FILE]

Without BUSINESSES, the truth is bistro's restaurants.csv (what weights were chosen on). With them, it is the categories of
Yelp's businesses, of the restaurants (is_restaurant) that have a review; no category is read before the ranking stands.
Prints mean average precision over the cuisines, each part of the evidence alone and left out, and each cuisine's own.
--bootstrap adds the 95 % interval over restaurants, and that of the difference that topics make.
"""

import argparse
import csv
import gzip
from dataclasses import replace
from pathlib import Path

import numpy as np
from intervals import with_interval
from sklearn.metrics import average_precision_score

from corpora import bistro
from corpora.files import write_text
from spacy_topics.guide.cuisine_scores import COLUMN, CuisineWeights, cuisine_scores
from spacy_topics.guide.guide import Guide

CATEGORIES = {
    **{"mexican": "Mexican", "italian": "Italian", "chinese": "Chinese", "japanese": "Japanese", "sushi": "Sushi Bars"},
    **{"pizza": "Pizza", "burgers": "Burgers", "thai": "Thai", "indian": "Indian", "mediterranean": "Mediterranean"},
    **{"greek": "Greek", "vietnamese": "Vietnamese", "barbecue": "Barbeque", "steakhouse": "Steakhouses"},
    **{"seafood": "Seafood", "french": "French", "korean": "Korean", "breakfast": "Breakfast & Brunch"},
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("annotations")
    parser.add_argument("truth", nargs="*", type=Path, metavar="BUSINESSES REVIEWS")
    parser.add_argument("--bootstrap", action="store_true", help="intervals over restaurants, a minute or two")
    parser.add_argument("--export", help="write business_id, cuisine, score here, for another scorer")
    args = parser.parse_args()
    guide = Guide(args.annotations)
    gold = yelp(*args.truth) if args.truth else of_bistro()
    rows = [row for row, restaurant in enumerate(guide.restaurants) if restaurant["restaurant_id"] in gold]
    truth = [gold[guide.restaurants[row]["restaurant_id"]] for row in rows]
    judged = [cuisine for cuisine in COLUMN if any(cuisine in of for of in truth)]
    default = CuisineWeights()
    none = replace(default, name=0, mentions=0, topics=0, learnt=0)
    parts = ("name", "mentions", "topics", "learnt")
    table = {"all parts": default}
    table |= {f"without {part}": replace(default, **{part: 0}) for part in parts}
    table |= {f"{part} alone": replace(none, **{part: getattr(default, part)}) for part in parts[:3]}
    table["without children's scores for their parents"] = replace(default, child=0)
    print(f"{len(rows)} restaurants, {len(judged)} cuisines\n\n| parts of the score | MAP |\n|---|---|")
    for label, weights in table.items():
        print(f"| {label} | {mean_precision(scored(guide, weights)[rows], truth, judged):.3f} |")
    total = scored(guide, default)
    if args.bootstrap:
        bootstrap(total[rows], scored(guide, table["without topics"])[rows], truth, judged)
    print("\n| cuisine | restaurants | average precision |\n|---|---|---|")
    for cuisine, value in precisions(total[rows], truth, judged).items():
        print(f"| {cuisine} | {sum(cuisine in of for of in truth)} | {value:.3f} |")
    if args.export:
        lines = [
            f"{guide.restaurants[row]['restaurant_id']},{cuisine},{total[row, COLUMN[cuisine]]:.6f}\n"
            for row in rows
            for cuisine in judged
        ]
        write_text(args.export, "business_id,cuisine,score\n" + "".join(lines))


def bootstrap(total: np.ndarray, without: np.ndarray, truth: list[set[str]], judged: list[str]) -> None:
    """Intervals of MAP and of what topics add, the same restaurants drawn for both."""

    def value(scores: np.ndarray, drawn: np.ndarray) -> float:
        return mean_precision(scores[drawn], [truth[row] for row in drawn], judged)

    print("\n| bootstrap over restaurants | MAP |\n|---|---|")
    print(f"| all parts | {with_interval(lambda drawn: value(total, drawn), len(truth))} |")
    difference = with_interval(lambda drawn: value(total, drawn) - value(without, drawn), len(truth), sign="+")
    print(f"| all parts less those without topics | {difference} |")


def of_bistro() -> dict[str, set[str]]:
    return {one.id: set(one.cuisines) for one in bistro.restaurants().values() if one.split != "test"}


def yelp(businesses: Path, reviews: Path) -> dict[str, set[str]]:
    with gzip.open(reviews, "rt", encoding="utf8", newline="") as file:
        restaurants = {row["business_id"] for row in csv.DictReader(file) if row["is_restaurant"] == "1"}
    with gzip.open(businesses, "rt", encoding="utf8", newline="") as file:
        of = {row["business_id"]: row["categories"].split("; ") for row in csv.DictReader(file) if row["categories"]}
    ours = {category: cuisine for cuisine, category in CATEGORIES.items()}
    return {one: {ours[c] for c in of[one] if c in ours} for one in restaurants if one in of}


def scored(guide: Guide, weights: CuisineWeights) -> np.ndarray:
    return cuisine_scores(guide.facts, weights)["total"]


def mean_precision(total: np.ndarray, truth: list[set[str]], judged: list[str]) -> float:
    return float(np.mean(list(precisions(total, truth, judged).values())))


def precisions(total: np.ndarray, truth: list[set[str]], judged: list[str]) -> dict[str, float]:
    """Average precision of each cuisine that a restaurant has: those drawn for the bootstrap may lack one."""
    gold = {cuisine: [cuisine in of for of in truth] for cuisine in judged}
    return {
        cuisine: float(average_precision_score(right, total[:, COLUMN[cuisine]]))
        for cuisine, right in gold.items()
        if any(right)
    }


if __name__ == "__main__":
    main()
