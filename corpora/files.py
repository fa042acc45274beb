"""Files appear whole or not at all."""

import contextlib
import os
import re
import shutil
import sys
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path

from corpora.errors import InputError, RunError

if sys.platform != "win32":
    import fcntl

PIPELINE = ("config.cfg", "meta.json")
_BESIDE = re.compile(r"\.[0-9a-f]{32}(\.\w+)?\.part")


@contextlib.contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Give a path beside `path` to write to; when the block ends well, rename it over `path`, else remove it.

    Whatever happens, `path` holds its old bytes or all of the new ones. Missing folders are made.

    path (str | Path): where the file shall be; a link is followed.
    YIELDS (Path): a new name in the same folder, to be written by the block.
    RAISES InputError: `path` is a folder, a device or a pipe. OSError: as the system says (no space, no permission).
    """
    path = _target(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{uuid.uuid4().hex}.part")
    try:
        yield beside
        with open(beside, "rb+") as file:
            os.fsync(file.fileno())
        if path.exists():
            beside.chmod(path.stat().st_mode)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


@contextlib.contextmanager
def replacing_folder(path: str | Path, holding: Iterable[str] = PIPELINE) -> Iterator[Path]:
    """As `replacing`, for a folder: what the block writes beside becomes `path` by one rename, when the block ends well.

    holding (Iterable[str]): a folder that is there is replaced when it has all of these; a spaCy pipeline's by default.
    RAISES InputError: as `check_folder`.
    """
    check_folder(path, holding=holding)
    target = Path(path).resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    beside, old = (target.with_name(f".{uuid.uuid4().hex}.part") for _ in range(2))
    try:
        beside.mkdir()
        yield beside
        if target.exists():
            target.rename(old)
        beside.rename(target)
    finally:
        for left in (beside, old):
            shutil.rmtree(left, ignore_errors=True)


def left_over(folder: Path) -> set[Path]:
    """What `replacing` left in a folder when its process was killed, where nobody else is writing now."""
    return {path for path in folder.glob(".*.part") if _BESIDE.fullmatch(path.name)}


@contextlib.contextmanager
def locked(folder: str | Path, taken: str = "") -> Iterator[None]:
    """Keep other processes that ask for it out of a folder, until the block ends, however the process does.

    taken (str): the message if another process has it; without one, this process waits.
    RAISES RunError: `taken`. OSError: as the system says.
    """
    if sys.platform == "win32":
        yield
        return
    opened = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | (fcntl.LOCK_NB if taken else 0))
        except BlockingIOError:
            raise RunError(taken) from None
        except OSError:  # a disk that knows no locks
            pass
        yield
    finally:
        os.close(opened)


def check_folder(path: str | Path, *inputs: str | Path, holding: Iterable[str] = PIPELINE) -> None:
    """As `check_writable`, for a folder.

    RAISES InputError: `path` is a file, a folder that holds something else than `holding`, or one of `inputs`.
        OSError: as the system says.
    """
    target = _resolved(path, "folder")
    foreign = target.is_dir() and any(target.iterdir()) and not all((target / name).exists() for name in holding)
    if str(path) in (".", "/") or foreign or (target.exists() and not target.is_dir()):
        raise InputError(f"cannot write to {str(path)!r}: name a new folder, or one that holds such a thing already")
    for given in inputs:
        if target in Path(given).resolve().parents:
            raise InputError(f"{path} holds the input {given}: name another folder")
    _try(target)


def check_writable(path: str | Path, *inputs: str | Path) -> None:
    """Raise at once what would be raised after an hour's work: a folder, a permission, an output that is an input.

    RAISES InputError, OSError: as `replacing`; InputError where `path` is one of `inputs`.
    """
    target = _target(path)
    if any(Path(given).exists() and target.exists() and target.samefile(given) for given in inputs):
        raise InputError(f"{path} is the input: name another file to write")
    _try(target)


def _try(target: Path) -> None:
    folder = next(parent for parent in target.parents if parent.exists())
    trial = folder / f".{uuid.uuid4().hex}.part"
    trial.touch()
    trial.unlink()


def _target(path: str | Path) -> Path:
    target = _resolved(path, "file")
    if target.exists() and not target.is_file():
        raise InputError(f"{path} is not a regular file: name a file to write")
    return target


def _resolved(path: str | Path, kind: str) -> Path:
    if str(path) in ("", "-"):
        raise InputError(f"cannot write to {str(path)!r}: name a {kind} to write")
    try:
        target = Path(path).resolve()
    except (RuntimeError, ValueError) as error:  # a loop of links, a NUL
        raise InputError(f"cannot write to {str(path)!r} ({error}): name a {kind} to write") from None
    if target.is_symlink():  # a loop, since Python 3.13
        raise InputError(f"cannot write to {str(path)!r} (Symlink loop): name a {kind} to write")
    return target


def write_bytes(path: str | Path, data: bytes) -> None:
    """Write a file in one step (see `replacing`)."""
    with replacing(path) as beside:
        beside.write_bytes(data)


def write_text(path: str | Path, text: str) -> None:
    """Write a UTF-8 file in one step (see `replacing`); lone surrogates become "?"."""
    write_bytes(path, text.encode("utf8", "replace"))


def duckdb_name(path: Path) -> str:
    """A path as DuckDB takes it literally: without this, it would see a pattern in some names."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in str(path.absolute()))
