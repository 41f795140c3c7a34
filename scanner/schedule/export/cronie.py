"""A schedule as a crontab for cronie (Fedora, RHEL, Arch), which knows a time zone for each line."""

from __future__ import annotations

from scanner.schedule.export import ScheduleExport
from scanner.schedule.export.cron import crontab
from scanner.schedule.export.crontab_lines import own_line


def render(export: ScheduleExport) -> str:
    """Return the crontab, a line with the time zone before each entry."""
    return crontab(export, "cronie", (), lambda e: ([f"CRON_TZ={e.timezone}"], [own_line(e)]))
