"""Restoring: grain, noise, JPEG once and twice, what is clean already, grey."""

import itertools
from collections.abc import Callable, Iterator

import cv2
import numpy as np
from enhance_shared import Wanted, area, caption, cubic, rgb, table

from image_gan.training.degrade import jpeg, noise
from image_gan.training.metrics import EQUAL_DB, psnr

KINDS = {"coloured": 3, "grey": 1}
STRENGTHS = (0.5, 0.8, 1.0, 1.2)  # of OpenCV's non-local means, times the deviation


def grain(picture: np.ndarray, deviation: float, blurred: float, seed: int, channels: int) -> np.ndarray:
    """A picture with noise whose neighbours resemble each other; its deviation is the wanted one after it was blurred.

    channels (int): 3 for noise of each channel's own, 1 for the same in all, as black and white film has it.
    """
    white = np.random.default_rng(seed).standard_normal((*picture.shape[:2], channels), np.float32)
    blurry = cv2.GaussianBlur(white, (0, 0), blurred, borderType=cv2.BORDER_REFLECT) if blurred else white
    more = blurry.reshape(*picture.shape[:2], channels) * (deviation / blurry.std())
    return np.clip(np.rint(picture + more), 0, 255).astype(np.uint8)


def flat_grain(wanted: Wanted) -> None:
    restore, flat, rows = wanted.enhancer("restore"), np.full((256, 256, 3), 128, np.uint8), []
    for (kind, channels), blurred in itertools.product(KINDS.items(), (0.0, 0.7, 0.8, 1.0)):
        picture = grain(flat, 12, blurred, 0, channels)
        means = cv2.fastNlMeansDenoisingColored(picture, None, 12, 12)
        deviations = [f"{one.std(axis=(0, 1)).mean():.1f}" for one in (picture, restore(picture), means)]
        rows.append([kind, f"{blurred:g}", *deviations])
    caption(
        "Flat grey (128) with grain: its standard deviation in grey levels; OpenCV's fastNlMeansDenoisingColored",
        "is told what went in",
    )
    table(("grain", "blurred by", "went in", "`restore`", "non-local means"), rows)


def judge_grain(wanted: Wanted) -> None:
    restore, files, rows = wanted.enhancer("restore"), wanted.files("judge40"), []
    for (kind, channels), blurred in itertools.product(KINDS.items(), (0.0, 0.5, 0.8, 1.2)):
        figures = []
        for seed, real in enumerate(map(rgb, files)):
            grainy = jpeg(grain(real, 10, blurred, seed, channels), 92)
            means = [cv2.fastNlMeansDenoisingColored(grainy, None, 10 * share, 10 * share) for share in STRENGTHS]
            figures.append([psnr(one, real) for one in (grainy, restore(grainy), *means)])
        before, ours, *theirs = np.mean(figures, axis=0)
        best = int(np.argmax(theirs))
        theirs = f"{theirs[best]:.2f} (h {10 * STRENGTHS[best]:g})"
        rows.append([kind, f"{blurred:g}", f"{before:.2f}", f"{ours:.2f}", theirs])
    caption(
        f"{len(files)} pictures of BSDS500's test part with grain of deviation 10 and JPEG of quality 92, PSNR in",
        "RGB, dB; the non-local means are OpenCV's fastNlMeansDenoisingColored with the best h of .5, .8, 1 and",
        "1.2 times the deviation",
    )
    table(("grain", "blurred by", "before", "`restore`", "non-local means"), rows)


def judge(wanted: Wanted) -> None:
    files = wanted.files("judge40")
    caption(
        f"{len(files)} pictures of BSDS500's test part, PSNR in RGB",
    )
    _before_and_after(wanted, (dict(_degraded(real, seed)) for seed, real in enumerate(map(rgb, files))))


def _before_and_after(wanted: Wanted, pictures: Iterator[dict[str, tuple[np.ndarray, np.ndarray]]]) -> None:
    """A table over pictures, each of which is given as what was done to it -> degraded picture, target."""
    restore, rows = wanted.enhancer("restore"), {}
    for picture in pictures:
        for name, (degraded, target) in picture.items():
            pair = psnr(degraded, target), min(EQUAL_DB, psnr(restore(degraded), target))
            rows.setdefault(name, []).append(pair)
    means = {name: np.mean(pairs, axis=0) for name, pairs in rows.items()}
    rows_of = ([name, *_cells(before, after)] for name, (before, after) in means.items())
    table(("degraded by", "before, dB", "after, dB", "gain"), rows_of)


