"""Reads Parquet by DuckDB."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from corpora.errors import InputError
from corpora.files import duckdb_name
from corpora.readers import Row

_SOURCE = "read_parquet($1, hive_partitioning = false)"


def read(path: Path, wanted: set[str], table: str = "") -> Iterator[Row]:
    """Read a file, see `rows.read_rows`; cells of columns that are not wanted are None.

    RAISES InputError: the file is not Parquet.
    """
    import duckdb

    path.open("rb").close()  # raises the system's own error if the file does not exist
    start = 1
    with duckdb.connect() as connection:
        try:
            kinds = _kinds(connection, path)
            kept = [name for name in kinds if name in wanted] or list(kinds)[:1]
            cells = [f'{_select(name, kinds[name])} AS "c{i}"' for i, name in enumerate(kept)]
            cursor = connection.execute(f"SELECT {', '.join(cells)} FROM {_SOURCE}", [duckdb_name(path)])
            while batch := cursor.fetchmany(1000):
                for number, row in enumerate(batch, start):
                    yield f"{path}, row {number}", {**dict.fromkeys(kinds), **dict(zip(kept, row, strict=True))}
                start += len(batch)
        except duckdb.Error as error:
            raise InputError(f"{path}: not a Parquet file ({str(error).splitlines()[0]:.120})") from None


def _kinds(connection: Any, path: Path) -> dict[str, str]:
    return dict(row[:2] for row in connection.execute(f"DESCRIBE SELECT * FROM {_SOURCE}", [duckdb_name(path)]).fetchall())


def _select(name: str, kind: str) -> str:
    """SQL for a column.

    Bytes are decoded as UTF-8, as older programs write text as bytes. Other values that are neither numbers nor lists become
    text, as DuckDB needs another package for dates with time zones.
    """
    quoted = '"' + name.replace('"', '""') + '"'
    if kind == "BLOB":
        return f"decode({quoted})"
    plain = kind in ("VARCHAR", "VARCHAR[]", "INTEGER", "FLOAT", "DOUBLE") or kind.endswith("INT")
    return quoted if plain else f"CAST({quoted} AS VARCHAR)"
