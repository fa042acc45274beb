"""Enhances many pictures: one is computed while another is decoded or encoded; what fails does not stop the others."""

import contextlib
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, BinaryIO

from corpora.files import check_writable, replacing
from image_gan.enhance import comparison, pages
from image_gan.enhance.models import ModelCard
from image_gan.enhance.outputs import Job, reason
from image_gan.enhance.sized import SizedEnhancer
from image_gan.pictures import KINDS, Picture, encode, left_out, read, write
from image_gan.pictures.kinds import kind_of_name

FIRST_LINE = 5.0  # seconds until how far it is is told for the first time
_AT_ONCE = 2  # pictures in memory


def enhance_pictures(
    jobs: Sequence[Job],
    enhancer: SizedEnhancer,
    *,
    quality: int = 95,
    allow_truncated: bool = False,
    report: str | Path | None = None,
    progress: bool = False,
    say: Callable[[str], object] | None = None,
    stdin: BinaryIO | None = None,
    stdout: BinaryIO | None = None,
) -> list[dict[str, Any]]:
    """Do what was planned; each file is written whole or not at all.

    jobs (Sequence[Job]): of `outputs.plan`.
    enhancer (SizedEnhancer): what enhances them.
    quality (int): of JPEG and WebP, 1 to 100.
    allow_truncated (bool): as for `pictures.read`.
    report (str | Path | None): a page to write, with a slider between before and after for each picture.
    progress (bool): show a bar on standard error.
    say (Callable[[str], object] | None): what is told now and then, where there is no bar, how far it is.
    stdin (BinaryIO | None): what a job without a source reads.
    stdout (BinaryIO | None): what a job without a target writes to.
    RETURNS (list[dict[str, Any]]): for each job: input and output ("-" for the standard ones); model, scale, width, height and
        seconds of computing, and noise_level, the standard deviation of what was removed, if the model is told that; or the
        reason as failed or skipped; notes, if there is more to say.
    """
    standard_input = b""
    if stdin and any(job.source is None for job in jobs):
        standard_input = stdin.read()  # in this thread, where it can be interrupted
    rows = []
    with (
        ThreadPoolExecutor(_AT_ONCE) as pool,
        _page(report) as add_to_page,
        _bar(len(jobs), progress, say) as advance,
    ):
        batch = _Batch(enhancer, quality, allow_truncated, bool(report), standard_input, stdout, advance)
        try:
            for row, html in pool.map(batch.enhance, jobs):
                rows.append(row)
                add_to_page(html)
        except BaseException:
            batch.stopped.set()
            pool.shutdown(cancel_futures=True)
            raise
    return rows


