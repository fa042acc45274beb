"""All code of README.md, CONTRIBUTING.md and docs/ runs: here, or in tests that take minutes. Links and nav are complete."""

import configparser
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import unquote, urlsplit

import pytest
import spacy
import yaml
from doc_pages import PAGES, blocks, commands, lay_photos, lay_pictures, prose, run_all
from helpers import ROOT, good
from spacy.cli.init_config import init_config

from corpora import bistro, readers
from corpora.cuisines import Cuisine, cuisines, regional
from corpora.labels import LABELS
from corpora.readers import FORMATS
from image_gan.pictures import KINDS, SUFFIXES

RUN_HERE = ("bash", "python", "json", "toml", "ini")
BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
GIVEN = {"README.md": lay_photos, "docs/pictures.md": lay_pictures}
# Where each command of another program is run: a file, and what stands in it.
ELSEWHERE = {
    "make demo": ("tests/test_setup.py", '"make", "demo"'),
    "make test": (".ci/run", "make test"),
    "make notebooks": ("tests/projects/test_notebooks.py", '"--to", "notebook"'),
    "pip install '.[text]'": ("tests/test_setup.py", "[text]"),
    "pip install '.[images]'": ("tests/test_setup.py", "[images]"),
    "pip install '.[train]'": ("Makefile", ".venv/.train"),
    "cd projects/topics && spacy project run all": ("tests/projects/test_projects.py", '"topics", "run", "all"'),
    "cd projects/restaurants && spacy project run all": ("tests/projects/test_restaurants.py", '"restaurants", "run", "all"'),
    "cd projects/faces && spacy project run all": ("tests/projects/test_faces.py", '"faces", "run", "all"'),
}


def hook(name):
    """A module of docs/, which are hooks of mkdocs."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "docs" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


REFERENCE, SITE = hook("command_reference"), hook("pages")
NAMES = [page.relative_to(ROOT).as_posix() for page in PAGES]
WITH_CODE = [name for name in NAMES if blocks(name, *RUN_HERE)]
# tests/projects runs what needs the pipeline (test_restaurants.py), and docs/training.md (test_faces.py).
WITH_LONG_CODE = [name for name in NAMES if blocks(name, "sh") and not blocks(name, "console") and name != "docs/training.md"]


# Code


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder of the page's own, from which its modules are imported; nothing that it registers stays."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(readers, "__path__", [*readers.__path__, str(tmp_path / "corpora" / "readers")])
    tables, modules = [(table, dict(table)) for table in (FORMATS, KINDS, SUFFIXES)], set(sys.modules)
    yield tmp_path
    for table, before in tables:
        table.clear()
        table.update(before)
    for name in set(sys.modules) - modules:
        if str(tmp_path) in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]


@pytest.mark.parametrize("name", WITH_CODE)
def test_code(name, folder, capsys):
    GIVEN.get(name, lambda folder: None)(folder)
    names, printed = {"__name__": "page"}, ""
    for block in blocks(name, *RUN_HERE, "csv"):
        if block.title:
            (folder / block.title).parent.mkdir(parents=True, exist_ok=True)
            (folder / block.title).write_text(block.code, "utf8")
        if block.kind == "bash":
            for command in commands(block):
                assert command[0] == "palate", command
                printed += good(*command[1:]).stdout
        elif block.kind == "python" and not block.title:
            exec(compile("\n" * (block.line - 1) + block.code, name, "exec"), names)
            printed += capsys.readouterr().out
        elif block.kind == "ini":
            check_config(block.code, name)
        elif block.kind == "json":
            json.loads(block.code)
        elif block.kind == "toml":
            tomllib.loads(block.code)
    CHECKS.get(name, lambda *results: None)(folder, names, printed)


def check_config(code, name):
    """In the config that the page's `spacy init config` makes."""
    assert "spacy init config base.cfg --pipeline sentencizer,lda_topics" in " ".join((ROOT / name).read_text("utf8").split())
    config = init_config(lang="en", pipeline=["sentencizer", "lda_topics"])
    parser = configparser.ConfigParser()
    parser.read_string(code)
    for section in parser.sections():
        for key, value in parser[section].items():
            part = config
            for word in section.split("."):
                part = part.setdefault(word, {})
            part[key] = json.loads(value)
    nlp = spacy.util.load_model_from_config(config, auto_fill=True)
    nlp.initialize()
    assert next(nlp("Tacos and salsa. Nothing.").sents)._.topics


