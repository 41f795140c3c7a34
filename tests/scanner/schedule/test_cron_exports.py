"""Every export runs on the nights on which `schedule run` does, as its target's own parser reads it.

The parsers are written here a second time, each from its documentation: Debian's crontab(5), croniter (which
Airflow uses), robfig/cron v3 (which Kubernetes uses), Quartz (which DolphinScheduler uses).
"""

import ast
import random
import re
import time
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml

from detectors.errors import ConfigError
from scanner.config.cron import cron_times
from scanner.config.schedule import ScheduleEntry
from scanner.schedule.export import ScheduleExport, export_schedule

START = datetime(2026, 12, 31, 23, 59, tzinfo=UTC)
EXPRESSIONS, DAYS = 300, 366
ENDS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
NAMES = {4: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]}


@pytest.fixture
def machine_zone(monkeypatch):
    """Sets the time zone of this machine; afterwards it is what it was."""

    def set_zone(name):
        monkeypatch.setenv("TZ", name)
        time.tzset()

    yield set_zone
    monkeypatch.delenv("TZ")
    time.tzset()


def term(draw, n):
    low, high = ENDS[n]
    a, b = sorted((draw.randint(low, high), draw.randint(low, high)))
    step = draw.randint(1, max(2, high // 3))
    forms = ["*", f"*/{step}", str(a), f"{a}-{b}", f"{a}-{b}/{step}", f"{a}/{step}"]
    if n == 4:
        forms += [draw.choice(NAMES[4]), f"{a}#2", "5L"]
    if n == 2:
        forms += ["L"]
    return draw.choice(forms)


def expression(draw):
    fields = [",".join(term(draw, n) for _ in range(draw.choice((1, 1, 2)))) for n in range(5)]
    keep = [draw.random() < 0.5 for _ in range(5)]
    return " ".join(
        field if kept or n < 2 else "*" for n, (field, kept) in enumerate(zip(fields, keep, strict=True))
    )


@cache
def nights_of_run(cron, zone, counted_in=None):
    """The days of a year, in the zone counted_in, on which cron runs an expression of a zone."""
    nights, after, end = set(), START, START + timedelta(days=DAYS)
    days = ZoneInfo(counted_in or zone)
    while (moment := next(cron_times(cron, zone, after), None)) and moment < end:
        day = moment.astimezone(days).date()
        nights.add(day)
        after = datetime(day.year, day.month, day.day, tzinfo=days) + timedelta(days=1, seconds=-1)
    return nights


# ---- what the targets read: lists, ranges and `*` only, which all of them document alike


def numbers(field, n):
    """The set of a field; None for a star. Sunday is 0: 7 is unknown to robfig/cron."""
    if field == "*":
        return None
    out = set()
    for part in field.split(","):
        low, _, high = part.partition("-")
        out |= set(range(int(low), int(high or low) + 1))
    assert out <= set(range(ENDS[n][0], (6 if n == 4 else ENDS[n][1]) + 1))
    return out


def oracle(fields, zone, skips_leaps=False, full_is_star=False):
    """The nights of five fields; two restricted day fields mean either. full_is_star: as croniter reads."""
    sets = [numbers(field, n) for n, field in enumerate(fields.split())]
    if full_is_star:
        sets = [None if s and len(s) == (60, 24, 31, 12, 7)[n] else s for n, s in enumerate(sets)]
    minutes, hours, days, months, weekdays = sets
    tz, nights = ZoneInfo(zone), set()
    first = START.astimezone(tz).replace(tzinfo=None) + timedelta(seconds=60)
    times = [(h, m) for h in sorted(hours or range(24)) for m in sorted(minutes or range(60))]
    for n in range(DAYS + 1):
        day = datetime(first.year, first.month, first.day) + timedelta(days=n)
        weekday = (day.weekday() + 1) % 7
        fits = [s is None or x in s for s, x in ((days, day.day), (weekdays, weekday))]
        both = days is None or weekdays is None
        if (months is None or day.month in months) and (all(fits) if both else any(fits)):
            for hour, minute in times:
                wall = day.replace(hour=hour, minute=minute, tzinfo=tz)
                real = wall.astimezone(UTC).astimezone(tz)
                if not START < wall.astimezone(UTC) < START + timedelta(days=DAYS):
                    continue
                if skips_leaps and (real.hour, real.minute) != (hour, minute):
                    continue
                nights.add(day.date())
                break
    return nights


def exported(target, entry):
    """The text of an export; None where it is refused in one line."""
    try:
        return export_schedule(target, ScheduleExport([entry], Path("/srv/chujing.yaml")))
    except ConfigError as e:
        assert "\n" not in e.line() and e.hint
        return None


def cron_lines(text):
    lines = [" ".join(x.split()[:5]) for x in text.splitlines() if re.match(r"[\d*]", x)]
    assert lines and not any(
        re.search(r"(?<![*\d-])\d+/", x) for x in lines
    )  # `2/3` is an error to Debian's cron
    return lines


def call_argument(text, name, argument):
    calls = [
        c for c in ast.walk(ast.parse(text)) if isinstance(c, ast.Call) and getattr(c.func, "id", "") == name
    ]
    return next(ast.literal_eval(k.value) for k in calls[0].keywords if k.arg == argument)


def quartz_nights(fields, zone):
    """The nights of Quartz' seven fields: a day fits the day field that is not `?`; Sunday is 1."""
    second, minute, hour, day, month, weekday, year = fields.split()
    assert second == "0" and year == "*" and [day, weekday].count("?") == 1
    if weekday not in ("?", "*"):
        days = sorted(numbers(",".join(re.sub(r"\d+", lambda n: str(int(n[0]) - 1), weekday).split(",")), 4))
        weekday = ",".join(map(str, days))
    return oracle(" ".join((minute, hour, day.replace("?", "*"), month, weekday.replace("?", "*"))), zone)


def nights_of(target, entry, machine):
    """The nights of an export by its target's parser; None where it is refused."""
    if (text := exported(target, entry)) is None:
        return None
    if target == "kubernetes":
        spec = next(yaml.safe_load_all(text))["spec"]
        return oracle(spec["schedule"], spec["timeZone"], skips_leaps=True)
    if target == "dolphinscheduler":
        return quartz_nights(call_argument(text, "Workflow", "schedule"), entry.timezone)
    if target == "airflow":
        return oracle(call_argument(text, "DAG", "schedule"), entry.timezone, full_is_star=True)
    zone = machine if target == "cron" else re.search("CRON_TZ=(.+)", text)[1]
    return set().union(*(nights_of_run(line, zone, entry.timezone) for line in cron_lines(text)))


@pytest.mark.parametrize(
    ("zone", "machine", "count"),
    [
        ("Asia/Shanghai", "Asia/Shanghai", EXPRESSIONS),
        ("Asia/Shanghai", "UTC", 60),
        ("Europe/Berlin", "Europe/Berlin", 60),
    ],
)
def test_every_export_runs_on_the_same_nights(machine_zone, zone, machine, count):
    machine_zone(machine)
    draw = random.Random(19)
    differ, accepted = [], 0
    for _ in range(count):
        entry = ScheduleEntry("x", expression(draw), zone)
        try:
            nights = nights_of_run(entry.cron, zone)
        except ConfigError:  # names no day there is
            continue
        for target in ("cron", "cronie", "airflow", "kubernetes", "dolphinscheduler"):
            if (other := nights_of(target, entry, machine)) is not None:
                accepted += 1
                if other != nights:
                    differ.append((target, entry.cron, sorted(other ^ nights)[:3]))

    assert differ == []
    assert accepted > 1.5 * count
