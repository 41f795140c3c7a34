"""A schedule as a crontab for this machine.

Debian's cron knows one time zone, the machine's, so the lines are written in that.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable
from datetime import datetime

from scanner.config.schedule import ScheduleEntry
from scanner.schedule.export import ScheduleExport, shell_words
from scanner.schedule.export.crontab_lines import machine_lines
from scanner.schedule.runner import scan_command

EntryLines = tuple[Iterable[str], Iterable[str]]          # settings before an entry; times of its lines


def render(export: ScheduleExport) -> str:
    """Return the crontab."""
    now = datetime.now().astimezone()
    head = f"# times are those of a machine whose time zone is UTC{now:%z}"
    return crontab(export, "cron", [head], lambda entry: ((), machine_lines(entry, now)))


def crontab(
    export: ScheduleExport, target: str, head: Iterable[str], lines_of: Callable[[ScheduleEntry], EntryLines]
) -> str:
    """Return a crontab. In it % ends a command, so it is written \\%."""
    lines = [f"# made by: chujing schedule export --to {target}", *head, "SHELL=/bin/bash"]
    if export.secrets:
        names = ", ".join(export.secrets)
        lines.append(
            f"# cron gives no environment: set {names} in a file only this user can read and source it below"
        )
    folder = shlex.quote(str(export.config.parent)).replace("%", "\\%")
    for entry in export.entries:
        wait = f"sleep $((RANDOM \\% {entry.jitter + 1})); " if entry.jitter else ""
        words = shell_words(scan_command(entry, export.config.name)).replace("%", "\\%")
        settings, times = lines_of(entry)
        lines += [*settings, *(f"{time} {wait}cd {folder} && chujing {words}" for time in times)]
    return "\n".join(lines) + "\n"
