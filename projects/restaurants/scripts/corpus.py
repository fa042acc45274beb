"""Write a corpus as spaCy's training data: python scripts/corpus.py NAME FOLDER [--copies 3] [--fold 0]

NAME is bistro (ships with palate: train, dev, test), mit (assets/restauranttrain.bio: train and dev by --fold of five) or
nyt (assets/train.conll, assets/dev.conll). --copies adds copies of the train part in which half of the mentions are
exchanged for others of their label, from the cuisines' lists and from the mentions of the train part.
"""

import argparse
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import spacy
from spacy.tokens import Doc, DocBin, Span

from corpora import bistro, mit_restaurant, nyt
from corpora.bio import Sentence
from corpora.cuisines import cuisines
from corpora.files import write_bytes, write_text
from spacy_topics.lexicon import KINDS

FOLDS = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", choices=["bistro", "mit", "nyt"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--assets", type=Path, default=Path("assets"))
    parser.add_argument("--copies", type=int, default=3)
    parser.add_argument("--fold", type=int, default=0)
    args = parser.parse_args()
    nlp = spacy.blank("en")
    if args.name == "bistro":
        parts = {split: [marked(nlp, review) for review in bistro.reviews(split)] for split in bistro.SPLITS}
        for split in bistro.SPLITS:
            rows = (json.dumps(bistro.as_row(review), ensure_ascii=False) + "\n" for review in bistro.reviews(split))
            write_text(args.folder / f"{split}.jsonl", "".join(rows))
    elif args.name == "mit":
        docs = list(tagged(nlp, mit_restaurant.read(args.assets / "restauranttrain.bio")))
        fold = np.random.default_rng(0).permutation(len(docs)) % FOLDS
        parts = {
            "train": [doc for doc, k in zip(docs, fold, strict=True) if k != args.fold],
            "dev": [doc for doc, k in zip(docs, fold, strict=True) if k == args.fold],
        }
    else:
        parts = {split: list(tagged(nlp, nyt.read(args.assets / f"{split}.conll"))) for split in ("train", "dev")}
    parts["train"] += exchanged(parts["train"], args.copies)
    for split, docs in parts.items():
        write_bytes(args.folder / f"{split}.spacy", DocBin(docs=docs, store_user_data=True).to_bytes())
        print(f"{split}: {len(docs)} documents, {sum(len(doc.ents) for doc in docs)} entities")


def marked(nlp: spacy.Language, review: bistro.Review) -> Doc:
    doc = nlp.make_doc(review.text)
    spans = [doc.char_span(m.start, m.end, m.label, m.kb_id, alignment_mode="expand") for m in review.mentions]
    doc.ents = spacy.util.filter_spans([span for span in spans if span is not None])
    return doc


def tagged(nlp: spacy.Language, sentences: Iterable[Sentence]) -> Iterator[Doc]:
    for sentence in sentences:
        doc = Doc(nlp.vocab, words=sentence.words)
        doc.ents = [Span(doc, start, end, label) for start, end, label in sentence.entities]
        yield doc


def exchanged(docs: list[Doc], copies: int) -> list[Doc]:
    """Copies of documents with about half of their mentions exchanged, so that form and context are learnt apart."""
    rng = np.random.default_rng(0)
    pool: dict[str, list[list[str]]] = {}
    for doc in docs:
        for ent in doc.ents:
            pool.setdefault(ent.label_, []).append([token.text for token in ent])
    listed = {label: [] for label in KINDS.values()}
    for cuisine in cuisines().values():
        for field, label in KINDS.items():
            listed[label] += [item.split() for item in getattr(cuisine, field)]
    lists = {label: [words, *([listed[label]] if label in pool else [])] for label, words in pool.items() if label in listed}
    return [_exchange(doc, rng, {**{k: [v] for k, v in pool.items()}, **lists}) for _ in range(copies) for doc in docs]


def _exchange(doc: Doc, rng: np.random.Generator, lists: dict[str, list[list[list[str]]]]) -> Doc:
    words: list[str] = []
    spaces: list[bool] = []
    ents = []
    read = 0
    for ent in doc.ents:
        words += [token.text for token in doc[read : ent.start]]
        spaces += [bool(token.whitespace_) for token in doc[read : ent.start]]
        new = [token.text for token in ent]
        if rng.random() < 0.5:
            choice = lists[ent.label_][rng.integers(len(lists[ent.label_]))]
            new = choice[rng.integers(len(choice))]
            if ent.text[0].isupper() and new[0].islower():
                new = [new[0].capitalize(), *new[1:]]
        ents.append((len(words), len(words) + len(new), ent.label_, ent.kb_id_))
        words += new
        spaces += [True] * (len(new) - 1) + [bool(ent[-1].whitespace_)]
        read = ent.end
    words += [token.text for token in doc[read:]]
    spaces += [bool(token.whitespace_) for token in doc[read:]]
    copy = Doc(doc.vocab, words=words, spaces=None if doc.has_unknown_spaces else spaces)
    copy.ents = [Span(copy, start, end, label, kb_id=kb_id) for start, end, label, kb_id in ents]
    return copy


if __name__ == "__main__":
    main()
