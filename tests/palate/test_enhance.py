"""`palate enhance`: what a user gets, of any size, and what is said of wrong options."""

import glob
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from doc_pages import blocks
from enhance_helpers import ROOT, drawn, names, palate, process
from picture_files import saved
from PIL import Image

from corpora.extras import install
from image_gan import Enhancer, pictures
from image_gan.pictures import Picture

pytestmark = pytest.mark.filterwarnings(r"ignore::UserWarning:PIL\.")


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
    assert [report[key] for key in ("model", "scale", "strength", "denoise")] == ["restore", 1, 0.5, "auto"]
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


@pytest.mark.parametrize(
    "content",
    [b"", b"no model", saved(drawn(), "jpeg"), "cut", "changed"],
    ids=["empty", "text", "picture", "cut short", "changed"],
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
        (["--denoise", "much"], "P060"),
        (["--denoise", "0.5"], "P095"),
        (["--look", "photo"], "no model 'photo'"),
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
