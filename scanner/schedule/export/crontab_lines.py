"""An entry's times as lines of a crontab, in its own time zone or in that of the machine."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from detectors.message import Msg
from scanner.config.cron import CronSpec
from scanner.config.schedule import ScheduleEntry
from scanner.schedule.export import DAYS_AHEAD, number_list, parse_plain, plain_fields, refused

COMPARED_HOURS = 6                            # between the moments at which two time zones are compared
DAY = 24 * 60                                 # minutes


def own_line(entry: ScheduleEntry) -> str:
    """Return the five fields of an entry for a cron that reads them in the entry's time zone.

    Fields written with `*` keep it: cron treats them otherwise on the days on which clocks are changed, and
    two day fields, one of them with `*`, have both to fit.
    """
    spec = parse_plain(entry)
    fields = plain_fields(spec)
    keep = (0, 1, 2, 4) if spec.rule == "both" else (0, 1)
    for n in keep:
        if spec.fields[n].startswith("*") and fields[n] != "*":
            first, *others = spec.fields[n].split(",")
            fields[n] = f"{first},{number_list(spec.numbers[n])}" if others else first
    return " ".join(fields)


def machine_lines(entry: ScheduleEntry, now: datetime) -> list[str]:
    """Return lines of five fields for a cron that reads them in this machine's time zone.

    Raise ConfigError where no lines there mean the same.
    """
    shift = _shift(entry, now)
    if not shift:
        return [own_line(entry)]
    spec = parse_plain(entry)
    if spec.rule == "both":
        why = Msg("its day of month and its day of week must fit together, in another time zone")
        raise refused(entry, why)
    by_day = defaultdict(set)
    for hour in spec.numbers[1]:
        for minute in spec.numbers[0]:
            days, rest = divmod(hour * 60 + minute + shift, DAY)
            by_day[_shifted_days(entry, spec, days)].add(divmod(rest, 60))
    return [f"{times} {days}" for days, pairs in sorted(by_day.items()) for times in _times(pairs)]


def _shift(entry: ScheduleEntry, now: datetime) -> int:
    """Return the minutes by which this machine's clock is ahead of the entry's time zone."""
    zone = ZoneInfo(entry.timezone)
    first = now.astimezone(UTC)
    hours = range(0, DAYS_AHEAD * 24, COMPARED_HOURS)
    shifts = {_distance(first + timedelta(hours=n), zone) for n in hours}
    if len(shifts) > 1:
        why = Msg(
            "the clock of this machine and that of {zone} are changed on different days", zone=entry.timezone
        )
        raise refused(entry, why)
    return round(shifts.pop().total_seconds() / 60)


def _distance(moment: datetime, zone: ZoneInfo) -> timedelta:
    """Return by how much this machine's clock is then ahead of that of a time zone."""
    own, other = moment.astimezone().utcoffset(), moment.astimezone(zone).utcoffset()
    return (own or timedelta()) - (other or timedelta())


def _shifted_days(entry: ScheduleEntry, spec: CronSpec, days: int) -> str:
    """Return the three date fields, so many days later."""
    fields = plain_fields(spec)[2:]
    if not days or fields == ["*", "*", "*"]:
        return " ".join(fields)
    if fields[:2] != ["*", "*"]:
        raise refused(entry, Msg("on this machine it falls on the day before or after, of another month"))
    return "* * " + number_list(sorted((n + days) % 7 for n in spec.numbers[4]))


def _times(pairs: set[tuple[int, int]]) -> Iterator[str]:
    """Yield minute and hour fields that together mean these (hour, minute) pairs, each once."""
    minutes_of = defaultdict(list)
    for hour, minute in sorted(pairs):
        minutes_of[hour].append(minute)
    hours_of = defaultdict(list)
    for hour, minutes in minutes_of.items():
        hours_of[tuple(minutes)].append(hour)
    for minutes_alike, hours in sorted(hours_of.items(), key=lambda x: x[1]):
        yield " ".join(
            "*" if len(numbers) == size else number_list(numbers)
            for numbers, size in ((minutes_alike, 60), (hours, 24))
        )
