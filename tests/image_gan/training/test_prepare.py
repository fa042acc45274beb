import json

import cv2
import numpy as np
import pytest

from corpora import faces
from corpora.errors import InputError
from image_gan import pictures
from image_gan.training.prepare import prepare_pictures
from image_gan.training.tiers import tier_files, tier_side

SIDES = {"low": 16, "medium": 24, "high": 32}


def write(path, pixels, **more):
    path.parent.mkdir(parents=True, exist_ok=True)
    pictures.write(path, pictures.Picture(np.ascontiguousarray(pixels), **more))


def face(number=1, height=60, width=50):
    return faces.draw(0, number, (height, width))[0]


def test_every_tier_that_a_picture_can_fill(tmp_path):
    """Scaled by its shorter side, never enlarged; one of just the size stays as it is, bit for bit."""
    for name, (height, width) in {"wide": (40, 101), "tall": (33, 32), "small": (24, 90), "tiny": (1, 1)}.items():
        write(tmp_path / "in" / f"{name}.png", face(1, height, width))
    done = prepare_pictures([tmp_path / "in"], tmp_path / "out", sides=SIDES)
    assert done == ({"low": 3, "medium": 3, "high": 2}, {"low": 1, "medium": 1, "high": 2}, {})
    sizes = {str(f.relative_to(tmp_path / "out")): pictures.read(f).pixels.shape[:2] for f in (tmp_path / "out").glob("*/*")}
    assert sizes == {
        **{"low/wide.png": (16, 40), "medium/wide.png": (24, 61), "high/wide.png": (32, 81)},
        **{"low/tall.png": (16, 16), "medium/tall.png": (25, 24), "high/tall.png": (33, 32)},
        **{"low/small.png": (16, 60), "medium/small.png": (24, 90)},
    }
    assert (pictures.read(tmp_path / "out" / "high" / "tall.png").pixels == face(1, 33, 32)).all()
    small = cv2.resize(face(1, 40, 101), (40, 16), interpolation=cv2.INTER_AREA)
    assert (pictures.read(tmp_path / "out" / "low" / "wide.png").pixels == small).all()
    assert {tier: tier_side(tmp_path / "out", tier) for tier in SIDES} == SIDES
    assert json.loads((tmp_path / "out" / "tiers.json").read_text())["pictures"] == done.pictures


def test_all_kinds_of_pictures_become_rgb_of_8_bits_upright(tmp_path):
    from PIL import Image

    source = tmp_path / "in"
    source.mkdir()
    picture = face(2, 40, 50)
    pictures.write(source / "grey.png", pictures.Picture(picture[..., :1]))
    pictures.write(source / "deep.png", pictures.Picture(picture.astype(np.uint16) * 257))
    pictures.write(source / "alpha.png", pictures.Picture(picture, np.full((40, 50), 9, np.uint8)))
    Image.fromarray(picture).convert("CMYK").save(source / "cmyk.jpg", quality=95)
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(picture).rotate(90, expand=True).save(source / "turned.png", exif=exif)
    done = prepare_pictures([source], tmp_path / "out", sides={"low": 16, "medium": 20, "high": 40})
    assert done.pictures == {"low": 5, "medium": 5, "high": 5}
    for name in ("grey", "deep", "alpha", "cmyk", "turned"):
        got = pictures.read(tmp_path / "out" / "high" / f"{name}.png")
        assert (got.pixels.shape, got.pixels.dtype, got.alpha) == ((40, 50, 3), np.uint8, None)
        expected = picture[..., :1].repeat(3, axis=2) if name == "grey" else picture
        assert cv2.PSNR(got.pixels, expected) > (30 if name == "cmyk" else 90), name


def test_own_size_is_of_the_last_tier(tmp_path):
    write(tmp_path / "one.png", face(1, 80, 70))
    prepare_pictures([tmp_path / "one.png"], tmp_path / "out", sides=SIDES, own_size=True)
    assert (pictures.read(tmp_path / "out" / "high" / "one.png").pixels == face(1, 80, 70)).all()
    assert pictures.read(tmp_path / "out" / "medium" / "one.png").pixels.shape == (27, 24, 3)


