"""Reads and writes pictures: JPEG, PNG, WebP, TIFF, BMP; 8 and 16 bit; upright; a damaged file is an error in one line.

Pillow decodes: it notices where a file ends too early, and prints nothing. OpenCV decodes WebP, in a third of the memory.
PNG and TIFF are written here, for Pillow has no 16 bits of colour to write.
"""

import contextlib
import ctypes
import functools
import io
import logging
import os
import re
import struct
import sys
import warnings
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from importlib import import_module
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np

from corpora.files import write_bytes
from image_gan.errors import Errors, InputError

SUFFIXES = {".jpg": "jpeg", ".jpeg": "jpeg", ".png": "png", ".webp": "webp", ".tif": "tiff", ".tiff": "tiff", ".bmp": "bmp"}
MAX_PIXELS = 200_000_000  # the largest that telephones take pass

_PLUGINS = {"jpeg": "Jpeg", "png": "Png", "webp": "WebP", "tiff": "Tiff", "bmp": "Bmp"}
_MAGIC = {
    "jpeg": rb"\xff\xd8\xff",
    "png": rb"\x89PNG\r\n\x1a\n",
    "webp": rb"RIFF....WEBP",
    "tiff": rb"II[*+]\0|MM\0[*+]",
    "bmp": rb"BM",
    "empty": rb"$",
    "a GIF": rb"GIF8",
    "HEIC or AVIF": rb"....ftyp(he|mif|msf|avi)",
    "a PDF": rb"%PDF",
    "a page or a drawing (HTML, XML, SVG)": rb"(\xef\xbb\xbf)?\s*<",
}
_ORIENTATION, _EXIF, _GPS, _INTEROP = 0x0112, 0x8769, 0x8825, 0xA005
_DESCRIPTIVE = (270, 271, 272, 305, 306, 315, 33432)  # of a TIFF's own tags: description, camera, software, date, author
_ROWS = 64  # converted at a time, so that little is held twice
_LEVEL = 3  # of zlib: 6 takes two to three times as long and saves nothing of a photograph


@dataclass(frozen=True, eq=False)
class Picture:
    """A picture as it is seen, and what its file said about it.

    pixels (np.ndarray): (height, width, 3) RGB or (height, width, 1) grey, uint8 or uint16, upright.
    alpha (np.ndarray | None): (height, width), same dtype; None where all of it is opaque.
    format (str): what it was read from: jpeg, png, webp, tiff or bmp.
    exif (bytes | None): begins with "Exif", its orientation reset to 1 and without a thumbnail.
    icc (bytes | None): the profile that the pixels are in.
    dpi (tuple[float, float] | None): across and down.
    """

    pixels: np.ndarray
    alpha: np.ndarray | None = None
    format: str = "png"
    exif: bytes | None = None
    icc: bytes | None = None
    dpi: tuple[float, float] | None = None


def read(source: str | Path | bytes, *, allow_truncated: bool = False, max_pixels: int = MAX_PIXELS) -> Picture:
    """Read a picture of a kind that its first bytes tell.

    Palettes become RGB, fewer than 8 bits become 8. CMYK becomes 8-bit RGB, through its profile where it has one.

    source (str | Path | bytes): a file, or what is in one.
    allow_truncated (bool): Take what can be decoded of a damaged file (not of WebP); the rest is black or grey.
    max_pixels (int): Larger ones are refused before they are decoded (TIFF and WebP from 178,956,970 on in any case).
    RETURNS (Picture): the picture.
    RAISES InputError: no picture of these kinds; several; one too large; a damaged one. OSError: the file cannot be read.
    """
    name = "the picture" if isinstance(source, bytes) else str(source)
    data = source if isinstance(source, bytes) else Path(source).read_bytes()
    kind = next((kind for kind, magic in _MAGIC.items() if re.match(magic, data, re.DOTALL)), "no picture")
    if kind not in _PLUGINS:
        raise InputError(Errors.P003.format(name=name, what=kind))
    _silence()
    try:
        return _decode(data, kind, name, allow_truncated, max_pixels)
    except InputError:
        raise
    except Exception as error:  # a decoder raises whatever a damaged file makes it stumble over
        hint = "" if allow_truncated else ", or allow truncated pictures"
        raise InputError(Errors.P004.format(name=name, reason=_reason(error), hint=hint)) from None


