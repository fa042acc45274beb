"""The two commands of the README in a fresh clone, and the wheel in an empty folder."""

import json
import os
import subprocess
import sys
import time

import pytest
from doc_pages import blocks, lay_photos
from helpers import execute, install

from image_gan.enhance.models import shipped

pytestmark = pytest.mark.slow

SCRIPT = """
import json, sys
import spacy
from corpora import bistro
topics = spacy.blank("en").add_pipe("lda_topics", config={"num_topics": 5})
topics.fit([review.text for review in bistro.reviews()])
print(json.dumps([__import__(name).__file__ for name in ("palate", "corpora", "spacy_topics")]))
"""


STRANGERS = """Review Text;Place;Town
"Carnitas tacos with a smoky salsa. Best taqueria in town, and the horchata is cold.";Casa Nueve;Guadalajara
"They ran out of corn tortillas by eight. The mole poblano is worth it.";Casa Nueve;Guadalajara
"Ricotta gnocchi, then cacio e pepe, and a tiramisu.";Da Piero;Guadalajara
"Proper carbonara with guanciale, and the pizza has burrata.";Da Piero;Guadalajara
"""


def test_demo_from_nothing_and_again(checkout, fresh_environment):
    start = time.monotonic()
    out = execute(["make", "demo", f"PYTHON={sys._base_executable}"], cwd=checkout, env=fresh_environment)
    first = time.monotonic() - start
    assert "Trattoria Lucia" in out
    assert {"map.html", "review.html", "italian.html", "bistro.jpg", "bistro_compare.jpg"} <= {
        path.name for path in (checkout / "demo").iterdir()
    }
    start = time.monotonic()
    assert "Trattoria Lucia" in execute(["make", "demo"], cwd=checkout, env=fresh_environment)
    print(f"make demo: {first:.0f} s, then {time.monotonic() - start:.0f} s")


def test_wheel_from_an_empty_folder(checkout, fresh_environment, tmp_path):
    execute([sys.executable, "-m", "build", "--wheel", "--outdir", str(tmp_path / "dist"), str(checkout)])
    (wheel,) = (tmp_path / "dist").iterdir()
    names = execute([sys.executable, "-m", "zipfile", "-l", str(wheel)])
    assert "corpora/bistro/reviews/leeds-1.md" in names
    assert "palate/command.py" in names
    assert all(f"{name}/py.typed" in names for name in ("palate", "corpora", "spacy_topics", "image_gan"))
    assert "en_palate_bistro.egg-info/PKG-INFO" in names
    assert "cli.py" not in names
    assert "tests/" not in names
    assert "projects/" not in names
    execute([sys._base_executable, "-m", "venv", str(tmp_path / "venv")], env=fresh_environment)
    python, palate = (str(tmp_path / "venv" / "bin" / name) for name in ("python", "palate"))
    lock = str(checkout / "requirements" / "text.txt")
    install(python, "-c", lock, f"{wheel}[text]", env=fresh_environment)
    empty = tmp_path / "empty"
    empty.mkdir()
    out = execute([python, "-c", SCRIPT], cwd=empty, env=fresh_environment)
    assert out.count("site-packages") == 3
    execute([palate, "corpus", "bistro", "-o", "r.jsonl"], cwd=empty, env=fresh_environment)
    execute(
        [palate, "topics", "fit", "r.jsonl", "-o", "m.topics", "-k", "5", "--trainer.iterations", "50"],
        cwd=empty,
        env=fresh_environment,
    )
    assert "salsa" in execute([palate, "topics", "describe", "m.topics", "Tacos and salsa"], cwd=empty, env=fresh_environment)
    shipped = "import spacy; print(spacy.load('en_palate_bistro')('We went to KFC in Leeds.').ents)"
    assert execute([python, "-c", shipped], cwd=empty, env=fresh_environment).strip() == "(KFC, Leeds)"
    (empty / "mine.csv").write_text(STRANGERS, "utf8")
    columns = ["--text-column", "Review Text", "--name-column", "Place", "--city-column", "Town"]
    execute([palate, "annotate", "mine.csv", "-o", "mine", *columns], cwd=empty, env=fresh_environment)
    found = json.loads(execute([palate, "find", "--cuisine", "italian", "--json", "mine"], cwd=empty, env=fresh_environment))
    assert [row["name"] for row in found] == ["Da Piero"]


