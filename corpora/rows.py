"""Rows of JSON lines, CSV, TSV or Parquet, gzipped or not, whatever they are about: the fields wanted of each."""

import csv
import gzip
import io
import json
import sys
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import IO, Any

import numpy as np

from corpora.errors import InputError

FORMATS = (".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".parquet")


def read_fields(
    path: str | Path,
    aliases: Mapping[str, tuple[str, ...]],
    columns: Mapping[str, str] | None = None,
    *,
    required: Collection[str],
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Read the fields of one row at a time.

    path (str | Path): a file ending in one of FORMATS, with or without ".gz"; "-" reads JSON lines from standard input.
    aliases (Mapping): the fields, and what each is called in files that people have, in the order of preference.
    columns (Mapping | None): names in the file of the fields that are called otherwise there.
    required (Collection): the fields whose column must be there, as must those in `columns`.
    YIELDS (tuple): file and row as errors name them, and the row's value of each field, None where there is no column.
    RAISES InputError: unknown kind of file; not JSON, no CSV, no Parquet; a missing column (names those that exist).
        OSError: the file cannot be read.
    """
    columns = dict(columns or {})
    unknown = set(columns) - set(aliases)
    if unknown:
        raise InputError(f"no field is called {', '.join(map(repr, sorted(unknown)))}: there are {', '.join(aliases)}")
    names = {field: (columns[field],) if field in columns else known for field, known in aliases.items()}
    for number, row in enumerate(_rows(path, set().union(*names.values())), 1):
        where = f"{path}, row {number}"
        fields = {}
        for field, known in names.items():
            name = next((name for name in known if name in row), None)
            if name is None and (field in required or field in columns):
                there = ", ".join(f"{name!s:.40}" for name in list(row)[:30]) or "none"
                raise InputError(f"{where}: no column {known[0]!r:.40}; there are {there}: say which holds the {field}")
            fields[field] = None if name is None else row[name]
        yield where, fields


def cell(value: Any) -> str | None:
    """The value as text, None for an empty one; lone surrogates become "\ufffd", so that it can be encoded again."""
    return None if value in (None, "") else str(value).encode("utf-16", "surrogatepass").decode("utf-16", "replace")


class Ids:
    """The ids of a file, which must differ: sorted hashes, eight bytes each, so millions of rows are read in flat memory."""

    def __init__(self) -> None:
        self.sorted = np.zeros(0, np.int64)
        self.fresh: set[int] = set()

    def add(self, key: str, where: str) -> None:
        """RAISES InputError: the id was added before; names the row `where` it stands again."""
        value = hash(key)
        place = self.sorted.searchsorted(value)
        if value in self.fresh or (place < len(self.sorted) and self.sorted[place] == value):
            raise InputError(f"{where}: the id {key!r:.60} stands in an earlier row too: ids must differ")
        self.fresh.add(value)
        if len(self.fresh) == 10_000:
            self.sorted = np.sort(np.concatenate([self.sorted, np.fromiter(self.fresh, np.int64)]))
            self.fresh.clear()


def _rows(path: str | Path, wanted: set[str]) -> Iterable[Mapping[str, Any]]:
    if str(path) == "-":
        return _json_rows(io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8-sig", errors="replace"), "standard input")
    path = Path(path)
    name = path.name.lower().removesuffix(".gz")
    kind = next((kind for kind in FORMATS if name.endswith(kind)), None)
    if kind is None:
        raise InputError(f"{path}: cannot tell what it holds by its name: one of {', '.join(FORMATS)} (and .gz) would do")
    if kind == ".parquet":
        if path.name.lower().endswith(".gz"):
            raise InputError(f"{path}: Parquet is compressed inside: unpack the .gz first")
        return _parquet_rows(path, wanted)
    return _text_rows(path, kind)


def _text_rows(path: Path, kind: str) -> Iterator[Mapping[str, Any]]:
    opener = gzip.open if path.name.lower().endswith(".gz") else open
    try:
        with opener(path, "rt", encoding="utf-8-sig", errors="replace", newline="" if "sv" in kind else None) as file:
            yield from _csv_rows(file, path, kind) if kind in (".csv", ".tsv") else _json_rows(file, path)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise InputError(f"{path}: the gzip file is damaged ({error}): fetch or pack it again") from None


def _json_rows(file: IO[str], path: str | Path) -> Iterator[Mapping[str, Any]]:
    for number, line in enumerate(file, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            what = "JSON nested too deep" if isinstance(error, RecursionError) else f"no JSON ({error!s:.80})"
            raise InputError(f"{path}, line {number}: {what}; one object a line is read: {line.strip()!r:.60}") from None
        if not isinstance(row, dict):
            raise InputError(f"{path}, line {number}: no JSON object: one object a line is read: {line.strip()!r:.60}")
        yield row


def _csv_rows(file: IO[str], path: Path, kind: str) -> Iterator[Mapping[str, Any]]:
    csv.field_size_limit(2**30)  # a text may be longer than the module's 128 KiB
    lines = (line.replace("\0", "\ufffd") for line in file)
    first = next(lines, "")
    comma = ";" if first.count(";") > first.count(",") else ","  # as spreadsheets write it where the comma is decimal
    reader = csv.DictReader(chain([first], lines), delimiter=comma if kind == ".csv" else "\t", strict=True)
    try:
        for row in reader:
            yield {name: cell for name, cell in row.items() if name is not None}  # None: cells beyond the heading
    except csv.Error as error:
        where = f"{path}, line {reader.line_num}"
        raise InputError(f"{where}: no {kind[1:].upper()} ({error}): is a quotation mark unbalanced?") from None


def _parquet_rows(path: Path, wanted: set[str]) -> Iterator[Mapping[str, Any]]:
    import duckdb

    path.open("rb").close()  # the system's own error for a file that is not there
    source = "read_parquet($1, hive_partitioning = false)"
    with duckdb.connect() as connection:
        try:
            kinds = dict(row[:2] for row in connection.execute(f"DESCRIBE SELECT * FROM {source}", [literal(path)]).fetchall())
            kept = [name for name in kinds if name in wanted] or list(kinds)[:1]
            cells = [f'{_select(name, kinds[name])} AS "c{number}"' for number, name in enumerate(kept)]
            cursor = connection.execute(f"SELECT {', '.join(cells)} FROM {source}", [literal(path)])
            while batch := cursor.fetchmany(1000):
                yield from ({**dict.fromkeys(kinds), **dict(zip(kept, row, strict=True))} for row in batch)
        except duckdb.Error as error:
            raise InputError(f"{path}: no Parquet file ({str(error).splitlines()[0]:.120})") from None


def literal(path: Path) -> str:
    """A path as DuckDB reads it: a name, where it would see a pattern or a home."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in str(path.absolute()))


def _select(name: str, kind: str) -> str:
    """A column as DuckDB reads it; what is no number or list as a string, as dates with time zones need another package."""
    quoted = '"' + name.replace('"', '""') + '"'
    plain = kind in ("VARCHAR", "VARCHAR[]", "INTEGER", "FLOAT", "DOUBLE") or kind.endswith("INT")
    return quoted if plain else f"CAST({quoted} AS VARCHAR)"
