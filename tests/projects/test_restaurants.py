"""The restaurants project, the package that it makes, and the pages' commands with that package installed."""

import csv
import gzip
import json
import re
import shlex
import subprocess
import sys
import time

import pytest
from doc_pages import PAGES, blocks, lay_photos, run_all
from helpers import ROOT, project

from corpora import bistro

pytestmark = pytest.mark.slow

WITH_PIPELINE = [page.relative_to(ROOT).as_posix() for page in PAGES if blocks(page, "console", "py")]
ALL_F1 = re.compile(r"\*\*all\*\* .*\| (0\.\d+) \(")
OWN_COLUMNS = "palate annotate mine.csv -o OUTPUT --text-column body --name-column city --city-column town --pipeline PIPELINE"


def test_all(checkout, tmp_path, fresh_environment):
    start = time.monotonic()
    out = project(checkout, "restaurants", "run", "all", ".", "--vars.steps", "1000")
    print(f"spacy project run all: {time.monotonic() - start:.0f} s")
    assert float(re.search(r"\*\*all\*\* .*\*\*(0\.\d+)\*\*", out)[1]) >= 0.8
    given, withheld = (float(value) for value in re.findall(r"city \w+: (0\.\d+) right", out))
    assert given >= 0.85
    assert withheld >= 0.75
    folder = checkout / "projects" / "restaurants"
    assert "Trattoria Lucia" in (folder / "results" / "italian.html").read_text("utf8")
    package_gives_the_same_answers(folder, tmp_path, fresh_environment)
    commands_of_the_pages(tmp_path, {**fresh_environment, "PYTHONPATH": str(tmp_path / "site")})
    yelp(folder, checkout)


def package_gives_the_same_answers(folder, tmp_path, environment):
    (sdist,) = folder.glob("packages/*/dist/*.tar.gz")
    command = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-build-isolation", "--target"]
    subprocess.run([*command, str(tmp_path / "site"), str(sdist)], check=True)
    (tmp_path / "text.txt").write_text(next(bistro.reviews("test")).text)
    answers = []
    for name in (folder / "training" / "pipeline", "en_palate_bistro"):
        read = [sys.executable, "-m", "palate", "read", "text.txt", "--pipeline", str(name), "--json"]
        env = {**environment, "PYTHONPATH": str(tmp_path / "site")}
        answers.append(json.loads(subprocess.run(read, cwd=tmp_path, env=env, check=True, capture_output=True).stdout))
    assert answers[0] == answers[1]
    assert answers[0]["entities"]


def commands_of_the_pages(tmp_path, environment):
    assert set(WITH_PIPELINE) == {"README.md", "docs/index.md", "docs/restaurants.md", "docs/questions.md", "docs/own_data.md"}
    outputs = {}
    for name in WITH_PIPELINE:
        folder = tmp_path / name.replace("/", "_")
        folder.mkdir()
        lay_photos(folder)
        outputs |= run_all(name, folder, environment)
    assert "Trattoria Lucia" in outputs["palate find --cuisine italian --city Phoenix annotations"]
    assert "Trattoria Lucia" in outputs["palate find --cuisine italian mine"]
    assert "tortilla" in outputs["palate ingredients mexican annotations"]
    assert any("Trattoria Lucia RESTAURANT lucia-phoenix" in printed for printed in outputs.values())
    assert any("el-camino-phoenix" in printed for line, printed in outputs.items() if line.startswith("palate read"))
    assert "word" in outputs["palate similar taco --pipeline vectors"]
    own = tmp_path / "docs_own_data.md"
    rows = [
        {"body": review.text, "city": review.restaurant.name, "town": review.restaurant.city}
        for review in bistro.reviews("dev")
    ]
    with open(own / "mine.csv", "w", encoding="utf8", newline="") as file:
        writer = csv.DictWriter(file, ["body", "city", "town"])
        writer.writeheader()
        writer.writerows(rows)
    for pipeline in ("en_palate_bistro", "my_pipeline"):
        output = f"by_{pipeline}"
        strangers(OWN_COLUMNS.replace("PIPELINE", pipeline).replace("OUTPUT", output), output, own, environment)


def strangers(command, output, tmp_path, environment):
    subprocess.run([sys.executable, "-m", "palate", *shlex.split(command)[1:]], cwd=tmp_path, env=environment, check=True)
    find = [sys.executable, "-m", "palate", "find", "--cuisine", "mexican", "--json", output]
    found = json.loads(subprocess.run(find, cwd=tmp_path, env=environment, check=True, capture_output=True).stdout)
    assert "mexican" in {c for house in bistro.restaurants().values() if house.name == found[0]["name"] for c in house.cuisines}


def yelp(folder, checkout):
    """With files laid in place, made of bistro in Yelp's columns."""
    (folder / "assets").mkdir(exist_ok=True)
    houses = bistro.restaurants().values()
    with gzip.open(folder / "assets" / "businesses.csv.gz", "wt", encoding="utf8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("business_id", "name", "city", "categories"))
        writer.writerows((h.id, h.name, h.city, "Restaurants; " + "; ".join(c.title() for c in h.cuisines)) for h in houses)
    with gzip.open(folder / "assets" / "reviews.csv.gz", "wt", encoding="utf8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("review_id", "business_id", "business_name", "city", "is_restaurant", "text"))
        writer.writerows((r.id, r.restaurant.id, r.restaurant.name, r.restaurant.city, 1, r.text) for r in bistro.reviews())
    (folder / "assets" / "phoenix_gold.jsonl").write_text("".join(map(gold, bistro.reviews("test"))), "utf8")
    assert "Trattoria Lucia" in project(checkout, "restaurants", "run", "yelp")
    assert "| all parts |" in project(checkout, "restaurants", "run", "yelp-cuisines")
    assert "| oracle" in project(checkout, "restaurants", "run", "yelp-linking")
    told, nothing_told = (float(value) for value in ALL_F1.findall(project(checkout, "restaurants", "run", "phoenix-entities")))
    assert told > 0.8
    assert told >= nothing_told
    assert "nothing told" in project(checkout, "restaurants", "run", "phoenix-entities-brands")
    assert "| restaurant and city told | 0.9" in project(checkout, "restaurants", "run", "own-names")
    assert "of which" in project(checkout, "restaurants", "run", "word-names-list")
    assert "questions" in project(checkout, "restaurants", "run", "topic-reader")


def gold(review):
    spans = [[mention.start, mention.end, mention.label] for mention in review.mentions]
    about = {"name": review.restaurant.name, "city": review.restaurant.city}
    return json.dumps({"id": review.id, "text": review.text, "spans": spans, **about}) + "\n"
