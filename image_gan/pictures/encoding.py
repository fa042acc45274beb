"""Picture -> file."""

import contextlib
import io
import struct
import zlib
from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np

from corpora.files import write_bytes
from image_gan.errors import Errors, InputError, one_line
from image_gan.pictures.kinds import KINDS, SUFFIXES, Kind, kind_of_name
from image_gan.pictures.metadata import descriptive_exif
from image_gan.pictures.picture import Picture

_ROWS = 64  # converted at a time, so that little is in memory twice
_LEVEL = 3  # of zlib: 6 takes two to three times as long and saves nothing of a photograph
_LONGEST_JPEG_EXIF = 65533


def encode(picture: Picture, format: str | None = None, quality: int = 95) -> bytes:
    """Encode a picture as the bytes of a file.

    JPEG, WebP and BMP hold 8 bits, to which 16 are rounded. EXIF and profile go into JPEG, PNG, WebP and TIFF (EXIF that is too
    long for a JPEG is left out), the resolution into all but WebP. WebP has no grey, and neither does a 16-bit TIFF with
    transparency: there it becomes RGB.

    picture (Picture): what to encode.
    format (str | None): jpeg, png, webp, tiff or bmp; None for the format that it was read from.
    quality (int): of JPEG and WebP, 1 to 100; JPEG keeps its colours at full size from 90 on.
    RETURNS (bytes): the file's content.
    RAISES InputError: P012, an unknown format; P013, one that cannot hold transparency; P014, or a picture of this size.
    """
    kind = KINDS.get(format or picture.format)
    if kind is None:
        raise InputError(Errors.P012.format(format=format or picture.format, formats=", ".join(KINDS)))
    if picture.alpha is not None and not kind.transparency:
        raise InputError(Errors.P013.format(format=kind.name))
    height, width = picture.pixels.shape[:2]
    try:
        return _encoded(_in_its_bands(picture, kind), kind, quality)
    except (OSError, ValueError, struct.error) as error:
        size = {"width": width, "height": height, "format": kind.name}
        raise InputError(Errors.P014.format(**size, reason=one_line(error, 120))) from None


def write(path: str | Path, picture: Picture, *, quality: int = 95) -> None:
    """Write a picture, whole or not at all, in the format that the path's suffix names.

    path (str | Path): the file; one that exists is replaced.
    picture (Picture): what to write.
    quality (int): as for `encode`.
    RAISES InputError: P011, there is no format for the suffix; and as `encode`. OSError: the file cannot be written.
    """
    kind = kind_of_name(path)
    if kind is None:
        raise InputError(Errors.P011.format(path=path, suffixes=", ".join(SUFFIXES)))
    write_bytes(path, encode(picture, kind.name, quality))


def _in_its_bands(picture: Picture, kind: Kind) -> Picture:
    """Grey becomes RGB where the format has no grey."""
    deep_and_transparent = picture.alpha is not None and picture.alpha.itemsize == 2
    has_grey = kind.grey and not (kind.name == "tiff" and deep_and_transparent)
    if picture.pixels.shape[2] == 1 and not has_grey:
        return replace(picture, pixels=np.repeat(picture.pixels, 3, axis=2), icc=None)  # the profile was one for grey
    return picture


def _encoded(picture: Picture, kind: Kind, quality: int) -> bytes:
    if kind.name == "png":
        return _png(picture)
    if kind.name == "tiff":
        return _tiff(picture)
    return _pillow(picture, kind, quality)


