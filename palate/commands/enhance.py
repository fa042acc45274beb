"""`palate enhance`: clean and enlarge pictures."""

import re
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from corpora.errors import InputError
from palate.console import has_terminal, one_line, print_json, print_line, say
from palate.options import Json


def mount(app: typer.Typer) -> None:
    """Add the command to an app."""
    app.command("enhance")(enhance)


def enhance(
    paths: Annotated[list[str], typer.Argument(metavar="PICTURES", help="Pictures, folders of them, or - for standard input.")],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help="A folder; for one picture also a file, or - (default: NAME_enhanced beside the picture)."
        ),
    ] = None,
    recursive: Annotated[bool, typer.Option("--recursive", "-r", help="Include the folders inside folders.")] = False,
    scale: Annotated[
        float | None,
        typer.Option(help="1 removes noise, JPEG artefacts and slight blur; up to 4 enlarges, also by fractions (default: 1)."),
    ] = None,
    width: Annotated[int | None, typer.Option(help="Width of the output in pixels, instead of a scale.")] = None,
    height: Annotated[int | None, typer.Option(help="Height of the output in pixels, instead of a scale.")] = None,
    fit: Annotated[
        str, typer.Option(metavar="WxH", help="Largest width and height of the output, such as 2048x2048, instead of a scale.")
    ] = "",
    look: Annotated[str | None, typer.Option(help="Style of an enlargement: faithful, or crisp (default: faithful).")] = None,
    model: Annotated[str, typer.Option(help="Another model: a name from `palate images models`, or a file.")] = "",
    strength: Annotated[
        float, typer.Option(help="Strength of the effect, from 0 (unchanged, or plainly enlarged) to 1.")
    ] = 1.0,
    denoise: Annotated[
        str,
        typer.Option(
            help="Share of the noise that a model with a noise level removes, 0 (grain stays) to 1; auto: by the picture."
        ),
    ] = "auto",
    suffix: Annotated[
        str | None, typer.Option(help="Suffix of the output's name (default: _enhanced, and none in another folder).")
    ] = None,
    format: Annotated[str, typer.Option(help="jpeg, png, webp, tiff, bmp, avif or heic (default: the input's format).")] = "",
    quality: Annotated[int, typer.Option(help="Quality of JPEG, WebP, AVIF and HEIC.", min=1, max=100)] = 95,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace outputs that exist, also the input itself.")] = False,
    skip_existing: Annotated[bool, typer.Option("--skip-existing", help="Skip pictures whose output exists.")] = False,
    compare: Annotated[bool, typer.Option("--compare", help="Also write strips of before and after, as NAME_compare.")] = False,
    report: Annotated[
        Path | None, typer.Option(help="Write (or replace) a page (.html) with a before/after slider for each picture.")
    ] = None,
    allow_truncated: Annotated[
        bool, typer.Option("--allow-truncated", help="Decode as much as possible of damaged pictures.")
    ] = False,
    engine: Annotated[str, typer.Option(help="What computes: openvino, or onnxruntime.")] = "openvino",
    precision: Annotated[str, typer.Option(help="Of computing: auto, int8, bfloat16 or float32.")] = "auto",
    tile: Annotated[int, typer.Option(help="Longest side of what is computed at once; less takes less memory.", min=1)] = 768,
    threads: Annotated[int | None, typer.Option(help="Threads that compute (default: one for each core).", min=1)] = None,
    as_json: Json = False,
) -> None:
    """Clean pictures, or enlarge them.

    palate enhance photo.jpg

    palate enhance holiday/ -r -o clean/ --scale 2
    """
    from corpora.files import check_writable
    from image_gan.enhance.batch import enhance_pictures
    from image_gan.enhance.outputs import plan
    from image_gan.enhance.sized import SizedEnhancer

    _check(paths, output, overwrite, skip_existing, report, model, look, as_json)
    size = _size(scale, width, height, fit, model)
    existing = "overwrite" if overwrite else "skip" if skip_existing else "refuse"
    where: dict[str, Any] = {"output": output, "recursive": recursive, "suffix": suffix, "format": format, "compare": compare}
    jobs = plan(paths, existing=existing, **where)
    if report:
        check_writable(report, *(job.source for job in jobs if job.source))
    # None keeps Python from importing a module: OpenVINO's converter takes longer than all other imports, and is not needed.
    modules: dict[str, Any] = sys.modules
    modules.setdefault("openvino.tools.ovc", None)
    computing: dict[str, Any] = {"engine": engine, "precision": precision, "tile": tile, "threads": threads or 0}
    computing |= {"strength": strength, "denoise": _share(denoise)}
    enhancer = SizedEnhancer(size, model=model, look=look or "faithful", **computing)
    rows = enhance_pictures(
        jobs,
        enhancer,
        quality=quality,
        allow_truncated=allow_truncated,
        report=report,
        progress=has_terminal(),
        say=say,
        stdin=sys.stdin.buffer,
        stdout=sys.stdout.buffer,
    )
    if as_json:
        card = enhancer.card
        of_all = {"model": card.name if card else None, "scale": enhancer.size.scale, "strength": strength, "denoise": denoise}
        print_json({**of_all, "pictures": rows})
    else:
        for row in rows:
            if "seconds" in row and "failed" not in row and row["output"] != "-":
                print_line(row["output"])
    _report(rows)


