"""`palate enhance`: clean and enlarge pictures."""

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
        int | None, typer.Option(help="1 removes noise, JPEG artefacts and slight blur; 2 and 4 enlarge (default: 1).")
    ] = None,
    look: Annotated[str | None, typer.Option(help="Style of an enlargement: faithful, or crisp (default: faithful).")] = None,
    model: Annotated[
        str, typer.Option(help="Another model, which has its own scale: a name from `palate images models`, or a file.")
    ] = "",
    strength: Annotated[
        float, typer.Option(help="Strength of the effect, from 0 (unchanged, or plainly enlarged) to 1.")
    ] = 1.0,
    denoise: Annotated[
        str,
        typer.Option(
            help="Share of the noise and grain that restore removes: 0 keeps grain, 1 removes all; auto goes by the picture."
        ),
    ] = "auto",
    suffix: Annotated[
        str | None, typer.Option(help="Suffix of the output's name (default: _enhanced, and none in another folder).")
    ] = None,
    format: Annotated[str, typer.Option(help="jpeg, png, webp, tiff or bmp (default: the input's format).")] = "",
    quality: Annotated[int, typer.Option(help="Quality of JPEG and WebP.", min=1, max=100)] = 95,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace outputs that exist.")] = False,
    skip_existing: Annotated[bool, typer.Option("--skip-existing", help="Skip pictures whose output exists.")] = False,
    compare: Annotated[bool, typer.Option("--compare", help="Also write strips of before and after, as NAME_compare.")] = False,
    report: Annotated[
        Path | None, typer.Option(help="Write (or replace) a page (.html) with a before/after slider for each picture.")
    ] = None,
    allow_truncated: Annotated[
        bool, typer.Option("--allow-truncated", help="Decode as much as possible of damaged pictures.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Clean pictures, or enlarge them.

    palate enhance photo.jpg

    palate enhance holiday/ -r -o clean/ --scale 2
    """
    from corpora.files import check_writable
    from image_gan.enhance.batch import enhance_pictures
    from image_gan.enhance.enhancer import Enhancer
    from image_gan.enhance.models import named
    from image_gan.enhance.outputs import plan

    _check(paths, output, overwrite, skip_existing, report, model, scale, look, as_json)
    existing = "overwrite" if overwrite else "skip" if skip_existing else "refuse"
    where: dict[str, Any] = {"output": output, "recursive": recursive, "suffix": suffix, "format": format, "compare": compare}
    jobs = plan(paths, existing=existing, **where)
    if report:
        check_writable(report, *(job.source for job in jobs if job.source))
    # None keeps Python from importing a module: OpenVINO's converter takes longer than all other imports, and is not needed.
    modules: dict[str, Any] = sys.modules
    modules.setdefault("openvino.tools.ovc", None)
    enhancer = Enhancer(model or named(scale or 1, look or "faithful"), strength=strength, denoise=_share(denoise))
    rows = enhance_pictures(
        jobs,
        enhancer,
        quality=quality,
        allow_truncated=allow_truncated,
        report=report,
        progress=has_terminal(),
        stdin=sys.stdin.buffer,
        stdout=sys.stdout.buffer,
    )
    if as_json:
        print_json(
            {"model": enhancer.card.name, "scale": enhancer.scale, "strength": strength, "denoise": denoise, "pictures": rows}
        )
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
    scale: int | None,
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
    if model and (scale is not None or look is not None):
        raise InputError("--model brings its own scale and look: leave --scale and --look out")
    if (str(output) == "-" or ("-" in paths and not output)) and (as_json or sys.stdout.isatty()):
        raise InputError("the picture goes to standard output: send it to a file (> out.png, or -o), without --json")


def _share(denoise: str) -> str | float:
    """A number, where it is one; the enhancer checks it."""
    try:
        return float(denoise)
    except ValueError:
        return denoise


def _report(rows: list[dict[str, Any]]) -> None:
    """Print what was skipped and what failed; the exit code is 1 if anything failed."""
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
