import glob
import io
import json
import os
import re
import resource
import shlex
import signal
import struct
import subprocess
import sys
import time
import zlib
from pathlib import Path

import numpy as np
import pytest
from doc_pages import blocks
from PIL import Image, ImageCms
from typer.testing import CliRunner

from corpora.extras import install
from image_gan import Enhancer, pictures
from image_gan.enhance import models
from image_gan.pictures import Picture
from palate.command import app

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.filterwarnings(r"ignore::UserWarning:PIL\.")


def drawn(height=40, width=60, bands=3, dtype=np.uint8):
    picture = np.random.default_rng(0).integers(60, 200, (height, width, bands), np.uint8)
    return picture.astype(dtype) * (257 if dtype == np.uint16 else 1)


def saved(image, format, **options):
    file = io.BytesIO()
    (Image.fromarray(image) if isinstance(image, np.ndarray) else image).save(file, format, **options)
    return file.getvalue()


def animated(format):
    return saved(Image.new("RGB", (8, 8)), format, save_all=True, append_images=[Image.new("RGB", (8, 8), "red")])


def palate(*args, code=0):
    result = CliRunner().invoke(app, [str(arg) for arg in args])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == code, result.stderr
    return result


def process(*args, **more):
    command = [sys.executable, "-m", "palate", *map(str, args)]
    return subprocess.run(command, capture_output=True, timeout=120, env={**os.environ, "PYTHONPATH": str(ROOT)}, **more)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def shop(model_files, monkeypatch):
    """Models ship."""
    monkeypatch.setattr(models, "WEIGHTS", model_files[1].parent)


@pytest.fixture
def photo(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "photo.jpg").write_bytes(saved(drawn(), "jpeg"))
    return tmp_path / "photo.jpg"


# What a user gets


def test_a_photo(photo, shop):
    result = palate("enhance", "photo.jpg")
    assert (result.stdout, result.stderr) == ("photo_enhanced.jpg\n", "")
    made = pictures.encode(Picture(Enhancer("restore")(pictures.read(photo).pixels)), "jpeg")
    assert Path("photo_enhanced.jpg").read_bytes() == made


