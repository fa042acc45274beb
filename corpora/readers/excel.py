"""Reads Excel workbooks (.xlsx) by openpyxl; the first row that is not empty names the columns."""

import datetime
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from corpora.errors import InputError
from corpora.extras import load
from corpora.readers import Row


def read(path: Path, wanted: set[str], table: str = "") -> Iterator[Row]:
    """Read a sheet, see `rows.read_rows`; without a name, the first sheet.

    RAISES InputError: the file is not a workbook; it has no such sheet; openpyxl is missing.
    """
    openpyxl = load("openpyxl")
    path.open("rb").close()  # raises the system's own error if the file does not exist
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except (openpyxl.utils.exceptions.InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        raise InputError(f"{path}: not an Excel workbook (.xlsx) that can be read ({error!s:.80})") from None
    try:
        if table and table not in book.sheetnames:
            raise InputError(f"{path}: there is no sheet {table!r:.40}; there are {', '.join(book.sheetnames)}")
        yield from _rows(book[table or book.sheetnames[0]], path)
    finally:
        book.close()


def _rows(sheet: Any, path: Path) -> Iterator[Row]:
    heading: list[str] | None = None
    for number, cells in enumerate(sheet.iter_rows(values_only=True), 1):
        if all(cell is None for cell in cells):
            continue
        if heading is None:
            heading = ["" if cell is None else str(cell) for cell in cells]
            continue
        yield f"{path}, row {number}", dict(zip(heading, map(_plain, cells), strict=False))


def _plain(cell: Any) -> Any:
    return cell.isoformat() if isinstance(cell, datetime.date | datetime.time) else cell
