"""A schedule as Kubernetes objects: one CronJob an entry.

Kubernetes leaves out a time that the clock leaps over in spring, which Debian's cron runs right afterwards.
Source: github.com/robfig/cron v3, which it uses.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from detectors.message import Msg
from scanner.config.schedule import ScheduleEntry
from scanner.schedule.export import (
    ScheduleExport,
    by_the_hour,
    cron_of,
    night_without_time,
    plain_name,
    refused,
    shell_words,
)
from scanner.schedule.runner import scan_command
from scanner.schedule.trigger import LATE


def render(export: ScheduleExport) -> str:
    """Return the objects as YAML; claim and secret are called `chujing`."""
    import yaml

    objects = [_cron_job(entry, _container(entry, export)) for entry in export.entries]
    return yaml.safe_dump_all(objects, sort_keys=False, allow_unicode=True)


def _container(entry: ScheduleEntry, export: ScheduleExport) -> dict[str, Any]:
    command = ["chujing", *scan_command(entry, f"/etc/chujing/{export.config.name}")]
    if entry.jitter:
        command = ["bash", "-c", f"sleep $((RANDOM % {entry.jitter + 1})); exec {shell_words(command)}"]
    variables = ("CHUJING_KEY", *export.secrets)
    secrets = [{"name": v, "valueFrom": {"secretKeyRef": {"name": "chujing", "key": v}}} for v in variables]
    return {
        "name": "chujing",
        "image": export.image or "chujing:latest",
        "command": command,
        "env": secrets,
        "volumeMounts": [{"name": "config", "mountPath": "/etc/chujing"}],
        "securityContext": {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": False},
    }


def _cron_job(entry: ScheduleEntry, container: dict[str, Any]) -> dict[str, Any]:
    pod = {
        "restartPolicy": "Never",
        "containers": [container],
        "volumes": [{"name": "config", "persistentVolumeClaim": {"claimName": "chujing"}}],
    }
    return {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": {"name": f"chujing-{plain_name(entry.id, '-')}"},
        "spec": {
            "schedule": _schedule(entry, datetime.now().astimezone()),
            "timeZone": entry.timezone,
            "concurrencyPolicy": "Forbid",
            "startingDeadlineSeconds": LATE,
            "jobTemplate": {"spec": {"backoffLimit": 0, "template": {"spec": pod}}},
        },
    }


def _schedule(entry: ScheduleEntry, now: datetime) -> str:
    """Return the five fields; raise ConfigError if Kubernetes would leave out a night of the coming years."""
    fields = cron_of(entry)
    if not by_the_hour(entry) and (day := night_without_time(entry, now)):
        why = Msg(
            "{zone} has no such time on {day}, and Kubernetes would leave that night out",
            zone=entry.timezone,
            day=day,
        )
        raise refused(entry, why)
    return fields
