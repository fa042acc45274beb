import csv
import json
import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import spacy
from helpers import good, palate, run

from corpora import bistro
from spacy_topics.annotations.run import annotate
from spacy_topics.annotations.store import Manifest
from spacy_topics.guide.guide import MIN_SCORE, Guide
from spacy_topics.lexicon import lexicon

TEXT = "The carnitas at El Camino in Phoenix were the best Mexican food of the trip."


@pytest.fixture(scope="session")
def vectors(four, tmp_path_factory):
    """A pipeline with small vectors."""
    folder = tmp_path_factory.mktemp("vectors")
    path = write(folder / "reviews.jsonl", four[:100])
    good("vectors", "fit", path, "-o", folder / "nlp", "--width", 20)
    return folder / "nlp"


def write(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf8")
    return path


def as_json(*args):
    return json.loads(good(*args, "--json").stdout)


def files(folder):
    """Every file below a folder and what is in it."""
    return {path: path.read_bytes() for path in Path(folder).rglob("*") if path.is_file()}


def test_a_strangers_reviews_end_in_find(four, pipeline, tmp_path):
    path, out = tmp_path / "export.csv", tmp_path / "out"
    with open(path, "w", encoding="utf8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["No.", "Comment", "Venue", "Venue no.", "Town"])
        writer.writerows([row["id"], row["text"], row["name"], row["business_id"], row["city"]] for row in four[::2])
    columns = ["--text-column", "Comment", "--id-column", "No.", "--name-column", "Venue"]
    columns += ["--business-column", "Venue no.", "--city-column", "Town"]
    result = good("annotate", path, "-o", out, "--pipeline", pipeline, *columns)
    placed = "192 reviews belong to a restaurant: 192 by the business's id\n"
    assert (result.stdout, result.stderr) == ("", f"192 reviews annotated: {out}\n{placed}")
    first = as_json("find", "--cuisine", "italian", "--city", "phoenix", out)[0]
    house = bistro.restaurants()[first["restaurant_id"]]
    assert "italian" in house.cuisines
    assert (first["name"], first["city"]) == (house.name, house.city) == (house.name, "Phoenix")
    assert set(first) == {"restaurant_id", "name", "city", "reviews", "stars", "score", "parts", "quotes", "polarities"}
    assert "192 were annotated before" in good("annotate", path, "-o", out, "--pipeline", pipeline, *columns).stderr


def test_find(annotations, tmp_path):
    page = tmp_path / "page.html"
    table = good("find", "--cuisine", "Roman", "--city", "Phoenix", annotations, "--html", page, "-n", 1)
    assert "Trattoria Lucia" in table.stdout
    assert "italian restaurants in Phoenix" in table.stdout
    assert table.stderr == f"Roman is answered as italian\npage written to {page}\n"
    assert "Trattoria Lucia" in page.read_text("utf8")
    assert len(as_json("find", "--cuisine", "italian", annotations, "--limit", 3)) == 3
    assert as_json("find", "--cuisine", "italian", annotations) == Guide(annotations).find("italian", limit=10)


def test_cuisines_ingredients_and_what_is_discussed(annotations):
    guide = Guide(annotations)
    assert as_json("cuisines", annotations) == guide.cuisines()
    assert as_json("cuisines", annotations, "--city", "leeds") == guide.cuisines("Leeds")
    assert as_json("ingredients", "Mexican", annotations, "-n", 5) == guide.ingredients("mexican", 5)
    assert as_json("ingredients", "mexican", annotations, "--dishes") == guide.ingredients("mexican", label="DISH")
    assert as_json("discussed", annotations) == guide.discussed(limit=10)
    assert as_json("discussed", annotations, "--city", "Leeds", "-n", 3) == guide.discussed("Leeds", 3)
    assert "Trattoria Lucia" in good("cuisines", annotations).stdout
    assert "lift" in good("ingredients", "mexican", annotations).stdout
    assert "Leeds" in good("discussed", annotations, "--city", "Leeds").stdout
    assert "elsewhere" not in good("discussed", annotations).stdout


def test_the_end_of_the_list_is_said(annotations):
    everything = as_json("find", "--cuisine", "japanese", annotations, "-n", 999, "--min-score", 0)
    result = good("find", "--cuisine", "japanese", annotations, "-n", 999, "--json")
    found = json.loads(result.stdout)
    assert found == [row for row in everything if row["score"] >= MIN_SCORE]
    below = len(everything) - len(found)
    assert result.stderr == f"left out: {below} more, with a score below 4; --min-score 0 shows them\n"
    assert good("find", "--cuisine", "japanese", annotations, "-n", 999, "--min-score", 0).stderr == ""
    assert good("find", "--cuisine", "japanese", annotations, "-n", 1).stderr == ""
    assert "below 1000; --min-score 0" in good("find", "--cuisine", "japanese", annotations, "--min-score", 1000).stderr


@pytest.mark.parametrize("asked", ["Roman", "bbq", "keralan", "Kerala style"])
def test_which_cuisine_is_answered_for_is_said(asked, annotations):
    answered = Guide(annotations).cuisine(asked)
    for command in (("find", "--cuisine", asked, "--min-score", 0), ("ingredients", asked)):
        result = good(*command, annotations, "--json")
        is_said = asked != "keralan"
        assert (f"{asked} is answered as {answered}\n" in result.stderr) == is_said
        assert all(row.get("answered_as") == (answered if is_said else None) for row in json.loads(result.stdout))


def test_known_cuisines_and_ones_own(annotations, tmp_path):
    (tmp_path / "mine.toml").write_text('[manx]\nparent = "british"\nnames = ["manx"]\ndishes = ["fish and chips", "crab"]\n')
    own = ("--cuisines", tmp_path / "mine.toml")
    known = {row["cuisine"]: row for row in as_json("cuisines", "--known")}
    assert known == {row["cuisine"]: row for row in lexicon().summary()}
    expected = {"cuisine": "manx", "parent": "british", "names": 1, "dishes": 2, "ingredients": 0, "name_clues": 0}
    assert [row for row in as_json("cuisines", "--known", *own) if row["cuisine"] not in known] == [expected]
    table = good("cuisines", "--known", *own).stdout
    assert "manx" in table
    assert "parent" in table
    assert as_json("find", "--cuisine", "manx", "--min-score", 0, annotations, *own)
    assert as_json("cuisines", annotations, *own)
    assert as_json("ingredients", "italian", annotations, *own)
    assert palate("find", "--cuisine", "manx", annotations).exit_code == 2


def test_dishes_are_called_so(annotations):
    assert set(as_json("ingredients", "mexican", annotations, "--dishes")[0]) == {"dish", "lift", "reviews"}
    table = good("ingredients", "mexican", annotations, "--dishes").stdout
    assert "dish" in table
    assert "ingredient" not in table


def test_reviews_to_come_are_told_of_on_stderr(annotations, tmp_path):
    shutil.copytree(annotations, tmp_path / "out")
    (tmp_path / "out" / "documents-000000300-000000384.parquet").unlink()
    for command in (("find", "--cuisine", "thai"), ("cuisines",), ("ingredients", "thai"), ("discussed",)):
        result = good(*command, tmp_path / "out", "--json")
        assert result.stderr.startswith("not annotated yet: 84 reviews")
        assert result.stderr.count("not annotated yet") == 1
        json.loads(result.stdout)


def test_stars_that_are_no_number_are_counted_and_columns_have_any_name(pipeline, tmp_path):
    rows = [{"text": "Pasta.", "Rating": stars, "Time": "May 25, 2019"} for stars in ("4.5/5", "NEW", None)]
    result = good(
        *("annotate", write(tmp_path / "r.jsonl", rows), "-o", tmp_path / "out", "--pipeline", pipeline),
        *("--stars-column", "Rating", "--date-column", "Time"),
    )
    assert "reviews whose stars are no number: 1; questions about stars leave them out\n" in result.stderr
    kept = Guide(tmp_path / "out").tables.rows("SELECT stars, date FROM documents ORDER BY id")
    assert str([row["stars"] for row in kept]) == "[4.5, nan, None]"
    assert {row["date"] for row in kept} == {"May 25, 2019"}


def test_what_is_too_long_is_named_and_the_rest_kept(pipeline, tmp_path):
    rows = [{"id": "a", "text": "Pasta."}, {"id": "endless", "text": "pasta " * 200_000}, {"id": "b", "text": "Tacos."}]
    result = palate("annotate", write(tmp_path / "r.jsonl", rows), "-o", tmp_path / "out", "--pipeline", pipeline, "--json")
    assert result.exit_code == 1
    placed = {"by_id": 0, "by_name": 0, "by_link": 0, "unplaced": 3, "base": ""}
    counts = {"reviews": 3, "before": 0, "failed": ["endless"], "other_language": 0, "stars_unread": 0, "placed": placed}
    assert json.loads(result.stdout) == counts
    assert result.stderr.splitlines()[2:] == ["too long for the pipeline, left without annotations: endless"]
    assert Guide(tmp_path / "out").missing == 0
    again = palate("annotate", tmp_path / "r.jsonl", "-o", tmp_path / "out", "--pipeline", pipeline)
    assert again.exit_code == 1
    assert again.stderr.splitlines()[1:] == result.stderr.splitlines()[1:]


def test_read(pipeline, tmp_path):
    result = as_json("read", TEXT, "--pipeline", pipeline)
    found = {row["text"]: row for row in result["entities"]}
    assert found["El Camino"]["link"] == found["El Camino"]["candidates"][0][0] == "el-camino-phoenix"
    assert (found["Mexican"]["label"], found["Mexican"]["link"]) == ("CUISINE", "mexican")
    assert found["carnitas"] == {"text": "carnitas", "label": "DISH", "link": "", "candidates": []}
    assert all(0 < weight <= 1 for _, weight in result["topics"])
    (tmp_path / "review.txt").write_text(TEXT)
    page = tmp_path / "page.html"
    for given, stdin in ((tmp_path / "review.txt", None), ("-", TEXT)):
        out = good("read", given, "--pipeline", pipeline, "--html", page, stdin=stdin).stdout
        assert "el-camino-phoenix" in out
        assert "<small>RESTAURANT → el-camino-phoenix</small>" in page.read_text("utf8")
    both = "The patio at El Camino was shut."
    linked = [
        as_json("read", both, "--pipeline", pipeline, "--city", city)["entities"][0]["link"] for city in ("Phoenix", "Portland")
    ]
    assert linked == ["el-camino-phoenix", "el-camino-portland"]


@pytest.mark.parametrize("text", ["", "\0", "\ud800", "<script>alert(1)</script>", "🌮" * 1000, "\n\n"])
def test_read_odd_texts(text, pipeline, tmp_path):
    stdin = text.encode("utf8", "surrogatepass")
    assert as_json_of(good("read", "-", "--pipeline", pipeline, "--html", tmp_path / "p.html", "--json", stdin=stdin)) == []
    assert "<script" not in (tmp_path / "p.html").read_text("utf8")


def as_json_of(result):
    return json.loads(result.stdout)["entities"]


def test_what_steers_a_terminal_is_not_printed(pipeline, tmp_path):
    rows = [{"text": "Pasta \x1b[2J\x9b31m\x07 here.", "name": "\x1b]0;Trattoria\x07\r", "city": "\x1b[31mLeeds"}]
    annotate(write(tmp_path / "r.jsonl", rows), tmp_path / "out", pipeline)
    for command in (("find", "--cuisine", "italian"), ("cuisines",), ("find", "--cuisine", "italian", "--city", "[31mLeeds")):
        out = good(*command, tmp_path / "out").stdout
        assert "Trattoria" in out
        assert not any(letter < " " or "\x7f" <= letter <= "\x9f" for letter in out.replace("\n", ""))


def test_similar(vectors):
    rows = as_json("similar", "tacos", "--pipeline", vectors, "-n", 5)
    assert len(rows) == 5
    assert [row["cosine"] for row in rows] == sorted((row["cosine"] for row in rows), reverse=True)
    assert "tacos" not in {row["word"] for row in rows}
    more = ["--add", "mexican", "--subtract", "japanese", "--pipeline", vectors]
    assert not {"sushi", "japanese", "mexican"} & {row["word"] for row in as_json("similar", "sushi", *more)}
    assert "cosine" in good("similar", "fish tacos", "--pipeline", vectors).stdout


def test_vectors_replace_old_ones_and_are_the_same_every_time(four, vectors, tmp_path):
    path = write(tmp_path / "reviews.jsonl", four[:100])
    spacy.blank("de").to_disk(tmp_path / "nlp")
    result = good("vectors", "fit", path, "-o", tmp_path / "nlp", "--width", 20)
    words = len(spacy.load(vectors).vocab.vectors)
    assert (result.stdout, result.stderr) == ("", f"vectors of {words} words written to {tmp_path / 'nlp'}\n")
    assert files(tmp_path / "nlp").keys() == {tmp_path / "nlp" / path.relative_to(vectors) for path in files(vectors)}
    assert (tmp_path / "nlp/vocab/vectors").read_bytes() == (vectors / "vocab/vectors").read_bytes()
    assert sorted(os.listdir(tmp_path)) == ["nlp", "reviews.jsonl"]


def test_restaurants_build(four, model_path, tmp_path):
    businesses = tmp_path / "businesses.csv"
    with open(businesses, "w", encoding="utf8", newline="") as file:
        csv.writer(file).writerows([("id", "name", "city"), *(house[:3] for house in bistro.restaurants().values())])
    out = tmp_path / "bistro.places"
    given = ["restaurants", "build", businesses, "--topics", model_path, "-o", out]
    figures = as_json(*given, "--reviews", write(tmp_path / "r.jsonl", four))
    assert figures["restaurants"] == len(bistro.restaurants())
    assert figures["cities"] == 4
    assert figures["names"] > 96
    nlp = spacy.blank("en")
    nlp.add_pipe("lda_topics").load(model_path)
    linker = nlp.add_pipe("restaurant_linker").load(out)
    with_reviews = linker.knowledge_base.profiles
    good(*given)
    assert linker.load(out).knowledge_base.profiles.shape == with_reviews.shape
    assert (linker.knowledge_base.profiles != with_reviews).any()


def test_reviews_without_a_restaurants_column(four, pipeline, tmp_path):
    rows = [{"id": row["id"], "text": row["text"]} for row in four[:40]]
    rows.append({"id": "fr", "text": "Très bon restaurant, le service est rapide et les plats sont délicieux."})
    path, out = write(tmp_path / "r.jsonl", rows), tmp_path / "out"
    said = good("annotate", path, "-o", out, "--pipeline", pipeline).stderr
    assert "by the restaurant that they link most" in said
    assert "belong to no restaurant that is known" in said
    assert "warning: the pipeline links to the invented restaurants of the demo" in said
    assert "reviews that are not in the pipeline's language: 1;" in said
    said = good("find", "--cuisine", "italian", out, "--json").stderr
    assert "by the restaurant that they link most" in said
    assert "warning: the pipeline links to the invented restaurants of the demo" in said


COLUMNS = {"business_id": "ref", "name": "Venue", "city": "Town", "text": "Comment"}


@pytest.mark.parametrize(
    ("fields", "used"),
    [
        (("business_id", "text"), 384),
        (("name", "city", "text"), 384),
        (("business_id", "name", "city", "text"), 384),
        (("text",), 0),
        (("city", "text"), 0),
    ],
)
def test_restaurants_build_says_how_many_reviews_it_used(fields, used, four, model_path, tmp_path):
    with open(tmp_path / "b.csv", "w", encoding="utf8") as file:
        writer = csv.writer(file)
        writer.writerow(["No.", "Title", "Place", "Sort"])
        writer.writerows([one.id, one.name, one.city, "; ".join(one.cuisines)] for one in bistro.restaurants().values())
    path = write(tmp_path / "r.jsonl", [{COLUMNS[field]: row[field] for field in fields} for row in four])
    command = ["restaurants", "build", tmp_path / "b.csv", "--topics", model_path, "-o", tmp_path / "base", "--reviews", path]
    command += ["--id-column", "No.", "--name-column", "Title", "--city-column", "Place", "--kind-column", "Sort"]
    options = {"text": "--review-text-column", "business_id": "--review-business-column"}
    options |= {"name": "--review-name-column", "city": "--review-city-column"}
    result = good(*command, *(word for field in fields for word in (options[field], COLUMNS[field])), "--json")
    figures = json.loads(result.stdout)
    assert (figures["restaurants"], figures["reviews"], figures["reviews_used"]) == (96, 384, used)
    assert f"{used} of 384 reviews used" in result.stderr


def test_restaurants_build_makes_no_restaurants_of_tax_offices(model_path, tmp_path):
    rows = [
        {"business_id": "1", "name": "Tax Now", "city": "Leeds", "categories": "Tax Services, Financial Services"},
        {"business_id": "2", "name": "Piccolo", "city": "Leeds", "categories": "Italian, Restaurants"},
    ]
    path = write(tmp_path / "business.json", rows)
    result = good("restaurants", "build", path, "--topics", model_path, "-o", tmp_path / "base", "--json")
    assert json.loads(result.stdout)["restaurants"] == 1
    assert "left out as no place to eat, by category or name: 1 business\n" in result.stderr


def test_annotate_does_not_offer_standard_input():
    assert "standard input" not in good("annotate", "--help").stdout


def read(*more):
    return ("read", TEXT, "--pipeline", "nlp", *more)


def ann(*more):
    return ("annotate", "r.jsonl", "-o", "new", "--pipeline", "nlp", *more)


FIND = ("find", "--cuisine", "italian")
BUILD = ("restaurants", "build", "b.csv", "--topics", "m.topics", "-o", "new")
DAMAGE = [
    # the command, words of the message
    (ann("--pipeline", "nowhere"), "T082"),
    (ann("--pipeline", "numpy"), "T082"),
    (ann("--pipeline", "r.jsonl"), "T082"),
    (ann("--pipeline", "cut"), "T011"),
    (ann("--processes", "0"), "T032"),
    (ann("--part-size", "0"), "T032"),
    (ann("--part-size", "many"), "--part-size"),
    (ann("--text-column", "body"), "no column 'body'; there are id, text"),
    (ann("--city-column", "town"), "no column 'town'"),
    (ann("-o", "r.jsonl"), "T084"),
    (ann("-o", "."), "T084"),
    (ann("-o", "nlp"), "T084"),
    (ann("-o", "ann"), "T080"),
    (ann("-o", "torn"), "T081"),
    (("annotate", "-", "-o", "new", "--pipeline", "nlp"), "T085"),
    (("annotate", "missing.jsonl", "-o", "new", "--pipeline", "nlp"), "missing.jsonl: No such file"),
    (("annotate", "broken.jsonl", "-o", "new", "--pipeline", "nlp"), "line 2: not JSON"),
    (("annotate", "r.jsonl", "--pipeline", "nlp"), "output"),
    ((*FIND, "nowhere"), "T081"),
    ((*FIND, "r.jsonl"), "T081"),
    ((*FIND, "torn"), "T081"),
    ((*FIND, "none"), "T087"),
    ((*FIND, "other"), "T086"),
    ((*FIND, "halved"), "T086"),
    ((*FIND, "--city", "Rome", "ann"), "T089"),
    ((*FIND, "--city", "'; DROP TABLE docs; --", "ann"), "T089"),
    ((*FIND, "--limit", "0", "ann"), "--limit"),
    (("find", "--cuisine", "itallien", "ann"), "did you mean italian"),
    (("find", "ann"), "cuisine"),
    (("find", "--cuisine", "italian", "ann", "--html", "."), "not a regular file"),
    ((*FIND, "ann", "--html", "ann/manifest.json"), "is the input"),
    ((*FIND, "ann", "--html", "ann/documents-000000000-000000002.parquet"), "is the input"),
    (("cuisines", "--city", "Rome", "ann"), "T089"),
    (("cuisines", "torn"), "T081"),
    (("cuisines",), "give a folder of annotations, or --known"),
    (("cuisines", "--known", "--cuisines", "r.jsonl"), "r.jsonl: not TOML"),
    (("cuisines", "ann", "--cuisines", "missing.toml"), "missing.toml: No such file"),
    ((*FIND, "ann", "--cuisines", "b.csv"), "b.csv: not TOML"),
    (("ingredients", "nothing", "ann"), "T088"),
    (("ingredients", "mexican", "none"), "T087"),
    (("discussed", "--city", "Rome", "ann"), "T089"),
    (("discussed", "bare"), "T090"),
    (read("--pipeline", "nowhere"), "T082"),
    (read("--html", "."), "not a regular file"),
    (read("--html", "loop"), "Symlink loop"),
    (("read", "t.txt", "--pipeline", "nlp", "--html", "t.txt"), "is the input"),
    (("read", "long.txt", "--pipeline", "nlp"), "[E088]"),
    (("read", "reviwe.txt", "--pipeline", "nlp"), "reviwe.txt: no such file"),
    (("read", TEXT, "--pipeline", "blank", "--html", "new"), "T075"),
    (("similar", "pasta", "--pipeline", "blank"), "T061"),
    (("similar", "pasta", "--pipeline", "nowhere"), "T082"),
    (("similar", "pastaa", "--pipeline", "vectors"), "T062"),
    (("similar", "", "--pipeline", "vectors"), "T062"),
    (("similar", "pasta", "--add", "xyzzyx", "--pipeline", "vectors"), "T062"),
    (("vectors", "fit", "r.jsonl", "-o", "r.jsonl"), "cannot write to 'r.jsonl'"),
    (("vectors", "fit", "r.jsonl", "-o", "."), "cannot write to '.'"),
    (("vectors", "fit", "r.jsonl", "-o", "ann"), "cannot write to 'ann'"),
    (("vectors", "fit", "r.jsonl", "-o", "loop"), "Symlink loop"),
    (("vectors", "fit", "nlp/r.jsonl", "-o", "nlp"), "nlp holds the input"),
    (("vectors", "fit", "missing.jsonl", "-o", "new"), "missing.jsonl: No such file"),
    (("vectors", "fit", "broken.jsonl", "-o", "new"), "line 2: not JSON"),
    (("vectors", "fit", "r.jsonl", "-o", "new", "--width", "1"), "--width"),
    (("vectors", "fit", "r.jsonl", "-o", "new", "--seed", "-1"), "--seed"),
    ((*BUILD[:2], "r.jsonl", *BUILD[3:]), "no column 'name'"),
    ((*BUILD, "--id-column", "no"), "no column 'no'; there are id, name: which one holds the id?"),
    ((*BUILD[:2], "empty.csv", *BUILD[3:]), "T076"),
    ((*BUILD[:4], "missing.topics", *BUILD[5:]), "missing.topics: No such file"),
    ((*BUILD[:4], "b.csv", *BUILD[5:]), "T010"),
    ((*BUILD[:-1], "b.csv"), "is the input"),
    ((*BUILD[:-1], "m.topics"), "is the input"),
    ((*BUILD, "--reviews", "new.jsonl"), "new.jsonl: No such file"),
    ((*BUILD[:-1], "r.jsonl", "--reviews", "r.jsonl"), "is the input"),
]


@pytest.fixture(scope="module")
def workplace(pipeline, vectors, model_bytes, tmp_path_factory):
    """A folder with what the commands are given, whole and damaged."""
    folder = tmp_path_factory.mktemp("workplace")
    write(folder / "r.jsonl", [{"id": "1", "text": "Pasta, Trattoria Lucia.", "city": "Leeds"}, {"id": "2", "text": "Tacos."}])
    (folder / "broken.jsonl").write_text('{"text": "a"}\n{')
    (folder / "b.csv").write_text("id,name\na,Home\n")
    (folder / "empty.csv").write_text("id,name\na,\n")
    (folder / "t.txt").write_text(TEXT)
    (folder / "long.txt").write_text("pasta " * 200_000)
    (folder / "m.topics").write_bytes(model_bytes)
    (folder / "loop").symlink_to("loop")
    spacy.blank("en").to_disk(folder / "blank")
    shutil.copytree(pipeline, folder / "nlp")
    shutil.copytree(vectors, folder / "vectors")
    shutil.copytree(pipeline, folder / "cut")
    os.truncate(folder / "cut" / "lda_topics" / "model", 99)
    for name in ("ann", "torn", "none", "other", "halved"):
        annotate(folder / "r.jsonl", folder / name, folder / "nlp")
    write(folder / "more.jsonl", [{"text": "Tacos."}])
    annotate(folder / "more.jsonl", folder / "bare", folder / "blank")
    shutil.rmtree(folder / "ann")
    annotate(folder / "r.jsonl", folder / "ann", folder / "nlp", part_size=2)
    shutil.copy(folder / "r.jsonl", folder / "nlp" / "r.jsonl")  # another pipeline from now on
    part = "documents-000000000-000000002.parquet"
    (folder / "torn" / "manifest.json").write_text("{")
    (folder / "none" / part).unlink()
    shutil.copy(folder / "other" / "restaurants.parquet", folder / "other" / part)
    os.truncate(folder / "halved" / part, 300)
    return folder


@pytest.mark.parametrize(("command", "message"), DAMAGE)
def test_a_mistake_is_one_line_and_nothing_is_touched(command, message, workplace, monkeypatch):
    monkeypatch.chdir(workplace)
    before = files(".")
    result = palate(*command)
    assert result.exit_code == 2, result.output
    assert message in result.stderr
    assert result.stdout == ""
    assert "Usage" in result.stderr or result.stderr.count("\n") == 1
    assert files(".") == before
    assert not Path("new").exists()


@pytest.mark.parametrize("command", [ann("-o", "r.jsonl/new"), ("vectors", "fit", "r.jsonl", "-o", "r.jsonl/new")])
def test_a_place_where_nothing_can_be_written_is_one_line(command, workplace, monkeypatch):
    monkeypatch.chdir(workplace)
    before = files(".")
    result = palate(*command)
    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1
    assert "Not a directory" in result.stderr
    assert files(".") == before


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_permission_is_one_line(workplace, tmp_path, monkeypatch):
    monkeypatch.chdir(workplace)
    tmp_path.chmod(0o500)
    for command in (ann("-o", tmp_path), ("vectors", "fit", "r.jsonl", "-o", tmp_path / "new")):
        result = palate(*command)
        assert result.exit_code == 1
        assert "Permission denied" in result.stderr
        assert result.stderr.count("\n") == 1


# Of the files that a run writes, the limit stops: the manifest, what DuckDB writes, what DuckDB reads, the same in a worker.
FULL = [("new", 100, 1), ("begun", 100, 1), ("begun", 1000, 1), ("begun", 1000, 2)]


@pytest.mark.parametrize(("there", "size", "processes"), FULL)
def test_a_full_disk_is_one_line_and_the_run_goes_on_later(there, size, processes, four, tmp_path):
    """Files of so many bytes at most, which is how a full disk looks to who writes."""
    path, out = write(tmp_path / "r.jsonl", four[:60]), tmp_path / "out"
    spacy.blank("en").to_disk(tmp_path / "nlp")
    command = ("annotate", path, "-o", out, "--pipeline", tmp_path / "nlp", "--part-size", 30)
    if there == "begun":
        good(*command)
        for part in (*out.glob("documents-*"), *out.glob("mentions-*")):
            part.unlink()

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    result = run(*command, "--processes", processes, preexec_fn=limit)
    assert result.returncode == 1
    assert result.stderr.count("\n") == 1
    assert "File too large" in result.stderr
    good(*command)
    assert sum(house["reviews"] for house in Guide(out).restaurants) == 60


@pytest.mark.parametrize(
    "command", ["annotate", "find", "cuisines", "ingredients", "discussed", "read", "similar", "vectors", "restaurants"]
)
def test_help_ends_in_0_and_shows_a_command(command):
    assert "Usage" in good(command, "--help").stdout
    if command not in ("vectors", "restaurants"):
        assert f"palate {command} " in good(command, "--help").stdout


def test_results_on_stdout_messages_on_stderr(annotations, tmp_path):
    result = run(*FIND, annotations, "--json", "--html", tmp_path / "p.html")
    assert result.returncode == 0
    assert json.loads(result.stdout)
    assert result.stderr.startswith(f"page written to {tmp_path / 'p.html'}\n")


def test_the_manifest_says_what_the_folder_is_of(annotations):
    manifest = Manifest.read(annotations)
    assert (manifest.rows, manifest.part_size) == (384, 100)
    assert manifest.parts == [(0, 100), (100, 200), (200, 300), (300, 384)]
    assert len(manifest.input) == len(manifest.pipeline) == 64


def test_a_reader_that_stops_early_is_no_error(annotations):
    command = f"{sys.executable} -m palate ingredients mexican {annotations} --json | head -1"
    result = subprocess.run(["bash", "-c", command], capture_output=True, text=True)
    assert result.stdout == "[\n"
    assert result.stderr == ""
