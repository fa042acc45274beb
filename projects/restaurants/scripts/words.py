"""The table of common English words beside the matcher's code: python scripts/words.py OUTPUT.csv

From spacy-lookups-data's word frequencies (MIT licence): each common word in lower case, and ten times minus the natural
logarithm of its frequency in lower case and with a capital.
"""

import sys

import spacy_lookups_data
import srsly

from corpora.files import write_text

RAREST = -14.0  # a word that is rarer in lower case, once in a million, tells as much as one that is in no dictionary
ABSENT = -20.0


def main() -> None:
    frequency = srsly.read_gzip_json(f"{spacy_lookups_data.en['lexeme_prob']}.gz")
    rows = [
        f"{word},{-10 * value:.0f},{-10 * frequency.get(word.capitalize(), ABSENT):.0f}\n"
        for word, value in sorted(frequency.items())
        if value > RAREST and word.isascii() and word.isalpha() and word.islower() and len(word) > 1
    ]
    write_text(sys.argv[1], "word,lower,title\n" + "".join(rows))


if __name__ == "__main__":
    main()
