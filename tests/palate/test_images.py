"""`palate images`: what it prints, and what is said of damage."""

import contextlib
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from doc_pages import lay_pictures
from helpers import good, palate

from corpora import faces
from corpora.extras import install
from image_gan import pictures
from image_gan.enhance.model_file import read_model
from image_gan.errors import Errors, RunError
from image_gan.training import checkpoint, settings, trainer

GAN = settings.CONFIGS / "gan.cfg"
SIDES = "16,24,32"
TINY = {
    "generator.widths": [4],
    "generator.blocks": [1],
    "generator.attention_window": 0,
    "generator.spectral_norm": False,
    "critic.widths": [4],
    "critic.attention_window": 0,
    "training.validate_every": 2,
    "training.validation_pictures": 4,
    "training.validation_split": 0.3,
    "schedule.medium": None,
    "schedule.high": None,
    "schedule.low.crop": 16,
    "schedule.low.batch": 4,
    "schedule.low.generator": 4,
    "schedule.low.critic": 0,
    "schedule.low.adversarial": 0,
}


def options(**more):
    """As a user writes them: --section.name VALUE."""
    return [text for name, value in {**TINY, **more}.items() for text in (f"--{name}", json.dumps(value))]


@pytest.fixture(scope="module")
def ten_faces(tmp_path_factory):
    """Drawn, in CelebA's layout."""
    folder = tmp_path_factory.mktemp("faces") / "faces"
    faces.write(folder, 10)
    return folder


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    root = tmp_path_factory.mktemp("cli")
    faces.write(root / "faces", 20)
    good("images", "prepare", root / "faces", "-o", root / "prepared", "--sides", SIDES)
    return root / "prepared"


@pytest.fixture(scope="module")
def run(prepared, tmp_path_factory):
    runs = tmp_path_factory.mktemp("runs")
    done = good("images", "train", GAN, "--paths.train", prepared, "-o", runs, *options())
    assert done.stdout == f"{runs / '0001'}\n"
    assert "trained to the end; best validation: {'total_steps': 4, 'psnr'" in done.stderr
    return runs / "0001"


def one_line(result, message, code=2):
    assert result.exit_code == code, result.output
    assert message in result.stderr
    assert "Traceback" not in result.output
    assert result.stdout == ""
    assert "Usage" in result.stderr or result.stderr.count("\n") == 1
    return True


# Prepare


def test_prepare(ten_faces, tmp_path):
    arguments = ("images", "prepare", ten_faces, "-o", tmp_path / "out", "--sides", SIDES)
    table = good(*arguments).stdout
    assert all(word in table for word in ("low", "medium", "high", "32", "8"))
    assert json.loads(good(*arguments, "--json").stdout) == {
        **{"pictures": {"low": 8, "medium": 8, "high": 8}, "too_small": {"low": 0, "medium": 0, "high": 0}, "failed": {}}
    }
    other = good(*arguments[:4], tmp_path / "val", "--sides", SIDES, "--partition", "val", "--own-size", "--json").stdout
    assert json.loads(other)["pictures"]["high"] == 1
    (only,) = (tmp_path / "val" / "high").rglob("*.png")
    assert pictures.read(only).pixels.shape == (218, 178, 3)


def test_a_corrupt_one_among_many_is_named_skipped_and_counted(ten_faces, tmp_path):
    shutil.copytree(ten_faces, tmp_path / "faces")
    damaged = tmp_path / "faces" / "img_align_celeba" / "000007.jpg"
    damaged.write_bytes(damaged.read_bytes()[:3000])
    result = palate("images", "prepare", tmp_path / "faces", "-o", tmp_path / "out", "--sides", SIDES, "--json")
    assert result.exit_code == 1
    assert result.stderr.splitlines()[0].startswith("left out: [P004] ")
    assert str(damaged) in result.stderr
    assert result.stderr.splitlines()[1:] == ["1 picture could not be read"]
    done = json.loads(result.stdout)
    assert (done["pictures"]["low"], list(done["failed"])) == (7, [str(damaged)])


