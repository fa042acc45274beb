"""Every command and every example of the README runs: here, or in `make check`."""

import configparser
import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import spacy
from spacy.cli.init_config import init_config

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "README.md").read_text("utf8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", TEXT, re.M | re.S)
COMMANDS = [[line for line in block.splitlines() if line.strip()] for kind, block in BLOCKS if kind == "bash"]
INDENTED = [
    line.split("  #")[0].strip()
    for line in re.findall(r"^    (\S.*)$", re.sub(r"^```.*?^```", "", TEXT, flags=re.M | re.S), re.M)
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("readme")


@pytest.mark.parametrize("commands", COMMANDS, ids=len)
def test_commands(commands, folder):
    for command in commands:
        words = shlex.split(command, comments=True)
        assert words[0] == "palate", command
        run = subprocess.run([sys.executable, "-m", "palate", *words[1:]], cwd=folder, capture_output=True, text=True)
        assert run.returncode == 0, command + run.stderr
        if "simulate lda" in command:  # the README's figures are those of its command
            figures = re.findall(r"\.\d{3}\b", TEXT.split("## Simulate")[1].split("\n## ")[0])
            assert len(figures) > 9
            assert all(f"0{figure}" in run.stdout for figure in figures)
    written = (
        {"mine.topics", "mine.places", "vectors"},
        {"bistro.topics", "review.html", "sweep.svg", "map.html"},
        {"iris.png", "irises.png", "simplex.png", "recovery.svg"},
    )
    assert written[COMMANDS.index(commands)] <= {path.name for path in folder.iterdir()}


def test_python_examples(folder, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    names: dict = {}
    for kind, block in BLOCKS:
        if kind == "python":
            exec(block, names)
    assert names["doc"]._.topics
    assert "[['mexican: taco, salsa, " in capsys.readouterr().out
    assert names["theta"].argmax(axis=1).tolist() == [0, 1]


def test_config_example(folder, monkeypatch):
    """In the config that the README's `spacy init config` makes."""
    monkeypatch.chdir(folder)
    (example,) = (block for kind, block in BLOCKS if kind == "ini")
    assert "spacy init config base.cfg --pipeline sentencizer,lda_topics" in TEXT
    config = init_config(lang="en", pipeline=["sentencizer", "lda_topics"])
    parser = configparser.ConfigParser()
    parser.read_string(example)
    for section in parser.sections():
        for key, value in parser[section].items():
            block = config
            for name in section.split("."):
                block = block.setdefault(name, {})
            block[key] = json.loads(value)
    nlp = spacy.util.load_model_from_config(config, auto_fill=True)
    nlp.initialize()
    assert next(nlp("Tacos and salsa. Nothing.").sents)._.topics


def test_the_other_commands_are_those_that_check_runs():
    assert set(INDENTED) == {
        "make demo",
        "make test",
        'pip install ".[text]"',
        "cd projects/topics && spacy project run all",
        "cd projects/restaurants && spacy project run all",
        "cd projects/faces && spacy project run all",
        "pip install packages/en_palate_bistro-0.1.0/dist/en_palate_bistro-0.1.0.tar.gz",
    }
    check = "".join(path.read_text("utf8") for path in (ROOT / "tests" / "check").glob("*.py"))
    projects = [f'"{name}", "run", "all"' for name in ("topics", "restaurants", "faces")]
    for run in ('"make", "demo"', "[text]", *projects, "packages/*/dist/*.tar.gz", "```console"):
        assert run in check
    assert "make test" in (ROOT / ".ci" / "run").read_text()


def test_links_lead_somewhere():
    for target in re.findall(r"\]\(([^)#]+)\)", TEXT):
        assert (ROOT / target).exists(), target
