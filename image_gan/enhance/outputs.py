"""Plans which picture is written where, before anything is read or written."""

import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from image_gan.errors import Errors, InputError, RunError, one_line
from image_gan.pictures import KINDS, SUFFIXES, find_others, find_pictures
from image_gan.pictures.kinds import OTHER_SUFFIXES, Kind, kind_of_file, kind_of_name


class Job(NamedTuple):
    """A picture to enhance.

    source (Path | None): the input; None for standard input.
    target (Path | None): the output; None for standard output.
    strip (Path | None): where a strip of before and after is written, if anywhere.
    format (str | None): what standard output gets; None for the input's.
    failed (str): why it cannot be done.
    skipped (str): why it need not be done.
    note (str): what is to be said of it although it can be done.
    """

    source: Path | None
    target: Path | None
    strip: Path | None = None
    format: str | None = None
    failed: str = ""
    skipped: str = ""
    note: str = ""


def plan(
    paths: Sequence[str | Path],
    *,
    output: str | Path | None = None,
    recursive: bool = False,
    suffix: str | None = None,
    format: str | None = None,
    existing: str = "refuse",
    compare: bool = False,
) -> list[Job]:
    """Decide what is read and what is written; nothing is written, and no more read than the first bytes, which say the format.

    paths (Sequence[str | Path]): files and folders; or only "-", for standard input.
    output (str | Path | None): a folder, in which the folders of a folder are repeated; for one file also a file, or "-" for
        standard output. None: beside the input; standard output for standard input.
    recursive (bool): look into folders of folders.
    suffix (str | None): what is added to the name; None: "_enhanced" beside the input, nothing in another folder.
    format (str | None): jpeg, png, webp, tiff, bmp, avif or heic; None: the input's, whatever its name.
    existing (str): what to do if the output exists: "refuse", "overwrite", also where it is the input itself, or "skip".
    compare (bool): write a strip of before and after beside each output.
    RETURNS (list[Job]): what is wrong with a path or picture is said in its job; an input that is another's output is skipped,
        and so are pictures in folders that are of other formats.
    RAISES InputError: P009, P011, P012, P060, P085, P086, P090.
    """
    kind = _check(paths, suffix, format)
    folder = None if output is None or str(output) == "-" else Path(output)
    file = folder if folder and _is_one_file(folder, paths) else None
    if file and kind:
        raise InputError(Errors.P086.format(path=file))
    if "-" in map(str, (*paths, output)):
        return _settled([_stream(paths, folder, file, kind, compare)], existing)
    if folder and not file and not folder.is_dir():
        if kind_of_name(folder):
            raise InputError(Errors.P090.format(path=folder))
        if folder.suffix.lower() in OTHER_SUFFIXES:
            raise InputError(Errors.P011.format(path=folder, suffixes=", ".join(SUFFIXES)))
    if suffix is None:
        suffix = "" if folder else "_enhanced"
    jobs: dict[str, Job] = {}
    for path in map(Path, paths):
        try:
            for other in find_others(path, recursive=recursive) if path.is_dir() else ():
                jobs[os.path.abspath(other)] = Job(other, None, skipped="pictures of this format are not read")
            files = find_pictures([path], recursive=recursive)
        except (InputError, OSError) as error:
            jobs[os.path.abspath(path)] = Job(path, None, failed=reason(error))
            continue
        for source in files:
            target, note = (file, "") if file else _target(source, path, folder, suffix, kind)
            jobs[os.path.abspath(source)] = Job(source, target, _strip_of(target) if compare else None, note=note)
    return _settled(list(jobs.values()), existing)


def reason(error: Exception) -> str:
    """Why a picture failed, in one line."""
    if isinstance(error, InputError | RunError):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return f"{type(error).__name__}: {one_line(error, 300)}"


def _check(paths: Sequence[str | Path], suffix: str | None, format: str | None) -> Kind | None:
    """RETURNS (Kind | None): the kind of the outputs, if the caller wants a certain one."""
    if "" in paths:
        raise InputError(Errors.P009.format(path="''"))
    if suffix and Path(suffix).name != suffix:
        raise InputError(Errors.P060.format(what="the suffix", allowed="a part of a name, without /", got=repr(suffix)))
    if not format:
        return None
    name = SUFFIXES.get(f".{format.lower()}")
    if name is None:
        raise InputError(Errors.P012.format(format=format, formats=", ".join(KINDS)))
    return KINDS[name]


def _is_one_file(output: Path, paths: Sequence[str | Path]) -> bool:
    """Whether the output is a file, not a folder: it is named as a picture, and one picture goes in."""
    return len(paths) == 1 and kind_of_name(output) is not None and not Path(paths[0]).is_dir() and not output.is_dir()


def _stream(paths: Sequence[str | Path], folder: Path | None, file: Path | None, kind: Kind | None, compare: bool) -> Job:
    """The one job that reads standard input or writes standard output."""
    source = None if str(paths[0]) == "-" else Path(paths[0])
    if len(paths) > 1 or compare or (folder and not file) or (source and source.is_dir()):
        raise InputError(Errors.P085)
    return Job(source, file, format=kind.name if kind else None)


def _target(source: Path, path: Path, folder: Path | None, suffix: str, kind: Kind | None) -> tuple[Path, str]:
    """Where the output of a file goes that was found at one of the caller's paths, and what is to be said of that."""
    named, found = kind_of_name(source), kind_of_file(source)
    wanted = kind or found or named or KINDS["png"]
    stem, ending = (source.stem, source.suffix) if named else (source.name, "")
    if named is not wanted:
        ending = wanted.suffixes[0]
    if folder:
        beginning = path if path.is_dir() else path.parent
        folder = folder / source.relative_to(beginning).parent
    differs = found and named and found is not named and not kind
    note = f"it is {found.title} by its content, and so is its output" if found and differs else ""
    return (folder or source.parent) / f"{stem}{suffix}{ending}", note


def _strip_of(target: Path) -> Path:
    kind = kind_of_name(target)
    ending = ".jpg" if kind and kind.name == "jpeg" else ".png"
    return target.with_name(f"{target.stem}_compare{ending}")


def _settled(jobs: list[Job], existing: str) -> list[Job]:
    """Jobs that would harm a file are failed; those that need not be done are skipped."""
    written = Counter(path for job in jobs for path in _written(job))
    sources: dict[str, Path | None] = {}  # by what is written, with or without strips this time
    for job in jobs:
        if job.target:
            for path in (job.target, _strip_of(job.target)):
                sources[os.path.realpath(path)] = job.source
    return [_settle(job, written, sources, existing) for job in jobs]


def _settle(job: Job, written: Counter[str], sources: dict[str, Path | None], existing: str) -> Job:
    if job.failed or not job.target:
        return job
    source = os.path.realpath(job.source) if job.source else ""
    there = next((path for path in (job.target, job.strip) if path and path.exists()), None)
    if source in _written(job) and (existing != "overwrite" or source != os.path.realpath(job.target)):
        return job._replace(failed=Errors.P087)
    if sources.get(source, job.source) != job.source:
        return job._replace(skipped=f"it is the output of {sources[source]}")
    if max(written[path] for path in _written(job)) > 1:
        return job._replace(failed=Errors.P088.format(path=job.target))
    if there and existing == "refuse":
        return job._replace(failed=Errors.P089.format(path=there))
    if there and existing == "skip":
        return job._replace(skipped=f"{there} exists")
    return job


def _written(job: Job) -> list[str]:
    return [os.path.realpath(path) for path in (job.target, job.strip) if path]
