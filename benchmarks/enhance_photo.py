"""`--look photo` beside Real-ESRGAN's small general model (v3), on bad pictures: features, CPU seconds, and sheets to look at.

Real-ESRGAN runs in ncnn, on the processor, in an environment of its own (.venv-ncnn). The distance is that of SqueezeNet 1.1's
features, which no network of palate's was trained on.
"""

import json
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import real_esrgan
from enhance_shared import BACKBONES, DATA, JUDGE, Wanted, caption, cubic, python_with, rgb, table, whole

from image_gan import Enhancer
from image_gan.pictures import Picture, write
from image_gan.training.degrade import HistoryDegradation

SCALE = 4
_NCNN = """
import json, sys, time
import cv2, ncnn, numpy as np
network = ncnn.Net()
network.opt.num_threads = 2
network.load_param(f"{sys.argv[1]}.param")
network.load_model(f"{sys.argv[1]}.bin")
seconds = []
for file in sys.argv[2:]:
    picture = cv2.cvtColor(cv2.imread(file), cv2.COLOR_BGR2RGB)
    for turn in range(2):  # the first one warms up
        start = time.process_time()
        extractor = network.create_extractor()
        planes = np.ascontiguousarray((picture / np.float32(255)).transpose(2, 0, 1))  # kept: ncnn reads from it
        extractor.input("data", ncnn.Mat(planes))
        _, output = extractor.extract("output")
        large = np.clip(np.rint(np.array(output).transpose(1, 2, 0) * 255), 0, 255).astype(np.uint8)
        spent = time.process_time() - start
    cv2.imwrite(file + ".large.png", large[..., ::-1])
    seconds.append(spent)
print(json.dumps(seconds))
"""


def photo(wanted: Wanted) -> None:
    files = wanted.files("judge40")
    ours = next(name for name in ("x4_photo", "x4_crisp") if wanted.has(name))
    enhancer, distance = wanted.enhancer(ours), squeezenet_distance(BACKBONES / "squeezenet_v1.1_notop.h5")
    caption(
        f"{len(files)} pictures of BSDS500's test part, made small (x4) and bad; distance of SqueezeNet 1.1's",
        "features, 0 for equal pictures; megapixels of output per CPU second, of all threads, the second of two",
        "runs on 481 x 321 pixels",
    )
    last, rows = rgb(JUDGE[0]), []
    for name, degrade in _degradations(enhancer).items():
        real = [whole(rgb(file), SCALE) for file in files]
        small = [degrade(picture, np.random.default_rng(seed)) for seed, picture in enumerate(real)]
        made = {
            "bicubic": ([cubic(picture, SCALE) for picture in small], 0.0),
            "Real-ESRGAN general v3": _real_esrgan([*small, last]),
            f"`{ours}`": ([enhancer(picture) for picture in small], _speed(enhancer, last)),
        }
        for maker, (outputs, speed) in made.items():
            far = np.mean([distance(output, picture) for output, picture in zip(outputs, real, strict=False)])
            rows.append([name, maker, f"{far:.4f}", f"{speed:.2f}" if speed else ""])
        if wanted.sheets:
            _sheets(wanted.sheets, name, small, [outputs for outputs, speed in made.values() if speed], real)
    table(("degraded as", "", "SqueezeNet", "MPix per CPU second"), rows)


def _degradations(enhancer: Enhancer) -> dict[str, Callable[[np.ndarray, np.random.Generator], np.ndarray]]:
    ours = degradation_of(enhancer)
    return {
        "palate's": lambda picture, rng: ours.example(picture, SCALE, rng).degraded,
        "Real-ESRGAN's": lambda picture, rng: real_esrgan.degrade(picture, SCALE, rng),
    }


def degradation_of(enhancer: Enhancer) -> Any:
    """What the photo model was trained on, by its card; for others, what pictures go through by default."""
    from image_gan.training.settings import parse, settings_of

    if enhancer.card.look == "photo":
        return settings_of(parse(enhancer.card.config)).degradation
    return HistoryDegradation(undo_resizing=True)