def test_spacy_package(checkout, fresh_environment, tmp_path):
    """A pipeline with topics becomes a package that requires palate, installs and gives the same answer."""
    make = SCRIPT + "\nnlp = topics.nlp; nlp.meta['name'] = 'bistro_topics'; nlp.to_disk('pipeline')"
    make += "\nprint(nlp('Tacos and salsa.')._.topics)"
    expected = execute([sys.executable, "-c", make], cwd=tmp_path).splitlines()[-1]
    (tmp_path / "out").mkdir()
    execute([sys.executable, "-m", "spacy", "package", "pipeline", "out", "--build", "wheel"], cwd=tmp_path)
    (wheel,) = (tmp_path / "out").glob("*/dist/*.whl")
    assert "Requires-Dist: palate" in execute(["unzip", "-p", str(wheel), "*/METADATA"])
    execute([sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(tmp_path / "site"), str(wheel)])
    use = "import spacy; print(spacy.load('en_bistro_topics')('Tacos and salsa.')._.topics)"
    assert (
        execute([sys.executable, "-c", use], env={**fresh_environment, "PYTHONPATH": str(tmp_path / "site")}).strip()
        == expected
    )


def test_the_bare_install_says_which_extra_is_missing(checkout, fresh_environment, tmp_path):
    execute([sys._base_executable, "-m", "venv", str(tmp_path / "venv")], env=fresh_environment)
    python = str(tmp_path / "venv" / "bin" / "python")
    install(python, "-c", str(checkout / "requirements" / "text.txt"), str(checkout), env=fresh_environment)
    help_text = execute([python, "-m", "palate", "--help"], cwd=tmp_path, env=fresh_environment)
    assert "topics" in help_text
    (tmp_path / "r.jsonl").write_text('{"text": "tacos"}\n')
    command = [python, "-m", "palate", "topics", "fit", "r.jsonl", "-o", "m.topics"]
    result = subprocess.run(command, cwd=tmp_path, env=fresh_environment, capture_output=True, text=True)
    assert result.returncode == 2
    assert result.stderr == f"palate: spacy is not installed: pip install '{checkout}[text]'\n"


def test_enhancing_with_the_images_extra_alone(checkout, fresh_environment, tmp_path):
    execute([sys._base_executable, "-m", "venv", str(tmp_path / "venv")], env=fresh_environment)
    python, palate = (str(tmp_path / "venv" / "bin" / name) for name in ("python", "palate"))
    lock = str(checkout / "requirements" / "images.txt")
    install(python, "-c", lock, f"{checkout}[images]", env=fresh_environment)
    there = execute([python, "-m", "pip", "list", "--format", "freeze"], env=fresh_environment).lower()
    assert not [name for name in ("tensorflow", "keras", "spacy", "onnx", "scipy") if f"\n{name}" in there]
    empty = tmp_path / "empty"
    empty.mkdir()
    lay_photos(empty)
    block = blocks("docs/pictures.md", "bash")[0]
    path = os.pathsep.join([os.path.dirname(palate), os.environ["PATH"]])
    out = execute(["bash", "-e", "-c", block.code], cwd=empty, env={**fresh_environment, "PATH": path, "COLUMNS": "120"})
    assert all(name in out for name in ("photo_enhanced.jpg", *shipped()))
    assert {path.name for path in empty.iterdir()} == {"photo.jpg", "photo_enhanced.jpg", "holiday", "clean", "page.html"}
    use = "import numpy; from image_gan import Enhancer; print(Enhancer('x2')(numpy.ones((9, 9), 'u1')).shape)"
    assert execute([python, "-c", use], cwd=empty, env=fresh_environment) == "(18, 18)\n"
