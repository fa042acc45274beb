"""Readers of rows, one module per format: each yields the file and row, for messages, and the cells by column."""

from collections.abc import Mapping
from typing import Any

Row = tuple[str, Mapping[str, Any]]
# Ending -> module. A new format needs a line here and a module with `read(path, wanted, table)`.
FORMATS = {
    ".jsonl": "json_lines",
    ".ndjson": "json_lines",
    ".json": "json_lines",
    ".csv": "csv_files",
    ".tsv": "csv_files",
    ".parquet": "parquet",
    ".xlsx": "excel",
    ".db": "sqlite",
    ".sqlite": "sqlite",
    ".sqlite3": "sqlite",
}
TABLES = ("excel", "sqlite")  # formats that may have several tables in a file
PACKED = ("json_lines", "csv_files")  # formats that may be gzipped
