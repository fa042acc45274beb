"""The estimate of noise; and what the model that ships makes of grain, however much of it is to go."""

import cv2
import numpy as np
import pytest
from image_samples import drawn

from corpora.errors import InputError
from image_gan import Enhancer
from image_gan.enhance.models import shipped
from image_gan.enhance.noise_level import estimate_noise, level_for
from image_gan.training.degrade import jpeg

DENOISE = ("auto", 0, 0.25, 0.5, 0.75, 1)
is_told = pytest.mark.skipif(not shipped()["restore"].noise_level, reason="the model that ships is not told levels")


def grain(picture, deviation, blurred, seed=0, channels=3):
    """With noise of this deviation after it was blurred; of one channel it is grey."""
    noise = np.random.default_rng(seed).standard_normal((*picture.shape[:2], channels), np.float32)
    if blurred:
        noise = cv2.GaussianBlur(noise, (0, 0), blurred, borderType=cv2.BORDER_REFLECT).reshape(noise.shape)
    return np.clip(np.rint(picture + noise * (deviation / noise.std())), 0, 255).astype(np.uint8)


def flat(value=128, side=128):
    return np.full((side, side, 3), value, np.uint8)


@pytest.mark.parametrize("blurred", [0, 0.7, 1.0])
@pytest.mark.parametrize("deviation", [2, 6, 12, 30])
def test_grain_fine_and_coarse_is_measured(deviation, blurred):
    """Also on slopes, in a picture half of which has detail, in one channel and in 16 bits."""
    slope = np.clip(np.add.outer(np.arange(160) * 0.7, np.arange(160) * 0.5) + 30, 0, 255)[..., None].repeat(3, 2)
    slope[:, 80:] = cv2.resize(drawn(160, 160), (160, 160))[:, 80:]
    for picture in (flat(), slope):
        assert estimate_noise(grain(picture, deviation, blurred)) == pytest.approx(deviation, rel=0.25)
    grey = grain(flat(), deviation, blurred)[..., :1]
    assert estimate_noise(grey) == pytest.approx(deviation, rel=0.25)
    assert estimate_noise(grey.astype(np.uint16) * 257) == pytest.approx(estimate_noise(grey), rel=0.01)


def test_what_has_no_grain():
    slope = np.add.outer(np.arange(96), np.arange(96))[..., None].repeat(3, 2).astype(np.uint8)
    for picture in (flat(), flat(255), flat(0), slope, np.zeros((15, 400, 3), np.uint8)):
        assert estimate_noise(picture) < 0.5
        assert level_for(picture, "auto") == level_for(picture, 0) == 0
    page = flat(255)
    page[::16] = page[:, 40:44] = 0
    assert estimate_noise(page) == 0


def test_how_much_is_to_go():
    noisy, fine = grain(flat(), 12, 0.8), grain(flat(), 0.8, 0)
    whole = estimate_noise(noisy)
    assert level_for(noisy, "auto") == level_for(noisy, 1) == whole
    assert level_for(noisy, 0.5) == whole / 2
    assert level_for(noisy, 0) == 0
    assert level_for(fine, "auto") < 0.3 < 0.8 < level_for(fine, 1)


@pytest.fixture(scope="module")
def enhancers():
    """The model that ships, told to remove more or less."""
    return {denoise: Enhancer("restore", denoise=denoise) for denoise in DENOISE}


@is_told
@pytest.mark.parametrize("channels", [3, 1])
@pytest.mark.parametrize("blurred", [0, 0.7, 0.8, 1.0])
@pytest.mark.parametrize("deviation", [2, 6, 12, 25])
def test_nothing_comes_out_noisier(deviation, blurred, channels, enhancers):
    """And less with each step; what is to be kept is kept."""
    picture = grain(flat(side=96), deviation, blurred, channels=channels)
    left = {denoise: enhancer(picture).std() for denoise, enhancer in enhancers.items()}
    before = picture.std()
    assert max(left.values()) <= before
    assert left[1] <= left[0.5] <= left[0]
    if deviation >= 6:
        assert left["auto"] <= before / 2
        assert left[0] > 0.75 * before


@is_told
def test_0_still_removes_the_traces_of_compression():
    smooth = cv2.GaussianBlur(drawn(96, 112, seed=3), (0, 0), 2)
    blocky = jpeg(smooth, 15)
    assert cv2.PSNR(Enhancer("restore", denoise=0)(blocky), smooth) > cv2.PSNR(blocky, smooth) + 0.5


@pytest.mark.parametrize("denoise", [-0.1, 1.1, "much", float("nan")])
def test_refuses_other_shares(denoise):
    with pytest.raises(InputError, match=r"\[P060\] denoise must be auto, or from 0 to 1"):
        Enhancer("restore", denoise=denoise)


def test_a_model_that_is_not_told_levels(model_files):
    enhancer = Enhancer(model_files[2])
    assert enhancer.noise_level(flat()) == 0
    with pytest.raises(InputError, match=r"\[P095\] the model 'x2' takes no level of noise"):
        Enhancer(model_files[2], denoise=0.5)
