"""Before and after: a strip of both side by side, and a page with a slider for each picture, which needs no network."""

import base64
from html import escape

import numpy as np

from image_gan.pictures import Picture, encode

PAGE_START = """<!DOCTYPE html>
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
PAGE_END = "</body></html>\n"
_SLIDER = """<figure><div class="pair"><img alt="before" src="{before}"><img alt="after" src="{after}">
<input type="range" min="0" max="100" value="50" step="0.5" aria-label="how much of {name} is shown as it was"
 oninput="this.parentNode.style.setProperty('--at', this.value + '%')"></div>
<figcaption><b>{name}</b> {size}</figcaption></figure>
"""
_LONGER_SIDE = 1200  # pixels, on the page


def strip(before: Picture, after: Picture) -> Picture:
    """Put two pictures side by side.

    before (Picture): enlarged (bicubic) if it is smaller than `after`.
    after (Picture): the one whose size and profile the strip has.
    RETURNS (Picture): opaque; what is transparent is white.
    """
    height, width = after.pixels.shape[:2]
    left, right = _opaque_of_size(before, width, height), _opaque_of_size(after, width, height)
    gap = np.full_like(right[:, : max(2, width // 200)], np.iinfo(right.dtype).max)
    return Picture(np.concatenate([left, gap, right], axis=1), icc=after.icc)


def slider(name: str, before: Picture, after: Picture) -> str:
    """The part of the page that compares two pictures: both scaled down, as JPEG, inside the page.

    name (str): stands below.
    before (Picture): the left one.
    after (Picture): the right one, with the same proportions.
    RETURNS (str): HTML.
    """
    height, width = after.pixels.shape[:2]
    factor = min(1, _LONGER_SIDE / max(height, width))
    size = max(1, round(width * factor)), max(1, round(height * factor))
    links = {"before": _data_link(before, size), "after": _data_link(after, size)}
    sizes = " → ".join(f"{picture.pixels.shape[1]} × {picture.pixels.shape[0]}" for picture in (before, after))
    return _SLIDER.format(name=escape(name), size=sizes, **links)


def note(name: str, message: str) -> str:
    """The part of the page about a picture that was not enhanced, as HTML."""
    return f"<p><b>{escape(name)}</b> {escape(message)}</p>\n"


def _opaque_of_size(picture: Picture, width: int, height: int) -> np.ndarray:
    pixels, peak = picture.pixels, np.iinfo(picture.pixels.dtype).max
    if picture.alpha is not None:
        opacity = picture.alpha[..., None] / np.float32(peak)
        pixels = (peak + opacity * (pixels - np.float32(peak))).astype(pixels.dtype)
    if pixels.shape[:2] != (height, width):
        import cv2

        interpolation = cv2.INTER_AREA if pixels.shape[1] > width else cv2.INTER_CUBIC
        pixels = cv2.resize(pixels, (width, height), interpolation=interpolation).reshape(height, width, -1)
    return pixels


def _data_link(picture: Picture, size: tuple[int, int]) -> str:
    small = Picture(_opaque_of_size(picture, *size), icc=picture.icc)
    return "data:image/jpeg;base64," + base64.b64encode(encode(small, "jpeg", 88)).decode()
