"""An augmenter for training texts: python -m spacy train configs/cpu.cfg --code scripts/augmenter.py ...

    --corpora.train.augmenter.@augmenters palate.posts.v1 --corpora.train.augmenter.case .1 --corpora.train.augmenter.crop .3
    --corpora.train.augmenter.swap .1

Beside each text it gives, by chance, the same in one case, a window of it, and one whose restaurants are other chains.
RESULTS.md says what each brings.
"""

import random
from collections.abc import Callable, Iterator

import spacy
from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.training import Example

from corpora.brands import brands

SHORT = 40  # tokens of a text that is not cropped
WINDOW = (6, 30)  # tokens


@spacy.registry.augmenters("palate.posts.v1")
def make_augmenter(case: float, crop: float, swap: float, seed: int = 0) -> Callable[[Language, Example], Iterator[Example]]:
    """Construct the augmenter.

    case (float): share of texts that are also given in lower case or in capitals.
    crop (float): share of long texts of which a window is also given.
    swap (float): share of texts that are also given with other chains in place of their restaurants.
    seed (int): random seed.
    """
    rng, chains = random.Random(seed), [brand.name for brand in brands().values()]

    def augment(nlp: Language, example: Example) -> Iterator[Example]:
        yield example
        doc = example.reference
        if len(doc) > SHORT and rng.random() < crop:
            yield cropped(nlp, doc, rng)
        if rng.random() < case:
            change = str.lower if rng.random() < 0.6 else str.upper
            words = [change(token.text) for token in doc]
            yield made(nlp, words, [bool(token.whitespace_) for token in doc], spans(doc))
        if any(ent.label_ == "RESTAURANT" for ent in doc.ents) and rng.random() < swap:
            yield swapped(nlp, doc, chains, rng)

    return augment


def spans(doc: Doc) -> list[tuple[int, int, str]]:
    return [(ent.start, ent.end, ent.label_) for ent in doc.ents]


def cropped(nlp: Language, doc: Doc, rng: random.Random) -> Example:
    """A window that cuts no entity."""
    length = rng.randint(*WINDOW)
    start = rng.randrange(len(doc) - length)
    end = start + length
    while start > 0 and doc[start].ent_iob_ == "I":
        start -= 1
    while end < len(doc) and doc[end].ent_iob_ == "I":
        end += 1
    window = doc[start:end]
    inside = [(first - start, last - start, label) for first, last, label in spans(doc) if start <= first and last <= end]
    return made(nlp, [token.text for token in window], [bool(token.whitespace_) for token in window], inside)


def swapped(nlp: Language, doc: Doc, chains: list[str], rng: random.Random) -> Example:
    """The text with a chain's name for each restaurant's."""
    words: list[str] = []
    spaces: list[bool] = []
    entities = []
    last = 0
    for ent in [*doc.ents, None]:
        between = doc[last : ent.start if ent else len(doc)]
        words += [token.text for token in between]
        spaces += [bool(token.whitespace_) for token in between]
        if ent is None:
            break
        name = nlp.make_doc(rng.choice(chains)) if ent.label_ == "RESTAURANT" else ent
        entities.append((len(words), len(words) + len(name), ent.label_))
        words += [token.text for token in name]
        spaces += [*(bool(token.whitespace_) for token in list(name)[:-1]), bool(ent[-1].whitespace_)]
        last = ent.end
    return made(nlp, words, spaces, entities)


def made(nlp: Language, words: list[str], spaces: list[bool], entities: list[tuple[int, int, str]]) -> Example:
    doc = Doc(nlp.vocab, words=words, spaces=spaces)
    doc.ents = [Span(doc, start, end, label) for start, end, label in entities]
    return Example(nlp.make_doc(doc.text), doc)
