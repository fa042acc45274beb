"""The code of README.md, CONTRIBUTING.md and docs/: found, and run in other processes by the tests that take minutes."""

import glob
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import NamedTuple

from helpers import ROOT

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
_FENCE = re.compile(
    r'^(?P<indent> *)```(?P<kind>\w*)(?: title="(?P<title>[^"]*)")?\n(?P<code>.*?)^(?P=indent)```$', re.MULTILINE | re.DOTALL
)


class Block(NamedTuple):
    """Fenced code: the word after the fence, the file that it is, "" if none, the code, and the line where it starts."""

    kind: str
    title: str
    code: str
    line: int


def blocks(page: Path | str, *kinds: str) -> list[Block]:
    """The blocks of a page, in their order; of these kinds, or all."""
    text = (ROOT / page).read_text("utf8")
    found = [
        Block(match["kind"], match["title"] or "", dedent(match["code"]), text[: match.start()].count("\n") + 2)
        for match in _FENCE.finditer(text)
    ]
    return [block for block in found if not kinds or block.kind in kinds]


def prose(page: Path) -> str:
    """A page without its blocks."""
    return _FENCE.sub("", page.read_text("utf8"))


def commands(block: Block) -> list[list[str]]:
    """The words of each command of a block, with names for patterns, seen from the present folder."""
    lines = [shlex.split(line, comments=True) for line in _lines(block)]
    return [[name for word in words for name in _names(word)] for words in lines if words]


def _lines(block: Block) -> list[str]:
    """The lines of a block; one that ends in a backslash goes on in the next."""
    return re.sub(r"\\\n\s*", "", block.code).splitlines()


def _names(word: str) -> list[str]:
    return sorted(glob.glob(word)) if "*" in word else [word]


def lay_photos(folder: Path) -> None:
    """What the pages on pictures take for given: a photo, and a folder of some."""
    for name in ("photo.jpg", "holiday/a.jpg", "holiday/sub/b.jpg"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "docs" / "bistro.jpg", folder / name)


def lay_pictures(folder: Path) -> None:
    """These, and somebody else's graph, which gives back what it gets."""
    from onnx import TensorProto, helper, save

    lay_photos(folder)
    given, made = (helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 3, None, None]) for name in "xy")
    graph = helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "same", [given], [made])
    save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), folder / "model.onnx")


def run_all(page: str, folder: Path, environment: dict[str, str], *kinds: str) -> dict[str, str]:
    """Run a page's blocks of these kinds, or all, in a folder, each in a process; those with a title are written in any case.

    RETURNS (dict): outputs, by command, or by page and line of the code.
    """
    outputs = {}
    for block in blocks(page):
        if block.title:
            (folder / block.title).write_text(block.code, "utf8")
        elif kinds and block.kind not in kinds:
            continue
        elif block.kind in ("python", "py"):
            outputs[f"{page}, line {block.line}"] = _run([sys.executable, "-c", block.code], folder, environment)
        elif block.kind in ("bash", "console", "sh"):
            for line in filter(None, (line.split("  #")[0].strip() for line in _lines(block))):
                script = f'palate() {{ "{sys.executable}" -m palate "$@"; }}\n{line}'
                outputs[line] = _run(["bash", "-e", "-o", "pipefail", "-c", script], folder, environment)
    return outputs


def _run(command: list[str], folder: Path, environment: dict) -> str:
    run = subprocess.run(command, cwd=folder, env=environment, capture_output=True, encoding="utf8", errors="replace")
    assert run.returncode == 0, command[-1] + run.stderr
    return run.stdout
