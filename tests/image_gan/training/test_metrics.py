import math

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpora.errors import InputError
from image_gan.training.metrics import fine_energy, flat_parts, high_pass_deviation, luma, psnr, psnr_y, ssim

RNG = np.random.default_rng(3)
FIRST = cv2.GaussianBlur(RNG.integers(0, 256, (40, 50, 3), dtype=np.uint8), (0, 0), 2)
SECOND = np.clip(FIRST + RNG.normal(0, 12, FIRST.shape), 0, 255).astype(np.uint8)


def test_psnr_of_a_known_difference():
    zeros = np.zeros((4, 5, 3), np.uint8)
    assert psnr(zeros, zeros + np.uint8(255)) == 0
    assert psnr(zeros, zeros + np.uint8(1)) == pytest.approx(48.1308, abs=1e-4)  # 20 log10 255
    assert psnr(zeros / 255, (zeros + 1) / 255, peak=1.0) == pytest.approx(48.1308, abs=1e-4)
    assert psnr(zeros.astype(np.uint16), np.uint16(257) + zeros, peak=65535) == pytest.approx(48.1308, abs=1e-4)
    assert psnr(zeros, zeros) == math.inf
    assert psnr(FIRST, SECOND) == pytest.approx(cv2.PSNR(FIRST, SECOND), abs=1e-9)


def test_a_difference_does_not_wrap():
    """200 less 201 is -1, not 255, whichever comes first."""
    dark, light = np.full((3, 3), 200, np.uint8), np.full((3, 3), 201, np.uint8)
    assert psnr(dark, light) == psnr(light, dark) > 48


@pytest.mark.parametrize(
    ("rgb", "y"),
    [((0, 0, 0), 16), ((255, 255, 255), 235), ((255, 0, 0), 81.481), ((0, 255, 0), 144.553), ((0, 0, 255), 40.966)],
)
def test_luma_in_the_order_rgb(rgb, y):
    assert luma(np.array([[rgb]], np.uint8)) == pytest.approx(y, abs=1e-9)
    assert luma(np.full((1, 1, 1), 100)) == pytest.approx(luma(np.full((1, 1, 3), 100)))


def test_psnr_y_is_of_what_is_inside_the_border():
    second = FIRST.copy()
    second[2:-2, 2:-2] = np.minimum(FIRST[2:-2, 2:-2], 254) + 1
    second[:2] = 0
    first = np.minimum(FIRST, 254)
    step = 219 / 255  # one grey level, in studio range
    assert psnr_y(first, second, 2) == pytest.approx(20 * math.log10(255 / step), abs=1e-6)
    assert psnr_y(first, second, 0) < 25


@pytest.mark.parametrize("crop", [0, 2, 4])
def test_as_papers_on_super_resolution_score(crop):
    """Y in 16..235, a peak of 255, the border left out of PSNR and SSIM alike; written down anew from their definitions."""
    weights = (65.481, 128.553, 24.966)
    planes = [16 + sum(w * picture[..., c].astype(float) for c, w in enumerate(weights)) / 255 for picture in (FIRST, SECOND)]
    x, y = (plane[crop : 40 - crop, crop : 50 - crop] for plane in planes)
    assert psnr_y(FIRST, SECOND, crop) == pytest.approx(20 * math.log10(255 / math.sqrt(np.mean((x - y) ** 2))), abs=1e-9)
    assert ssim(x, y) == pytest.approx(plain_ssim(x, y), abs=1e-9)


def plain_ssim(x, y):
    """The formula of 2004, window by window."""
    offsets = np.arange(11) - 5
    weights = np.exp(-(offsets[:, None] ** 2 + offsets[None] ** 2) / (2 * 1.5**2))
    weights /= weights.sum()
    scores = []
    for top in range(x.shape[0] - 10):
        for left in range(x.shape[1] - 10):
            a, b = (plane[top : top + 11, left : left + 11] for plane in (x, y))
            ma, mb = (weights * a).sum(), (weights * b).sum()
            va, vb = (weights * (a - ma) ** 2).sum(), (weights * (b - mb) ** 2).sum()
            cov = (weights * (a - ma) * (b - mb)).sum()
            scores.append((2 * ma * mb + 6.5025) * (2 * cov + 58.5225) / ((ma**2 + mb**2 + 6.5025) * (va + vb + 58.5225)))
    return np.mean(scores)


