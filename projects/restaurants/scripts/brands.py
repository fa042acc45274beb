"""The table of corpora/brands, from OpenStreetMap's name suggestion index: python scripts/brands.py BRANDS.csv.gz OUTPUT.csv

BRANDS.csv.gz has a row per brand and region: display_name, name, brand, name_en, wikidata, cuisine, match_names. A row of the
output is a brand by its Wikidata id: its name, other names, its cuisines as corpora/cuisines calls them.
"""

import csv
import gzip
import io
import re
import sys
from collections import Counter

from corpora.cuisines import cuisines
from corpora.files import write_text
from spacy_topics.lexicon import cuisine_of

# What the index calls otherwise than the names in corpora/cuisines.
CUISINES = {
    "burger": "burgers",
    "sandwich": "sandwiches",
    "coffee_shop": "cafe",
    "steak_house": "steakhouse",
    "steak": "steakhouse",
}
CUISINES |= {"ice_cream": "dessert", "frozen_yogurt": "dessert", "donut": "bakery", "bagel": "bakery", "tex-mex": "tex_mex"}
CUISINES |= {
    "kebab": "turkish",
    "tea": "cafe",
    "bubble_tea": "cafe",
    "wings": "american",
    "hot_dog": "fast_food",
    "tacos": "mexican",
}
WEIGHTS = {"name": 3, "name_en": 3, "display_name": 2, "brand": 2}  # of several spellings the commonest is the name


def main() -> None:
    source, output = sys.argv[1:]
    names: dict[str, Counter[str]] = {}
    kinds: dict[str, Counter[str]] = {}
    with gzip.open(source, "rt", encoding="utf8", newline="") as file:
        for row in csv.DictReader(file):
            if not row["wikidata"]:
                continue
            spelled = names.setdefault(row["wikidata"], Counter())
            for column, weight in WEIGHTS.items():
                spelled[re.sub(r"\s*\(.*?\)\s*$", "", row[column])] += weight
            spelled.update(row["match_names"].split(";"))
            kinds.setdefault(row["wikidata"], Counter()).update(filter(None, map(ours, row["cuisine"].split(";"))))
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(("id", "name", "names", "cuisines"))
    for brand, spelled in sorted(names.items(), key=lambda item: int(item[0][1:])):
        del spelled[""]
        (name, _), *others = sorted(spelled.items(), key=lambda item: (-item[1], item[0]))
        writer.writerow((brand, name, "; ".join(other for other, _ in others), "; ".join(kinds[brand])))
    write_text(output, table.getvalue())


def ours(cuisine: str) -> str | None:
    plain = CUISINES.get(cuisine, cuisine)
    return plain if plain in cuisines() else cuisine_of(cuisine.replace("_", " "))


if __name__ == "__main__":
    main()
