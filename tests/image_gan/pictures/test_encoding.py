import os

import cv2
import hypothesis.extra.numpy as arrays
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from picture_files import SRGB, drawn

from corpora.errors import InputError
from image_gan.pictures import SUFFIXES, Picture, encode, read, write

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


def test_a_profile_of_grey_goes_with_the_grey():
    grey = Picture(drawn()[..., :1], icc=SRGB)
    assert read(encode(grey, "png")).icc == SRGB
    assert read(encode(grey, "webp")).icc is None


@pytest.mark.parametrize("format", ["jpeg", "bmp"])
def test_transparency_is_never_lost_in_silence(format):
    with pytest.raises(InputError, match=f"{format} cannot hold transparency: choose png, webp or tiff"):
        encode(Picture(drawn(), drawn()[..., 0]), format)
    opaque = read(encode(Picture(drawn(), np.full((30, 40), 255, np.uint8)), "png"))
    assert read(encode(opaque, format)).format == format


@pytest.mark.parametrize(("format", "size"), [("jpeg", (1, 70000)), ("webp", (1, 17000))])
def test_too_large_for_a_format(format, size):
    with pytest.raises(InputError, match=f"cannot write a picture of .* as {format} .*choose png or tiff"):
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
    with pytest.raises(InputError, match=r"P011.*\.jpg, \.jpeg, .*\.png"):
        write(tmp_path / "picture.gif", Picture(drawn()))
    with pytest.raises(InputError, match="no format 'gif': choose one of jpeg, png"):
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
