"""Enhances many pictures: what is written where, one computed while another is decoded or encoded, what came of each."""

import contextlib
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

from corpora.files import check_writable, replacing
from image_gan import pictures
from image_gan.enhance import comparison as before_after
from image_gan.enhance.enhancer import Enhancer
from image_gan.errors import Errors, InputError
from image_gan.pictures import SUFFIXES

_AT_ONCE = 2  # pictures in memory


class Job(NamedTuple):
    """A picture to enhance: from where, to where (None: standard input, standard output), where a strip of before and after.

    format (str | None): what standard output gets; None: the input's. failed, skipped (str): why it is not to be done.
    """

    source: Path | None
    target: Path | None
    compare: Path | None = None
    format: str | None = None
    failed: str = ""
    skipped: str = ""


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
    """Decide what is read and what is written; nothing is touched.

    paths (Sequence): files and folders, or "-" alone: standard input.
    output (str | Path | None): a folder, in which the folders of a folder are mirrored; for one file, also a file, or "-":
        standard output; None: beside the input, or standard output for standard input.
    suffix (str | None): what comes between name and ending; "_enhanced" beside the input, nothing in another folder.
    format (str | None): jpeg, png, webp, tiff or bmp; None: as the input is called, PNG where that says nothing.
    existing (str): what to do where the output is there: "refuse", "overwrite" or "skip".
    RETURNS (list[Job]): what is wrong with a path or picture is said in its job; an input that is another's output is skipped.
    RAISES InputError: P009, P012, P060, P085, P086, P090.
    """
    if "" in paths:
        raise InputError(Errors.P009.format(path="''"))
    if suffix and Path(suffix).name != suffix:
        raise InputError(Errors.P060.format(what="the suffix", allowed="a part of a name, without /", got=repr(suffix)))
    wanted = SUFFIXES.get(f".{format.lower()}") if format else None
    if format and not wanted:
        raise InputError(Errors.P012.format(format=format, formats=", ".join(dict.fromkeys(SUFFIXES.values()))))
    to = None if output is None or str(output) == "-" else Path(output)
    one = to if to and len(paths) == 1 and to.suffix.lower() in SUFFIXES and not Path(paths[0]).is_dir() else None
    one = None if one and one.is_dir() else one
    if one and format:
        raise InputError(Errors.P086.format(path=one))
    if "-" in map(str, (*paths, output)):
        source = None if str(paths[0]) == "-" else Path(paths[0])
        if len(paths) > 1 or compare or (to and not one) or (source and source.is_dir()):
            raise InputError(Errors.P085)
        return list(_settled([Job(source, one, format=wanted)], existing))
    if to and not one and to.suffix.lower() in SUFFIXES and not to.is_dir():
        raise InputError(Errors.P090.format(path=to))
    suffix = suffix if suffix is not None else "" if to else "_enhanced"
    jobs: dict[str, Job] = {}
    for path in map(Path, paths):
        try:
            files = pictures.find_pictures([path], recursive=recursive)
        except (InputError, OSError) as error:
            jobs[os.path.abspath(path)] = Job(path, None, failed=_reason(error))
            continue
        for file in files:
            kind = wanted or SUFFIXES.get(file.suffix.lower(), "png")
            ending = file.suffix if SUFFIXES.get(file.suffix.lower()) == kind else f".{kind}".replace("jpeg", "jpg")
            folder = to / file.relative_to(path if path.is_dir() else path.parent).parent if to else file.parent
            target = one or folder / f"{file.stem}{suffix}{ending}"
            jobs[os.path.abspath(file)] = Job(file, target, _strip(target) if compare else None)
    return list(_settled(list(jobs.values()), existing))