@pytest.mark.parametrize(
    ("options", "size"),
    [([], 60), (["--scale", "2"], 120), (["--scale", "4", "--look", "crisp"], 240), (["--model", "x2"], 120)],
)
def test_models_by_scale_and_look(options, size, photo, shop):
    palate("enhance", photo, *options)
    assert pictures.read("photo_enhanced.jpg").pixels.shape == (size * 2 // 3, size, 3)


def test_a_folder(tmp_path, shop):
    for name in ("in/a.jpg", "in/sub/b.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True, parents=True)
        pictures.write(tmp_path / name, Picture(drawn()))
    options = ("-r", "-o", tmp_path / "out", "--scale", 2, "--format", "webp", "--quality", 50)
    result = palate("enhance", tmp_path / "in", *options)
    assert result.stdout.split() == [str(tmp_path / "out" / name) for name in ("a.webp", "sub/b.webp")]
    assert result.stderr == "2 enhanced, 0 skipped, 0 failed\n"
    again = palate("enhance", tmp_path / "in", *options, "--skip-existing")
    assert again.stdout == ""
    assert "2 skipped" in again.stderr
    assert "P089" in palate("enhance", tmp_path / "in", *options, code=1).stderr
    palate("enhance", tmp_path / "in", *options, "--overwrite")


def test_json_strips_and_a_page(photo, shop):
    Path("bad.jpg").write_bytes(b"")
    result = palate("enhance", photo, "bad.jpg", "--compare", "--report", "page.html", "--json", "--strength", 0.5, code=1)
    report = json.loads(result.stdout)
    assert (report["model"], report["scale"], report["strength"]) == ("restore", 1, 0.5)
    good, bad = report["pictures"]
    assert (good["width"], good["height"]) == (60, 40)
    assert set(bad) == {"input", "output", "failed"}
    assert result.stderr.count("bad.jpg") == 1
    assert pictures.read("photo_enhanced_compare.jpg").pixels.shape[1] == 122
    assert "photo.jpg" in Path("page.html").read_text("utf8")


def test_standard_input_and_output(tmp_path, model_files):
    source = saved(drawn(dtype=np.uint16)[..., 0], "png")
    done = process("enhance", "-", "--model", model_files[2], input=source, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, b"")
    assert np.array_equal(pictures.read(done.stdout).pixels, Enhancer(model_files[2])(pictures.read(source).pixels))
    done = process("enhance", "-", "--model", model_files[2], "--format", "webp", input=source, cwd=tmp_path)
    assert pictures.read(done.stdout).format == "webp"
    done = process("enhance", "-", "-o", "out.png", "--model", model_files[1], "--json", input=source, cwd=tmp_path)
    assert json.loads(done.stdout)["pictures"][0]["output"] == "out.png"
    assert done.returncode == 0
    assert np.array_equal(pictures.read(tmp_path / "out.png").pixels, Enhancer(model_files[1])(pictures.read(source).pixels))
    done = process("enhance", "out.png", "-o", "-", "--model", model_files[1], cwd=tmp_path)
    assert (done.returncode, done.stderr, names(tmp_path)) == (0, b"", ["out.png"])
    assert pictures.read(done.stdout).pixels.shape == pictures.read(source).pixels.shape
    done = process("enhance", ".", "-o", "-", "--model", model_files[1], cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"P085" in done.stderr
    done = process("enhance", "-", "--model", model_files[1], input=b"<html>", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"P003" in done.stderr
    with open("/dev/full", "wb") as full:
        command = [sys.executable, "-m", "palate", "enhance", "-", "--model", str(model_files[1])]
        done = subprocess.run(command, input=source, stdout=full, stderr=subprocess.PIPE, timeout=120, cwd=ROOT)
    assert done.returncode == 1
    assert b"No space left" in done.stderr


def test_the_commands_of_the_page(photo, shop):
    block = blocks("docs/pictures.md", "bash")[0]
    for name in ("holiday/a.jpg", "holiday/sub/b.jpg"):
        pictures.write(name, Picture(drawn()))
    for line in block.code.splitlines():
        words = shlex.split(line, comments=True)
        palate(*(name for word in words[1:] for name in (sorted(glob.glob(word)) if "*" in word else [word])))
    assert {"photo_enhanced.jpg", "clean", "page.html"} <= set(names(photo.parent))
    assert names(Path("holiday")) == ["a.jpg", "a_enhanced.jpg", "a_enhanced_compare.jpg", "sub"]


def test_models(shop):
    table = palate("images", "models").stdout
    for word in ("restore", "x4_crisp", "crisp", "psnr", "30.000", "MB"):
        assert word in table
    cards = json.loads(palate("images", "models", "--json").stdout)
    assert [card["name"] for card in cards] == ["restore", "x2", "x4_crisp"]
    assert "config" not in cards[0]


# What must not break it

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


@pytest.mark.parametrize(
    "content", [b"", b"no model", GOOD, "cut", "changed"], ids=["empty", "text", "picture", "cut short", "changed"]
)
def test_models_that_are_none(content, photo, model_files):
    data = model_files[1].read_bytes()
    content = {"cut": data[:-100], "changed": data[:9000] + b"?" + data[9001:]}.get(content, content)
    Path("m.onnx").write_bytes(content)
    result = palate("enhance", photo, "--model", "m.onnx", code=2)
    assert result.stderr.startswith("palate: [P05")
    assert result.stderr.count("\n") == 1
    assert names(photo.parent) == ["m.onnx", "photo.jpg"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--scale", "5"], "P060"),
        (["--look", "crisp"], "P084"),
        (["--scale", "4"], "restore, x2, x4_crisp"),
        (["--model", "x2", "--look", "crisp"], "--model brings"),
        (["--overwrite", "--skip-existing"], "exclude"),
        (["--strength", "2"], "P060"),
        (["--scale", "0"], "P060"),
        (["--scale", "2", "--width", "5"], "P092"),
        (["--fit", "2048"], "--fit takes"),
        (["--engine", "abacus"], "P060"),
        (["--precision", "int4"], "P060"),
        (["--format", "gif"], "P012"),
        (["--report", "photo.jpg"], "does not end in .html"),
        (["--suffix", "/x"], "P060"),
        ([""], "P009"),
        (["second.jpg", "-o", "one.png"], "P090"),
        (["-o", "new.webp", "--format", "png"], "P086"),
    ],
)
def test_wrong_usage(options, message, photo, shop):
    assert message in palate("enhance", photo, *options, code=2).stderr
    assert names(photo.parent) == ["photo.jpg"]


def test_outputs_that_are_inputs_or_each_others(photo, model_files):
    before = photo.read_bytes()
    assert "P087" in palate("enhance", photo, "-o", ".", "--model", model_files[1], code=1).stderr
    Path("photo.png").write_bytes(saved(drawn(), "png"))
    result = palate("enhance", ".", "-o", "new", "--format", "webp", "--model", model_files[1], code=1)
    assert result.stderr.count("P088") == 2
    assert photo.read_bytes() == before
    assert names(photo.parent) == ["photo.jpg", "photo.png"]


def test_a_full_disk(photo, model_files):
    """No file may grow beyond 1,000 bytes."""
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))  # noqa: E731
    done = process("enhance", photo, "--model", model_files[1], cwd=photo.parent, preexec_fn=limit)
    assert done.returncode == 1
    assert b"File too large" in done.stderr
    assert done.stderr.count(b"\n") == 1
    assert names(photo.parent) == ["photo.jpg"]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_stopping_leaves_no_half_file(number, code, tmp_path, model_files):
    for name in ("a.png", "b.png", "c.png"):
        pictures.write(tmp_path / "in" / name, Picture(np.tile(drawn(), (2, 2, 1) if name == "a.png" else (75, 50, 1))))
    command = [sys.executable, "-m", "palate", "enhance", str(tmp_path / "in"), "-o", str(tmp_path / "out")]
    command += ["--model", str(model_files[4]), "--report", str(tmp_path / "page.html")]
    running = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    while not (tmp_path / "out" / "a.png").exists():
        time.sleep(0.05)
        assert running.poll() is None, running.stderr.read()
    start = time.monotonic()
    running.send_signal(number)
    out, err = running.communicate(timeout=60)
    assert running.returncode == code
    assert out == b""
    assert err == (b"palate: stopped\n" if code == 130 else b"")
    assert time.monotonic() - start < 30
    assert names(tmp_path) == ["in", "out"]
    assert names(tmp_path / "out") == ["a.png"]


def test_stopping_while_standard_input_is_awaited(tmp_path, model_files):
    command = [sys.executable, "-m", "palate", "enhance", "-", "-o", str(tmp_path / "out.png"), "--model", str(model_files[1])]
    running = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stderr=subprocess.PIPE)
    while "pipe" not in Path(f"/proc/{running.pid}/wchan").read_text():
        time.sleep(0.05)
        assert running.poll() is None
    running.send_signal(signal.SIGINT)
    assert running.wait(timeout=30) == 130
    running.communicate()
    assert names(tmp_path) == []


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


