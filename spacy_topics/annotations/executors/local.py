"""Runs a task's parts in this process and in others of this machine, each taking the next part when it is free."""

import contextlib
import multiprocessing
import os
import signal
from collections.abc import Iterable, Iterator, Sequence
from multiprocessing import connection, resource_tracker
from queue import SimpleQueue
from threading import Thread
from types import TracebackType
from typing import Any, Protocol

from corpora.errors import InputError, RunError
from spacy_topics.errors import Errors


class Task(Protocol):
    """What is done to each part; it can be pickled, so that other processes can do it."""

    def prepare(self) -> Any:
        """Load what a process needs, once."""

    def run(self, prepared: Any, parts: Iterable[Any]) -> Iterator[int]:
        """Do the parts, which come in the order of the input; yield the number of rows of each when it is done."""


class LocalExecutor:
    """Processes with a task. The others start and prepare within the `with` block, while this one prepares, too.

    task (Task): what is done.
    processes (int): number of processes, this one among them.
    """

    def __init__(self, task: Task, processes: int) -> None:
        self._task = task
        self._number = processes - 1
        self._workers: list[tuple[Any, Any]] = []

    def __enter__(self) -> "LocalExecutor":
        context = multiprocessing.get_context("spawn")
        with _without_interrupts():
            for _ in range(self._number):
                ours, theirs = context.Pipe()
                self._workers.append((context.Process(target=_work, args=(theirs, self._task), daemon=True), ours))
                self._workers[-1][0].start()
                theirs.close()
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for worker, _ in self._workers:
            worker.terminate()
            worker.join()

    def run(self, parts: Sequence[Any], prepared: Any) -> Iterator[int]:
        """Do the parts, here and in the other processes.

        parts (Sequence): (start, end) ranges of rows.
        prepared (Any): what the task's `prepare` returned in this process.
        YIELDS (int): number of rows done, by part.
        RAISES RunError: T083, a process was ended from outside; and what the task raises.
        """
        reports: SimpleQueue = SimpleQueue()
        rest = iter(parts)
        for worker, pipe in self._workers:
            Thread(target=_serve, args=(worker, pipe, rest, reports), daemon=True).start()
        here = self._task.run(prepared, rest)
        left = sum(end - start for start, end in parts)
        while left:
            if count := next(here, 0):
                reports.put(count)
            for _ in range(max(1, reports.qsize())):  # waits where nothing is left to do here
                report = reports.get()
                if isinstance(report, Exception):
                    raise report
                left -= report
                yield report


def _serve(worker: Any, pipe: Any, parts: Iterator, reports: SimpleQueue) -> None:
    """Give a worker one part after the other, as it is done with the last, and pass on what it reports."""
    part: Any = ()
    try:
        while part is not None:
            reports.put(pipe.recv())
            part = next(parts, None)
            pipe.send(part)
    except (EOFError, OSError):
        worker.join()
        reports.put(RunError(Errors.T083.format(code=worker.exitcode)))


def _work(pipe: Any, task: Task) -> None:
    """A worker's life: prepare, report 0, then do each part that comes and report its number of rows; None is the end."""
    Thread(target=_end_with_parent, daemon=True).start()
    try:
        prepared = task.prepare()
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # unwinds, so that no half-written file is left
        pipe.send(0)
        for count in task.run(prepared, iter(pipe.recv, None)):
            pipe.send(count)
    except (InputError, RunError, OSError) as error:
        with contextlib.suppress(OSError):
            pipe.send(error)
    except (EOFError, KeyboardInterrupt):
        pass


def _end_with_parent() -> None:
    """A worker whose parent was killed must not go on writing: somebody else may have taken the folder."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)


@contextlib.contextmanager
def _without_interrupts() -> Iterator[None]:
    """Processes started in the block do not get Ctrl-C, where the system allows: their parent ends them."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # which the first process would start, and unblock signals by it
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
