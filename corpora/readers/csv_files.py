"""Reads CSV, separated by commas or semicolons, and TSV; the first line names the columns."""

import csv
from collections import Counter
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from corpora.errors import InputError
from corpora.readers import Row
from corpora.readers.text import opened


def read(path: Path, wanted: set[str], table: str = "") -> Iterator[Row]:
    """Read a file, see `rows.read_rows`.

    RAISES InputError: unbalanced quotation marks; a wanted column that is twice in the heading; more cells than columns.
    """
    csv.field_size_limit(2**30)  # a text may be longer than the csv module's limit of 128 KiB
    is_tsv = path.name.lower().removesuffix(".gz").endswith(".tsv")
    with opened(path, newline="") as file:
        lines = (line.replace("\0", "\ufffd") for line in file)
        first = next(lines, "")
        reader = csv.reader(chain([first], lines), delimiter="\t" if is_tsv else _delimiter(first), strict=True)
        try:
            heading = next(reader, [])
            _check_heading(heading, wanted, path)
            yield from _rows(reader, heading, path)
        except csv.Error as error:
            where = f"{path}, line {reader.line_num}"
            kind = "TSV" if is_tsv else "CSV"
            raise InputError(f"{where}: not {kind} ({error}): is a quotation mark unbalanced?") from None


def _rows(reader: Any, heading: list[str], path: Path) -> Iterator[Row]:
    for cells in reader:
        where = f"{path}, line {reader.line_num}"
        if not cells:
            continue
        if any(cells[len(heading) :]):
            extra = next(cell for cell in cells[len(heading) :] if cell)
            raise InputError(
                f"{where}: {len(cells)} cells, but the heading has {len(heading)} columns ({extra.strip()!r:.40} has none):"
                " put texts with commas into quotation marks"
            )
        yield where, dict.fromkeys(heading) | dict(zip(heading, cells, strict=False))


def _delimiter(heading: str) -> str:
    """A semicolon if the heading has more of them than commas, outside quotation marks; otherwise a comma.

    Spreadsheets write semicolons in countries with decimal commas.
    """
    outside = "".join(heading.split('"')[::2])
    return ";" if outside.count(";") > outside.count(",") else ","


def _check_heading(heading: list[str], wanted: set[str], path: Path) -> None:
    repeated = [name for name, count in Counter(heading).items() if count > 1 and name in wanted]
    if repeated:
        raise InputError(f"{path}: {heading.count(repeated[0])} columns are called {repeated[0]!r:.40}: rename all but one")
