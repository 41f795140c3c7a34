"""A schedule as a file for DolphinScheduler: one workflow an entry, submitted by its own Python package.

Times are Quartz' seven fields: a day fits one day field, the other is `?`; days of the week count from
Sunday, 1. Entries with two day fields, and time zones whose clocks are changed, are refused.
Source: apache-dolphinscheduler 4.1, `core/workflow.py`; Quartz 2, `CronExpression`. Not tried on a server.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from detectors.message import Msg
from scanner.config.cron import leap_days
from scanner.config.schedule import ScheduleEntry
from scanner.schedule.export import (
    DAYS_AHEAD,
    ScheduleExport,
    number_list,
    parse_plain,
    plain_fields,
    plain_name,
    refused,
)
from scanner.schedule.export.python_file import WHY_NO_RETRY, render_python

HEAD = '''"""Scans by chujing; made by: chujing schedule export --to dolphinscheduler

Run this file once with apache-dolphinscheduler and the gateway of the API server: it submits the workflows.
"""

from pydolphinscheduler.core.workflow import Workflow
from pydolphinscheduler.tasks.shell import Shell
'''


def render(export: ScheduleExport) -> str:
    """Return the Python file that submits the workflows."""
    return render_python(HEAD, export, _workflow)


def _workflow(entry: ScheduleEntry, command: str) -> Iterator[str]:
    yield "with Workflow("
    yield f"    name={f'chujing_{plain_name(entry.id)}'!r},"
    yield f"    schedule={_quartz_fields(entry)!r},"
    yield f"    timezone={entry.timezone!r},"
    yield "    start_time='2026-01-01 00:00:00',"
    yield "    execution_type='SERIAL_DISCARD',"
    yield ") as workflow:"
    yield WHY_NO_RETRY
    yield f"    Shell(name='scan', command={command!r}, fail_retry_times=0)"
    yield "    workflow.submit()"
    yield ""


def _quartz_fields(entry: ScheduleEntry) -> str:
    """Return the seven fields; raise ConfigError if Quartz would run an entry on other days."""
    spec = parse_plain(entry)
    minute, hour, day, month, weekday = plain_fields(spec)
    if day != "*" and weekday != "*":
        why = Msg("DolphinScheduler takes a day of month or a day of week, not both")
        raise refused(entry, why)
    if leap_days(entry.timezone, datetime.now().date(), DAYS_AHEAD):
        raise refused(entry, Msg("the clocks of {zone} are changed", zone=entry.timezone))
    if weekday != "*":
        return f"0 {minute} {hour} ? {month} {number_list([n + 1 for n in spec.numbers[4]])} *"
    return f"0 {minute} {hour} {day} {month} ? *"
