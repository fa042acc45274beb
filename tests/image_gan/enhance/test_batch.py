import os
import re
from base64 import b64decode
from pathlib import Path

import numpy as np
import pytest

from corpora.errors import InputError
from image_gan import Enhancer, pictures
from image_gan.enhance import comparison as before_after
from image_gan.enhance.batch import Job, plan, run
from image_gan.pictures import Picture


def drawn(height=40, width=60, bands=3, seed=0):
    return np.random.default_rng(seed).integers(60, 200, (height, width, bands), np.uint8)


def files(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def holiday(tmp_path):
    """A folder with a folder."""
    for name in ("a.jpg", "b.PNG", "sub/c.tiff", "sub/ü.webp"):
        path = tmp_path / "holiday" / name
        path.parent.mkdir(exist_ok=True, parents=True)
        pictures.write(path, Picture(drawn()))
    (tmp_path / "holiday" / "notes.txt").write_text("no picture")
    return tmp_path / "holiday"


@pytest.fixture
def enhancer(model_files):
    return Enhancer(model_files[2])


# What is written where


@pytest.mark.parametrize(
    ("given", "settings", "expected"),
    [
        (["holiday/a.jpg"], {}, ["holiday/a_enhanced.jpg"]),
        (["holiday/b.PNG"], {"suffix": "-2x"}, ["holiday/b-2x.PNG"]),
        (["holiday/a.jpg"], {"output": "new.png"}, ["new.png"]),
        (["holiday/a.jpg"], {"output": "new"}, ["new/a.jpg"]),
        (["holiday/a.jpg"], {"output": "new", "suffix": "_x2", "format": "webp"}, ["new/a_x2.webp"]),
        (["holiday/a.jpg"], {"format": "jpg"}, ["holiday/a_enhanced.jpg"]),
        (["holiday/notes.txt"], {}, ["holiday/notes_enhanced.png"]),
        (["holiday"], {}, ["holiday/a_enhanced.jpg", "holiday/b_enhanced.PNG"]),
        (["holiday"], {"output": "new", "format": "jpeg"}, ["new/a.jpg", "new/b.jpg"]),
        (["holiday"], {"output": "new", "recursive": True}, ["new/a.jpg", "new/b.PNG", "new/sub/c.tiff", "new/sub/ü.webp"]),
        (["holiday/sub", "holiday/a.jpg"], {"output": "new"}, ["new/c.tiff", "new/ü.webp", "new/a.jpg"]),
        (["holiday/a.jpg", "holiday/../holiday/a.jpg", "holiday"], {"output": "new"}, ["new/a.jpg", "new/b.PNG"]),
    ],
)
def test_plan(given, settings, expected, holiday, monkeypatch):
    monkeypatch.chdir(holiday.parent)
    jobs = plan(given, **settings)
    assert [os.path.normpath(job.target) for job in jobs] == [os.path.normpath(path) for path in expected]
    assert not any(job.failed or job.skipped or job.compare for job in jobs)
    assert not Path("new").exists()


def test_strips_lie_beside(holiday):
    jobs = plan([holiday], compare=True, recursive=True)
    assert [job.compare.name for job in jobs] == [
        "a_enhanced_compare.jpg",
        "b_enhanced_compare.png",
        "c_enhanced_compare.png",
        "ü_enhanced_compare.png",
    ]


def test_what_would_harm_a_file_is_refused(holiday):
    (by_itself,) = plan([holiday / "a.jpg"], output=holiday)
    assert "P087" in by_itself.failed
    (linked,) = plan([holiday / "a.jpg"], output=holiday / "sub" / ".." / "a.jpg", existing="overwrite")
    assert "P087" in linked.failed
    pictures.write(holiday / "a.png", Picture(drawn()))
    first, second, third = plan([holiday], output=holiday.parent / "new", format="webp")
    assert "P088" in first.failed
    assert "P088" in second.failed
    assert not third.failed
    pictures.write(holiday / "a_compare.jpg", Picture(drawn()))
    picture, strip = plan([holiday / "a.jpg", holiday / "a_compare.jpg"], output=holiday.parent / "new", compare=True)
    assert "P088" in picture.failed
    assert "P088" in strip.failed


def test_what_is_there(holiday):
    (holiday / "a_enhanced.jpg").write_bytes(b"")
    (job,) = plan([holiday / "a.jpg"])
    assert "P089" in job.failed
    (job,) = plan([holiday / "a.jpg"], existing="skip")
    assert (job.failed, job.skipped) == ("", f"{job.target} is there")
    (job,) = plan([holiday / "a.jpg"], existing="overwrite")
    assert (job.failed, job.skipped) == ("", "")


def test_outputs_of_before_are_not_enhanced_again(holiday, enhancer):
    new = holiday / "clean"
    for _ in range(2):
        jobs = plan([holiday], recursive=True, output=new, existing="overwrite", compare=True)
        run(jobs, enhancer)
        assert files(new) == {
            *("a.jpg", "a_compare.jpg", "b.PNG", "b_compare.png"),
            *("sub/c.tiff", "sub/c_compare.png", "sub/ü.webp", "sub/ü_compare.png"),
        }
    assert sum(bool(job.skipped) for job in jobs) == 8
    run(plan([holiday / "a.jpg"], compare=True), enhancer)
    skipped = [job.source.name for job in plan([holiday], existing="overwrite") if job.skipped]  # without strips this time
    assert skipped == ["a_enhanced.jpg", "a_enhanced_compare.jpg"]


@pytest.mark.parametrize(
    ("given", "settings", "code"),
    [
        (["a.jpg"], {"format": "gif"}, "P012"),
        (["a.jpg"], {"format": "png", "output": "new.webp"}, "P086"),
        (["-", "a.jpg"], {}, "P085"),
        (["-"], {"output": "new"}, "P085"),
        (["-"], {"compare": True}, "P085"),
        ([""], {}, "P009"),
        (["a.jpg"], {"suffix": "/b"}, "P060"),
        (["a.jpg", "b.jpg"], {"output": "new.png"}, "P090"),
        (["."], {"output": "new.png"}, "P090"),
    ],
)
def test_plans_that_cannot_be(given, settings, code):
    with pytest.raises(InputError, match=code):
        plan(given, **settings)


# What comes of it


def test_run(holiday, enhancer):
    (holiday / "bad.jpg").write_bytes(b"<html>")
    jobs = plan([holiday, holiday / "missing.png"], recursive=True, output=holiday.parent / "new")
    rows = run(jobs, enhancer)
    assert [Path(row["input"]).name for row in rows] == ["a.jpg", "b.PNG", "bad.jpg", "c.tiff", "ü.webp", "missing.png"]
    assert [re.findall(r"P\d+", row.get("failed", "")) for row in rows] == [[], [], ["P003"], [], [], ["P009"]]
    for row in rows:
        if "failed" not in row:
            assert (row["width"], row["height"]) == (120, 80)
            assert pictures.read(row["output"]).pixels.shape == (80, 120, 3)
    assert files(holiday.parent / "new") == {"a.jpg", "b.PNG", "sub/c.tiff", "sub/ü.webp"}


def test_a_name_too_long_is_named(holiday):
    first, second = plan([holiday / ("a" * 300 + ".jpg"), holiday / "a.jpg"])
    assert "File name too long" in first.failed
    assert not second.failed


def test_a_picture_is_what_the_enhancer_makes(holiday, enhancer):
    (row,) = run(plan([holiday / "b.PNG"]), enhancer)
    assert np.array_equal(pictures.read(row["output"]).pixels, enhancer(pictures.read(holiday / "b.PNG").pixels))


@pytest.mark.parametrize(
    ("target", "reason"),
    [("holiday/a.jpg/x.jpg", "Not a directory"), ("/proc/palate/x.jpg", "/proc"), ("holiday", "not a regular file")],
)
def test_folders_that_cannot_be_written_to(target, reason, holiday, enhancer, monkeypatch):
    monkeypatch.chdir(holiday.parent)
    first, second = run([Job(holiday / "b.PNG", Path(target)), Job(holiday / "a.jpg", Path("a.jpg"))], enhancer)
    assert reason in first["failed"]
    assert "seconds" not in first  # nothing was computed in vain
    assert "failed" not in second


def test_transparency_wants_a_format_that_holds_it(holiday, enhancer):
    pictures.write(holiday / "d.png", Picture(drawn(), drawn(bands=1)[..., 0]))
    (row,) = run(plan([holiday / "d.png"], format="jpeg"), enhancer)
    assert "P013" in row["failed"]
    (row,) = run(plan([holiday / "d.png"]), enhancer)
    assert pictures.read(row["output"]).alpha.shape == (80, 120)


def test_strip():
    before, after = Picture(drawn(20, 30, 1), icc=b"grey"), Picture(drawn(40, 60, 1).astype(np.uint16) * 257, icc=b"grey")
    before = Picture(before.pixels.astype(np.uint16) * 257)
    made = before_after.strip(before, after)
    assert made.pixels.shape == (40, 122, 1)
    assert np.array_equal(made.pixels[:, 62:], after.pixels)
    assert (made.pixels[:, 60:62] == 65535).all()
    assert made.icc == b"grey"
    clear = before_after.strip(Picture(drawn(), drawn(bands=1)[..., 0] * 0), Picture(drawn()))
    assert (clear.pixels[:, :62] == 255).all()


def test_page(tmp_path, enhancer):
    large, odd, bad = (tmp_path / name for name in ("large.png", '<b>&".jpg', "<i>bad.jpg"))
    pictures.write(large, Picture(drawn(900, 40)))
    pictures.write(odd, Picture(drawn(10, 20, 1)))
    bad.write_bytes(b"")
    run(plan([large, odd, bad]), enhancer, report=tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text("utf8")
    assert page.endswith("</body></html>\n")
    assert '<b>&"' not in page
    assert "&lt;b&gt;&amp;&quot;.jpg" in page
    assert "&lt;i&gt;bad.jpg</b> [P003]" in page
    assert not re.search(r"(src|href)=\"(?!data:image/jpeg)", page)
    shown = [pictures.read(b64decode(data)).pixels.shape for data in re.findall(r"base64,([^\"]+)", page)]
    assert shown == [(1200, 53, 3)] * 2 + [(20, 40, 1)] * 2
    assert "40 × 900 → 80 × 1800" in page
