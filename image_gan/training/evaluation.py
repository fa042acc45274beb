"""A run's best generator, judged on whole pictures."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from image_gan import pictures
from image_gan.enhance.tiles import EDGE
from image_gan.errors import Errors, InputError
from image_gan.training import checkpoint, settings
from image_gan.training.batches import rgb8
from image_gan.training.degrade import shrink
from image_gan.training.metrics import psnr, ssim
from image_gan.training.settings import config_of, run_at
from image_gan.training.trainer import BEST, LAST


def evaluate(run: str | Path, folder: str | Path, *, seed: int = 0) -> Iterator[dict[str, Any]]:
    """Spoil each picture of a folder as the run's config says, undo it, and compare.

    RETURNS (Iterator): a dict for each picture: picture, psnr (dB, RGB, 8 bit, no border cut, 100 for equal), ssim,
        distance (relative difference of features, 0 for equal; by the network that the config names), and the same of the
        input, or of its plain enlargement, as input_psnr, input_ssim, input_distance. A file that cannot be read has
        "failed" instead.
    RAISES InputError: P066, P067, no run; what `find_pictures` raises.
    """
    import cv2
    from keras import ops

    from image_gan.training.losses import feature_loss

    config = config_of(run)
    generator, features = load_generator(run), load_features(run)
    degradation = settings.settings_of(config)["degradation"]
    scale = generator.scale

    def distance(made: np.ndarray, real: np.ndarray) -> float:
        both = (np.float32(side[None]) / 255 for side in (made, real))
        return float(ops.convert_to_numpy(feature_loss(features, *both)))

    for number, file in enumerate(pictures.find_pictures([folder], recursive=True)):
        try:
            whole = rgb8(pictures.read(file))
            sides = [side - side % scale for side in whole.shape[:2]]
            if min(sides) < 16:
                raise InputError(Errors.P065.format(file=file, size=f"{whole.shape[1]}x{whole.shape[0]}", crop=16))
        except (InputError, OSError) as error:
            yield {"picture": str(file), "failed": str(error)}
            continue
        whole = np.ascontiguousarray(whole[: sides[0], : sides[1]])
        small = spoilt(whole, degradation, scale, np.random.default_rng((seed, number)))
        plain = cv2.resize(small, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC) if scale > 1 else small
        made = generate(generator, small)
        row: dict[str, Any] = {"picture": str(file)}
        for prefix, other in (("", made), ("input_", plain)):
            figures = {"psnr": min(100.0, psnr(other, whole)), "ssim": ssim(other, whole), "distance": distance(other, whole)}
            row |= {prefix + name: round(value, 4) for name, value in figures.items()}
        yield row


def spoilt(whole: np.ndarray, degradation: Any, scale: int, rng: np.random.Generator) -> np.ndarray:
    """What a generator is given of a picture, (H, W, 3) uint8, whose sides are multiples of the scale."""
    return degradation(shrink(whole, scale) if scale > 1 else whole, rng)


def load_generator(run: str | Path) -> Any:
    """The best generator of a run, in float32. RAISES InputError: P066, P067."""
    import keras

    keras.config.set_dtype_policy("float32")
    generator = settings.network_of(config_of(run), "generator", weights=False)
    checkpoint.restore(run_at(run) / BEST, {"average": generator.variables})
    return generator


def load_features(run: str | Path) -> Any:
    """The network by which a run compares features, as its checkpoint has it. RAISES InputError: P066, P067."""
    config = config_of(run)
    features = settings.network_of(config, "features", weights=False)
    features = features or settings.network_of(config, "generator", weights=False).encoder
    checkpoint.restore(run_at(run) / LAST, {"features": features.variables})
    return features


def generate(generator: Any, picture: np.ndarray) -> np.ndarray:
    """Run a generator over a picture of any size, in one piece, as `Enhancer` does it in tiles.

    picture (np.ndarray): (H, W, 3), RGB, uint8. RETURNS (np.ndarray): (scale * H, scale * W, 3), RGB, uint8.
    """
    import cv2
    from keras import ops

    from image_gan.training.networks.unet import restored

    (height, width), scale = picture.shape[:2], generator.scale
    below, right = (EDGE + -(side + 2 * EDGE) % generator.multiple for side in (height, width))
    padded = cv2.copyMakeBorder(picture, EDGE, below, EDGE, right, cv2.BORDER_REFLECT)[None].astype(np.float32) / 255
    made = ops.convert_to_numpy(restored(generator(padded), padded))[0, EDGE * scale :, EDGE * scale :]
    made = made[: height * scale, : width * scale]
    return np.clip(np.rint(made * 255), 0, 255).astype(np.uint8)
