"""Fits the weights by which `restaurant_matcher` decides what is a restaurant's name (spacy_topics/linking/name_evidence.py).

python scripts/matcher.py training/half_0/model-best training/half_1/model-best -o ../../spacy_topics/linking/name_weights.csv

The texts are Bistro's and Street's train parts. Each is read by the recogniser that was trained on the other half, so that its
opinion is worth what it is worth on new text. The knowledge base has the corpora's restaurants and, as a real one does, names
that are words of these texts; in every other text the restaurant that it is about is given.
"""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, NamedTuple

import spacy
import typer
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict

from corpora import bistro, street
from corpora.files import write_text
from corpora.markup import Mention
from spacy_topics.english import english_words
from spacy_topics.linking.known_names import KnownNames
from spacy_topics.linking.name_evidence import features, habit_of

INVERSE_REGULARISATION = 0.5


class Text(NamedTuple):
    """A text, its marked mentions, the restaurant that it is about, and that restaurant's city."""

    text: str
    mentions: tuple[Mention, ...]
    restaurant: str
    city: str


class Example(NamedTuple):
    """Features of a candidate, and whether it is marked as a restaurant."""

    features: dict[str, float]
    is_name: bool


def main(
    half_0: Annotated[Path, typer.Argument(help="Recogniser trained on the texts of even number.")],
    half_1: Annotated[Path, typer.Argument(help="Recogniser trained on the texts of odd number.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="CSV of feature and weight.")],
) -> None:
    """Fit the weights, report precision and recall in five-fold cross-validation, and write them."""
    some = list(examples(texts(), [spacy.load(half_0), spacy.load(half_1)], random.Random(0)))
    vectorizer = DictVectorizer()
    values = vectorizer.fit_transform([example.features for example in some])
    truth = [example.is_name for example in some]
    model = LogisticRegression(C=INVERSE_REGULARISATION, max_iter=2000, fit_intercept=False)
    likely = cross_val_predict(model, values, truth, cv=5, method="predict_proba")[:, 1] >= 0.5
    right = sum(a and b for a, b in zip(likely, truth, strict=True))
    print(f"{len(some)} candidates, {sum(truth)} names: precision {right / likely.sum():.3f}, recall {right / sum(truth):.3f}")
    weights = dict(zip(vectorizer.get_feature_names_out(), model.fit(values, truth).coef_[0], strict=True))
    write_text(output, "feature,weight\n" + "".join(f"{name},{weight:.2f}\n" for name, weight in weights.items()))


def texts() -> list[Text]:
    """Bistro's and Street's train parts, in the order in which the halves were made."""
    reviews = [
        Text(review.text, review.mentions, review.restaurant.name, review.restaurant.city) for review in bistro.reviews("train")
    ]
    return reviews + [Text(piece.text, piece.mentions, piece.restaurant or "", piece.city) for piece in street.pieces("train")]


def examples(texts: list[Text], recognisers: list[spacy.Language], rng: random.Random) -> Iterator[Example]:
    """Candidates of all texts. Those that overlap a marked restaurant and are not it are left out: they are neither."""
    names = KnownNames([*((text.restaurant, text.city) for text in texts if text.restaurant), *distractors(rng)])
    for number, text in enumerate(texts):
        doc = recognisers[1 - number % 2](text.text)
        habit = habit_of(doc)
        marked = {(mention.start, mention.end) for mention in text.mentions if mention.label == "RESTAURANT"}
        for candidate in names.candidates(doc, text.restaurant if text.restaurant and rng.random() < 0.5 else None):
            span = doc[candidate.start : candidate.end]
            start, end = span.start_char, span.end_char
            if (start, end) in marked or not any(start < last and first < end for first, last in marked):
                yield Example(features(doc, candidate, habit), (start, end) in marked)


def distractors(rng: random.Random) -> list[tuple[str, str]]:
    """Restaurants whose names are words: "Sauce", "Hot Corner", "The Garden"."""
    common = [word for word, (frequency, _) in english_words().items() if 9 < frequency < 14 and len(word) > 2]
    single = [(word.title(), "") for word in rng.sample(common, 1200)]
    pairs = [(f"{rng.choice(common)} {rng.choice(common)}".title(), "") for _ in range(1200)]
    return [*single, *pairs, *((f"The {word.title()}", "") for word in rng.sample(common, 300))]


if __name__ == "__main__":
    typer.run(main)
