"""The spaCy projects, run as their users run them."""

import io
import re
import subprocess
import sys
import tarfile

import pytest
from helpers import project

pytestmark = pytest.mark.slow


def test_topics_of_bistro(checkout):
    out = project(checkout, "topics", "run", "all")
    assert "perplexity" in out
    folder = checkout / "projects" / "topics"
    assert (folder / "results" / "bistro_sweep.svg").exists()
    assert "Map of the topics" in (folder / "results" / "bistro_map.html").read_text("utf8")
    assert "skipping" in project(checkout, "topics", "run", "fit").lower()


def lay_20newsgroups(assets):
    with tarfile.open(assets / "20news-bydate.tar.gz", "w:gz") as archive:
        for part in ("train", "test"):
            for number in range(40):
                group, words = (("sci.space", "orbit rocket moon launch"), ("rec.autos", "engine wheel brake motor"))[
                    number % 2
                ]
                message = f"From: someone\nSubject: no. {number}\n\nThe {words} again: {words}, caf\xe9.\n".encode("latin-1")
                member = tarfile.TarInfo(f"20news-bydate-{part}/{group}/{number}")
                member.size = len(message)
                archive.addfile(member, io.BytesIO(message))


def lay_bbc(assets):
    (assets / "BBC_News").mkdir()
    kinds = (("sport", "match goal team player"), ("business", "bank profit share market"))
    rows = [
        f"{words} {words}\t{split}\t{label}" for split in ("train", "val", "test") for label, words in kinds for _ in range(20)
    ]
    (assets / "BBC_News" / "corpus.tsv").write_text("\n".join(rows) + "\n")


@pytest.mark.parametrize(("name", "lay"), [("20newsgroups", lay_20newsgroups), ("bbc", lay_bbc)])
def test_topics_of_assets_laid_in_place(name, lay, checkout):
    (checkout / "projects" / "topics" / "assets").mkdir()
    lay(checkout / "projects" / "topics" / "assets")
    more = ["--vars.corpus", name, "--vars.topics", "2", "--vars.sizes", "2,3"]
    out = project(checkout, "topics", "run", "all", ".", *more)
    assert re.search(r"documents judged\W+40\b", out)
    assert (checkout / "projects" / "topics" / "results" / f"{name}_map.html").exists()


def test_a_missing_asset_is_named(checkout):
    command = [sys.executable, "-m", "spacy", "project", "run", "corpus", ".", "--vars.corpus", "bbc"]
    result = subprocess.run(command, cwd=checkout / "projects" / "topics", capture_output=True, text=True)
    assert result.returncode != 0
    assert "spacy project assets --extra" in result.stdout + result.stderr
