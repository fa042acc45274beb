import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpora import faces
from corpora.errors import InputError
from image_gan.training.degrade import Degradation, blur, downscale, jpeg, noise, shrink, simple

FACE = faces.draw(0, 1, (66, 51))[0]
GREY = np.full((40, 50, 3), 128, np.uint8)
RNG = np.random.default_rng


def detail(picture):
    return np.abs(np.diff(picture.astype(int), axis=1)).mean()


def test_blur():
    point = np.zeros((31, 31, 3), np.uint8)
    point[15, 15] = 255
    spread = blur(point, 2.0)[..., 0].astype(float)
    places = np.arange(31) - 15
    assert np.sqrt((spread.sum(axis=0) * places**2).sum() / spread.sum()) == pytest.approx(2, abs=0.25)
    assert spread.max() == pytest.approx(255 / (2 * np.pi * 4), abs=1)
    assert (blur(GREY, 3.0) == GREY).all()
    assert blur(FACE, 0) is FACE
    assert detail(blur(FACE, 3)) < detail(blur(FACE, 0.7)) < detail(FACE)


def test_downscale():
    """The size stays; detail finer than the factor goes."""
    for factor in (1.0, 1.7, 4, 16):
        assert downscale(FACE, factor).shape == FACE.shape
        assert (downscale(GREY, factor) == GREY).all()
    assert (downscale(FACE, 1.0) == FACE).all()
    stripes = np.tile(np.uint8([0, 255]), 16)[None, :, None].repeat(32, 0).repeat(3, 2)
    assert downscale(stripes, 2.0).std() < 1
    assert downscale(FACE[:1, :1], 16).shape == (1, 1, 3)


def test_noise():
    noisy = noise(GREY, 10.0, RNG(0)).astype(float) - 128
    assert noisy.std() == pytest.approx(10, rel=0.03)
    assert abs(noisy.mean()) < 0.5
    assert abs(np.corrcoef(noisy[..., 0].ravel(), noisy[..., 1].ravel())[0, 1]) < 0.1
    bright = noise(np.full((40, 50, 3), 250, np.uint8), 30.0, RNG(0))
    assert bright.min() > 100  # clipped, not wrapped
    assert (noise(GREY, 0.0, RNG(0)) == GREY).all()


def test_jpeg():
    for quality in (1, 30.4, 100):
        got = jpeg(FACE, quality)
        data = cv2.imencode(".jpg", FACE[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, round(quality)])[1]
        assert (got == cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1]).all()
    assert cv2.PSNR(jpeg(FACE, 10), FACE) < cv2.PSNR(jpeg(FACE, 60), FACE) - 3 < cv2.PSNR(jpeg(FACE, 95), FACE) - 6
    red = np.full((16, 16, 3), (200, 30, 30), np.uint8)
    assert np.abs(jpeg(red, 95).astype(int) - red).max() < 6  # the channels stay where they are


def test_jpeg_begins_anywhere():
    """Its blocks of 8 pixels have their borders at any of eight places, in both directions, each picture at its own."""
    steps = np.add.outer(np.arange(64) * 3, np.arange(64) * 2).astype(np.uint8)[..., None].repeat(3, 2)
    places = set()
    for seed in range(60):
        got = jpeg(steps, 5, RNG(seed)).astype(int)
        assert got.shape == steps.shape
        jumps = [np.abs(np.diff(got, axis=axis)).sum(axis=(1 - axis, 2))[:56].reshape(7, 8).sum(0).argmax() for axis in (0, 1)]
        places.add(tuple(map(int, jumps)))
    assert {place for place, _ in places} == {place for _, place in places} == set(range(8))
    assert (jpeg(steps, 5) == jpeg(steps, 5)).all()


def test_resized():
    """Half of them: noise comes to have another grain, and the picture keeps its size."""
    spoil = Degradation(noise=(20, 20), identity_probability=0, resize=(0.5, 0.5))
    grains = []
    for seed in range(200):
        got = spoil(GREY, RNG(seed)).astype(float) - 128
        assert got.shape == GREY.shape
        grains.append(np.corrcoef(got[:, 1:, 0].ravel(), got[:, :-1, 0].ravel())[0, 1])
    assert sum(grain > 0.5 for grain in grains) == pytest.approx(100, abs=20)
    assert all(grain > 0.5 or abs(grain) < 0.2 for grain in grains)
    assert Degradation(identity_probability=0, resize=(2, 2))(FACE, RNG(0)) is FACE


EVERY = {"blur": (1, 2), "downscale": (2, 3), "noise": (5, 9), "jpeg": (20, 40)}


