"""Fixtures for the tests of `palate enhance`."""

import pytest
from enhance_helpers import drawn
from picture_files import saved

from image_gan.enhance import models


@pytest.fixture
def shop(model_files, monkeypatch):
    """Models ship."""
    monkeypatch.setattr(models, "WEIGHTS", model_files[1].parent)


@pytest.fixture
def photo(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "photo.jpg").write_bytes(saved(drawn(), "jpeg"))
    return tmp_path / "photo.jpg"
