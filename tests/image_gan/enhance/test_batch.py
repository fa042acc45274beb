import io
import re
from base64 import b64decode
from pathlib import Path

import numpy as np
import pytest
from image_samples import drawn

from image_gan import Enhancer, SizedEnhancer, pictures
from image_gan.enhance.batch import enhance_pictures
from image_gan.enhance.outputs import Job, plan
from image_gan.pictures import Picture


def files(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def enhancer(model_files):
    return SizedEnhancer(model=model_files[2])


def test_outputs_of_before_are_not_enhanced_again(holiday, enhancer):
    new = holiday / "clean"
    for _ in range(2):
        jobs = plan([holiday], recursive=True, output=new, existing="overwrite", compare=True)
        enhance_pictures(jobs, enhancer)
        assert files(new) == {
            *("a.jpg", "a_compare.jpg", "b.PNG", "b_compare.png"),
            *("sub/c.tiff", "sub/c_compare.png", "sub/ü.webp", "sub/ü_compare.png"),
        }
    assert sum(bool(job.skipped) for job in jobs) == 8
    enhance_pictures(plan([holiday / "a.jpg"], compare=True), enhancer)
    skipped = [job.source.name for job in plan([holiday], existing="overwrite") if job.skipped]  # without strips this time
    assert skipped == ["a_enhanced.jpg", "a_enhanced_compare.jpg"]


def test_run(holiday, enhancer):
    (holiday / "bad.jpg").write_bytes(b"<html>")
    jobs = plan([holiday, holiday / "missing.png"], recursive=True, output=holiday.parent / "new")
    rows = enhance_pictures(jobs, enhancer)
    assert [Path(row["input"]).name for row in rows] == ["a.jpg", "b.PNG", "bad.jpg", "c.tiff", "ü.webp", "missing.png"]
    assert [re.findall(r"P\d+", row.get("failed", "")) for row in rows] == [[], [], ["P003"], [], [], ["P009"]]
    for row in rows:
        if "failed" not in row:
            assert (row["width"], row["height"]) == (120, 80)
            assert pictures.read(row["output"]).pixels.shape == (80, 120, 3)
    assert files(holiday.parent / "new") == {"a.jpg", "b.PNG", "sub/c.tiff", "sub/ü.webp"}


def test_a_picture_is_what_the_enhancer_makes(holiday, enhancer, model_files):
    (row,) = enhance_pictures(plan([holiday / "b.PNG"]), enhancer)
    assert np.array_equal(
        pictures.read(row["output"]).pixels, Enhancer(model_files[2])(pictures.read(holiday / "b.PNG").pixels)
    )


@pytest.mark.parametrize(
    ("target", "reason"),
    [("holiday/a.jpg/x.jpg", "Not a directory"), ("/proc/palate/x.jpg", "/proc"), ("holiday", "not a regular file")],
)
def test_folders_that_cannot_be_written_to(target, reason, holiday, enhancer, monkeypatch):
    monkeypatch.chdir(holiday.parent)
    first, second = enhance_pictures([Job(holiday / "b.PNG", Path(target)), Job(holiday / "a.jpg", Path("a.jpg"))], enhancer)
    assert reason in first["failed"]
    assert "seconds" not in first  # nothing was computed in vain
    assert "failed" not in second


def test_transparency_wants_a_format_that_holds_it(holiday, enhancer):
    pictures.write(holiday / "d.png", Picture(drawn(40, 60), drawn(40, 60, 1)[..., 0]))
    (row,) = enhance_pictures(plan([holiday / "d.png"], format="jpeg"), enhancer)
    assert "P013" in row["failed"]
    (row,) = enhance_pictures(plan([holiday / "d.png"]), enhancer)
    assert pictures.read(row["output"]).alpha.shape == (80, 120)


def test_streams(enhancer, holiday, model_files):
    """A job without a source reads standard input, one without a target writes standard output."""
    source, written = (holiday / "b.PNG").read_bytes(), io.BytesIO()
    (row,) = enhance_pictures([Job(None, None)], enhancer, stdin=io.BytesIO(source), stdout=written)
    assert (row["input"], row["output"], row["width"]) == ("-", "-", 120)
    assert np.array_equal(pictures.read(written.getvalue()).pixels, Enhancer(model_files[2])(pictures.read(source).pixels))
    (row,) = enhance_pictures([Job(None, holiday / "new.png")], enhancer)
    assert "P003" in row["failed"]  # nothing came in


def test_page(tmp_path, enhancer):
    large, odd, bad = (tmp_path / name for name in ("large.png", '<b>&".jpg', "<i>bad.jpg"))
    pictures.write(large, Picture(drawn(900, 40)))
    pictures.write(odd, Picture(drawn(10, 20, 1)))
    bad.write_bytes(b"")
    enhance_pictures(plan([large, odd, bad]), enhancer, report=tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text("utf8")
    assert page.endswith("</body></html>\n")
    assert '<b>&"' not in page
    assert "&lt;b&gt;&amp;&quot;.jpg" in page
    assert "&lt;i&gt;bad.jpg</b> [P003]" in page
    assert not re.search(r"(src|href)=\"(?!data:image/(png|jpeg))", page)
    shown = [pictures.read(b64decode(data)).pixels.shape for data in re.findall(r"base64,([^\"]+)", page)]
    assert shown == [(1800, 80, 3)] * 2 + [(20, 40, 1)] * 2
    assert re.search(r"40 × 900 → 80 × 1800 · model x2 · .*[\d.]+ s<", page)


def test_a_large_picture_has_an_overview_and_parts_that_lose_nothing(tmp_path, enhancer):
    pictures.write(tmp_path / "a.png", Picture(drawn(450, 600)))
    (row,) = enhance_pictures(plan([tmp_path / "a.png"]), enhancer, report=tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text("utf8")
    shown = [pictures.read(b64decode(data)).pixels for data in re.findall(r"png;base64,([^\"]+)", page)]
    assert [part.shape for part in shown] == [(390, 390, 3)] * 6
    assert page.count("jpeg;base64") == 2
    after, part = pictures.read(row["output"]).pixels, shown[1]
    places = np.argwhere((after[: 900 - 389, : 1200 - 389] == part[0, 0]).all(2))
    assert any(np.array_equal(after[y : y + 390, x : x + 390], part) for y, x in places)
