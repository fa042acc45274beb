import os
from pathlib import Path

import pytest
from image_samples import drawn

from corpora.errors import InputError
from image_gan.enhance.outputs import plan
from image_gan.pictures import Picture, write


@pytest.mark.parametrize(
    ("given", "settings", "expected"),
    [
        (["holiday/a.jpg"], {}, ["holiday/a_enhanced.jpg"]),
        (["holiday/b.PNG"], {"suffix": "-2x"}, ["holiday/b-2x.PNG"]),
        (["holiday/a.jpg"], {"output": "new.png"}, ["new.png"]),
        (["holiday/a.jpg"], {"output": "new"}, ["new/a.jpg"]),
        (["holiday/a.jpg"], {"output": "new", "suffix": "_x2", "format": "webp"}, ["new/a_x2.webp"]),
        (["holiday/a.jpg"], {"format": "jpg"}, ["holiday/a_enhanced.jpg"]),
        (["holiday/notes.txt"], {}, ["holiday/notes.txt_enhanced.png"]),
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
    assert not any(job.failed or job.skipped or job.strip for job in jobs)
    assert not Path("new").exists()


def test_strips_lie_beside(holiday):
    jobs = plan([holiday], compare=True, recursive=True)
    assert [job.strip.name for job in jobs] == [
        "a_enhanced_compare.jpg",
        "b_enhanced_compare.png",
        "c_enhanced_compare.png",
        "ü_enhanced_compare.png",
    ]


def test_what_would_harm_a_file_is_refused(holiday):
    (by_itself,) = plan([holiday / "a.jpg"], output=holiday)
    assert "P087" in by_itself.failed
    (linked,) = plan([holiday / "a.jpg"], output=holiday / "sub" / ".." / "a.jpg", existing="skip")
    assert "P087" in linked.failed
    (in_place,) = plan([holiday / "a.jpg"], suffix="", existing="overwrite")
    assert (in_place.failed, in_place.target) == ("", holiday / "a.jpg")
    write(holiday / "a.png", Picture(drawn(40, 60)))
    first, second, third = plan([holiday], output=holiday.parent / "new", format="webp")
    assert "P088" in first.failed
    assert "P088" in second.failed
    assert not third.failed
    write(holiday / "a_compare.jpg", Picture(drawn(40, 60)))
    picture, strip = plan([holiday / "a.jpg", holiday / "a_compare.jpg"], output=holiday.parent / "new", compare=True)
    assert "P088" in picture.failed
    assert "P088" in strip.failed


def test_what_is_there(holiday):
    (holiday / "a_enhanced.jpg").write_bytes(b"")
    (job,) = plan([holiday / "a.jpg"])
    assert "P089" in job.failed
    (job,) = plan([holiday / "a.jpg"], existing="skip")
    assert (job.failed, job.skipped) == ("", f"{job.target} exists")
    (job,) = plan([holiday / "a.jpg"], existing="overwrite")
    assert (job.failed, job.skipped) == ("", "")


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


def test_a_name_too_long_is_named(holiday):
    first, second = plan([holiday / ("a" * 300 + ".jpg"), holiday / "a.jpg"])
    assert "File name too long" in first.failed
    assert not second.failed
