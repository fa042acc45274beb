"""Reads SQLite databases."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from corpora.errors import InputError
from corpora.readers import Row


def read(path: Path, wanted: set[str], table: str = "") -> Iterator[Row]:
    """Read a table or view, see `rows.read_rows`; without a name, the only one of the database.

    RAISES InputError: the file is not a database; it has no such table; it has several tables, and `table` names none.
    """
    path.open("rb").close()  # raises the system's own error if the file does not exist
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path.absolute()))}?mode=ro", uri=True)) as connection:
            connection.text_factory = lambda data: data.decode("utf8", "replace")
            name = _table(connection, path, table)
            quoted = '"' + name.replace('"', '""') + '"'
            cursor = connection.execute(f"SELECT * FROM {quoted}")
            columns = [column[0] for column in cursor.description]
            for number, row in enumerate(cursor, 1):
                cells = [cell.decode("utf8", "replace") if isinstance(cell, bytes) else cell for cell in row]
                yield f"{path}, row {number} of {name}", dict(zip(columns, cells, strict=True))
    except sqlite3.Error as error:
        raise InputError(f"{path}: not a SQLite database that can be read ({error})") from None


def _table(connection: sqlite3.Connection, path: Path, table: str) -> str:
    query = "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
    names = [name for (name,) in connection.execute(query)]
    if table and table not in names:
        raise InputError(f"{path}: there is no table {table!r:.40}; there are {', '.join(names) or 'none'}")
    if not table and len(names) != 1:
        raise InputError(f"{path} has {len(names)} tables ({', '.join(names)[:200] or 'none'}): name one with --table")
    return table or names[0]
