"""How gently a source is read: connections held, pauses between tables, times without any reading."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from datetime import time as clock
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from detectors.errors import ConfigError, SourceError
from detectors.message import Msg
from detectors.model import Skipped, TableInfo, TableRef
from scanner.connectors.protocol import Connector, Sample, Where

if TYPE_CHECKING:
    import pyarrow as pa

ZONE = "Asia/Shanghai"
PAUSE = 500                                   # milliseconds after each table, where gentle reading is asked for
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Window:
    """A time without reading. days: those on which it begins, Monday being 0. An end at or before the start is on the next day."""

    days: frozenset[int]
    start: clock
    end: clock
    zone: str

    def closes(self, now: datetime) -> datetime | None:
        """The end of the window that `now` lies in; None outside."""
        local = now.astimezone(ZoneInfo(self.zone))
        for day in (local.date() - timedelta(days=1), local.date()):
            if day.weekday() in self.days:
                begins = datetime.combine(day, self.start, local.tzinfo)
                ends = datetime.combine(day + timedelta(days=self.end <= self.start), self.end, local.tzinfo)
                if begins <= local < ends:
                    return ends
        return None


def parse_window(text: str, where: str = "") -> Window:
    """`09:00-18:30`, with days before it and a time zone behind it if need be; ConfigError when it is none.

    >>> window("mon-fri 22:00-06:00 UTC").end
    datetime.time(6, 0)
    """
    m = re.fullmatch(r"(?:([a-z]{3})(?:-([a-z]{3}))? )?(\d\d?:\d\d)-(\d\d?:\d\d)(?: (\S+))?", text.strip().lower())
    hint = Msg("e.g. {example}", example="09:00-18:30, or mon-fri 09:00-18:30 Asia/Shanghai")
    if m is None or any(d not in (None, *DAYS) for d in (m[1], m[2])):
        raise ConfigError(Msg('"{text}" is no time window', text=text), where=where, hint=hint)
    try:
        start, end = (clock.fromisoformat(x.zfill(5)) for x in (m[3], m[4]))
        zone = text.split()[-1] if m[5] else ZONE
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise ConfigError(Msg('"{text}" is no time window', text=text), where=where, hint=hint) from None
    first = DAYS.index(m[1]) if m[1] else 0
    last = DAYS.index(m[2]) if m[2] else first if m[1] else 6
    return Window(frozenset((first + i) % 7 for i in range((last - first) % 7 + 1)), start, end, zone)


@dataclass(frozen=True, slots=True)
class Pace:
    """How a source is read. connections: at the same time, at most. pause: milliseconds after each table."""

    connections: int = 2
    pause: int = 0
    closed: tuple[Window, ...] = ()

    def gentler(self) -> Pace:
        """One connection, and a pause after every table."""
        return replace(self, connections=1, pause=max(self.pause, PAUSE))

    def check(self, where: str) -> None:
        """Closed while a time without reading lasts."""
        now = datetime.now().astimezone()
        if ends := [e for w in self.closed if (e := w.closes(now)) is not None]:
            raise Closed(max(ends), where)


class Closed(SourceError):
    """A source is not to be read now."""

    def __init__(self, until: datetime, where: str) -> None:
        self.until = until
        super().__init__(f"blackout until {until:%Y-%m-%d %H:%M %Z}", where=where, hint="run again after it: finished tables are kept")


class Paced:
    """A connector that keeps to a pace. What only some connectors can do is handed on."""

    def __init__(self, inner: Connector, pace: Pace, name: str) -> None:
        self._inner: Any = inner
        self._pace = pace
        self._name = name
        self._over = threading.Event()

    def tables(self) -> Iterator[TableInfo | Skipped]:
        self._pace.check(self._name)
        return iter(self._inner.tables())

    def sample(self, ref: TableRef, columns: Sequence[str], rows: int, seed: int) -> Sample:
        self._pace.check(self._name)
        drawn: Sample = self._inner.sample(ref, columns, rows, seed)
        self._over.wait(self._pace.pause / 1000)
        return drawn

    def read(self, ref: TableRef, columns: Sequence[str], where: Where) -> Iterator[pa.RecordBatch]:
        for batch in self._inner.read(ref, columns, where):
            self._pace.check(self._name)
            yield batch

    def plan(self, ref: TableRef, columns: Sequence[str], rows: int, seed: int) -> str:
        return str(self._inner.plan(ref, columns, rows, seed))

    def close(self) -> None:
        self._over.set()
        self._inner.close()

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if name in ("count_distinct", "key_counts"):
            self._pace.check(self._name)
        return found


def deadline(budget: float | None, share: float = 1.0) -> float | None:
    """The moment, by the monotonic clock, at which a budget of seconds is spent; None without one."""
    return None if budget is None else time.monotonic() + budget * share


def paces(sources: Sequence[Any], gentle: bool) -> Mapping[str, Pace]:
    """The pace of every source, by id."""
    return {s.id: s.pace.gentler() if gentle else s.pace for s in sources}