@pytest.mark.parametrize("kind", list(EVERY))
def test_each_kind_on_its_own(kind):
    """It is the kind, with a number from its range; the picture that comes in stays as it is."""
    spoil = Degradation(**{kind: EVERY[kind]}, identity_probability=0)
    before, few = FACE.copy(), set()
    for seed in range(8):
        got = spoil(FACE, RNG(seed))
        assert (got.shape, got.dtype) == (FACE.shape, np.uint8)
        assert (got == spoil(FACE, RNG(seed))).all()
        assert (got != FACE).any()
        few.add(got.tobytes())
    assert len(few) > 4
    assert (before == FACE).all()
    at = Degradation(**{kind: (EVERY[kind][0],) * 2}, identity_probability=0)(FACE, RNG(1))
    if kind in ("blur", "downscale"):  # the others draw more
        assert (at == {"blur": blur, "downscale": downscale}[kind](FACE, EVERY[kind][0])).all()


def test_shares(monkeypatch):
    """Of 2000 pictures: how many stay clean, get one kind, or two and more; how many lose their colour; where numbers lie."""
    met = []
    for kind, function in simple._KINDS.items():

        def noted(picture, value, rng, kind=kind, function=function):
            met[-1][kind] = value
            return function(picture, value, rng)

        monkeypatch.setitem(simple._KINDS, kind, noted)
    spoil, small, grey = (
        Degradation(**EVERY, identity_probability=0.2, single_probability=0.5, grey_probability=0.3),
        FACE[20:24, 20:24],
        0,
    )
    assert np.ptp(small, axis=2).any()
    for seed in range(2000):
        met.append({})
        made = spoil(small, RNG(seed))
        grey += not met[-1] and not np.ptp(made, axis=2).any()
    many = [len(kinds) for kinds in met]
    assert many.count(0) / 2000 == pytest.approx(0.2, abs=0.03)
    assert many.count(1) / 2000 == pytest.approx(0.4, abs=0.03)
    assert grey / many.count(0) == pytest.approx(0.3, abs=0.07)
    assert all(many.count(number) > 200 for number in (2, 3, 4))
    assert all(list(kinds) == [kind for kind in EVERY if kind in kinds] for kinds in met)  # as a camera does it
    for kind, (low, high) in EVERY.items():
        values = [kinds[kind] for kinds in met if kind in kinds]
        assert low <= min(values) < low + 0.02 * (high - low)
        assert high - 0.02 * (high - low) < max(values) <= high


def test_random_order():
    some = [Degradation(**EVERY, identity_probability=0, single_probability=0, random_order=order) for order in (False, True)]
    assert any((some[0](FACE, RNG(seed)) != some[1](FACE, RNG(seed))).any() for seed in range(5))


def test_none_and_grey():
    assert Degradation()(FACE, RNG(0)) is FACE
    grey = Degradation(grey_probability=1)(FACE, RNG(0))
    assert (grey == cv2.cvtColor(FACE, cv2.COLOR_RGB2GRAY)[..., None]).all()


WRONG = [
    {"blur": (-1, 2)},
    {"blur": (2, 1)},
    {"blur": (0, 21)},
    {"blur": (1,)},
    {"blur": (1, 2, 3)},
    {"blur": (float("nan"), 1)},
    {"downscale": (0.5, 2)},
    {"downscale": (1, 17)},
    {"noise": (0, 256)},
    {"jpeg": (0, 50)},
    {"jpeg": (50, 101)},
    {"resize": (0.2, 1)},
    {"grey_probability": -0.1},
    {"identity_probability": 1.1},
    {"single_probability": float("nan")},
]


@pytest.mark.parametrize("settings", WRONG)
def test_ranges_that_cannot_be(settings):
    with pytest.raises(InputError, match=rf"^\[P060\] degradation\.{next(iter(settings))} must be "):
        Degradation(**settings)


def imresize(picture, scale):
    """MATLAB's imresize with its default, bicubic and antialiased, written out: rows, then columns."""

    def cubic(x):
        x = abs(x)
        return (1.5 * x**3 - 2.5 * x**2 + 1) * (x <= 1) + (-0.5 * x**3 + 2.5 * x**2 - 4 * x + 2) * ((x > 1) & (x <= 2))

    result = picture.astype(float)
    for axis in (0, 1):
        length = result.shape[axis]
        rows = []
        for place in range(length // scale):
            centre = (place + 0.5) * scale - 0.5
            taps = np.arange(int(np.floor(centre - 2 * scale)), int(np.ceil(centre + 2 * scale)) + 1)
            weights = cubic((taps - centre) / scale)
            mirrored = np.concatenate([np.arange(length), np.arange(length)[::-1]])[taps % (2 * length)]
            rows.append(np.tensordot(weights / weights.sum(), result.take(mirrored, axis), (0, axis)))
        result = np.stack(rows, axis)
    return np.clip(np.rint(result), 0, 255)


@pytest.mark.parametrize("scale", [2, 4])
@given(st.integers(4, 30), st.integers(4, 30), st.integers(0, 2**32))
def test_shrink_is_imresize(scale, height, width, seed):
    picture = RNG(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    small = shrink(picture, scale)
    assert small.shape == (height // scale, width // scale, 3)
    expected = imresize(picture[: height // scale * scale, : width // scale * scale], scale)
    if height % scale == width % scale == 0:
        assert np.abs(small - expected).max() <= 1  # rounding of what lies half-way
        assert (small != expected).mean() < 0.01
