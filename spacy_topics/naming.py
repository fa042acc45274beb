"""Names that topics deserve: a seeded topic keeps its name only if its words bear it out."""

from collections import Counter
from collections.abc import Mapping, Sequence

from spacy_topics.lexicon import words

SHOWN = 10  # words by which a topic is judged, as a reader would
# Chosen on Bistro and on reviews of Phoenix: see projects/restaurants/RESULTS.md.
_LEAST = 4.0
_SHARE = 0.5  # of a short list of seed words
_LEAD = 1.2


def deserved(topics: Mapping[str, Sequence[str]], seeds: Mapping[str, Sequence[str]]) -> set[str]:
    """The names that the words of the topics bear out.

    A word that is a seed word of a topic speaks for this name, one that several topics are seeded with for each of them by its
    share; so does the name itself, in a long list of seed words beside being one. A name is deserved if at least four of the
    ten words speak for it, or half of a shorter list of seed words, and clearly more than for any other name.

    topics (Mapping): name -> the words that describe the topic, best first.
    seeds (Mapping): name -> seed words.
    RETURNS (set): names of `topics`.
    """
    listed = {name: {words(seed) for seed in some} for name, some in seeds.items()}
    users = Counter(seed for some in listed.values() for seed in some)
    kept = set()
    for name, top in topics.items():
        found = [words(word) for word in top[:SHOWN]]
        votes = {other: sum(1 / users[word] for word in found if word in some) for other, some in listed.items()}
        needed = min(_LEAST, max(1.0, _SHARE * len(listed[name])))
        own = words(name.replace("_", " "))
        votes[name] += own in found and (own not in listed[name] or needed == _LEAST)
        others = max((vote for other, vote in votes.items() if other != name), default=0.0)
        if votes[name] >= needed and votes[name] > _LEAD * others:
            kept.add(name)
    return kept
