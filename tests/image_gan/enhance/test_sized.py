import cv2
import numpy as np
import pytest
from image_samples import drawn, largest_difference

from corpora.errors import InputError
from image_gan import Enhancer, Size, SizedEnhancer
from image_gan.pictures import Picture


@pytest.mark.parametrize(
    ("size", "model", "expected"),
    [
        (Size(scale=1), "restore", (60, 40)),
        (Size(scale=0.5), "restore", (30, 20)),
        (Size(scale=1.5), "x2", (90, 60)),
        (Size(scale=2), "x2", (120, 80)),
        (Size(scale=3.5), "x4", (210, 140)),
        (Size(width=121), "x4", (121, 81)),
        (Size(height=80), "x2", (120, 80)),
        (Size(fit=(100, 100)), "x2", (100, 67)),
        (Size(fit=(30, 100)), "restore", (30, 20)),
    ],
)
def test_sizes(size, model, expected):
    enhancer, picture = SizedEnhancer(size, precision="float32"), Picture(drawn(40, 60), drawn(40, 60, 1)[..., 0])
    made = enhancer.enhance(picture)
    assert (made.pixels.shape[1::-1], made.alpha.shape[::-1]) == (expected, expected)
    assert enhancer.card_for(60, 40).name == model
    whole = Enhancer(model, precision="float32").enhance(picture)
    assert not largest_difference(made.pixels, cv2.resize(whole.pixels, expected, interpolation=cv2.INTER_AREA))


def test_the_next_larger_model_of_a_look():
    enhancer = SizedEnhancer(Size(fit=(50, 50)), look="crisp")
    assert enhancer.card is None
    assert [enhancer.card_for(side, side).name for side in (100, 50, 25, 20, 13)] == [*["x2_crisp"] * 3, "x4_crisp", "x4_crisp"]


def test_a_model_of_ones_own(model_files):
    enhancer = SizedEnhancer(Size(scale=1.5), model=model_files[2])
    assert enhancer.enhance(Picture(drawn(40, 60))).pixels.shape == (60, 90, 3)
    assert SizedEnhancer(model=model_files[4]).enhance(Picture(drawn(40, 60))).pixels.shape == (160, 240, 3)
    with pytest.raises(InputError, match=r"P093.*enlarged by 2.5: the limit is 2"):
        SizedEnhancer(Size(scale=2.5), model=model_files[2])


@pytest.mark.parametrize("scale", [0, -1, 4.1, float("nan"), float("inf")])
def test_scales_that_cannot_be(scale):
    with pytest.raises(InputError, match=r"P060.*scale must be above 0 and at most 4"):
        Size(scale=scale).check()


@pytest.mark.parametrize(
    ("size", "code"),
    [(Size(), "P092"), (Size(scale=2, width=5), "P092"), (Size(width=0), "P060"), (Size(fit=(0, 5)), "P060")],
)
def test_sizes_that_cannot_be(size, code):
    with pytest.raises(InputError, match=code):
        size.check()


def test_what_is_too_small_for_a_size_is_refused_alone():
    enhancer = SizedEnhancer(Size(width=200))
    with pytest.raises(InputError, match=r"P093.*by 20: the limit is 4"):
        enhancer.enhance(Picture(np.zeros((10, 10, 3), np.uint8)))
    assert enhancer.enhance(Picture(np.zeros((50, 100, 3), np.uint8))).pixels.shape == (100, 200, 3)


def test_looks_that_are_not():
    for size, look in ((Size(scale=1), "crisp"), (Size(width=9), "odd")):
        with pytest.raises(InputError, match="P084"):
            SizedEnhancer(size, look=look)
