"""Prepared pictures -> batches of degraded and target pictures, each a pure function of (seed, step)."""

import os
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from image_gan.enhance.tiles import with_level
from image_gan.errors import Errors, InputError
from image_gan.pictures import read
from image_gan.training.degrade import Degradation, HistoryDegradation
from image_gan.training.drawings import draw

_CACHE_BYTES = 1_500_000_000  # of decoded pictures
_VALIDATION, _EPOCH = 0x6A75, 0x65706F  # keep random numbers of different uses apart


class Batches:
    """Batches of degraded and target pictures.

    files (Sequence[Path]): pictures, in order.
    crop (int): the side of a target, a multiple of `scale`.
    batch (int): pictures per batch.
    scale (int): how many times smaller the degraded pictures are.
    degradation (Degradation | HistoryDegradation): how they are degraded.
    seed (int): of everything that is drawn.
    rotate (bool): rotate pictures by quarters of a turn, and do not only mirror them; faces stay upright.
    plain_patches (float): the share of the crops that become patches of plain colours.
    drawings (float): the share of the crops in whose place something is drawn (`drawings.draw`).
    noise_level (bool): degraded pictures have a fourth channel, the level of noise that is to be removed.
    conditions (Mapping[str, np.ndarray] | None): a float32 vector by the name of each picture, for a conditional critic.
    RAISES InputError: P064, a picture has no conditions.
    """

    def __init__(
        self,
        files: Sequence[Path],
        *,
        crop: int,
        batch: int,
        scale: int,
        degradation: Degradation | HistoryDegradation,
        seed: int,
        rotate: bool = True,
        plain_patches: float = 0.0,
        drawings: float = 0.0,
        noise_level: bool = False,
        conditions: Mapping[str, np.ndarray] | None = None,
    ) -> None:
        self.files, self.crop, self.size, self.scale = list(files), crop, batch, scale
        self.degradation, self.seed, self.conditions = degradation, seed, conditions
        self.rotate, self.plain_patches, self.drawings, self.noise_level = rotate, plain_patches, drawings, noise_level
        if conditions is not None:
            for file in files:
                if file.stem not in conditions:
                    raise InputError(Errors.P064.format(file=file, reason="is not among the pictures of paths.conditions"))
        self._cache: dict[int, np.ndarray] = {}
        self._cached_bytes = 0
        self._order: tuple[int, np.ndarray] = (-1, np.empty(0, np.int64))

    def batch(self, step: int, *, detail: float = 1.0, coarse: float = 2.0, part: slice = slice(None)) -> list[np.ndarray]:
        """Make the batch of a step.

        step (int): counted from 0.
        detail (float): how much of the pictures' detail they have: below 1 they are mixed with what is left of themselves at
            the resolution of the tier before (Karras et al. 2017, arXiv 1710.10196, figure 2).
        coarse (float): how many times smaller that resolution is.
        part (slice): which positions of the batch are wanted, for several devices.
        RETURNS (list[np.ndarray]): degraded (B, crop / scale, crop / scale, 3 or 4) and target (B, crop, crop, 3), RGB, uint8;
            and conditions (B, C), float32, if there are any.
        RAISES InputError: P065, a picture is smaller than the crop; and as `pictures.read`.
        """
        examples = [self._example(step, place, detail, coarse) for place in range(self.size)[part]]
        return [np.stack(column) for column in zip(*examples, strict=True)]

    def fixed(self, number: int) -> list[np.ndarray]:
        """Make a batch of the first pictures, cropped in their middle and always degraded in the same way, for validation.

        number (int): how many at most.
        RETURNS (list[np.ndarray]): as `batch`. RAISES InputError: as `batch`.
        """
        examples = []
        for place in range(min(number, len(self.files))):
            rng = np.random.default_rng((self.seed, _VALIDATION, place))
            picture = self._picture(place)
            top, left = ((side - self.crop) // 2 for side in picture.shape[:2])
            examples.append(self._pair(picture[top : top + self.crop, left : left + self.crop], place, rng))
        return [np.stack(column) for column in zip(*examples, strict=True)]

    def _example(self, step: int, place: int, detail: float, coarse: float) -> tuple[np.ndarray, ...]:
        rng = np.random.default_rng((self.seed, step, place))
        number = self._number(step * self.size + place)
        picture = self._picture(number)
        top, left = (int(rng.integers(0, side - self.crop + 1)) for side in picture.shape[:2])
        target = picture[top : top + self.crop, left : left + self.crop]
        if self.rotate:
            target = np.rot90(target, int(rng.integers(0, 4)))
        if rng.random() < 0.5:
            target = target[:, ::-1]
        target = np.ascontiguousarray(target)
        if self.plain_patches and rng.random() < self.plain_patches:
            target = as_plain_patches(target, rng)
        if self.drawings and rng.random() < self.drawings:
            target = draw(self.crop, rng)
        if detail < 1:
            target = _with_less_detail(target, detail, coarse)
        return self._pair(target, number, rng)

    def _pair(self, target: np.ndarray, number: int, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
        target = np.ascontiguousarray(target)
        degraded, target, level = self.degradation.example(target, self.scale, rng)
        if self.noise_level:
            degraded = with_level(degraded, level)
        if self.conditions is None:
            return degraded, target
        return degraded, target, self.conditions[self.files[number].stem]

    def _number(self, position: int) -> int:
        """The picture at a position of the endless sequence of epochs, each of which has its own order."""
        epoch, place = divmod(position, len(self.files))
        last_epoch, order = self._order
        if last_epoch != epoch:
            order = np.random.default_rng((self.seed, _EPOCH, epoch)).permutation(len(self.files))
            self._order = (epoch, order)
        return int(order[place])

    def _picture(self, number: int) -> np.ndarray:
        if number in self._cache:
            return self._cache[number]
        picture = read(self.files[number]).rgb8()
        if min(picture.shape[:2]) < self.crop:
            size = f"{picture.shape[1]}x{picture.shape[0]}"
            raise InputError(Errors.P065.format(file=self.files[number], size=size, crop=self.crop))
        if self._cached_bytes + picture.nbytes <= _CACHE_BYTES:
            self._cache[number] = picture
            self._cached_bytes += picture.nbytes
        return picture


def as_plain_patches(crop: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Turn a crop into plain patches of its colours, 1 to 16 along a side, made purer by up to 8 times.

    crop (np.ndarray): (side, side, 3), uint8.
    rng (np.random.Generator): draws their number and their purity.
    RETURNS (np.ndarray): of the same shape and dtype.
    """
    import cv2

    count, purer = int(rng.integers(1, 17)), 2 ** rng.uniform(0, 3)
    colours = cv2.resize(crop, (count, count), interpolation=cv2.INTER_AREA).astype(np.float32)
    colours = np.clip((colours - colours.mean()) * purer + colours.mean(), 0, 255).astype(np.uint8)
    return cv2.resize(colours, crop.shape[1::-1], interpolation=cv2.INTER_NEAREST)


def _with_less_detail(crop: np.ndarray, detail: float, coarse: float) -> np.ndarray:
    import cv2

    side = crop.shape[0]
    smaller = max(1, round(side / coarse))
    small = cv2.resize(crop, (smaller, smaller), interpolation=cv2.INTER_AREA)
    return cv2.addWeighted(crop, detail, cv2.resize(small, (side, side), interpolation=cv2.INTER_LINEAR), 1 - detail, 0)


class Prefetcher:
    """Makes what is needed next in its own threads, gives it in order, and counts the seconds that were spent waiting for it.

    make (Callable[[int], Any]): called with each step.
    start (int): the first step.
    end (int): the one after the last.
    depth (int): how many are made in advance.
    """

    def __init__(self, make: Callable[[int], Any], start: int, end: int, depth: int = 8) -> None:
        self.waited = 0.0
        self._make, self._steps = make, iter(range(start, end))
        self._pool = ThreadPoolExecutor(min(4, max(1, (os.cpu_count() or 1) // 2)))  # the other cores train
        self._futures: deque[Future] = deque()
        self._begin(depth)

    def __iter__(self) -> Iterator[Any]:
        while self._futures:
            start = time.perf_counter()
            result = self._futures.popleft().result()
            self.waited += time.perf_counter() - start
            self._begin(1)
            yield result

    def close(self) -> None:
        """Stop; what was made and not taken is dropped."""
        self._pool.shutdown(cancel_futures=True)

    def _begin(self, number: int) -> None:
        self._futures.extend(self._pool.submit(self._make, step) for step in islice(self._steps, number))