def test_what_runs_it_is_the_images_extra(photo, model_files):
    """Strips, a page, transparency, 16 bits and all, with everything else away."""
    pictures.write("deep.png", Picture(drawn(dtype=np.uint16), drawn(bands=1, dtype=np.uint16)[..., 0]))
    script = """
import sys
for name in ("tensorflow", "keras", "spacy", "thinc", "onnx", "tf2onnx", "onnxruntime", "confection", "catalogue", "torch",
             "scipy", "pandas", "matplotlib", "tomotopy", "gensim", "h5py", "weasel", "sklearn"):
    sys.modules[name] = None
import palate.command
palate.command.main()
"""
    command = [sys.executable, "-c", script, "enhance", "photo.jpg", "deep.png", "--model", str(model_files[2])]
    command += ["--compare", "--report", "page.html"]
    run = subprocess.run(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=120)
    assert (run.returncode, run.stdout) == (0, "photo_enhanced.jpg\ndeep_enhanced.png\n"), run.stderr


def test_a_missing_extra_is_named(photo, model_files):
    script = "import sys; sys.modules['openvino'] = None; import palate.command; palate.command.main()"
    command = [sys.executable, "-c", script, "enhance", "photo.jpg", "--model", str(model_files[1])]
    run = subprocess.run(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=120)
    assert run.returncode == 2
    assert run.stderr == f"palate: openvino is not installed: {install('images')}\n"


