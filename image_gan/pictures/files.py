"""Finds picture files, and others in the same folders that are pictures of formats that are not read."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from image_gan.errors import Errors, InputError
from image_gan.pictures.kinds import OTHER_SUFFIXES, SUFFIXES, describe_other, kind_of_file


def find_pictures(paths: Iterable[str | Path], *, recursive: bool) -> list[Path]:
    """Find the picture files that paths name: a file is taken as it is; in a folder, the suffix decides,
    or the first bytes where there is none.

    paths (Iterable[str | Path]): files and folders.
    recursive (bool): look into folders of folders too. Hidden files and folders (their names begin with a dot) are ignored.
    RETURNS (list[Path]): each file once, sorted.
    RAISES InputError: P009, a path does not exist; P010, a folder has no pictures.
    """
    found: dict[str, Path] = {}
    for path in map(Path, paths):
        if not path.exists():
            raise InputError(Errors.P009.format(path=path))
        files = _pictures_in(path, recursive) if path.is_dir() else [path]
        for file in files:
            found.setdefault(os.path.abspath(file), file)
    return sorted(found.values())


def find_others(folder: Path, *, recursive: bool) -> list[Path]:
    """Find the pictures in a folder that are of formats that are not read.

    folder (Path): the folder.
    recursive (bool): as for `find_pictures`.
    RETURNS (list[Path]): files, sorted.
    """
    return sorted(file for file in _visible_in(folder, recursive) if _is_other(file))


def _pictures_in(folder: Path, recursive: bool) -> list[Path]:
    files = [file for file in _visible_in(folder, recursive) if _is_picture(file)]
    if not files:
        hint = "" if recursive else "; to look into its folders too, search recursively"
        raise InputError(Errors.P010.format(folder=folder, suffixes=" ".join(SUFFIXES), hint=hint))
    return files


def _visible_in(folder: Path, recursive: bool) -> Iterator[Path]:
    for file in folder.glob("**/*" if recursive else "*"):
        if not any(part.startswith(".") for part in file.relative_to(folder).parts) and file.is_file():
            yield file


def _is_picture(file: Path) -> bool:
    return file.suffix.lower() in SUFFIXES or (not file.suffix and kind_of_file(file) is not None)


def _is_other(file: Path) -> bool:
    if file.suffix:
        return file.suffix.lower() in OTHER_SUFFIXES
    try:
        with open(file, "rb") as opened:
            return describe_other(opened.read(64)) not in ("empty", "not a picture")
    except OSError:
        return False
