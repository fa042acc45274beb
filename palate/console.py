"""What the command prints: tables and JSON on standard output, messages on standard error."""

import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

import typer

_WIDTH = 120  # width of tables that go to a file or another program
_CONTROL = dict.fromkeys([*range(10), *range(11, 32), *range(127, 160)], " ")  # in a review they could control the terminal


def print_table(
    rows: Sequence[Mapping[str, Any]],
    title: str,
    columns: Mapping[str, str] | None = None,
    formats: Mapping[str, str] | None = None,
) -> None:
    """Print records as a table; columns of numbers are aligned right. Where there are none, standard error says so.

    rows (Sequence): records.
    title (str): the title above the table.
    columns (Mapping | None): key -> heading, for the columns to show; None shows all, with their keys as headings.
    formats (Mapping | None): key -> format specification of its numbers; by default three decimals.
    """
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    if not rows:
        say(f"{title}: none")
        return
    columns = columns or {key: key.replace("_", " ") for key in rows[0]}
    table = Table(title=Text(title), title_justify="left", title_style="bold")
    for key, heading in columns.items():
        table.add_column(Text(heading), justify="right" if _is_numeric(rows, key) else "left", overflow="fold")
    for row in rows:
        cells = (_cell(row[key], (formats or {}).get(key, "")) for key in columns)
        table.add_row(*(Text(cell.translate(_CONTROL)) for cell in cells))
    Console(width=None if sys.stdout.isatty() else _WIDTH, highlight=False).print(table)


def _is_numeric(rows: Sequence[Mapping[str, Any]], key: str) -> bool:
    values = [row[key] for row in rows if row[key] is not None]
    return bool(values) and all(isinstance(value, int | float) for value in values)


def _cell(value: Any, format: str) -> str:
    """The text of a value in a table: "–" for None and NaN; the items of a list separated by commas."""
    if value is None or value != value:
        return "–"
    if isinstance(value, list | tuple):
        return ", ".join(f"{item:.2g}" if isinstance(item, float) else str(item) for item in value)
    if isinstance(value, str | bool):
        return str(value)
    return f"{value:{format or ('' if isinstance(value, int) else '.0f' if abs(value) >= 100 else '.3f')}}"


def show(
    rows: Sequence[Mapping[str, Any]],
    title: str,
    as_json: bool,
    columns: Mapping[str, str] | None = None,
    formats: Mapping[str, str] | None = None,
) -> None:
    """Print records as JSON, with all their values, or as a table.

    rows (Sequence): records.
    title (str): see `print_table`.
    as_json (bool): print JSON.
    columns (Mapping | None): see `print_table`.
    formats (Mapping | None): see `print_table`.
    """
    if as_json:
        print_json(rows)
    else:
        print_table(rows, title, columns, formats)


def export(rows: Sequence[Any], path: Path | None) -> None:
    """Write records as a CSV file, with all their values, if one is asked for.

    rows (Sequence): records.
    path (Path | None): the file, or None.
    """
    from corpora.tables import write_csv

    if path:
        write_csv(rows, path)
        say(f"table written to {path}")


def print_json(value: Any) -> None:
    """Print a value as JSON; NaN, which JSON does not have, becomes null.

    value (Any): the value.
    """
    text = json.dumps(value, ensure_ascii=False, indent=1)
    print_line(json.dumps(json.loads(text, parse_constant=lambda _: None), ensure_ascii=False, indent=1))


def print_line(line: str) -> None:
    """Print one line of results.

    line (str): the line.
    """
    typer.echo(line)


def say(message: str) -> None:
    """Print a message to standard error.

    message (str): the message.
    """
    typer.echo(message, err=True)


def has_terminal() -> bool:
    """Whether standard error is a terminal: progress bars are shown only there."""
    return sys.stderr.isatty()


def fail(message: str, code: int) -> NoReturn:
    """End the command with a message in one line.

    message (str): the message.
    code (int): the exit code.
    """
    say(f"palate: {message}")
    raise typer.Exit(code)


def one_line(error: Exception) -> str:
    """The message of an error, as one printable line of at most 500 characters.

    error (Exception): the error.
    """
    if isinstance(error, OSError) and error.strerror:
        text = f"{os.fsdecode(error.filename)}: {error.strerror}" if error.filename else error.strerror
    else:
        text = " ".join(str(error).split()) or type(error).__name__
    text = "".join(letter if letter.isprintable() else "?" for letter in text)
    return text if len(text) <= 500 else f"{text[:499]}…"
