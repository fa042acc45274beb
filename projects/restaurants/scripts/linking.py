"""Link mentions of a review's own restaurant to (name, city): python scripts/linking.py PIPELINE BUSINESSES REVIEWS

A mention is the restaurant's name as it stands in the review, whatever its case. Five folds: the knowledge base of a fold has
neither profile nor count from the reviews that are linked. "City named" takes the cities of the
knowledge base that the review itself names. Also: names with one typo, names that the knowledge base lacks, and how many
mentions a second are looked up.
"""

import re
import sys
import time
from collections import Counter

import numpy as np
import spacy

from corpora.businesses import read_businesses
from corpora.reviews import Review, read_reviews
from spacy_topics.lexicon import words
from spacy_topics.linking.candidates import CandidateGenerator
from spacy_topics.linking.decision import Weights, scores
from spacy_topics.linking.knowledge_base import KnowledgeBase
from spacy_topics.linking.names import city_key
from spacy_topics.pipeline.restaurant_linker import cities_of

FOLDS = 5
THRESHOLD = 0.3  # the component's default
ROWS = {  # weights, and where the city is taken from
    "prior only": (Weights(topics=0, branches=0), None),
    "topics of the context only": (Weights(prior=0, branches=0), None),
    "prior and topics": (Weights(branches=0), None),
    "prior and branches": (Weights(topics=0), None),
    "prior, branches and topics": (Weights(), None),
    "prior, branches, and a city that the review names": (Weights(topics=0), "named"),
    "all, and a city that the review names": (Weights(), "named"),
    "all, city given": (Weights(), "given"),
}


def main() -> None:
    pipeline, businesses_path, reviews_path = sys.argv[1:]
    nlp = spacy.load(pipeline, disable=["restaurant_linker"])
    businesses = list(read_businesses(businesses_path))
    reviews = list(read_reviews(reviews_path))
    known = {business.id: business for business in businesses}
    mentions = [(review, found[0]) for review in reviews if (found := own_name(review)) and review.business_id in known]
    cities: dict[str, set] = {}
    for business in businesses:
        cities.setdefault(" ".join(words(business.name)), set()).add(city_key(business.city or ""))
    ambiguous = {key for key, places in cities.items() if len(places) > 1}
    share = sum(" ".join(words(known[review.business_id].name)) in ambiguous for review, _ in mentions) / len(mentions)
    print(f"{len(mentions)} mentions of {len(reviews)} reviews, {share:.1%} of names that stand in several cities\n")
    link(nlp, businesses, reviews, mentions, known, ambiguous)
    recall(nlp, businesses, mentions, known)


def build(nlp, businesses, reviews=()) -> KnowledgeBase:
    return KnowledgeBase.build(nlp.get_pipe("lda_topics").topic_model, nlp.tokenizer, businesses, reviews)


def own_name(review: Review) -> re.Match[str] | None:
    """Where the review first writes its restaurant's name."""
    return re.search(rf"(?<!\w){re.escape(review.name)}(?!\w)", review.text, re.IGNORECASE) if review.name else None


def target(business) -> tuple[str, str]:
    return " ".join(words(business.name)), city_key(business.city or "")


