"""Photographs -> prepared pictures: upright, checked, and scaled down into three tiers of resolution."""

from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np

from corpora.files import write_bytes
from image_gan.errors import Errors, InputError
from image_gan.pictures import Picture, encode, find_pictures, read
from image_gan.training.celeba import CelebA
from image_gan.training.tiers import TIERS, check_sides, write_sides


class Prepared(NamedTuple):
    """What `prepare_pictures` did.

    pictures (dict[str, int]): the number of pictures in each tier.
    too_small (dict[str, int]): the number of pictures that are too small for it.
    failed (dict[str, str]): files that could not be read, and why.
    """

    pictures: dict[str, int]
    too_small: dict[str, int]
    failed: dict[str, str]


def prepare_pictures(
    photos: Sequence[str | Path],
    output: str | Path,
    *,
    sides: Mapping[str, int] = TIERS,
    own_size: bool = False,
    partition: str = "train",
) -> Prepared:
    """Check pictures, turn them upright and scale each down into every tier that it can fill.

    photos (Sequence[str | Path]): files, and folders, which are searched with all folders in them. A folder in CelebA's layout
        gives the pictures of `partition`, and its attributes are copied.
    output (str | Path): gets a folder of PNGs for each tier. If it has some already, they are kept and the others are added.
    sides (Mapping[str, int]): the shorter side of a picture in each tier; a smaller picture is left out of it.
    own_size (bool): keep pictures in the last tier as large as they are.
    partition (str): of CelebA: "train", "val" or "test".
    RETURNS (Prepared): what was done; a file that cannot be read does not stop the others.
    RAISES InputError: P063, no picture fills a tier; P064, a list of CelebA cannot be used, or `output` has other tiers; P009,
        P010, there are no pictures.
    """
    output = Path(output)
    check_sides(output, sides)
    names = _names(photos, output, partition)
    with ThreadPoolExecutor() as pool:
        done = list(pool.map(lambda file: _prepare_one(file, names[file], output, sides, own_size), names))
    failed = {str(file): reason for file, reason in zip(names, done, strict=True) if isinstance(reason, str)}
    shorter_sides = [side for side in done if isinstance(side, int)]
    count = {tier: sum(side >= least for side in shorter_sides) for tier, least in sides.items()}
    for tier, side in sides.items():
        if not count[tier]:
            found = {"largest": max(shorter_sides, default=0), "read": len(shorter_sides), "failed": len(failed)}
            raise InputError(Errors.P063.format(tier=tier, side=side, **found))
    write_sides(output, sides, count)
    return Prepared(count, {tier: len(shorter_sides) - number for tier, number in count.items()}, failed)


def _names(photos: Sequence[str | Path], output: Path, partition: str) -> dict[Path, Path]:
    """What each picture is called in each tier; what was prepared before is not prepared again."""
    names: dict[Path, Path] = {}
    for photo in map(Path, photos):
        celeba = CelebA.at(photo)
        files = celeba.files(partition) if celeba else find_pictures([photo], recursive=True)
        for file in files:
            if file not in names and output.resolve() not in file.resolve().parents:
                names[file] = _name(file, photo, names.values())
        if celeba:
            write_bytes(output / CelebA.ATTRIBUTES, celeba.list_file.read_bytes())
    return names


def _name(file: Path, photo: Path, taken: Collection[Path]) -> Path:
    """A name that no other picture has: 1.jpg and 1.png are two, and so are those of two folders."""
    name = (file.relative_to(photo) if photo.is_dir() else Path(file.name)).with_suffix(".png")
    while name in taken:
        name = name.with_stem(f"{name.stem}_2")
    return name


def _prepare_one(file: Path, name: Path, output: Path, sides: Mapping[str, int], own_size: bool) -> int | str:
    """RETURNS (int | str): the picture's shorter side, or why it cannot be used."""
    try:
        pixels = read(file).rgb8()
    except (InputError, OSError) as error:
        return str(error)
    shorter, last = min(pixels.shape[:2]), list(sides)[-1]
    for tier, side in sides.items():
        target = output / tier / name
        if shorter >= side and not target.exists():
            keep = shorter == side or (own_size and tier == last)
            write_bytes(target, encode(Picture(pixels if keep else _scaled(pixels, side)), "png"))
    return shorter


def _scaled(pixels: np.ndarray, side: int) -> np.ndarray:
    import cv2

    height, width = pixels.shape[:2]
    shorter = min(height, width)
    size = (max(side, round(width * side / shorter)), max(side, round(height * side / shorter)))
    return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
