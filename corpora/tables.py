"""Records as tables of other programs: a CSV file, a pandas DataFrame."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from corpora.extras import load
from corpora.files import write_text


def flat(records: Iterable[Any]) -> list[dict[str, Any]]:
    """Records with one value per column.

    records (Iterable): dicts or NamedTuples. A dict in one becomes a column for each key ("parts.name"); the items of a
        list are joined by " | ", if they are single values, or else left out; a column of some records is empty in the others.
    RETURNS (list): dicts with the same keys, in the order in which they occur first.

    >>> flat([{"name": "Lucia", "parts": {"name": 1.5}, "quotes": ["Good.", "Fine."]}])
    [{'name': 'Lucia', 'parts.name': 1.5, 'quotes': 'Good. | Fine.'}]
    """
    rows = [dict(_columns("", record)) for record in records]
    names = dict.fromkeys(name for row in rows for name in row)
    return [{name: row.get(name) for name in names} for row in rows]


def _columns(prefix: str, value: Any) -> Iterable[tuple[str, Any]]:
    if hasattr(value, "_asdict"):
        value = value._asdict()
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _columns(f"{prefix}.{key}" if prefix else str(key), inner)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        if not any(isinstance(item, Mapping | list | tuple) for item in value):
            yield prefix, " | ".join(map(str, value))
    else:
        yield prefix, value


def write_csv(records: Iterable[Any], path: str | Path) -> None:
    """Write records as a CSV file in UTF-8, in one step.

    records (Iterable): see `flat`.
    path (str | Path): the file. Without records it is empty.
    RAISES OSError: the file cannot be written.
    """
    rows, text = flat(records), io.StringIO(newline="")
    if rows:
        writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows({key: None if value != value else value for key, value in row.items()} for row in rows)
    write_text(path, text.getvalue())


def to_frame(records: Iterable[Any]) -> Any:
    """Records as a pandas DataFrame.

    records (Iterable): what a question answered, see `flat`.
    RETURNS (DataFrame): a row per record.
    RAISES InputError: pandas is not installed; the message names the command that installs it.
    """
    return load("pandas").DataFrame(flat(records))
