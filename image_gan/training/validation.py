"""Validates the averaged generator on pictures that nothing is trained on."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from keras import ops

from corpora.files import write_bytes
from image_gan.pictures import Picture, encode
from image_gan.training.gan import Gan
from image_gan.training.metrics import EQUAL_DB, flat_parts, high_pass_deviation, psnr

_PART = 4  # pictures that are enhanced at once
_SAMPLES = 4  # pictures that are shown
_UNSEEN = 0.1  # grey levels of deviation, which are added to both sides: drawings may have none


class Validated(NamedTuple):
    """What a validation found.

    psnr (float): dB, RGB, mean over the pictures that were degraded: those that were left as they are have 60 to 100 dB, and
        would drown the others.
    distance (float | None): the feature distance, mean over all pictures; None before there are features.
    outputs (np.ndarray): (N, H, W, 3), uint8.
    flat_deviation (float): the high-pass deviation on flat parts of the targets (`metrics`), how many times theirs, geometric
        mean over the pictures: above 1 there is a mesh, or noise.
    """

    psnr: float
    distance: float | None
    outputs: np.ndarray
    flat_deviation: float

    def metric(self, name: str) -> float:
        """The number by which checkpoints are compared, higher for better: minus the distance, or PSNR.

        name (str): training.metric of the config; without a distance it is PSNR in any case.
        """
        return self.psnr if name == "psnr" or self.distance is None else -self.distance


class Validation:
    """Pictures that validate, and how.

    gan (Gan): whose averaged generator is validated.
    degraded (np.ndarray): (N, h, w, 3 or 4), uint8.
    target (np.ndarray): (N, H, W, 3), uint8.
    """

    def __init__(self, gan: Gan, degraded: np.ndarray, target: np.ndarray) -> None:
        self.gan, self.degraded, self.target = gan, degraded, target

    def run(self, *, with_distance: bool) -> Validated:
        """Validate the averaged generator as it is now.

        with_distance (bool): whether there are features to compare.
        """
        parts = [slice(start, start + _PART) for start in range(0, len(self.degraded), _PART)]
        floats = np.concatenate([ops.convert_to_numpy(self.gan.enhance(self.degraded[part])) for part in parts])
        outputs = np.clip(np.rint(floats * 255), 0, 255).astype(np.uint8)
        distance = None
        if with_distance:
            total = sum(float(self.gan.distance(floats[part], self.target[part])) * len(floats[part]) for part in parts)
            distance = round(total / len(floats), 5)
        return Validated(self._psnr(outputs), distance, outputs, self._flat_deviation(outputs))

    def write_samples(self, path: Path, outputs: np.ndarray) -> None:
        """Write a picture with a row for each of the first pictures: degraded, output, target.

        path (Path): a PNG.
        outputs (np.ndarray): of `run`.
        """
        scale = self.target.shape[1] // self.degraded.shape[1]
        enlarged = self.degraded[:_SAMPLES, ..., :3].repeat(scale, axis=1).repeat(scale, axis=2)
        columns = [np.concatenate(some[:_SAMPLES], axis=0) for some in (enlarged, outputs, self.target)]
        write_bytes(path, encode(Picture(np.concatenate(columns, axis=1)), "png"))

    def _psnr(self, outputs: np.ndarray) -> float:
        decibels = [
            min(EQUAL_DB, psnr(output, target))
            for output, degraded, target in zip(outputs, self.degraded, self.target, strict=True)
            if not np.array_equal(degraded[..., :3], target)
        ]
        return round(float(np.mean(decibels or EQUAL_DB)), 4)

    def _flat_deviation(self, outputs: np.ndarray) -> float:
        ratios = []
        for output, target in zip(outputs, self.target, strict=True):
            where = flat_parts(target)
            made, real = (high_pass_deviation(picture, where) + _UNSEEN for picture in (output, target))
            ratios.append(made / real)
        return round(float(np.exp(np.mean(np.log(ratios)))), 4)
