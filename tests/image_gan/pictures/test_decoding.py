import os
import struct
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest
from picture_files import SRGB, UPRIGHT, drawn, frames, good, interlaced, of_kind, png, saved, tiff
from PIL import Image

from corpora.errors import InputError
from image_gan.pictures import Picture, encode, read

pytestmark = pytest.mark.filterwarnings(r"ignore::UserWarning:PIL\.")  # pytest shows what `read` has silenced
KINDS = ("jpeg", "png", "webp", "tiff", "bmp")


def refused(source, **options):
    with pytest.raises(InputError) as caught:
        read(source, **options)
    assert "\n" not in str(caught.value)
    return str(caught.value)


# Damaged and foreign files


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
        (b"\0\0\0\x0cjP  " + bytes(40), "JPEG 2000"),
        (b"\0\0\0\x18ftypavif" + bytes(40), "damaged"),
        (b"%PDF-1.7", "a PDF"),
        (b"\0" * 100, "not a picture"),
        (frames("png"), "PNG with several frames"),
        (frames("webp"), "WebP with several frames"),
        (frames("tiff"), "with several frames or pages"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "damaged"),
        (b"\xff\xd8\xff" + bytes(100), "damaged"),
        (b"BM" + bytes(100), "damaged"),
        (b"II*\0" + bytes(100), "damaged"),
        (b"RIFF\x20\0\0\0WEBPVP8 " + bytes(100), "damaged"),
        (png(8, 2, [b"abc"], size=(60000, 60000)), "60000 x 60000"),
        (good()["bmp"][:18] + struct.pack("<II", 60000, 60000) + good()["bmp"][26:], "60000 x 60000"),
        (saved(Image.new("F", (3, 3)), "tiff"), "32-bit float is not supported"),
        (tiff(drawn(dtype=np.uint16), "<", t284=2), "in planes"),
        (tiff(drawn(), "<", t254=1), "TIFF with several frames or pages"),
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
        assert np.array_equal(picture.pixels[:, :100], UPRIGHT[8](stored)[:, :100])


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
from corpora.errors import InputError
from image_gan.pictures import encode, read

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


# Samples


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