def encode(picture: Picture, format: str | None = None, quality: int = 95) -> bytes:
    """A picture as the bytes of a file.

    JPEG, WebP and BMP hold 8 bits, which 16 are rounded to. EXIF and profile go into JPEG, PNG, WebP and TIFF (too much
    EXIF for a JPEG is left out), dpi into all but WebP. WebP has no grey, nor has a 16-bit TIFF with transparency: RGB.

    format (str | None): jpeg, png, webp, tiff or bmp; the one that it was read from if None.
    quality (int): of JPEG and WebP, 1 to 100; JPEG keeps its colours at full size from 90 on.
    RAISES InputError: an unknown format; one that cannot hold transparency, or a picture of this size.
    """
    format = format or picture.format
    if format not in _PLUGINS:
        raise InputError(Errors.P012.format(format=format, formats=", ".join(_PLUGINS)))
    if picture.alpha is not None and format in ("jpeg", "bmp"):
        raise InputError(Errors.P013.format(format=format))
    height, width, bands = picture.pixels.shape
    if bands == 1 and (format == "webp" or (format == "tiff" and picture.alpha is not None and picture.alpha.itemsize == 2)):
        picture = replace(picture, pixels=np.repeat(picture.pixels, 3, axis=2), icc=None)  # a profile of grey is none of RGB
    try:
        return _png(picture) if format == "png" else _tiff(picture) if format == "tiff" else _pillow(picture, format, quality)
    except (OSError, ValueError, struct.error) as error:
        size = {"width": width, "height": height, "format": format}
        raise InputError(Errors.P014.format(**size, reason=_reason(error))) from None


def write(path: str | Path, picture: Picture, *, quality: int = 95) -> None:
    """Write a picture in one step, in the format that the path's suffix names.

    RAISES InputError: no such suffix; as `encode`. OSError: the file cannot be written.
    """
    format = SUFFIXES.get(Path(path).suffix.lower())
    if format is None:
        raise InputError(Errors.P011.format(path=path, suffixes=", ".join(SUFFIXES)))
    write_bytes(path, encode(picture, format, quality))


def find(paths: Iterable[str | Path], *, recursive: bool) -> list[Path]:
    """The picture files that paths name: files as they are, folders by the suffixes of what is in them.

    recursive (bool): Look into a folder's folders. What is hidden (its name begins with a dot) is passed by.
    RETURNS (list[Path]): each once, sorted.
    RAISES InputError: there is no such file; a folder without pictures.
    """
    found: dict[str, Path] = {}
    for path in map(Path, paths):
        if not path.exists():
            raise InputError(Errors.P009.format(path=path))
        inside = path.glob("**/*" if recursive else "*") if path.is_dir() else ()
        files = [file for file in inside if _is_picture(file.relative_to(path)) and file.is_file()]
        if path.is_dir() and not files:
            hint = "" if recursive else " itself: look into its folders (recursive), or name another"
            raise InputError(Errors.P010.format(folder=path, suffixes=" ".join(SUFFIXES), hint=hint))
        found = {os.path.abspath(file): file for file in files or [path]} | found
    return sorted(found.values())


def _is_picture(file: Path) -> bool:
    return file.suffix.lower() in SUFFIXES and not any(part.startswith(".") for part in file.parts)


@functools.cache
def _silence() -> None:
    """Pillow and its libtiff tell stderr what they think of a damaged file; what matters of it is raised."""
    from PIL import Image

    warnings.filterwarnings("ignore", module=r"PIL\.")
    logging.getLogger("PIL").addHandler(logging.NullHandler())
    with contextlib.suppress(AttributeError, OSError):  # where libtiff is no library of its own
        libtiff = ctypes.CDLL(Image.core.__file__)
        libtiff.TIFFSetErrorHandler(None)
        libtiff.TIFFSetWarningHandler(None)


def _reason(error: Exception) -> str:
    return " ".join(str(error).split())[:120] or type(error).__name__


