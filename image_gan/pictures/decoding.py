"""File -> Picture."""

import contextlib
import ctypes
import functools
import io
import logging
import sys
import warnings
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from corpora.extras import load
from image_gan.errors import Errors, InputError, one_line
from image_gan.pictures import png_chunks, tiff_pages
from image_gan.pictures.kinds import KINDS, Kind, describe_other, kind_of_bytes
from image_gan.pictures.metadata import read_comments, read_dpi, read_exif, read_iptc, read_xmp, turn_upright
from image_gan.pictures.picture import Picture
from image_gan.pictures.png_chunks import Beside

MAX_PIXELS = 200_000_000  # the largest pictures that telephones take are below

_ROWS = 64  # converted at a time, so that little is in memory twice
_BITS_PER_SAMPLE, _PHOTOMETRIC, _PLANAR, _EXTRA_SAMPLES = 258, 262, 284, 338  # tags of TIFF


def read(source: str | Path | bytes, *, allow_truncated: bool = False, max_pixels: int = MAX_PIXELS) -> Picture:
    """Read a picture; its first bytes say of which kind it is.

    Palettes become RGB, and fewer than 8 bits become 8. CMYK becomes 8-bit RGB, by its colour profile if it has one.

    source (str | Path | bytes): a file, or the content of one.
    allow_truncated (bool): decode as much as possible of a damaged file (but not of WebP); the rest is black or grey.
    max_pixels (int): larger pictures are refused before they are decoded (TIFF and WebP from 178,956,970 on in any case).
    RETURNS (Picture): the picture.
    RAISES InputError: P003, not a picture of these kinds; P004, damaged; P005, several pictures; P006, too large; P007, samples
        that cannot be read. OSError: the file cannot be read.
    """
    name = "the picture" if isinstance(source, bytes) else str(source)
    data = source if isinstance(source, bytes) else Path(source).read_bytes()
    kind = kind_of_bytes(data)
    if kind is None:
        formats = ", ".join(known.title for known in KINDS.values())
        raise InputError(Errors.P003.format(name=name, what=describe_other(data), formats=formats))
    _silence_pillow()
    beside = Beside()
    try:
        if kind.name == "png":
            data, beside = png_chunks.split(data)
        return _decode(data, beside, kind, name, allow_truncated, max_pixels)
    except InputError:
        raise
    except Exception as error:  # decoders raise whatever a damaged file makes them stumble over
        hint = "" if allow_truncated else ", or allow truncated pictures"
        raise InputError(Errors.P004.format(name=name, reason=one_line(error, 120), hint=hint)) from None


@functools.cache
def _silence_pillow() -> None:
    """Pillow and its libtiff print warnings of damaged files to stderr; what matters of it is raised."""
    from PIL import Image

    warnings.filterwarnings("ignore", module=r"PIL\.")
    logging.getLogger("PIL").addHandler(logging.NullHandler())
    with contextlib.suppress(AttributeError, OSError):  # where libtiff is not a library of its own
        libtiff = ctypes.CDLL(Image.core.__file__)
        libtiff.TIFFSetErrorHandler(None)
        libtiff.TIFFSetWarningHandler(None)


def _decode(data: bytes, beside: Beside, kind: Kind, name: str, allow_truncated: bool, max_pixels: int) -> Picture:
    page = _page(data, kind, name) if kind.name == "tiff" else 0
    if kind.name == "jpeg" and allow_truncated:
        data += b"\xff\xd9"  # the end that is missing: the decoder then accepts what it has
    image = _open(data, kind, page)
    width, height = image.size
    if width * height > max_pixels:
        raise InputError(Errors.P006.format(name=name, width=width, height=height, most=max_pixels))
    if kind.name != "tiff" and getattr(image, "is_animated", False):
        raise InputError(Errors.P005.format(name=name, kind=kind.title))
    if kind.name == "png" and not allow_truncated:
        _open(data, kind).verify()  # its checksums and its end
    pixels, alpha = _webp(data) if kind.name == "webp" else _samples(data, page, kind, name, image, allow_truncated)
    if alpha is not None and alpha.min() == np.iinfo(alpha.dtype).max:
        alpha = None
    if beside.exif:
        image.info.setdefault("exif", beside.exif)
    orientation, exif = read_exif(image)
    texts, xmp = beside.texts or read_comments(image), beside.xmp or read_xmp(image)
    notes = (*beside.notes, *_depth_lost(image, data, kind))
    dpi, icc = read_dpi(image), image.info.get("icc_profile")
    if not isinstance(icc, bytes) or image.mode == "CMYK":
        icc = None
    iptc = beside.iptc or read_iptc(image)
    del image  # before the pixels are in memory twice
    pixels = turn_upright(pixels, orientation)
    alpha = None if alpha is None else turn_upright(alpha, orientation)
    return Picture(
        pixels,
        alpha,
        kind.name,
        exif,
        icc or None,
        dpi,
        xmp=xmp,
        iptc=iptc,
        texts=texts,
        colour_chunks=beside.colour_chunks,
        lossless=kind.name == "webp" and b"VP8L" in data[12:4096],
        notes=notes,
    )


