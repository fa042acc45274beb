import cv2
import numpy as np
import pytest

from corpora import faces
from corpora.errors import InputError
from image_gan.training.degrade import KERNELS, HistoryDegradation, jpeg, reduce, shrink, webp
from image_gan.training.degrade.noise_kinds import blotches, correlated, draw_noise, mosaic, white
from image_gan.training.drawings import draw

FACE = faces.draw(0, 1, (64, 48))[0]
GREY = np.full((64, 64, 3), 128, np.uint8)
RNG = np.random.default_rng
STEPS = ("blur", "sharpen", "noise", "compress", "resize")


def only(*steps, **more):
    """These steps always, the others never."""
    chances = {f"{step}_probability": float(step in steps) for step in (*STEPS, "grey", "identity", "twice")}
    return HistoryDegradation(**{**chances, "keep_share": 0.0, **more})


def test_an_example_is_a_pure_function_of_its_seed():
    spoil, before, seen = HistoryDegradation(), FACE.copy(), set()
    for seed in range(60):
        one, again = (spoil.example(FACE, 1, RNG(seed)) for _ in range(2))
        assert (one.degraded == again.degraded).all()
        assert (one.target == again.target).all()
        assert one.level == again.level
        assert one.degraded.shape == one.target.shape == FACE.shape
        assert one.degraded.dtype == one.target.dtype == np.uint8
        assert 0 <= one.level <= 63
        assert one.level * 4 == int(one.level * 4)
        seen.add(one.degraded.tobytes())
    assert len(seen) > 40
    assert (before == FACE).all()


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("scale", [2, 4])
def test_reductions(kernel, scale):
    """Plain stays plain, nothing is shifted, and each kernel is another one."""
    assert (reduce(GREY, scale, kernel) == 128).all()
    ramp = np.repeat(np.uint8(np.arange(64) * 3)[None, :, None], 16, axis=0).repeat(3, axis=2)
    small = reduce(ramp, scale, kernel).astype(float)
    assert small.shape == (16 // scale, 64 // scale, 3)
    expected = 3 * (np.arange(64 // scale) * scale + (scale - 1) / 2)
    assert np.abs(small[0, 3:-3, 0] - expected[3:-3]).max() <= 1
    others = [reduce(FACE, scale, other) for other in KERNELS if other != kernel]
    assert all((reduce(FACE, scale, kernel) != other).any() for other in others)
    assert reduce(FACE[:63, :47], scale, kernel).shape == (63 // scale, 47 // scale, 3)


def test_small_pictures_are_made_by_all_kernels():
    spoil = only(kernels=("bicubic", "area"), identity_probability=1.0)
    made = {spoil.example(FACE, 2, RNG(seed)).degraded.tobytes() for seed in range(20)}
    assert made == {shrink(FACE, 2).tobytes(), reduce(FACE, 2, "area").tobytes()}
    with pytest.raises(InputError, match=r"\[P060\] degradation.kernels must be some of bicubic, area"):
        HistoryDegradation(kernels=("nearest",))


@pytest.mark.parametrize("make", [white, correlated, mosaic, blotches])
def test_kinds_of_noise(make):
    """Only white noise is white."""
    noise = make((200, 200), RNG(3))
    assert noise.shape == (200, 200, 3)
    near = np.corrcoef(noise[:, 1:, 0].ravel(), noise[:, :-1, 0].ravel())[0, 1]
    assert abs(near) < 0.03 if make is white else near > 0.05


def test_noise_has_the_deviation_that_is_asked_for():
    made = [draw_noise(np.float32(FACE), 12, RNG(seed)) for seed in range(30)]
    assert all(noise.std() == pytest.approx(12, rel=0.05) for noise in made)
    dark_and_light = np.zeros((64, 64, 3), np.float32)
    dark_and_light[:, 32:] = 128
    shares = [
        noise[:, :32].std() / noise[:, 32:].std() for noise in (draw_noise(dark_and_light, 12, RNG(s)) for s in range(60))
    ]
    assert min(shares) < 0.4 < 0.9 < max(shares)


def test_the_level_is_the_deviation_of_the_noise_and_the_target_keeps_what_is_beyond():
    for seed in range(20):
        whole = only("noise", noise=(10, 10)).example(GREY, 1, RNG(seed))
        assert (whole.target == 128).all()
        assert 0.95 * whole.degraded.std() <= whole.level <= 1.6 * whole.degraded.std() + 4
        kept = only("noise", noise=(10, 10), keep_share=1.0).example(GREY, 1, RNG(seed))
        noise, rest = kept.degraded.astype(float) - 128, kept.target.astype(float) - 128
        assert rest.std() == pytest.approx(max(0, noise.std() - kept.level), abs=0.5)
        if kept.level < 8:
            assert np.corrcoef(noise.ravel(), rest.ravel())[0, 1] > 0.9


def test_what_compression_took_of_the_noise_is_not_asked_for_again():
    spoil = only("noise", "compress", noise=(8, 8), compress=(10, 10), keep_share=1.0)
    kept = [spoil.example(GREY, 1, RNG(seed)) for seed in range(20)]
    assert max(one.target.std() for one in kept) < 6
    light = only("noise", "compress", noise=(8, 8), compress=(98, 98), keep_share=1.0)
    assert max(light.example(GREY, 1, RNG(seed)).target.std() for seed in range(20)) > 7


def test_resizing_stays_and_the_rest_is_undone():
    spoil = only("resize", resize=(0.5, 0.5))
    one = spoil.example(FACE, 1, RNG(0))
    assert (one.degraded == one.target).all()
    assert (one.target != FACE).any()
    undone = only("resize", resize=(0.5, 0.5), undo_resizing=True).example(FACE, 1, RNG(0))
    assert (undone.target == FACE).all()
    for step in ("blur", "sharpen", "compress"):
        one = only(step).example(FACE, 1, RNG(1))
        assert (one.target == FACE).all()
        assert (one.degraded != FACE).any()


def test_grey_stays_grey():
    spoil = only("noise", "resize", "sharpen", grey_probability=1.0)
    for seed in range(10):
        one = spoil.example(FACE, 1, RNG(seed))
        assert np.ptp(one.degraded.astype(int), axis=2).max() <= 1
        assert np.ptp(one.target, axis=2).max() == 0


def test_clean_pictures_are_told_to_be_noisy_now_and_then():
    examples = [
        HistoryDegradation(identity_probability=1.0, grey_probability=0).example(FACE, 1, RNG(seed)) for seed in range(99)
    ]
    assert all((one.degraded == FACE).all() and (one.target == FACE).all() for one in examples)
    assert min(one.level for one in examples) < 1 < 5 < max(one.level for one in examples)


def test_files():
    assert cv2.PSNR(webp(FACE, 10), FACE) < cv2.PSNR(webp(FACE, 90), FACE) - 3
    red = np.zeros((32, 32, 3), np.uint8)
    red[::2, :, 0] = 255
    assert cv2.PSNR(jpeg(red, 90, full_colour=True), red) > cv2.PSNR(jpeg(red, 90), red) + 3


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({"noise": (0, 61)}, "noise"),
        ({"blur": (1,)}, "blur"),
        ({"twice_probability": 2}, "twice_probability"),
        ({"keep_share": -1}, "keep_share"),
    ],
)
def test_ranges_that_cannot_be(settings, name):
    with pytest.raises(InputError, match=rf"\[P060\] degradation\.{name} must be "):
        HistoryDegradation(**settings)


def test_drawings():
    """Of flat colours and lines, many on white; each seed has its own."""
    made = [draw(48, RNG(seed)) for seed in range(60)]
    assert all((one.shape, one.dtype) == ((48, 48, 3), np.uint8) for one in made)
    assert (made[5] == draw(48, RNG(5))).all()
    assert len({one.tobytes() for one in made}) == 60
    assert sum((one == 255).all(axis=2).mean() > 0.3 for one in made) > 15
    flat = [np.mean((one[1:] == one[:-1]).all(axis=2)) for one in made]
    assert np.median(flat) > 0.6
