import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import cv2
import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpora.errors import InputError
from image_gan import Enhancer
from image_gan.enhance import enhancer as enhance
from image_gan.enhance import model_file
from image_gan.enhance.enhancer import named, shipped
from image_gan.pictures import Picture
from image_gan.training.degrade import jpeg, noise
from image_gan.training.evaluation import generate

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
SCALES = (1, 2, 4)


def drawn(height=90, width=110, channels=3, dtype=np.uint8, seed=0):
    """Edges, slopes and noise."""
    rng = np.random.default_rng(seed)
    down, across = np.mgrid[0:height, 0:width]
    planes = [(across * 3 + down * k) % 200 + 60 * ((across // 13 + down // 9 + k) % 2 == 0) for k in range(channels)]
    picture = np.clip(np.stack(planes, axis=2) + rng.normal(0, 12, (height, width, channels)), 0, 255).astype(np.uint8)
    return (
        picture
        if dtype == np.uint8
        else picture.astype(np.uint16) * 257 - rng.integers(0, 128, picture.shape, np.uint16) * (picture > 0)
    )


def plainly(picture, scale):
    """OpenCV's bilinear enlargement in float64, rounded."""
    large = cv2.resize(picture.astype(np.float64), None, fx=scale, fy=scale, interpolation=cv2.INTER_LINEAR)
    return np.rint(large).astype(picture.dtype).reshape(picture.shape[0] * scale, picture.shape[1] * scale, -1)


def apart(first, second):
    assert first.shape == second.shape
    assert first.dtype == second.dtype
    return int(np.abs(first.astype(int) - second.astype(int)).max())


def run(script, *args, timeout=300, **more):
    """A script in a process of its own."""
    command = [sys.executable, "-c", script, *map(str, args)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=timeout, **more)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


# What comes out


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("engine", ["openvino", "onnxruntime", "tensorflow"])
@pytest.mark.parametrize("size", [(61, 45), (500, 420)])  # computed in a shape that is open, and in one that is fixed
def test_engines_give_what_the_trained_generator_gives(size, engine, scale, generators):
    generator, file = generators[scale]
    picture = drawn(*size)
    expected = generate(generator, picture)
    assert apart(expected, plainly(picture, scale)) > 20  # the network has a say
    made = Enhancer(file, engine=engine, precision="float32")(picture)
    assert apart(made, expected) <= 2
    assert np.mean(np.abs(made.astype(int) - expected) > 1) < 1e-5  # weights have 16 bits


@pytest.mark.parametrize("scale", SCALES)
def test_bfloat16_and_int8_are_near(scale, model_files):
    """Where the processor has bfloat16; "auto" is int8."""
    picture, card = drawn(), Enhancer(model_files[scale]).card
    names = ("float32", "auto", "int8", *["bfloat16"] * bool(card["bfloat16"]))
    exact, auto, *narrow = (Enhancer(model_files[scale], precision=name)(picture) for name in names)
    assert not apart(auto, narrow[0])
    for made in narrow:
        error = np.mean((exact.astype(float) - made) ** 2)
        assert 0 < error < 255**2 * 10**-4.5
    deep = drawn(dtype=np.uint16)
    assert not apart(*(Enhancer(model_files[scale], precision=precision)(deep) for precision in ("float32", "auto")))


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("tile", [1, 64, 100, 128, 192, 256, 320])
def test_tiles_leave_no_seams(tile, scale, model_files):
    picture = drawn(330, 290)
    whole = Enhancer(model_files[scale], tile=4000)(picture)
    assert apart(Enhancer(model_files[scale], tile=tile)(picture), whole) <= 1


@pytest.mark.parametrize("name", shipped())
def test_models_that_ship_leave_no_seams(name):
    picture = drawn(400, 390)
    whole = Enhancer(name, tile=4000)(picture)
    for tile in (1, 200, 256, 320):
        assert apart(Enhancer(name, tile=tile)(picture), whole) <= 1


@given(
    st.integers(1, 3000), st.integers(1, 900), st.sampled_from([1, 4, 8, 16, 48]), st.integers(0, 150), st.integers(0, 10**6)
)
def test_tiles_cover_a_side_once(length, tile, multiple, reach, seed):
    overlap = enhance._overlap({"reach": reach, "multiple": multiple})
    side, spans = enhance._spans(length, max(tile, 2 * overlap), overlap, multiple)
    assert side % multiple == 0
    assert spans[0].begin == spans[0].ramp == 0
    assert spans[0].start == -enhance.EDGE
    assert spans[-1].end == length
    assert length + enhance.EDGE <= spans[-1].start + side < length + enhance.EDGE + multiple
    for span in spans:
        assert (span.start + enhance.EDGE) % multiple == 0
        assert span.start <= span.begin < span.end <= span.start + side
    for first, second in pairwise(spans):
        assert first.end - second.begin == second.ramp == 8
        assert second.begin - second.start >= reach
        assert first.start + side - first.end >= reach


@given(st.integers(-8, 40), st.integers(1, 60), st.integers(1, 30))
def test_beyond_its_border_a_picture_is_mirrored(start, side, length):
    places = enhance._Span(start, 0, 0, 0).mirrored(side, length)
    expected = np.pad(np.arange(length), (8, 100), "symmetric")[8 + start : 8 + start + side]
    assert places.tolist() == expected.tolist()


def test_restore_takes_jpeg_of_any_grid():
    """Turned, cropped and shifted pictures have their blocks anywhere."""
    whole = drawn(96, 112, seed=3)
    smooth = cv2.GaussianBlur(whole, (0, 0), 2)
    spoilt = jpeg(noise(smooth, 15, np.random.default_rng(0)), 70)
    for top, left in ((0, 0), (0, 1), (3, 0), (3, 5), (6, 2)):
        before, after = spoilt[top:, left:], Enhancer("restore")(spoilt[top:, left:])
        assert cv2.PSNR(after, smooth[top:, left:]) > cv2.PSNR(before, smooth[top:, left:]) + 2


@pytest.mark.parametrize(("name", "most"), [("restore", 2), ("x2", 2), ("x2_crisp", 2), ("x4", 6), ("x4_crisp", 4)])
@pytest.mark.parametrize("colour", [(255, 0, 0), (0, 255, 0), (255, 0, 255), (0, 0, 0), (255, 255, 255)])
def test_plain_colours_stay_what_they_are_up_to_the_border(colour, name, most):
    picture = np.broadcast_to(np.uint8(colour), (40, 30, 3))
    made = Enhancer(name)(picture)
    assert np.abs(made.astype(int) - colour).max() <= most


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 1), (3, 700, 3), (500, 2, 1), (33, 47, 1), (33, 47)])
def test_strength_0_is_the_picture_or_its_plain_enlargement(shape, dtype, scale, model_files):
    picture = drawn(*shape[:2], *(shape[2:] or (1,)), dtype=dtype).reshape(shape)
    made = Enhancer(model_files[scale], strength=0, tile=128)(picture)
    assert made.shape == (shape[0] * scale, shape[1] * scale, *shape[2:])
    assert apart(made.reshape(*made.shape[:2], -1), plainly(picture, scale)) <= (scale > 1)  # a half rounds either way


