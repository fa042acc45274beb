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

from image_gan.errors import Errors, InputError, one_line
from image_gan.pictures.kinds import KINDS, Kind, describe_other, kind_of_bytes
from image_gan.pictures.metadata import read_dpi, read_exif, turn_upright
from image_gan.pictures.picture import Picture

MAX_PIXELS = 200_000_000  # the largest pictures that telephones take are below

_ROWS = 64  # converted at a time, so that little is in memory twice
_NEW_SUBFILE_TYPE, _BITS_PER_SAMPLE, _PHOTOMETRIC, _PLANAR, _EXTRA_SAMPLES = 254, 258, 262, 284, 338  # tags of TIFF


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
    try:
        return _decode(data, kind, name, allow_truncated, max_pixels)
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


def _decode(data: bytes, kind: Kind, name: str, allow_truncated: bool, max_pixels: int) -> Picture:
    if kind.name == "jpeg" and allow_truncated:
        data += b"\xff\xd9"  # the end that is missing: the decoder then accepts what it has
    image = _open(data, kind)
    width, height = image.size
    if width * height > max_pixels:
        raise InputError(Errors.P006.format(name=name, width=width, height=height, most=max_pixels))
    if _has_several(image, kind):
        raise InputError(Errors.P005.format(name=name, kind=kind.title))
    if kind.name == "png" and not allow_truncated:
        _open(data, kind).verify()  # its checksums and its end
    pixels, alpha = _webp(data) if kind.name == "webp" else _samples(data, kind, name, image, allow_truncated)
    if alpha is not None and alpha.min() == np.iinfo(alpha.dtype).max:
        alpha = None
    orientation, exif = read_exif(image)
    dpi, icc = read_dpi(image), image.info.get("icc_profile")
    if not isinstance(icc, bytes) or image.mode == "CMYK":
        icc = None
    del image  # before the pixels are in memory twice
    pixels = turn_upright(pixels, orientation)
    alpha = None if alpha is None else turn_upright(alpha, orientation)
    return Picture(pixels, alpha, kind.name, exif, icc or None, dpi)


def _open(data: bytes, kind: Kind) -> Any:
    """The file with its header read; `Image.open` would load every plugin and decide by itself of which kind it is."""
    plugin = import_module(f"PIL.{kind.plugin}ImagePlugin")
    return getattr(plugin, f"{kind.plugin}ImageFile")(io.BytesIO(data))


def _has_several(image: Any, kind: Kind) -> bool:
    """Whether a file holds several frames or pages, or a preview before the picture, as a camera's raw files do."""
    is_preview = kind.name == "tiff" and image.tag_v2.get(_NEW_SUBFILE_TYPE, 0) & 1
    return bool(is_preview or getattr(image, "is_animated", False))


def _webp(data: bytes) -> tuple[np.ndarray, np.ndarray | None]:
    import cv2

    samples = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if samples is None:
        raise ValueError("incomplete")
    if samples.shape[2] == 3:
        return cv2.cvtColor(samples, cv2.COLOR_BGR2RGB), None
    return cv2.cvtColor(samples, cv2.COLOR_BGRA2RGB), cv2.extractChannel(samples, 3)


class _Pass(NamedTuple):
    """One time that Pillow unpacks a file: in which raw mode, and how samples are made of a strip of the result."""

    rawmode: str
    samples_of: Callable[[Any], np.ndarray]


class _Layout(NamedTuple):
    """How a file's samples are read; those of several passes are joined bit by bit."""

    passes: list[_Pass]
    bands: int
    dtype: type
    has_alpha: bool


def _samples(data: bytes, kind: Kind, name: str, image: Any, allow_truncated: bool) -> tuple[np.ndarray, np.ndarray | None]:
    """The samples of a picture whose header is read: (height, width, bands), and (height, width) or None."""
    key = image.info.pop("transparency", None) if kind.name == "png" and image.mode != "P" else None
    layout = _layout_of(image, kind, name)
    loaded = _load(image, layout.passes[0].rawmode, allow_truncated)
    width, height = loaded.im.size
    pixels = np.zeros((height, width, layout.bands), layout.dtype)
    alpha = np.zeros((height, width), layout.dtype) if layout.has_alpha else None
    _add_samples(loaded, layout.passes[0], pixels, alpha)
    for again in layout.passes[1:]:
        _add_samples(_load(_open(data, kind), again.rawmode, allow_truncated), again, pixels, alpha)
    if key is not None:
        alpha = _all_but_one_colour(pixels, key, bit_depth=data[24])
    return pixels, alpha


def _layout_of(image: Any, kind: Kind, name: str) -> _Layout:
    """Of 16 bits Pillow keeps grey only. Of colour it unpacks the upper bytes or, with the other byte order, the lower ones."""
    args = image.tile[0].args
    rawmode = args if isinstance(args, str) else args[0]
    grey = image.mode[0] in "1L" or image.mode.startswith("I;16") or rawmode == "LA;16B"
    _check_samples(image, kind, name, grey)
    if image.mode.startswith("I;16"):
        return _Layout([_Pass(rawmode, np.asarray)], 1, np.uint16, has_alpha=False)
    if rawmode == "LA;16B":  # its four bytes as they are
        return _Layout([_Pass("RGBA", lambda strip: np.asarray(strip).view(">u2"))], 1, np.uint16, has_alpha=True)
    if ";16" in rawmode and image.mode != "CMYK":
        return _Layout(_colour_of_16_bits(rawmode), 3, np.uint16, has_alpha=image.mode == "RGBA")
    if image.mode == "CMYK":
        return _Layout([_Pass(rawmode, _from_cmyk(image))], 3, np.uint8, has_alpha=False)
    has_alpha = image.has_transparency_data
    mode = "L" if grey else "RGB"
    if has_alpha:
        mode += "A"
    return _Layout([_Pass(rawmode, lambda strip: np.asarray(strip.convert(mode)))], 1 if grey else 3, np.uint8, has_alpha)


def _check_samples(image: Any, kind: Kind, name: str, grey: bool) -> None:
    tags = image.tag_v2 if kind.name == "tiff" else {}
    bits = max(tags.get(_BITS_PER_SAMPLE, (1,)))
    inverted = tags.get(_PHOTOMETRIC) == 0
    premultiplied = 1 in tags.get(_EXTRA_SAMPLES, ())
    in_planes = tags.get(_PLANAR) == 2 and not grey
    odd = bits == 16 and (inverted or premultiplied or in_planes)
    if odd or image.mode in ("I", "F", "LAB") or bits not in (1, 2, 4, 8, 16):
        what = f"{image.mode}, {bits} bits"
        if odd:
            what += ", inverted, premultiplied or in planes"
        raise InputError(Errors.P007.format(name=name, what=what))


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


def _load(image: Any, rawmode: str, allow_truncated: bool) -> Any:
    tiles = []
    for tile in image.tile:
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
