"""A schedule as a file for Airflow: one DAG an entry.

Airflow runs a time that the clock leaps over in spring right afterwards, which Debian's cron does not if the
minute or hour begins with `*`. Source: airflow.timetables._cron; expressions are read by croniter.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from detectors.message import Msg
from scanner.config.schedule import ScheduleEntry
from scanner.schedule.export import (
    ScheduleExport,
    by_the_hour,
    cron_of,
    night_without_time,
    plain_name,
    refused,
)
from scanner.schedule.export.python_file import WHY_NO_RETRY, render_python

HEAD = '''"""Scans by chujing; made by: chujing schedule export --to airflow"""

from datetime import datetime
from zoneinfo import ZoneInfo

from airflow import DAG
from airflow.providers.standard.operators.bash import BashOperator
'''


def render(export: ScheduleExport) -> str:
    """Return the Python file for Airflow's folder of DAGs."""
    return render_python(HEAD, export, _dag)


def _dag(entry: ScheduleEntry, command: str) -> Iterator[str]:
    yield "with DAG("
    yield f"    dag_id={f'chujing_{plain_name(entry.id)}'!r},"
    yield f"    schedule={_schedule(entry, datetime.now().astimezone())!r},"
    yield f"    start_date=datetime(2026, 1, 1, tzinfo=ZoneInfo({entry.timezone!r})),"
    yield "    catchup=False,"
    yield "    max_active_runs=1,"
    yield "):"
    yield WHY_NO_RETRY
    yield f"    BashOperator(task_id='scan', bash_command={command!r}, retries=0, append_env=True)"
    yield ""


def _schedule(entry: ScheduleEntry, now: datetime) -> str:
    """Return the five fields; raise ConfigError if Airflow would add a night in the coming years."""
    fields = cron_of(entry)
    if by_the_hour(entry) and (day := night_without_time(entry, now)):
        why = Msg(
            "{zone} has no such time on {day}, and Airflow would run it all the same",
            zone=entry.timezone,
            day=day,
        )
        raise refused(entry, why)
    return fields
