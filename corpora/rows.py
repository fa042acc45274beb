"""Fields of rows, whatever format they come from and whatever their columns are called."""

import io
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from corpora.errors import InputError
from corpora.readers import FORMATS, PACKED, TABLES, Row


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
    aliases (Mapping): the fields, and what each is called in files that people have, in the order of preference.
    columns (Mapping | None): names in the file of the fields that are called otherwise there.
    required (Collection): the fields whose column must exist, as must those in `columns` and `keep`.
    keep (Sequence): columns that are wanted as they are.
    table (str): the table or sheet of a file that has several.
    YIELDS (tuple): file and row as errors name them; the row's value of each field, None where there is no column; the text
        of each column in `keep`.
    RAISES InputError: as `read_rows`; a missing column (names those that exist). OSError: the file cannot be read.
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
                raise InputError(f"{where}: {_no_column(known[0], row)}: which one holds the {field.replace('_', ' ')}?")
            fields[field] = None if name is None else row[name]
        if missing := [name for name in keep if name not in row]:
            raise InputError(f"{where}: {_no_column(missing[0], row)}")
        yield where, fields, {name: cell(row[name]) for name in keep}


def read_rows(path: str | Path, wanted: Collection[str], table: str = "") -> Iterator[Row]:
    """Read one row at a time.

    path (str | Path): a file ending in one of FORMATS; text formats also with ".gz"; "-" reads JSON lines from standard input.
    wanted (Collection): the columns that matter; a reader may leave others out, but names all columns that exist.
    table (str): the table or sheet of a file that has several.
    RAISES InputError: unknown kind of file; a file that is not of its kind; a table that does not exist. OSError: the file
        cannot be read.
    """
    if str(path) == "-":
        from corpora.readers.json_lines import read_stream

        return read_stream(io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8-sig"), "standard input")
    path = Path(path)
    name = path.name.lower().removesuffix(".gz")
    module = next((module for ending, module in FORMATS.items() if name.endswith(ending)), None)
    if module is None:
        raise InputError(f"{path}: the name does not tell the format: one of {', '.join(FORMATS)} is needed")
    if path.name.lower().endswith(".gz") and module not in PACKED:
        raise InputError(f"{path}: unpack the .gz first; only JSON lines, CSV and TSV are read gzipped")
    if table and module not in TABLES:
        raise InputError(f"{path} has one table: leave --table out")
    read: Callable[..., Iterator[Row]] = import_module(f"corpora.readers.{module}").read
    return read(path, set(wanted), table)


def _no_column(name: str, row: Mapping[str, Any]) -> str:
    columns = ", ".join(f"{name!s:.40}" for name in list(row)[:30]) or "none"
    return f"no column {name!r:.40}; there are {columns}"


def cell(value: Any) -> str | None:
    """The value as text, None for an empty one; lone surrogates become "\ufffd", so that it can be encoded again."""
    if value is None or value == "":
        return None
    if isinstance(value, float) and value.is_integer():  # spreadsheets have no integers: 1.0 is the id 1
        value = int(value)
    return str(value).encode("utf-16", "surrogatepass").decode("utf-16", "replace")


class Ids:
    """The ids of a file, which must differ: sorted hashes, eight bytes each, so millions of rows are read in flat memory."""

    def __init__(self) -> None:
        self.sorted = np.zeros(0, np.int64)
        self.fresh: set[int] = set()

    def add(self, key: str, where: str) -> None:
        """RAISES InputError: the id was added before; names the row `where` it stands again."""
        value = hash(key)
        position = self.sorted.searchsorted(value)
        if value in self.fresh or (position < len(self.sorted) and self.sorted[position] == value):
            raise InputError(f"{where}: the id {key!r:.60} stands in an earlier row, too: ids must differ")
        self.fresh.add(value)
        if len(self.fresh) == 10_000:
            self.sorted = np.sort(np.concatenate([self.sorted, np.fromiter(self.fresh, np.int64)]))
            self.fresh.clear()
