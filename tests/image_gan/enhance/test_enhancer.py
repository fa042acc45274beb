import gc
import os
import subprocess
import sys
import weakref
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import onnx
import pytest
from image_samples import drawn, largest_difference, plainly_enlarged

from corpora.errors import InputError, RunError
from image_gan import Enhancer
from image_gan.enhance.engines import OpenVinoEngine
from image_gan.enhance.model_file import write_model
from image_gan.enhance.models import load_model, shipped
from image_gan.enhance.tiles import overlap_of
from image_gan.pictures import Picture
from image_gan.training.degrade import jpeg, noise

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
SCALES = (1, 2, 4)


def run(script, *args, timeout=300, **more):
    """A script in a process of its own, without OpenVINO's converter, which takes longer to import than all the rest."""
    script = "import sys; sys.modules['openvino.tools.ovc'] = None\n" + script
    command = [sys.executable, "-c", script, *map(str, args)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=timeout, **more)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


# What comes out


@pytest.mark.parametrize("scale", SCALES)
def test_tiles_leave_no_seams(scale, model_files):
    picture = drawn(200, 170)
    whole = Enhancer(model_files[scale], tile=4000)(picture)
    for tile in (1, 64, 100, 128, 160):
        assert largest_difference(Enhancer(model_files[scale], tile=tile)(picture), whole) <= 1, tile


@pytest.mark.parametrize("name", shipped())
def test_models_that_ship_leave_no_seams(name):
    """With the smallest tile, and with one that is a little larger."""
    smallest = 2 * overlap_of(shipped()[name].receptive_field, shipped()[name].size_multiple)
    picture = drawn(smallest + 105, smallest + 95)
    whole = Enhancer(name, tile=4000)(picture)
    for tile in (1, smallest + 60):
        assert largest_difference(Enhancer(name, tile=tile)(picture), whole) <= 1


def test_restore_takes_jpeg_of_any_grid():
    """Turned, cropped and shifted pictures have their blocks anywhere."""
    whole = drawn(96, 112, seed=3)
    smooth = cv2.GaussianBlur(whole, (0, 0), 2)
    degraded = jpeg(noise(smooth, 15, np.random.default_rng(0)), 70)
    enhancer = Enhancer("restore")
    for top, left in ((0, 0), (0, 1), (3, 0), (3, 5), (6, 2)):
        before, after = degraded[top:, left:], enhancer(degraded[top:, left:])
        assert cv2.PSNR(after, smooth[top:, left:]) > cv2.PSNR(before, smooth[top:, left:]) + 2


@pytest.mark.parametrize(("name", "most"), [("restore", 2), ("x2", 2), ("x2_crisp", 2), ("x4", 6), ("x4_crisp", 4)])
def test_plain_colours_stay_what_they_are_up_to_the_border(name, most):
    enhancer = Enhancer(name)
    for colour in ((255, 0, 0), (0, 255, 0), (255, 0, 255), (0, 0, 0), (255, 255, 255)):
        output = enhancer(np.broadcast_to(np.uint8(colour), (40, 30, 3)))
        assert np.abs(output.astype(int) - colour).max() <= most, colour


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_strength_0_is_the_picture_or_its_plain_enlargement(dtype, scale, model_files):
    enhancer = Enhancer(model_files[scale], strength=0, tile=128)
    for shape in ((1, 1, 3), (1, 1), (3, 700, 3), (500, 2, 1), (33, 47, 1), (33, 47)):
        picture = drawn(*shape[:2], *(shape[2:] or (1,)), dtype=dtype).reshape(shape)
        output = enhancer(picture)
        assert output.shape == (shape[0] * scale, shape[1] * scale, *shape[2:])
        flat = output.reshape(*output.shape[:2], -1)
        assert largest_difference(flat, plainly_enlarged(picture, scale)) <= (scale > 1), shape  # a half rounds either way


