"""Write a corpus as spaCy's training data: python scripts/corpus.py NAME FOLDER [--fold 0]

NAME is bistro (the corpora that ship with palate: train, dev and test of Bistro, train and dev with Street's pieces, as .spacy
and as reviews; both halves of train; Bistro's restaurants; the cuisines' dishes),
mit (assets/restauranttrain.bio: train and dev by --fold of five) or nyt (assets/train.conll and assets/dev.conll).
"""

import argparse
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import spacy
from spacy.tokens import Doc, DocBin, Span

from corpora import bistro, mit_restaurant, nyt, street
from corpora.bio import Sentence
from corpora.files import write_bytes, write_text
from spacy_topics.lexicon import patterns

FOLDS = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", choices=["bistro", "mit", "nyt"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--assets", type=Path, default=Path("assets"))
    parser.add_argument("--fold", type=int, default=0)
    args = parser.parse_args()
    nlp = spacy.blank("en")
    if args.name == "bistro":
        parts = {split: [marked(nlp, review) for review in bistro.reviews(split)] for split in bistro.SPLITS}
        for split in street.SPLITS:
            parts[split] += [marked(nlp, piece) for piece in street.pieces(split)]
        parts |= {f"half_{half}": parts["train"][half::2] for half in (0, 1)}
        for name, split in (*((split, split) for split in bistro.SPLITS), ("all", None)):
            write_text(args.folder / f"{name}.jsonl", lines(bistro.as_row(review) for review in bistro.reviews(split)))
        write_text(args.folder / "restaurants.csv", bistro.as_csv())
        write_text(args.folder / "dishes.json", json.dumps(patterns()))
    elif args.name == "mit":
        docs = list(tagged(nlp, mit_restaurant.read(args.assets / "restauranttrain.bio")))
        fold = np.random.default_rng(0).permutation(len(docs)) % FOLDS
        parts = {
            "train": [doc for doc, k in zip(docs, fold, strict=True) if k != args.fold],
            "dev": [doc for doc, k in zip(docs, fold, strict=True) if k == args.fold],
        }
    else:
        parts = {split: list(tagged(nlp, nyt.read(args.assets / f"{split}.conll"))) for split in ("train", "dev")}
    for split, docs in parts.items():
        write_bytes(args.folder / f"{split}.spacy", DocBin(docs=docs).to_bytes())
        print(f"{split}: {len(docs)} documents, {sum(len(doc.ents) for doc in docs)} entities")


def lines(rows: Iterable[dict]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def marked(nlp: spacy.Language, review: bistro.Review | street.Piece) -> Doc:
    doc = nlp.make_doc(review.text)
    spans = [doc.char_span(m.start, m.end, m.label, m.kb_id, alignment_mode="expand") for m in review.mentions]
    doc.ents = spacy.util.filter_spans([span for span in spans if span is not None])
    return doc


def tagged(nlp: spacy.Language, sentences: Iterable[Sentence]) -> Iterator[Doc]:
    for sentence in sentences:
        doc = Doc(nlp.vocab, words=sentence.words)
        doc.ents = [Span(doc, start, end, label) for start, end, label in sentence.entities]
        yield doc


if __name__ == "__main__":
    main()
