"""The layout of CelebA, as the data set is published and as `palate corpus faces` draws faces."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from image_gan.errors import Errors, InputError


@dataclass(frozen=True)
class CelebA:
    """A folder with img_align_celeba, list_attr_celeba.txt and, in most cases, list_eval_partition.txt.

    Source: Liu et al. 2015 (arXiv 1411.7766).

    folder (Path): where they are.
    """

    folder: Path
    ATTRIBUTES = "list_attr_celeba.txt"
    PARTITIONS = ("train", "val", "test")

    @classmethod
    def at(cls, folder: Path) -> "CelebA | None":
        """The data set in a folder, if there is one."""
        return cls(folder) if folder.is_dir() and (folder / cls.ATTRIBUTES).is_file() else None

    @property
    def list_file(self) -> Path:
        return self.folder / self.ATTRIBUTES

    def files(self, partition: str) -> list[Path]:
        """The pictures of a partition, or all of them if there is no list of partitions.

        partition (str): "train", "val" or "test".
        RAISES InputError: P060, another partition; P064, a list that cannot be used.
        """
        if partition not in self.PARTITIONS:
            raise InputError(Errors.P060.format(what="partition", allowed="train, val or test", got=partition))
        folders = (self.folder / name for name in ("img_align_celeba", "images"))
        folder = next((folder for folder in folders if folder.is_dir()), None)
        if folder is None:
            raise InputError(Errors.P064.format(file=self.folder, reason="has no folder img_align_celeba"))
        names, list_file = self.attributes()[0], self.list_file
        partitions = self.folder / "list_eval_partition.txt"
        if partitions.is_file():
            names, list_file = self._names_in(partitions, str(self.PARTITIONS.index(partition)), set(names)), partitions
        if not names:
            raise InputError(Errors.P064.format(file=list_file, reason=f"has no picture of {partition}"))
        missing = [name for name in names if not (folder / name).is_file()]
        if missing:
            reason = f"names {len(missing)} pictures that are not in {folder.name}, first {missing[0]}"
            raise InputError(Errors.P064.format(file=list_file, reason=reason))
        return [folder / name for name in names]

    def attributes(self) -> tuple[list[str], list[str], np.ndarray]:
        """Read which attributes are true of which picture.

        RETURNS (tuple[list[str], list[str], np.ndarray]): names of pictures, names of attributes, and whether each attribute is
            true of each picture, bool (pictures, attributes).
        RAISES InputError: P064, the line that cannot be used.
        """
        lines = self.list_file.read_text("utf8", "replace").splitlines()
        columns = lines[1].split() if len(lines) > 1 else []
        names, rows = [], []
        for number, line in enumerate(lines[2:], 3):
            cells = line.split()
            if not cells:
                continue
            if len(cells) != len(columns) + 1 or not set(cells[1:]) <= {"1", "-1"}:
                reason = f"line {number} does not have {len(columns)} values of 1 or -1 after the picture's name"
                raise InputError(Errors.P064.format(file=self.list_file, reason=reason))
            names.append(cells[0])
            rows.append([cell == "1" for cell in cells[1:]])
        if not rows:
            raise InputError(Errors.P064.format(file=self.list_file, reason="names no picture"))
        if lines[0].strip() != str(len(rows)):
            reason = f"says that it has {lines[0].strip()} pictures, and has {len(rows)}"
            raise InputError(Errors.P064.format(file=self.list_file, reason=reason))
        return names, columns, np.array(rows)

    def _names_in(self, partitions: Path, wanted: str, known: set[str]) -> list[str]:
        names = []
        for number, line in enumerate(partitions.read_text("utf8", "replace").splitlines(), 1):
            cells = line.split()
            name, partition = cells if len(cells) == 2 else (line, "")
            if partition not in ("0", "1", "2") or name not in known:
                reason = f"line {number} is not a name from {self.ATTRIBUTES} and 0, 1 or 2"
                raise InputError(Errors.P064.format(file=partitions, reason=reason))
            if partition == wanted:
                names.append(name)
        return names