def _open(data: bytes, kind: Kind, page: int = 0) -> Any:
    """The file with its header read; `Image.open` would load every plugin and decide by itself of which kind it is."""
    if kind.name == "heic":
        return load("pillow_heif").as_plugin.HeifImageFile(io.BytesIO(data))
    plugin = import_module(f"PIL.{kind.plugin}ImagePlugin")
    image = getattr(plugin, f"{kind.plugin}ImageFile")(io.BytesIO(data))
    if page:
        image.seek(page)
    return image


def _page(data: bytes, kind: Kind, name: str) -> int:
    """The page of a TIFF that is the photograph; the others are smaller copies of it, or masks.

    RAISES InputError: P005, there are several, or only a smaller copy, as in a camera's raw file; P007.
    """
    found = tiff_pages.pages(data)
    if not found:
        return 0  # damaged: Pillow says where
    pages = tiff_pages.photographs(found)
    if len(pages) != 1:
        raise InputError(Errors.P005.format(name=name, kind=kind.title))
    if what := tiff_pages.unsupported(found[pages[0]]):
        raise InputError(Errors.P007.format(name=name, what=what))
    return pages[0]


def _depth_lost(image: Any, data: bytes, kind: Kind) -> list[str]:
    """Pillow decodes AVIF and HEIC of 10 and 12 bits as 8."""
    configuration = data.find(b"av1C", 0, 4096) if kind.name == "avif" else -1
    deep = configuration >= 0 and bool(data[configuration + 6 : configuration + 7] >= b"@" and data[configuration + 6] & 64)
    deep = deep or image.info.get("bit_depth", 8) > 8
    return [f"its samples have more than 8 bits; of {kind.title} 8 are read"] if deep else []


def _webp(data: bytes) -> tuple[np.ndarray, np.ndarray | None]:
    import cv2

    samples = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if samples is None:
        raise ValueError("incomplete")
    if samples.shape[2] == 3:
        return cv2.cvtColor(samples, cv2.COLOR_BGR2RGB), None
    return cv2.cvtColor(samples, cv2.COLOR_BGRA2RGB), cv2.extractChannel(samples, 3)


class _Pass(NamedTuple):
    """One time that Pillow unpacks a file: in which raw mode (None: its own choice), and how a strip of it becomes samples."""

    rawmode: str | None
    samples_of: Callable[[Any], np.ndarray]


class _Layout(NamedTuple):
    """How a file's samples are read; those of several passes are joined bit by bit."""

    passes: list[_Pass]
    bands: int
    dtype: type
    has_alpha: bool


def _samples(
    data: bytes, page: int, kind: Kind, name: str, image: Any, allow_truncated: bool
) -> tuple[np.ndarray, np.ndarray | None]:
    """The samples of a picture whose header is read: (height, width, bands), and (height, width) or None."""
    if kind.name == "tiff" and (count := tiff_pages.number_of_planes(image.tag_v2)):
        planes = [tiff_pages.plane(data, image.tag_v2, number) for number in range(count)]
        samples = [_samples(one, 0, kind, name, _open(one, kind), allow_truncated)[0] for one in planes]
        pixels = np.concatenate(samples[: 3 if count > 2 else 1], axis=2)
        return pixels, samples[-1][..., 0] if image.mode.endswith("A") else None
    key = image.info.pop("transparency", None) if kind.name == "png" and image.mode != "P" else None
    layout = _layout_of(image, kind, name)
    loaded = _load(image, layout.passes[0].rawmode, allow_truncated)
    width, height = loaded.im.size
    pixels = np.zeros((height, width, layout.bands), layout.dtype)
    alpha = np.zeros((height, width), layout.dtype) if layout.has_alpha else None
    _add_samples(loaded, layout.passes[0], pixels, alpha)
    for again in layout.passes[1:]:
        _add_samples(_load(_open(data, kind, page), again.rawmode, allow_truncated), again, pixels, alpha)
    if key is not None:
        alpha = _all_but_one_colour(pixels, key, bit_depth=data[24])
    return pixels, alpha


