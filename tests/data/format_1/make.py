"""How the files of format 1 beside this were made, by commit 5c1654a: python make.py FOLDER (with that commit on the path)."""

import base64
import json
import sys
from pathlib import Path

import spacy

from corpora import bistro
from corpora.businesses import Business
from spacy_topics.annotate import annotate
from spacy_topics.guide import Guide
from spacy_topics.lexicon import seeds
from spacy_topics.linking.knowledge_base import KnowledgeBase

CHOSEN = ("lucia-phoenix", "lucia-baltimore", "el-camino-phoenix", "sakura-portland", "home-baltimore")


def main(folder: Path) -> None:
    reviews = [review for review in bistro.reviews() if review.restaurant.id in CHOSEN]
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    said = {(m.label, r.text[m.start : m.end].lower()) for r in reviews for m in r.mentions}
    patterns = [{"label": label, "pattern": text} for label, text in sorted(said)]
    nlp.add_pipe("entity_ruler", config={"phrase_matcher_attr": "LOWER"}).add_patterns(patterns)
    config = {"num_topics": 8, "seeds": {name: seeds()[name][:15] for name in ("italian", "mexican", "japanese")}}
    config |= {"spans": ["sents"], "trainer": {"@misc": "spacy_topics.Gibbs.v1", "iterations": 60, "burn_in": 30}}
    config["terms"] = {"@misc": "spacy_topics.Terms.v1", "min_df": 3}
    topics = nlp.add_pipe("lda_topics", config=config)
    topics.fit([review.text for review in reviews])
    topics.topic_model.save(folder / "bistro.topics")
    houses = [house for house in bistro.restaurants().values() if house.id in CHOSEN]
    businesses = [Business(house.id, house.name, house.city, "; ".join(house.cuisines)) for house in houses]
    base = KnowledgeBase.build(nlp, businesses)
    base.save(folder / "bistro.places")
    nlp.add_pipe("restaurant_linker").knowledge_base = base
    nlp.to_disk(folder / "pipeline")
    rows = [bistro.as_row(review) for review in reviews]
    path = folder / "reviews.jsonl"
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf8")
    annotate(path, folder / "annotations", folder / "pipeline", part_size=20)
    guide = Guide(folder / "annotations")
    doc = nlp.make_doc(reviews[0].text)
    doc._.city = reviews[0].restaurant.city
    doc = nlp(doc)
    texts = [review.text for review in reviews]
    theta = topics.topic_model.infer_bags(topics.reader.bags([nlp.make_doc(text) for text in texts]))
    expected = {
        "theta": base64.b64encode(theta.tobytes()).decode(),
        "fingerprint": topics.topic_model.fingerprint,
        "topics": doc._.topics,
        "sentence": next(doc.sents)._.topics,
        "entities": [[e.start_char, e.end_char, e.label_, e.kb_id_, e._.candidates] for e in doc.ents],
        "find": guide.find("italian"),
        "cuisines": guide.cuisines(),
        "ingredients": guide.ingredients("mexican"),
        "discussed": guide.discussed("Phoenix"),
    }
    (folder / "expected.json").write_text(json.dumps(expected, ensure_ascii=False, indent=1), "utf8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