def _cells(before: float, after: float) -> list[str]:
    return ["", f"{after:.2f}", ""] if np.isinf(before) else [f"{before:.2f}", f"{after:.2f}", f"{after - before:+.2f}"]


def _degraded(real: np.ndarray, seed: int) -> Iterator[tuple[str, tuple[np.ndarray, np.ndarray]]]:
    yield "noise, sigma 25", (noise(real, 25, np.random.default_rng(seed)), real)
    yield "JPEG, quality 20", (jpeg(real, 20), real)
    yield "nothing", (real, real)
    web = jpeg(noise(real, 10, np.random.default_rng(seed)), 70)
    yield "noise, sigma 10, then JPEG, quality 70", (web, real)
    yield "that, cropped by 3 pixels", (web[3:, 3:], real[3:, 3:])
    yield "that, shrunk by 2", (area(web, 0.5), area(real, 0.5))
    size = real.shape[1::-1]
    small = jpeg(noise(area(real, 0.7), 10, np.random.default_rng(seed)), 70)
    yield "that, done at 0.7 of its size and enlarged again", (cv2.resize(small, size, interpolation=cv2.INTER_CUBIC), real)


def twice(wanted: Wanted) -> None:
    files = wanted.files("judge40")
    caption(
        f"{len(files)} pictures of BSDS500's test part, compressed, enlarged by 1.5 (cubic) and compressed again;",
        "what they are compared with is the original, enlarged by the same kernel. PSNR in RGB",
    )
    targets = ((real, cubic(real, 1.5)) for real in map(rgb, files))
    name = "JPEG 40, enlarged by 1.5, JPEG 85"
    _before_and_after(wanted, ({name: (jpeg(cubic(jpeg(real, 40), 1.5), 85), target)} for real, target in targets))


def clean(wanted: Wanted) -> None:
    restore, rows = wanted.enhancer("restore"), []
    for folder in ("gb82", "CID22"):
        files = wanted.set_apart(folder)
        near = [min(EQUAL_DB, psnr(restore(picture), picture)) for picture in map(rgb, files)]
        rows.append([folder, str(len(files)), f"{np.mean(near):.2f}", f"{min(near):.2f}"])
    caption(
        "Clean pictures, which nothing was trained on, against themselves: PSNR in RGB",
    )
    table(("", "pictures", "mean, dB", "least, dB"), rows)


def grey(wanted: Wanted) -> None:
    """Pictures of three equal channels stay grey, and white paper stays white."""
    files = wanted.files("judge40")
    greys = [np.repeat(cv2.cvtColor(real, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=2) for real in map(rgb, files)]
    rows = []
    for name in ("restore", "x2", "x2_crisp", "x2_photo", "x4", "x4_crisp", "x4_photo", "photo"):
        if wanted.has(name):
            enhancer = wanted.enhancer(name)
            tints = [int(np.ptp(enhancer(jpeg(picture, 40)), axis=2).max()) for picture in greys]
            rows.append([f"`{name}`", str(max(tints)), f"{_share_not_white(enhancer, enhancer.scale):.1%}"])
    caption(
        f"{len(greys)} grey pictures (R = G = B, JPEG of quality 40): the largest difference of two channels that",
        "comes out; and black text on white: the share of the paper, away from the text, that is not 255",
    )
    table(("", "R = G = B", "white page"), rows)


def _share_not_white(enhance: Callable[[np.ndarray], np.ndarray], scale: int) -> float:
    page = np.full((480, 640, 3), 255, np.uint8)
    for line in range(12):
        text = f"{line}: the quick brown fox jumps over the lazy dog"
        cv2.putText(page, text, (20, 40 + 36 * line), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (0, 0, 0), 1, cv2.LINE_AA)
    near = cv2.dilate((page.min(axis=2) < 255).astype(np.uint8), np.ones((9, 9), np.uint8))
    paper = cv2.resize(near, None, fx=scale, fy=scale, interpolation=cv2.INTER_NEAREST) == 0
    return float((enhance(page)[paper] != 255).any(axis=1).mean())
