"""Runs the scans of a schedule at their times.

Every run is a process of its own, so that a crash, a leak or a kill ends that run only; the state's lease
keeps two from writing at once.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from scanner.config.schedule import ScheduleEntry
from scanner.schedule.trigger import LATE, build_trigger, missed_run

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
        self._turn = threading.Lock()
        self._stopping = False

    def run(self, entry: ScheduleEntry) -> int:
        """Scan in a process of its own; return its exit status.

        Entries never run side by side: one waits for the other.
        """
        with self._turn:
            if self._stopping:
                return 130
            self._log("started", {"entry": entry.id})
            started = datetime.now()
            self._child = subprocess.Popen(
                [sys.executable, "-m", "scanner", *scan_command(entry, str(self._config))],
                stdout=subprocess.DEVNULL,
                start_new_session=True,
            )
            status = self._child.wait()
            self._child = None
            seconds = round((datetime.now() - started).total_seconds(), 1)
            self._log("ended", {"entry": entry.id, "status": status, "seconds": seconds})
            return status

    def stop(self) -> None:
        """Ask the run under way to end with a partial report; what it finished is kept."""
        self._stopping = True
        if (child := self._child) is not None:
            child.send_signal(signal.SIGINT)


def serve(entries: Sequence[ScheduleEntry], config: Path, last: datetime | None, log: LogEvent) -> None:
    """Run entries at their times until SIGTERM or SIGINT.

    Several missed times are one run; one that was missed while nobody ran is made up for. last: when the
    newest remembered run started.
    """
    from apscheduler.executors.pool import ThreadPoolExecutor
    from apscheduler.schedulers.background import BackgroundScheduler

    runner = Runner(config, log)
    scheduler = BackgroundScheduler(executors={"default": ThreadPoolExecutor(max(1, len(entries)))})
    now = datetime.now().astimezone()
    for entry in entries:
        due = {"next_run_time": now} if missed_run(entry, last, now) else {}
        if due:
            log("missed", {"entry": entry.id})
        scheduler.add_job(
            runner.run,
            build_trigger(entry),
            args=[entry],
            id=entry.id,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=LATE,
            **due,
        )
    over = threading.Event()
    handlers = {s: signal.signal(s, lambda *_: over.set()) for s in (signal.SIGTERM, signal.SIGINT)}
    scheduler.start()
    for job in scheduler.get_jobs():
        log("scheduled", {"entry": job.id, "next": job.next_run_time.isoformat(timespec="seconds")})
    try:
        while not over.wait(1):
            pass
    finally:
        log("stopping", {})
        runner.stop()
        scheduler.shutdown(wait=True)
        for s, handler in handlers.items():
            signal.signal(s, handler)
    log("stopped", {})
