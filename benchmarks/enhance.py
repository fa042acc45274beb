"""Cleaning and enlarging pictures: how good, how fast, how large.

The models that ship, run as `palate enhance` runs them, against OpenCV's own enlargers (dnn_superres of
opencv-contrib-python-headless 4.10.0.84, in an environment of its own, .venv-opencv) and against the same networks in
TensorFlow. PSNR-Y is `image_gan.training.metrics.psnr_y`, cropped by the scale; speeds are pixels of output per second, the
best of five runs on 481 x 321 pixels.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
import venv
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from image_gan import Enhancer
from image_gan.enhance.models import WEIGHTS, shipped
from image_gan.pictures import Picture, read, write
from image_gan.training.degrade import jpeg, noise
from image_gan.training.from_onnx import TensorFlowEngine
from image_gan.training.metrics import psnr, psnr_y

ROOT, DATA = Path(__file__).parents[1], Path(os.environ["PALATE_DATA"])
JUDGE = sorted((DATA / "images/judge40").iterdir())
ENVIRONMENT = ROOT / ".venv-opencv"
NAMES = ("x2", "x2_crisp", "x4", "x4_crisp", "restore")
ENGINES: dict[str, dict[str, Any]] = {
    "OpenVINO": {},
    "OpenVINO, bfloat16": {"precision": "bfloat16"},
    "OpenVINO, float32": {"precision": "float32"},
    "onnxruntime": {"engine": "onnxruntime"},
    "TensorFlow, float32": {"engine": TensorFlowEngine},
}
PEERS = """
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
PEAK = """
import atexit, re, palate.command
atexit.register(lambda: print(int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) // 1024))
palate.command.main()
"""


def main() -> None:
    there = [name for name in NAMES if name in shipped()]
    print("## Enhancing\n\n`python benchmarks/enhance.py`: " + " ".join(__doc__.split()))
    print(f"\nModels that do not ship, and are left out: {', '.join(set(NAMES) - set(there)) or 'none'}.")
    with tempfile.TemporaryDirectory() as folder:
        enlarging(there, Path(folder))
        engines(there)
        if "restore" in there:
            restoring()
            whole_command(Path(folder))
    seams(there)
    plain(there)


def enlarging(names: list[str], folder: Path) -> None:
    from image_gan.training.losses import feature_loss
    from image_gan.training.networks.backbones import backbone

    files = {scale: sorted((DATA / f"images/Set5_LR_bicubic/X{scale}").iterdir()) for scale in (2, 4)}
    speeds = opencv([*files[2], *files[4], JUDGE[0]], folder)
    vgg = backbone("vgg16", str(DATA / "backbones/vgg16_imagenet_block1-3.npz"))
    resnet = backbone("resnet18", str(DATA / "backbones/resnet18_bnfolded_stem_to_layer3.npz"))
    for scale, small in files.items():
        real = [rgb(DATA / f"images/Set5/{file.stem.split('x')[0]}.png") for file in small]
        print(f"\nSet5 enlarged by {scale} from its bicubic reductions; feature distance, 0 for equal pictures; mesh in grey")
        print(f"levels, in the originals {np.mean([mesh(picture, scale) for picture in real]):.2f}\n")
        print("| | PSNR-Y, dB | VGG-16 | ResNet-18 | mesh | MPix/s |\n|---|---|---|---|---|---|")
        cubic = [cv2.resize(rgb(file), None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC) for file in small]
        rows = {"bicubic": (cubic, 0.0)}
        for peer in ("ESPCN", "FSRCNN"):
            rows[peer] = ([rgb(folder / f"{peer}{scale}_{file.name}.png") for file in small], speeds[f"{peer}{scale}"])
        for name in (name for name in names if f"x{scale}" in name):
            rows[f"`{name}`"] = ([Enhancer(name)(rgb(file)) for file in small], rate(Enhancer(name)))
        for name, (outputs, speed) in rows.items():
            pairs = [(one, other[: one.shape[0], : one.shape[1]]) for one, other in zip(outputs, real, strict=True)]
            cells = [f"{np.mean([psnr_y(*pair, scale) for pair in pairs]):.2f}"]
            for network in (vgg, resnet):
                far = [float(feature_loss(network, *(np.float32(one[None]) / 255 for one in pair))) for pair in pairs]
                cells.append(f"{np.mean(far):.3f}")
            cells.append(f"{np.mean([mesh(picture, scale) for picture in outputs]):.2f}")
            print(f"| {name} | {' | '.join(cells)} | {f'{speed:.2f}' if speed else ''} |")