def test_strength_is_linear(model_files):
    picture = drawn() // 3 + 85  # nothing is clipped
    none, half, whole = (Enhancer(model_files[1], strength=s, precision="float32")(picture) for s in (0, 0.5, 1))
    assert largest_difference(half, np.rint((none.astype(float) + whole) / 2).astype(np.uint8)) <= 1


def test_16_bits_are_8_bits_and_more(model_files):
    """What the network adds is the same; the picture keeps what 8 bits do not hold."""
    picture = drawn()
    enhancer = Enhancer(model_files[1], precision="float32")
    assert largest_difference(np.rint(enhancer(picture.astype(np.uint16) * 257) / 257).astype(np.uint8), enhancer(picture)) <= 1
    lighter = [Enhancer(model_files[1], strength=0.1, precision="float32")(np.full((40, 40), 20_000 + k, "u2")) for k in (0, 9)]
    assert 8 <= np.diff(np.stack(lighter).astype(int), axis=0).mean() <= 10


def test_grey_is_luma_of_three_equal_channels(model_files):
    grey = drawn(channels=1) // 2 + 60
    enhancer = Enhancer(model_files[2], precision="float32")
    colours = enhancer(np.repeat(grey, 3, axis=2))
    assert largest_difference(enhancer(grey)[..., 0], cv2.cvtColor(colours, cv2.COLOR_RGB2GRAY)) <= 1


@pytest.mark.parametrize("scale", SCALES)
def test_what_is_hidden_does_not_leak(scale, model_files):
    alpha = np.zeros((60, 80), np.uint8)
    alpha[20:40, 30:60] = np.arange(10, 240, 23).repeat(3)
    pictures = []
    for hidden in (0, 255):
        pixels = drawn(60, 80)
        pixels[alpha == 0] = hidden
        pictures.append(Enhancer(model_files[scale]).enhance(Picture(pixels, alpha, exif=b"Exif..", dpi=(72, 72))))
    assert not largest_difference(pictures[0].pixels, pictures[1].pixels)
    assert not largest_difference(pictures[0].alpha[..., None], plainly_enlarged(alpha, scale)) or scale > 1
    assert pictures[0].alpha.shape == (60 * scale, 80 * scale)
    assert (pictures[0].exif, pictures[0].dpi) == (b"Exif..", (72, 72))
    blank = Picture(drawn(), np.zeros((90, 110), np.uint8))
    assert largest_difference(Enhancer(model_files[1]).enhance(blank).pixels, Enhancer(model_files[1])(drawn())) == 0


# How it is used


def test_threads_share_an_instance(model_files):
    enhancer = Enhancer(model_files[2], tile=96)
    pictures = [drawn(60 + 7 * k % 40, 150, dtype=(np.uint8, np.uint16)[k % 2], seed=k) for k in range(12)]
    expected = [enhancer(picture) for picture in pictures]
    with ThreadPoolExecutor(4) as pool:
        for _ in range(3):
            assert all(map(np.array_equal, pool.map(enhancer, pictures), expected))


def test_progress_adds_up(model_files):
    told = []
    Enhancer(model_files[1], tile=128)(drawn(300, 310), told.append)
    assert len(told) > 4
    assert sum(told) == pytest.approx(1)


# What must not break it


@pytest.mark.parametrize(
    ("picture", "code"),
    [
        (np.zeros((4, 4, 4), np.uint8), "P080"),
        (np.zeros((4, 4, 3)), "P080"),
        (np.zeros((0, 4, 3), np.uint8), "P080"),
        (np.zeros(4, np.uint8), "P080"),
        ("a.png", "P080"),
        (None, "P080"),
        (np.broadcast_to(np.uint8(0), (40_000, 40_000, 3)), "P081"),
    ],
)
def test_refuses_pictures(picture, code, model_files):
    with pytest.raises(InputError, match=code):
        Enhancer(model_files[1])(picture)