def _decode(data: bytes, kind: str, name: str, partial: bool, max_pixels: int) -> Picture:
    if kind == "jpeg" and partial:
        data += b"\xff\xd9"  # the end that is missing: the decoder makes do with what it has
    image = _opened(data, kind)
    width, height = image.size
    if width * height > max_pixels:
        raise InputError(Errors.P006.format(name=name, width=width, height=height, most=max_pixels))
    preview = kind == "tiff" and image.tag_v2.get(254, 0) & 1  # before the picture proper, as in a camera's raw files
    if preview or getattr(image, "is_animated", False):
        raise InputError(Errors.P005.format(name=name, kind=kind))
    if kind == "png" and not partial:
        _opened(data, kind).verify()  # its checksums and its end
    pixels, alpha = _webp(data) if kind == "webp" else _samples(data, kind, name, image, partial)
    if alpha is not None and alpha.min() == np.iinfo(alpha.dtype).max:
        alpha = None
    orientation, exif = _exif(image)
    icc, dpi = image.info.get("icc_profile"), _dpi(image)
    icc = icc if isinstance(icc, bytes) and image.mode != "CMYK" else None
    del image  # before there are two of the pixels
    return Picture(
        _turned(pixels, orientation), None if alpha is None else _turned(alpha, orientation), kind, exif, icc or None, dpi
    )


def _opened(data: bytes, kind: str) -> Any:
    """The file with its header read; not by `Image.open`, which loads every plugin and goes by its own idea of kinds."""
    return getattr(import_module(f"PIL.{_PLUGINS[kind]}ImagePlugin"), f"{_PLUGINS[kind]}ImageFile")(io.BytesIO(data))


def _webp(data: bytes) -> tuple[np.ndarray, np.ndarray | None]:
    import cv2

    samples = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if samples is None:
        raise ValueError("no whole picture")
    if samples.shape[2] == 3:
        return cv2.cvtColor(samples, cv2.COLOR_BGR2RGB), None
    return cv2.cvtColor(samples, cv2.COLOR_BGRA2RGB), cv2.extractChannel(samples, 3)


def _samples(data: bytes, kind: str, name: str, image: Any, partial: bool) -> tuple[np.ndarray, np.ndarray | None]:
    """What a picture whose header is read holds: (height, width, bands), and (height, width) or None."""
    key = image.info.pop("transparency", None) if kind == "png" and image.mode != "P" else None
    passes, bands, dtype, see_through = _passes(image, kind, name)
    for number, (rawmode, take) in enumerate(passes):
        loaded = _loaded(_opened(data, kind) if number else image, rawmode, partial)
        width, height = loaded.im.size
        if not number:
            pixels = np.zeros((height, width, bands), dtype)
            alpha = np.zeros((height, width), dtype) if see_through else None
        for top in range(0, height, _ROWS):
            part = take(loaded.crop((0, top, width, min(top + _ROWS, height)))).reshape(-1, width, bands + see_through)
            pixels[top : top + _ROWS] |= part[..., :bands]
            if alpha is not None:
                alpha[top : top + _ROWS] |= part[..., bands]
    if key is not None:  # one colour of a PNG, in its own depth
        most = 2 ** data[24] - 1
        colour = (np.array(key) & most) * max(255 // most, 1)
        alpha = ~(pixels == colour).all(axis=2) * dtype(np.iinfo(dtype).max)
    return pixels, alpha


def _passes(image: Any, kind: str, name: str) -> tuple[list[tuple[str, Callable]], int, type, bool]:
    """What Pillow shall unpack and how samples are had of that, once or twice; bands, dtype and whether there is alpha.

    Of 16 bits Pillow keeps grey alone. Of colour it unpacks the upper bytes or, told the other byte order, the lower.
    """
    args = image.tile[0].args
    rawmode = args if isinstance(args, str) else args[0]
    mode = image.mode
    grey = mode[0] in "1L" or mode.startswith("I;16") or rawmode == "LA;16B"
    tags = image.tag_v2 if kind == "tiff" else {}
    bits = max(tags.get(258, (1,)))
    odd = bits == 16 and (tags.get(262) == 0 or 1 in tags.get(338, ()) or (tags.get(284) == 2 and not grey))
    if mode in ("I", "F", "LAB") or bits not in (1, 2, 4, 8, 16) or odd:
        what = f"{mode}, {bits} bits" + ", inverted, premultiplied or in planes" * odd
        raise InputError(Errors.P007.format(name=name, what=what))
    if mode.startswith("I;16"):
        return [(rawmode, np.asarray)], 1, np.uint16, False
    if rawmode == "LA;16B":
        return [("RGBA", lambda strip: np.asarray(strip).view(">u2"))], 1, np.uint16, True  # its four bytes as they are
    if ";16" in rawmode and mode != "CMYK":
        upper = rawmode[-1].replace("N", "L" if sys.byteorder == "little" else "B")
        first = (rawmode[:-1] + upper, lambda strip: np.asarray(strip).astype(np.uint16) << 8)
        second = (rawmode[:-1] + ("B" if upper == "L" else "L"), np.asarray)
        return [first, second], 3, np.uint16, mode == "RGBA"
    see_through = image.has_transparency_data
    target = ("L" if grey else "RGB") + "A" * see_through
    convert = _from_cmyk(image) if mode == "CMYK" else lambda strip: strip.convert(target)
    return [(rawmode, lambda strip: np.asarray(convert(strip)))], 1 if grey else 3, np.uint8, see_through


def _from_cmyk(image: Any) -> Callable[[Any], Any]:
    from PIL import ImageCms

    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(image.info["icc_profile"]))
        transform = ImageCms.buildTransform(profile, ImageCms.createProfile("sRGB"), "CMYK", "RGB")
    except (KeyError, OSError, TypeError, ImageCms.PyCMSError):  # no profile, or none of CMYK
        return lambda strip: strip.convert("RGB")
    return lambda strip: ImageCms.applyTransform(strip, transform)


