import functools
import io
import os
import struct
import subprocess
import sys
import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import cv2
import hypothesis.extra.numpy as arrays
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms, TiffImagePlugin
from PIL.PngImagePlugin import putchunk

from corpora.errors import InputError
from image_gan.pictures import SUFFIXES, Picture, encode, find, read, write

pytestmark = pytest.mark.filterwarnings(r"ignore::UserWarning:PIL\.")  # pytest shows what `read` has silenced
KINDS = ("jpeg", "png", "webp", "tiff", "bmp")
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


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


def refused(source, **options):
    with pytest.raises(InputError) as caught:
        read(source, **options)
    assert "\n" not in str(caught.value)
    return str(caught.value)


# What must not break it


@pytest.mark.parametrize("name", good())
def test_reads(name):
    picture = read(good()[name])
    assert picture.format == name.split("-")[0]
    assert picture.pixels.dtype == (np.uint16 if "deep" in name or "interlaced" in name else np.uint8)
    assert picture.pixels.flags.c_contiguous


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "empty"),
        (b"<!DOCTYPE html><html>", "a page"),
        (b"\xef\xbb\xbf\n  <svg>", "a page or a drawing"),
        (b"GIF89a" + bytes(40), "a GIF"),
        (frames("gif"), "a GIF"),
        (b"\0\0\0\x18ftypheic" + bytes(40), "HEIC"),
        (b"%PDF-1.7", "a PDF"),
        (b"\0" * 100, "no picture"),
        (frames("png"), "png of several frames"),
        (frames("webp"), "webp of several frames"),
        (frames("tiff"), "of several frames or pages"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "damaged"),
        (b"\xff\xd8\xff" + bytes(100), "damaged"),
        (b"BM" + bytes(100), "damaged"),
        (b"II*\0" + bytes(100), "damaged"),
        (b"RIFF\x20\0\0\0WEBPVP8 " + bytes(100), "damaged"),
        (png(8, 2, [b"abc"], size=(60000, 60000)), "60000 x 60000"),
        (good()["bmp"][:18] + struct.pack("<II", 60000, 60000) + good()["bmp"][26:], "60000 x 60000"),
        (saved(Image.new("F", (3, 3)), "tiff"), "F, 32 bits"),
        (tiff(drawn(dtype=np.uint16), "<", t284=2), "in planes"),
        (tiff(drawn(), "<", t254=1), "tiff of several frames or pages"),
    ],
)
def test_refuses(data, message, tmp_path):
    (tmp_path / "bild ü.jpg").write_bytes(data)
    said = refused(tmp_path / "bild ü.jpg")
    assert message in said
    assert "bild ü.jpg" in said


def test_a_missing_file():
    with pytest.raises(FileNotFoundError):
        read("missing.jpg")


def test_the_cap_is_before_decoding():
    assert "40 x 30" in refused(good()["jpeg"], max_pixels=1199)
    assert read(good()["jpeg"], max_pixels=1200).pixels.shape == (40, 30, 3)  # turned


@pytest.mark.parametrize("name", good())
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_cut_short(name, share):
    data = good()[name]
    assert "damaged or cut short" in refused(data[: int(len(data) * share)])


