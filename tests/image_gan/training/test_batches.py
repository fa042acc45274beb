import json
import shutil
import time

import cv2
import numpy as np
import pytest

from corpora import faces
from corpora.errors import InputError
from image_gan import pictures
from image_gan.training import batches as dataset
from image_gan.training.batches import Ahead, Batches, CelebA, held_out, prepare, rgb8, tier_files, tier_side
from image_gan.training.degrade import Degradation, shrink

SIDES = {"low": 16, "medium": 24, "high": 32}
SPOIL = Degradation(noise=(5, 20), jpeg=(30, 60), clean=0.2)


def write(path, pixels, **more):
    path.parent.mkdir(parents=True, exist_ok=True)
    pictures.write(path, pictures.Picture(np.ascontiguousarray(pixels), **more))


def face(number=1, height=60, width=50):
    return faces.draw(0, number, (height, width))[0]


# Prepare


def test_every_tier_that_a_picture_can_fill(tmp_path):
    """Scaled by its shorter side, never enlarged; one of just the size stays as it is, bit for bit."""
    for name, (height, width) in {"wide": (40, 101), "tall": (33, 32), "small": (24, 90), "tiny": (1, 1)}.items():
        write(tmp_path / "in" / f"{name}.png", face(1, height, width))
    done = prepare([tmp_path / "in"], tmp_path / "out", sides=SIDES)
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
    done = prepare([source], tmp_path / "out", sides={"low": 16, "medium": 20, "high": 40})
    assert done.pictures == {"low": 5, "medium": 5, "high": 5}
    for name in ("grey", "deep", "alpha", "cmyk", "turned"):
        got = pictures.read(tmp_path / "out" / "high" / f"{name}.png")
        assert (got.pixels.shape, got.pixels.dtype, got.alpha) == ((40, 50, 3), np.uint8, None)
        expected = picture[..., :1].repeat(3, axis=2) if name == "grey" else picture
        assert cv2.PSNR(got.pixels, expected) > (30 if name == "cmyk" else 90), name


def test_own_size_is_of_the_last_tier(tmp_path):
    write(tmp_path / "one.png", face(1, 80, 70))
    prepare([tmp_path / "one.png"], tmp_path / "out", sides=SIDES, own_size=True)
    assert (pictures.read(tmp_path / "out" / "high" / "one.png").pixels == face(1, 80, 70)).all()
    assert pictures.read(tmp_path / "out" / "medium" / "one.png").pixels.shape == (27, 24, 3)


def test_what_cannot_be_read_is_named_and_the_rest_goes_on(tmp_path):
    for number in range(20):
        write(tmp_path / "in" / f"{number:02}.png", face(number))
    damaged = tmp_path / "in" / "07.png"
    damaged.write_bytes(damaged.read_bytes()[:500])
    (tmp_path / "in" / "text.jpg").write_text("no picture")
    done = prepare([tmp_path / "in"], tmp_path / "out", sides=SIDES)
    assert list(done.failed) == [str(damaged), str(tmp_path / "in" / "text.jpg")]
    assert "[P004]" in done.failed[str(damaged)]
    assert done.pictures == dict.fromkeys(SIDES, 19)
    assert len(tier_files(tmp_path / "out", "low")) == 19


def test_run_again_it_goes_on(tmp_path):
    """What is there is kept; other sides want another folder."""
    for number in range(3):
        write(tmp_path / "in" / f"{number}.png", face(number))
    prepare([tmp_path / "in"], tmp_path / "out", sides=SIDES)
    kept, gone = tmp_path / "out" / "low" / "0.png", tmp_path / "out" / "low" / "1.png"
    before, stamp = gone.read_bytes(), kept.stat().st_mtime_ns
    gone.unlink()
    (tmp_path / "out" / "tiers.json").unlink()  # as if it had been stopped
    prepare([tmp_path / "in"], tmp_path / "out", sides=SIDES)
    assert gone.read_bytes() == before
    assert kept.stat().st_mtime_ns == stamp
    with pytest.raises(InputError, match=r"\[P064\] .*tiers.json: its sides are .*'low': 16.*: name another folder"):
        prepare([tmp_path / "in"], tmp_path / "out", sides=SIDES | {"low": 17})


