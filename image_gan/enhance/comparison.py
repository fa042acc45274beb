"""Before and after: a strip of both side by side, and a page with a slider for each picture that opens without a network."""

import base64
from html import escape

import numpy as np

from image_gan import pictures
from image_gan.pictures import Picture

PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Before and after</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 1200px; margin: 2em auto; padding: 0 1em; color: #1a1a1a }
figure { margin: 0 0 2.5em } figcaption { color: #555; overflow-wrap: anywhere } b { color: #1a1a1a }
.pair { position: relative; display: inline-block; max-width: 100%; --at: 50%; line-height: 0 }
.pair img { display: block; max-width: 100%; height: auto }
.pair img + img { position: absolute; inset: 0; clip-path: inset(0 0 0 var(--at)) }
.pair::after { content: ""; position: absolute; inset: 0 auto 0 var(--at); width: 2px; margin-left: -1px; background: #fff;
  box-shadow: 0 0 3px #000; pointer-events: none }
.pair input { position: absolute; inset: 0; z-index: 1; width: 100%; height: 100%; margin: 0; opacity: 0; cursor: ew-resize }
.pair:focus-within { outline: 2px solid #4a90d9 }
</style></head><body>
<h1>Before and after</h1>
<p>Drag across a picture, or use the arrow keys: before is on the left, after on the right.</p>
"""
_PAIR = """<figure><div class="pair"><img alt="before" src="{before}"><img alt="after" src="{after}">
<input type="range" min="0" max="100" value="50" step="0.5" aria-label="how much of {name} is shown as it was"
 oninput="this.parentNode.style.setProperty('--at', this.value + '%')"></div>
<figcaption><b>{name}</b> {size}</figcaption></figure>
"""
_SHOWN = 1200  # pixels of the longer side on the page


def strip(before: Picture, after: Picture) -> Picture:
    """Both side by side, the first enlarged (bicubic) where the second is larger; what is transparent is white."""
    height, width = after.pixels.shape[:2]
    left, right = _sized(before, width, height), _sized(after, width, height)
    gap = np.full_like(right[:, : max(2, width // 200)], np.iinfo(right.dtype).max)
    return Picture(np.concatenate([left, gap, right], axis=1), icc=after.icc)


def pair(name: str, before: Picture, after: Picture) -> str:
    """What the page shows of a picture: both scaled down, as JPEG, inside the page."""
    height, width = after.pixels.shape[:2]
    factor = min(1, _SHOWN / max(height, width))
    sides = max(1, round(width * factor)), max(1, round(height * factor))
    links = [_link(Picture(_sized(picture, *sides), icc=picture.icc)) for picture in (before, after)]
    size = " → ".join("{1} × {0}".format(*picture.pixels.shape) for picture in (before, after))
    return _PAIR.format(name=escape(name), size=size, before=links[0], after=links[1])


def note(name: str, message: str) -> str:
    """What the page says of a picture that was not enhanced."""
    return f"<p><b>{escape(name)}</b> {escape(message)}</p>\n"


def _sized(picture: Picture, width: int, height: int) -> np.ndarray:
    pixels, peak = picture.pixels, np.iinfo(picture.pixels.dtype).max
    if picture.alpha is not None:
        share = picture.alpha[..., None] / np.float32(peak)
        pixels = (peak + share * (pixels - np.float32(peak))).astype(pixels.dtype)
    if pixels.shape[:2] != (height, width):
        import cv2

        how = cv2.INTER_AREA if pixels.shape[1] > width else cv2.INTER_CUBIC
        pixels = cv2.resize(pixels, (width, height), interpolation=how).reshape(height, width, -1)
    return pixels


def _link(picture: Picture) -> str:
    return "data:image/jpeg;base64," + base64.b64encode(pictures.encode(picture, "jpeg", 88)).decode()
