"""Seed words: names of topics, and the words that each of these topics is drawn towards."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from corpora.errors import InputError
from spacy_topics.errors import Errors
from spacy_topics.lexicon import cuisine_seeds
from spacy_topics.terms.reader import TermReader

CUISINES = "cuisines"


def read_seeds(path: str | Path) -> dict[str, list[str]]:
    """Read seed words.

    path (str | Path): a JSON file, {"italian": ["pasta", "risotto"], ...}; or "cuisines", the words of palate's cuisines.
    RETURNS (dict): name -> seed words.
    RAISES InputError: a file that is not such JSON.
    RAISES OSError: the file cannot be read.
    """
    if str(path) == CUISINES and not Path(path).exists():
        return cuisine_seeds()
    try:
        text = json.dumps(json.loads(Path(path).read_text("utf-8-sig")), ensure_ascii=False)
        seeds = json.loads(text.encode("utf8", "replace"))
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path} is not JSON ({error})") from None
    lists = list(seeds.values()) if isinstance(seeds, dict) else [None]
    if not all(isinstance(words, list) and words and all(isinstance(word, str) for word in words) for words in lists):
        raise InputError(f'{path}: seed words are written as {{"name": ["word", ...], ...}}')
    return seeds


def read_stop_words(path: str | Path) -> list[str]:
    """Read words and phrases that are not terms.

    path (str | Path): a text file with one word or phrase per line.
    RAISES InputError: the file is not UTF-8.
    RAISES OSError: the file cannot be read.
    """
    try:
        return [line.strip() for line in Path(path).read_text("utf-8-sig").splitlines() if line.strip()]
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not a text file in UTF-8 ({error})") from None


def seed_terms(reader: TermReader, seeds: Mapping[str, Sequence[str]]) -> tuple[dict[str, list[str]], list[str]]:
    """Turn seed words into terms as documents are read: "Tacos" is taco, "pulled pork" is pull pork if that is a phrase.

    reader (TermReader): the reader of the documents.
    seeds (Mapping): name -> seed words.
    RETURNS (tuple): name -> terms that are in the vocabulary, without names that have no such terms; the words that are not
        in the vocabulary.
    RAISES InputError: T033, no word of any name is in the vocabulary.
    """
    known: dict[str, list[str]] = {name: [] for name in seeds}
    unknown = []
    for name, words in seeds.items():
        for word in words:
            term = reader.find(word)
            if term is None:
                unknown.append(word)
            elif term not in known[name]:
                known[name].append(term)
    if seeds and not any(known.values()):
        raise InputError(Errors.T033.format(words=", ".join(unknown)[:80]))
    return {name: words for name, words in known.items() if words}, unknown
