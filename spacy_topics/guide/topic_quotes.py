"""Sentences that show a topic, or that say certain words, and whether they praise."""

import re
from collections.abc import Sequence

from spacy_topics.guide.polarity import opinion, polarity
from spacy_topics.guide.quotes import quote
from spacy_topics.guide.tables import Tables

SEARCHED = 15  # reviews that are searched for each topic of a group
_WORDS = 5  # a shorter sentence says little
_SENTENCE = re.compile(r"(?<=[.!?…])[\"')\]]*\s+(?=\S)|\n+")
_MOST = """
SELECT p.number, max_by(g.id, (t.topic_dist[p.topic + 1], g.id), $3) AS ids
FROM (SELECT unnest($1::VARCHAR[]) AS of, unnest($2::INTEGER[]) AS topic, unnest(range(len($1))) AS number) p
JOIN grouped g ON g.of = p.of JOIN documents t ON t.id = g.id GROUP BY p.number
"""
_TEXTS = """
SELECT t.id, t.text, d.stars FROM texts t JOIN docs d ON d.id = t.id JOIN (SELECT unnest($1::VARCHAR[]) AS id) a ON a.id = t.id
"""


Quotes = dict[str, list[str]]  # quotes, and polarities: of each praise, complaint or neither


def topic_quotes(tables: Tables, labels: Sequence[str], wanted: Sequence[tuple[str, int]], limit: int = 1) -> list[Quotes]:
    """Find sentences that show a topic of a group.

    tables (Tables): the annotations, with the table `grouped` (see `groups.group_reviews`).
    labels (Sequence): labels of the topics, whose words sentences must hold.
    wanted (Sequence): groups and numbers of topics.
    limit (int): maximum number of sentences of each.
    RETURNS (list): for each of `wanted`, quotes (sentences of different reviews, best first) and their polarities.
    """
    if not wanted:
        return []
    groups, topics = [group for group, _ in wanted], [topic for _, topic in wanted]
    ids = {row["number"]: row["ids"] for row in tables.rows(_MOST, [groups, topics, SEARCHED])}
    asked = [(ids.get(number, []), words_of(labels[topic])) for number, topic in enumerate(topics)]
    return sentences(tables, asked, limit)


def sentences(tables: Tables, asked: Sequence[tuple[Sequence[str], Sequence[str]]], limit: int) -> list[Quotes]:
    """Find the sentences of reviews that say certain words.

    tables (Tables): the annotations.
    asked (Sequence): ids of reviews, and words.
    limit (int): maximum number of sentences of each.
    RETURNS (list): for each of `asked`, quotes (sentences of different reviews, best first) and their polarities.
    """
    several = sorted({one for ids, _ in asked for one in ids})
    reviews = {row["id"]: row for row in tables.rows(_TEXTS, [several])}
    found = []
    for ids, words in asked:
        known = [reviews[one] for one in ids if one in reviews]
        best = [(*best_sentence(review["text"], words), review["stars"]) for review in known]
        tones: dict[str, str] = {}
        for _, text, whole, about, stars in sorted(best, key=lambda one: -one[0]):
            if text and text not in tones and len(tones) < limit:
                tones[text] = polarity(whole, stars, "" if opinion(about) else about)  # "rude" is what it says, too
        found.append({"quotes": list(tones), "polarities": list(tones.values())})
    return found


def words_of(label: str) -> list[str]:
    """The words of a topic's label, "mexican: tacos, salsa": without its name.

    label (str): the label.
    """
    return label.rpartition(":")[2].strip().split(", ")


def best_sentence(text: str, words: Sequence[str]) -> tuple[float, str, str, str]:
    """The sentence of a text that says most of these words, cut to what counts.

    text (str): the text.
    words (Sequence): words; one that begins with such a word counts, too.
    RETURNS (tuple): how good it is, the part that counts ("" if no sentence has such a word), the whole sentence, and the word
        that it says ("" if there are several).
    """
    patterns = [re.compile(rf"\b{re.escape(word)}\w*", re.IGNORECASE) for word in words if word]
    best = (0.0, "", "", "")
    for sentence in _SENTENCE.split(text):
        said = {match[0]: 1.0 for pattern in patterns if (match := pattern.search(sentence))}
        value = len(said) / (20 + len(sentence.split()))
        if value > best[0] and sentence.count(" ") >= _WORDS - 1:
            best = (value, quote(sentence, said), sentence, next(iter(said)) if len(said) == 1 else "")
    return best
