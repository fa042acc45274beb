"""Pictures -> three tiers of resolution -> batches, each a pure function of (seed, step)."""

import hashlib
import json
import os
import time
from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from corpora.files import write_bytes, write_text
from image_gan import pictures
from image_gan.errors import Errors, InputError
from image_gan.training.degrade import Degradation, shrink

TIERS = {"low": 64, "medium": 128, "high": 256}  # the shorter side of a picture in each tier
_SIDES = "tiers.json"
_CACHE = 1_500_000_000  # bytes of decoded pictures that are kept


class Prepared(NamedTuple):
    """What `prepare` did: pictures a tier, pictures too small for it, and files that could not be read with their reasons."""

    pictures: dict[str, int]
    too_small: dict[str, int]
    failed: dict[str, str]


def prepare(
    photos: Sequence[str | Path],
    output: str | Path,
    *,
    sides: Mapping[str, int] = TIERS,
    own_size: bool = False,
    partition: str = "train",
) -> Prepared:
    """Check pictures, turn them upright and scale each down into every tier that it can fill.

    photos (Sequence): files, and folders that are searched with all below them; a folder in CelebA's layout gives the
        pictures of `partition`, and its attributes are copied.
    output (str | Path): gets a folder of PNGs for each tier. Run again, it goes on: what is there is kept.
    sides (Mapping): the shorter side of a picture in each tier; a picture that is smaller is left out of it.
    own_size (bool): the last tier has its pictures as large as they are. partition (str): "train", "val" or "test" of CelebA.
    RETURNS (Prepared): what was done; a file that cannot be read stops nothing.
    RAISES InputError: P063, no picture fills a tier; P064, a list of CelebA's that cannot be used, or tiers of other sides in
        `output`; and what `find_pictures` raises.
    """
    output, done_before = Path(output), Path(output) / _SIDES
    if done_before.exists() and (there := {tier: tier_side(output, tier) for tier in sides}) != dict(sides):
        raise InputError(Errors.P064.format(file=done_before, reason=f"its sides are {there}: name another folder"))
    files: dict[Path, Path] = {}
    for photo in map(Path, photos):
        celeba = CelebA.at(photo)
        found = celeba.files(partition) if celeba else pictures.find_pictures([photo], recursive=True)
        for file in found:
            if file not in files and output.resolve() not in file.resolve().parents:
                files[file] = _name(file, photo, files.values())
        if celeba:
            write_bytes(output / CelebA.ATTRIBUTES, celeba.listed.read_bytes())
    with ThreadPoolExecutor() as pool:
        done = list(pool.map(lambda file: _prepare_one(file, files[file], output, sides, own_size), files))
    failed = {str(file): reason for file, reason in zip(files, done, strict=True) if isinstance(reason, str)}
    shorter = [side for side in done if isinstance(side, int)]
    count = {tier: sum(side >= least for side in shorter) for tier, least in sides.items()}
    for tier, least in sides.items():
        if not count[tier]:
            largest = max(shorter, default=0)
            raise InputError(Errors.P063.format(tier=tier, side=least, largest=largest, read=len(shorter), failed=len(failed)))
    write_text(output / _SIDES, json.dumps({"sides": dict(sides), "pictures": count}, indent=1))
    return Prepared(count, {tier: len(shorter) - n for tier, n in count.items()}, failed)


def _name(file: Path, photo: Path, taken: Collection[Path]) -> Path:
    """What a picture is called in each tier: 1.jpg and 1.png are two, and so are those of two folders."""
    name = (file.relative_to(photo) if photo.is_dir() else Path(file.name)).with_suffix(".png")
    while name in taken:
        name = name.with_stem(f"{name.stem}_2")
    return name


def _prepare_one(file: Path, name: Path, output: Path, sides: Mapping[str, int], own_size: bool) -> int | str:
    """RETURNS: the picture's shorter side, or why it cannot be used."""
    import cv2

    try:
        pixels = rgb8(pictures.read(file))
    except (InputError, OSError) as error:
        return str(error)
    height, width = pixels.shape[:2]
    shorter = min(height, width)
    for tier, side in sides.items():
        target = output / tier / name
        if shorter >= side and not target.exists():
            size = (max(side, round(width * side / shorter)), max(side, round(height * side / shorter)))
            keep = shorter == side or (own_size and tier == list(sides)[-1])
            small = pixels if keep else cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
            write_bytes(target, pictures.encode(pictures.Picture(small, None, "png", None, None, None)))
    return shorter


