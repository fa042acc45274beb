"""How often a review's own restaurant is marked: python scripts/own_names.py PIPELINE REVIEWS [--sample 1500]

Of a random sample of reviews, those count in whose text the restaurant's name stands as it is, whatever its case: found is
exactly this stretch, the first one, as RESTAURANT. Told: the pipeline gets the restaurant and city, as from `palate annotate`.
Yelp's reviews are of shops, too, whose names are no restaurants': a column has the reviews of restaurants alone.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from entities import HOW, about, load
from intervals import SEED, with_interval
from linking import own_name
from spacy.language import Language
from spacy.tokens import Doc

from corpora.reviews import Review, read_reviews
from spacy_topics.pipeline.restaurant_linker import restaurant_ids


def main(
    pipeline: Annotated[Path, typer.Argument(help="The pipeline.")],
    reviews: Annotated[Path, typer.Argument(help="Reviews with the name of their restaurant.")],
    sample: Annotated[int, typer.Option(help="Number of reviews.")] = 1500,
) -> None:
    """Print a table of shares."""
    nlp = load(pipeline)
    named = [review for review in shuffled(reviews)[:sample] if own_name(review)]
    eat = np.array([is_restaurant(review) for review in named])
    print(f"| {len(named)} of {sample} reviews name what they are about | found | of {eat.sum()} restaurants |\n|---|---|---|")
    for told, how in HOW.items():
        found = marked(nlp, named, told)
        print(f"| {how} | {' | '.join(share(of) for of in (found, found[eat]))} |")


def shuffled(path: Path, seed: int = SEED) -> list[Review]:
    """Reviews in random order."""
    reviews = list(read_reviews(path, keep=["is_restaurant"]))
    return [reviews[row] for row in np.random.default_rng(seed).permutation(len(reviews))]


def is_restaurant(review: Review) -> bool:
    return (review.kept or {})["is_restaurant"] == "1"


def share(found: np.ndarray) -> str:
    return with_interval(lambda rows: float(found[rows].mean()), len(found))


def marked(nlp: Language, reviews: Sequence[Review], told: bool) -> np.ndarray:
    """Whether each review's own restaurant is found, (reviews,) bool."""
    docs = [document(nlp, review, told) for review in reviews]
    spans = [{(ent.start_char, ent.end_char) for ent in doc.ents if ent.label_ == "RESTAURANT"} for doc in nlp.pipe(docs)]
    return np.array([own_name(review).span() in found for review, found in zip(reviews, spans, strict=True)])


def document(nlp: Language, review: Review, told: bool) -> Doc:
    """A review, and what it is about as `palate annotate` tells it: the id of the restaurant where it is known."""
    doc = nlp.make_doc(review.text)
    known = review.business_id in restaurant_ids(nlp)
    return about(doc, review.business_id if known else review.name, review.city) if told else doc


if __name__ == "__main__":
    typer.run(main)