PREPARE = [
    # arguments in a folder with pictures/ (one of 40 x 30), empty/, celeba/ and text.png; what is said
    (["empty", "-o", "out"], "P010"),
    (["none", "-o", "out"], "P009"),
    (
        ["pictures", "-o", "out"],
        "[P063] no picture fills the tier 'low', whose shorter side is 64: of 1 pictures the largest has 30",
    ),
    (["text.png", "-o", "out", "--sides", SIDES], "(1 could not be read)"),
    (["pictures", "-o", "out", "--sides", "16,24"], "--sides takes three increasing numbers"),
    (["pictures", "-o", "out", "--sides", "24,16,32"], "--sides takes three increasing numbers"),
    (["pictures", "-o", "out", "--sides", "0,16,32"], "--sides takes three increasing numbers"),
    (["pictures", "-o", "out", "--sides", "a,b,c"], "--sides takes numbers"),
    (["celeba", "-o", "out", "--partition", "dev"], "P060"),
    (
        ["celeba", "-o", "out", "--sides", SIDES],
        "list_eval_partition.txt: names 1 pictures that are not in img_align_celeba, first 000002.jpg",
    ),
    (["pictures"], "--output"),
    (["-o", "out"], "Missing argument"),
]


@pytest.mark.parametrize(("arguments", "message"), PREPARE)
def test_what_cannot_be_prepared(arguments, message, ten_faces, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("empty").mkdir()
    Path("text.png").write_text("a text")
    Path("pictures").mkdir()
    pictures.write("pictures/a.png", pictures.Picture(np.zeros((30, 40, 3), np.uint8)))
    shutil.copytree(ten_faces, "celeba")
    Path("celeba/img_align_celeba/000002.jpg").unlink()
    result = palate("images", "prepare", *arguments)
    assert one_line(result, message)
    assert not list(Path("out").rglob("*.png"))


# Train


def test_a_run_is_resumed_and_compared(run):
    done = good("images", "train", "--resume", run)
    assert done.stdout == f"{run}\n"
    wrong = palate("images", "train", "--resume", run, "--training.seed", 5, "--schedule.low.crop=8")
    assert one_line(wrong, "[P069]")
    assert "another config: schedule.low.crop, training.seed differ" in wrong.stderr
    other = palate("images", "train", GAN, "--resume", run, *options(**{"training.validate_every": 3}))
    assert one_line(other, "paths.train, training.validate_every differ")


TRAIN = [
    # overrides or arguments, what is said
    (["--generator.widht", "3"], "generator -> widht"),
    (["--training.seed", "x"], "'x' is not <class 'int'>"),
    (["--training.ema=1.5"], "[P060] training.ema must be between 0 and 1. Received: 1.5"),
    (["--training.devices", "two"], "[P060] training.devices"),
    (["--training.turn", "false"], "training -> turn"),
    (["--generator.@networks", "image_gan.UNet.v9"], "image_gan.UNet.v9"),
    (["--optimizer.rate", "1"], "not a section value that can be overridden"),
    (["--paths.train", "2024"], "2024 is not a path"),
    (["--paths.train", "none"], "[P061] there are no prepared pictures in none"),
    ([], "[P061] there are no prepared pictures in nothing (--paths.train is not given)"),
    (["--seed", "1"], "--seed: no such option; settings are given as --section.NAME VALUE"),
    (["extra"], "extra: no such option"),
    (["--training.seed"], "--training.seed needs a value"),
    (["--paths.train", "PREPARED", "--generator.scale", "3"], "[P072]"),
    (["--paths.train", "PREPARED", "--generator.encoder", "resnet34"], "[P070]"),
]


@pytest.mark.parametrize(("arguments", "message"), TRAIN)
def test_what_cannot_be_trained(arguments, message, prepared, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    arguments = [str(prepared) if argument == "PREPARED" else argument for argument in arguments]
    assert one_line(palate("images", "train", GAN, "-o", "runs", *arguments), message)
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_config_and_no_run(tmp_path):
    (tmp_path / "x.cfg").write_text("hello")
    assert one_line(palate("images", "train", tmp_path / "x.cfg"), "contains no section headers")
    assert one_line(palate("images", "train", tmp_path / "none.cfg"), "P066")
    assert one_line(palate("images", "train"), "name a config to start a run, or --resume RUN")
    for command in (["train", "--resume"], ["export", "-o", tmp_path / "x.onnx"], ["evaluate", tmp_path]):
        assert one_line(palate("images", *command, tmp_path / "none"), "[P066]")
    assert [path.name for path in tmp_path.iterdir()] == ["x.cfg"]


@pytest.mark.parametrize(("kept", "code"), [(0, 2), (0.5, 2), (0.999, 2)])
def test_a_truncated_checkpoint(kept, code, run, tmp_path):
    (tmp_path / "config.cfg").write_bytes((run / "config.cfg").read_bytes())
    for name in ("best.npz", "checkpoint.npz"):
        data = (run / name).read_bytes()
        (tmp_path / name).write_bytes(data[: int(kept * len(data))])
    assert one_line(palate("images", "train", "--resume", tmp_path), "[P067]", code)
    assert one_line(palate("images", "export", tmp_path, "-o", tmp_path / "x.onnx"), "[P067]", code)


def begun(prepared, runs, **more):
    command = [sys.executable, "-m", "palate", "images", "train", str(GAN), "-o", str(runs)]
    settings_ = options(**{"paths.train": str(prepared), "schedule.low.generator": 10**6, **more})
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen([*command, *settings_], **streams)


def validated(run, times):
    """Wait for lines of a log."""
    for _ in range(1200):
        if (run / "log.jsonl").exists() and (run / "log.jsonl").read_bytes().count(b"\n") >= times:
            return
        time.sleep(0.1)
    raise AssertionError("no log")


def test_sigterm_and_a_full_disk(prepared, tmp_path):
    """A checkpoint and exit 143; then the system refuses to write on: one line, exit 1, and the last checkpoint stays."""
    process = begun(prepared, tmp_path)
    run = tmp_path / "0001"
    validated(run, 3)
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=100)
    assert process.returncode == 143, err
    assert out == f"{run}\n"
    said = err.splitlines()
    assert "stopped; --resume continues" in said[-1]
    assert all(line[0].isdigit() for line in said[:-1])  # remarks, and nothing of TensorFlow's
    before = checkpoint.read(run / "checkpoint.npz")[1]["total_steps"]
    assert before >= json.loads((run / "log.jsonl").read_text().splitlines()[-1])["total_steps"] >= 4
    with disk_of(6000):
        failed = palate("images", "train", "--resume", run)
    assert failed.exit_code == 1
    assert failed.stderr.endswith("palate: File too large\n")  # after remarks of the training
    assert "Traceback" not in failed.output
    assert checkpoint.read(run / "checkpoint.npz")[1]["total_steps"] == before
    assert not list(run.rglob("*.part"))
    assert os.path.getsize(run / "checkpoint.npz") > 6000


@contextlib.contextmanager
def disk_of(size):
    """The system writes no file beyond so many bytes."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)


def test_a_run_that_fails_ends_with_exit_1(run, monkeypatch):
    """It is not wrong usage, which has exit 2."""

    def fail(*_, **__):
        raise RunError(Errors.P068.format(run=run, restores=3))

    monkeypatch.setattr(trainer, "resume", fail)
    assert one_line(palate("images", "train", "--resume", run), "[P068]", 1)


# Evaluate and export


def test_evaluate(run, tmp_path):
    for number in range(2):
        pictures.write(tmp_path / f"{number}.png", pictures.Picture(faces.draw(5, number, (41, 34))[0]))
    result = good("images", "evaluate", run, tmp_path, "--json")
    found = json.loads(result.stdout)
    assert [Path(row["picture"]).name for row in found["pictures"]] == ["0.png", "1.png"]
    undone = [row["psnr"] for row in found["pictures"] if row["input_psnr"] < 100]
    assert found["mean"]["psnr"] == pytest.approx(np.mean(undone), abs=1e-3)
    assert set(found["mean"]) == {f"{prefix}{name}" for prefix in ("", "input_") for name in ("psnr", "ssim", "distance")}
    (tmp_path / "bad.png").write_bytes(b"no picture")
    table = palate("images", "evaluate", run, tmp_path)
    assert table.exit_code == 1
    assert f"mean of {len(undone)} degraded" in table.stdout
    assert "input psnr" in table.stdout
    assert table.stderr.startswith("left out: [P003]")
    assert table.stderr.count("\n") == 1
    (tmp_path / "empty").mkdir()
    assert one_line(palate("images", "evaluate", run, tmp_path / "empty"), "P010")
    for number in range(2):
        (tmp_path / f"{number}.png").unlink()
    none = palate("images", "evaluate", run, tmp_path, "--json")
    assert none.exit_code == 1
    assert json.loads(none.stdout)["mean"] == {}


def test_pictures_that_were_not_degraded_are_in_no_mean(run, tmp_path):
    shutil.copytree(run, tmp_path / "run")
    config = (run / "config.cfg").read_text()
    assert "identity_probability = 0.1" in config
    (tmp_path / "run" / "config.cfg").write_text(config.replace("identity_probability = 0.1", "identity_probability = 0.5"))
    for number in range(8):
        pictures.write(tmp_path / "in" / f"{number}.png", pictures.Picture(faces.draw(5, number, (41, 34))[0]))
    found = json.loads(good("images", "evaluate", tmp_path / "run", tmp_path / "in", "--json").stdout)
    undone = [row["psnr"] for row in found["pictures"] if row["input_psnr"] < 100]
    assert 0 < len(undone) < 8
    assert found["mean"]["psnr"] == pytest.approx(np.mean(undone), abs=1e-3)


def test_export(run, tmp_path):
    path = tmp_path / "gan.onnx"
    card = json.loads(good("images", "export", run, "-o", path, "--json").stdout)
    assert read_model(path)[1] == {"format": 2, **card}
    assert (card["name"], card["scale"], card["steps"]) == ("gan", 1, 4)
    assert one_line(palate("images", "export", run, "-o", tmp_path), "not a regular file")


@pytest.mark.parametrize("command", ["prepare", "train", "evaluate", "export"])
def test_help_is_light(command):
    code = "import sys; import palate.command\ntry: palate.command.main()\n"
    code += "except SystemExit: print({'tensorflow', 'keras', 'numpy', 'cv2'} & set(sys.modules))"
    words = [sys.executable, "-c", code, "images", command, "--help"]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert f"palate images {command}" in done.stdout
    assert done.stdout.endswith("set()\n")


def test_a_missing_extra_is_named():
    code = "import sys; sys.modules['keras'] = None; import palate.command; palate.command.main()"
    done = subprocess.run([sys.executable, "-c", code, "images", "evaluate", "x", "y"], capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr == f"palate: keras is not installed: {install('train')}\n"


def test_somebody_elses_graph(tmp_path):
    """Measured, written, run; and what cannot be read is said in one line."""
    lay_pictures(tmp_path)
    done = good("images", "import", tmp_path / "model.onnx", "-o", tmp_path / "mine.onnx", "--json")
    assert json.loads(done.stdout)[0]["scale"] == 1
    picture = np.random.default_rng(0).integers(0, 256, (20, 30, 3), np.uint8)
    pictures.write(tmp_path / "a.png", pictures.Picture(picture))
    good("enhance", tmp_path / "a.png", "--model", tmp_path / "mine.onnx", "-o", tmp_path / "b.png")
    assert np.array_equal(pictures.read(tmp_path / "b.png").pixels, picture)
    (tmp_path / "text.onnx").write_text("no graph")
    one_line(palate("images", "import", tmp_path / "text.onnx", "-o", tmp_path / "mine.onnx"), "P094")
    one_line(palate("images", "import", tmp_path / "model.onnx", "-o", tmp_path / "model.onnx"), "is the input")
