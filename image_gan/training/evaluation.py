"""Evaluates a run's best generator on whole pictures, not on crops."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from image_gan.enhance.tiles import EDGE, with_level
from image_gan.errors import Errors, InputError
from image_gan.pictures import find_pictures, read
from image_gan.training.degrade import Example
from image_gan.training.metrics import EQUAL_DB, psnr, ssim
from image_gan.training.runs import load_features, load_generator, run_config
from image_gan.training.settings import settings_of

_SMALLEST = 16  # pixels of a side


def evaluate(run: str | Path, folder: str | Path, *, seed: int = 0) -> Iterator[dict[str, Any]]:
    """Degrade each picture of a folder as the run's config says, undo it, and compare.

    run (str | Path): the folder of a run, or a folder of runs, of which the newest is meant.
    folder (str | Path): of target pictures; folders in it are searched too.
    seed (int): of what degrades them.
    RETURNS (Iterator[dict[str, Any]]): for each picture: picture; psnr (dB, RGB, 8 bits, no border cut, 100 for equal
        pictures), ssim, distance (relative difference of features, 0 for equal pictures; by the network that the config
        names); and the same of the input, or of its plain enlargement, as input_psnr, input_ssim, input_distance. A file that
        cannot be read has "failed" instead.
    RAISES InputError: P066, P067, there is no run; P009, P010, there are no pictures.
    """
    generator, features = load_generator(run), load_features(run)
    degradation = settings_of(run_config(run)).degradation
    for number, file in enumerate(find_pictures([folder], recursive=True)):
        try:
            target = _read_target(file, generator.scale)
        except (InputError, OSError) as error:
            yield {"picture": str(file), "failed": str(error)}
            continue
        example = degradation.example(target, generator.scale, np.random.default_rng((seed, number)))
        row: dict[str, Any] = {"picture": str(file)}
        row |= _figures(run_generator(generator, network_input(generator, example)), example.target, features)
        of_input = _figures(_plainly_enlarged(example.degraded, generator.scale), example.target, features)
        yield row | {f"input_{name}": value for name, value in of_input.items()}


def mean_figures(rows: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Average the figures over the pictures that were degraded.

    A config may leave some pictures as they are; their 60 to 100 dB would drown the others.

    rows (Sequence[Mapping[str, Any]]): of `evaluate`.
    RETURNS (dict[str, float]): the figures of a row, and none if no picture was degraded.
    """
    degraded = degraded_rows(rows)
    names = [name for name in (degraded[0] if degraded else {}) if name != "picture"]
    return {name: round(sum(row[name] for row in degraded) / len(degraded), 4) for name in names}


def degraded_rows(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The rows of pictures that could be read and were degraded."""
    return [row for row in rows if "failed" not in row and row["input_psnr"] < EQUAL_DB]


def network_input(generator: Any, example: Example) -> np.ndarray:
    """What a generator is given of an example, (H, W, 3 or 4), uint8: with the level of noise, if it is told that."""
    return with_level(example.degraded, example.level) if generator.noise_level else example.degraded


def run_generator(generator: Any, picture: np.ndarray) -> np.ndarray:
    """Run a generator over a picture of any size, at once, as `Enhancer` does it in tiles.

    generator (keras.Model): of `networks.unet`.
    picture (np.ndarray): (H, W, 3), RGB, uint8; and the level, as `network_input` gives it.
    RETURNS (np.ndarray): (scale * H, scale * W, 3), RGB, uint8.
    """
    import cv2
    from keras import ops

    from image_gan.training.networks.unet import add_residual

    (height, width), scale = picture.shape[:2], generator.scale
    below, right = (EDGE + -(side + 2 * EDGE) % generator.size_multiple for side in (height, width))
    padded = cv2.copyMakeBorder(picture, EDGE, below, EDGE, right, cv2.BORDER_REFLECT)[None].astype(np.float32) / 255
    output = ops.convert_to_numpy(add_residual(padded, generator(padded)))[0, EDGE * scale :, EDGE * scale :]
    return np.clip(np.rint(output[: height * scale, : width * scale] * 255), 0, 255).astype(np.uint8)


def _read_target(file: Path, scale: int) -> np.ndarray:
    target = read(file).rgb8()
    height, width = (side - side % scale for side in target.shape[:2])
    if min(height, width) < _SMALLEST:
        size = f"{target.shape[1]}x{target.shape[0]}"
        raise InputError(Errors.P065.format(file=file, size=size, crop=_SMALLEST))
    return np.ascontiguousarray(target[:height, :width])


def _figures(output: np.ndarray, target: np.ndarray, features: Any) -> dict[str, float]:
    from keras import ops

    from image_gan.training.losses import feature_loss

    pair = (np.float32(picture[None]) / 255 for picture in (output, target))
    distance = float(ops.convert_to_numpy(feature_loss(features, *pair)))
    figures = {"psnr": min(EQUAL_DB, psnr(output, target)), "ssim": ssim(output, target), "distance": distance}
    return {name: round(value, 4) for name, value in figures.items()}


def _plainly_enlarged(degraded: np.ndarray, scale: int) -> np.ndarray:
    import cv2

    return cv2.resize(degraded, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC) if scale > 1 else degraded
