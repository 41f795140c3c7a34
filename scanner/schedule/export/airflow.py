"""A schedule as a file for Airflow: one DAG an entry."""

from __future__ import annotations

from collections.abc import Iterator

from scanner.config.schedule import ScheduleEntry
from scanner.schedule.export import ScheduleExport, cron_of, plain_name, shell_words
from scanner.schedule.runner import scan_command

HEAD = '''"""Scans by chujing; made by: chujing schedule export --to airflow"""

from datetime import datetime
from zoneinfo import ZoneInfo

from airflow import DAG
from airflow.providers.standard.operators.bash import BashOperator
'''


def render(export: ScheduleExport) -> str:
    """Return the Python file for Airflow's folder of DAGs."""
    lines = [*HEAD.split("\n")]
    if export.secrets:
        lines += [f"# the worker's environment must hold {', '.join(export.secrets)}", ""]
    for entry in export.entries:
        lines += _dag(entry, str(export.config))
    return "\n".join(lines)


def _dag(entry: ScheduleEntry, config: str) -> Iterator[str]:
    wait = f"sleep $((RANDOM % {entry.jitter + 1})); " if entry.jitter else ""
    command = f"{wait}chujing {shell_words(scan_command(entry, config))}"
    yield "with DAG("
    yield f"    dag_id={f'chujing_{plain_name(entry.id)}'!r},"
    yield f"    schedule={cron_of(entry)!r},"
    yield f"    start_date=datetime(2026, 1, 1, tzinfo=ZoneInfo({entry.timezone!r})),"
    yield "    catchup=False,"
    yield "    max_active_runs=1,"
    yield "):"
    yield ("    # 3: something could not be read; 4: a flow needs more than --allow. "
           "Neither is mended by trying again at once.")
    yield f"    BashOperator(task_id='scan', bash_command={command!r}, retries=0, append_env=True)"
    yield ""
