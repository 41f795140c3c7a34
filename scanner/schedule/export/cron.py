"""A schedule as a crontab."""

from __future__ import annotations

import shlex

from scanner.schedule.export import ScheduleExport, cron_of, shell_words
from scanner.schedule.runner import scan_command


def render(export: ScheduleExport) -> str:
    """Return the crontab. In it % ends a command, so it is written \\%."""
    lines = ["# made by: chujing schedule export --to cron", "SHELL=/bin/bash"]
    if export.secrets:
        names = ", ".join(export.secrets)
        lines.append(
            f"# cron gives no environment: set {names} in a file only this user can read and source it below"
        )
    folder = shlex.quote(str(export.config.parent))
    for entry in export.entries:
        wait = f"sleep $((RANDOM \\% {entry.jitter + 1})); " if entry.jitter else ""
        words = shell_words(scan_command(entry, export.config.name)).replace("%", "\\%")
        lines += [f"CRON_TZ={entry.timezone}", f"{cron_of(entry)} {wait}cd {folder} && chujing {words}"]
    return "\n".join(lines) + "\n"
