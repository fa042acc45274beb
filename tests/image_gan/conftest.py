"""Fixtures: drawn faces in three small tiers, a config of tiny networks, a run trained with it."""

import os

import pytest

from corpora import faces

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
SIDES = {"low": 16, "medium": 24, "high": 32}


@pytest.fixture(autouse=True)
def float32():
    """What one test trains in is not what the next one builds in."""
    import keras

    yield
    keras.config.set_dtype_policy("float32")


@pytest.fixture(scope="session")
def prepared(tmp_path_factory):
    """24 drawn faces."""
    from image_gan.dataset import prepare

    root = tmp_path_factory.mktemp("pictures")
    faces.write(root / "faces", 30)
    prepare([root / "faces"], root / "prepared", sides=SIDES)
    return root / "prepared"
