import pytest

from spacy_topics.guide.quotes import quote

LINE = "The pasta with sage and butter was so good that"
FILL = "and the room was as loud as ever on a night like that "
LONG = FILL * 8
SCRIPT = "味" * 500 + "寿司" + "味" * 500


@pytest.mark.parametrize(
    ("sentence", "values", "expected"),
    [
        ("The pasta was good.", {"pasta": 1}, "The pasta was good."),
        ("- pasta\n- tacos and salsa\n- nothing", {"pasta": 1, "tacos": 1, "salsa": 1}, "- tacos and salsa"),
        ("* pasta\r\n* tacos", {"tacos": 2}, "* tacos"),
        ("Parking\u2028Ramen!\u2029Toilets", {"Ramen": 2}, "Ramen!"),
        (f"{LINE}\nwe ordered it again,\nand again", {"pasta": 1}, f"{LINE} we ordered it again, and again"),
        ("tacos\nsalsa\nhorchata", {"salsa": 1}, "salsa"),
        ("Cold soup.\nthe pasta was good", {"pasta": 1}, "the pasta was good"),
        ("Mac\tand  cheese\u00a0please", {"Mac and  cheese": 1}, "Mac and cheese please"),
        ("A chicken\ntikka, hot", {"chicken\ntikka": 1}, "A chicken tikka, hot"),
        ("\n\n", {"pasta": 1}, ""),
    ],
)
def test_a_line_and_blanks_for_breaks(sentence, values, expected):
    assert quote(sentence, values) == expected


@pytest.mark.parametrize("before", ["", "Well, ", LONG, LONG * 3])
@pytest.mark.parametrize("after", ["", LONG])
def test_about_200_letters_around_what_counts(before, after):
    text = quote(f"{before}gnocchi with sage {after}", {"gnocchi": 3, "sage": 1})
    assert "gnocchi with sage" in text
    assert len(text) <= 242
    assert text.startswith("…") == (len(before) > 100 and len(before + after) > 242)
    assert text.strip("…").strip() in f"{before}gnocchi with sage {after}"
    words = set(f"{before} gnocchi with sage {after}".split())
    assert set(text.strip("…").split()) <= words


def test_of_mentions_far_apart_those_that_count_more_are_shown():
    assert "gnocchi" in quote(f"rice {LONG} gnocchi {LONG} rice", {"rice": 0.1, "gnocchi": 3})


def test_a_script_without_blanks_is_cut_too():
    text = quote(SCRIPT, {"寿司": 1})
    assert "寿司" in text
    assert len(text) <= 202
