import cv2
import numpy as np
import pytest
from picture_files import good

from image_gan.pictures import KINDS, SUFFIXES, Picture, encode, find_pictures, read, write
from image_gan.pictures.kinds import Kind, describe_other, kind_of_bytes, kind_of_name


@pytest.mark.parametrize("name", good())
def test_the_first_bytes_tell_the_kind(name):
    assert kind_of_bytes(good()[name]) is KINDS[name.split("-")[0]]


def test_names_tell_the_kind():
    assert {suffix: kind_of_name(f"a/b{suffix.upper()}").name for suffix in SUFFIXES} == SUFFIXES
    assert kind_of_name("a.gif") is kind_of_name("jpeg") is None


def test_other_files_are_described():
    assert kind_of_bytes(b"GIF89a") is None
    assert describe_other(b"GIF89a") == "a GIF"
    assert describe_other(bytes(9)) == "not a picture"


def test_a_new_format_is_a_line(tmp_path, monkeypatch):
    """It is found, read and written."""
    netpbm = Kind("PPM", (".ppm",), rb"P6", "Ppm", transparency=False)
    monkeypatch.setitem(KINDS, "ppm", netpbm)
    monkeypatch.setitem(SUFFIXES, ".ppm", "ppm")
    pixels = np.random.default_rng(0).integers(0, 256, (7, 9, 3), np.uint8)
    write(tmp_path / "a.ppm", Picture(pixels))
    assert np.array_equal(cv2.imread(str(tmp_path / "a.ppm"))[..., ::-1], pixels)
    (file,) = find_pictures([tmp_path], recursive=False)
    picture = read(file)
    assert picture.format == "ppm"
    assert np.array_equal(picture.pixels, pixels)
    assert encode(picture) == file.read_bytes()