def _loaded(image: Any, rawmode: str, partial: bool) -> Any:
    image.tile = [tile._replace(args=(rawmode, *tile.args[1:] * isinstance(tile.args, tuple))) for tile in image.tile]
    try:
        image.load()
    except Exception:
        if not partial:
            raise
        image.tile = []  # what was decoded stays
    return image


def _exif(image: Any) -> tuple[Any, bytes | None]:
    """The orientation that is still to be applied, and EXIF without it; damaged EXIF is left behind."""
    orientation = 1
    try:
        tags = image.getexif()
        orientation = tags.get(_ORIENTATION, 1)
        if exif := image.info.get("exif"):
            return orientation, _upright(exif)
        kept = _described(tags)
        return orientation, kept.tobytes() if kept else None
    except Exception:
        return orientation, None


def _upright(exif: bytes) -> bytes:
    """The same bytes with orientation 1 and no thumbnail, which would show the picture as it was."""
    data = bytearray(b"Exif\0\0" + re.sub(rb"^(Exif\0\0)+", b"", exif))
    order = {b"II": "<", b"MM": ">"}[bytes(data[6:8])]
    start = 8 + struct.unpack_from(f"{order}I", data, 10)[0]
    end = start + 12 * struct.unpack_from(f"{order}H", data, start - 2)[0]
    for at in range(start, end, 12):
        if struct.unpack_from(f"{order}H", data, at)[0] == _ORIENTATION:
            struct.pack_into(f"{order}HHIHH", data, at, _ORIENTATION, 3, 1, 1, 0)
    struct.pack_into(f"{order}I", data, end, 0)
    return bytes(data)


def _described(exif: Any) -> Any:
    """Of EXIF that stands among a TIFF's tags, or shall: what tells of the picture, not of its file."""
    from PIL.Image import Exif

    kept = Exif()
    for tag in _DESCRIPTIVE:
        if tag in exif:
            kept[tag] = exif[tag]
    for tag in (_EXIF, _GPS):
        if inner := {key: value for key, value in exif.get_ifd(tag).items() if key != _INTEROP}:
            kept[tag] = inner
    return kept


def _dpi(image: Any) -> tuple[float, float] | None:
    try:
        across, down = (float(value) for value in image.info["dpi"])
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
    return (across, down) if 1 < across < 65536 and 1 < down < 65536 else None  # 1: a TIFF that says nothing


def _turned(samples: np.ndarray, orientation: Any) -> np.ndarray:
    if orientation in (5, 6, 7, 8):
        samples = samples.swapaxes(0, 1)
    down, across = -1 if orientation in (3, 4, 7, 8) else 1, -1 if orientation in (2, 3, 6, 7) else 1
    return np.ascontiguousarray(samples[::down, ::across])