class _Batch:
    """What the jobs of one call share; threads call `enhance`."""

    def __init__(
        self,
        enhancer: SizedEnhancer,
        quality: int,
        allow_truncated: bool,
        with_report: bool,
        standard_input: bytes,
        stdout: BinaryIO | None,
        advance: Callable[[float], object],
    ) -> None:
        self.enhancer, self.quality, self.allow_truncated = enhancer, quality, allow_truncated
        self.with_report, self.standard_input, self.stdout = with_report, standard_input, stdout
        self.advance = advance
        self.stopped = threading.Event()
        self._computing = threading.Lock()

    def enhance(self, job: Job) -> tuple[dict[str, Any], str]:
        """RETURNS (tuple[dict[str, Any], str]): the job's row, and its part of the page."""
        row: dict[str, Any] = {"input": str(job.source or "-"), "output": str(job.target or "-")}
        notes = [job.note] if job.note else []
        part, share = "", _Share(self)
        try:
            if not (job.failed or job.skipped):
                part = self._enhance(job, row, share, notes)
        except Exception as error:
            row["failed"] = reason(error)
        if job.failed:
            row["failed"] = job.failed
        if job.skipped:
            row["skipped"] = job.skipped
        if notes:
            row["notes"] = notes
        share.complete()
        return row, part or pages.note(row["input"], row.get("failed") or row.get("skipped", ""))

    def _enhance(self, job: Job, row: dict[str, Any], share: "_Share", notes: list[str]) -> str:
        for path in (job.target, job.strip):
            if path:
                check_writable(path)
        before = read(job.source or self.standard_input, allow_truncated=self.allow_truncated)
        notes += before.notes
        with self._computing:
            share.add(0)
            start = time.perf_counter()
            after = self.enhancer.enhance(before, share.add)
            row["seconds"] = round(time.perf_counter() - start, 3)
        card = self.enhancer.card_for(*before.pixels.shape[1::-1])
        row["model"], row["scale"] = card.name, card.scale
        if card.noise_level:
            row["noise_level"] = round(self.enhancer.noise_level(before.pixels), 1)
        row["height"], row["width"] = after.pixels.shape[:2]
        kind = kind_of_name(job.target) if job.target else KINDS[job.format or before.format]
        if kind and (lost := left_out(after, kind.name)):
            notes.append(f"{kind.title} does not hold its {', '.join(lost)}")
        if not (job.strip or self.with_report):
            before = after  # so that only one large picture is in memory while it is encoded
        self._write(job, after)
        if job.strip:
            write(job.strip, comparison.strip(before, after), quality=self.quality)
        return pages.figure(row["input"], before, after, self._told(row, card)) if self.with_report else ""

    def _told(self, row: dict[str, Any], card: ModelCard) -> list[str]:
        """What stands on the page about a picture."""
        strength = self.enhancer.strength
        told = [
            f"model {card.name}",
            f"look {card.look}" if card.look else "",
            f"noise level {row['noise_level']:g}" if card.noise_level else "",
            f"strength {strength:g}" if strength < 1 else "",
            f"{row['seconds']:.2f} s",
        ]
        return [part for part in told if part]

    def _write(self, job: Job, picture: Picture) -> None:
        if job.target:
            write(job.target, picture, quality=self.quality)
        elif self.stdout:
            self.stdout.write(encode(picture, job.format, self.quality))
            self.stdout.flush()


class _Share:
    """The share of a job's work that is done; what adds to it is where a job that is stopped ends."""

    def __init__(self, batch: _Batch) -> None:
        self._batch, self._done = batch, 0.0

    def add(self, share: float) -> None:
        if self._batch.stopped.is_set():
            raise KeyboardInterrupt
        self._done += share
        self._batch.advance(share)

    def complete(self) -> None:
        self._batch.advance(1 - self._done)


class _Lines:
    """Progress where there is no terminal: a line after some seconds, and each time after twice as many, up to a minute."""

    def __init__(self, total: int, say: Callable[[str], object]) -> None:
        self._total, self._say, self._done = total, say, 0.0
        self._start = time.monotonic()
        self._pause, self._next = FIRST_LINE, FIRST_LINE
        self._one = threading.Lock()

    def advance(self, share: float) -> None:
        with self._one:
            self._done += share
            seconds = time.monotonic() - self._start
            if seconds < self._next or self._done <= 0:
                return
            self._pause = min(2 * self._pause, 60)
            self._next = seconds + self._pause
            left = seconds * max(self._total - self._done, 0) / self._done
            done = f"{100 * self._done / self._total:.0f} % of {self._total} pictures"
            self._say(f"{done} in {seconds:.0f} s, about {left:.0f} s left")


@contextlib.contextmanager
def _page(path: str | Path | None) -> Iterator[Callable[[str], object]]:
    """YIELDS (Callable): what adds to the page, which is written as it grows and appears whole."""
    if not path:
        yield lambda html: None
        return
    with replacing(path) as beside, open(beside, "w", encoding="utf8", errors="replace") as file:
        file.write(pages.PAGE_START)
        yield file.write
        file.write(pages.PAGE_END)


@contextlib.contextmanager
def _bar(total: int, shown: bool, say: Callable[[str], object] | None) -> Iterator[Callable[[float], object]]:
    if not shown:
        yield _Lines(total, say).advance if say else lambda share: None
        return
    from tqdm import tqdm

    form = "{percentage:3.0f}% |{bar}| {elapsed}, {remaining} left"
    with tqdm(total=total, bar_format=form, file=sys.stderr, leave=False) as bar:
        yield bar.update