def _png(picture: Picture) -> bytes:
    from PIL.PngImagePlugin import putchunk

    height, width, bands = picture.pixels.shape
    size = picture.pixels.itemsize
    colour_type = 0 if bands == 1 else 2
    if picture.alpha is not None:
        colour_type += 4
    file = io.BytesIO()
    file.write(b"\x89PNG\r\n\x1a\n")
    putchunk(file, b"IHDR", struct.pack(">IIBBBBB", width, height, 8 * size, colour_type, 0, 0, 0))
    if picture.icc:
        putchunk(file, b"iCCP", b"profile\0\0" + zlib.compress(picture.icc))
    if picture.dpi:
        per_metre = (round(value / 0.0254) for value in picture.dpi)
        putchunk(file, b"pHYs", struct.pack(">IIB", *per_metre, 1))
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
    """Strips that are compressed by zlib, of differences between neighbours; the tags stand before them."""
    from PIL.TiffImagePlugin import ImageFileDirectory_v2

    zero = picture.pixels.dtype.type(0)
    little_endian = f"<u{picture.pixels.itemsize}"
    differences = (np.diff(strip, axis=1, prepend=zero).astype(little_endian) for strip in _strips(picture))
    strips = [zlib.compress(strip.tobytes(), _LEVEL) for strip in differences]
    directory = ImageFileDirectory_v2()
    for tag, value in {**_tiff_exif(picture), **_tiff_tags(picture, [len(strip) for strip in strips])}.items():
        directory[tag] = value
    file = io.BytesIO()
    directory.save(file)
    file.writelines(strips)
    return file.getvalue()


def _tiff_tags(picture: Picture, lengths: list[int]) -> dict[int, Any]:
    height, width, bands = picture.pixels.shape
    samples = bands + (0 if picture.alpha is None else 1)
    offsets = tuple(accumulate(lengths[:-1], initial=0))  # counted from the end of the tags
    tags: dict[int, Any] = {
        256: width,
        257: height,
        258: (8 * picture.pixels.itemsize,) * samples,
        259: 8,  # zlib
        262: 1 if bands == 1 else 2,  # grey or RGB
        273: offsets,
        277: samples,
        278: _ROWS,
        279: tuple(lengths),
        317: 2,  # differences
    }
    if picture.alpha is not None:
        tags[338] = 2
    if picture.icc:
        tags[34675] = picture.icc
    if picture.dpi:
        tags |= {282: picture.dpi[0], 283: picture.dpi[1], 296: 2}
    return tags


def _tiff_exif(picture: Picture) -> dict[int, Any]:
    """EXIF as tags of a TIFF; none where it is damaged, or of kinds that Pillow cannot write."""
    from PIL.Image import Exif

    with contextlib.suppress(Exception):
        exif = Exif()
        exif.load(picture.exif or b"")
        exif = descriptive_exif(exif)
        exif.tobytes()
        return dict(exif)
    return {}


def _pillow(picture: Picture, kind: Kind, quality: int) -> bytes:
    from PIL import Image

    import_module(f"PIL.{kind.plugin}ImagePlugin")  # Pillow would load every plugin to look for the one that saves this
    pixels = _eight_bits(picture.pixels)
    image = Image.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels)
    if picture.alpha is not None:
        image.putalpha(Image.fromarray(_eight_bits(picture.alpha)))
    exif = picture.exif
    if kind.name == "jpeg" and len(exif or b"") > _LONGEST_JPEG_EXIF:
        exif = None
    metadata = {"exif": exif, "icc_profile": picture.icc, "dpi": picture.dpi}
    known = {key: value for key, value in metadata.items() if value}
    file = io.BytesIO()
    image.save(file, kind.name, quality=quality, subsampling=0 if quality >= 90 else 2, **known)
    return file.getvalue()


def _eight_bits(samples: np.ndarray) -> np.ndarray:
    """16 bits rounded to 8."""
    if samples.itemsize == 1:
        return samples
    table = ((np.arange(65536) + 128) // 257).astype(np.uint8)
    return table[samples]


def _strips(picture: Picture) -> Iterator[np.ndarray]:
    """(rows, width, bands), with transparency as the last band."""
    for top in range(0, len(picture.pixels), _ROWS):
        strip = picture.pixels[top : top + _ROWS]
        if picture.alpha is not None:
            strip = np.concatenate([strip, picture.alpha[top : top + _ROWS, :, None]], axis=2)
        yield strip
