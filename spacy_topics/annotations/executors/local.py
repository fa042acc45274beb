"""Runs the parts of a task in several processes of this machine; each takes the next part when it is free."""

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
    """Work to be done on each part of an input; tasks are pickled for other processes."""

    def prepare(self) -> Any:
        """Load what a process needs; called once per process."""

    def run(self, prepared: Any, parts: Iterable[Any]) -> Iterator[int]:
        """Process parts.

        prepared (Any): what `prepare` returned in this process.
        parts (Iterable): (start, end) ranges of rows, in the order of the input.
        YIELDS (int): the number of rows of each part, after it is processed.
        """


class LocalExecutor:
    """Runs a task in this process and in others, which live as long as the `with` block and prepare while this one does.

    task (Task): the work.
    processes (int): number of processes, including this one.
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
        self.end()

    def end(self) -> None:
        """End the other processes at once, wherever they are; what they had half written is the caller's to remove."""
        for worker, _ in self._workers:
            worker.terminate()
            worker.join()

    def run(self, parts: Sequence[Any], prepared: Any) -> Iterator[int]:
        """Process parts, here and in the other processes.

        parts (Sequence): (start, end) ranges of rows.
        prepared (Any): what the task's `prepare` returned in this process.
        YIELDS (int): the number of rows of each part, after it is processed.
        RAISES RunError: T083, a process was ended from outside; and what the task raises.
        """
        reports: SimpleQueue = SimpleQueue()
        rest = iter(parts)
        for worker, pipe in self._workers:
            Thread(target=_serve, args=(worker, pipe, rest, reports), daemon=True).start()
        own = self._task.run(prepared, rest)
        left = sum(end - start for start, end in parts)
        while left:
            if count := next(own, 0):
                reports.put(count)
            for _ in range(max(1, reports.qsize())):  # waits for the other processes if nothing is left to do here
                report = reports.get()
                if isinstance(report, Exception):
                    raise report
                left -= report
                yield report


def _serve(worker: Any, pipe: Any, parts: Iterator, reports: SimpleQueue) -> None:
    """Give a worker the next part whenever it reports that it has finished one, and pass on its reports."""
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
    """Run a worker: prepare, report 0, then process each part that arrives and report its number of rows; None is the end."""
    Thread(target=_end_with_parent, daemon=True).start()
    try:
        prepared = task.prepare()
        pipe.send(0)
        for count in task.run(prepared, iter(pipe.recv, None)):
            pipe.send(count)
    except (InputError, RunError, OSError) as error:
        with contextlib.suppress(OSError):
            pipe.send(error)
    except EOFError:
        pass


def _end_with_parent() -> None:
    """End this worker when its parent is killed: another run may use the folder then."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)


@contextlib.contextmanager
def _without_interrupts() -> Iterator[None]:
    """Keep Ctrl-C from processes that start in the block, if the system can: their parent ends them."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # otherwise the first process would start it, which unblocks signals
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
