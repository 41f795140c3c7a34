"""When scans run: cron expressions as cron means them, missed runs, and the same schedule for cron, Airflow and Kubernetes.

Every run is a process of its own, so that a crash, a leak or a kill ends that run only; the state's lease keeps two from writing at once.
"""

from __future__ import annotations

import re
import shlex
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from detectors.errors import ConfigError, nearest
from detectors.message import Msg

if TYPE_CHECKING:
    from apscheduler.triggers.base import BaseTrigger

LATE = 6 * 3600                               # seconds after its time within which a missed run is still made up for
DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
FIELDS = (
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    (Msg("day of month"), 1, 31, ()),
    ("month", 1, 12, MONTHS),
    (Msg("day of week"), 0, 7, DAYS),
)
ALIASES = {"@hourly": "0 * * * *", "@daily": "0 0 * * *", "@weekly": "0 0 * * 0", "@monthly": "0 0 1 * *"}


@dataclass(frozen=True, slots=True)
class ScheduleEntry:
    """One line of `schedule:`. sources: which to read anew, empty for all. jitter: seconds a run may start later, drawn anew each time."""

    id: str
    cron: str
    timezone: str = "Asia/Shanghai"
    jitter: int = 0
    sources: tuple[str, ...] = ()
    options: tuple[str, ...] = ()


