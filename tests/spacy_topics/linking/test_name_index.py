import random

import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st

from spacy_topics.linking.name_index import Match, NameIndex, is_one_typo, letters

NAMES = ["Cold Stone", "Wendy's", "Joe's Farm Grill", "The Kettle", "Nando's", "Pho 43", "Bún & Barrel", "Mariscos La Reina"]
INDEX = NameIndex(map(letters, NAMES))
TOKENIZER = spacy.blank("en").tokenizer


def find(text, rare=True):
    tokens = [token.text for token in TOKENIZER(text)]
    return {" ".join(tokens[m.start : m.end]): (m.key, m.typos) for m in INDEX.find(tokens, [rare] * len(tokens))}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a Cold Stone guy", "Cold Stone"), ("a COLD STONE guy", "COLD STONE"), ("a cold-stone guy", "cold - stone"),
        ("a ColdStone guy", "ColdStone"), ("at wendys today", "wendys"), ("at Wendy's today", "Wendy 's"),
        ("joe's farm grill.", "joe 's farm grill"), ("the kettle!", "the kettle"), ("nandos??", "nandos"), ("pho 43", "pho 43"),
        ("bun & barrel", "bun & barrel"), ("Bun and Barrel", "Bun and Barrel"),
    ],
)  # fmt: skip
def test_in_any_case_run_together_or_apart(text, found):
    assert [typos for span, (_, typos) in find(text).items() if span.removesuffix(" 's") == found.removesuffix(" 's")] == [0]


@pytest.mark.parametrize(
    ("text", "key"),
    [("a Cold Stome guy", "coldstone"), ("a Cld Stone", "coldstone"), ("ColdStonne", "coldstone"), ("Codl Stone", "coldstone"),
     ("Joes Farm Gril", "joefarmgrill"), ("Marsicos la Reina", "mariscolareina")],
)  # fmt: skip
def test_one_typo_in_eight_letters(text, key):
    assert (key, 1) in find(text).values()
    assert (key, 1) not in find(text, rare=False).values()


@pytest.mark.parametrize("text", ["", "   ", "...", "🌮🌮", "Nandus", "Pho 44", "Coal Stove", "the", "Wendy met Joe"])
def test_nothing_is_found(text):
    found = find(text)
    assert not [key for key, typos in found.values() if typos or key != "wendy"]


@given(st.text("abcdef", min_size=1, max_size=9), st.text("abcdef", min_size=1, max_size=9))
def test_one_typo_is_one_edit(a, b):
    edits = {a[:i] + c + a[i:] for i in range(len(a) + 1) for c in "abcdef"}
    edits |= {a[:i] + a[i + 1 :] for i in range(len(a))} | {a[:i] + c + a[i + 1 :] for i in range(len(a)) for c in "abcdef"}
    edits |= {a[:i] + a[i + 1] + a[i] + a[i + 2 :] for i in range(len(a) - 1)}
    if a != b:
        assert is_one_typo(a, b) == (b in edits)


def test_neighbourhoods_find_what_comparing_all_finds():
    rng = random.Random(0)
    names = sorted({"".join(rng.choices("abc", k=rng.randint(6, 9))) for _ in range(400)})
    index = NameIndex(names, typo_letters=8)
    asked = ["".join(rng.choices("abc", k=rng.randint(7, 10))) for _ in range(300)]
    expected = [[name for name in names if len(name) >= 8 and name != key and is_one_typo(key, name)] for key in asked]
    assert index.misspelt(asked) == expected
    assert sum(map(len, expected)) > 20


def test_an_empty_index():
    assert NameIndex([]).find(["a", "b"], [True, True]) == []
    assert NameIndex(["ab"]).find([], []) == []
    assert NameIndex(["ab"]).find(["a", "b"], [True, True]) == [Match(0, 2, "ab", 0)]
