"""A hook of mkdocs: brings pages into the site that stand elsewhere in the repository, and makes links between all of them.

A page under docs/ links to files of the repository by their paths, so that the links work in a checkout, too. In the site a
link to a file that is a page there leads to it; of a link to any other file, the text is left.
"""

import logging
import os
import re
from pathlib import Path, PurePosixPath
from typing import Any

ROOT = Path(__file__).parents[1]
LESSONS = ("mixtures", "lda", "reviews", "gan")
# Where a page of the site comes from, by its path in the site.
SOURCES = {
    "contributing.md": "CONTRIBUTING.md",
    "changelog.md": "CHANGELOG.md",
    "results/benchmarks.md": "benchmarks/RESULTS.md",
    "results/restaurants.md": "projects/restaurants/RESULTS.md",
    "results/topics.md": "projects/topics/RESULTS.md",
    "results/faces.md": "projects/faces/RESULTS.md",
    **{f"lessons/{name}.md": f"projects/notebooks/{name}.md" for name in LESSONS},
}
# How a block is coloured, where the word after its fence says when the tests run it (CONTRIBUTING.md).
_COLOURED = {"console": "bash", "sh": "bash", "shell": "bash", "py": "python"}
_BUILT = ROOT / "build" / "lessons"  # `make docs` writes them there, with what their code shows
_PAGES = {path: uri for uri, path in SOURCES.items()}
_FENCE = re.compile(r"(^ *```.*?^ *```$)", re.M | re.S)
_KIND = re.compile(r"^( *```)(\w+)")
_LINK = re.compile(r"(?<!!)\[(?P<text>[^\[\]]*(?:\[[^\[\]]*\][^\[\]]*)?)\]\((?P<target>[^()\s#]+)(?P<anchor>#[^()\s]*)?\)")
_log = logging.getLogger("mkdocs.hooks.pages")


def on_files(files: Any, config: Any, **kwargs: Any) -> Any:
    """Called by mkdocs with the files of the site."""
    from mkdocs.structure.files import File

    for uri, path in SOURCES.items():
        if not uri.startswith("lessons/"):
            files.append(File.generated(config, uri, abs_src_path=str(ROOT / path)))
    missing = [name for name in LESSONS if not (_BUILT / f"{name}.md").exists()]
    if missing:
        _log.warning("lessons that have not been run: %s (`make docs` runs them)", ", ".join(missing))
    for path in sorted(_BUILT.glob("*")):
        if path.stem.split("_")[0] in LESSONS and path.suffix != ".log":
            files.append(File.generated(config, f"lessons/{path.name}", abs_src_path=str(path)))
    return files


def on_page_markdown(markdown: str, page: Any, files: Any, **kwargs: Any) -> str:
    """Called by mkdocs for each page."""
    uri = page.file.src_uri
    source = SOURCES.get(uri, f"docs/{uri}")
    parts = _FENCE.split(markdown)
    parts[::2] = [_LINK.sub(lambda link: _linked(link, uri, source), part) for part in parts[::2]]
    parts[1::2] = [_KIND.sub(lambda kind: kind[1] + _COLOURED.get(kind[2], kind[2]), part) for part in parts[1::2]]
    return "".join(parts)


def _linked(link: re.Match, uri: str, source: str) -> str:
    """A link as the site has it."""
    target = link["target"]
    if ":" in target or target.startswith("/"):
        return link[0]
    path = os.path.normpath(PurePosixPath(source).parent / target)
    there = _PAGES.get(path) or (path.removeprefix("docs/") if path.startswith("docs/") else None)
    if there is not None:
        return f"[{link['text']}]({os.path.relpath(there, PurePosixPath(uri).parent)}{link['anchor'] or ''})"
    if (ROOT / path).exists():
        return link["text"]
    return link[0]  # mkdocs says that it leads nowhere
