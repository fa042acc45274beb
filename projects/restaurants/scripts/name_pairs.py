"""Look up names as others write them: python scripts/name_pairs.py PAIRS.csv NAMES.txt

PAIRS.csv has columns `said` and `name`, NAMES.txt a name per line, the right ones among them. Also: all names with one typo,
and how many of the names that are taken out are said to be none (NIL).
"""

import csv
from pathlib import Path
from typing import Annotated

import numpy as np
import spacy
import typer
from linking import misspelt, print_nil, print_recall

from corpora.businesses import Business
from spacy_topics.linking.knowledge_base import KnowledgeBase
from spacy_topics.linking.names import name_key
from spacy_topics.topic_model import TopicModel


def main(
    pairs: Annotated[Path, typer.Argument(help="CSV of said and name.")],
    names: Annotated[Path, typer.Argument(help="All names, one per line.")],
) -> None:
    """Print tables of recall and speed."""
    businesses = [Business(str(number), name) for number, name in enumerate(names.read_text("utf8").splitlines())]
    with open(pairs, encoding="utf8", newline="") as lines:
        asked = [(row["said"], name_key(row["name"])) for row in csv.DictReader(lines)]
    own = [(business.name, name_key(business.name)) for business in businesses if name_key(business.name)]
    typos = misspelt(own, np.random.default_rng(0))
    questions = {"as others write them": asked, "with one typo": typos, "as they are": own}
    print_recall(build(businesses), questions)
    print_nil(build, businesses, questions | {"as they are and with one typo": own + typos})


def build(businesses: list[Business]) -> KnowledgeBase:
    """A knowledge base of names alone: one topic, which says nothing."""
    return KnowledgeBase.build(TopicModel(np.ones((1, 1)), [1.0], ["food"]), spacy.blank("en").tokenizer, businesses)


if __name__ == "__main__":
    typer.run(main)
