"""Runs the scans of a schedule at their times.

Every run is a process of its own, so that a crash, a leak or a kill ends that run only; the state's lease
keeps two from writing at once.
"""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from scanner.config.schedule import ScheduleEntry
from scanner.schedule.trigger import LATE, missed_run, next_times

LogEvent = Callable[[str, Mapping[str, object]], None]  # event, what is known of it


def scan_command(entry: ScheduleEntry, config: str) -> list[str]:
    """Return the one-shot scan of an entry, without the program's own name."""
    only = [word for source in entry.sources for word in ("--only", source)]
    return ["scan", "-c", config, "--quiet", *only, *entry.options]


class Runner:
    """Runs entries until it is stopped; a run that is under way is asked to end and waited for."""

    def __init__(self, config: Path, log: LogEvent) -> None:
        self._config = config
        self._log = log
        self._child: subprocess.Popen[bytes] | None = None
        self._interrupted: subprocess.Popen[bytes] | None = None
        self.stopping = False

    def run(self, entry: ScheduleEntry) -> int:
        """Scan in a process of its own; return its exit status."""
        if self.stopping:
            return 130
        self._log("started", {"entry": entry.id})
        started = time.monotonic()
        self._child = subprocess.Popen(
            [sys.executable, "-m", "scanner", *scan_command(entry, str(self._config))],
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        if self.stopping:                     # a signal came while the process was being started
            self._interrupt()
        status = self._child.wait()
        self._child = None
        seconds = round(time.monotonic() - started, 1)
        self._log("ended", {"entry": entry.id, "status": status, "seconds": seconds})
        return status

    def stop(self, *_: object) -> None:
        """Ask the run under way to end with a partial report; what it finished is kept. Handles signals."""
        self.stopping = True
        self._interrupt()

    def _interrupt(self) -> None:
        """Ask the run under way to end, once: a second time would end it at once."""
        if (child := self._child) is not None and child is not self._interrupted:
            self._interrupted = child
            child.send_signal(signal.SIGINT)


@dataclass(frozen=True, slots=True)
class DueRun:
    """When an entry runs next. due: its time by the clock; start: this and the jitter of this time."""

    entry: ScheduleEntry
    due: datetime
    start: datetime


def due_run(entry: ScheduleEntry, now: datetime) -> DueRun | None:
    """Return an entry's next run after `now`; None if its expression names no more days."""
    if not (times := next_times(entry, now, 1)):
        return None
    return DueRun(entry, times[0], times[0] + timedelta(seconds=random.uniform(0, entry.jitter)))


def serve(entries: Sequence[ScheduleEntry], config: Path, last: datetime | None, log: LogEvent) -> None:
    """Run entries at their times until SIGTERM or SIGINT, never two side by side.

    Several missed times are one run; one that was missed while nobody ran is made up for. last: when the
    newest remembered run started.
    """
    runner = Runner(config, log)
    handlers = {s: signal.signal(s, runner.stop) for s in (signal.SIGTERM, signal.SIGINT)}
    try:
        waiting = _first_runs(entries, last, log)
        while not runner.stopping:
            waiting = _run_due(waiting, runner, log)
            if not runner.stopping:
                time.sleep(_pause(waiting))
        log("stopping", {})
    finally:
        for s, handler in handlers.items():
            signal.signal(s, handler)
    log("stopped", {})


def _first_runs(entries: Sequence[ScheduleEntry], last: datetime | None, log: LogEvent) -> list[DueRun]:
    """Return when each entry runs first: at once where a run was missed."""
    now = datetime.now().astimezone()
    waiting = []
    for entry in entries:
        if missed_run(entry, last, now):
            log("missed", {"entry": entry.id})
            waiting.append(DueRun(entry, now, now))
        elif run := due_run(entry, now):
            waiting.append(run)
    for run in waiting:
        log("scheduled", {"entry": run.entry.id, "next": run.start.isoformat(timespec="seconds")})
    return waiting


def _run_due(waiting: Sequence[DueRun], runner: Runner, log: LogEvent) -> list[DueRun]:
    """Run what is due, in the order of its times; return what waits afterwards."""
    later = []
    for run in sorted(waiting, key=lambda run: run.start):
        now = datetime.now().astimezone()
        if runner.stopping or run.start > now:
            later.append(run)
            continue
        if (now - run.start).total_seconds() > LATE:
            log("skipped", {"entry": run.entry.id, "due": run.due.isoformat(timespec="seconds")})
        else:
            runner.run(run.entry)
        if following := due_run(run.entry, datetime.now().astimezone()):
            later.append(following)
    return later


def _pause(waiting: Sequence[DueRun]) -> float:
    """Return the seconds until the next run is due, at most one: clocks are set and machines sleep."""
    now = datetime.now().astimezone()
    return min([1.0, *(max(0.0, (run.start - now).total_seconds()) for run in waiting)])
