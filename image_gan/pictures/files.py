"""Finds picture files."""

import os
from collections.abc import Iterable
from pathlib import Path

from image_gan.errors import Errors, InputError
from image_gan.pictures.kinds import SUFFIXES


def find_pictures(paths: Iterable[str | Path], *, recursive: bool) -> list[Path]:
    """Find the picture files that paths name: a file is taken as it is; in a folder, the suffix decides.

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


def _pictures_in(folder: Path, recursive: bool) -> list[Path]:
    inside = folder.glob("**/*" if recursive else "*")
    files = [file for file in inside if _has_picture_name(file.relative_to(folder)) and file.is_file()]
    if not files:
        hint = "" if recursive else "; to look into its folders too, search recursively"
        raise InputError(Errors.P010.format(folder=folder, suffixes=" ".join(SUFFIXES), hint=hint))
    return files


def _has_picture_name(file: Path) -> bool:
    return file.suffix.lower() in SUFFIXES and not any(part.startswith(".") for part in file.parts)
