"""Run a lesson and write it as a page: its text, its code, and what the code shows.

    python docs/lessons.py projects/notebooks/lda.md -o build/lessons

writes build/lessons/lda.md, with pictures and pages beside it. `make docs` runs it for each lesson, where the lesson or the
code changed.
"""

import argparse
import html
import os
import re
import tempfile
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jupytext
from nbclient import NotebookClient

ROOT = Path(__file__).parents[1]
_HEIGHT = re.compile(r'<iframe[^>]*?height="(?P<height>\d+)"', re.S)
_PAGE = re.compile(r'src="data:text/html;base64,(?P<data>[^"]+)"')


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lesson", type=Path)
    parser.add_argument("-o", "--output", type=Path, required=True)
    given = parser.parse_args()
    given.output.mkdir(parents=True, exist_ok=True)
    for path in given.output.glob(f"{given.lesson.stem}_*"):
        path.unlink()
    page = "\n\n".join(markdown(executed(given.lesson), given.output, given.lesson.stem))
    (given.output / given.lesson.name).write_text(page + "\n", "utf8")


def executed(lesson: Path) -> Any:
    """The notebook of a lesson with its outputs; what it writes goes to a folder that is removed."""
    notebook = jupytext.read(lesson)
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    with tempfile.TemporaryDirectory() as folder:
        client = NotebookClient(notebook, timeout=1800, kernel_name="python3", resources={"metadata": {"path": folder}})
        client.execute(env={**os.environ, "PYTHONPATH": path})
    return notebook


def markdown(notebook: Any, folder: Path, name: str) -> Iterator[str]:
    """The blocks of a page; pictures and pages that are shown are written into the folder, beside it.

    notebook (NotebookNode): executed.
    folder (Path): where files go.
    name (str): how their names begin.
    """
    number = 0
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            yield cell.source
            continue
        yield f"```python\n{cell.source}\n```"
        for output in cell.outputs:
            number += 1
            if output.output_type == "stream" and output.name == "stdout":
                yield _text(output.text)
            elif output.output_type in ("display_data", "execute_result"):
                yield _shown(output.data, folder, f"{name}_{number}")


def _shown(data: Any, folder: Path, name: str) -> str:
    """One thing that a cell shows: a picture, a page in a frame, a table, or text."""
    if "image/png" in data:
        (folder / f"{name}.png").write_bytes(b64decode(data["image/png"]))
        return f"![]({name}.png)"
    shown = data.get("text/html", "")
    if page := _PAGE.search(shown):
        data = b64decode(page["data"])
        (folder / f"{name}.html").write_bytes(data)
        height = int(_HEIGHT.search(shown)["height"])
        frame = f'<iframe src="{name}.html" style="width: 100%; height: {height}px"></iframe>'
        frame = f'<div class="frame" style="height: {height}px">{frame}</div>'
        return f'{frame}\n\n<a href="{name}.html">The page by itself</a>'
    if "<table" in shown:
        return f'<div class="output" markdown="0">\n{_table(shown)}\n</div>'
    return _text(data["text/plain"])


def _table(shown: str) -> str:
    """A table of pandas without its style sheet and without empty lines, which would end the HTML."""
    shown = re.sub(r"<style.*?</style>", "", shown, flags=re.S).replace(' border="1"', "")
    shown = re.sub(r"<td>(?=-?[\d.]+%?</td>)", '<td class="number">', shown)
    return "\n".join(line for line in shown.splitlines() if line.strip())


def _text(text: str) -> str:
    return f'<pre class="output">{html.escape(text.rstrip(), quote=False)}</pre>'.replace("\n\n", "\n&#8203;\n")


if __name__ == "__main__":
    main()
