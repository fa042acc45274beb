import pytest

from corpora.errors import InputError
from image_gan.training import data as data_module
from image_gan.training.data import TrainingData, list_pictures


def data(config, **more):
    """For networks of scale 1 that take any even size, on one device."""
    return TrainingData(
        config, list_pictures(config), **{"scale": 1, "size_multiple": 2, "critic_conditions": 0, "parts": 1, **more}
    )


MISFITS = [
    ({"paths.train": "none"}, {}, r"\[P061\] there are no prepared pictures in none: `palate images prepare"),
    ({"schedule.low.crop": 15}, {}, r"\[P060\] schedule.low.crop must be a multiple of 2, for these networks. Received: 15"),
    ({"schedule.low.batch": 3}, {"parts": 2}, r"\[P060\] schedule.low.batch must be a multiple of the 2 devices. Received: 3"),
    ({"schedule.high.crop": 40}, {}, r"\[P065\] .*high.*png is 32x39, smaller than the crop of 40: lower the crop"),
    (
        {"training.validation_split": 1e-9},
        {},
        r"split must be such that of the 24 pictures of tier high some validate and some",
    ),
    ({"training.validation_split": 1 - 1e-9}, {}, r"split must be such that of the 24 pictures of tier low some validate"),
    ({"paths.validation": "none"}, {}, r"\[P061\] there are no prepared pictures in none"),
    ({}, {"critic_conditions": 2}, r"\[P060\] critic.conditions, where paths.conditions names no file, must be 0. Received: 2"),
    ({"paths.conditions": "none"}, {}, r"\[P064\] none: there is no such file; `palate images topics"),
]


@pytest.mark.parametrize(("wrong", "more", "message"), MISFITS)
def test_what_does_not_fit(wrong, more, message, overrides, load):
    with pytest.raises(InputError, match=message):
        data(load(overrides, wrong), **more)


def test_tiers_that_are_missing(overrides, load, prepared, tmp_path):
    (tmp_path / "low").symlink_to(prepared / "low")
    config = load(overrides, **{"paths.train": str(tmp_path)})
    with pytest.raises(InputError, match=r"\[P061\] there are no prepared pictures in"):  # no tiers.json
        data(config)
    (tmp_path / "tiers.json").write_bytes((prepared / "tiers.json").read_bytes())
    with pytest.raises(InputError, match=r"\[P062\] tier medium of .* is empty: .* or set \[schedule.medium\] to null"):
        data(config)


def test_others_may_validate(least, load, prepared):
    """Then all pictures are trained on."""
    own = data(load(least, **{"training.validation_pictures": 100}))
    validating, training = own.validation()[0], own.batches("low").files
    assert len(validating) + len(training) == 24
    assert 0 < len(validating) < 24
    others = data(load(least, **{"paths.validation": str(prepared), "training.validation_pictures": 100}))
    assert len(others.validation()[0]) == len(others.batches("low").files) == 24


def test_folders_are_listed_once(overrides, load, monkeypatch):
    listed, tier_files = [], data_module.tier_files
    monkeypatch.setattr(data_module, "tier_files", lambda folder, tier: listed.append(tier) or tier_files(folder, tier))
    pictures = data(load(overrides))
    for tier in ("low", "medium", "high"):
        for _ in range(3):
            pictures.batches(tier).batch(0)
        pictures.validation()
    assert listed == ["low", "medium", "high"]


def test_phases_of_a_tier_share_its_batches(overrides, load):
    """And with them the pictures that were decoded; the next tier lets them go."""
    pictures = data(load(overrides))
    low = pictures.batches("low")
    assert pictures.batches("low") is low
    assert pictures.batches("medium").crop == 24
    assert pictures.batches("low") is not low