def _real_esrgan(pictures: list[np.ndarray]) -> tuple[list[np.ndarray], float]:
    """What it makes of pictures, and the megapixels per CPU second of the last one."""
    python = python_with("ncnn", "ncnn", "numpy", "opencv-python-headless")
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / f"{number}.png" for number in range(len(pictures))]
        for file, picture in zip(files, pictures, strict=True):
            write(file, Picture(picture))
        run = [python, "-c", _NCNN, DATA / "peers/RealESRGAN_General_x4_v3", *files]
        seconds = json.loads(subprocess.run(run, check=True, stdout=subprocess.PIPE).stdout)
        large = [rgb(Path(f"{file}.large.png")) for file in files]
        return large, large[-1].shape[0] * large[-1].shape[1] / seconds[-1] / 1e6


def _speed(enhancer: Enhancer, picture: np.ndarray) -> float:
    """Megapixels per CPU second."""
    enhancer(picture)
    start = time.process_time()
    output = enhancer(picture)
    return output.shape[0] * output.shape[1] / (time.process_time() - start) / 1e6


def squeezenet_distance(weights: Path) -> Callable[[np.ndarray, np.ndarray], float]:
    """`feature_loss` in SqueezeNet 1.1 (Iandola et al. 2016, arXiv 1602.07360)."""
    from image_gan.training.losses import feature_loss

    network = _squeezenet(weights)
    return lambda one, other: float(feature_loss(network, *(np.float32(picture[None]) / 255 for picture in (one, other))))


def _squeezenet(weights: Path) -> Any:
    """RGB from 0 to 1 to the activations of conv1, fire3, fire5, fire7 and fire9; its file has the weights in Keras's order."""
    import h5py
    import keras
    from keras import layers, ops

    inputs = keras.Input((None, None, 3))
    x = ops.flip(inputs, axis=-1) * 255 - np.array([103.939, 116.779, 123.68], "f4")
    x = layers.Conv2D(64, 3, strides=2, activation="relu", name="conv1")(x)
    stages = [x]
    for fire, squeeze in enumerate((16, 16, 32, 32, 48, 48, 64, 64), 2):
        if fire in (2, 4, 6):
            x = layers.MaxPooling2D(3, 2)(x)
        x = layers.Conv2D(squeeze, 1, activation="relu", name=f"fire{fire}_squeeze1x1")(x)
        sides = (layers.Conv2D(4 * squeeze, 1, activation="relu", name=f"fire{fire}_expand1x1")(x),)
        sides += (layers.Conv2D(4 * squeeze, 3, padding="same", activation="relu", name=f"fire{fire}_expand3x3")(x),)
        x = ops.concatenate(sides, axis=-1)
        if fire % 2:
            stages.append(x)
    network = keras.Model(inputs, stages)
    with h5py.File(weights) as file:
        for layer in network.layers:
            if layer.weights:
                arrays = dict(_arrays(file[layer.name.replace("_", "/")]))
                layer.set_weights([arrays["kernel"], arrays["bias"]])
    return network


def _arrays(group: Any) -> Iterator[tuple[str, np.ndarray]]:
    """The kernel and the bias of a layer, wherever in its group they stand."""
    for value in group.values():
        if hasattr(value, "shape"):
            yield "kernel" if value.ndim == 4 else "bias", value[()]
        else:
            yield from _arrays(value)


def _sheets(
    folder: Path, name: str, small: list[np.ndarray], made: list[list[np.ndarray]], real: list[np.ndarray], side: int = 192
) -> None:
    """The middle of each picture as it was given, as each one made it, and as it was; five pictures a sheet, twenty in all."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for number in range(min(20, len(real))):
        nearest = cv2.resize(small[number], None, fx=SCALE, fy=SCALE, interpolation=cv2.INTER_NEAREST)
        row = [nearest, *(outputs[number] for outputs in made), real[number]]
        rows.append(np.hstack([_middle(picture, side) for picture in row]))
    for first in range(0, len(rows), 5):
        kind = name.removesuffix("'s").lower()
        write(folder / f"{kind}_{first // 5 + 1}.png", Picture(np.vstack(rows[first : first + 5])))


def _middle(picture: np.ndarray, side: int) -> np.ndarray:
    top, left = ((length - side) // 2 for length in picture.shape[:2])
    return picture[top : top + side, left : left + side]
