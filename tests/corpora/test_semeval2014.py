import pytest

from corpora.errors import InputError
from corpora.semeval2014 import AspectSentence, read

TERM = '<aspectTerm term="{}" polarity="neutral" from="{}" to="{}"/>'


def write(path, inside, before='<?xml version="1.0" encoding="UTF-8"?>'):
    path.write_text(f"{before}<sentences>{inside}</sentences>", "utf8")
    return path


def sentence(text, *terms, name="7"):
    terms = "".join(TERM.format(*term) for term in terms)
    return f'<sentence id="{name}"><text>{text}</text><aspectTerms>{terms}</aspectTerms></sentence>'


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        ("", []),
        ('<sentence id="7"><text>Never again.</text></sentence>', [AspectSentence("7", "Never again.", [])]),
        (sentence("Fine crêpes.", ("crêpes", 5, 11)), [AspectSentence("7", "Fine crêpes.", [(5, 11)])]),
        (sentence("Fish &amp; chips", ("Fish &amp; chips", 0, 12)), [AspectSentence("7", "Fish & chips", [(0, 12)])]),
        (sentence("\U0001f35c soup", ("soup", 2, 6)), [AspectSentence("7", "\U0001f35c soup", [(2, 6)])]),
        (
            sentence("Tea, cake", ("cake", 5, 9), ("Tea", 0, 3)) + sentence(" Ham ", ("Ham", 1, 4), name="8"),
            [AspectSentence("7", "Tea, cake", [(5, 9), (0, 3)]), AspectSentence("8", " Ham ", [(1, 4)])],
        ),
    ],
)
def test_read(inside, expected, tmp_path):
    assert list(read(write(tmp_path / "a.xml", inside))) == expected


@pytest.mark.parametrize(
    ("inside", "message"),
    [
        (sentence("Fine soup.", ("soup", 4, 8)), "sentence '7': 'soup' is not at 4:8, where the text is ' sou'"),
        (sentence("Fine soup.", ("soup", 90, 94)), "sentence '7': 'soup' is not at"),
        (sentence("Fine soup.", ("soup", -5, -1)), "sentence '7': 'soup' is not at"),
        (sentence("Fine soup.", ("", 3, 3)), "sentence '7': '' is not at"),
        (sentence("Fine soup.", ("soup", "five", 9)), "sentence '7': from and to must be integers"),
        ('<sentence id="7"><text>Soup</text><aspectTerm term="Soup"/></sentence>', "sentence '7': from and to"),
        ("<sentence><text>Soup</text></sentence>", "sentence 1: an id and a <text>"),
        ('<sentence id="7"/>', "sentence 1: an id and a <text>"),
        ("<sentence>", "not SemEval-2014 XML .mismatched tag"),
        (sentence("NUL \0"), "not SemEval-2014 XML"),
        (sentence("&#xD800;"), "not SemEval-2014 XML"),
    ],
)
def test_damage_is_named_in_one_line(inside, message, tmp_path):
    with pytest.raises(InputError, match=message) as caught:
        list(read(write(tmp_path / "a.xml", inside)))
    assert "\n" not in str(caught.value)


BOMB = "<!DOCTYPE a [<!ENTITY e0 'ha'>{}]>".format("".join(f"<!ENTITY e{n + 1} '{f'&e{n};' * 10}'>" for n in range(12)))


@pytest.mark.parametrize(
    ("before", "inside", "message"),
    [
        (BOMB, sentence("&e12;"), "document type"),
        ('<!DOCTYPE a [<!ENTITY e SYSTEM "/etc/passwd">]>', sentence("&e;"), "document type"),
        ('<!DOCTYPE a SYSTEM "a.dtd">', "", "document type"),
        ('<?xml version="1.0" encoding="klingon"?>', "", "not SemEval-2014 XML"),
        ('<?xml version="1.0" encoding="utf-7"?>', "", "not SemEval-2014 XML"),
    ],
)
def test_entities_and_encodings_are_refused(before, inside, message, tmp_path):
    with pytest.raises(InputError, match=message):
        list(read(write(tmp_path / "a.xml", inside, before)))


@pytest.mark.parametrize(
    ("text", "message"), [("<Reviews/>", "Received: <Reviews>"), ("", "no element found"), ("{}", "not well")]
)
def test_other_files(text, message, tmp_path):
    (tmp_path / "a.xml").write_text(text)
    with pytest.raises(InputError, match=message):
        list(read(tmp_path / "a.xml"))


def test_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        list(read(tmp_path / "a.xml"))