@pytest.mark.parametrize("format", ["jpeg", "png", "tiff", "bmp"])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_what_is_left_of_a_file_cut_short(format, dtype):
    whole = drawn(400, 300, dtype) if format in ("png", "tiff") else drawn(400, 300)
    data = encode(Picture(whole), format, quality=100)
    assert "allow truncated" in refused(data[: len(data) // 2])
    picture = read(data[: len(data) // 2], allow_truncated=True)
    assert picture.pixels.shape == whole.shape
    begun = slice(0, 64) if format != "bmp" else slice(-64, None)  # a BMP begins at the bottom
    assert np.abs(picture.pixels[begun].astype(int) - whole[begun]).mean() <= (3 if format == "jpeg" else 0)


def test_a_progressive_file_cut_short():
    data = saved(drawn(400, 300), "jpeg", progressive=True, quality=95)
    picture = read(data[: len(data) // 2], allow_truncated=True)
    assert np.abs(picture.pixels.astype(int) - drawn(400, 300)).mean() < 60  # all of it, coarsely


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_turned_file_cut_short(dtype, packed):
    stored = drawn(400, 300, dtype)
    data = tiff(stored, "<", packed=packed, t274=8)
    picture = read(data[: int(len(data) * 0.9)], allow_truncated=True)
    assert picture.pixels.shape == (300, 400, 3)
    if not packed:  # of a packed strip nothing is left
        assert np.array_equal(picture.pixels[:, :100], SHOWN[8](stored)[:, :100])


def test_a_webp_cut_short_stays_refused():
    data = encode(Picture(drawn(400, 300)), "webp")
    refused(data[: len(data) // 2], allow_truncated=True)


@pytest.mark.parametrize("shape", [(1, 1), (5000, 3), (3, 5000), (64, 1), (65, 2)])
@pytest.mark.parametrize("kind", KINDS)
def test_odd_sizes(shape, kind):
    for picture in (Picture(drawn(*shape)), Picture(drawn(*shape)[..., :1])):
        assert read(encode(picture, kind)).pixels.shape[:2] == shape


def test_dark_16_bit_stays_dark():
    """The range is that of the dtype, whatever the brightest sample."""
    dark = drawn(dtype=np.uint16) // 600
    read_back = read(cv2.imencode(".png", dark[..., ::-1])[1].tobytes())
    assert np.array_equal(read_back.pixels, dark)
    assert read(encode(read_back, "bmp")).pixels.max() == 0


MUTATE = """
import pathlib, struct, sys, zlib
import numpy as np
from image_gan.pictures import InputError, encode, read

def mutated(data, rng):
    data = bytearray(data)
    how = rng.integers(4)
    if how == 0:
        return bytes(data[: rng.integers(len(data))])
    if how == 1:
        at = rng.integers(len(data))
        data[at : at + rng.integers(1, 50)] = rng.bytes(rng.integers(50))
    for _ in range(rng.integers(1, 6)):
        at = rng.integers(min(len(data), 200) if how == 2 else len(data))
        data[at] ^= 1 << int(rng.integers(8))
    return checked(bytes(data)) if rng.integers(2) and data[1:4] == b"PNG" else bytes(data)

def checked(png):
    # with checksums that are right, so that more than the checksums is tried
    at, out = 8, png[:8]
    while at + 12 <= len(png):
        end = at + 8 + struct.unpack_from(">I", png, at)[0]
        out += png[at:end] + struct.pack(">I", zlib.crc32(png[at + 4 : end]))
        at = end + 4
    return out

files = [path.read_bytes() for path in sorted(pathlib.Path(sys.argv[1]).iterdir())]
rng = np.random.default_rng(5)
seen = dict.fromkeys(("read", "refused"), 0)
for number in range(1000):
    data = mutated(files[number % len(files)], rng)
    for allow_truncated in (False, True):
        try:
            picture = read(data, allow_truncated=allow_truncated, max_pixels=1_000_000)
        except InputError as error:
            assert "\\n" not in str(error)
            seen["refused"] += 1
            continue
        seen["read"] += 1
        if number % 10 == 0:
            encode(picture, "tiff"), encode(picture, "png"), max(picture.pixels.shape) > 9999 or encode(picture, "webp")
print(*seen.values())
"""


@pytest.mark.parametrize("kind", KINDS)
def test_a_thousand_mutations(kind, tmp_path):
    """In a process of its own, so that a crash or a hang of a decoder is seen; and what it prints."""
    for number, data in enumerate(of_kind(kind)):
        (tmp_path / str(number)).write_bytes(data)
    done = subprocess.run([sys.executable, "-c", MUTATE, str(tmp_path)], capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    assert min(map(int, done.stdout.split())) > 100


# What is in a file


SHAPES = st.tuples(st.integers(1, 70), st.integers(1, 9), st.sampled_from([1, 3]))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("format", ["png", "tiff", "bmp"])
@given(data=st.data())
def test_round_trip(format, dtype, data):
    pixels = data.draw(arrays.arrays(dtype, SHAPES))
    alpha = None
    if format != "bmp" and not (format == "tiff" and dtype == np.uint16 and pixels.shape[2] == 1):
        alpha = data.draw(st.none() | arrays.arrays(dtype, pixels.shape[:2]))
    picture = read(encode(Picture(pixels, alpha), format))
    if format == "bmp" and dtype == np.uint16:
        pixels = np.round(pixels / 257).astype(np.uint8)
    assert np.array_equal(picture.pixels, pixels)
    assert picture.pixels.dtype == pixels.dtype
    if alpha is None or alpha.min() == np.iinfo(dtype).max:
        assert picture.alpha is None
    else:
        assert np.array_equal(picture.alpha, alpha)


@pytest.mark.parametrize("format", ["png", "tiff"])
@pytest.mark.parametrize("bands", [1, 3])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_opencv_reads_what_is_written(format, bands, dtype):
    pixels = drawn(150, 70, dtype)[..., :bands]
    theirs = cv2.imdecode(np.frombuffer(encode(Picture(pixels), format), np.uint8), cv2.IMREAD_UNCHANGED)
    assert np.array_equal(theirs.reshape(pixels.shape)[..., ::-1], pixels)


@pytest.mark.parametrize(
    "file",
    [
        tiff(drawn(dtype=np.uint16), "<"),
        tiff(drawn(dtype=np.uint16), ">"),
        tiff(np.concatenate([drawn(dtype=np.uint16), drawn(dtype=np.uint16)[..., :1]], axis=2), ">", t338=2),
        cv2.imencode(".tiff", drawn(dtype=np.uint16)[..., ::-1])[1].tobytes(),
        cv2.imencode(".png", drawn(dtype=np.uint16)[..., ::-1])[1].tobytes(),
        interlaced(drawn(dtype=np.uint16)),
    ],
)
def test_16_bit_colour_of_others(file):
    picture = read(file)
    assert np.array_equal(picture.pixels, drawn(dtype=np.uint16))
    assert picture.alpha is None or np.array_equal(picture.alpha, drawn(dtype=np.uint16)[..., 0])


@pytest.mark.parametrize("order", ["<", ">"])
def test_16_bit_grey_of_others(order):
    grey = drawn(dtype=np.uint16)[..., :1]
    assert np.array_equal(read(tiff(grey, order)).pixels, grey)


@pytest.mark.parametrize(
    ("depth", "colour", "row", "key", "alpha"),
    [
        (1, 0, b"\x40", (1,), [255, 0] + [255] * 6),
        (2, 0, b"\x1b", (2,), [255, 255, 0, 255]),
        (4, 0, b"\x7a", (7,), [0, 255]),
        (8, 0, b"\x07\x2a", (0x2A,), [255, 0]),
        (16, 0, b"\x01\x02\x01\x03", (0x0103,), [65535, 0]),
        (8, 2, b"abcabd", b"\0a\0b\0d", [255, 0]),
        (16, 2, b"aabbccaabbcd", b"aabbcd", [65535, 0]),
    ],
)
def test_one_colour_that_is_transparent(depth, colour, row, key, alpha):
    key = key if isinstance(key, bytes) else struct.pack(">H", *key)
    picture = read(png(depth, colour, [row], (b"tRNS", key)))
    assert picture.alpha.tolist() == [alpha]
    assert picture.pixels.shape[2] == (3 if colour == 2 else 1)


def test_a_palette_with_transparency():
    colours, clear = bytes([255, 0, 0, 0, 255, 0, 0, 0, 255]), bytes([255, 128, 0])
    picture = read(png(8, 3, [b"\0\1\2"], (b"PLTE", colours), (b"tRNS", clear)))
    assert picture.pixels.tolist() == [[[255, 0, 0], [0, 255, 0], [0, 0, 255]]]
    assert picture.alpha.tolist() == [[255, 128, 0]]


def test_16_bit_grey_with_transparency():
    picture = read(png(16, 4, [b"\x01\x02\x03\x04\x05\x06\x07\x08"]))
    assert picture.pixels.tolist() == [[[0x0102], [0x0506]]]
    assert picture.alpha.tolist() == [[0x0304, 0x0708]]
    coloured = read(encode(picture, "tiff"))
    assert np.array_equal(coloured.pixels, np.repeat(picture.pixels, 3, axis=2))
    assert np.array_equal(coloured.alpha, picture.alpha)


def cmyk_profile():
    """The smallest profile of CMYK: no ink is white, any ink is black; nobody's plain formula does that to half cyan."""
    table = b"mft1" + bytes(4) + bytes([4, 3, 2, 0]) + struct.pack(">9i", 65536, 0, 0, 0, 65536, 0, 0, 0, 65536)
    table += bytes(range(256)) * 4 + bytes([255, 128, 128]) + bytes([0, 128, 128]) * 15 + bytes(range(256)) * 3
    table += bytes(-len(table) % 4)
    header = struct.pack(">I4sI4s4s4s", 128 + 16 + len(table), b"lcms", 0x02400000, b"prtr", b"CMYK", b"Lab ")
    header = (header + bytes(12) + b"acsp").ljust(68, b"\0") + struct.pack(">3i", 63190, 65536, 54061)
    return header.ljust(128, b"\0") + struct.pack(">I4sII", 1, b"A2B0", 144, len(table)) + table


@pytest.mark.parametrize("format", ["jpeg", "tiff"])
def test_cmyk_goes_through_its_profile(format):
    inked = Image.new("CMYK", (16, 16), (128, 0, 0, 0))
    plain = read(saved(inked, format))
    profiled = read(saved(inked, format, icc_profile=cmyk_profile()))
    assert np.abs(plain.pixels[8, 8].astype(int) - [127, 255, 255]).max() <= 4
    assert np.ptp(profiled.pixels[8, 8].astype(int)) <= 4  # a grey
    assert 90 < profiled.pixels[8, 8].mean() < 160
    assert profiled.icc is None
    assert profiled.pixels.shape == (16, 16, 3)


def test_cmyk_with_a_profile_of_something_else():
    inked = Image.new("CMYK", (16, 16), (128, 0, 0, 0))
    picture = read(saved(inked, "jpeg", icc_profile=SRGB))
    assert np.array_equal(picture.pixels, read(saved(inked, "jpeg")).pixels)
    assert picture.icc is None


# What a file says about it


SHOWN = {
    1: lambda stored: stored,
    2: lambda stored: cv2.flip(stored, 1),
    3: lambda stored: cv2.rotate(stored, cv2.ROTATE_180),
    4: lambda stored: cv2.flip(stored, 0),
    5: cv2.transpose,
    6: lambda stored: cv2.rotate(stored, cv2.ROTATE_90_CLOCKWISE),
    7: lambda stored: cv2.rotate(cv2.transpose(stored), cv2.ROTATE_180),
    8: lambda stored: cv2.rotate(stored, cv2.ROTATE_90_COUNTERCLOCKWISE),
}
ORIENTED = {
    "png": lambda stored, turn: encode(Picture(stored, exif=exif_of(turn)), "png"),
    "webp": lambda stored, turn: saved(stored, "webp", lossless=True, exif=exif_of(turn)),
    "tiff": lambda stored, turn: tiff(stored, "<", t274=turn),
    "tiff-packed": lambda stored, turn: tiff(stored, ">", packed=True, t274=turn),
}


def tags_of(picture):
    tags = Image.Exif()
    tags.load(picture.exif or b"")
    return tags


@pytest.mark.parametrize("orientation", SHOWN)
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("kind", ORIENTED)
def test_orientation_is_applied_once(kind, dtype, orientation):
    stored = drawn(dtype=np.uint8 if kind == "webp" else dtype)
    picture = read(ORIENTED[kind](stored, orientation))
    assert np.array_equal(picture.pixels, SHOWN[orientation](stored))
    assert tags_of(picture).get(0x0112, 1) == 1
    again = read(encode(picture, "png"))
    assert np.array_equal(again.pixels, picture.pixels)


@pytest.mark.parametrize("orientation", [*SHOWN, 0, 9, 77])
def test_orientation_of_a_jpeg_is_as_opencv_shows_it(orientation):
    data = with_exif(encode(Picture(drawn()), "jpeg"), exif_of(orientation))
    theirs = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB)
    picture = read(data)
    assert picture.pixels.shape == theirs.shape
    assert np.abs(picture.pixels.astype(int) - theirs).max() <= 2
    assert tags_of(picture)[0x0112] == 1
    assert read(encode(picture)).pixels.shape == theirs.shape


def test_exif_that_is_damaged_is_left_behind():
    jpeg = encode(Picture(drawn()), "jpeg")
    for exif in (b"Exif\0\0rubbish", exif_of(6)[:30], b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0MM\0*\0\0\0\x08\xff\xff"):
        picture = read(with_exif(jpeg, exif))
        assert picture.exif is None
        assert picture.pixels.size == drawn().size


@pytest.mark.parametrize("second", ["jpeg", "png", "webp", "tiff"])
@pytest.mark.parametrize("first", ["jpeg", "png", "webp", "tiff"])
def test_exif_profile_and_dpi_are_carried(first, second):
    picture = Picture(drawn(), exif=exif_of(1), icc=SRGB, dpi=(300.0, 150.0))
    for format in (first, second):
        picture = read(encode(picture, format))
        assert picture.icc == SRGB
        tags = tags_of(picture)
        assert tags[0x010F] == "Maker"
        inner, place = tags.get_ifd(0x8769), tags.get_ifd(0x8825)
        assert (inner[0x9003], inner[0x927C], place[1]) == ("2020:01:02 03:04:05", b"note of the maker", "N")
        assert tuple(map(float, place[2])) == (48, 51, 24)
        if format == "webp":
            assert picture.dpi is None
            picture = replace(picture, dpi=(300.0, 150.0))
        assert picture.dpi == pytest.approx((300, 150), abs=0.02)


def test_exif_keeps_its_bytes_but_for_orientation_and_thumbnail():
    """Notes of makers hold offsets that are right only where they stand."""
    exif = exif_of(6)
    end = exif.index(b"\0\0\0\0", 14 + 12 * 4)  # where the next directory would be named
    data = with_exif(encode(Picture(drawn()), "jpeg"), exif[:end] + struct.pack(">I", 8) + exif[end + 4 :])
    kept = read(data).exif
    differing = [at for at in range(len(exif)) if kept[at] != exif[at]]
    assert len(kept) == len(exif)
    assert len(differing) == 1  # 6 that has become 1


def test_too_much_exif_for_a_jpeg_is_left_out():
    tags = Image.Exif()
    tags[0x010E] = "word " * 14000
    picture = Picture(drawn(), exif=tags.tobytes())
    assert read(encode(picture, "jpeg")).exif is None
    assert tags_of(read(encode(picture, "tiff")))[0x010E] == tags[0x010E]


def test_a_profile_of_grey_goes_with_the_grey():
    grey = Picture(drawn()[..., :1], icc=SRGB)
    assert read(encode(grey, "png")).icc == SRGB
    assert read(encode(grey, "webp")).icc is None


# Writing and finding


@pytest.mark.parametrize("format", ["jpeg", "bmp"])
def test_transparency_is_never_lost_in_silence(format):
    with pytest.raises(InputError, match=f"{format} cannot hold transparency: png, webp or tiff"):
        encode(Picture(drawn(), drawn()[..., 0]), format)
    opaque = read(encode(Picture(drawn(), np.full((30, 40), 255, np.uint8)), "png"))
    assert read(encode(opaque, format)).format == format


@pytest.mark.parametrize(("format", "size"), [("jpeg", (1, 70000)), ("webp", (1, 17000))])
def test_too_large_for_a_format(format, size):
    with pytest.raises(InputError, match=f"cannot be written as {format} .*png or tiff would do"):
        encode(Picture(np.zeros((*size, 3), np.uint8)), format)


def test_16_bits_are_rounded_to_8():
    every = np.arange(65536, dtype=np.uint16).reshape(256, 256, 1)
    assert np.array_equal(read(encode(Picture(every), "bmp")).pixels, np.round(every / 257))


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_suffix_says_the_format(suffix, tmp_path):
    path = tmp_path / "neu" / f"bild ü{suffix.upper()}"
    write(path, Picture(drawn()))
    assert read(path).format == read(str(path)).format == SUFFIXES[suffix]
    assert os.listdir(path.parent) == [path.name]


def test_writes_nothing_that_is_not_whole(tmp_path):
    with pytest.raises(InputError, match=r"P011.*\.jpg, \.jpeg, \.png"):
        write(tmp_path / "picture.gif", Picture(drawn()))
    with pytest.raises(InputError, match="no format 'gif': one of jpeg, png"):
        encode(Picture(drawn()), "gif")
    write(tmp_path / "picture.jpg", Picture(drawn()))
    before = (tmp_path / "picture.jpg").read_bytes()
    with pytest.raises(InputError, match="transparency"):
        write(tmp_path / "picture.jpg", Picture(drawn(), drawn()[..., 0]))
    assert (tmp_path / "picture.jpg").read_bytes() == before
    assert os.listdir(tmp_path) == ["picture.jpg"]


def test_quality_says_the_size():
    sizes = [len(encode(Picture(drawn(200, 200)), format, quality)) for format in ("jpeg", "webp") for quality in (30, 60, 95)]
    assert sizes == sorted(sizes[:3]) + sorted(sizes[3:])


def test_finds(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("b.JPG", "a.png", "notes.txt", "sub/c.webp", ".hidden.png", ".thumbs/d.png", "sub/.e.tif", "odd"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()

    def names(*paths, recursive=False):
        return [str(path) for path in find(paths, recursive=recursive)]

    assert names(".") == ["a.png", "b.JPG"]
    assert names(".", recursive=True) == ["a.png", "b.JPG", "sub/c.webp"]
    assert names("b.JPG", tmp_path / "a.png", ".", "./b.JPG", "sub/../b.JPG") == [str(tmp_path / "a.png"), "b.JPG"]
    assert names("odd", ".hidden.png") == [".hidden.png", "odd"]


def test_finds_nothing(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.png").touch()
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=r"there is no file .*missing.jpg"):
        find([tmp_path / "sub", tmp_path / "missing.jpg"], recursive=False)
    with pytest.raises(InputError, match=r"holds no picture .* itself: look into its folders"):
        find([tmp_path], recursive=False)
    with pytest.raises(InputError, match=r"empty holds no picture \(\.jpg \.jpeg"):
        find([tmp_path / "empty"], recursive=True)


# Cost


PEAK = """
import re, sys, pathlib
import numpy as np
from image_gan.pictures import Picture, encode, read
peak = lambda: int(re.search(r"VmHWM:\\s+(\\d+)", pathlib.Path("/proc/self/status").read_text())[1]) * 1024
if sys.argv[2] == "write":
    picture = Picture(np.tile(np.arange(192, dtype=sys.argv[3]).reshape(8, 8, 3), (500, 625, 1)))
    pathlib.Path(sys.argv[1]).write_bytes(encode(picture, pathlib.Path(sys.argv[1]).suffix[1:]))
else:
    picture = read(sys.argv[1])
print(peak() / picture.pixels.nbytes)
"""


@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="reads the peak from /proc")
@pytest.mark.parametrize(("format", "dtype"), [("jpeg", "uint8"), ("png", "uint8"), ("tiff", "uint16")])
def test_memory_is_three_times_the_pixels(format, dtype, tmp_path):
    """20 megapixels; what the interpreter and its libraries take is in the figure."""
    for action in ("write", "read"):
        command = [sys.executable, "-c", PEAK, str(tmp_path / f"large.{format}"), action, dtype]
        assert float(subprocess.run(command, capture_output=True, text=True, check=True).stdout) < 3.5


def test_threads_share_nothing():
    files = list(good().values()) * 5
    alone = [read(data).pixels for data in files]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda data: read(data).pixels, files))
    assert all(np.array_equal(one, other) for one, other in zip(alone, together, strict=True))


def test_importing_is_cheap():
    command = "import sys, image_gan.pictures; print({'cv2', 'PIL', 'spacy', 'tensorflow'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", command], capture_output=True, text=True).stdout == "set()\n"