def check_entry(entry: ScheduleEntry, where: str, sources: Sequence[str]) -> None:
    """ConfigError for a cron expression, time zone or source that is none."""
    parse_cron(entry.cron, where)
    try:
        ZoneInfo(entry.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        raise ConfigError(
            Msg('no time zone "{name}"', name=entry.timezone),
            where=where,
            hint=Msg("e.g. {example}", example="Asia/Shanghai or UTC"),
        ) from None
    for s in entry.sources:
        if s not in sources:
            raise ConfigError(
                Msg('no source "{name}"', name=s),
                where=where,
                hint=nearest(s, sources) or Msg("known: {names}", names=tuple(sources)),
            )


def parse_cron(cron: str, where: str = "") -> list[list[int]]:
    """The numbers each of the five fields allows, Sunday being 0; ConfigError when it is no cron expression.

    >>> values("30 2 * * 1-5")[4]
    [1, 2, 3, 4, 5]
    """
    parts = ALIASES.get(cron.strip(), cron).split()
    if len(parts) != len(FIELDS):
        raise ConfigError(
            Msg('"{text}" has {n} fields, not 5', text=cron, n=len(parts)),
            where=where,
            hint=Msg('minute hour day month weekday, e.g. "30 2 * * *"'),
        )
    return [sorted({v % 7 if name == "day of week" else v for v in _field(part, name, low, high, words, where)})
            for part, (name, low, high, words) in zip(parts, FIELDS, strict=True)]


def _field(text: str, name: str, low: int, high: int, words: Sequence[str], where: str) -> list[int]:
    out: list[int] = []
    for part in text.lower().split(","):
        m = re.fullmatch(r"(\*|[a-z0-9]+(?:-[a-z0-9]+)?)(?:/([1-9][0-9]*))?", part)
        ends = [_number(w, low, words) for w in m[1].split("-")] if m and m[1] != "*" else [low, 6 if name == "day of week" else high]
        if m is None or any(e is None or not low <= e <= high for e in ends):
            raise ConfigError(
                f'"{part}" is no {name}',
                where=where,
                hint=Msg("{low} to {high}, *, a-b, */n or a list", low=low, high=high),
            )
        first, last = int(ends[0] or 0), int(ends[-1] or 0)
        if len(ends) == 1 and m[2]:
            last = high
        if last < first:
            raise ConfigError(
                Msg('"{text}" runs backwards', text=part),
                where=where,
                hint=Msg("write it as two ranges: {ranges}", ranges=f"{m[1].split('-')[0]}-{high},{low}-..."),
            )
        out += range(first, last + 1, int(m[2] or 1))
    return out


def _number(word: str, low: int, words: Sequence[str]) -> int | None:
    if word in words:
        return words.index(word) + (low if words is MONTHS else 0)
    return int(word) if word.isdigit() else None


def build_trigger(entry: ScheduleEntry) -> BaseTrigger:
    """The scheduler's trigger for an entry. As in cron, a day of month and a weekday that are both restricted mean either of them."""
    try:
        from apscheduler.triggers.combining import OrTrigger
        from apscheduler.triggers.cron import CronTrigger
    except ModuleNotFoundError:
        raise ConfigError(
            Msg("schedules need apscheduler"),
            where="schedule",
            hint=Msg("pip install 'chujing[schedule]', or use: chujing schedule export --to cron"),
        ) from None
    minute, hour, day, month, weekday = parse_cron(entry.cron)
    fields: dict[str, Any] = {"minute": _list(minute), "hour": _list(hour), "month": _list(month), "timezone": entry.timezone,
                              "jitter": entry.jitter or None}
    days, weekdays = _list(day), ",".join(DAYS[d] for d in weekday)
    if len(day) == 31:
        return CronTrigger(day_of_week=weekdays, **fields)
    if len(weekday) == 7:
        return CronTrigger(day=days, **fields)
    return OrTrigger([CronTrigger(day=days, **fields), CronTrigger(day_of_week=weekdays, **fields)])


def _list(numbers: Sequence[int]) -> str:
    return ",".join(map(str, numbers))


def next_times(entry: ScheduleEntry, now: datetime, count: int = 3) -> list[datetime]:
    """The next times of an entry after `now`, without jitter."""
    from dataclasses import replace

    plain = build_trigger(replace(entry, jitter=0))
    out: list[datetime] = []
    after = now
    while len(out) < count and (found := plain.get_next_fire_time(out[-1] if out else None, after)) is not None:
        out.append(found)
        after = found
    return out


def missed_run(entry: ScheduleEntry, last: datetime | None, now: datetime) -> bool:
    """Was there a time after the last run, and not longer than LATE ago, at which nobody ran?"""
    from datetime import timedelta

    since = max(last, now - timedelta(seconds=LATE)) if last is not None else now
    times = next_times(entry, since + timedelta(seconds=1), 1)
    return bool(times) and times[0] <= now


def command(entry: ScheduleEntry, config: str) -> list[str]:
    """The one-shot scan of an entry, without the program's own name."""
    only = [word for s in entry.sources for word in ("--only", s)]
    return ["scan", "-c", config, "--quiet", *only, *entry.options]


class Runner:
    """Runs entries until told to stop; a run that is under way is asked to end and waited for."""

    def __init__(self, config: Path, say: Callable[[str, Mapping[str, object]], None]) -> None:
        self._config = config
        self._say = say
        self._child: subprocess.Popen[bytes] | None = None
        self._one = threading.Lock()
        self._stopping = False

    def run(self, entry: ScheduleEntry) -> int:
        """One scan in a process of its own; its exit status. Entries never run side by side: one waits for the other."""
        with self._one:
            if self._stopping:
                return 130
            self._say("started", {"entry": entry.id})
            started = datetime.now()
            self._child = subprocess.Popen([sys.executable, "-m", "scanner", *command(entry, str(self._config))],
                                           stdout=subprocess.DEVNULL, start_new_session=True)
            status = self._child.wait()
            self._child = None
            self._say("ended", {"entry": entry.id, "status": status, "seconds": round((datetime.now() - started).total_seconds(), 1)})
            return status

    def stop(self) -> None:
        """Ask the run under way to end with a partial report; what it finished is kept."""
        self._stopping = True
        if (child := self._child) is not None:
            child.send_signal(signal.SIGINT)


def serve(entries: Sequence[ScheduleEntry], config: Path, last: datetime | None, say: Callable[[str, Mapping[str, object]], None]) -> None:
    """Run entries at their times until SIGTERM or SIGINT. Several missed times are one run; one missed while nobody ran is made up for."""
    from apscheduler.executors.pool import ThreadPoolExecutor
    from apscheduler.schedulers.background import BackgroundScheduler

    runner = Runner(config, say)
    scheduler = BackgroundScheduler(executors={"default": ThreadPoolExecutor(max(1, len(entries)))})
    now = datetime.now().astimezone()
    for entry in entries:
        due = {"next_run_time": now} if missed_run(entry, last, now) else {}
        if due:
            say("missed", {"entry": entry.id})
        scheduler.add_job(runner.run, build_trigger(entry), args=[entry], id=entry.id, coalesce=True, max_instances=1,
                          misfire_grace_time=LATE, **due)
    over = threading.Event()
    before = {s: signal.signal(s, lambda *_: over.set()) for s in (signal.SIGTERM, signal.SIGINT)}
    scheduler.start()
    for job in scheduler.get_jobs():
        say("scheduled", {"entry": job.id, "next": job.next_run_time.isoformat(timespec="seconds")})
    try:
        while not over.wait(1):
            pass
    finally:
        say("stopping", {})
        runner.stop()
        scheduler.shutdown(wait=True)
        for s, handler in before.items():
            signal.signal(s, handler)
    say("stopped", {})


def export_schedule(entries: Sequence[ScheduleEntry], to: str, config: Path, secrets: Sequence[str], image: str = "") -> str:
    """The schedule as a crontab, an Airflow file or Kubernetes objects. secrets: environment variables the configuration reads."""
    made = {"cron": _crontab, "airflow": _airflow, "kubernetes": _kubernetes}
    if to not in made:
        raise ConfigError(
            Msg('no target "{name}"', name=to),
            hint=nearest(to, made) or Msg("known: {names}", names=tuple(made)),
        )
    return made[to](entries, config, secrets, image)


def _crontab(entries: Sequence[ScheduleEntry], config: Path, secrets: Sequence[str], image: str) -> str:
    lines = ["# made by: chujing schedule export --to cron", "SHELL=/bin/bash"]
    if secrets:
        lines.append(f"# cron gives no environment: set {', '.join(secrets)} in a file only this user can read and source it below")
    for e in entries:
        wait = f"sleep $((RANDOM \\% {e.jitter + 1})); " if e.jitter else ""
        words = " ".join(shlex.quote(w) for w in command(e, config.name)).replace("%", "\\%")
        cron = ALIASES.get(e.cron, e.cron)
        lines += [f"CRON_TZ={e.timezone}", f"{cron} {wait}cd {shlex.quote(str(config.parent))} && chujing {words}"]
    return "\n".join(lines) + "\n"


def _airflow(entries: Sequence[ScheduleEntry], config: Path, secrets: Sequence[str], image: str) -> str:
    body = [
        '"""Scans by chujing; made by: chujing schedule export --to airflow"""',
        "",
        "from datetime import datetime",
        "from zoneinfo import ZoneInfo",
        "",
        "from airflow import DAG",
        "from airflow.providers.standard.operators.bash import BashOperator",
        "",
    ]
    if secrets:
        body += [f"# the worker's environment must hold {', '.join(secrets)}", ""]
    for e in entries:
        wait = f"sleep $((RANDOM % {e.jitter + 1})); " if e.jitter else ""
        words = " ".join(shlex.quote(w) for w in command(e, str(config)))
        body += [
            "with DAG(", f"    dag_id={f'chujing_{_plain(e.id)}'!r},", f"    schedule={ALIASES.get(e.cron, e.cron)!r},",
            f"    start_date=datetime(2026, 1, 1, tzinfo=ZoneInfo({e.timezone!r})),", "    catchup=False,", "    max_active_runs=1,", "):",
            "    # 3: something could not be read; 4: a flow needs more than --allow. Neither is mended by trying again at once.",
            f"    BashOperator(task_id='scan', bash_command={wait + 'chujing ' + words!r}, retries=0, append_env=True)", "",
        ]
    return "\n".join(body)


def _kubernetes(entries: Sequence[ScheduleEntry], config: Path, secrets: Sequence[str], image: str) -> str:
    import yaml

    env: list[dict[str, Any]] = [
        {"name": s, "valueFrom": {"secretKeyRef": {"name": "chujing", "key": s}}} for s in ("CHUJING_KEY", *secrets)
    ]
    objects = []
    for e in entries:
        scan = ["chujing", *command(e, f"/etc/chujing/{config.name}")]
        if e.jitter:
            scan = ["bash", "-c", f"sleep $((RANDOM % {e.jitter + 1})); exec {' '.join(shlex.quote(w) for w in scan)}"]
        container = {
            "name": "chujing", "image": image or "chujing:latest", "command": scan, "env": env,
            "volumeMounts": [{"name": "config", "mountPath": "/etc/chujing"}],
            "securityContext": {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": False},
        }
        pod = {"restartPolicy": "Never", "containers": [container],
               "volumes": [{"name": "config", "persistentVolumeClaim": {"claimName": "chujing"}}]}
        objects.append({
            "apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": f"chujing-{_plain(e.id, '-')}"},
            "spec": {"schedule": ALIASES.get(e.cron, e.cron), "timeZone": e.timezone, "concurrencyPolicy": "Forbid",
                     "startingDeadlineSeconds": LATE, "jobTemplate": {"spec": {"backoffLimit": 0, "template": {"spec": pod}}}},
        })
    return yaml.safe_dump_all(objects, sort_keys=False, allow_unicode=True)


def _plain(name: str, joint: str = "_") -> str:
    return re.sub(r"[^a-z0-9]+", joint, name.lower()).strip(joint) or "scan"