def test_pictures_of_one_name_are_kept_apart(tmp_path):
    """1.png and 1.jpg, and those of two folders; the same file given twice is one."""
    write(tmp_path / "a" / "1.png", face(1))
    write(tmp_path / "a" / "1.jpg", face(2))
    write(tmp_path / "b" / "1.png", face(3))
    write(tmp_path / "b" / "deep" / "1.png", face(4))
    given = [tmp_path / "a", tmp_path / "b", tmp_path / "a" / "1.png"]
    done = prepare(given, tmp_path / "out", sides=SIDES)
    assert done.pictures["low"] == len(tier_files(tmp_path / "out", "low")) == 4
    assert len({file.read_bytes() for file in tier_files(tmp_path / "out", "low")}) == 4
    assert (tmp_path / "out" / "low" / "deep" / "1.png").exists()


def test_what_was_prepared_is_not_prepared_again(tmp_path):
    """Where the output lies among the pictures."""
    write(tmp_path / "1.png", face(1))
    for _ in range(2):
        assert prepare([tmp_path], tmp_path / "prepared", sides=SIDES).pictures["low"] == 1


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
        prepare([tmp_path / "in"], tmp_path / "out", sides=SIDES)


def test_nothing_to_prepare(tmp_path):
    with pytest.raises(InputError, match=r"\[P010\]"):
        prepare([tmp_path], tmp_path / "out")
    with pytest.raises(InputError, match=r"\[P009\]"):
        prepare([tmp_path / "none"], tmp_path / "out")


# CelebA


def test_patches_are_plain_and_pure(tmp_path):
    """As many as are asked for become patches; what is spoilt is made of them."""
    write(tmp_path / "one.png", face(1, 64, 64))
    prepare([tmp_path / "one.png"], tmp_path / "out", sides={"high": 64})
    files, settings = tier_files(tmp_path / "out", "high"), {"batch": 100, "scale": 1, "seed": 0}
    spoilt, whole = Batches(files, crop=48, degradation=Degradation(), flat=0.3, **settings).batch(0)
    assert (spoilt == whole).all()
    few = [len(np.unique(picture.reshape(-1, 3), axis=0)) <= 256 for picture in whole]
    assert sum(few) == pytest.approx(30, abs=10)
    flat = whole[np.flatnonzero(few)]
    assert np.isin(flat, (0, 255)).mean() > 0.2
    assert (np.diff(flat.astype(int), axis=2) == 0).all(axis=3).mean() > 0.6


@pytest.fixture
def celeba(tmp_path):
    faces.write(tmp_path / "celeba", 10)
    return tmp_path / "celeba"


def edited(path, edit):
    path.write_text("".join(edit(path.read_text().splitlines(keepends=True))))


def test_celeba_as_it_is_published(celeba, tmp_path):
    data = CelebA.at(celeba)
    assert [[file.name for file in data.files(part)] for part in ("train", "val", "test")] == [
        [f"{number:06}.jpg" for number in numbers] for numbers in (range(1, 9), [9], [10])
    ]
    names, attributes, holds = data.attributes()
    assert attributes == faces.ATTRIBUTES
    for number, row in enumerate(holds, 1):
        assert dict(zip(attributes, row, strict=True)) == faces.draw(0, number)[1]
        assert names[number - 1] == f"{number:06}.jpg"
    done = prepare([celeba], tmp_path / "out", sides=SIDES, partition="val")
    assert done.pictures == dict.fromkeys(SIDES, 1)
    assert [file.name for file in tier_files(tmp_path / "out", "low")] == ["000009.png"]
    assert (tmp_path / "out" / CelebA.ATTRIBUTES).read_bytes() == (celeba / CelebA.ATTRIBUTES).read_bytes()
    (celeba / "list_eval_partition.txt").unlink()
    assert len(data.files("val")) == 10  # nothing is parted
    (celeba / "img_align_celeba").rename(celeba / "images")
    assert len(data.files("train")) == 10
    assert CelebA.at(tmp_path) is CelebA.at(celeba / "none") is None


