"""Files appear whole or not at all."""

import contextlib
import os
import uuid
from collections.abc import Iterator
from pathlib import Path

from corpora.errors import InputError


@contextlib.contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Give a path beside `path` to write to; when the block ends well, rename it over `path`, else remove it.

    Whatever happens, `path` holds its old bytes or all of the new ones. Missing folders are made.

    path (str | Path): where the file shall be; a link is followed.
    YIELDS (Path): a new name in the same folder, to be written by the block.
    RAISES InputError: `path` is a folder, a device or a pipe. OSError: as the system says (no space, no permission).
    """
    path, beside = _places(path)
    try:
        yield beside
        with open(beside, "rb+") as file:
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def check_writable(path: str | Path) -> None:
    """Raise at once what `replacing` would raise after an hour's work, because of a folder or a permission."""
    _, beside = _places(path)
    beside.touch()
    beside.unlink()


def _places(path: str | Path) -> tuple[Path, Path]:
    path = Path(path).resolve()
    if path.exists() and not path.is_file():
        raise InputError(f"{path} is not a regular file: name a file to write")
    path.parent.mkdir(parents=True, exist_ok=True)
    return path, path.with_name(f".{path.name[:100]}.{uuid.uuid4().hex}")


def write_bytes(path: str | Path, data: bytes) -> None:
    """Write a file in one step (see `replacing`)."""
    with replacing(path) as beside:
        beside.write_bytes(data)


def write_text(path: str | Path, text: str) -> None:
    """Write a UTF-8 file in one step (see `replacing`); lone surrogates become "?"."""
    write_bytes(path, text.encode("utf8", "replace"))
