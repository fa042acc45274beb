"""Link mentions of a review's own restaurant to (name, city): python scripts/linking.py PIPELINE BUSINESSES REVIEWS

A mention is the restaurant's name as it stands in the review, whatever its case. Five folds: the knowledge base of a fold has
neither profile nor count from the reviews that are linked. "City named" takes the cities of the knowledge base that the review
itself names. Also: names with one typo, names that the knowledge base lacks, and how many mentions are looked up in a second of
the processor. Intervals are 95 %, by bootstrap over restaurants, those of the look-up over mentions.
"""

import math
import re
import sys
import time
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import spacy
from intervals import with_interval

from corpora.businesses import Business, read_businesses
from corpora.reviews import Review, read_reviews
from spacy_topics.linking.candidates import Candidate, CandidateGenerator
from spacy_topics.linking.decision import Weights, scores
from spacy_topics.linking.knowledge_base import KnowledgeBase
from spacy_topics.linking.names import city_key, name_key
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
TOPICS_ADD = {  # rows without topics -> the same with them
    "prior only": "prior and topics",
    "prior and branches": "prior, branches and topics",
    "prior, branches, and a city that the review names": "all, and a city that the review names",
}
NIL_PRECISION = 0.97
Asked = tuple[str, str]  # a mention's text, and the key of the right name
AllAsked = Mapping[str, Sequence[Asked]]  # label -> what is asked for


def main() -> None:
    pipeline, businesses_path, reviews_path = sys.argv[1:]
    nlp = spacy.load(pipeline, disable=["restaurant_linker"])
    businesses = list(read_businesses(businesses_path))
    reviews = list(read_reviews(reviews_path))
    known = {business.id: business for business in businesses}
    mentions = [(review, found[0]) for review in reviews if (found := own_name(review)) and review.business_id in known]
    cities: dict[str, set[str]] = {}
    for business in businesses:
        name, city = target(business)
        cities.setdefault(name, set()).add(city)
    ambiguous = {key for key, places in cities.items() if len(places) > 1}
    share = sum(name_key(known[review.business_id].name) in ambiguous for review, _ in mentions) / len(mentions)
    print(f"{len(mentions)} mentions of {len(reviews)} reviews, {share:.1%} of names that stand in several cities\n")
    link(nlp, businesses, reviews, mentions, known, ambiguous)
    look_up(nlp, businesses, mentions, known)


def build(nlp, businesses, reviews=()) -> KnowledgeBase:
    return KnowledgeBase.build(nlp.get_pipe("lda_topics").topic_model, nlp.tokenizer, businesses, reviews)


def own_name(review: Review) -> re.Match[str] | None:
    """Where the review first writes its restaurant's name."""
    return re.search(rf"(?<!\w){re.escape(review.name)}(?!\w)", review.text, re.IGNORECASE) if review.name else None


def target(business: Business) -> tuple[str, str]:
    return name_key(business.name), city_key(business.city or "")


def link(nlp, businesses, reviews, mentions, known, ambiguous) -> None:
    fold = np.random.default_rng(0).permutation(len(reviews)) % FOLDS
    fold_of = {review.id: int(k) for review, k in zip(reviews, fold, strict=True)}
    order, right = [], []
    for k in range(FOLDS):
        base = build(nlp, businesses, [review for review in reviews if fold_of[review.id] != k])
        mine = [(review, mention) for review, mention in mentions if fold_of[review.id] == k]
        order += [review.business_id for review, _ in mine]
        right += judged(nlp, base, mine, known)
    hard = np.array([name_key(known[business].name) in ambiguous for business in order])
    _, restaurants = np.unique(order, return_inverse=True)
    print_links(np.array(right, float), hard, restaurants)


def judged(nlp, base, mentions, known) -> list[list[bool]]:
    """Whether each mention is linked rightly, by the rows of the table; and whether the right one is among the candidates."""
    generate, ids = CandidateGenerator(base), list(base.restaurants)
    docs = nlp.pipe(review.text for review, _ in mentions)
    found = []
    for (review, mention), doc in zip(mentions, docs, strict=True):
        cities = {None: set(), "named": cities_of(doc, base.cities), "given": {city_key(review.city or "")}}
        truth = target(known[review.business_id])
        hits = []
        for weights, city in ROWS.values():
            candidates = generate([mention], [cities[city]])[0]
            ranked = scores(base, candidates, doc._.topic_dist, doc._.topic_evidence, cities[city], weights)
            hits.append(bool(ranked) and target(known[ranked[0][0]]) == truth)
        hits.append(truth in {target(known[ids[candidate.row]]) for candidate in generate([mention], [set()])[0]})
        found.append(hits)
    return found


def print_links(right: np.ndarray, hard: np.ndarray, restaurants: np.ndarray) -> None:
    """Tables of shares and of what topics add, with intervals over restaurants.

    right (ndarray): (mentions, rows + 1), what `judged` returns.
    hard (ndarray): (mentions,) whether the name stands in several cities.
    restaurants (ndarray): (mentions,) number of the restaurant.
    """

    def cells(values: np.ndarray, sign: str = "") -> str:
        return " | ".join(over_restaurants(values[of], restaurants[of], sign) for of in (slice(None), hard))

    print("| linked to (name, city) | all | ambiguous names |\n|---|---|---|")
    for name, values in zip([*ROWS, "oracle: the right one is among the candidates"], right.T, strict=True):
        print(f"| {name} | {cells(values)} |")
    print("\n| what topics add | all | ambiguous names |\n|---|---|---|")
    column = {name: right[:, i] for i, name in enumerate(ROWS)}
    for without, with_topics in TOPICS_ADD.items():
        print(f"| {with_topics} | {cells(column[with_topics] - column[without], '+')} |")
    print()


