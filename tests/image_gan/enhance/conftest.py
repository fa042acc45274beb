import pytest
from image_samples import drawn

from image_gan.pictures import Picture, write


@pytest.fixture
def holiday(tmp_path):
    """A folder of pictures with a folder of pictures in it."""
    for name in ("a.jpg", "b.PNG", "sub/c.tiff", "sub/ü.webp"):
        path = tmp_path / "holiday" / name
        path.parent.mkdir(exist_ok=True, parents=True)
        write(path, Picture(drawn(40, 60)))
    (tmp_path / "holiday" / "notes.txt").write_text("not a picture")
    return tmp_path / "holiday"
