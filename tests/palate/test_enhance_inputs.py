"""`palate enhance`: damaged, odd and unusual pictures."""

import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from enhance_helpers import ROOT, animated, drawn, names, palate
from picture_files import saved
from PIL import Image, ImageCms

from image_gan import pictures
from image_gan.pictures import Picture

pytestmark = pytest.mark.filterwarnings(r"ignore::UserWarning:PIL\.")
GOOD = saved(drawn(), "jpeg")
HEADER = struct.pack(">4sIIBBBBB", b"IHDR", 60000, 60000, 8, 2, 0, 0, 0)
FORGED = b"\x89PNG\r\n\x1a\n" + struct.pack(">I17sI", 13, HEADER, zlib.crc32(HEADER)) + b"\0\0\0\x64IDAT" + bytes(104)
BAD = {
    "corrupt.png": (saved(drawn(), "png").replace(b"IDAT", b"IDBT", 1), "P004"),
    "empty.jpg": (b"", "is empty"),
    "truncated.jpg": (GOOD[: len(GOOD) // 2], "P004"),
    "page.jpg": (b"<!DOCTYPE html><html><body>404</body></html>", "a page"),
    "forged.png": (FORGED, "60000 x 60000"),
    "moving.gif": (animated("gif"), "a GIF"),
    "moving.webp": (animated("webp"), "several frames"),
    "text.txt": (b"no picture", "not a picture"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_read_is_named_and_stops_nothing(name, photo, model_files):
    data, reason = BAD[name]
    Path(name).write_bytes(data)
    result = palate("enhance", name, photo, "--model", model_files[1], code=1)
    assert result.stdout == f"{photo.with_name('photo_enhanced.jpg')}\n"
    (failed, summary) = result.stderr.splitlines()
    assert failed.startswith("failed: ")
    assert name in failed
    assert reason in failed
    assert summary == "1 enhanced, 0 skipped, 1 failed"
    assert names(photo.parent) == sorted({name, "photo.jpg", "photo_enhanced.jpg"})


@pytest.mark.parametrize(("path", "code"), [("missing.jpg", "P009"), ("folder", "P010")])
def test_what_is_not_there(path, code, photo, model_files):
    Path("folder/inner").mkdir(parents=True)
    assert code in palate("enhance", path, photo, "--model", model_files[1], code=1).stderr
    assert Path("photo_enhanced.jpg").exists()


def test_truncated_on_demand(photo, model_files):
    photo.write_bytes(GOOD[: len(GOOD) // 2])
    palate("enhance", photo, "--model", model_files[1], "--allow-truncated")
    assert pictures.read("photo_enhanced.jpg").pixels.shape == (40, 60, 3)


def test_the_content_says_the_format(photo, model_files):
    Path("really_png.jpg").write_bytes(saved(drawn(bands=4), "png"))
    Path("noext").write_bytes(photo.read_bytes())
    Path("odd.jfif").write_bytes(photo.read_bytes())
    Path("x.gif").write_bytes(animated("gif"))
    result = palate("enhance", ".", "-o", "new", "--model", model_files[1])
    assert names(Path("new")) == ["noext.jpg", "odd.jfif", "photo.jpg", "really_png.png"]
    assert [pictures.read(file).format for file in sorted(Path("new").iterdir())] == ["jpeg", "jpeg", "jpeg", "png"]
    assert "note: really_png.jpg: it is PNG by its content, and so is its output\n" in result.stderr
    assert "skipped: x.gif: pictures of this format are not read\n" in result.stderr


@pytest.mark.parametrize("scale", [1, 2, 4])
@pytest.mark.parametrize("shape", [(1, 1, 3), (3, 5000, 3), (1, 7, 1)])
def test_odd_sizes(shape, scale, tmp_path, model_files):
    pictures.write(tmp_path / "odd.png", Picture(drawn(*shape)))
    palate("enhance", tmp_path / "odd.png", "--model", model_files[scale])
    assert pictures.read(tmp_path / "odd_enhanced.png").pixels.shape == (shape[0] * scale, shape[1] * scale, shape[2])


def plain(path, model_files, *options):
    """What comes out when nothing is added."""
    result = palate("enhance", path, "--model", model_files[1], "--strength", 0, *options)
    return pictures.read(result.stdout.strip())


def test_cmyk_becomes_rgb(photo, model_files):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    photo.write_bytes(saved(Image.fromarray(drawn()).convert("CMYK"), "jpeg", icc_profile=profile))
    made = plain(photo, model_files, "--format", "png")
    assert np.array_equal(made.pixels, pictures.read(photo).pixels)
    assert made.icc is None


def test_a_dark_picture_of_16_bits_stays_dark(tmp_path, model_files):
    dark = np.arange(2400, dtype=np.uint16).reshape(40, 60, 1) % 200
    pictures.write(tmp_path / "dark.png", Picture(dark))
    assert np.array_equal(plain(tmp_path / "dark.png", model_files).pixels, dark)


def test_a_palette_with_transparency(tmp_path, model_files):
    (tmp_path / "p.png").write_bytes(saved(Image.fromarray(drawn()).quantize(9), "png", transparency=3))
    before, after = pictures.read(tmp_path / "p.png"), plain(tmp_path / "p.png", model_files)
    assert np.array_equal(after.alpha, before.alpha)
    assert np.array_equal(after.pixels[after.alpha > 0], before.pixels[after.alpha > 0])


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientations_are_applied_once(orientation, photo, model_files):
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = orientation, "Maker"
    photo.write_bytes(saved(drawn(), "jpeg", exif=exif.tobytes()))
    upright = pictures.read(photo).pixels
    assert upright.shape == ((60, 40, 3) if orientation > 4 else (40, 60, 3))
    made = plain(photo, model_files, "--format", "png")
    assert np.array_equal(made.pixels, upright)
    kept = Image.open("photo_enhanced.png").getexif()
    assert (kept[0x0112], kept[0x010F]) == (1, "Maker")


def test_a_thousand_mutations(model_files):
    """Of good files of each kind: an error or a picture."""
    script = """
import faulthandler, sys
sys.path.insert(0, "tests")
from picture_files import good
import numpy as np
from corpora.errors import InputError
from image_gan import Enhancer, pictures
faulthandler.enable()
faulthandler.dump_traceback_later(240, exit=True)
enhancer, counts = Enhancer(sys.argv[1]), [0, 0]
for seed in range(1000):
    rng = np.random.default_rng(seed)
    data = bytearray(list(good().values())[seed % len(good())])
    for place in rng.integers(0, len(data), rng.integers(1, 6)):
        data[place] = rng.integers(256)
    if seed % 7 == 0:
        del data[rng.integers(1, len(data)):]
    try:
        picture = pictures.read(bytes(data), allow_truncated=seed % 2 == 0, max_pixels=10**6)
        pictures.encode(enhancer.enhance(picture), "png")
        counts[0] += 1
    except InputError as error:
        assert "\\n" not in str(error)
        counts[1] += 1
print(*counts)
"""
    run = subprocess.run([sys.executable, "-c", script, model_files[1]], cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, run.stderr[-2000:]
    made, refused = map(int, run.stdout.split())
    assert made > 200
    assert refused > 200
