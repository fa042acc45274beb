"""Reads the fields of rows from files of any format, with any names of columns."""

import io
import re
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from corpora.errors import InputError
from corpora.readers import FORMATS, PACKED, TABLES, Row

_WHOLE_NUMBER = re.compile(r"(\d+)\.0+")


def read_fields(
    path: str | Path,
    aliases: Mapping[str, tuple[str, ...]],
    columns: Mapping[str, str] | None = None,
    *,
    required: Collection[str],
    keep: Sequence[str] = (),
    table: str = "",
) -> Iterator[tuple[str, dict[str, Any], dict[str, str | None]]]:
    """Read the fields of one row at a time.

    path (str | Path): a file, see `read_rows`.
    aliases (Mapping): field -> common names of its column, in the order of preference.
    columns (Mapping | None): field -> name of its column, for columns that have another name in the file.
    required (Collection): the fields whose columns must exist; those of `columns` and `keep` must exist too.
    keep (Sequence): other columns to read, as text.
    table (str): the table or sheet of a file that has several.
    YIELDS (tuple): file and row, for messages; field -> value, None for a field without a column; column of `keep` -> text.
    RAISES InputError: see `read_rows`; a missing column (the message names those that exist).
    RAISES OSError: the file cannot be read.
    """
    columns = dict(columns or {})
    unknown = set(columns) - set(aliases)
    if unknown:
        raise InputError(f"no field is called {', '.join(map(repr, sorted(unknown)))}: there are {', '.join(aliases)}")
    names = {field: (columns[field],) if field in columns else known for field, known in aliases.items()}
    for where, row in read_rows(path, {*keep, *(name for known in names.values() for name in known)}, table):
        fields = {}
        for field, known in names.items():
            name = next((name for name in known if name in row), None)
            if name is None and (field in required or field in columns):
                option = f"--{field.removesuffix('_id') if field != 'id' else field}-column"
                what = f"{_no_column(known[0], row)}: which one holds the {field.replace('_', ' ')}?"
                raise InputError(f"{_place(path, where)}: {what} An option such as {option} says so")
            fields[field] = None if name is None else row[name]
        if missing := [name for name in keep if name not in row]:
            raise InputError(f"{_place(path, where)}: {_no_column(missing[0], row)}")
        yield where, fields, {name: cell(row[name]) for name in keep}


def read_rows(path: str | Path, wanted: Collection[str], table: str = "") -> Iterator[Row]:
    """Read one row at a time.

    path (str | Path): a file with one of the endings in FORMATS; text formats may also end in ".gz"; "-" reads JSON lines from
        standard input.
    wanted (Collection): the columns to read; the cells of other columns may be None, but their names are always present.
    table (str): the table or sheet of a file that has several.
    YIELDS (tuple): file and row, for messages; column -> cell.
    RAISES InputError: an unknown kind of file; a file that is not of its kind; a table that does not exist.
    RAISES OSError: the file cannot be read.
    """
    if str(path) == "-":
        from corpora.readers.json_lines import read_stream

        return read_stream(io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8-sig"), "standard input")
    path = Path(path)
    name = path.name.lower().removesuffix(".gz")
    module = next((module for ending, module in FORMATS.items() if name.endswith(ending)), None)
    if module is None:
        raise InputError(f"{path}: the file name does not tell the format: it must end in one of {', '.join(FORMATS)}")
    if path.name.lower().endswith(".gz") and module not in PACKED:
        raise InputError(f"{path}: unpack the .gz first; only JSON lines, CSV and TSV can be gzipped")
    if table and module not in TABLES:
        raise InputError(f"{path} has one table: leave --table out")
    read: Callable[..., Iterator[Row]] = import_module(f"corpora.readers.{module}").read
    return read(path, set(wanted), table)


def _place(path: str | Path, where: str) -> str:
    """Where a column is missing: in a file of JSON lines each line has its own."""
    return str(path) if "json" not in str(path).lower() and str(path) != "-" else where


def _no_column(name: str, row: Mapping[str, Any]) -> str:
    columns = ", ".join(f"{name!s:.40}" for name in list(row)[:30]) or "none"
    return f"no column {name!r:.40}; there are {columns}"


def cell(value: Any) -> str | None:
    """A cell as text.

    value (Any): the cell.
    RETURNS (str | None): its text, None for an empty cell; lone surrogates become "\ufffd", so that it can be encoded again.
    """
    if value is None or value == "":
        return None
    if isinstance(value, float) and value.is_integer():  # spreadsheets have no integers: 1.0 is the id 1
        value = int(value)
    return str(value).encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def identifier(value: Any) -> str | None:
    """The id of a business as text: what spreadsheets and data frames write as "1.0" is the id 1.

    value (Any): the cell.
    RETURNS (str | None): the id, None for an empty cell.
    """
    text = cell(value)
    whole = _WHOLE_NUMBER.fullmatch(text) if text else None
    return whole[1] if whole else text


class Ids:
    """The ids of a file, which must differ: as sorted hashes of eight bytes, so that millions of ids need little memory."""

    def __init__(self) -> None:
        self.sorted = np.zeros(0, np.int64)
        self.fresh: set[int] = set()

    def add(self, key: str, where: str) -> None:
        """Add an id.

        key (str): the id.
        where (str): its file and row, for the message.
        RAISES InputError: the id was added before.
        """
        value = hash(key)
        position = self.sorted.searchsorted(value)
        if value in self.fresh or (position < len(self.sorted) and self.sorted[position] == value):
            raise InputError(f"{where}: the id {key!r:.60} stands in an earlier row, too: ids must differ")
        self.fresh.add(value)
        if len(self.fresh) == 10_000:
            self.sorted = np.sort(np.concatenate([self.sorted, np.fromiter(self.fresh, np.int64)]))
            self.fresh.clear()