def mesh(picture: np.ndarray, scale: int) -> float:
    """How much the scale * scale sub-pixels of a pixel differ in their means over the picture."""
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(float)
    height, width = (side // scale for side in grey.shape)
    means = grey[: height * scale, : width * scale].reshape(height, scale, width, scale).mean(axis=(0, 2))
    return float(np.ptp(means))


def engines(names: list[str]) -> None:
    print(f"\nMPix/s by engine\n\n| | {' | '.join(ENGINES)} | first against last |\n|---|{'---|' * len(ENGINES)}---|")
    for name in names:
        speeds = [rate(Enhancer(name, **settings)) for settings in ENGINES.values()]
        print(f"| `{name}` | {' | '.join(f'{speed:.2f}' for speed in speeds)} | {speeds[0] / speeds[-1]:.1f} |")


def restoring() -> None:
    enhancer, rows = Enhancer("restore"), defaultdict(list)
    for number, real in enumerate(map(rgb, JUDGE)):
        for name, (degraded, target) in pairs_of(real, number):
            rows[name].append((psnr(degraded, target), psnr(enhancer(degraded), target)))
    print("\nForty pictures of BSDS500's test part, PSNR in RGB\n\n| degraded by | before, dB | after, dB |\n|---|---|---|")
    for name, row in rows.items():
        print(f"| {name} | {' | '.join(f'{value:.2f}' for value in np.mean(row, axis=0))} |".replace("inf", ""))


def pairs_of(real: np.ndarray, seed: int) -> Iterator[tuple[str, tuple[np.ndarray, np.ndarray]]]:
    yield "noise, sigma 25", (noise(real, 25, np.random.default_rng(seed)), real)
    yield "JPEG, quality 20", (jpeg(real, 20), real)
    yield "nothing", (real, real)
    web = jpeg(noise(real, 10, np.random.default_rng(seed)), 70)
    yield "noise, sigma 10, then JPEG, quality 70", (web, real)
    yield "that, cropped by 3 pixels", (web[3:, 3:], real[3:, 3:])
    half = [cv2.resize(side, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA) for side in (web, real)]
    yield "that, shrunk by 2", (half[0], half[1])
    size = real.shape[1::-1]
    small = cv2.resize(real, None, fx=0.7, fy=0.7, interpolation=cv2.INTER_AREA)
    small = jpeg(noise(small, 10, np.random.default_rng(seed)), 70)
    yield "that, done at 0.7 of its size and enlarged again", (cv2.resize(small, size, interpolation=cv2.INTER_CUBIC), real)


def whole_command(folder: Path) -> None:
    photo = rgb(JUDGE[0])
    small, large = cv2.resize(photo, (640, 480)), np.tile(photo, (32, 32, 1))[:10_000, :10_000]
    print("\n`palate enhance photo.jpg`, from a cold process to the file\n\n| pixels | seconds | peak memory |\n|---|---|---|")
    for picture, times in ((small, 5), (large, 1)):
        write(folder / "photo.jpg", Picture(picture))
        seconds = []
        for _ in range(times):
            start = time.perf_counter()
            run = [sys.executable, "-c", PEAK, "enhance", "photo.jpg", "--overwrite", "--model", WEIGHTS / "restore.onnx"]
            out = subprocess.run(run, cwd=folder, env={**os.environ, "PYTHONPATH": ROOT}, check=True, stdout=subprocess.PIPE)
            seconds.append(time.perf_counter() - start)
        size = "{1:,} x {0:,}".format(*picture.shape)
        print(f"| {size} | {min(seconds):.2f}, the best of {times} | {int(out.stdout.split()[-1]):,} MiB |")


def seams(names: list[str]) -> None:
    tiles = (1, 200, 256, 320, 400)
    picture = noise(rgb(JUDGE[0]), 5, np.random.default_rng(0))
    print("\nTiled against whole: the largest difference of any sample in grey levels, by the longest side of a tile\n")
    print(f"| | smallest | {' | '.join(map(str, tiles[1:]))} |\n|---|{'---|' * len(tiles)}")
    for name in names:
        whole = Enhancer(name, tile=4000)(picture)
        print(
            f"| `{name}` | {' | '.join(str(cv2.absdiff(Enhancer(name, tile=tile)(picture), whole).max()) for tile in tiles)} |"
        )


def plain(names: list[str]) -> None:
    print("\nPlain pictures of black, white and the six pure colours: the largest change of any sample in grey levels\n")
    print("| | anywhere | 16 pixels from the border |\n|---|---|---|")
    for name in names:
        enhancer, changes = Enhancer(name), []
        inner = slice(16 * enhancer.scale, -16 * enhancer.scale)
        for colour in np.ndindex(2, 2, 2):
            output = enhancer(np.broadcast_to(np.uint8(colour) * 255, (64, 64, 3)))
            change = np.abs(output.astype(int) - 255 * np.array(colour))
            changes.append((change.max(), change[inner, inner].max()))
        print(f"| `{name}` | {' | '.join(map(str, np.max(changes, axis=0)))} |")


def rgb(file: Path) -> np.ndarray:
    return read(file).rgb8()


def rate(enhance: Callable[[np.ndarray], np.ndarray], side: int | None = None) -> float:
    picture, seconds = np.ascontiguousarray(rgb(JUDGE[0])[:side, :side]), []
    for _ in range(6):
        start = time.perf_counter()
        output = enhance(picture)
        seconds.append(time.perf_counter() - start)
    return output.shape[0] * output.shape[1] / min(seconds) / 1e6


def opencv(files: list[Path], folder: Path) -> dict[str, float]:
    """Write what OpenCV's enlargers make of files into the folder; return their speeds with the last file."""
    python = ENVIRONMENT / "bin" / "python"
    if not python.exists():
        venv.create(ENVIRONMENT, with_pip=True)
        install = [python, "-m", "pip", "install", "-q", "opencv-contrib-python-headless==4.10.0.84"]
        subprocess.run(install, check=True, stdout=sys.stderr)
    return json.loads(subprocess.run([python, "-c", PEERS, DATA, folder, *files], check=True, stdout=subprocess.PIPE).stdout)


if __name__ == "__main__":
    main()