LISTS = [
    ("list_attr_celeba.txt", lambda lines: [*lines[:4], lines[4].replace(" 1", " 2"), *lines[5:]], "line 5 has not 40 values"),
    ("list_attr_celeba.txt", lambda lines: [*lines[:7], lines[7].rsplit(" ", 1)[0] + "\n", *lines[8:]], "line 8 has not 40"),
    ("list_attr_celeba.txt", lambda lines: [lines[0], "Attractive " + lines[1], *lines[2:]], "line 3 has not 41 values"),
    ("list_attr_celeba.txt", lambda lines: lines[:9], "says that it has 10 pictures, and has 7"),
    ("list_attr_celeba.txt", lambda lines: lines[1:], "line 3 has not"),
    ("list_attr_celeba.txt", lambda lines: lines[:2], "names no picture"),
    ("list_attr_celeba.txt", lambda lines: [], "names no picture"),
    ("list_eval_partition.txt", lambda lines: [lines[0], lines[1].replace("0\n", "3\n"), *lines[2:]], "line 2 is not a name"),
    ("list_eval_partition.txt", lambda lines: [*lines[:3], "000004.jpg\n"], "line 4 is not a name"),
    ("list_eval_partition.txt", lambda lines: [*lines, "000011.jpg 0\n"], "line 11 is not a name that list_attr_celeba.txt"),
    ("list_eval_partition.txt", lambda lines: lines[8:], "has no picture of train"),
]


@pytest.mark.parametrize(("name", "edit", "message"), LISTS)
def test_damaged_lists(name, edit, message, celeba, tmp_path):
    edited(celeba / name, edit)
    with pytest.raises(InputError, match=rf"\[P064\] .*{name}: {message}"):
        prepare([celeba], tmp_path / "out", sides=SIDES)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("parts", "name"), [(True, "list_eval_partition.txt"), (False, "list_attr_celeba.txt")])
def test_lists_that_name_missing_pictures(parts, name, celeba):
    if not parts:
        (celeba / "list_eval_partition.txt").unlink()
    for number in (3, 5):
        (celeba / "img_align_celeba" / f"{number:06}.jpg").unlink()
    with pytest.raises(InputError, match=rf"{name}: names 2 pictures that are not in img_align_celeba, 000003.jpg first"):
        CelebA(celeba).files("train")
    shutil.rmtree(celeba / "img_align_celeba")
    with pytest.raises(InputError, match=r"\[P064\] .* has no folder img_align_celeba"):
        CelebA(celeba).files("train")


def test_an_unknown_part(celeba):
    with pytest.raises(InputError, match=r"\[P060\] partition must be train, val or test. Received: dev"):
        CelebA(celeba).files("dev")


# Tiers


def test_tiers_that_are_not_there(prepared, tmp_path):
    assert len(tier_files(prepared, "low")) == 24
    with pytest.raises(InputError, match=r"\[P061\] there are no prepared pictures in .*none"):
        tier_files(tmp_path / "none", "low")
    with pytest.raises(InputError, match=r"\[P062\] tier medium of .* is empty: .* set \[schedule.medium\] to null"):
        tier_files(tmp_path, "medium")


@pytest.mark.parametrize(
    "text", [None, "", "{", "[]", "{}", '{"sides": 3}', '{"sides": {"low": "x"}}', '{"sides": {"low": null}}']
)
def test_sides_that_cannot_be_read(text, tmp_path):
    if text is not None:
        (tmp_path / "tiers.json").write_text(text)
    with pytest.raises(InputError, match=r"\[P061\]"):
        tier_side(tmp_path, "low")


