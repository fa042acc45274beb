"""Sentences that show a topic: of the reviews of a group that discuss it most."""

import re
from collections.abc import Sequence

from spacy_topics.guide.quotes import quote
from spacy_topics.guide.tables import Tables

_REVIEWS = 8  # reviews that are searched for each topic of a group
_SENTENCE = re.compile(r"(?<=[.!?…])[\"')\]]*\s+(?=\S)|\n+")
_MOST = """
SELECT p.number, max_by(g.id, (g.topic_dist[p.topic + 1], g.id), $3) AS ids
FROM (SELECT unnest($1::VARCHAR[]) AS of, unnest($2::INTEGER[]) AS topic, unnest(range(len($1))) AS number) p
JOIN grouped g ON g.of = p.of GROUP BY p.number
"""


def topic_quotes(tables: Tables, labels: Sequence[str], wanted: Sequence[tuple[str, int]], limit: int = 1) -> list[list[str]]:
    """Find sentences that show a topic of a group.

    tables (Tables): the annotations, with the table `grouped` (see `groups.group_reviews`).
    labels (Sequence): labels of the topics, whose words sentences must hold.
    wanted (Sequence): groups and numbers of topics.
    limit (int): maximum number of sentences of each.
    RETURNS (list): for each of `wanted`, sentences of different reviews, best first.
    """
    groups, topics = [group for group, _ in wanted], [topic for _, topic in wanted]
    ids = {row["number"]: row["ids"] for row in tables.rows(_MOST, [groups, topics, _REVIEWS])} if wanted else {}
    several = sorted({one for found in ids.values() for one in found})
    rows = tables.rows("SELECT id, text FROM texts JOIN (SELECT unnest($1::VARCHAR[]) AS id) USING (id)", [several])
    texts = {row["id"]: row["text"] for row in rows}
    found = []
    for number, topic in enumerate(topics):
        best = [best_sentence(texts.get(one, ""), words_of(labels[topic])) for one in ids.get(number, ())]
        said = dict(sorted(((text, value) for value, text in best if text), key=lambda pair: -pair[1]))
        found.append(list(said)[:limit])
    return found


def words_of(label: str) -> list[str]:
    """The words of a topic's label, "mexican: tacos, salsa": without its name.

    label (str): the label.
    """
    return label.rpartition(":")[2].strip().split(", ")


def best_sentence(text: str, words: Sequence[str]) -> tuple[float, str]:
    """The sentence of a text that says most of these words, cut to what counts.

    text (str): the text.
    words (Sequence): words; one that begins with such a word counts, too.
    RETURNS (tuple): how good it is, and the sentence; "" if no sentence has such a word.
    """
    patterns = [re.compile(rf"\b{re.escape(word)}\w*", re.IGNORECASE) for word in words if word]
    best = (0.0, "")
    for sentence in _SENTENCE.split(text):
        said = {match[0]: 1.0 for pattern in patterns if (match := pattern.search(sentence))}
        value = len(said) / (20 + len(sentence.split()))
        if value > best[0]:
            best = (value, quote(sentence, said))
    return best
