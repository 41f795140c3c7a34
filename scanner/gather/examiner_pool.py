"""Processes that examine samples, and the user's own detectors in each of them."""

from __future__ import annotations

import signal
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

from detectors.message import Msg
from detectors.model import Skipped
from scanner.gather.examine import ExaminedTable, examine, examine_unread

if TYPE_CHECKING:
    from scanner.connectors.protocol import ExaminationTask, Sample


class ExaminerPool:
    """Processes that examine samples; with fewer than two jobs, `submit` examines at once in this one."""

    def __init__(self, jobs: int, detectors: Path | None) -> None:
        self._jobs = jobs
        self._detectors = detectors
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> ExaminerPool:
        if self._jobs > 1:
            self._pool = self._start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)

    def _start(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(self._jobs, get_context("spawn"), _begin, (self._detectors,))

    @property
    def room(self) -> int:
        """Tables under way at the same time, at most."""
        return 2 * self._jobs if self._pool is not None else 0

    def submit(self, task: ExaminationTask, sample: Sample | None) -> Callable[[], ExaminedTable]:
        """Examine a table. Return a function that waits for the result."""
        if self._pool is None:
            examined = examine(task, sample)
            return lambda: examined
        try:
            future: Future[ExaminedTable] = self._pool.submit(examine, task, sample)
        except BrokenProcessPool:
            self._pool = self._start()
            future = self._pool.submit(examine, task, sample)

        def result() -> ExaminedTable:
            try:
                return future.result()
            except BrokenProcessPool:
                hint = Msg("run again with --jobs 1, or give the machine more memory")
                return examine_unread(task, Skipped(task.id, Msg("a worker process died"), hint))

        return result


def _begin(detectors: Path | None) -> None:
    """Start a worker: it leaves Ctrl-C to the process that started it, and knows the user's detectors."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    use_detectors(detectors)


def use_detectors(path: Path | None) -> None:
    """Put the user's own detectors beside those that ship.

    Raise RulesError when the file or an example is at fault.
    """
    from detectors import custom

    custom.use(path)
