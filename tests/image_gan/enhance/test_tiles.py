from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from image_gan.enhance.tiles import EDGE, Span, cut_side, fade_over, overlap_of


@given(
    st.integers(1, 3000), st.integers(1, 900), st.sampled_from([1, 4, 8, 16, 48]), st.integers(0, 150), st.integers(0, 10**6)
)
def test_tiles_cover_a_side_once(length, longest, multiple, receptive_field, seed):
    overlap = overlap_of(receptive_field, multiple)
    side, spans = cut_side(length, max(longest, 2 * overlap), overlap, multiple)
    assert side % multiple == 0
    assert spans[0].begin == spans[0].ramp == 0
    assert spans[0].start == -EDGE
    assert spans[-1].end == length
    assert length + EDGE <= spans[-1].start + side < length + EDGE + multiple
    for span in spans:
        assert (span.start + EDGE) % multiple == 0
        assert span.start <= span.begin < span.end <= span.start + side
    for first, second in pairwise(spans):
        assert first.end - second.begin == second.ramp == 8
        assert second.begin - second.start >= receptive_field
        assert first.start + side - first.end >= receptive_field


@given(st.integers(-8, 40), st.integers(1, 60), st.integers(1, 30))
def test_beyond_its_border_a_picture_is_mirrored(start, side, length):
    positions = Span(start, 0, 0, 0).positions(side, length)
    expected = np.pad(np.arange(length), (8, 100), "symmetric")[8 + start : 8 + start + side]
    assert positions.tolist() == expected.tolist()


def test_one_tile_gives_way_to_the_next():
    output, before = np.full((10, 2, 1), 200, np.uint8), np.full((8, 2, 1), 40, np.uint8)
    fade_over(output, before)
    assert output[:, 0, 0].tolist() == [50, 70, 90, 110, 130, 150, 170, 190, 200, 200]
    fade_over(output, before[:0])
    assert output[0, 0, 0] == 50
