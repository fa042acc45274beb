"""A page that compares pictures before and after, with a slider for each; it needs no network.

A small picture is shown as it is, at its size. Of a large one there is an overview, and those parts at their size that changed
most; what is shown at its size loses nothing.
"""

import base64
from collections.abc import Iterable
from dataclasses import replace
from html import escape
from typing import NamedTuple

import numpy as np

from image_gan.enhance.comparison import opaque
from image_gan.pictures import Picture, encode

PAGE_START = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Before and after</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 1240px; margin: 0 auto 4em; padding: 0 1em; color: #1a1a1a }
header { position: sticky; top: 0; z-index: 2; background: #fff; padding: .8em 0; margin-bottom: 1.5em;
  border-bottom: 1px solid #ddd }
h1 { font-size: 1.3em; margin: 0 } header p { margin: .2em 0 .5em; color: #555 }
button { font: inherit; padding: .2em .9em; border: 1px solid #bbb; border-radius: 4px; background: #f4f4f4; cursor: pointer }
button[aria-pressed=true] { background: #1a1a1a; color: #fff; border-color: #1a1a1a }
figure { margin: 0 0 3em } figcaption { margin: 0 0 .5em; overflow-wrap: anywhere } figcaption span { color: #555 }
.parts { display: flex; flex-wrap: wrap; gap: 10px; margin-top: 10px }
.frame { overflow: auto; max-width: 100%; max-height: 90vh; line-height: 0 }
.pair { position: relative; display: inline-block; --at: 50%; line-height: 0; outline: 1px solid #ddd }
.pair img { display: block; width: 100%; height: auto }
.overview, .overview .pair { max-width: 100% }
.pair img + img { position: absolute; inset: 0; clip-path: inset(0 0 0 var(--at)) }
.pair::after { content: ""; position: absolute; inset: 0 auto 0 var(--at); width: 2px; margin-left: -1px; background: #fff;
  box-shadow: 0 0 3px #000; pointer-events: none }
.pair input { position: absolute; inset: 0; z-index: 1; width: 100%; height: 100%; margin: 0; opacity: 0; cursor: ew-resize }
.pair:focus-within { outline: 2px solid #4a90d9 }
.pair i { position: absolute; border: 1px solid #fff; box-shadow: 0 0 0 1px #0009; pointer-events: none }
.pixels img { image-rendering: pixelated }
</style></head><body>
<header><h1>Before and after</h1>
<p>Drag across a picture, or use the arrow keys: before is on the left, after on the right.</p>
<button type="button" value="1" aria-pressed="true">100 %</button>
<button type="button" value="2" aria-pressed="false">200 %</button>
</header>
"""
PAGE_END = """<script>
const zoom = factor => {
  for (const pair of document.querySelectorAll(".actual"))
    pair.style.width = pair.dataset.width * factor / devicePixelRatio + "px";
  document.body.classList.toggle("pixels", factor > 1);
  document.querySelectorAll("button").forEach(button => button.setAttribute("aria-pressed", button.value == factor));
};
document.querySelectorAll("button").forEach(button => button.onclick = () => zoom(+button.value));
zoom(1);
</script></body></html>
"""
_PAIR = """<div class="{frame}"><div class="pair {kind}" data-width="{width}" style="width:{width}px">\
<img alt="before" src="{before}"><img alt="after" src="{after}">{marks}
<input type="range" min="0" max="100" value="50" step="0.5" aria-label="how much of {name} is shown as it was"
 oninput="this.parentNode.style.setProperty('--at', this.value + '%')"></div></div>
"""
_WHOLE = 700_000  # pixels: so small a picture is shown whole
_OVERVIEW = 1200  # pixels of the longer side
_PARTS, _SIDE = 3, 390  # of a large picture, and pixels of a part's side


class _Part(NamedTuple):
    left: int
    top: int
    width: int
    height: int


def figure(name: str, before: Picture, after: Picture, told: Iterable[str] = ()) -> str:
    """The part of the page that compares two pictures, as HTML.

    name (str): stands above.
    before (Picture): the left one.
    after (Picture): the right one, with the same proportions.
    told (Iterable[str]): more that stands above, such as the model and the seconds.
    """
    height, width = after.pixels.shape[:2]
    sizes = " → ".join(f"{picture.pixels.shape[1]} × {picture.pixels.shape[0]}" for picture in (before, after))
    caption = escape(" · ".join((sizes, *told)))
    pairs = _whole(name, before, after) if height * width <= _WHOLE else _overview_and_parts(name, before, after)
    return f"<figure><figcaption><b>{escape(name)}</b> <span>{caption}</span></figcaption>\n{pairs}</figure>\n"


def note(name: str, message: str) -> str:
    """The part of the page about a picture that was not enhanced, as HTML."""
    return f"<p><b>{escape(name)}</b> {escape(message)}</p>\n"


def _whole(name: str, before: Picture, after: Picture) -> str:
    height, width = after.pixels.shape[:2]
    links = (_link(opaque(picture, width, height), after, "png") for picture in (before, after))
    return _pair(name, links, width, "frame", "actual")


def _overview_and_parts(name: str, before: Picture, after: Picture) -> str:
    height, width = after.pixels.shape[:2]
    factor = min(1, _OVERVIEW / max(height, width))
    size = max(1, round(width * factor)), max(1, round(height * factor))
    small = opaque(before, *size), opaque(after, *size)
    parts = _most_changed(small[0], small[1], width, height)
    marks = "".join(
        f'<i style="left:{part.left / width:.2%};top:{part.top / height:.2%};'
        f'width:{part.width / width:.2%};height:{part.height / height:.2%}"></i>'
        for part in parts
    )
    overview = _pair(name, (_link(pixels, after, "jpeg") for pixels in small), size[0], "overview", "", marks)
    cut = (
        _pair(
            name,
            (_link(_cut(one, part, width, height), after, "png") for one in (before, after)),
            part.width,
            "frame",
            "actual",
        )
        for part in parts
    )
    return f'{overview}<div class="parts">{"".join(cut)}</div>\n'


def _most_changed(before: np.ndarray, after: np.ndarray, width: int, height: int) -> list[_Part]:
    """The parts of a picture of this size that differ most between two small copies, and do not overlap."""
    import cv2

    change = np.abs(before.astype(np.float32) - after).mean(axis=2)
    across, down = min(_SIDE, width), min(_SIDE, height)
    window = max(1, round(across * change.shape[1] / width)), max(1, round(down * change.shape[0] / height))
    sums = cv2.blur(change, window, borderType=cv2.BORDER_REFLECT)
    parts: list[_Part] = []
    for _ in range(_PARTS):
        y, x = np.unravel_index(int(sums.argmax()), sums.shape)
        if sums[y, x] < 0:
            break
        centre = (x + 0.5) * width / change.shape[1], (y + 0.5) * height / change.shape[0]
        left = int(np.clip(centre[0] - across / 2, 0, width - across))
        top = int(np.clip(centre[1] - down / 2, 0, height - down))
        parts.append(_Part(left, top, across, down))
        y, x = (top + down / 2) * change.shape[0] / height, (left + across / 2) * change.shape[1] / width
        sums[max(0, int(y) - window[1]) : int(y) + window[1] + 1, max(0, int(x) - window[0]) : int(x) + window[0] + 1] = -1
    return parts


def _cut(picture: Picture, part: _Part, width: int, height: int) -> np.ndarray:
    """A part of a picture as it would be at another width and height."""
    import cv2

    there = picture.pixels.shape[1], picture.pixels.shape[0]
    if there == (width, height):
        return opaque(_crop(picture, part), part.width, part.height)
    if there[0] > width:
        return opaque(picture, width, height)[part.top : part.top + part.height, part.left : part.left + part.width]
    across, down = there[0] / width, there[1] / height
    left, top = max(0, int(part.left * across) - 3), max(0, int(part.top * down) - 3)
    near = _crop(picture, _Part(left, top, int(part.width * across) + 8, int(part.height * down) + 8))
    pixels = opaque(near, *near.pixels.shape[1::-1])
    shift = (part.left + 0.5) * across - 0.5 - left, (part.top + 0.5) * down - 0.5 - top
    matrix = np.array([[across, 0, shift[0]], [0, down, shift[1]]])
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    made = cv2.warpAffine(pixels, matrix, (part.width, part.height), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return made.reshape(part.height, part.width, -1)


def _crop(picture: Picture, part: _Part) -> Picture:
    rows, columns = slice(part.top, part.top + part.height), slice(part.left, part.left + part.width)
    alpha = None if picture.alpha is None else picture.alpha[rows, columns]
    return replace(picture, pixels=picture.pixels[rows, columns], alpha=alpha)


def _pair(name: str, links: Iterable[str], width: int, frame: str, kind: str, marks: str = "") -> str:
    before, after = links
    return _PAIR.format(name=escape(name), before=before, after=after, width=width, frame=frame, kind=kind, marks=marks)


def _link(pixels: np.ndarray, told: Picture, format: str) -> str:
    """Pixels whose colours mean what those of another picture mean, inside the page."""
    if pixels.dtype == np.uint16:
        pixels = (pixels >> 8).astype(np.uint8)  # what screens show
    picture = Picture(np.ascontiguousarray(pixels), icc=told.icc, colour_chunks=told.colour_chunks)
    data = encode(picture, format, 90)
    return f"data:image/{format};base64," + base64.b64encode(data).decode()
