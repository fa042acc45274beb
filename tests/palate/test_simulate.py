import json
import subprocess
import sys
from pathlib import Path

import pytest
from helpers import good, palate

FEW = ("simulate", "lda", "--documents", 40, "--vocabulary", 40, "-k", 3, "--runs", 1)
COMMANDS = [
    # the command, the keys of its rows, words of its table
    (("simulate", "mixture"), {"sample", "type", "proportion", "share seen"}, ["1 x 100 irises", "versicolor"]),
    (
        ("simulate", "mixture", "--samples", 3, "--concentration", 1, "--spread", 0.2, "--proportions", "0.2,0.8"),
        {"mean"},
        ["share is"],
    ),
    (("simulate", "dirichlet"), {"alpha", "mean", "deviation seen", "largest"}, ["8, 3, 1", "1000 draws each"]),
    (("simulate", "dirichlet", "--alpha", "0.5", "--alpha", "1,2,3", "--draws", 50), {"above .9"}, ["1, 2, 3", "50 draws"]),
    (FEW, {"varied", "value", "topics", "topics by chance", "documents"}, ["alpha 10", "6 topics sought", "one start"]),
    ((*FEW, "--length", 1), {"worst topic"}, ["nothing broken"]),
]


@pytest.mark.parametrize(("command", "keys", "words"), COMMANDS)
def test_commands(command, keys, words, tmp_path):
    """Tables, and JSON that is the same byte for byte, with a chart or without; another seed gives other numbers."""
    text = good(*command, "--json").stdout
    assert keys <= set(json.loads(text)[0])
    charted = good(*command, "--json", "-o", tmp_path / "chart.png")
    assert charted.stdout == text
    assert charted.stderr.startswith("chart written to ")
    assert (tmp_path / "chart.png").read_bytes().startswith(b"\x89PNG")
    assert good(*command, "--json", "--seed", 1).stdout != text
    table = good(*command).stdout
    assert all(word in table for word in words)


def test_what_could_not_be_measured_is_null():
    rows = json.loads(good("simulate", "mixture", "--draws", 1, "--json").stdout)
    assert [row["mean seen"] for row in rows] == [None, None]


DAMAGE = [
    (("lda", "--alpha", "0"), "T100"),
    (("lda", "--alpha", "-1"), "T100"),
    (("lda", "--alpha", "nan"), "T100"),
    (("lda", "--beta", "inf"), "T100"),
    (("lda", "--documents", "-3"), "T100"),
    (("lda", "--length", "-1"), "T100"),
    (("lda", "--length", "0"), "T036"),
    (("lda", "-k", "201"), "T101"),
    (("lda", "-k", "1"), "T100"),
    (("lda", "--documents", "3"), "T036"),
    (("lda", "--runs", "0"), "T100"),
    (("lda", "--seed", "-1"), "T032"),
    (("lda", "--seed", "4294967296"), "T032"),
    (("lda", "--seed", "x"), "--seed"),
    (("lda", "-o", "chart.gif"), "T022"),
    (("lda", "-o", "."), "T022"),
    (("lda", "-o", "folder.png"), "not a regular file"),
    (("dirichlet", "--alpha", "0"), "T100"),
    (("dirichlet", "--alpha", "nan"), "T100"),
    (("dirichlet", "--alpha", "a"), "--alpha takes numbers"),
    (("dirichlet", "--alpha", "1,2"), "one number, or three"),
    (("dirichlet", "--draws", "-1"), "T100"),
    (("dirichlet", "-o", "chart"), "T022"),
    (("mixture", "--draws", "0"), "T100"),
    (("mixture", "--proportions", "0.5"), "whose sum is 1"),
    (("mixture", "--proportions", "0.5,half"), "--proportions takes numbers"),
    (("mixture", "--proportions", "-1,2"), "T100"),
    (("mixture", "--concentration", "0"), "T100"),
    (("mixture", "--samples", "1.5"), "--samples"),
    (("mixture", "--spread", "nan"), "T100"),
    (("mixture", "--seed", "-1"), "T032"),
    (("mixture", "-o", "chart.txt"), "T022"),
    (("faces",), "faces"),
]


@pytest.mark.parametrize(("command", "message"), DAMAGE)
def test_a_mistake_is_one_line_and_exit_2(command, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder.png").mkdir()
    result = palate("simulate", *command)
    assert result.exit_code == 2, result.output
    assert message in result.stderr
    assert result.stdout == ""
    assert "Usage" in result.stderr or result.stderr.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["folder.png"]


@pytest.mark.parametrize("command", ["mixture", "dirichlet", "lda"])
def test_help_is_light(command):
    code = "import sys; from palate.command import main\ntry: main()\n"
    code += "except SystemExit: print({'spacy', 'numpy', 'rich'} & set(sys.modules))"
    words = [sys.executable, "-c", code, "simulate", command, "--help"]
    result = subprocess.run(words, capture_output=True, text=True, check=True)
    assert "palate simulate" in result.stdout
    assert result.stdout.endswith("set()\n")


def test_a_missing_extra_is_named():
    code = "import sys; sys.modules['matplotlib'] = None; from palate.command import main; main()"
    words = [sys.executable, "-c", code, "simulate", "mixture", "-o", "x.png"]
    result = subprocess.run(words, capture_output=True, text=True)
    assert result.returncode == 2
    assert result.stderr == f"palate: matplotlib is not installed: pip install '{Path(__file__).parents[2]}[text]'\n"