def _check(
    paths: list[str],
    output: Path | None,
    overwrite: bool,
    skip_existing: bool,
    report: Path | None,
    model: str,
    look: str | None,
    as_json: bool,
) -> None:
    """Check the options.

    RAISES InputError: options that exclude each other, or a report that is not a page.
    """
    if overwrite and skip_existing:
        raise InputError("--overwrite and --skip-existing exclude each other")
    if report and report.suffix.lower() not in (".html", ".htm"):
        raise InputError(f"--report writes a page: {report} does not end in .html")
    if model and look is not None:
        raise InputError("--model brings its own look: leave --look out")
    if (str(output) == "-" or ("-" in paths and not output)) and (as_json or sys.stdout.isatty()):
        raise InputError("the picture goes to standard output: send it to a file (> out.png, or -o), without --json")


def _size(scale: float | None, width: int | None, height: int | None, fit: str, model: str) -> Any:
    """The size that the options ask for; a model's own if they ask for none.

    RAISES InputError: several of them, or a value that cannot be.
    """
    from image_gan.enhance.sized import Size

    box = re.fullmatch(r"(\d+)x(\d+)", fit, re.IGNORECASE)
    if fit and not box:
        raise InputError(f"--fit takes a width and a height such as 2048x2048. Received: {fit!r}")
    if scale is None and width is None and height is None and not fit:
        return None if model else Size(scale=1)
    return Size(scale, width, height, (int(box[1]), int(box[2])) if box else None)


def _share(denoise: str) -> str | float:
    """A number, where it is one; the enhancer checks it."""
    try:
        return float(denoise)
    except ValueError:
        return denoise


def _report(rows: list[dict[str, Any]]) -> None:
    """Print notes, and what was skipped and what failed; the exit code is 1 if anything failed."""
    for row in rows:
        for note in row.get("notes", ()):
            say(f"note: {one_line(ValueError(row['input'] + ': ' + note))}")
    failed = [row for row in rows if "failed" in row]
    skipped = [row for row in rows if "skipped" in row]
    for row in (*skipped, *failed):
        reason = row.get("failed") or row["skipped"]
        message = one_line(ValueError(reason if row["input"] in reason else f"{row['input']}: {reason}"))
        say(f"{'failed' if 'failed' in row else 'skipped'}: {message}")
    if len(rows) > 1:
        say(f"{len(rows) - len(failed) - len(skipped)} enhanced, {len(skipped)} skipped, {len(failed)} failed")
    if failed:
        raise typer.Exit(1)
