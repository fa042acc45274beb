"""The lessons of projects/notebooks, made notebooks by jupytext and run in a fresh kernel each."""

import os
import re
import resource
import subprocess
import sys
import time
from base64 import b64decode
from pathlib import Path

import jupytext
import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
_MISSING = r"this lesson needs {}: pip install '\.\[notebooks\]' in the checkout"
LESSONS = ROOT / "projects" / "notebooks"


def as_notebook(lesson, folder):
    command = [sys.executable, "-m", "jupytext", "--quiet", "--to", "notebook", str(LESSONS / f"{lesson}.md")]
    subprocess.run([*command, "-o", str(folder / f"{lesson}.ipynb")], check=True)
    return nbformat.read(folder / f"{lesson}.ipynb", as_version=4)


def execute(notebook, folder, *paths):
    """Run all cells in a kernel whose modules come from these folders first, then from this tree."""
    client = NotebookClient(notebook, timeout=900, kernel_name="python3", resources={"metadata": {"path": str(folder)}})
    client.execute(env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (*paths, ROOT)))})


def spent():
    """Seconds that processes which have ended used."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def run(lesson, folder):
    """What a lesson shows: its text, the number of its pictures, the pages in frames; and that it is done in three minutes."""
    notebook, start, before = as_notebook(lesson, folder), time.monotonic(), spent()
    execute(notebook, folder)
    seconds, processor = time.monotonic() - start, spent() - before
    print(f"{lesson}: {seconds:.0f} s, of a processor {processor:.0f} s")
    assert min(seconds, processor) < 180  # where others have the processors too, it waits
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error"]
    shown = [output.data for output in outputs if output.output_type in ("display_data", "execute_result")]
    text = "".join(output.text for output in outputs if output.get("name") == "stdout")
    text += "\n".join(data.get("text/plain", "") for data in shown)
    frames = [re.search('base64,([^"]+)', data["text/html"]) for data in shown if "<iframe" in data.get("text/html", "")]
    pictures = [b64decode(data["image/png"]) for data in shown if "image/png" in data]
    assert all(picture.startswith(b"\x89PNG") and len(picture) > 3000 for picture in pictures)
    return text, len(pictures), [b64decode(frame[1]).decode() for frame in frames]


def figures(pattern, text):
    return [float(figure) for figure in re.search(pattern, text).groups()]


def test_mixtures(tmp_path):
    text, pictures, _ = run("mixtures", tmp_path)
    assert pictures == 6
    assert 40 <= figures(r"(\d+)% of these are setosa", text)[0] <= 50
    low, high = figures(r"true proportion is (0\.\d+) to (0\.\d+)", text)
    assert 0.5 < low < 0.6 < high < 0.7


def test_lda(tmp_path):
    text, pictures, _ = run("lda", tmp_path)
    assert pictures == 2
    assert figures(r"found ones: (0\.\d+)", text)[0] > 0.95
    for trial, least, most in (("nothing broken", 0.95, 1), ("2 topics sought", 0.2, 0.4), ("one topic a document", 0.95, 1)):
        assert least < figures(rf"{trial} +([\d.]+)", text)[0] <= most
    (real, real_thrice), (drawn, thrice) = (
        figures(rf"{name}: largest topic (0\.\d+), a word three times in ([\d.]+)%", text) for name in ("real", "drawn")
    )
    assert real > drawn + 0.1
    assert real_thrice > thrice > 0


def test_reviews(tmp_path):
    text, pictures, pages = run("reviews", tmp_path)
    assert pictures == 1
    assert all(f", {phrase}, " in text for phrase in ("banh mi", "el camino", "harbor east", "god intended"))
    assert re.search(r"\['tacos: [^]]+, 0\.[1-9]", text)
    assert len(re.search(r"without a name:((?:\n  .+)*)", text)[1].splitlines()) <= 7  # one line is empty
    assert re.search(r"taco - mexican \+ italian: .*(spaghetti|lasagn[ae])", text)
    alone = dict(re.findall(r"'(name|mentions|topics|total)': (\d+)", text))
    assert 40 < int(alone["name"]) < int(alone["mentions"]) <= int(alone["total"]) <= 96
    assert int(alone["total"]) >= 90
    topic_map, review, guide = pages
    assert "Map of the topics" in topic_map
    assert review.count("<mark") > 10
    assert "Trattoria Lucia" in guide


def test_gan(tmp_path):
    text, pictures, _ = run("gan", tmp_path)
    assert pictures == 6
    assert re.search(r"high +adversarial", text)
    (psnr, sharp), (_, featured), (critic_psnr, critic_sharp) = (
        figures(rf"\n{re.escape(name)} +(\d+\.\d+) +(\d\.\d+)", text) for name in ("pixels", "+ features", "+ critic")
    )
    assert 24 < psnr < 32
    assert critic_psnr < psnr
    assert sharp < critic_sharp < 1.3
    assert 0.4 < featured < 1
    assert len(list((tmp_path / "results" / "runs").glob("*/0001/log.jsonl"))) == 4


NEEDED = {
    "mixtures": ("matplotlib", "pandas"),
    "lda": ("matplotlib", "spacy", "tomotopy"),
    "reviews": ("duckdb", "gensim", "sklearn"),
    "gan": ("cv2", "keras", "tensorflow"),
}


@pytest.mark.parametrize(("lesson", "module"), [(lesson, module) for lesson in NEEDED for module in NEEDED[lesson]])
def test_the_first_cell_says_which_extra_is_missing(lesson, module, tmp_path):
    first = next(cell for cell in jupytext.read(LESSONS / f"{lesson}.md").cells if cell.cell_type == "code")
    (tmp_path / f"{module}.py").write_text(f"raise ModuleNotFoundError('No module named {module}', name='{module}')\n")
    command = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n{first.source}"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 1
    assert re.fullmatch(_MISSING.format(module), result.stderr.splitlines()[-1])
    assert "Traceback" not in result.stderr


def test_a_notebook_stops_where_an_extra_is_missing(tmp_path):
    (tmp_path / "tomotopy.py").write_text("raise ModuleNotFoundError('No module named tomotopy', name='tomotopy')\n")
    notebook = as_notebook("lda", tmp_path)
    with pytest.raises(CellExecutionError):
        execute(notebook, tmp_path, tmp_path)
    said = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    (error,) = (output for output in said if output.output_type == "error")
    assert error.ename == "SystemExit"
    assert re.fullmatch(_MISSING.format("tomotopy"), error.evalue)
    assert not [output for output in said if output.output_type in ("display_data", "execute_result")]