def test_what_cannot_be_read_is_named_and_the_rest_goes_on(tmp_path):
    for number in range(20):
        write(tmp_path / "in" / f"{number:02}.png", face(number))
    damaged = tmp_path / "in" / "07.png"
    damaged.write_bytes(damaged.read_bytes()[:500])
    (tmp_path / "in" / "text.jpg").write_text("no picture")
    done = prepare_pictures([tmp_path / "in"], tmp_path / "out", sides=SIDES)
    assert list(done.failed) == [str(damaged), str(tmp_path / "in" / "text.jpg")]
    assert "[P004]" in done.failed[str(damaged)]
    assert done.pictures == dict.fromkeys(SIDES, 19)
    assert len(tier_files(tmp_path / "out", "low")) == 19


def test_run_again_it_goes_on(tmp_path):
    """What is there is kept; other sides want another folder."""
    for number in range(3):
        write(tmp_path / "in" / f"{number}.png", face(number))
    prepare_pictures([tmp_path / "in"], tmp_path / "out", sides=SIDES)
    kept, gone = tmp_path / "out" / "low" / "0.png", tmp_path / "out" / "low" / "1.png"
    before, stamp = gone.read_bytes(), kept.stat().st_mtime_ns
    gone.unlink()
    (tmp_path / "out" / "tiers.json").unlink()  # as if it had been stopped
    prepare_pictures([tmp_path / "in"], tmp_path / "out", sides=SIDES)
    assert gone.read_bytes() == before
    assert kept.stat().st_mtime_ns == stamp
    with pytest.raises(InputError, match=r"\[P064\] .*tiers.json: its sides are .*'low': 16.*: name another folder"):
        prepare_pictures([tmp_path / "in"], tmp_path / "out", sides=SIDES | {"low": 17})


def test_pictures_of_one_name_are_kept_apart(tmp_path):
    """1.png and 1.jpg, and those of two folders; the same file given twice is one."""
    write(tmp_path / "a" / "1.png", face(1))
    write(tmp_path / "a" / "1.jpg", face(2))
    write(tmp_path / "b" / "1.png", face(3))
    write(tmp_path / "b" / "deep" / "1.png", face(4))
    given = [tmp_path / "a", tmp_path / "b", tmp_path / "a" / "1.png"]
    done = prepare_pictures(given, tmp_path / "out", sides=SIDES)
    assert done.pictures["low"] == len(tier_files(tmp_path / "out", "low")) == 4
    assert len({file.read_bytes() for file in tier_files(tmp_path / "out", "low")}) == 4
    assert (tmp_path / "out" / "low" / "deep" / "1.png").exists()


def test_what_was_prepared_is_not_prepared_again(tmp_path):
    """Where the output lies among the pictures."""
    write(tmp_path / "1.png", face(1))
    for _ in range(2):
        assert prepare_pictures([tmp_path], tmp_path / "prepared", sides=SIDES).pictures["low"] == 1


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ({"a": (20, 30), "b": (23, 90)}, "tier 'medium', whose shorter side is 24: of 2 pictures the largest has 23 .0 could"),
        ({"a": (1, 1)}, "tier 'low', whose shorter side is 16: of 1 pictures the largest has 1"),
        ({}, "tier 'low', whose shorter side is 16: of 0 pictures the largest has 0 .1 could not be read.. Give larger"),
    ],
)
def test_an_empty_tier_says_what_would_fill_it(sizes, message, tmp_path):
    for name, (height, width) in sizes.items():
        write(tmp_path / "in" / f"{name}.png", face(1, height, width))
    if not sizes:
        (tmp_path / "in").mkdir()
        (tmp_path / "in" / "a.png").write_bytes(b"")
    with pytest.raises(InputError, match=rf"\[P063\] no picture fills the {message}"):
        prepare_pictures([tmp_path / "in"], tmp_path / "out", sides=SIDES)


def test_nothing_to_prepare(tmp_path):
    with pytest.raises(InputError, match=r"\[P010\]"):
        prepare_pictures([tmp_path], tmp_path / "out")
    with pytest.raises(InputError, match=r"\[P009\]"):
        prepare_pictures([tmp_path / "none"], tmp_path / "out")
