"""The command reference, made of the command itself: a hook of mkdocs that fills docs/reference/commands.md."""

import html
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

sys.path.insert(0, str(Path(__file__).parents[1]))  # mkdocs runs without palate installed

from palate.command import app

PAGE = "reference/commands.md"
_MARK = "<!-- commands -->"
_OURS = re.compile(r" \(default: (?P<default>[^()]*)\)\.$")  # what our own help says of a default
_NOTES = re.compile(r"\s*\[(?P<notes>[^\[\]]*)\]\s*$")  # what Typer adds to the help: [default: 20; x>=1] or [required]


def on_page_markdown(markdown: str, page: Any, **kwargs: Any) -> str:
    """Called by mkdocs for each page."""
    return markdown.replace(_MARK, reference()) if page.file.src_uri == PAGE else markdown


def reference() -> str:
    """All commands as Markdown."""
    return "\n".join(line for command in commands() for line in section(*command))


def commands() -> Iterator[tuple[str, Any, Any]]:
    """Name, command and context of each command, groups before what is in them."""
    root: Any = typer.main.get_command(app)
    yield from _below("palate", root, root.make_context("palate", [], resilient_parsing=True))


def _below(name: str, command: Any, context: Any) -> Iterator[tuple[str, Any, Any]]:
    yield name, command, context
    for word in getattr(command, "commands", {}):
        child = command.commands[word]
        yield from _below(f"{name} {word}", child, child.make_context(word, [], parent=context, resilient_parsing=True))


def section(name: str, command: Any, context: Any) -> Iterator[str]:
    """The Markdown of one command: heading, what it does, usage, arguments, options, examples."""
    yield f"{'##' if name.count(' ') < 2 else '###'} {name}\n"
    paragraphs = [" ".join(paragraph.split()) for paragraph in (command.help or "").split("\n\n")]
    examples = [paragraph for paragraph in paragraphs if paragraph.startswith("palate ")]
    for paragraph in paragraphs:
        if paragraph not in examples:
            yield _escaped(paragraph) + "\n"
    if name == "palate":
        yield from _options(command, context)
        return
    yield f"```text\n{' '.join([name, *command.collect_usage_pieces(context)])}\n```\n"
    if children := getattr(command, "commands", None):
        yield from (f"- [`{name} {child}`](#{slug(f'{name} {child}')})" for child in children)
        yield ""
        return
    yield from _options(command, context)
    if examples:
        yield '```text title="Examples"\n' + "\n".join(examples) + "\n```\n"


def _options(command: Any, context: Any) -> Iterator[str]:
    records = [(param, param.get_help_record(context)) for param in command.get_params(context)]
    for title, kind in (("Argument", "argument"), ("Option", "option")):
        rows = [record for param, record in records if record and param.param_type_name == kind and record[0] != "--help"]
        if rows:
            yield f"| {title} | Meaning | Default |\n|---|---|---|"
            yield from (_row(*record) for record in rows)
            yield ""


def _row(names: str, text: str) -> str:
    notes = _NOTES.search(text)
    told = notes["notes"].split("; ") if notes else []
    shown = [note if note == "required" else f"`{note.removeprefix('default: ')}`" for note in told]
    text = text[: notes.start()] if notes else text
    if ours := _OURS.search(text):
        shown.insert(0, _escaped(ours["default"]))
        text = text[: ours.start()] + "."
    return f"| `{names}` | {_escaped(text)} | {', '.join(shown)} |"


def _escaped(text: str) -> str:
    return html.escape(text, quote=False).replace("|", "\\|").replace("{", "&#123;")


def slug(heading: str) -> str:
    """The anchor that mkdocs gives a heading."""
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", heading).strip().lower())