def test_strength_is_linear(model_files):
    picture = drawn() // 3 + 85  # nothing is clipped
    none, half, whole = (Enhancer(model_files[1], strength=s, precision="float32")(picture) for s in (0, 0.5, 1))
    assert apart(half, np.rint((none.astype(float) + whole) / 2).astype(np.uint8)) <= 1


def test_16_bits_are_8_bits_and_more(model_files):
    """What the network adds is the same; the picture keeps what 8 bits do not hold."""
    picture = drawn()
    enhancer = Enhancer(model_files[1], precision="float32")
    assert apart(np.rint(enhancer(picture.astype(np.uint16) * 257) / 257).astype(np.uint8), enhancer(picture)) <= 1
    lighter = [Enhancer(model_files[1], strength=0.1, precision="float32")(np.full((40, 40), 20_000 + k, "u2")) for k in (0, 9)]
    assert 8 <= np.diff(np.stack(lighter).astype(int), axis=0).mean() <= 10


def test_grey_is_luma_of_three_equal_channels(model_files):
    grey = drawn(channels=1) // 2 + 60
    enhancer = Enhancer(model_files[2], precision="float32")
    colours = enhancer(np.repeat(grey, 3, axis=2))
    assert apart(enhancer(grey)[..., 0], cv2.cvtColor(colours, cv2.COLOR_RGB2GRAY)) <= 1


@pytest.mark.parametrize("scale", SCALES)
def test_what_is_hidden_does_not_leak(scale, model_files):
    alpha = np.zeros((60, 80), np.uint8)
    alpha[20:40, 30:60] = np.arange(10, 240, 23).repeat(3)
    pictures = []
    for hidden in (0, 255):
        pixels = drawn(60, 80)
        pixels[alpha == 0] = hidden
        pictures.append(Enhancer(model_files[scale]).enhance(Picture(pixels, alpha, exif=b"Exif..", dpi=(72, 72))))
    assert not apart(pictures[0].pixels, pictures[1].pixels)
    assert not apart(pictures[0].alpha[..., None], plainly(alpha, scale)) or scale > 1
    assert pictures[0].alpha.shape == (60 * scale, 80 * scale)
    assert (pictures[0].exif, pictures[0].dpi) == (b"Exif..", (72, 72))
    blank = Picture(drawn(), np.zeros((90, 110), np.uint8))
    assert apart(Enhancer(model_files[1]).enhance(blank).pixels, Enhancer(model_files[1])(drawn())) == 0


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


def test_names():
    assert [named(), named(2), named(4), named(2, "crisp"), named(4, "crisp")] == [
        "restore",
        "x2",
        "x4",
        "x2_crisp",
        "x4_crisp",
    ]
    for scale, look in ((1, "crisp"), (3, "faithful"), (2, "nice")):
        with pytest.raises(InputError, match="P084"):
            named(scale, look)