def _png(picture: Picture) -> bytes:
    from PIL.PngImagePlugin import putchunk

    height, width, bands = picture.pixels.shape
    size = picture.pixels.itemsize
    file = io.BytesIO()
    file.write(b"\x89PNG\r\n\x1a\n")
    colour = {1: 0, 3: 2}[bands] + 4 * (picture.alpha is not None)
    putchunk(file, b"IHDR", struct.pack(">IIBBBBB", width, height, 8 * size, colour, 0, 0, 0))
    if picture.icc:
        putchunk(file, b"iCCP", b"profile\0\0" + zlib.compress(picture.icc))
    if picture.dpi:
        putchunk(file, b"pHYs", struct.pack(">IIB", *(round(value / 0.0254) for value in picture.dpi), 1))
    if picture.exif:
        putchunk(file, b"eXIf", picture.exif.removeprefix(b"Exif\0\0"))
    compressor = zlib.compressobj(_LEVEL)
    for strip in _strips(picture):
        samples = np.ascontiguousarray(strip, f">u{size}").view(np.uint8).reshape(len(strip), width, -1)
        rows = np.diff(samples, axis=1, prepend=np.uint8(0)).reshape(len(strip), -1)
        rows = np.pad(rows, ((0, 0), (1, 0)), constant_values=1)  # each begins with its filter: 1, less the pixel to the left
        putchunk(file, b"IDAT", compressor.compress(rows.tobytes()))
    putchunk(file, b"IDAT", compressor.flush())
    putchunk(file, b"IEND")
    return file.getvalue()


def _tiff(picture: Picture) -> bytes:
    from PIL.Image import Exif
    from PIL.TiffImagePlugin import ImageFileDirectory_v2

    height, width, bands = picture.pixels.shape
    size, samples = picture.pixels.itemsize, bands + (picture.alpha is not None)
    zero = picture.pixels.dtype.type(0)
    steps = (np.diff(strip, axis=1, prepend=zero).astype(f"<u{size}") for strip in _strips(picture))
    strips = [zlib.compress(strip.tobytes(), _LEVEL) for strip in steps]
    lengths = [len(strip) for strip in strips]
    starts = accumulate(lengths[:-1], initial=0)  # from the end of the tags on
    tags: dict[int, Any] = {256: width, 257: height, 258: (8 * size,) * samples, 277: samples, 262: 1 if bands == 1 else 2}
    tags |= {259: 8, 317: 2, 273: tuple(starts), 278: _ROWS, 279: tuple(lengths)}  # zlib, of differences
    tags |= {338: 2} if picture.alpha is not None else {}
    tags |= {34675: picture.icc} if picture.icc else {}
    tags |= {282: picture.dpi[0], 283: picture.dpi[1], 296: 2} if picture.dpi else {}
    exif = Exif()
    with contextlib.suppress(Exception):  # damaged, or of kinds that Pillow cannot write: left out
        exif.load(picture.exif or b"")
        exif = _described(exif)
        exif.tobytes()
        tags = {**exif, **tags}
    directory = ImageFileDirectory_v2()
    for tag, value in tags.items():
        directory[tag] = value
    file = io.BytesIO()
    directory.save(file)
    file.writelines(strips)
    return file.getvalue()


def _pillow(picture: Picture, format: str, quality: int) -> bytes:
    from PIL import Image

    import_module(f"PIL.{_PLUGINS[format]}ImagePlugin")  # what saves, or every plugin would be loaded to look for it
    pixels = _eight(picture.pixels)
    image = Image.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels)
    if picture.alpha is not None:
        image.putalpha(Image.fromarray(_eight(picture.alpha)))
    exif = None if format == "jpeg" and len(picture.exif or b"") > 65533 else picture.exif
    said = {"exif": exif, "icc_profile": picture.icc, "dpi": picture.dpi}
    file = io.BytesIO()
    given = {key: value for key, value in said.items() if value}
    image.save(file, format, quality=quality, subsampling=0 if quality >= 90 else 2, **given)
    return file.getvalue()


def _eight(samples: np.ndarray) -> np.ndarray:
    """8 bits of 16, rounded."""
    return samples if samples.itemsize == 1 else ((np.arange(65536) + 128) // 257).astype(np.uint8)[samples]


def _strips(picture: Picture) -> Iterator[np.ndarray]:
    """(rows, width, bands), transparency as the last band."""
    for top in range(0, len(picture.pixels), _ROWS):
        strip = picture.pixels[top : top + _ROWS]
        alpha = picture.alpha
        yield strip if alpha is None else np.concatenate([strip, alpha[top : top + _ROWS, :, None]], axis=2)