class LimitedEngine(OpenVinoEngine):
    """There is memory for tiles up to a size."""

    def session(self, sides, **more):
        self.tried.append(max(sides))
        if max(sides) > self.limit:
            raise MemoryError
        return super().session(sides, **more)


@pytest.mark.parametrize("limit", [0, 300, 10_000])
def test_halves_down_to_the_smallest_tile(limit, model_files, monkeypatch):
    """Which is tried before it gives up."""
    card = load_model(model_files[1]).card
    smallest, tried = 2 * overlap_of(card.receptive_field, card.size_multiple), []
    monkeypatch.setattr(LimitedEngine, "tried", tried, raising=False)
    monkeypatch.setattr(LimitedEngine, "limit", max(limit, smallest) if limit else 0, raising=False)
    enhancer, picture = Enhancer(model_files[1], engine=LimitedEngine, tile=1000), drawn(700, 900)
    if limit:
        assert not largest_difference(enhancer(picture), Enhancer(model_files[1])(picture))
    else:
        with pytest.raises(MemoryError, match=f"for a tile of {smallest} pixels per side"):
            enhancer(picture)
        assert tried[-1] <= smallest


def test_a_model_gone_wrong_makes_no_picture(model_files, tmp_path):
    data, card = load_model(model_files[1])
    graph = onnx.load_model_from_string(data)
    graph.metadata_props.clear()
    for tensor in graph.graph.initializer:
        if "head" in tensor.name:
            values = onnx.numpy_helper.to_array(tensor) * np.float16(np.nan)
            tensor.CopyFrom(onnx.numpy_helper.from_array(values, tensor.name))
    write_model(tmp_path / "wrong.onnx", graph.SerializeToString(), card.entries())
    with pytest.raises(RunError, match="P082"):
        Enhancer(tmp_path / "wrong.onnx")(drawn())


@pytest.mark.parametrize("engine", ["openvino", "onnxruntime"])
def test_an_engine_that_failed_is_freed_at_once(engine, model_files):
    """Without waiting for the garbage collector: its memory is needed for the next try."""
    enhancer = Enhancer(model_files[1], engine=engine)
    enhancer(drawn(30, 20))
    failed = weakref.ref(enhancer._engine)
    gc.disable()
    try:
        enhancer._engine = enhancer._new_engine()
        assert failed() is None
    finally:
        gc.enable()


@pytest.mark.parametrize("engine", ["openvino", "onnxruntime"])
def test_without_memory_for_a_tile_it_is_halved(engine, model_files):
    script = """
import resource, sys
import cv2
import numpy as np
from image_gan import Enhancer
enhancer = Enhancer(sys.argv[1], engine=sys.argv[2], precision="float32", tile=2000, threads=1)
picture = np.random.default_rng(0).integers(0, 256, (1200, 1200, 3), np.uint8)
expected = Enhancer(sys.argv[1], engine=sys.argv[2], precision="float32", tile=300)(picture)
held = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (held + 150 * 2**20, -1))
made = enhancer(picture)
assert enhancer._tile < 2000, enhancer._tile
assert cv2.absdiff(made, expected).max() <= 1
resource.setrlimit(resource.RLIMIT_AS, (-1, -1))
large = np.zeros((9000, 9000, 3), np.uint8)
resource.setrlimit(resource.RLIMIT_AS, (resource.getpagesize(),) * 2)
try:
    enhancer(large)
except MemoryError as error:
    print(error)
"""
    assert "Unable to allocate" in run(script, model_files[1], engine)


def test_importing_is_cheap():
    script = "import sys, image_gan; from image_gan.enhance import batch; print(*sys.modules)"
    assert not {"cv2", "PIL", "openvino", "onnxruntime", "tensorflow", "keras", "spacy", "onnx", "tqdm"} & set(
        run(script).split()
    )


