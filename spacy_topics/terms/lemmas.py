"""Lemmas of word forms, from spacy-lookups-data's tables, mended where they are wrong.

English is mended by a list (english_lemmas.csv: "worst" is no form of "wrong", nor "liver" of "live") and by two rules on how
common words are: a participle that is said twice as often as its verb is a word of its own ("amazing"), and of the possible
singulars of a plural the most common one is right ("cookie", not "cooky").
"""

import csv
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from spacy.lookups import load_lookups
from spacy.strings import get_string_id

from spacy_topics.english import RARE, english_words

_TWICE = 0.7  # ln 2


@cache
def lemma_table(lang: str) -> dict[int, str]:
    """The lemmas of a language's word forms, by the hashes of the forms; {} if there is no table.

    lang (str): code of the language.
    """
    lookups = load_lookups(lang, ["lemma_lookup"], strict=False) if lang else None
    table = lookups.get_table("lemma_lookup", {}) if lookups else {}
    # Some tables (French, Catalan) list several lemmas of a form, the likeliest first.
    likeliest = {form: lemma if isinstance(lemma, str) else next(iter(lemma), "") for form, lemma in table.items()}
    lemmas = {form: lemma for form, lemma in likeliest.items() if not lemma.isdigit()}  # "second" is also a helping, not just 2
    if lang == "en" and lemmas:
        lemmas.update((get_string_id(form), lemma) for form, lemma in _mended(lemmas))
    return lemmas


def _mended(lemmas: dict[int, str]) -> Iterator[tuple[str, str]]:
    """(form, lemma) where English needs another lemma."""
    for form in english_words():
        listed = lemmas.get(get_string_id(form), form)
        lemma = _likely(form, listed)
        if lemma != listed:
            yield form, lemma
    with open(Path(__file__).parents[1] / "english_lemmas.csv", encoding="utf8", newline="") as file:
        for row in csv.DictReader(file):
            yield row["form"], row["lemma"]


def _likely(form: str, listed: str) -> str:
    if form.endswith(("ing", "ed")):
        return form if _rarity(listed) - _rarity(form) >= _TWICE else listed
    if form.endswith("s") and listed != form:
        singulars = [form[:-1]]
        singulars += [form[:-3] + "y"] if form.endswith("ies") else []
        singulars += [form[:-2]] if form.endswith(("ches", "shes", "sses", "xes", "zes")) else []
        return min([listed, *(word for word in singulars if _rarity(word) < RARE)], key=_rarity)
    return listed


def _rarity(word: str) -> float:
    return english_words().get(word, (RARE, RARE))[0]
