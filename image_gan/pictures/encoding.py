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

from corpora.extras import load
from corpora.files import write_bytes
from image_gan.errors import Errors, InputError, one_line
from image_gan.pictures.iptc import resource_of_iptc
from image_gan.pictures.kinds import KINDS, SUFFIXES, Kind, kind_of_name
from image_gan.pictures.metadata import descriptive_exif, sized_exif, sized_xmp
from image_gan.pictures.picture import Picture
from image_gan.pictures.png_chunks import text_chunks
from image_gan.pictures.profile import profile_of

_ROWS = 64  # converted at a time, so that little is in memory twice
_LEVEL = 3  # of zlib: 6 takes two to three times as long and saves nothing of a photograph
_LONGEST = {"EXIF": 65533, "XMP": 65504, "IPTC": 65500, "text": 65533}  # bytes in a JPEG


def encode(picture: Picture, format: str | None = None, quality: int = 95) -> bytes:
    """Encode a picture as the bytes of a file.

    PNG and TIFF hold 16 bits; for others they are rounded to 8. What each kind says about a picture is in `kinds.Kind.holds`,
    and what is lost in `left_out`; sizes in EXIF and XMP become those of the picture. WebP, AVIF and HEIC have no grey, and
    neither does a 16-bit TIFF with transparency: there it becomes RGB. A WebP that loses nothing stays so.

    picture (Picture): what to encode.
    format (str | None): jpeg, png, webp, tiff, bmp, avif or heic; None for the format that it was read from.
    quality (int): of JPEG, WebP, AVIF and HEIC, 1 to 100; JPEG keeps its colours at full size from 90 on.
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
        return _encoded(_as_held(picture, kind), kind, quality)
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


def left_out(picture: Picture, format: str) -> list[str]:
    """What a file of a format does not say about a picture: of "EXIF", "XMP", "IPTC", "text" and "profile"."""
    kind = KINDS[format]
    return [name for name, content in _contents(picture).items() if content and not _holds(kind, name, content)]


def _contents(picture: Picture) -> dict[str, bytes]:
    text = max((comment.encode("utf8", "replace") for comment in _comments(picture)), key=len, default=b"")
    found = {"EXIF": picture.exif, "XMP": picture.xmp, "IPTC": picture.iptc, "text": text, "profile": picture.icc}
    return {name: content or b"" for name, content in found.items()}


def _holds(kind: Kind, name: str, content: bytes) -> bool:
    return name in kind.holds and (kind.name != "jpeg" or len(content) <= _LONGEST.get(name, len(content)))


def _comments(picture: Picture) -> list[str]:
    """A PNG's texts as comments of a JPEG."""
    return [text if key == "Comment" else f"{key}: {text}" for key, text in picture.texts]


def _as_held(picture: Picture, kind: Kind) -> Picture:
    """With what the kind holds, and that up to date."""
    picture = _in_its_bands(picture, kind)
    height, width, bands = picture.pixels.shape
    lost = left_out(picture, kind.name)
    icc = picture.icc
    if not icc and kind.name != "png":
        icc = profile_of(dict(picture.colour_chunks), grey=bands == 1)
    return replace(
        picture,
        exif=sized_exif(picture.exif, width, height) if picture.exif and "EXIF" not in lost else None,
        xmp=sized_xmp(picture.xmp, width, height) if picture.xmp and "XMP" not in lost else None,
        iptc=None if "IPTC" in lost else picture.iptc,
        texts=() if "text" in lost else picture.texts,
        icc=icc if "profile" in kind.holds else None,
        dpi=picture.dpi if "resolution" in kind.holds else None,
    )


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
    for name, content in picture.colour_chunks:
        putchunk(file, name, content)
    if picture.icc:
        putchunk(file, b"iCCP", b"profile\0\0" + zlib.compress(picture.icc))
    if picture.dpi:
        per_metre = (round(value / 0.0254) for value in picture.dpi)
        putchunk(file, b"pHYs", struct.pack(">IIB", *per_metre, 1))
    if picture.exif:
        putchunk(file, b"eXIf", picture.exif.removeprefix(b"Exif\0\0"))
    for name, content in text_chunks(picture.texts, picture.xmp, picture.iptc):
        putchunk(file, name, content)
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
    if picture.xmp:
        tags[700] = picture.xmp
    if picture.iptc:
        tags[33723] = picture.iptc
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

    if kind.name == "heic":
        load("pillow_heif").register_heif_opener()
    else:
        import_module(f"PIL.{kind.plugin}ImagePlugin")  # Pillow would load every plugin to look for the one that saves this
    pixels = _eight_bits(picture.pixels)
    image = Image.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels)
    if picture.alpha is not None:
        image.putalpha(Image.fromarray(_eight_bits(picture.alpha)))
    known: dict[str, Any] = {"exif": picture.exif, "icc_profile": picture.icc, "dpi": picture.dpi, "xmp": picture.xmp}
    if kind.name == "jpeg":
        known |= {"subsampling": 0 if quality >= 90 else 2, "extra": _jpeg_segments(picture)}
    if kind.name == "avif":
        known["subsampling"] = "4:4:4" if quality >= 90 else "4:2:0"
    if kind.name == "heic":
        known["chroma"] = 444 if quality >= 90 else 420
    if kind.name == "webp" and picture.lossless:
        known |= {"lossless": True, "exact": True}
    file = io.BytesIO()
    image.save(
        file,
        "HEIF" if kind.name == "heic" else kind.name,
        quality=quality,
        **{key: value for key, value in known.items() if value is not None},
    )
    return file.getvalue()


def _jpeg_segments(picture: Picture) -> bytes:
    contents = [(b"\xff\xfe", comment.encode("utf8", "replace")) for comment in _comments(picture)]
    if picture.iptc:
        contents.append((b"\xff\xed", b"Photoshop 3.0\0" + resource_of_iptc(picture.iptc)))
    return b"".join(marker + struct.pack(">H", len(content) + 2) + content for marker, content in contents)


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