def run(
    jobs: Sequence[Job],
    enhancer: Enhancer,
    *,
    quality: int = 95,
    allow_truncated: bool = False,
    report: str | Path | None = None,
    progress: bool = False,
) -> list[dict[str, Any]]:
    """Do what was planned; what fails does not stop the rest, and each file is written whole or not at all.

    quality (int): of JPEG and WebP. allow_truncated (bool): as for `pictures.read`. progress (bool): show it on stderr.
    report (str | Path | None): a page to write, with a slider between before and after for each picture.
    RETURNS (list[dict]): of each job input and output ("-" for the standard ones); and width, height, seconds (of computing);
        or failed or skipped: the reason.
    """
    computing, stopped = threading.Lock(), threading.Event()
    given = b"" if all(job.source for job in jobs) else sys.stdin.buffer.read()  # here, where it can be interrupted

    def one(job: Job) -> tuple[dict[str, Any], str]:
        row: dict[str, Any] = {"input": str(job.source or "-"), "output": str(job.target or "-")}
        done, shown = 0.0, ""

        def tell(share: float) -> None:
            nonlocal done
            if stopped.is_set():
                raise KeyboardInterrupt
            done += share
            advance(share)

        try:
            if not (job.failed or job.skipped):
                for path in filter(None, (job.target, job.compare)):
                    check_writable(path)
                before = pictures.read(job.source or given, allow_truncated=allow_truncated)
                with computing:
                    tell(0)
                    start = time.perf_counter()
                    after = enhancer.enhance(before, tell)
                    row["seconds"] = round(time.perf_counter() - start, 3)
                row |= dict(zip(("height", "width"), after.pixels.shape, strict=False))
                if not (job.compare or report):
                    before = after  # of a large picture only one is held while it is encoded
                _write(job, after, quality)
                if job.compare:
                    pictures.write(job.compare, before_after.strip(before, after), quality=quality)
                if report:
                    shown = before_after.pair(row["input"], before, after)
        except Exception as error:
            row["failed"] = _reason(error)
        row |= {key: value for key in ("failed", "skipped") if (value := getattr(job, key))}
        advance(1 - done)
        return row, shown or before_after.note(row["input"], row.get("failed") or row.get("skipped", ""))

    rows = []
    with ThreadPoolExecutor(_AT_ONCE) as pool, _page(report) as show, _bar(len(jobs), progress) as advance:
        try:
            for row, shown in pool.map(one, jobs):
                rows.append(row)
                show(shown)
        except BaseException:
            stopped.set()
            pool.shutdown(cancel_futures=True)
            raise
    return rows


def _settled(jobs: list[Job], existing: str) -> Iterator[Job]:
    """Jobs that would harm a file are failed, those that need not be done skipped."""
    times = Counter(os.path.realpath(path) for job in jobs for path in (job.target, job.compare) if path)
    targets = [(job.target, job.source) for job in jobs if job.target]
    maker = {os.path.realpath(path): source for target, source in targets for path in (target, _strip(target))}
    for job in jobs:
        source = os.path.realpath(job.source) if job.source else ""
        written = [os.path.realpath(path) for path in (job.target, job.compare) if path]
        there = next((path for path in (job.target, job.compare) if path and path.exists()), None)
        if job.failed or not job.target:
            yield job
        elif source in written:
            yield job._replace(failed=Errors.P087)
        elif maker.get(source, job.source) != job.source:
            yield job._replace(skipped=f"it is what {maker[source]} is written to")
        elif max(times[path] for path in written) > 1:
            yield job._replace(failed=Errors.P088.format(path=job.target))
        elif there and existing == "refuse":
            yield job._replace(failed=Errors.P089.format(path=there))
        elif there and existing == "skip":
            yield job._replace(skipped=f"{there} is there")
        else:
            yield job


def _strip(target: Path) -> Path:
    """Where a strip of before and after lies."""
    ending = "jpg" if SUFFIXES.get(target.suffix.lower()) == "jpeg" else "png"
    return target.with_name(f"{target.stem}_compare.{ending}")


def _write(job: Job, picture: pictures.Picture, quality: int) -> None:
    if job.target:
        pictures.write(job.target, picture, quality=quality)
    else:
        sys.stdout.buffer.write(pictures.encode(picture, job.format, quality))
        sys.stdout.buffer.flush()


def _reason(error: Exception) -> str:
    if isinstance(error, InputError):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"


@contextlib.contextmanager
def _page(path: str | Path | None) -> Iterator[Callable[[str], object]]:
    """Give what adds to the page, which is written as it grows and appears whole."""
    if not path:
        yield lambda text: None
        return
    with replacing(path) as beside, open(beside, "w", encoding="utf8", errors="replace") as file:
        file.write(before_after.PAGE)
        yield file.write
        file.write("</body></html>\n")


@contextlib.contextmanager
def _bar(total: int, shown: bool) -> Iterator[Callable[[float], object]]:
    if not shown:
        yield lambda share: None
        return
    from tqdm import tqdm

    form = "{percentage:3.0f}% |{bar}| {elapsed}, {remaining} left"
    with tqdm(total=total, bar_format=form, file=sys.stderr, leave=False) as bar:
        yield bar.update