def test_ssim_of_known_pictures():
    black, white = np.zeros((20, 20), np.uint8), np.full((20, 20), 255, np.uint8)
    assert ssim(FIRST, FIRST) == pytest.approx(1)
    assert ssim(black, white) == pytest.approx(6.5025 / (255**2 + 6.5025), rel=1e-6)  # flat: the term of means alone
    assert ssim(FIRST, SECOND) == pytest.approx(np.mean([plain_ssim(FIRST[..., c] * 1.0, SECOND[..., c]) for c in range(3)]))
    assert ssim(FIRST / 255, SECOND / 255, peak=1.0) == pytest.approx(ssim(FIRST, SECOND))


@given(st.integers(11, 30), st.integers(11, 30), st.sampled_from([(), (1,), (3,)]), st.integers(0, 99))
def test_ssim_is_symmetric_and_at_most_one(height, width, channels, seed):
    first, second = np.random.default_rng(seed).integers(0, 256, (2, height, width, *channels), dtype=np.uint8)
    assert ssim(first, second) == pytest.approx(ssim(second, first))
    assert ssim(first, second) < 1
    assert ssim(first, first) == pytest.approx(1)


def test_refuses_what_cannot_be_compared():
    with pytest.raises(InputError, match=r"P020.*\(40, 50, 3\) and \(40, 50\)"):
        psnr(FIRST, FIRST[..., 0])
    with pytest.raises(InputError, match=r"P021.*11 pixels per side"):
        ssim(FIRST[:10], SECOND[:10])
    with pytest.raises(InputError, match=r"P021.*41 pixels per side"):
        psnr_y(FIRST, SECOND, 20)
    with pytest.raises(InputError, match="P021"):
        psnr(FIRST[:0], FIRST[:0])


def half_flat():
    """Flat on the left, noise on the right."""
    picture = np.full((96, 192, 3), 128, np.uint8)
    picture[:, 96:] = np.random.default_rng(0).integers(0, 256, (96, 96, 1))
    return picture


def with_mesh(picture):
    """Every other pixel of every other row is lighter by 8 levels."""
    picture = picture.copy()
    picture[::2, ::2] = np.minimum(picture[::2, ::2], 247) + np.uint8(8)
    return picture


def test_flat_parts_are_the_flattest_fifth():
    flat = flat_parts(half_flat())
    assert flat[:, :80].all()  # as flat as the flattest: more than a fifth
    assert not flat[:, 100:].any()


def test_a_mesh_is_seen_where_the_original_is_flat():
    real = half_flat()
    flat = flat_parts(real)
    assert high_pass_deviation(real, flat) < 1e-3 > fine_energy(real, flat)
    meshed = with_mesh(real)
    means = [8 - 8 * 9 / 25, 8 * 6 / 25, 8 * 6 / 25, 8 * 4 / 25]  # of 5 x 5 pixels, 9, 6, 6 or 4 are lighter by 8
    assert high_pass_deviation(meshed, flat) == pytest.approx(np.sqrt(np.mean(np.square(means))), rel=0.03)
    assert fine_energy(meshed, flat) > 1
    assert fine_energy(cv2.GaussianBlur(meshed, (0, 0), 2), flat) < 0.01
    assert high_pass_deviation(meshed, ~flat) == pytest.approx(high_pass_deviation(real, ~flat), rel=0.1)  # noise hides it


def test_fine_energy_of_pictures_without_a_block_is_0():
    picture = with_mesh(half_flat())[:31]
    assert fine_energy(picture, np.ones(picture.shape[:2], bool)) == 0


@pytest.mark.parametrize("measure", [high_pass_deviation, fine_energy])
def test_places_of_another_picture_are_refused(measure):
    with pytest.raises(InputError, match="P020"):
        measure(FIRST, np.ones((3, 3), bool))