def check_readme(folder, names, printed):
    assert names["doc"]._.topics
    assert "[['mexican: tacos, " in printed
    assert {"photo_enhanced.jpg", "clean", "bistro.topics", "bistro_pipeline"} <= {path.name for path in folder.iterdir()}


def check_topics(folder, names, printed):
    assert "[['mexican: tacos, " in printed
    assert names["theta"].argmax(axis=1).tolist() == [0, 1]
    assert {"map.html", "review.html", "sweep.svg", "seeded.topics"} <= {path.name for path in folder.iterdir()}
    assert "first topic" in printed
    assert re.search(r"mexican +│ .*(taco|salsa)", printed)


def check_own_data(folder, names, printed):
    assert {"mine.topics", "mine.restaurants", "shop.topics"} <= {path.name for path in folder.iterdir()}
    assert "10 topics" in printed


def check_pictures(folder, names, printed):
    assert "(120, 160, 3)" in printed
    assert {"photo_enhanced.jpg", "clean", "page.html"} <= {path.name for path in folder.iterdir()}
    written = {path.name for path in (folder / "holiday").iterdir()}
    assert written == {"a.jpg", "a_enhanced.jpg", "a_enhanced_compare.jpg", "sub"}


def check_simulate(folder, names, printed):
    """The page's figures are those of its commands."""
    assert {"iris.png", "irises.png", "simplex.png", "recovery.svg"} <= {path.name for path in folder.iterdir()}
    figures = re.findall(r"\.\d{3}\b", (ROOT / "docs" / "simulate.md").read_text("utf8"))
    assert len(figures) > 20
    assert not [figure for figure in figures if f"0{figure}" not in printed]
    assert "0.450" in printed
    assert "0.18 to 1.00" in printed


def check_extend(folder, names, printed):
    assert printed.count("ALLERGEN") == 1
    assert "Good tacos." in printed
    assert printed.endswith("ppm\n(120, 160, 3)\n")
    assert len(names["model"].labels) == 8
    for block in blocks("docs/extend.md", "toml"):
        for name, table in tomllib.loads(block.code).items():
            if name != "project":
                assert name not in cuisines()
                assert set(table) == set(Cuisine._fields) - {"id"}
                assert (len(table["dishes"]), len(table["ingredients"])) >= (15, 10)


CHECKS = {
    "README.md": check_readme,
    "docs/topics.md": check_topics,
    "docs/own_data.md": check_own_data,
    "docs/pictures.md": check_pictures,
    "docs/simulate.md": check_simulate,
    "docs/extend.md": check_extend,
}


@pytest.mark.slow
@pytest.mark.parametrize("name", WITH_LONG_CODE)
def test_code_that_takes_longer(name, tmp_path):
    GIVEN.get(name, lambda folder: None)(tmp_path)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    for block in blocks(name, "python"):
        if ".to_disk(" in block.code:  # commands of the page take what it writes
            subprocess.run([sys.executable, "-c", block.code], cwd=tmp_path, env=environment, check=True)
    run_all(name, tmp_path, environment, "bash", "sh")


@pytest.mark.parametrize("name", NAMES)
def test_every_block_is_of_a_kind_that_is_run(name):
    kinds = {block.kind for block in blocks(name)}
    assert kinds <= {*RUN_HERE, "console", "py", "sh", "shell", "csv", "text"}
    assert all(block.title for block in blocks(name, "csv"))
    if name not in ("CONTRIBUTING.md", "docs/gans_for_language.md"):
        assert not re.search(r"^ {4}(palate|python|make|pip) ", prose(ROOT / name), re.M)