def test_held_out_are_the_same_faces_in_every_tier(prepared):
    parted = {tier: held_out(tier_files(prepared, tier), prepared / tier, 0.3) for tier in SIDES}
    judging = {tier: [file.name for file in judging] for tier, (_, judging) in parted.items()}
    assert judging["low"] == judging["medium"] == judging["high"]
    for tier, (trained, judges) in parted.items():
        assert sorted(trained + judges) == tier_files(prepared, tier)
        assert 2 <= len(judges) <= 14
    more = held_out(tier_files(prepared, "low"), prepared / "low", 0.6)[1]
    assert set(judging["low"]) < {file.name for file in more}
    assert held_out(tier_files(prepared, "low"), prepared / "low", 1e-9)[1] == []


# Batches


@pytest.fixture
def files(prepared):
    return tier_files(prepared, "high")


def batches(files, **more):
    return Batches(files, **({"crop": 16, "batch": 5, "scale": 1, "degradation": SPOIL, "seed": 3} | more))


def equal(one, other):
    return all((a == b).all() for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("scale", [1, 2, 4])
def test_a_batch_is_a_pure_function_of_seed_and_step(files, scale):
    some = batches(files, scale=scale)
    taken = {step: some.batch(step) for step in (7, 0, 7, 3, 100)}
    for spoilt, whole in taken.values():
        assert (spoilt.shape, whole.shape) == ((5, 16 // scale, 16 // scale, 3), (5, 16, 16, 3))
        assert spoilt.dtype == whole.dtype == np.uint8
    for step in (100, 3, 0):
        assert equal(batches(files, scale=scale).batch(step), taken[step])
        assert not equal(batches(files, scale=scale, seed=4).batch(step), taken[step])
    assert len({taken[step][1].tobytes() for step in taken}) == 4


def test_parts_of_a_batch_are_parts_of_it(files):
    whole = batches(files).batch(4, blend=0.5)
    parts = [batches(files).batch(4, blend=0.5, part=part) for part in (slice(0, 2), slice(2, 5))]
    assert equal(whole, [np.concatenate(column) for column in zip(*parts, strict=True)])


def test_each_picture_once_an_epoch(files):
    """In an order of its own; an epoch that ends within a batch goes on in the next."""
    some = batches(files)
    epochs = [[some._number(24 * epoch + place) for place in range(24)] for epoch in range(3)]
    assert all(sorted(epoch) == list(range(24)) for epoch in epochs)
    assert epochs[0] != epochs[1] != epochs[2] != epochs[0]
    assert [some._number(place) for place in (23, 24, 23, 0)] == [epochs[0][23], epochs[1][0], epochs[0][23], epochs[0][0]]


def test_crops_are_of_the_picture_turned_and_mirrored(tmp_path):
    """All eight ways; faces stay upright."""
    ramp = np.stack(
        [np.arange(24 * 20).reshape(24, 20) % 256, np.arange(24 * 20).reshape(24, 20) // 256, np.zeros((24, 20))], 2
    )
    write(tmp_path / "one.png", ramp.astype(np.uint8))
    plain, conditions = Degradation(), {"one": np.float32([1, 2])}
    for turn, ways in ((True, 8), (False, 2)):
        some = batches([tmp_path / "one.png"], crop=8, degradation=plain, turn=turn, conditions=conditions)
        seen, places = set(), set()
        for step in range(30):
            batch = some.batch(step)
            assert (batch[0] == batch[1]).all()
            assert (batch[2] == [[1, 2]] * 5).all()
            for piece in batch[1]:
                value = piece[..., 0] + 256 * piece[..., 1].astype(int)
                assert len(np.unique(value)) == 64
                seen.add((int(value[0, 1] - value[0, 0]), int(value[1, 0] - value[0, 0])))
                places.add(int(value.min()))
        assert len(seen) == ways
        assert seen <= {(a, b) for a in (1, -1, 20, -20) for b in (1, -1, 20, -20)}
        assert {0, 16 * 20 + 12} <= set(places) or len(places) > 80


def test_what_is_spoilt_is_what_is_whole(files):
    spoilt, whole = batches(files, scale=2, degradation=Degradation()).batch(0)
    assert equal(spoilt, [shrink(picture, 2) for picture in whole])
    spoilt, whole = batches(files, degradation=Degradation(blur=(1, 1), clean=0)).batch(0)
    assert equal(spoilt, [cv2.GaussianBlur(picture, (0, 0), 1, borderType=cv2.BORDER_REFLECT) for picture in whole])


def test_blend(files):
    """From what is left at the resolution of the tier before, to all."""
    some = batches(files, degradation=Degradation())
    whole, half, none = (some.batch(2, blend=blend, coarse=2.0)[1].astype(int) for blend in (1.0, 0.5, 0.0))
    small = [cv2.resize(np.uint8(picture), (8, 8), interpolation=cv2.INTER_AREA) for picture in whole]
    assert equal(none, [cv2.resize(picture, (16, 16), interpolation=cv2.INTER_LINEAR) for picture in small])
    assert np.abs(2 * half - whole - none).max() <= 2
    assert np.abs(whole - none).max() > 10
    for coarse in (1.5, 4.0, 50.0):
        assert some.batch(2, blend=0.3, coarse=coarse)[1].shape == whole.shape


def test_what_judges_is_the_same_every_time(files):
    first, again = batches(files).fixed(6), batches(files, batch=2).fixed(6)
    assert equal(first, again)
    assert len(first[0]) == 6
    middle = rgb8(pictures.read(files[2])).astype(int)
    top, left = (middle.shape[0] - 16) // 2, (middle.shape[1] - 16) // 2
    assert (first[1][2] == middle[top : top + 16, left : left + 16]).all()
    assert len(batches(files).fixed(1000)[0]) == 24


def test_no_more_is_kept_than_the_limit(files, monkeypatch):
    one = rgb8(pictures.read(files[0])).nbytes
    some = batches(files)
    expected = [some.batch(step) for step in range(6)]
    assert len(some._cached) == 24
    monkeypatch.setattr(dataset, "_CACHE", 3 * one + one // 2)
    few = batches(files)
    assert all(equal(few.batch(step), expected[step]) for step in range(6))
    assert len(few._cached) == 3
    assert few._bytes == sum(picture.nbytes for picture in few._cached.values()) <= 3.5 * one


def test_a_picture_smaller_than_the_crop(files):
    with pytest.raises(InputError, match=r"\[P065\] .*high.*png is 32x39, smaller than the crop of 36: lower the crop"):
        batches(files, crop=36).batch(0)


# Ahead


def test_ahead_gives_all_in_order():
    ahead = Ahead(lambda step: step * step, 3, 40)
    assert list(ahead) == [step * step for step in range(3, 40)]
    assert list(Ahead(lambda step: step, 5, 5)) == []
    ahead.close()
    assert not any(thread.is_alive() for thread in ahead._pool._threads)


def test_ahead_passes_exceptions_on_where_they_come():
    def make(step):
        if step == 3:
            raise InputError("no")
        return step

    ahead, got = Ahead(make, 0, 9), []
    with pytest.raises(InputError, match="no"):
        got.extend(ahead)
    assert got == [0, 1, 2]
    ahead.close()
    assert not any(thread.is_alive() for thread in ahead._pool._threads)


@pytest.mark.parametrize("taken", [0, 1, 3])
def test_ahead_closes_while_it_makes(taken):
    made = []
    ahead = Ahead(lambda step: made.append(step) or step, 0, 10**9, depth=2)
    for step in ahead:
        if step >= taken:
            break
    ahead.close()
    assert not any(thread.is_alive() for thread in ahead._pool._threads)
    assert len(made) <= taken + 6


def test_ahead_counts_what_is_waited():
    slow = Ahead(lambda step: [time.sleep(0.05)], 0, 4)
    list(slow)
    assert slow.waited > 0.1
    quick = Ahead(lambda step: step, 0, 4)
    time.sleep(0.2)
    list(quick)
    assert quick.waited < slow.waited / 2
