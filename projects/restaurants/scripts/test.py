"""Judge a pipeline's entities and links: python scripts/test.py PIPELINE TEST.spacy TEST.jsonl

The documents come with their city, as `palate annotate` gives it to the linker, and once more without.
"""

import sys

import spacy
from spacy.tokens import DocBin
from spacy.training import Example

from corpora.reviews import read_reviews


def main() -> None:
    pipeline, docs, reviews = sys.argv[1:]
    nlp = spacy.load(pipeline)
    gold = list(DocBin().from_disk(docs).get_docs(nlp.vocab))
    cities = [review.city for review in read_reviews(reviews)]
    entities(nlp, gold)
    for label, given in (("city given", cities), ("city withheld", [None] * len(gold))):
        right, total, found = links(nlp, gold, given)
        print(f"links of gold mentions, {label}: {right / total:.3f} right of {total} ({found} to restaurants of ours)")


def entities(nlp: spacy.Language, gold: list) -> None:
    scores = nlp.evaluate([Example(nlp.make_doc(doc.text), doc) for doc in gold])
    print("| label | precision | recall | F1 |\n|---|---|---|---|")
    for label, row in sorted(scores["ents_per_type"].items()):
        print(f"| {label} | {row['p']:.3f} | {row['r']:.3f} | {row['f']:.3f} |")
    print(f"| **all** | {scores['ents_p']:.3f} | {scores['ents_r']:.3f} | **{scores['ents_f']:.3f}** |\n")


def links(nlp: spacy.Language, gold: list, cities: list) -> tuple[int, int, int]:
    """RESTAURANT mentions as the gold has them: how many get the right id, or NIL where they are none of ours."""
    linker = nlp.get_pipe("restaurant_linker")
    right = total = found = 0
    for doc, city in zip(gold, cities, strict=True):
        context = nlp.make_doc(doc.text)
        context._.city = city
        context = nlp.get_pipe("lda_topics")(context)
        context.ents = [context.char_span(ent.start_char, ent.end_char, ent.label_) for ent in doc.ents]
        linker(context)
        for ent, truth in zip(context.ents, doc.ents, strict=True):
            if ent.label_ == "RESTAURANT":
                total += 1
                right += ent.kb_id_ == truth.kb_id_
                found += truth.kb_id_ != "NIL"
    return right, total, found


if __name__ == "__main__":
    main()
