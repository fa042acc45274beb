"""Writes files and folders that appear completely or not at all; locks folders; checks outputs before work starts."""

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
    """Write a file in one step: the block writes another file beside it, which replaces `path` if the block succeeds.

    In every case, `path` holds its old bytes or all of the new ones. Missing folders are created.

    path (str | Path): the file to write; a link is followed.
    YIELDS (Path): the file that the block must write, in the same folder.
    RAISES InputError: `path` is a folder, a device or a pipe.
    RAISES OSError: the system cannot write the file (no space, no permission).
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
    """Write a folder in one step: the block fills another folder beside it, which replaces `path` if the block succeeds.

    path (str | Path): the folder to write.
    holding (Iterable): an old folder is replaced only if it has all of these files; by default those of a spaCy pipeline.
    YIELDS (Path): the folder that the block must fill.
    RAISES InputError: see `check_folder`.
    RAISES OSError: the system cannot write the folder.
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
    """Files that `replacing` left in a folder when its process was killed; call it only while no other process writes there.

    folder (Path): the folder.
    """
    return {path for path in folder.glob(".*.part") if _BESIDE.fullmatch(path.name)}


@contextlib.contextmanager
def locked(folder: str | Path, taken: str = "") -> Iterator[None]:
    """Keep out other processes that lock the same folder, until the block or this process ends.

    folder (str | Path): the folder.
    taken (str): the message if another process has locked it; "" waits for that process.
    RAISES RunError: another process has locked the folder.
    RAISES OSError: the folder cannot be opened.
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
        except OSError:  # a file system without locks
            pass
        yield
    finally:
        os.close(opened)


def check_folder(path: str | Path, *inputs: str | Path, holding: Iterable[str] = PIPELINE) -> None:
    """Check now whether a folder can be written later, see `check_writable`.

    path (str | Path): the folder to write.
    inputs (str | Path): files that must not be in it.
    holding (Iterable): an old folder may be replaced only if it has all of these files.
    RAISES InputError: `path` is a file, a folder with something else in it, or contains one of `inputs`.
    RAISES OSError: the system cannot write there.
    """
    target = _resolved(path, "folder")
    foreign = target.is_dir() and any(target.iterdir()) and not all((target / name).exists() for name in holding)
    if str(path) in (".", "/") or foreign or (target.exists() and not target.is_dir()):
        raise InputError(f"cannot write to {str(path)!r}: choose a new folder, or one with output of the same kind")
    for input_path in inputs:
        if target in Path(input_path).resolve().parents:
            raise InputError(f"{path} holds the input {input_path}: choose another folder")
    _try(target)


def check_writable(path: str | Path, *inputs: str | Path) -> None:
    """Check now whether a file can be written later, so that a mistake is reported before an hour of work, not after it.

    path (str | Path): the file to write.
    inputs (str | Path): files that it must not replace.
    RAISES InputError: `path` is not a regular file, or is one of `inputs`.
    RAISES OSError: the system cannot write there.
    """
    target = _target(path)
    if any(Path(source).exists() and target.exists() and target.samefile(source) for source in inputs):
        raise InputError(f"{path} is the input: choose another file to write")
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
    if target.is_symlink():  # a loop of links, which raises no error since Python 3.13
        raise InputError(f"cannot write to {str(path)!r} (Symlink loop): name a {kind} to write")
    return target


def write_bytes(path: str | Path, data: bytes) -> None:
    """Write a file in one step, see `replacing`.

    path (str | Path): the file.
    data (bytes): its content.
    """
    with replacing(path) as beside:
        beside.write_bytes(data)


def write_text(path: str | Path, text: str) -> None:
    """Write a UTF-8 file in one step, see `replacing`.

    path (str | Path): the file.
    text (str): its content; lone surrogates become "?".
    """
    write_bytes(path, text.encode("utf8", "replace"))


def duckdb_name(path: Path) -> str:
    """A path escaped for DuckDB, which otherwise reads some names as patterns.

    path (Path): the path.
    """
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in str(path.absolute()))
