import struct
from dataclasses import replace

import cv2
import numpy as np
import pytest
from picture_files import SRGB, UPRIGHT, drawn, exif_of, saved, tags_of, tiff, with_exif
from PIL import Image

from image_gan.pictures import Picture, encode, read

pytestmark = pytest.mark.filterwarnings(r"ignore::UserWarning:PIL\.")  # pytest shows what `read` has silenced
ORIENTED = {
    "png": lambda stored, turn: encode(Picture(stored, exif=exif_of(turn)), "png"),
    "webp": lambda stored, turn: saved(stored, "webp", lossless=True, exif=exif_of(turn)),
    "tiff": lambda stored, turn: tiff(stored, "<", t274=turn),
    "tiff-packed": lambda stored, turn: tiff(stored, ">", packed=True, t274=turn),
}


@pytest.mark.parametrize("orientation", UPRIGHT)
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("kind", ORIENTED)
def test_orientation_is_applied_once(kind, dtype, orientation):
    stored = drawn(dtype=np.uint8 if kind == "webp" else dtype)
    picture = read(ORIENTED[kind](stored, orientation))
    assert np.array_equal(picture.pixels, UPRIGHT[orientation](stored))
    assert tags_of(picture).get(0x0112, 1) == 1
    again = read(encode(picture, "png"))
    assert np.array_equal(again.pixels, picture.pixels)


@pytest.mark.parametrize("orientation", [*UPRIGHT, 0, 9, 77])
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