def test_commands_of_other_programs_are_run_somewhere():
    told = {line for name in NAMES for block in blocks(name, "shell") for line in block.code.splitlines()}
    assert told == set(ELSEWHERE)
    for path, text in ELSEWHERE.values():
        assert text in (ROOT / path).read_text("utf8")
    for path in ("test_restaurants.py", "test_faces.py"):
        assert "doc_pages" in (ROOT / "tests" / "projects" / path).read_text("utf8")


# What stands in the pages


def test_the_readme_is_short():
    assert (ROOT / "README.md").read_text("utf8").count("\n") <= 130


def test_every_command_is_in_the_page_of_its_task():
    (tasks,) = (entry["Tasks"] for entry in nav() if isinstance(entry, dict) and "Tasks" in entry)
    text = "".join((ROOT / "docs" / page).read_text("utf8") for entry in tasks for page in entry.values())
    leaves = [name for name, command, _ in REFERENCE.commands() if not getattr(command, "commands", None)]
    assert len(leaves) > 20
    assert not [name for name in leaves if name not in text]


def test_the_command_reference_has_every_option():
    for name, command, context in REFERENCE.commands():
        text = "\n".join(REFERENCE.section(name, command, context))
        options = [option for param in command.get_params(context) for option in param.opts if option.startswith("--")]
        assert not [option for option in options if option not in text and option != "--help"]


def test_the_table_of_labels():
    text = (ROOT / "docs" / "restaurants.md").read_text("utf8")
    assert re.findall(r"^\| ([A-Z]+) \| (.+) \|$", text, re.M) == [(label.name, label.meaning) for label in LABELS.values()]


def test_numbers_of_what_ships():
    assert len(list(bistro.reviews())) == 880
    assert len(bistro.restaurants()) == 96
    assert len(cuisines()) == 84
    assert [len(list(bistro.reviews(split))) for split in ("train", "test")] == [744, 72]
    text = "".join(page.read_text("utf8") for page in PAGES)
    assert set(re.findall(r"(\d+) reviews that come with", text)) == {"880"}
    assert len(cuisines()) - len(regional()) == 64
    assert set(re.findall(r"dishes and ingredients of (\d+) cuisines", text)) == {"64"}


@pytest.mark.parametrize("name", ["README.md", "docs/topics.md", "docs/restaurants.md", "docs/pictures.md", "docs/talk.md"])
def test_figures_are_those_of_the_results(name):
    """Or of the page on simulations, whose figures are compared with what its commands print."""
    pattern = r"(?<![\d.])0?(\.\d{3,4})\b|\b(\d+\.\d\d)(?= dB)"
    told = [*ROOT.glob("projects/*/RESULTS.md"), ROOT / "benchmarks" / "RESULTS.md", ROOT / "docs" / "simulate.md"]
    results = "".join(path.read_text("utf8") for path in told)
    figures = {a or b for a, b in re.findall(pattern, prose(ROOT / name))}
    assert figures
    assert not [figure for figure in figures if figure not in results]


# Links


def links(page):
    return re.findall(r"\]\(([^()\s]+)\)", re.sub(r"`[^`\n]*`", "code", prose(page)))


def anchors(page):
    """The anchors of a page: its headings, the objects of the API, the commands."""
    text = re.sub(r"^```.*?^```", "", page.read_text("utf8"), flags=re.M | re.S)
    found = {REFERENCE.slug(heading) for heading in re.findall(r"^#+ (.+)$", text, re.M)}
    found |= set(re.findall(r"^::: (\S+)$", text, re.M))
    if page.name == "commands.md":
        found |= {REFERENCE.slug(name) for name, _, _ in REFERENCE.commands()}
    return found


@pytest.mark.parametrize("name", NAMES)
def test_links_lead_somewhere(name):
    page = ROOT / name
    for link in links(page):
        path, _, anchor = link.partition("#")
        if urlsplit(link).scheme:
            continue
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def nav():
    return yaml.safe_load((ROOT / "mkdocs.yml").read_text("utf8"))["nav"]


