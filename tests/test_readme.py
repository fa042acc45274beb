"""Every command and every example of the README runs: here, or in `make check`."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import spacy
from spacy.util import load_config_from_str

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "README.md").read_text("utf8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", TEXT, re.M | re.S)
COMMANDS = [line for kind, block in BLOCKS if kind == "bash" for line in block.splitlines() if line.strip()]
INDENTED = [
    line.split("  #")[0].strip()
    for line in re.findall(r"^    (\S.*)$", re.sub(r"^```.*?^```", "", TEXT, flags=re.M | re.S), re.M)
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("readme")


def test_commands(folder):
    (folder / "review.txt").write_text("The brisket tacos were worth the wait.")
    for command in COMMANDS:
        words = shlex.split(command, comments=True)
        assert words[0] == "palate", command
        run = subprocess.run([sys.executable, "-m", "cli", *words[1:]], cwd=folder, capture_output=True, text=True)
        assert run.returncode == 0, command + run.stderr
        if "-o reviews.jsonl" in command:
            shutil.copy(folder / "reviews.jsonl", folder / "held_out.jsonl")
    assert {"bistro.topics", "review.html", "sweep.svg", "map.html"} <= {path.name for path in folder.iterdir()}


def test_python_examples(folder, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    names: dict = {}
    for kind, block in BLOCKS:
        if kind == "python":
            exec(block, names)
    assert names["doc"]._.topics
    assert "mexican: " in capsys.readouterr().out
    assert names["theta"].argmax(axis=1).tolist() == [0, 1]


def test_config_example(folder, monkeypatch):
    monkeypatch.chdir(folder)
    (config,) = (block for kind, block in BLOCKS if kind == "ini")
    head = '[nlp]\nlang = "en"\npipeline = ["lda_topics"]\n[components]\n'
    config = config.replace("[initialize.components.lda", "[initialize]\n[initialize.components]\n[initialize.components.lda")
    nlp = spacy.util.load_model_from_config(load_config_from_str(head + config), auto_fill=True)
    nlp.initialize()
    assert nlp("tacos and salsa")._.topics


def test_the_other_commands_are_those_that_check_runs():
    assert set(INDENTED) == {
        "make demo",
        "make test",
        'pip install "palate[text]"',
        "cd projects/topics && spacy project run all",
    }
    check = "".join(path.read_text("utf8") for path in (ROOT / "tests" / "check").glob("*.py"))
    for run in ('"make", "demo"', "[text]", '"topics", "run", "all"'):
        assert run in check
    assert "make test" in (ROOT / ".ci" / "run").read_text()


def test_links_lead_somewhere():
    for target in re.findall(r"\]\(([^)#]+)\)", TEXT):
        assert (ROOT / target).exists(), target
