"""How gently a source is to be read: connections held, pauses between tables, times without any reading."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from datetime import time as clock
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from detectors.errors import ConfigError
from detectors.message import Msg

ZONE = "Asia/Shanghai"
PAUSE = 500  # milliseconds after each table, where gentle reading is asked for
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WINDOW = re.compile(r"(?:([a-z]{3})(?:-([a-z]{3}))? )?(\d\d?:\d\d)-(\d\d?:\d\d)(?: (\S+))?")


@dataclass(frozen=True, slots=True)
class Window:
    """A time without reading. days: those on which it begins, Monday being 0.

    An end at or before the start is on the next day.
    """

    days: frozenset[int]
    start: clock
    end: clock
    zone: str

    def closes(self, now: datetime) -> datetime | None:
        """Return the end of the window that `now` lies in; None outside."""
        local = now.astimezone(ZoneInfo(self.zone))
        for day in (local.date() - timedelta(days=1), local.date()):
            if day.weekday() in self.days:
                begins = datetime.combine(day, self.start, local.tzinfo)
                last_day = day + timedelta(days=self.end <= self.start)
                ends = datetime.combine(last_day, self.end, local.tzinfo)
                if begins <= local < ends:
                    return ends
        return None


def parse_window(text: str, where: str = "") -> Window:
    """Return the window of `09:00-18:30`, with days before it and a time zone behind it if need be.

    Raise ConfigError when it is none.

    >>> parse_window("mon-fri 22:00-06:00 UTC").end
    datetime.time(6, 0)
    """
    match = _WINDOW.fullmatch(text.strip().lower())
    hint = Msg("e.g. {example}", example="09:00-18:30, or mon-fri 09:00-18:30 Asia/Shanghai")
    if match is None or any(day not in (None, *DAYS) for day in (match[1], match[2])):
        raise ConfigError(Msg('"{text}" is no time window', text=text), where=where, hint=hint)
    try:
        start, end = (clock.fromisoformat(time.zfill(5)) for time in (match[3], match[4]))
        zone = text.split()[-1] if match[5] else ZONE
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise ConfigError(Msg('"{text}" is no time window', text=text), where=where, hint=hint) from None
    return Window(_days(match[1], match[2]), start, end, zone)


def _days(first: str | None, last: str | None) -> frozenset[int]:
    """Numbers of the days from `first` to `last`: that day alone without a last one, all without either."""
    if first is None:
        return frozenset(range(7))
    begin = DAYS.index(first)
    span = (DAYS.index(last or first) - begin) % 7
    return frozenset((begin + i) % 7 for i in range(span + 1))


@dataclass(frozen=True, slots=True)
class Pace:
    """How a source is read. connections: at the same time, at most. pause: milliseconds after each table."""

    connections: int = 2
    pause: int = 0
    closed: tuple[Window, ...] = ()

    def gentler(self) -> Pace:
        """Return a pace of one connection, with a pause after every table."""
        return replace(self, connections=1, pause=max(self.pause, PAUSE))

    def closed_until(self, now: datetime) -> datetime | None:
        """Return when reading may go on; None where it may now."""
        return max((end for w in self.closed if (end := w.closes(now)) is not None), default=None)