def link(nlp, businesses, reviews, mentions, known, ambiguous) -> None:
    fold = np.random.default_rng(0).permutation(len(reviews)) % FOLDS
    fold_of = {review.id: int(k) for review, k in zip(reviews, fold, strict=True)}
    tally: Counter = Counter()
    for k in range(FOLDS):
        base = build(nlp, businesses, [review for review in reviews if fold_of[review.id] != k])
        generate = CandidateGenerator(base)
        mine = [(review, mention) for review, mention in mentions if fold_of[review.id] == k]
        docs = list(nlp.pipe(review.text for review, _ in mine))
        for (review, mention), doc in zip(mine, docs, strict=True):
            cities = {None: set(), "named": cities_of(doc, base.cities), "given": {city_key(review.city or "")}}
            truth = target(known[review.business_id])
            kinds = ["all", *(["ambiguous"] if truth[0] in ambiguous else [])]
            for kind in kinds:
                tally[kind, "mentions"] += 1
            for name, (weights, city) in ROWS.items():
                candidates = generate([mention], [cities[city]])[0]
                ranked = scores(base, candidates, doc._.topic_dist, doc._.topic_evidence, cities[city], weights)
                for kind in kinds:
                    tally[kind, name] += bool(ranked) and target(known[ranked[0][0]]) == truth
                    tally[kind, "oracle"] += name == "prior only" and truth in {
                        target(known[list(base.restaurants)[candidate.row]]) for candidate in candidates
                    }
    print("| linked to (name, city) | all | ambiguous names |\n|---|---|---|")
    for name in ROWS:
        cells = [f"{tally[kind, name] / tally[kind, 'mentions']:.3f}" for kind in ("all", "ambiguous")]
        print(f"| {name} | {' | '.join(cells)} |")
    cells = [f"{tally[kind, 'oracle'] / tally[kind, 'mentions']:.3f}" for kind in ("all", "ambiguous")]
    print(f"| oracle: the right one is among the candidates | {' | '.join(cells)} |\n")


def recall(nlp, businesses, mentions, known) -> None:
    base = build(nlp, businesses)
    generate = CandidateGenerator(base)
    ids = list(base.restaurants)
    rng = np.random.default_rng(0)
    asked = {
        "as written": [mention for _, mention in mentions],
        "with one typo": [typo(mention, rng) for _, mention in mentions],
    }
    print("| candidate names | recall at 1 | recall at 10 | mentions/s |\n|---|---|---|---|")
    generate(["Xylophone Grll"])  # the index is built at the first misspelling
    for label, texts in asked.items():
        fresh = CandidateGenerator(base)
        fresh._index = generate._index
        start = time.perf_counter()
        found = [candidates for i in range(0, len(texts), 256) for candidates in fresh(texts[i : i + 256])]
        speed = len(texts) / (time.perf_counter() - start)
        hits = Counter()
        for (review, _), candidates in zip(mentions, found, strict=True):
            names = list(dict.fromkeys(" ".join(words(base.restaurants[ids[c.row]].name)) for c in candidates))
            truth = target(known[review.business_id])[0]
            hits[1] += names[:1] == [truth]
            hits[10] += truth in names[:10]
        print(f"| {label} | {hits[1] / len(texts):.3f} | {hits[10] / len(texts):.3f} | {speed:,.0f} |")
    every = [business.name for business in businesses]
    start = time.perf_counter()
    for i in range(0, len(every), 256):
        CandidateGenerator(base)(every[i : i + 256]) if i == 0 else generate(every[i : i + 256])
    print(f"\nAll {len(every):,} names of the businesses: {len(every) / (time.perf_counter() - start):,.0f} mentions/s.")
    gone = set(
        rng.permutation(sorted({target(business)[0] for business in businesses}))[: len(base.restaurants) // 10].tolist()
    )
    rest = build(nlp, [business for business in businesses if target(business)[0] not in gone])
    prior = np.full(rest.profiles.shape[1], 1 / rest.profiles.shape[1])
    nil = right = missing = 0
    for (review, _), candidates in zip(mentions, CandidateGenerator(rest)([m for _, m in mentions]), strict=True):
        best = scores(rest, candidates, prior, 0, set(), Weights())[:1]
        said = not best or best[0][1] < THRESHOLD
        truth = target(known[review.business_id])[0] in gone
        nil, right, missing = nil + said, right + (said and truth), missing + truth
    print(
        f"\nA tenth of the names taken out: NIL precision {right / nil:.3f}, recall {right / missing:.3f} ({missing} mentions)."
    )


def typo(text: str, rng: np.random.Generator) -> str:
    """One letter left out, doubled, or exchanged with its neighbour."""
    at = int(rng.integers(1, max(2, len(text) - 1)))
    kind = int(rng.integers(3))
    if kind == 0:
        return text[:at] + text[at + 1 :]
    return text[:at] + text[at] * 2 + text[at + 1 :] if kind == 1 else text[: at - 1] + text[at] + text[at - 1] + text[at + 1 :]


if __name__ == "__main__":
    main()
