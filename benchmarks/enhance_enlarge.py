"""Enlarging: Set5 beside the models of others, small pictures as cameras and browsers make them, the mesh of crisp models."""

import json
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from enhance_shared import BACKBONES, DATA, JUDGE, ROOT, Wanted, area, caption, cubic, python_with, rate, rgb, table, whole

from image_gan import Enhancer
from image_gan.training.degrade import jpeg, shrink
from image_gan.training.metrics import fine_energy, flat_parts, high_pass_deviation, psnr_y

FEATURES = {"vgg16": "vgg16_imagenet_block1-3.npz", "resnet18": "resnet18_bnfolded_stem_to_layer3.npz"}
LOOKS = ("", "_crisp", "_photo")
CHART = ROOT / "docs" / "speed.svg"
_OPENCV = """
import json, sys, time
import cv2
speeds = {}
for file in sys.argv[3:]:
    picture = cv2.imread(file)
    for name in ("ESPCN", "FSRCNN"):
        for scale in (2, 4):
            network = cv2.dnn_superres.DnnSuperResImpl_create()
            network.readModel(f"{sys.argv[1]}/peers/{name}_x{scale}.pb")
            network.setModel(name.lower(), scale)
            seconds = []
            for _ in range(6):
                start = time.perf_counter()
                large = network.upsample(picture)
                seconds.append(time.perf_counter() - start)
            cv2.imwrite(f"{sys.argv[2]}/{name}{scale}_{file.split('/')[-1]}.png", large)
            speeds[f"{name}{scale}"] = large.shape[0] * large.shape[1] / min(seconds) / 1e6
print(json.dumps(speeds))
"""


class Row(NamedTuple):
    """A model on Set5: what it made of the pictures, and its speed."""

    name: str
    outputs: list[np.ndarray]
    speed: float


def set5(wanted: Wanted) -> None:
    """Quality and speed of all in one run, as tables and as a chart."""
    shown = {}
    with tempfile.TemporaryDirectory() as folder:
        files = {scale: sorted((DATA / f"images/Set5_LR_bicubic/X{scale}").iterdir()) for scale in (2, 4)}
        speeds = _opencv([*files[2], *files[4]], Path(folder))
        for scale, small in files.items():
            real = [rgb(DATA / f"images/Set5/{file.stem.split('x')[0]}.png") for file in small]
            rows = [*_others(scale, small, Path(folder), speeds), *_ours(wanted, scale, small)]
            shown[scale] = _table(scale, rows, real)
    if not (wanted.models or wanted.pictures):
        draw(shown, CHART)


def _opencv(files: list[Path], folder: Path) -> dict[str, float]:
    """Write what OpenCV's enlargers make of files into the folder; return their speeds with a picture of judge40."""
    python = python_with("opencv", "opencv-contrib-python-headless==4.10.0.84")
    last = JUDGE[0]
    run = subprocess.run([python, "-c", _OPENCV, DATA, folder, *files, last], check=True, stdout=subprocess.PIPE)
    return json.loads(run.stdout)


def _others(scale: int, small: list[Path], folder: Path, speeds: dict[str, float]) -> list[Row]:
    pictures = [rgb(file) for file in small]
    rows = [Row("bicubic", [cubic(picture, scale) for picture in pictures], rate(lambda picture: cubic(picture, scale)))]
    for name in ("ESPCN", "FSRCNN"):
        large = [rgb(folder / f"{name}{scale}_{file.name}.png") for file in small]
        rows.append(Row(name, large, speeds[f"{name}{scale}"]))
    from image_gan.enhance.foreign import import_model

    import_model(DATA / f"peers/CFSRx{scale}.onnx", folder / "cfsr.onnx")
    for name, settings in (("CFSR", {}), ("CFSR, float32", {"precision": "float32"})):
        cfsr = Enhancer(folder / "cfsr.onnx", **settings)
        rows.append(Row(name, list(map(cfsr, pictures)), rate(cfsr, times=3)))
    return rows


def _ours(wanted: Wanted, scale: int, small: list[Path]) -> list[Row]:
    rows = []
    for name in (f"x{scale}{look}" for look in LOOKS):
        if wanted.has(name):
            enhancer = wanted.enhancer(name)
            rows.append(Row(f"`{name}`", [enhancer(rgb(file)) for file in small], rate(enhancer)))
    return rows


