"""Picture files of many kinds, as other programs write them, for the tests."""

import functools
import io
import struct
import zlib
from dataclasses import replace

import cv2
import numpy as np
from PIL import Image, ImageCms, TiffImagePlugin
from PIL.PngImagePlugin import putchunk

from image_gan.pictures import Picture, encode

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
UPRIGHT = {  # what a picture that is stored with an orientation looks like
    1: lambda stored: stored,
    2: lambda stored: cv2.flip(stored, 1),
    3: lambda stored: cv2.rotate(stored, cv2.ROTATE_180),
    4: lambda stored: cv2.flip(stored, 0),
    5: cv2.transpose,
    6: lambda stored: cv2.rotate(stored, cv2.ROTATE_90_CLOCKWISE),
    7: lambda stored: cv2.rotate(cv2.transpose(stored), cv2.ROTATE_180),
    8: lambda stored: cv2.rotate(stored, cv2.ROTATE_90_COUNTERCLOCKWISE),
}


def drawn(height=30, width=40, dtype=np.uint8):
    """Three slopes in three directions."""
    down, across = np.mgrid[0:height, 0:width]
    picture = np.stack([across * 6 % 256, down * 8 % 256, (across + down) * 3 % 256], axis=2)
    return (picture * (257 if dtype == np.uint16 else 1)).astype(dtype)


def saved(image, format, **options):
    """A file as Pillow writes it."""
    if isinstance(image, np.ndarray):
        image = Image.fromarray(image)
    file = io.BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


def png(depth, colour, rows, *chunks, size=None, interlaced=0):
    """A PNG from its packed rows."""
    file = io.BytesIO()
    file.write(b"\x89PNG\r\n\x1a\n")
    width, height = size or (len(rows[0]) * 8 // depth // {0: 1, 2: 3, 4: 2, 6: 4, 3: 1}[colour], len(rows))
    putchunk(file, b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced))
    for name, data in chunks:
        putchunk(file, name, data)
    putchunk(file, b"IDAT", zlib.compress(b"".join(b"\0" + row for row in rows)))
    putchunk(file, b"IEND")
    return file.getvalue()


def interlaced(samples):
    """A 16-bit PNG in Adam's seven passes."""
    passes = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
    parts = [samples[y::down, x::across].astype(">u2") for x, y, across, down in passes]
    return png(16, 2, [row.tobytes() for part in parts for row in part], size=samples.shape[1::-1], interlaced=1)


def tiff(samples, order, packed=False, **tags):
    """A TIFF in one strip."""
    height, width, bands = samples.shape
    bits = 8 * samples.itemsize
    directory = TiffImagePlugin.ImageFileDirectory_v2({"<": b"II*\0\x08\0\0\0", ">": b"MM\0*\0\0\0\x08"}[order])
    data = samples.astype(samples.dtype.newbyteorder(order)).tobytes()
    data = zlib.compress(data) if packed else data
    given = {
        256: width,
        257: height,
        258: (bits,) * bands,
        259: 8 if packed else 1,
        262: 2 if bands > 2 else 1,
        273: 0,
        277: bands,
        278: height,
    }
    for tag, value in {**given, 279: len(data), **{int(tag[1:]): value for tag, value in tags.items()}}.items():
        directory[tag] = value
    file = io.BytesIO()
    directory.save(file)
    return file.getvalue() + data


def exif_of(orientation=None):
    exif = Image.Exif()
    exif[0x010F] = "Maker"
    exif[0x8769] = {0x9003: "2020:01:02 03:04:05", 0x927C: b"note of the maker"}
    exif[0x8825] = {1: "N", 2: (48.0, 51.0, 24.0)}
    if orientation is not None:
        exif[0x0112] = orientation
    return exif.tobytes()


def with_exif(jpeg, exif):
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + jpeg[2:]


def frames(format, **options):
    return saved(Image.new("RGB", (8, 8)), format, save_all=True, append_images=[Image.new("RGB", (8, 8), "red")], **options)


@functools.cache
def good():
    """Files that are read, by kind and variant."""
    picture = Picture(drawn(), drawn()[..., 0], exif=exif_of(6), icc=SRGB, dpi=(72.0, 72.0))
    opaque, deep = replace(picture, alpha=None), replace(picture, pixels=drawn(dtype=np.uint16), alpha=None)
    image = Image.fromarray(drawn())
    return {
        "jpeg": encode(opaque, "jpeg"),
        "jpeg-progressive": saved(image, "jpeg", progressive=True),
        "jpeg-grey": saved(image.convert("L"), "jpeg"),
        "jpeg-cmyk": saved(image.convert("CMYK"), "jpeg"),
        "png": encode(picture, "png"),
        "png-deep": encode(deep, "png"),
        "png-pillow": saved(image, "png", exif=exif_of(5), icc_profile=SRGB),
        "png-palette": saved(image.quantize(20), "png", transparency=3),
        "png-interlaced": interlaced(drawn(dtype=np.uint16)),
        "webp": encode(picture, "webp"),
        "webp-lossless": saved(image, "webp", lossless=True, exif=exif_of(3)),
        "tiff": encode(picture, "tiff"),
        "tiff-deep": encode(deep, "tiff"),
        "tiff-raw": saved(image, "tiff", exif=exif_of(7)),
        "tiff-lzw": saved(image.convert("L"), "tiff", compression="tiff_lzw"),
        "tiff-jpeg": saved(image, "tiff", compression="jpeg"),
        "tiff-fax": saved(image.convert("1"), "tiff", compression="group4"),
        "bmp": encode(opaque, "bmp"),
        "bmp-palette": saved(image.quantize(20), "bmp"),
    }


def of_kind(kind):
    return [data for name, data in good().items() if name.split("-")[0] == kind]


def tags_of(picture):
    tags = Image.Exif()
    tags.load(picture.exif or b"")
    return tags