def test_what_ships_is_found_by_name(model_files, monkeypatch):
    monkeypatch.setattr(enhance, "WEIGHTS", model_files[1].parent)
    assert list(shipped()) == ["restore", "x2", "x4_crisp"]
    assert Enhancer("x4_crisp").scale == 4
    with pytest.raises(InputError, match="restore, x2, x4_crisp"):
        Enhancer("x4")


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


@pytest.mark.parametrize(
    "settings",
    [{"engine": "torch"}, {"precision": "int4"}, {"strength": 1.5}, {"engine": "onnxruntime", "precision": "bfloat16"}],
)
def test_refuses_settings(settings, model_files):
    with pytest.raises(InputError, match="P060"):
        Enhancer(model_files[1], **settings)


def test_refuses_models(model_files, tmp_path):
    data = model_files[1].read_bytes()
    for content in (b"", data[:-1], data[: len(data) // 2], data[:5000] + b"x" + data[5001:], b"\x89PNG\r\n\x1a\n"):
        (tmp_path / "other.onnx").write_bytes(content)
        with pytest.raises(InputError, match=r"P050|P051"):
            Enhancer(tmp_path / "other.onnx")
    for missing in (tmp_path / "missing.onnx", tmp_path, "x3"):
        with pytest.raises(InputError, match=r"P050|P083"):
            Enhancer(missing)


def test_what_a_card_lets_be_chosen(model_files, tmp_path):
    """Int8 that is not near is taken where it is asked for; without ranges it is refused."""
    data, card = model_file.read(model_files[1])
    picture = drawn()
    graph = onnx.load_model_from_string(data)
    graph.metadata_props.clear()
    made = {}
    for name, other in (("far", {"int8": 40.0, "bfloat16": None}), ("none", {"ranges": None, "int8": None, "bfloat16": None})):
        model_file.write(tmp_path / f"{name}.onnx", graph.SerializeToString(), {**card, **other})
        made[name] = Enhancer(tmp_path / f"{name}.onnx")(picture)
        assert not apart(made[name], Enhancer(model_files[1], precision="float32")(picture))
    assert apart(Enhancer(tmp_path / "far.onnx", precision="int8")(picture), made["far"])
    with pytest.raises(InputError, match=r"\[P060\] precision must be auto or .*float32 with this model on this processor"):
        Enhancer(tmp_path / "none.onnx", precision="int8")


@pytest.mark.parametrize("fails_above", [0, 300, 10_000])
def test_halves_down_to_the_smallest_tile(fails_above, model_files, monkeypatch):
    """Which is tried before it gives up."""
    enhancer, sizes = Enhancer(model_files[1], tile=1000), []
    least, start = 2 * enhance._overlap(enhancer.card), enhancer._start

    def limited(sides, fixed, deep):
        sizes.append(max(sides))
        if max(sides) > max(fails_above, least * (fails_above > 0)):
            raise MemoryError
        return start(sides, fixed, deep)

    monkeypatch.setattr(enhancer, "_engine", lambda: limited)
    enhancer._start = limited
    picture = drawn(700, 900)
    if fails_above:
        assert not apart(enhancer(picture), Enhancer(model_files[1])(picture))
    else:
        with pytest.raises(MemoryError, match=f"for a tile of {least} pixels a side"):
            enhancer(picture)
        assert sizes[-1] <= least


def test_a_model_gone_wrong_makes_no_picture(model_files, tmp_path):
    data, card = model_file.read(model_files[1])
    graph = onnx.load_model_from_string(data)
    graph.metadata_props.clear()
    for tensor in graph.graph.initializer:
        if "head" in tensor.name:
            values = onnx.numpy_helper.to_array(tensor) * np.float16(np.nan)
            tensor.CopyFrom(onnx.numpy_helper.from_array(values, tensor.name))
    model_file.write(tmp_path / "wrong.onnx", graph.SerializeToString(), card)
    with pytest.raises(InputError, match="P082"):
        Enhancer(tmp_path / "wrong.onnx")(drawn())


@pytest.mark.parametrize("engine", ["openvino", "onnxruntime"])
def test_without_memory_for_a_tile_it_is_halved(engine, model_files):
    script = """
import resource, sys
import cv2
import numpy as np
from image_gan import Enhancer
enhancer = Enhancer(sys.argv[1], engine=sys.argv[2], precision="float32", tile=2000)
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
    script = "import sys, image_gan.enhance.enhancer; print(*sys.modules)"
    assert not {"cv2", "PIL", "openvino", "onnxruntime", "tensorflow", "keras", "spacy", "onnx"} & set(run(script).split())


def test_many_pictures_leave_memory_as_it_is(model_files):
    """Of many sizes."""
    script = """
import sys
import numpy as np
from image_gan import Enhancer
enhancer = Enhancer(sys.argv[1])
rng = np.random.default_rng(0)
for number in range(401):
    enhancer(rng.integers(0, 256, (*rng.integers(1, 160, 2), 3), np.uint8))
    if number % 100 == 0:
        print(int(open("/proc/self/statm").read().split()[1]) // 256)
"""
    _, _, *held = map(int, run(script, model_files[1]).split())
    assert max(held) - min(held) < 20, held  # MiB
