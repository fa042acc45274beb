import time

import cv2
import numpy as np
import pytest

from corpora import faces
from corpora.errors import InputError
from image_gan import pictures
from image_gan.training import batches as batches_module
from image_gan.training.batches import Batches, Prefetcher
from image_gan.training.degrade import Degradation, HistoryDegradation, shrink
from image_gan.training.tiers import tier_files

DEGRADATION = Degradation(noise=(5, 20), jpeg=(30, 60), identity_probability=0.2)


def write(path, pixels, **more):
    path.parent.mkdir(parents=True, exist_ok=True)
    pictures.write(path, pictures.Picture(np.ascontiguousarray(pixels), **more))


# Batches


@pytest.fixture
def files(prepared):
    return tier_files(prepared, "high")


def batches(files, **more):
    return Batches(files, **({"crop": 16, "batch": 5, "scale": 1, "degradation": DEGRADATION, "seed": 3} | more))


def equal(one, other):
    return all((a == b).all() for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("scale", [1, 2, 4])
def test_a_batch_is_a_pure_function_of_seed_and_step(files, scale):
    some = batches(files, scale=scale)
    taken = {step: some.batch(step) for step in (7, 0, 7, 3, 100)}
    for degraded, target in taken.values():
        assert (degraded.shape, target.shape) == ((5, 16 // scale, 16 // scale, 3), (5, 16, 16, 3))
        assert degraded.dtype == target.dtype == np.uint8
    for step in (100, 3, 0):
        assert equal(batches(files, scale=scale).batch(step), taken[step])
        assert not equal(batches(files, scale=scale, seed=4).batch(step), taken[step])
    assert len({taken[step][1].tobytes() for step in taken}) == 4


def test_parts_of_a_batch_are_parts_of_it(files):
    whole = batches(files).batch(4, detail=0.5)
    parts = [batches(files).batch(4, detail=0.5, part=part) for part in (slice(0, 2), slice(2, 5))]
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
    for rotate, ways in ((True, 8), (False, 2)):
        some = batches([tmp_path / "one.png"], crop=8, degradation=plain, rotate=rotate, conditions=conditions)
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


def test_degraded_pictures_are_those_of_their_targets(files):
    degraded, target = batches(files, scale=2, degradation=Degradation()).batch(0)
    assert equal(degraded, [shrink(picture, 2) for picture in target])
    degraded, target = batches(files, degradation=Degradation(blur=(1, 1), identity_probability=0)).batch(0)
    assert equal(degraded, [cv2.GaussianBlur(picture, (0, 0), 1, borderType=cv2.BORDER_REFLECT) for picture in target])


def test_detail_fades_in(files):
    """From what is left at the resolution of the tier before, to all."""
    some = batches(files, degradation=Degradation())
    full, half, none = (some.batch(2, detail=detail, coarse=2.0)[1].astype(int) for detail in (1.0, 0.5, 0.0))
    small = [cv2.resize(np.uint8(picture), (8, 8), interpolation=cv2.INTER_AREA) for picture in full]
    assert equal(none, [cv2.resize(picture, (16, 16), interpolation=cv2.INTER_LINEAR) for picture in small])
    assert np.abs(2 * half - full - none).max() <= 2
    assert np.abs(full - none).max() > 10
    for coarse in (1.5, 4.0, 50.0):
        assert some.batch(2, detail=0.3, coarse=coarse)[1].shape == full.shape


def test_validation_pictures_are_the_same_every_time(files):
    first, again = batches(files).fixed(6), batches(files, batch=2).fixed(6)
    assert equal(first, again)
    assert len(first[0]) == 6
    middle = pictures.read(files[2]).rgb8().astype(int)
    top, left = (middle.shape[0] - 16) // 2, (middle.shape[1] - 16) // 2
    assert (first[1][2] == middle[top : top + 16, left : left + 16]).all()
    assert len(batches(files).fixed(1000)[0]) == 24


def test_no_more_is_kept_than_the_limit(files, monkeypatch):
    one = pictures.read(files[0]).rgb8().nbytes
    some = batches(files)
    expected = [some.batch(step) for step in range(6)]
    assert len(some._cache) == 24
    monkeypatch.setattr(batches_module, "_CACHE_BYTES", 3 * one + one // 2)
    few = batches(files)
    assert all(equal(few.batch(step), expected[step]) for step in range(6))
    assert len(few._cache) == 3
    assert few._cached_bytes == sum(picture.nbytes for picture in few._cache.values()) <= 3.5 * one


def test_a_picture_smaller_than_the_crop(files):
    with pytest.raises(InputError, match=r"\[P065\] .*high.*png is 32x39, smaller than the crop of 36: lower the crop"):
        batches(files, crop=36).batch(0)


def test_patches_are_plain_and_pure(tmp_path):
    """As many as are asked for become patches; they are degraded as the others are."""
    write(tmp_path / "one.png", faces.draw(0, 1, (64, 64))[0])
    settings = {"batch": 100, "scale": 1, "seed": 0}
    degraded, target = Batches([tmp_path / "one.png"], crop=48, degradation=Degradation(), plain_patches=0.3, **settings).batch(
        0
    )
    assert (degraded == target).all()
    few = [len(np.unique(picture.reshape(-1, 3), axis=0)) <= 256 for picture in target]
    assert sum(few) == pytest.approx(30, abs=10)
    flat = target[np.flatnonzero(few)]
    assert np.isin(flat, (0, 255)).mean() > 0.2
    assert (np.diff(flat.astype(int), axis=2) == 0).all(axis=3).mean() > 0.6


def test_the_level_of_noise_is_a_fourth_channel(files):
    """In quarters of grey levels; the pictures are those that there are without it."""
    degradation = HistoryDegradation(keep_share=0.5)
    plain, told = (batches(files, degradation=degradation, noise_level=told).batch(2) for told in (False, True))
    assert (told[0][..., :3] == plain[0]).all()
    assert (told[1] == plain[1]).all()
    levels = told[0][..., 3]
    assert (levels == levels[:, :1, :1]).all()
    assert len(np.unique(levels)) > 1
    simple = batches(files, noise_level=True).batch(2)
    assert not simple[0][..., 3].any()


def test_drawings_stand_in_for_crops(tmp_path):
    write(tmp_path / "one.png", faces.draw(0, 1, (64, 64))[0])
    _, target = batches([tmp_path / "one.png"], batch=100, crop=32, drawings=0.3, degradation=Degradation()).batch(0)
    white = (target == 255).all(axis=3).mean(axis=(1, 2)) > 0.1
    assert 8 < sum(white) < 40


# Prefetcher


def test_the_prefetcher_gives_all_in_order():
    prefetcher = Prefetcher(lambda step: step * step, 3, 40)
    assert list(prefetcher) == [step * step for step in range(3, 40)]
    assert list(Prefetcher(lambda step: step, 5, 5)) == []
    prefetcher.close()
    assert not any(thread.is_alive() for thread in prefetcher._pool._threads)


def test_the_prefetcher_passes_exceptions_on_where_they_come():
    def make(step):
        if step == 3:
            raise InputError("no")
        return step

    prefetcher, got = Prefetcher(make, 0, 9), []
    with pytest.raises(InputError, match="no"):
        got.extend(prefetcher)
    assert got == [0, 1, 2]
    prefetcher.close()
    assert not any(thread.is_alive() for thread in prefetcher._pool._threads)


@pytest.mark.parametrize("taken", [0, 1, 3])
def test_the_prefetcher_closes_while_it_makes(taken):
    made = []
    prefetcher = Prefetcher(lambda step: made.append(step) or step, 0, 10**9, depth=2)
    for step in prefetcher:
        if step >= taken:
            break
    prefetcher.close()
    assert not any(thread.is_alive() for thread in prefetcher._pool._threads)
    assert len(made) <= taken + 6


def test_the_prefetcher_counts_what_is_waited():
    slow = Prefetcher(lambda step: [time.sleep(0.05)], 0, 4)
    list(slow)
    assert slow.waited > 0.1
    quick = Prefetcher(lambda step: step, 0, 4)
    time.sleep(0.2)
    list(quick)
    assert quick.waited < slow.waited / 2
