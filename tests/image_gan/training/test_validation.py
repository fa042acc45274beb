import numpy as np
import pytest

from image_gan.pictures import read
from image_gan.training.validation import Validated, Validation


class PlainGan:
    """Adds nothing to a picture; the distance is the mean difference."""

    def enhance(self, degraded):
        return degraded.astype(np.float32) / 255

    def distance(self, output, target):
        return np.abs(output - target / np.float32(255)).mean()


@pytest.fixture
def pair():
    rng = np.random.default_rng(0)
    target = rng.integers(60, 200, (6, 16, 16, 3), np.uint8)
    return np.uint8(target + rng.integers(-30, 30, target.shape)), target


def test_pictures_that_were_left_as_they_are_do_not_count(pair):
    """With 100 dB they would drown the others."""
    degraded, target = pair
    one = Validation(PlainGan(), degraded[:1], target[:1]).run(with_distance=False).psnr
    mixed = Validation(PlainGan(), np.concatenate([degraded[:1], target[1:2]]), target[:2])
    assert mixed.run(with_distance=False).psnr == pytest.approx(one, abs=1e-4)
    assert Validation(PlainGan(), target[:1], target[:1]).run(with_distance=False).psnr == 100


def test_the_distance_is_the_mean_over_all_pictures(pair):
    """Whatever parts they are enhanced in."""
    found = Validation(PlainGan(), *pair).run(with_distance=True)
    difference = np.abs(pair[0].astype(float) - pair[1]) / 255
    assert found.distance == pytest.approx(difference.mean(), abs=1e-5)
    assert np.array_equal(found.outputs, pair[0])


def test_the_metric():
    found = Validated(30.0, 0.25, np.empty(0), 1.0)
    assert (found.metric("psnr"), found.metric("feature")) == (30.0, -0.25)
    assert Validated(30.0, None, np.empty(0), 1.0).metric("feature") == 30.0


def test_samples_show_degraded_output_and_target(pair, tmp_path):
    degraded, target = pair
    validation = Validation(PlainGan(), degraded[:, ::2, ::2], target)
    validation.write_samples(tmp_path / "a.png", target)
    sample = read(tmp_path / "a.png").pixels
    assert sample.shape == (4 * 16, 3 * 16, 3)
    assert np.array_equal(sample[:16:2, :16:2], degraded[0, ::2, ::2])
    assert np.array_equal(sample[16:32, 16:32], target[1])
    assert np.array_equal(sample[48:, 32:], target[3])