def _table(scale: int, rows: list[Row], real: list[np.ndarray]) -> dict[str, tuple[float, float]]:
    """Print the figures of one scale; return dB and speed by name."""
    distances = [_distance(name) for name in FEATURES]
    cells, shown = [], {}
    for row in rows:
        pairs = [(one, other[: one.shape[0], : one.shape[1]]) for one, other in zip(row.outputs, real, strict=True)]
        decibels = float(np.mean([psnr_y(*pair, scale) for pair in pairs]))
        far = [f"{np.mean([distance(*pair) for pair in pairs]):.3f}" for distance in distances]
        cells.append([row.name, f"{decibels:.2f}", *far, f"{row.speed:.2f}"])
        shown[row.name] = decibels, row.speed
    caption(
        f"Set5 enlarged by {scale} from its bicubic reductions; distance of features, 0 for equal pictures; CFSR as",
        "`palate images import` reads it, run by the same runtime as palate's own models",
    )
    table(("", "PSNR-Y, dB", "VGG-16", "ResNet-18", "MPix/s"), cells)
    return shown


def _distance(name: str) -> Callable[[np.ndarray, np.ndarray], float]:
    from image_gan.training.losses import feature_loss
    from image_gan.training.networks.backbones import backbone

    network: Any = backbone(name, str(BACKBONES / FEATURES[name]))
    return lambda one, other: float(feature_loss(network, *(np.float32(picture[None]) / 255 for picture in (one, other))))


def draw(shown: dict[int, dict[str, tuple[float, float]]], path: Path) -> None:
    """PSNR against speed, a panel for each scale."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 3.6), layout="constrained")
    for axes, (scale, rows) in zip(figure.subplots(1, len(shown)), shown.items(), strict=True):
        for name, (decibels, speed) in rows.items():
            colour = "#1f5a92" if name.startswith("`") else "#e08214"
            axes.plot(speed, decibels, "o", color=colour)
            axes.annotate(name.strip("`"), (speed, decibels), xytext=(5, 4), textcoords="offset points", fontsize=9)
        axes.set(xscale="log", title=f"Set5, x{scale}", xlabel="megapixels of output per second", ylabel="PSNR-Y, dB")
        axes.margins(x=0.2, y=0.12)
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, metadata={"Date": None})


def natural(wanted: Wanted) -> None:
    """Small pictures as cameras and browsers make them: by the mean of areas, and compressed."""
    files, rows = wanted.files("judge40")[:12], []
    names = [f"x{scale}{look}" for scale in (2, 4) for look in LOOKS]
    for name in (name for name in names if wanted.has(name)):
        enhancer, figures = wanted.enhancer(name), []
        for real in (whole(rgb(file), enhancer.scale) for file in files):
            small = area(real, 1 / enhancer.scale)
            figures.append([_gain(enhancer, one, real) for one in (small, jpeg(small, 75))])
        rows.append([f"`{name}`", *(f"{gain:+.2f}" for gain in np.mean(figures, axis=0))])
    caption(
        f"{len(files)} pictures of BSDS500's test part, reduced by the mean of areas: gain over bicubic in PSNR-Y,",
        "dB",
    )
    table(("", "area", "area, JPEG 75"), rows)


def _gain(enhancer: Enhancer, small: np.ndarray, real: np.ndarray) -> float:
    scale = enhancer.scale
    return psnr_y(enhancer(small), real, scale) - psnr_y(cubic(small, scale), real, scale)


def crisp(wanted: Wanted) -> None:
    """The mesh that networks leave on flat parts, and how near in features the crisp models come, beside the faithful ones."""
    files, rows = [file for folder in ("CID22", "gb82") for file in wanted.set_apart(folder)], []
    near = _distance("resnet18")
    for scale in (2, 4):
        real = [whole(rgb(file), scale) for file in files]
        small = [shrink(picture, scale) for picture in real]
        rows.append([f"original, x{scale}", *_local(real, real), ""])
        for name in (f"x{scale}{look}" for look in LOOKS):
            if wanted.has(name):
                outputs = list(map(wanted.enhancer(name), small))
                far = np.mean([near(*pair) for pair in zip(outputs, real, strict=True)])
                rows.append([f"`{name}`", *_local(outputs, real), f"{far:.3f}"])
    caption(
        f"{len(files)} clean pictures, which nothing was trained on, enlarged from bicubic reductions, where the originals are",
        "flat: the deviation of what is left without the mean of 5 x 5 pixels, its share of the originals', the",
        "energy from .42 to .5 cycles per pixel; and the distance of ResNet-18's features over the whole pictures",
    )
    table(("", "high-pass deviation", "of the originals'", "energy", "ResNet-18"), rows)


def _local(pictures: list[np.ndarray], real: list[np.ndarray]) -> list[str]:
    where = [flat_parts(picture) for picture in real]
    deviation, before = (float(np.mean(list(map(high_pass_deviation, which, where)))) for which in (pictures, real))
    energy = float(np.mean(list(map(fine_energy, pictures, where))))
    return [f"{deviation:.2f}", f"{deviation / before:.2f}", f"{energy:.3f}"]
