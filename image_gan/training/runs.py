"""The folder of a run: what its files are called, and how they are read."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from confection import Config

from corpora.files import write_text
from image_gan.errors import Errors, InputError
from image_gan.training import settings
from image_gan.training.format_1 import current_log_line

CONFIG, LOG, SAMPLES, TENSORBOARD = "config.cfg", "log.jsonl", "samples", "tensorboard"
CHECKPOINT = "checkpoint.npz"  # where the training stands
BEST = "best.npz"  # the averaged generator at the best validation, and that validation's log line


def new_run(runs: str | Path, config: Config) -> Path:
    """Make the folder of a new run, numbered after those that exist, with its config.

    runs (str | Path): the folder of all runs.
    config (Config): complete.
    RETURNS (Path): the run's folder.
    """
    numbers = [int(path.name) for path in Path(runs).glob("[0-9]*") if path.name.isdigit()]
    run = Path(runs) / f"{max(numbers, default=0) + 1:04d}"
    run.mkdir(parents=True)
    write_text(run / CONFIG, config.to_str())
    return run


def find_run(path: str | Path) -> Path:
    """Find a run.

    path (str | Path): its folder, or a folder of runs, of which the newest is meant.
    RETURNS (Path): its folder.
    RAISES InputError: P066, neither.
    """
    path = Path(path)
    if (path / CONFIG).is_file():
        return path
    runs = [run for run in path.glob("[0-9]*") if run.name.isdigit() and (run / CONFIG).is_file()]
    if not runs:
        raise InputError(Errors.P066.format(path=path / CONFIG, reason="no such file; name the folder of a run"))
    return max(runs, key=lambda run: int(run.name))


def run_config(run: str | Path, overrides: Mapping[str, Any] | None = None) -> Config:
    """Read the config of a run.

    run (str | Path): as for `find_run`.
    overrides (Mapping[str, Any] | None): values by their dotted names.
    RAISES InputError: P066, there is no run; and as `settings.load`.
    """
    return settings.load(find_run(run) / CONFIG, overrides)


def read_log(run: Path) -> list[dict[str, Any]]:
    """Read the log of a run, also of one of format 1: a line per validation; a last line that was cut short is left out.

    run (Path): the run's folder.
    RETURNS (list[dict[str, Any]]): see `log.TrainingLog`.
    """
    path = run / LOG
    lines = path.read_text("utf8").splitlines(keepends=True) if path.exists() else []
    return [current_log_line(json.loads(line)) for line in lines if line.endswith("\n")]


def samples_path(run: Path, total_steps: int) -> Path:
    """Where the samples of a validation are: a PNG with a row for each picture: degraded, output, target."""
    return run / SAMPLES / f"{total_steps:06d}.png"


def load_generator(run: str | Path) -> Any:
    """Load the best generator of a run, in float32.

    run (str | Path): as for `find_run`.
    RETURNS (keras.Model): of `networks.unet`.
    RAISES InputError: P066, P067.
    """
    from image_gan.training import checkpoint
    from image_gan.training.devices import dtype_policy

    with dtype_policy("float32"):
        generator = settings.network_of(run_config(run), "generator", pretrained=False)
    checkpoint.restore(find_run(run) / BEST, {"average": generator.variables})
    return generator


def load_features(run: str | Path) -> Any:
    """Load the network by which a run compares features, as its checkpoint has it, in float32.

    run (str | Path): as for `find_run`.
    RETURNS (keras.Model): pictures to activations.
    RAISES InputError: P066, P067.
    """
    from image_gan.training import checkpoint
    from image_gan.training.devices import dtype_policy

    config = run_config(run)
    with dtype_policy("float32"):
        features = settings.network_of(config, "features", pretrained=False)
        if features is None:
            features = settings.network_of(config, "generator", pretrained=False).encoder
    checkpoint.restore(find_run(run) / CHECKPOINT, {"features": features.variables})
    return features


def read_best(run: str | Path) -> dict[str, Any]:
    """Read the log line of a run's best validation. RAISES InputError: P066, P067."""
    from image_gan.training import checkpoint

    _, line = checkpoint.read(find_run(run) / BEST)
    return current_log_line(line)
