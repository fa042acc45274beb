"""How often palate tells whether a sentence praises: python scripts/polarity.py SEMEVAL.xml

Aspect terms of SemEval-2014 with their polarity; those with a conflict are left out, as in the task. Words and constants were
chosen on every other sentence, with the first; the others judge. The reviews' stars are not known here.
"""

import sys
from collections import Counter

from corpora import semeval2014
from spacy_topics.guide.polarity import COMPLAINT, NEITHER, PRAISE, polarity

_MEANT = {"positive": PRAISE, "negative": COMPLAINT, "neutral": NEITHER}


def main() -> None:
    half = {sentence.text: number % 2 for number, sentence in enumerate(semeval2014.read(sys.argv[1]))}
    tally: dict[int, Counter[tuple[str, str]]] = {0: Counter(), 1: Counter()}
    for text, (start, end), meant in semeval2014.polarities(sys.argv[1]):
        if meant in _MEANT:
            tally[half[text]][_MEANT[meant], polarity(text, about=text[start:end])] += 1
    print("| half | terms | right | always praise | F1: praise | complaint | neither |\n|---|---|---|---|---|---|---|")
    for name, counts in (("chosen on", tally[0]), ("judged", tally[1])):
        size = counts.total()
        right = sum(counts[one, one] for one in _MEANT.values()) / size
        most = sum(count for (meant, _), count in counts.items() if meant == PRAISE) / size
        f1 = " | ".join(f"{_f1(counts, one):.3f}" for one in _MEANT.values())
        print(f"| {name} | {size} | {right:.3f} | {most:.3f} | {f1} |")


def _f1(counts: Counter[tuple[str, str]], one: str) -> float:
    meant = sum(count for (truth, _), count in counts.items() if truth == one)
    said = sum(count for (_, told), count in counts.items() if told == one)
    return 2 * counts[one, one] / (meant + said)


if __name__ == "__main__":
    main()