# Names, places and notes


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


@pytest.mark.parametrize("name", ["out.gif", "out.jxl", "new/out.JP2"])
def test_outputs_of_formats_that_are_not_written(name, photo, shop):
    assert "P011" in palate("enhance", photo, "-o", name, code=2).stderr
    assert names(photo.parent) == ["photo.jpg"]


def test_in_place(photo, model_files):
    before = photo.read_bytes()
    assert "P087" in palate("enhance", photo, "--suffix", "", "--model", model_files[1], code=1).stderr
    assert photo.read_bytes() == before
    right = Enhancer(model_files[1])(pictures.read(photo).pixels)
    palate("enhance", ".", "--suffix", "", "--overwrite", "--model", model_files[1])
    assert photo.read_bytes() == pictures.encode(Picture(right), "jpeg")
    assert names(photo.parent) == ["photo.jpg"]


def test_in_place_on_a_full_disk(photo, model_files):
    before = photo.read_bytes()
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))  # noqa: E731
    options = ("--suffix", "", "--overwrite", "--model", model_files[1])
    done = process("enhance", photo, *options, cwd=photo.parent, preexec_fn=limit)
    assert done.returncode == 1
    assert photo.read_bytes() == before
    assert names(photo.parent) == ["photo.jpg"]


def test_notes(photo, model_files):
    exif = Image.Exif()
    exif[0x010F] = "Maker"
    photo.write_bytes(saved(drawn(), "jpeg", exif=exif.tobytes(), comment=b"a comment"))
    result = palate("enhance", photo, "--format", "bmp", "--json", "--model", model_files[1])
    assert json.loads(result.stdout)["pictures"][0]["notes"] == ["BMP does not hold its EXIF, text"]
    assert f"note: {photo}: BMP does not hold its EXIF, text\n" in result.stderr


def test_progress_without_a_terminal(photo, model_files, monkeypatch):
    monkeypatch.setattr("image_gan.enhance.batch.FIRST_LINE", 1e-6)
    for number in range(3):
        pictures.write(f"{number}.png", Picture(drawn(300, 300)))
    lines = palate("enhance", ".", "-o", "new", "--model", model_files[4]).stderr.splitlines()
    assert re.fullmatch(r"\d+ % of 4 pictures in \d+ s, about \d+ s left", lines[0])


def test_any_size(photo, shop):
    palate("enhance", photo, "--scale", 1.5, "--threads", 1, "--tile", 64, "--precision", "float32", "--compare")
    assert pictures.read("photo_enhanced.jpg").pixels.shape == (60, 90, 3)
    assert pictures.read("photo_enhanced_compare.jpg").pixels.shape == (60, 182, 3)
    report = json.loads(
        palate("enhance", photo, "--fit", "100x50", "--format", "png", "--engine", "onnxruntime", "--json").stdout
    )
    assert (report["model"], report["scale"]) == (None, None)
    (row,) = report["pictures"]
    assert (row["model"], row["scale"], row["width"], row["height"]) == ("x2", 2, 75, 50)