def test_the_nav_lists_every_page():
    listed = re.findall(r"[\w/]+\.md", json.dumps(nav()))
    assert len(listed) == len(set(listed))
    assert set(listed) == {name.removeprefix("docs/") for name in NAMES if name.startswith("docs/")} | set(SITE.SOURCES)
    assert all((ROOT / path).exists() for path in SITE.SOURCES.values())


def test_docstrings_become_sections(monkeypatch):
    stub = SimpleNamespace(Extension=object, Object=object, GriffeLoader=object)  # only the site's environment has Griffe
    monkeypatch.setitem(sys.modules, "griffe", stub)
    text = "Do it.\n\nname (dict[str, int] | None): what,\n    and more.\nRETURNS (list): rows."
    text += " RAISES InputError: T001. OSError: no."
    assert hook("docstrings").rewritten(text).split("\n\n") == [
        "Do it.",
        "Args:\n    name (dict[str, int] | None): what,\n        and more.",
        "Returns:\n    list: rows.",
        "Raises:\n    InputError: T001.\n    OSError: no.",
    ]


# The site


class Html(HTMLParser):
    """The ids of a page, its links, and what it loads."""

    def __init__(self, text):
        super().__init__()
        self.ids, self.links, self.loaded = set(), [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.ids |= {given.get("id"), given.get("name")} - {None}
        if tag == "a" and given.get("href"):
            self.links.append(given["href"])
        elif given.get("src") or (tag == "link" and given.get("href")):
            self.loaded.append(given.get("src") or given["href"])


@pytest.fixture(scope="module")
def site():
    """The site, as `make docs` builds it, with the environment that runs the tests for the lessons."""
    command = ["make", "docs", f"BIN={Path(sys.executable).parent}"]
    if Path(sys.executable).parent != ROOT / ".venv" / "bin":
        command += ["-o", ".venv/.notebooks"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-3000:]
    return ROOT / "site"


@pytest.mark.slow
def test_links_inside_the_site(site):
    pages = {path: Html(path.read_text("utf8")) for path in site.rglob("*.html")}
    assert len(pages) > 20
    for path, page in pages.items():
        for link in (*page.links, *page.loaded):
            parts = urlsplit(link)
            if parts.scheme or link.startswith("//"):
                assert link not in page.loaded or parts.scheme == "data", f"{path} loads {link}"
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if path.name == "404.html":  # has absolute links, for a server
                continue
            assert target.exists(), f"{path}: {link}"
            if parts.fragment and target in pages:
                assert unquote(parts.fragment) in pages[target].ids, f"{path}: {link}"


@pytest.mark.slow
def test_nothing_is_loaded_from_elsewhere(site):
    for path in (*site.rglob("*.css"), *site.rglob("iframe-worker.js")):
        assert not re.search(r"(url\(|@import )[\"']?(https?:)?//", path.read_text("utf8"))


@pytest.mark.slow
def test_lessons_show_what_their_code_does(site):
    for name, pictures in (("mixtures", 6), ("lda", 2), ("reviews", 1), ("gan", 6)):
        text = (site / "lessons" / f"{name}.html").read_text("utf8")
        assert len(re.findall(rf'<img [^>]*src="{name}_\d+\.png"', text)) == pictures
        assert 'class="output"' in text
    frames = re.findall(r'<iframe src="(reviews_\d+\.html)"', (site / "lessons" / "reviews.html").read_text("utf8"))
    assert len(frames) == 3
    assert "Map of the topics" in (site / "lessons" / frames[0]).read_text("utf8")


@pytest.mark.slow
@pytest.mark.browser
def test_search_in_a_page_opened_from_a_file(site, tmp_path):
    if BROWSER is None:
        pytest.fail("this check needs chromium: apt-get install chromium")
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--virtual-time-budget=15000"]
    flags += [f"--user-data-dir={tmp_path}", "--host-resolver-rules=MAP * ~NOTFOUND", "--dump-dom"]
    page = f"file://{site}/index.html?q=knowledge"
    run = subprocess.run([BROWSER, *flags, page], capture_output=True, text=True, timeout=120)
    assert "md-search-result__item" in run.stdout
