import numpy as np
from image_samples import drawn

from image_gan.enhance.comparison import strip
from image_gan.enhance.pages import figure, note
from image_gan.pictures import Picture


def test_strip():
    before, after = Picture(drawn(20, 30, 1), icc=b"grey"), Picture(drawn(40, 60, 1).astype(np.uint16) * 257, icc=b"grey")
    before = Picture(before.pixels.astype(np.uint16) * 257)
    made = strip(before, after)
    assert made.pixels.shape == (40, 122, 1)
    assert np.array_equal(made.pixels[:, 62:], after.pixels)
    assert (made.pixels[:, 60:62] == 65535).all()
    assert made.icc == b"grey"
    clear = strip(Picture(drawn(40, 60), drawn(40, 60, 1)[..., 0] * 0), Picture(drawn(40, 60)))
    assert (clear.pixels[:, :62] == 255).all()


def test_names_are_escaped():
    picture = Picture(drawn(4, 6))
    assert "<b>&lt;i&gt;a</b> <span>6 × 4 → 6 × 4 · model m</span>" in figure("<i>a", picture, picture, ["model m"])
    assert note("<i>a", "b & c") == "<p><b>&lt;i&gt;a</b> b &amp; c</p>\n"
