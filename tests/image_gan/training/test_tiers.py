import pytest

from corpora.errors import InputError
from image_gan.training.tiers import split_files, tier_files, tier_side


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


def test_the_same_faces_validate_in_every_tier(prepared, sides):
    split = {tier: split_files(tier_files(prepared, tier), prepared / tier, 0.3) for tier in sides}
    validation = {tier: [file.name for file in validation] for tier, (_, validation) in split.items()}
    assert validation["low"] == validation["medium"] == validation["high"]
    for tier, (training, validating) in split.items():
        assert sorted(training + validating) == tier_files(prepared, tier)
        assert 2 <= len(validating) <= 14
    more = split_files(tier_files(prepared, "low"), prepared / "low", 0.6)[1]
    assert set(validation["low"]) < {file.name for file in more}
    assert split_files(tier_files(prepared, "low"), prepared / "low", 1e-9)[1] == []
