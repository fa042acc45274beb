"""`palate images`: train a U-Net GAN on pictures; show the models that ship with palate."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from corpora.errors import InputError
from palate.console import export, has_terminal, print_json, print_line, print_table, say, show
from palate.messages import counted
from palate.options import Csv, Json, check_csv, numbers, overrides

Run = Annotated[Path, typer.Argument(help="The folder of a run, or a folder of runs, of which the newest is used.")]
_ENDINGS = {
    "done": "trained to the end",
    "time": "the minutes are over; --resume with more --training.minutes continues",
    "stopped": "stopped; --resume continues",
}


def mount(app: typer.Typer) -> None:
    """Add the commands to an app."""
    app.command("models")(models)
    app.command("prepare")(prepare)
    app.command("train", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})(train)
    app.command("evaluate")(evaluate)
    app.command("topics")(topics)
    app.command("export")(export_run)
    app.command("import")(import_model)


def models(csv: Csv = None, as_json: Json = False) -> None:
    """Show the models that ship with palate: scale, look, size, figures, training data, terms of use and credit."""
    from image_gan.enhance.models import shipped_records, shipped_rows

    check_csv(csv)
    export(shipped_records(), csv)
    if as_json:
        print_json(shipped_records())
        return
    print_table([_model_row(row) for row in shipped_rows()], "palate enhance --model NAME")


def _model_row(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "model": row["model"],
        "scale": row["scale"],
        "look": row["look"],
        "size": f"{row['megabytes']} MB",
        "psnr": row["psnr"],
        "distance": row["distance"],
        "trained on": row["data"],
        "terms": row["terms"],
        "credit": row["credit"],
    }


def prepare(
    photos: Annotated[list[Path], typer.Argument(help="Pictures, folders of pictures, or a folder in CelebA's layout.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The folder that gets the tiers low, medium and high.")],
    sides: Annotated[str, typer.Option(help="Shorter side of the pictures in each tier, in pixels.")] = "64,128,256",
    own_size: Annotated[bool, typer.Option("--own-size", help="Keep the size of the pictures in the last tier.")] = False,
    partition: Annotated[str, typer.Option(help="CelebA's partition: train, val or test.")] = "train",
    csv: Csv = None,
    as_json: Json = False,
) -> None:
    """Check pictures, turn them upright, and scale each one down to every tier of resolution that it is large enough for.

    palate images prepare PHOTOS -o prepared
    """
    from image_gan.training.prepare import prepare_pictures
    from image_gan.training.tiers import TIERS

    shorter = numbers(sides, int, "--sides")
    if len(shorter) != 3 or sorted(shorter) != shorter or shorter[0] < 1:
        raise InputError(f"--sides takes three increasing numbers, one per tier. Received: {sides!r}")
    check_csv(csv, *photos)
    tiers = dict(zip(TIERS, shorter, strict=True))
    done = prepare_pictures(photos, output, sides=tiers, own_size=own_size, partition=partition)
    rows = [
        {"tier": tier, "shorter side": side, "pictures": done.pictures[tier], "too small": done.too_small[tier]}
        for tier, side in tiers.items()
    ]
    export(rows, csv)
    if as_json:
        print_json(done._asdict())
    else:
        print_table(rows, str(output))
    for file, reason in done.failed.items():
        say(f"left out: {reason if file in reason else f'{file}: {reason}'}")
    if done.failed:
        say(f"{counted(len(done.failed), 'picture')} could not be read")
        raise typer.Exit(1)


def train(
    context: typer.Context,
    config: Annotated[
        Path | None, typer.Argument(help="A config file; or gan or gan_imagenet, which ship with palate.")
    ] = None,
    output: Annotated[Path, typer.Option("--output", "-o", help="The folder in which the run's folder is created.")] = Path(
        "runs"
    ),
    resume: Annotated[Path | None, typer.Option(help="The folder of a run to continue exactly where it stopped.")] = None,
) -> None:
    """Train a generator. Values of the config are overridden by --section.NAME VALUE.

    palate images train gan --paths.train prepared -o runs --training.seed 1

    palate images train --resume runs/0001
    """
    from image_gan.training import runs, settings

    args = context.args
    if config is not None and str(config).startswith("--"):  # --resume RUN --section.name VALUE
        config, args = None, [str(config), *args]
    values = overrides(args)
    if config is not None:
        wanted = settings.load(config, values)
    elif resume is not None:
        wanted = runs.run_config(resume, values)
    else:
        raise InputError("name a config to start a run, or --resume RUN to continue one")
    with _quiet_tensorflow():
        from image_gan.training import trainer

    if resume is not None:
        done = trainer.resume(resume, wanted, progress=has_terminal())
    else:
        done = trainer.train(wanted, output, progress=has_terminal())
    best = {name: done.best[name] for name in ("total_steps", "psnr", "distance") if name in done.best}
    say(f"{done.run}: {_ENDINGS[done.ended]}; best validation: {best}")
    print_line(str(done.run))
    if done.signal:
        raise typer.Exit(128 + done.signal)


def evaluate(
    run: Run,
    pictures: Annotated[Path, typer.Argument(help="A folder of target pictures, which are degraded as the config specifies.")],
    seed: Annotated[int, typer.Option(help="Random seed of the degradation.", min=0)] = 0,
    topics: Annotated[
        Path | None, typer.Option(help="Conditions of faces: show the figures by topic, the worst topic first.")
    ] = None,
    csv: Csv = None,
    as_json: Json = False,
) -> None:
    """Evaluate a run's best generator on pictures that it has not seen: PSNR, SSIM, feature distance.

    Pictures that the config leaves as they are do not count in the means.

    palate images evaluate runs/0001 VALIDATION
    """
    check_csv(csv, pictures, topics)
    with _quiet_tensorflow():
        from image_gan.training import evaluation

    rows = list(evaluation.evaluate(run, pictures, seed=seed))
    failed = [row for row in rows if "failed" in row]
    degraded, means = evaluation.degraded_rows(rows), evaluation.mean_figures(rows)
    worst = _by_topic(degraded, topics) if topics else []
    export(worst or rows, csv)
    if as_json:
        print_json({"pictures": rows, "mean": means, "topics": worst})
    elif worst:
        print_table(worst, str(run))
    else:
        shown = [{**row, "picture": Path(row["picture"]).name} for row in rows if "failed" not in row]
        shown += [{"picture": f"mean of {len(degraded)} degraded", **means}] if means else []
        print_table(shown, str(run))
    for row in failed:
        say(f"left out: {row['failed']}")
    if failed:
        raise typer.Exit(1)


def _by_topic(rows: Any, path: Path) -> list[dict[str, Any]]:
    from image_gan.training.conditioning import figures_by_topic, load_conditions

    return figures_by_topic(rows, load_conditions(path))


def topics(
    faces: Annotated[Path, typer.Argument(help="A folder in CelebA's layout.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Where to write the conditions, an .npz file.")],
    number: Annotated[int, typer.Option("--topics", "-k", help="Number of topics of attributes.")] = 8,
    kind: Annotated[str, typer.Option(help="theta, or one of its controls: attributes or shuffled.")] = "theta",
    seed: Annotated[int, typer.Option(help="Random seed.")] = 0,
    csv: Csv = None,
    as_json: Json = False,
) -> None:
    """Fit topics to the attributes of faces, and write the topics of each face as conditions for a critic.

    palate images topics celeba -o theta.npz

    palate images train gan --paths.train prepared --paths.conditions theta.npz --critic.conditions 8
    """
    from corpora.files import check_writable
    from image_gan.training.conditioning import fit_conditions, save_conditions, topic_rows

    check_writable(output)
    check_csv(csv, faces, output)
    table = fit_conditions(faces, topics=number, kind=kind, seed=seed)
    save_conditions(output, table)
    rows = topic_rows(table)
    export(rows, csv)
    show(rows, f"{table.vectors.shape[1]} numbers per face", as_json)
    say(f"conditions of {counted(len(table.names), 'face')} written to {output}")


def export_run(
    run: Run,
    output: Annotated[Path, typer.Option("--output", "-o", help="Where to write the model, an .onnx file.")],
    as_json: Json = False,
) -> None:
    """Write a run's best generator, with its card, as a file for `palate enhance`.

    palate images export runs/0001 -o gan.onnx
    """
    from corpora.files import check_writable

    check_writable(output)
    with _quiet_tensorflow():
        from image_gan.export import export_model

        card = export_model(run, output)
    if as_json:
        print_json(card.entries())
    say(f"{card.parameters} parameters written to {output}")
    if not card.ranges:
        say("without int8: the run's pictures are not at the path in its config, relative to this folder")


def import_model(
    model: Annotated[Path, typer.Argument(help="An ONNX graph that restores or enlarges pictures, of any height and width.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Where to write the model, an .onnx file.")],
    bgr: Annotated[
        bool, typer.Option("--bgr", help="The graph takes blue first, as OpenCV reads pictures; that cannot be measured.")
    ] = False,
    csv: Csv = None,
    as_json: Json = False,
) -> None:
    """Measure somebody else's ONNX graph, and write it, with its card, as a file for `palate enhance`.

    palate images import model.onnx -o mine.onnx
    """
    from corpora.files import check_writable
    from image_gan.enhance.foreign import import_model

    check_csv(csv, model)
    check_writable(output, model)
    card = import_model(model, output, bgr=bgr)
    measured = {
        "scale": card.scale,
        "size multiple": card.size_multiple,
        "receptive field": card.receptive_field,
        "parameters": card.parameters,
        "bfloat16, dB": card.bfloat16,
        "int8, dB": card.int8,
    }
    export([measured], csv)
    show([measured], card.limits, as_json)
    say(f"{card.name} written to {output}; palate does not know its terms of use")


@contextlib.contextmanager
def _quiet_tensorflow() -> Iterator[None]:
    """Silence TensorFlow on standard error while it is imported and while it exports a model."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    kept = os.dup(2)
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
