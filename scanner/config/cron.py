"""Cron expressions as Debian's crontab(5) reads them: minute hour day-of-month month day-of-week, or @daily.

A day has to fit both day fields if one of them begins with `*`, else either. `L` (last day of the month),
`LW` (last working day), `5L` (last Friday) and `1#2` (second Monday) are read too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from detectors.errors import ConfigError
from detectors.message import Msg, Text

if TYPE_CHECKING:
    from cronsim import CronSim

ALIASES = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
DayRule = Literal["every", "day", "weekday", "either", "both"]
ANY_DAY = datetime(2026, 1, 1)                # the library asks for a moment even where only words are read


@dataclass(frozen=True, slots=True)
class CronField:
    """One of the five fields. library_name: what the library calls it in an error."""

    name: Text
    library_name: str
    low: int
    high: int

    @property
    def numbers(self) -> tuple[int, ...]:
        return tuple(range(self.low, self.high + 1))


FIELDS = (
    CronField(Msg("minute"), "minute", 0, 59),
    CronField(Msg("hour"), "hour", 0, 23),
    CronField(Msg("day of month"), "day-of-month", 1, 31),
    CronField(Msg("month"), "month", 1, 12),
    CronField(Msg("day of week"), "day-of-week", 0, 6),
)


@dataclass(frozen=True, slots=True)
class CronSpec:
    """The numbers that an expression allows, Sunday being 0.

    fields: the five as written, in upper case. rule: which of the day fields restricts, and how two do
    together. special: fields that no list of numbers can say (`L`, `1#2`).
    """

    fields: tuple[str, ...]
    numbers: tuple[tuple[int, ...], ...]
    rule: DayRule
    special: tuple[str, ...] = ()


def cron_fields(cron: str, where: str = "") -> tuple[str, ...]:
    """Return the five fields of an expression or alias; raise ConfigError for another number of fields."""
    parts = tuple(ALIASES.get(cron.strip().lower(), cron).upper().split())
    if len(parts) != len(FIELDS):
        raise ConfigError(
            Msg('"{text}" has {n} fields, not 5', text=cron, n=len(parts)),
            where=where,
            hint=Msg('minute hour day month weekday, e.g. "30 2 * * *"'),
        )
    return parts


def parse_cron(cron: str, where: str = "") -> CronSpec:
    """Return what an expression allows; raise ConfigError when it is none, or never comes.

    >>> parse_cron("30 2 * * 1-5").numbers[4], parse_cron("30 2 1 * mon").rule
    ((1, 2, 3, 4, 5), 'either')
    """
    parts = cron_fields(cron, where)
    read = _library(parts, ANY_DAY, where)
    weekdays = {n % 7 for n in read.weekdays if isinstance(n, int)}
    sets = (read.minutes, read.hours, {n for n in read.days if n > 0}, read.months, weekdays)
    special = (read.days != sets[2], any(isinstance(n, tuple) for n in read.weekdays))
    return CronSpec(
        parts,
        tuple(tuple(sorted(numbers)) for numbers in sets),
        _day_rule(len(sets[2]) == 31, len(weekdays) == 7, read.day_and),
        tuple(part for part, is_special in zip((parts[2], parts[4]), special, strict=True) if is_special),
    )


def _library(parts: tuple[str, ...], moment: datetime, where: str = "") -> CronSim:
    """Return the library's iterator from a moment on; raise ConfigError for what it cannot read."""
    from cronsim import CronSim, CronSimError

    try:
        return CronSim(" ".join(parts), moment)
    except (CronSimError, ValueError, AssertionError) as e:
        if _fields_are_sound(parts):
            raise ConfigError(
                Msg('"{text}" never comes', text=" ".join(parts).lower()),
                where=where,
                hint=Msg("no month named there has such a day: February has at most 29, four others have 30"),
            ) from None
        named = [n for n, field in enumerate(FIELDS) if field.library_name in str(e)]
        at = named[0] if named else 2
        raise ConfigError(
            Msg('"{text}" is no {part}', text=parts[at].lower(), part=FIELDS[at].name),
            where=where,
            hint=Msg("{low} to {high}, *, a-b, */n or a list", low=FIELDS[at].low, high=FIELDS[at].high),
        ) from None


def _fields_are_sound(parts: tuple[str, ...]) -> bool:
    """Can each field be read for itself, so that only their combination is at fault?"""
    from cronsim import CronSim, CronSimError

    try:
        for i, part in enumerate(parts):
            CronSim(" ".join(part if i == at else "*" for at in range(len(parts))), ANY_DAY)
    except (CronSimError, ValueError, AssertionError):
        return False
    return True


def _day_rule(every_day: bool, every_weekday: bool, both: bool) -> DayRule:
    """Return how the two day fields work together. both: a day has to fit both of them."""
    if not both:
        return "every" if every_day or every_weekday else "either"
    if every_day:
        return "every" if every_weekday else "weekday"
    return "day" if every_weekday else "both"


def cron_times(cron: str, timezone: str, after: datetime) -> Iterator[datetime]:
    """Yield the moments an expression names in a time zone, later than `after`, as Debian's cron runs them.

    A fixed time that the clock leaps over in spring is run right after the leap; one that comes twice in
    autumn is run once.
    """
    last = after
    for moment in _library(cron_fields(cron), after.astimezone(ZoneInfo(timezone))):
        if moment.timestamp() > last.timestamp():
            yield moment
            last = moment


def fits_day(spec: CronSpec, day: datetime) -> bool:
    """Does an expression of plain numbers allow this day?"""
    _, _, days, months, weekdays = spec.numbers
    on_day, on_weekday = day.day in days, (day.weekday() + 1) % 7 in weekdays
    fits = on_day or on_weekday if spec.rule in ("every", "either") else on_day and on_weekday
    return day.month in months and fits


@cache
def leap_days(timezone: str, since: date, days: int) -> tuple[datetime, ...]:
    """Return the local midnights, without a time zone, of the days on which clocks are put forward."""
    zone = ZoneInfo(timezone)
    midnights = [datetime(since.year, since.month, since.day) + timedelta(days=n) for n in range(days + 1)]
    offsets = [m.replace(tzinfo=zone).utcoffset() or timedelta() for m in midnights]
    changes = zip(midnights, offsets, offsets[1:], strict=False)
    return tuple(midnight for midnight, before, after in changes if after > before)


def clock_shows(day: datetime, hour: int, minute: int, timezone: str) -> bool:
    """Does a clock of the time zone show this time on this day? It does not show what it leaps over."""
    wall = day.replace(hour=hour, minute=minute)
    in_utc = wall.replace(tzinfo=ZoneInfo(timezone)).astimezone(UTC)
    return in_utc.astimezone(ZoneInfo(timezone)).replace(tzinfo=None) == wall


def check_zone(name: str) -> None:
    """Raise ConfigError for a time zone that does not exist."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ConfigError(
            Msg('no time zone "{name}"', name=name),
            hint=Msg("e.g. {example}", example="Asia/Shanghai or UTC"),
        ) from None