def over_restaurants(values: np.ndarray, restaurants: np.ndarray, sign: str) -> str:
    """The mean over mentions; the interval draws restaurants with all of their mentions."""
    number = np.unique(restaurants, return_inverse=True)[1]
    sums, counts = np.bincount(number, values), np.bincount(number)
    return with_interval(lambda drawn: float(sums[drawn].sum() / counts[drawn].sum()), len(counts), sign)


def look_up(nlp, businesses, mentions, known) -> None:
    """Tables of the look-up of names, as they are written, misspelt, and without an entry."""
    base = build(nlp, businesses)
    asked = [(mention, name_key(known[review.business_id].name)) for review, mention in mentions]
    names = [(business.name, name_key(business.name)) for business in businesses if name_key(business.name)]
    rng = np.random.default_rng(0)
    typos = misspelt(asked, rng)
    ours = {"as written": asked, "with one typo": typos, "all names of the businesses": names}
    print_recall(base, ours)
    print_nil(lambda kept: build(nlp, kept), businesses, ours | {"as written and with one typo": asked + typos})


def misspelt(asked: Sequence[Asked], rng: np.random.Generator) -> list[Asked]:
    return [(typo(text, rng), truth) for text, truth in asked]


def print_recall(base: KnowledgeBase, asked: AllAsked) -> None:
    """How often the right name is the first candidate, and one of ten.

    base (KnowledgeBase): the names.
    asked (Mapping): label -> what is asked for, with the right name.
    """
    print("| candidate names | mentions | recall at 1 | recall at 10 | mentions/s |\n|---|---|---|---|---|")
    generate = CandidateGenerator(base)
    generate(["Xylophone Grll"])  # the index is made at the first question
    for label, some in asked.items():
        fresh = CandidateGenerator(base)
        fresh._index = generate._index
        start = time.process_time()  # seconds of the processor, which other work does not lengthen
        found = [candidates for i in range(0, len(some), 256) for candidates in fresh([text for text, _ in some[i : i + 256]])]
        speed = len(some) / (time.process_time() - start)
        ranks = np.array([rank(base, candidates, truth) for candidates, (_, truth) in zip(found, some, strict=True)])
        cells = [with_interval(lambda rows, n=n, ranks=ranks: float((ranks[rows] < n).mean()), len(ranks)) for n in (1, 10)]
        print(f"| {label} | {len(some)} | {' | '.join(cells)} | {speed:,.0f} |")


def rank(base: KnowledgeBase, candidates: Sequence[Candidate], truth: str) -> float:
    """How many other names come before the right one."""
    names = list(dict.fromkeys(name_key(base.rows[candidate.row].name) for candidate in candidates))
    return names.index(truth) if truth in names else math.inf


def print_nil(build_base: Callable[[list[Business]], KnowledgeBase], businesses: list[Business], asked: AllAsked) -> None:
    """A tenth of the names taken out: are mentions of these, and only these, said to mean none?

    build_base (Callable): makes a knowledge base.
    businesses (list): all of them.
    asked (Mapping): see `print_recall`.
    """
    names = sorted({name_key(business.name) for business in businesses})
    gone = set(np.random.default_rng(0).permutation(names)[: len(names) // 10].tolist())
    base = build_base([business for business in businesses if name_key(business.name) not in gone])
    generate = CandidateGenerator(base)
    at_default = f"NIL below {THRESHOLD}: precision | recall"
    print(
        f"\n| a tenth of the names taken out | mentions of these | {at_default} | recall at precision {NIL_PRECISION} | below |"
    )
    print("|---|---|---|---|---|---|")
    for label, some in asked.items():
        best = np.array([score_of(base, candidates) for candidates in generate([text for text, _ in some])])
        missing = np.array([truth in gone for _, truth in some])
        said = best < THRESHOLD
        right = (said & missing).sum()
        recall, threshold = recall_at(best, missing)
        cells = [right / max(1, said.sum()), right / missing.sum(), recall, threshold]
        print(f"| {label} | {missing.sum()} of {len(some)} | {' | '.join(f'{cell:.3f}' for cell in cells)} |")


def score_of(base: KnowledgeBase, candidates: Sequence[Candidate]) -> float:
    """The best candidate's score without a context, 0 without candidates."""
    topics = base.profiles.shape[1]
    return max((score for _, score in scores(base, candidates, np.full(topics, 1 / topics), 0, set(), Weights())), default=0.0)


def recall_at(best: np.ndarray, missing: np.ndarray) -> tuple[float, float]:
    """The greatest recall of NIL whose precision is high enough, and the score below which all is NIL then."""
    cuts = np.unique(best)[1:]
    found = {float(cut): missing[best < cut] for cut in cuts}
    good = {cut: some.sum() / missing.sum() for cut, some in found.items() if some.mean() >= NIL_PRECISION}
    threshold = max(good, key=lambda cut: good[cut], default=0.0)
    return good.get(threshold, 0.0), threshold


def typo(text: str, rng: np.random.Generator) -> str:
    """One letter left out, doubled, or exchanged with its neighbour."""
    at = int(rng.integers(1, max(2, len(text) - 1)))
    kind = int(rng.integers(3))
    if kind == 0:
        return text[:at] + text[at + 1 :]
    return text[:at] + text[at] * 2 + text[at + 1 :] if kind == 1 else text[: at - 1] + text[at] + text[at - 1] + text[at + 1 :]


if __name__ == "__main__":
    main()
