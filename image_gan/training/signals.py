"""Lets a run end between two steps when the process is told to stop."""

import os
import signal
from typing import Any


class StopSignals:
    """Within the block, SIGTERM and Ctrl-C are only noted; a second one ends the process at once.

    number (int): the signal that came, 0 for none.
    """

    def __init__(self) -> None:
        self.number = 0
        self._before: dict[int, Any] = {}

    def __enter__(self) -> "StopSignals":
        try:
            for number in (signal.SIGTERM, signal.SIGINT):
                self._before[number] = signal.signal(number, self._note)
        except ValueError:  # not the main thread: whoever runs this has other means
            pass
        return self

    def __exit__(self, *_: Any) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)

    def _note(self, number: int, _: Any) -> None:
        if self.number:
            os._exit(128 + number)
        self.number = number
