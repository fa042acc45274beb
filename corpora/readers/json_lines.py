"""Reads JSON lines: one object per line."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from corpora.errors import InputError
from corpora.readers import Row
from corpora.readers.text import opened

_ARRAY = "not a JSON object but an array; one object per line is expected, as `jq -c '.[]' FILE` writes them"


def read(path: Path, wanted: set[str], table: str = "") -> Iterator[Row]:
    """Read a file, see `rows.read_rows`."""
    with opened(path) as file:
        yield from read_stream(file, path)


def read_stream(lines: Iterable[str], source: str | Path) -> Iterator[Row]:
    """Read rows from lines.

    lines (Iterable): the lines; empty ones are skipped.
    source (str | Path): what messages call the file.
    RAISES InputError: a line that is not a JSON object, or not UTF-8.
    """
    number = 0
    try:
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield f"{source}, line {number}", _object(line, f"{source}, line {number}")
    except UnicodeDecodeError:
        raise InputError(f"{source}, line {number + 1}: not UTF-8: convert the text to UTF-8") from None


def _object(line: str, where: str) -> dict:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        what = "JSON nested too deep" if isinstance(error, RecursionError) else f"not JSON ({error!s:.80})"
        what = _ARRAY if line.strip() == "[" else f"{what}; one object per line is expected: {line.strip()!r:.60}"
        raise InputError(f"{where}: {what}") from None
    if isinstance(row, list):
        raise InputError(f"{where}: {_ARRAY}")
    if not isinstance(row, dict):
        raise InputError(f"{where}: not a JSON object; one object per line is expected: {line.strip()!r:.60}")
    return row
