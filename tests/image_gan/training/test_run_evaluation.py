import json

import cv2
import keras
import numpy as np
import pytest

from corpora import faces
from corpora.errors import InputError
from image_gan import pictures
from image_gan.training import checkpoint, settings
from image_gan.training.degrade import shrink
from image_gan.training.evaluation import degraded_rows, evaluate, mean_figures, run_generator
from image_gan.training.metrics import psnr, ssim
from image_gan.training.networks.unet import add_residual, build_unet
from image_gan.training.runs import load_features, load_generator, run_config


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Whole pictures of odd sizes, one in a folder of its own; and what cannot be judged."""
    root = tmp_path_factory.mktemp("validation")
    for name, size in {"a.png": (37, 51), "b.jpg": (64, 33), "deep/c.png": (20, 97)}.items():
        (root / name).parent.mkdir(exist_ok=True)
        pictures.write(root / name, pictures.Picture(faces.draw(1, len(name), size)[0]))
    pictures.write(root / "grey.png", pictures.Picture(faces.draw(1, 9, (40, 30))[0][..., :1]))
    pictures.write(root / "tiny.png", pictures.Picture(np.zeros((15, 40, 3), np.uint8)))
    (root / "damaged.jpg").write_bytes((root / "b.jpg").read_bytes()[:200])
    return root


def test_whole_pictures(outcome, folder):
    rows = {row["picture"]: row for row in evaluate(outcome.run, folder)}
    judged = [name for name, row in rows.items() if "failed" not in row]
    assert judged == [str(folder / name) for name in ("a.png", "b.jpg", "deep/c.png", "grey.png")]
    for name in judged:
        row = rows[name]
        assert list(row)[1:] == ["psnr", "ssim", "distance", "input_psnr", "input_ssim", "input_distance"]
        assert 5 < row["psnr"] < 60
        assert 0 < row["ssim"] <= 1
        assert row["distance"] > 0
    assert "[P065]" in rows[str(folder / "tiny.png")]["failed"]
    assert "40x15, smaller than the crop of 16" in rows[str(folder / "tiny.png")]["failed"]
    assert "[P004]" in rows[str(folder / "damaged.jpg")]["failed"]


def test_the_figures_are_those_of_what_is_generated(outcome, folder):
    """Alike for a seed, others for another one."""
    row, again, other = (next(evaluate(outcome.run, folder / "deep", seed=seed)) for seed in (0, 0, 1))
    assert row == again
    assert row["input_psnr"] != other["input_psnr"]
    whole = pictures.read(folder / "deep" / "c.png").pixels
    degradation = settings.settings_of(run_config(outcome.run)).degradation
    degraded = degradation(whole, np.random.default_rng((0, 0)))
    made = run_generator(load_generator(outcome.run), degraded)
    assert row["psnr"] == round(psnr(made, whole), 4)
    assert row["input_ssim"] == round(ssim(degraded, whole), 4)


def test_means_are_over_degraded_pictures():
    """Those that were left as they are have 100 dB going in; those that cannot be read have no figures."""
    rows = [
        {"picture": "a", "psnr": 30.0, "distance": 0.25, "input_psnr": 28.0},
        {"picture": "b", "psnr": 60.0, "distance": 0.01, "input_psnr": 100.0},
        {"picture": "c", "failed": "[P004]"},
        {"picture": "d", "psnr": 31.00009, "distance": 0.5, "input_psnr": 27.0},
    ]
    assert [row["picture"] for row in degraded_rows(rows)] == ["a", "d"]
    assert mean_figures(rows) == {"psnr": 30.5, "distance": 0.375, "input_psnr": 27.5}
    assert mean_figures(rows[1:3]) == {}


def test_super_resolution_begins_as_plain_enlargement(run_of, tmp_path, folder):
    """Which is bilinear, inside the network; what it is compared with is bicubic."""
    run, _ = run_of(tmp_path / "run", **{"generator.scale": 4, "degradation.jpeg": [], "degradation.blur": []})
    rows = list(evaluate(run, folder / "a.png"))
    whole = pictures.read(folder / "a.png").pixels[:36, :48]
    small = shrink(whole, 4)
    for prefix, way in (("", cv2.INTER_LINEAR), ("input_", cv2.INTER_CUBIC)):
        expected = psnr(cv2.resize(small, (48, 36), interpolation=way), whole)
        assert rows[0][f"{prefix}psnr"] == pytest.approx(expected, abs=0.3)


@pytest.mark.parametrize(("scale", "attention"), [(1, 0), (2, 3), (4, 0)])
@pytest.mark.parametrize("size", [(1, 1), (13, 7), (24, 36)])
def test_any_size_is_generated(scale, attention, size):
    """Beyond its edges a picture is mirrored."""
    generator = build_unet(scale=scale, widths=(4, 4), blocks=(1, 1), attention_window=attention)
    generator.get_layer("head").kernel.assign(
        np.random.default_rng(0).normal(size=generator.get_layer("head").kernel.shape) * 0.1
    )
    picture = np.random.default_rng(1).integers(0, 256, (*size, 3), dtype=np.uint8)
    made = run_generator(generator, picture)
    assert (made.shape, made.dtype) == ((scale * size[0], scale * size[1], 3), np.uint8)
    x = np.pad(picture, [(4, 4 + -(side + 8) % generator.size_multiple) for side in size] + [(0, 0)], "symmetric")[
        None
    ] / np.float32(255)
    expected = np.array(add_residual(x, generator(x)))[0, 4 * scale :, 4 * scale :][: made.shape[0], : made.shape[1]]
    assert (made == np.clip(np.rint(expected * 255), 0, 255)).all()


def test_a_run_needs_nothing_else(outcome, tmp_path, monkeypatch):
    """Neither the pictures nor the weights that it began with; what it was trained in does not matter."""
    keras.config.set_dtype_policy("mixed_bfloat16")
    generator = load_generator(outcome.run)
    assert generator.compute_dtype == "float32"
    assert generator.get_layer("encoder0_block0_conv1").compute_dtype == "float32"
    state = checkpoint.read(outcome.run / "checkpoint.npz")[0]
    features = load_features(outcome.run)
    assert all((v.numpy() == state[f"features/{i}"]).all() for i, v in enumerate(features.variables))
    text = (outcome.run / "config.cfg").read_text()
    (tmp_path / "config.cfg").write_text(text.replace(json.dumps(str(run_config(outcome.run)["paths"]["train"])), '"none"'))
    for name in ("best.npz", "checkpoint.npz"):
        (tmp_path / name).write_bytes((outcome.run / name).read_bytes())
    assert all(
        (a.numpy() == b.numpy()).all() for a, b in zip(load_generator(tmp_path).variables, generator.variables, strict=True)
    )


def test_what_is_no_run(outcome, tmp_path, folder):
    with pytest.raises(InputError, match=r"\[P066\]"):
        next(evaluate(tmp_path, folder))
    with pytest.raises(InputError, match=r"\[P009\]"):
        next(evaluate(outcome.run, tmp_path / "none"))
    with pytest.raises(InputError, match=r"\[P010\]"):
        next(evaluate(outcome.run, tmp_path))
    (tmp_path / "config.cfg").write_bytes((outcome.run / "config.cfg").read_bytes())
    with pytest.raises(InputError, match=r"\[P067\] .*best.npz"):
        next(evaluate(tmp_path, folder))
    (tmp_path / "best.npz").write_bytes((outcome.run / "checkpoint.npz").read_bytes()[:1000])
    with pytest.raises(InputError, match=r"\[P067\] .*best.npz"):
        next(evaluate(tmp_path, folder))