def test_many_pictures_leave_memory_as_it_is(model_files):
    """Of many sizes."""
    script = """
import sys
import numpy as np
from image_gan import Enhancer
enhancer = Enhancer(sys.argv[1])
rng = np.random.default_rng(0)
for number in range(241):
    enhancer(rng.integers(0, 256, (*rng.integers(1, 110, 2), 3), np.uint8))
    if number % 60 == 0:
        print(int(open("/proc/self/statm").read().split()[1]) // 256)
"""
    _, _, *held = map(int, run(script, model_files[1]).split())
    assert max(held) - min(held) < 12, held  # MiB


# What stays exactly


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("with_alpha", [False, True])
@pytest.mark.parametrize("scale", SCALES)
def test_equal_channels_stay_equal(scale, with_alpha, dtype, model_files):
    grey = np.repeat(drawn(channels=1, dtype=dtype), 3, axis=2)
    alpha = drawn(channels=1, dtype=dtype, seed=1)[..., 0] if with_alpha else None
    output = Enhancer(model_files[scale]).enhance(Picture(grey, alpha)).pixels
    assert not np.ptp(output, axis=2).max()
    assert not largest_difference(output[..., :1], Enhancer(model_files[scale]).enhance(Picture(grey[..., :1], alpha)).pixels)


@pytest.mark.parametrize("name", shipped())
@pytest.mark.parametrize("paper", [0, 255])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_paper_stays_white_and_night_black(dtype, paper, name):
    page = np.full((120, 160, 3), paper, np.uint8)
    cv2.putText(page, "Menu", (20, 70), cv2.FONT_HERSHEY_SIMPLEX, 1, (255 - paper,) * 3, 2, cv2.LINE_AA)
    page = page.astype(dtype) * (257 if dtype == np.uint16 else 1)
    end = page.dtype.type(paper and np.iinfo(dtype).max)
    enhancer = Enhancer(name, tile=1)
    around = cv2.erode((page == end).all(axis=2).astype(np.uint8), np.ones((3, 3))).astype(bool)
    output = enhancer(page)
    assert (output[np.kron(around, np.ones((enhancer.scale,) * 2, bool))] == end).all()
    assert np.ptp(output) > np.iinfo(dtype).max // 2


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("name", ["x2", "x4"])
def test_transparency_goes_through_the_network_and_hard_stays_hard(name, dtype):
    peak, enhancer = np.iinfo(dtype).max, Enhancer(name)
    down, across = np.mgrid[:48, :64]
    inside = (across - 31) ** 2 + (down - 23) ** 2 < 18**2
    hard = enhancer.enhance(Picture(drawn(48, 64, dtype=dtype), inside * dtype(peak))).alpha
    assert set(np.unique(hard)) == {0, peak}
    scale = enhancer.scale
    down, across = (np.mgrid[: 48 * scale, : 64 * scale] + 0.5) / scale - 0.5
    assert np.mean((hard > 0) != ((across - 31) ** 2 + (down - 23) ** 2 < 18**2)) < 0.02
    soft = cv2.GaussianBlur((inside * dtype(peak)), (0, 0), 1)
    large = enhancer.enhance(Picture(drawn(48, 64, dtype=dtype), soft)).alpha
    assert not largest_difference(large[..., None], enhancer(soft[..., None]))


@pytest.mark.parametrize(("option", "value"), [("tile", 0), ("threads", -1), ("engine", "abacus"), ("precision", "int4")])
def test_what_cannot_compute(option, value, model_files):
    with pytest.raises(InputError, match=f"P060.*{option} must be"):
        Enhancer(model_files[1], **{option: value})


@pytest.mark.parametrize("engine", ["openvino", "onnxruntime"])
def test_threads_change_nothing(engine, model_files):
    made = [Enhancer(model_files[2], engine=engine, threads=threads, precision="float32")(drawn()) for threads in (1, 0)]
    assert largest_difference(*made) <= 1
