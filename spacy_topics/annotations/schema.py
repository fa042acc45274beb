"""The tables in a folder of annotations: their columns, with DuckDB's types."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

FORMAT = 2  # format 1 has no texts and no kept columns; it is still read
DOCUMENTS = {
    "id": "VARCHAR",
    "business_id": "VARCHAR",
    "name": "VARCHAR",
    "city": "VARCHAR",
    "stars": "DOUBLE",
    "date": "VARCHAR",
    "topics": "STRUCT(label VARCHAR, weight DOUBLE)[]",
    "topic_dist": "FLOAT[]",
    "evidence": "INTEGER",
}
MENTIONS = {
    "document": "VARCHAR",
    "start": "INTEGER",
    "end": "INTEGER",
    "text": "VARCHAR",
    "label": "VARCHAR",
    "kb_id": "VARCHAR",
    "score": "DOUBLE",
    "sentence": "VARCHAR",
}
TEXTS = {"id": "VARCHAR", "text": "VARCHAR"}
RESTAURANTS = {"id": "VARCHAR", "name": "VARCHAR", "city": "VARCHAR"}


class Record(NamedTuple):
    """The annotations of one review (see the columns above).

    document (dict): its row of `documents`.
    mentions (list): its rows of `mentions`.
    text (dict): its row of `texts`.
    """

    document: dict[str, Any]
    mentions: list[dict[str, Any]]
    text: dict[str, str]


def documents(keep: Sequence[str] = ()) -> dict[str, str]:
    """The columns of `documents`.

    keep (Sequence): columns of the input that are kept, as text.
    """
    return {**DOCUMENTS, **dict.fromkeys(keep, "VARCHAR")}


def select(columns: Mapping[str, str]) -> str:
    """SQL that selects columns of Parquet files; the files' names are its parameter. It fails on files of another schema.

    columns (Mapping): name -> DuckDB's type.
    """
    typed = ", ".join(f"{quoted(name)}::{kind} AS {quoted(name)}" for name, kind in columns.items())
    return f"SELECT {typed} FROM read_parquet($1, hive_partitioning = false)"


def quoted(name: str) -> str:
    """A column's name, quoted for SQL.

    name (str): the name.
    """
    return '"' + name.replace('"', '""') + '"'
