"""The same schedule for other schedulers: one file a scheduler, with `render(export)`.

Numbers are written out as lists and ranges, which every scheduler reads alike. What one of them reads
otherwise (two day fields, days that no number names, hours that a clock leaps over, another time zone) is
written as lines that mean the same to it, or refused.
"""

from __future__ import annotations

import importlib
import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from detectors.errors import ConfigError, nearest
from detectors.message import Msg
from scanner.config.cron import (
    FIELDS,
    CronSpec,
    clock_shows,
    cron_fields,
    fits_day,
    leap_days,
    parse_cron,
)
from scanner.config.schedule import ScheduleEntry

TARGETS = ("cron", "cronie", "airflow", "kubernetes", "dolphinscheduler")
DAYS_AHEAD = 800                              # of which changes of the clock are looked at


@dataclass(frozen=True, slots=True)
class ScheduleExport:
    """What is exported. secrets: variables that the configuration reads. image: of the container."""

    entries: Sequence[ScheduleEntry]
    config: Path
    secrets: Sequence[str] = ()
    image: str = ""


def export_schedule(target: str, export: ScheduleExport) -> str:
    """Return a schedule as a crontab, a file for Airflow or DolphinScheduler, or Kubernetes objects.

    Raise ConfigError for another target and for an entry that the target would run on other days.
    """
    if target not in TARGETS:
        raise ConfigError(
            Msg('no target "{name}"', name=target),
            hint=nearest(target, TARGETS) or Msg("known: {names}", names=TARGETS),
        )
    return str(importlib.import_module(f"scanner.schedule.export.{target}").render(export))


def refused(entry: ScheduleEntry, why: Msg) -> ConfigError:
    """Return the error for an entry that a target would run at other times."""
    return ConfigError(
        Msg('"{cron}" cannot be exported: {why}', cron=entry.cron, why=why),
        where=f"schedule/{entry.id}",
        hint=Msg("chujing schedule run keeps its times"),
    )


def parse_plain(entry: ScheduleEntry) -> CronSpec:
    """Return what an entry's expression allows; raise ConfigError if numbers alone cannot say it."""
    spec = parse_cron(entry.cron)
    if spec.special:
        raise refused(entry, Msg('"{text}" means no fixed number of a day', text=", ".join(spec.special)))
    return spec


def cron_of(entry: ScheduleEntry) -> str:
    """Return the five fields of an entry for a scheduler that fits a day to either of two day fields.

    Raise ConfigError where a day has to fit both.
    """
    spec = parse_plain(entry)
    if spec.rule == "both":
        why = Msg("its day of month and its day of week must fit together, here either would do")
        raise refused(entry, why)
    return " ".join(plain_fields(spec))


def by_the_hour(entry: ScheduleEntry) -> bool:
    """Does cron run an entry by what the clock shows, nothing after a leap? So with `*` in front."""
    return any(field.startswith("*") for field in cron_fields(entry.cron)[:2])


def night_without_time(entry: ScheduleEntry, now: datetime) -> date | None:
    """Return the first day of the coming years on which the clock leaps over all times of an entry."""
    spec = parse_cron(entry.cron)
    minutes, hours, *_ = spec.numbers
    for day in leap_days(entry.timezone, now.date(), DAYS_AHEAD):
        shown = (clock_shows(day, hour, minute, entry.timezone) for hour in hours for minute in minutes)
        if fits_day(spec, day) and not any(shown):
            return day.date()
    return None


def plain_fields(spec: CronSpec) -> list[str]:
    """Return the five fields as lists and ranges. A day field that restricts nothing is `*`.

    >>> plain_fields(parse_cron("*/20 2 1-31 1-12 mon"))
    ['0,20,40', '2', '*', '*', '*']
    """
    open_fields = {"every": (2, 4), "day": (4,), "weekday": (2,)}.get(spec.rule, ())
    return [
        "*" if n in open_fields or numbers == FIELDS[n].numbers else number_list(numbers)
        for n, numbers in enumerate(spec.numbers)
    ]


def number_list(numbers: Sequence[int]) -> str:
    """Return sorted numbers as a list, three and more in a row as a range.

    >>> number_list((1, 2, 3, 5, 6))
    '1-3,5,6'
    """
    return ",".join(f"{r[0]}-{r[-1]}" if len(r) > 2 else ",".join(map(str, r)) for r in _rows(numbers))


def _rows(numbers: Sequence[int]) -> Iterator[list[int]]:
    """Yield the numbers that follow each other without a gap."""
    row: list[int] = []
    for number in numbers:
        if row and number != row[-1] + 1:
            yield row
            row = []
        row.append(number)
    if row:
        yield row


def shell_words(words: Sequence[str]) -> str:
    """Return words as one line of shell."""
    return " ".join(map(shlex.quote, words))


def plain_name(name: str, joint: str = "_") -> str:
    """Return a name of lower-case letters, digits and joints.

    >>> plain_name("Every night (CN)")
    'every_night_cn'
    """
    return re.sub(r"[^a-z0-9]+", joint, name.lower()).strip(joint) or "scan"