def _layout_of(image: Any, kind: Kind, name: str) -> _Layout:
    """Of 16 bits Pillow keeps grey only. Of colour it unpacks the upper bytes or, with the other byte order, the lower ones."""
    args = image.tile[0].args if image.tile else image.mode
    rawmode = args if isinstance(args, str) else args[0]
    grey = image.mode[0] in "1L" or image.mode.startswith("I;16") or rawmode == "LA;16B"
    _check_samples(image, kind, name, grey)
    if image.mode.startswith("I;16"):
        return _Layout([_Pass(rawmode, np.asarray)], 1, np.uint16, has_alpha=False)
    if rawmode == "LA;16B":  # its four bytes as they are
        return _Layout([_Pass("RGBA", lambda strip: np.asarray(strip).view(">u2"))], 1, np.uint16, has_alpha=True)
    if ";16" in rawmode and kind.name in ("png", "tiff") and image.mode != "CMYK":
        return _Layout(_colour_of_16_bits(rawmode), 3, np.uint16, has_alpha=image.mode == "RGBA")
    if image.mode == "CMYK":
        return _Layout([_Pass(None, _from_cmyk(image))], 3, np.uint8, has_alpha=False)
    has_alpha = image.has_transparency_data
    mode = "L" if grey else "RGB"
    if has_alpha:
        mode += "A"
    return _Layout([_Pass(None, lambda strip: np.asarray(strip.convert(mode)))], 1 if grey else 3, np.uint8, has_alpha)


def _check_samples(image: Any, kind: Kind, name: str, grey: bool) -> None:
    tags = image.tag_v2 if kind.name == "tiff" else {}
    bits = max(tags.get(_BITS_PER_SAMPLE, (1,)))
    inverted = tags.get(_PHOTOMETRIC) == 0
    premultiplied = 1 in tags.get(_EXTRA_SAMPLES, ())
    in_planes = tags.get(_PLANAR) == 2 and not grey
    odd = {"inverted": inverted, "premultiplied": premultiplied, "in planes": in_planes}
    reasons = [reason for reason, holds in odd.items() if holds and bits == 16]
    if reasons or image.mode in ("I", "F", "LAB") or bits not in (1, 2, 4, 8, 16):
        raise InputError(Errors.P007.format(name=name, what=", ".join([image.mode, f"{bits} bits", *reasons])))


def _colour_of_16_bits(rawmode: str) -> list[_Pass]:
    little = sys.byteorder == "little"
    order = rawmode[-1].replace("N", "L" if little else "B")
    other = "B" if order == "L" else "L"
    return [
        _Pass(rawmode[:-1] + order, lambda strip: np.asarray(strip).astype(np.uint16) << 8),
        _Pass(rawmode[:-1] + other, np.asarray),
    ]


def _from_cmyk(image: Any) -> Callable[[Any], np.ndarray]:
    from PIL import ImageCms

    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(image.info["icc_profile"]))
        transform = ImageCms.buildTransform(profile, ImageCms.createProfile("sRGB"), "CMYK", "RGB")
    except (KeyError, OSError, TypeError, ImageCms.PyCMSError):  # no profile, or not one of CMYK
        return lambda strip: np.asarray(strip.convert("RGB"))
    return lambda strip: np.asarray(ImageCms.applyTransform(strip, transform))


def _load(image: Any, rawmode: str | None, allow_truncated: bool) -> Any:
    tiles = [] if rawmode else image.tile
    for tile in image.tile if rawmode else ():
        others = tile.args[1:] if isinstance(tile.args, tuple) else ()
        tiles.append(tile._replace(args=(rawmode, *others)))
    image.tile = tiles
    try:
        image.load()
    except Exception:
        if not allow_truncated:
            raise
        image.tile = []  # what was decoded stays
    return image


def _add_samples(loaded: Any, one: _Pass, pixels: np.ndarray, alpha: np.ndarray | None) -> None:
    height, width, bands = pixels.shape
    for top in range(0, height, _ROWS):
        strip = loaded.crop((0, top, width, min(top + _ROWS, height)))
        samples = one.samples_of(strip).reshape(-1, width, bands if alpha is None else bands + 1)
        pixels[top : top + _ROWS] |= samples[..., :bands]
        if alpha is not None:
            alpha[top : top + _ROWS] |= samples[..., bands]


def _all_but_one_colour(pixels: np.ndarray, key: Any, bit_depth: int) -> np.ndarray:
    """The alpha of a PNG that names one colour, in its own bit depth, as transparent."""
    most = 2**bit_depth - 1
    colour = (np.array(key) & most) * max(255 // most, 1)
    opaque = ~(pixels == colour).all(axis=2)
    return opaque * pixels.dtype.type(np.iinfo(pixels.dtype).max)
