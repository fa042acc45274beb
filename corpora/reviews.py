"""Reviews from JSON lines, CSV, TSV or Parquet, gzipped or not; Yelp's own files are read as they are."""

import csv
import gzip
import io
import json
import sys
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np

from corpora.errors import InputError

# What a field is called in files that people have, in the order of preference.
ALIASES = {
    "id": ("id", "review_id"),
    "text": ("text",),
    "business_id": ("business_id",),
    "name": ("name", "business_name"),
    "city": ("city",),
    "stars": ("stars",),
    "date": ("date",),
}
FORMATS = (".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".parquet")


class Review(NamedTuple):
    """One review; fields that the file lacks are None."""

    id: str
    text: str
    business_id: str | None = None
    name: str | None = None
    city: str | None = None
    stars: float | None = None
    date: str | None = None


def read_reviews(path: str | Path, columns: Mapping[str, str] | None = None) -> Iterator[Review]:
    """Read reviews one at a time.

    path (str | Path): a file ending in one of FORMATS, with or without ".gz"; "-" reads JSON lines from standard input.
    columns (Mapping | None): names in the file of the fields that are called otherwise there, e.g. {"text": "body"}.
    YIELDS (Review): in the file's order. Without an id column the row's number, from 1, is the id. Lone surrogates
        in text become "\ufffd", so that whatever comes in can be encoded again.
    RAISES InputError: unknown kind of file; not JSON, not text (names the row); a missing column (names those that
        exist); two rows with one id. OSError: the file cannot be read.
    """
    columns = dict(columns or {})
    unknown = set(columns) - set(ALIASES)
    if unknown:
        raise InputError(f"a review has no field {sorted(unknown)}: it has {', '.join(ALIASES)}")
    seen = _Seen()
    for number, row in enumerate(_rows(path, columns), 1):
        review = _review(row, columns, f"{path}, row {number}", number)
        if not seen.add(review.id):
            raise InputError(f"{path}, row {number}: the id {review.id!r} stands in an earlier row too: ids must differ")
        yield review


class _Seen:
    """The ids seen so far as sorted hashes, eight bytes each: millions of rows are read in flat memory."""

    def __init__(self) -> None:
        self.sorted = np.zeros(0, np.int64)
        self.fresh: set[int] = set()

    def add(self, key: str) -> bool:
        """RETURNS (bool): whether the id is new."""
        value = hash(key)
        place = self.sorted.searchsorted(value)
        if value in self.fresh or (place < len(self.sorted) and self.sorted[place] == value):
            return False
        self.fresh.add(value)
        if len(self.fresh) == 10_000:
            self.sorted = np.sort(np.concatenate([self.sorted, np.fromiter(self.fresh, np.int64)]))
            self.fresh.clear()
        return True


def _review(row: Mapping[str, Any], columns: Mapping[str, str], where: str, number: int) -> Review:
    fields: dict[str, Any] = {}
    for field, names in ALIASES.items():
        names = (columns[field],) if field in columns else names
        found = next((name for name in names if name in row), None)
        if found is None and (field == "text" or field in columns):
            there = ", ".join(f"{name!s:.40}" for name in list(row)[:30]) or "none"
            raise InputError(f"{where}: no column {names[0]!r:.40}; there are {there}: say which holds the {field}")
        value = row[found] if found is not None else None
        if field == "text" and not isinstance(value, str):
            raise InputError(f"{where}: {names[0]!r} is no text. Received: {value!r:.60}")
        fields[field] = None if value in (None, "") and field != "text" else _clean(str(value))
    stars = _stars(fields["stars"], where)
    return Review(**{**fields, "id": fields["id"] or str(number), "stars": stars})


def _stars(value: str | None, where: str) -> float | None:
    try:
        return None if value is None else float(value)
    except ValueError:
        raise InputError(f"{where}: stars are a number. Received: {value!r:.60}") from None


def _clean(text: str) -> str:
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _rows(path: str | Path, columns: Mapping[str, str]) -> Iterable[Mapping[str, Any]]:
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
        return _parquet_rows(path, {*columns.values(), *(name for names in ALIASES.values() for name in names)})
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
    csv.field_size_limit(2**30)  # a review may be longer than the module's 128 KiB
    reader = csv.DictReader(
        (line.replace("\0", "\ufffd") for line in file), delimiter="," if kind == ".csv" else "\t", strict=True
    )
    try:
        for row in reader:
            yield {name: cell for name, cell in row.items() if name is not None}  # None: cells beyond the heading
    except csv.Error as error:
        where = f"{path}, line {reader.line_num}"
        raise InputError(f"{where}: no {kind[1:].upper()} ({error}): is a quotation mark unbalanced?") from None


def _parquet_rows(path: Path, wanted: set[str]) -> Iterator[Mapping[str, Any]]:
    import duckdb

    path.open("rb").close()  # the system's own error for a file that is not there
    literal = "".join(f"[{letter}]" if letter in "*?[" else letter for letter in str(path))  # no pattern, a name
    source = "read_parquet($1, hive_partitioning = false)"
    with duckdb.connect() as connection:
        try:
            kinds = dict(row[:2] for row in connection.execute(f"DESCRIBE SELECT * FROM {source}", [literal]).fetchall())
            kept = [name for name in kinds if name in wanted] or list(kinds)[:1]
            cells = [f'{_cell(name, kinds[name])} AS "c{number}"' for number, name in enumerate(kept)]
            cursor = connection.execute(f"SELECT {', '.join(cells)} FROM {source}", [literal])
            while batch := cursor.fetchmany(1000):
                yield from ({**dict.fromkeys(kinds), **dict(zip(kept, row, strict=True))} for row in batch)
        except duckdb.Error as error:
            raise InputError(f"{path}: no Parquet file ({str(error).splitlines()[0]:.120})") from None


def _cell(name: str, kind: str) -> str:
    """A column as DuckDB reads it; what is no number as a string, as dates with time zones need another package."""
    quoted = '"' + name.replace('"', '""') + '"'
    plain = kind == "VARCHAR" or kind.endswith("INT") or kind in ("INTEGER", "FLOAT", "DOUBLE")
    return quoted if plain else f"CAST({quoted} AS VARCHAR)"
