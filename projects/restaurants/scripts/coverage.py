"""How many aspect terms of SemEval-2014 an entity covers: python scripts/coverage.py PIPELINE SEMEVAL.xml

The terms have no types, and many ("service", "staff") are none of ours: this says what is missed, and is no F1.
"""

import sys
from collections import Counter

import spacy

from corpora import semeval2014


def main() -> None:
    pipeline, path = sys.argv[1:]
    nlp = spacy.load(pipeline, exclude=["lda_topics", "restaurant_linker"])
    sentences = list(semeval2014.read(path))
    tally, missed = Counter(), Counter()
    for sentence, doc in zip(sentences, nlp.pipe(sentence.text for sentence in sentences), strict=True):
        taken = [(ent.start_char, ent.end_char) for ent in doc.ents]
        for start, end in sentence.terms:
            overlap = any(a < end and start < b for a, b in taken)
            tally["terms"] += 1
            tally["exactly"] += (start, end) in taken
            tally["partly"] += overlap
            if not overlap:
                missed[sentence.text[start:end].lower()] += 1
    print("| aspect terms | covered exactly | covered in part |\n|---|---|---|")
    print(f"| {tally['terms']} | {tally['exactly'] / tally['terms']:.3f} | {tally['partly'] / tally['terms']:.3f} |\n")
    print("Missed most: " + ", ".join(f"{term} ({count})" for term, count in missed.most_common(12)))


if __name__ == "__main__":
    main()