def rgb8(picture: pictures.Picture) -> np.ndarray:
    """A picture as training takes it: (H, W, 3), RGB, uint8, without its alpha."""
    pixels = picture.pixels
    if pixels.dtype == np.uint16:
        pixels = ((pixels.astype(np.uint32) * 255 + 32767) // 65535).astype(np.uint8)
    return np.repeat(pixels, 3, axis=2) if pixels.shape[2] == 1 else pixels


@dataclass(frozen=True)
class CelebA:
    """CelebA as it is published: img_align_celeba, list_attr_celeba.txt, and list_eval_partition.txt where there is one.

    Source: Liu et al. 2015 (arXiv 1411.7766).
    """

    folder: Path
    ATTRIBUTES = "list_attr_celeba.txt"
    PARTITIONS = ("train", "val", "test")

    @classmethod
    def at(cls, folder: Path) -> "CelebA | None":
        """The data set in a folder, if it is one."""
        return cls(folder) if folder.is_dir() and (folder / cls.ATTRIBUTES).is_file() else None

    @property
    def listed(self) -> Path:
        return self.folder / self.ATTRIBUTES

    def files(self, partition: str) -> list[Path]:
        """The pictures of a partition; all of them where no partition is published. RAISES InputError: P064."""
        if partition not in self.PARTITIONS:
            raise InputError(Errors.P060.format(what="partition", allowed="train, val or test", got=partition))
        folder = next((self.folder / name for name in ("img_align_celeba", "images") if (self.folder / name).is_dir()), None)
        if folder is None:
            raise InputError(Errors.P064.format(file=self.folder, reason="has no folder img_align_celeba"))
        names, listed = self.attributes()[0], self.listed
        if (parts := self.folder / "list_eval_partition.txt").is_file():
            names, listed = self._part(parts, str(self.PARTITIONS.index(partition)), set(names)), parts
        missing = [name for name in names if not (folder / name).is_file()]
        if not names:
            raise InputError(Errors.P064.format(file=listed, reason=f"has no picture of {partition}"))
        if missing:
            reason = f"names {len(missing)} pictures that are not in {folder.name}, {missing[0]} first"
            raise InputError(Errors.P064.format(file=listed, reason=reason))
        return [folder / name for name in names]

    def _part(self, parts: Path, wanted: str, known: set[str]) -> list[str]:
        names = []
        for number, line in enumerate(parts.read_text("utf8", "replace").splitlines(), 1):
            name, part = line.split() if len(line.split()) == 2 else (line, "")
            if part not in ("0", "1", "2") or name not in known:
                reason = f"line {number} is not a name that {self.ATTRIBUTES} has, and 0, 1 or 2"
                raise InputError(Errors.P064.format(file=parts, reason=reason))
            names += [name] if part == wanted else []
        return names

    def attributes(self) -> tuple[list[str], list[str], np.ndarray]:
        """RETURNS (tuple): names of pictures, names of attributes, and whether they hold, bool (pictures, attributes).
        RAISES InputError: P064, what stands in a line that cannot be used."""
        lines = self.listed.read_text("utf8", "replace").splitlines()
        columns = lines[1].split() if len(lines) > 1 else []
        names, rows = [], []
        for number, line in enumerate(lines[2:], 3):
            cells = line.split()
            if not cells:
                continue
            if len(cells) != len(columns) + 1 or not set(cells[1:]) <= {"1", "-1"}:
                reason = f"line {number} has not {len(columns)} values of 1 or -1 after the picture's name"
                raise InputError(Errors.P064.format(file=self.listed, reason=reason))
            names.append(cells[0])
            rows.append([cell == "1" for cell in cells[1:]])
        if not rows or lines[0].strip() != str(len(rows)):
            reason = f"says that it has {lines[0].strip()} pictures, and has {len(rows)}" if rows else "names no picture"
            raise InputError(Errors.P064.format(file=self.listed, reason=reason))
        return names, columns, np.array(rows)


def tier_files(prepared: str | Path, tier: str) -> list[Path]:
    """The pictures of a tier, in order. RAISES InputError: P061, P062."""
    folder = Path(prepared) / tier
    if not Path(prepared).is_dir():
        raise InputError(Errors.P061.format(folder=prepared))
    files = sorted(folder.rglob("*.png")) if folder.is_dir() else []
    if not files:
        raise InputError(Errors.P062.format(tier=tier, folder=prepared))
    return files


def tier_side(prepared: str | Path, tier: str) -> int:
    """The shorter side of a picture in a tier. RAISES InputError: P061."""
    try:
        return int(json.loads((Path(prepared) / _SIDES).read_text("utf8"))["sides"][tier])
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError(Errors.P061.format(folder=prepared)) from None


def held_out(files: Sequence[Path], root: Path, share: float) -> tuple[list[Path], list[Path]]:
    """Part pictures into those that are trained on and those that judge, by a hash of their names: alike in every tier."""

    def draw(file: Path) -> float:
        return int.from_bytes(hashlib.sha256(file.relative_to(root).as_posix().encode()).digest()[:8], "big") / 2**64

    judging = [file for file in files if draw(file) < share]
    return [file for file in files if draw(file) >= share], judging


class Batches:
    """Batches of spoilt and whole pictures; `batch(step)` is a pure function of (seed, step).

    files (Sequence[Path]): pictures, in order. crop (int): side of what the network gives out, a multiple of scale.
    batch (int): pictures a batch. scale (int): how much smaller the spoilt ones are. degradation (Degradation). seed (int).
    turn (bool): whether pictures are turned by quarters as well as mirrored; faces stand upright.
    flat (float): share of the crops that become patches of plain colours.
    conditions (Mapping): a float32 vector for each picture's name, for a conditional critic.
    """

    def __init__(
        self,
        files: Sequence[Path],
        *,
        crop: int,
        batch: int,
        scale: int,
        degradation: Degradation,
        seed: int,
        turn: bool = True,
        flat: float = 0.0,
        conditions: Mapping[str, np.ndarray] | None = None,
    ) -> None:
        self.files, self.crop, self.size, self.scale = list(files), crop, batch, scale
        self.degradation, self.seed, self.turn, self.flat, self.conditions = degradation, seed, turn, flat, conditions
        if conditions is not None and (unknown := [file for file in files if file.stem not in conditions]):
            raise InputError(Errors.P064.format(file=unknown[0], reason="is not among the pictures of paths.conditions"))
        self._cached: dict[int, np.ndarray] = {}
        self._bytes = 0
        self._order: tuple[int, np.ndarray] = (-1, np.empty(0, np.int64))

    def batch(self, step: int, *, blend: float = 1.0, coarse: float = 2.0, part: slice = slice(None)) -> list[np.ndarray]:
        """Give the batch of a step.

        blend (float): how much of the pictures' detail is there: below 1 they are mixed with what is left of themselves at
            the resolution of the tier before, `coarse` times smaller (Karras et al. 2017, arXiv 1710.10196, figure 2).
        part (slice): the places of the batch that are wanted, for several devices.
        RETURNS (list): spoilt (B, crop / scale, crop / scale, 3) and whole (B, crop, crop, 3), RGB, uint8; and conditions
            (B, C), float32, where there are any.
        """
        examples = [self._example(step, place, blend, coarse) for place in range(self.size)[part]]
        return [np.stack(column) for column in zip(*examples, strict=True)]

    def fixed(self, number: int) -> list[np.ndarray]:
        """The first pictures, cut from their middle and spoilt alike every time: what judges."""
        examples = []
        for place in range(min(number, len(self.files))):
            rng = np.random.default_rng((self.seed, 0x6A75, place))
            picture = self._picture(place)
            top, left = ((side - self.crop) // 2 for side in picture.shape[:2])
            examples.append(self._pair(picture[top : top + self.crop, left : left + self.crop], place, rng))
        return [np.stack(column) for column in zip(*examples, strict=True)]

    def _example(self, step: int, place: int, blend: float, coarse: float) -> tuple[np.ndarray, ...]:
        rng = np.random.default_rng((self.seed, step, place))
        number = self._number(step * self.size + place)
        picture = self._picture(number)
        top, left = (int(rng.integers(0, side - self.crop + 1)) for side in picture.shape[:2])
        piece = np.rot90(picture[top : top + self.crop, left : left + self.crop], int(rng.integers(0, 4)) if self.turn else 0)
        piece = np.ascontiguousarray(piece[:, ::-1] if rng.random() < 0.5 else piece)
        if self.flat and rng.random() < self.flat:
            piece = patches(piece, rng)
        return self._pair(_blended(piece, blend, coarse) if blend < 1 else piece, number, rng)

    def _pair(self, piece: np.ndarray, number: int, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
        piece = np.ascontiguousarray(piece)
        pair = (self.degradation(shrink(piece, self.scale) if self.scale > 1 else piece, rng), piece)
        return pair if self.conditions is None else (*pair, self.conditions[self.files[number].stem])

    def _number(self, position: int) -> int:
        """The picture at a position of the endless sequence of epochs, each in an order of its own."""
        epoch, place = divmod(position, len(self.files))
        kept, order = self._order
        if kept != epoch:
            order = np.random.default_rng((self.seed, 0x65706F, epoch)).permutation(len(self.files))
            self._order = (epoch, order)
        return int(order[place])

    def _picture(self, number: int) -> np.ndarray:
        if number in self._cached:
            return self._cached[number]
        picture = rgb8(pictures.read(self.files[number]))
        if min(picture.shape[:2]) < self.crop:
            size = f"{picture.shape[1]}x{picture.shape[0]}"
            raise InputError(Errors.P065.format(file=self.files[number], size=size, crop=self.crop))
        if self._bytes + picture.nbytes <= _CACHE:
            self._cached[number] = picture
            self._bytes += picture.nbytes
        return picture


def patches(piece: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A crop, (side, side, 3) uint8, as plain patches of its colours, 1 to 16 along a side, made purer by up to 8 times."""
    import cv2

    many, purer = int(rng.integers(1, 17)), 2 ** rng.uniform(0, 3)
    colours = cv2.resize(piece, (many, many), interpolation=cv2.INTER_AREA).astype(np.float32)
    colours = np.clip((colours - colours.mean()) * purer + colours.mean(), 0, 255).astype(np.uint8)
    return cv2.resize(colours, piece.shape[1::-1], interpolation=cv2.INTER_NEAREST)


def _blended(piece: np.ndarray, blend: float, coarse: float) -> np.ndarray:
    import cv2

    side = piece.shape[0]
    small = cv2.resize(piece, (max(1, round(side / coarse)),) * 2, interpolation=cv2.INTER_AREA)
    return cv2.addWeighted(piece, blend, cv2.resize(small, (side, side), interpolation=cv2.INTER_LINEAR), 1 - blend, 0)


class Ahead:
    """Makes what is wanted next on threads of its own, and gives it in order; counts the seconds that were waited for it."""

    def __init__(self, make: Callable[[int], Any], start: int, end: int, depth: int = 8) -> None:
        self.waited = 0.0
        self._make, self._steps = make, iter(range(start, end))
        self._pool = ThreadPoolExecutor(min(4, max(1, (os.cpu_count() or 1) // 2)))  # the other cores train
        self._made: deque[Future] = deque()
        self._begin(depth)

    def __iter__(self) -> Iterator[Any]:
        while self._made:
            start = time.perf_counter()
            made = self._made.popleft().result()
            self.waited += time.perf_counter() - start
            self._begin(1)
            yield made

    def close(self) -> None:
        """Stop; what was made and not taken is dropped."""
        self._pool.shutdown(cancel_futures=True)

    def _begin(self, number: int) -> None:
        self._made.extend(self._pool.submit(self._make, step) for step in islice(self._steps, number))
