"""`schedule:` in chujing.yaml: when to scan, and what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scanner.config.grammar.schedule import ScheduleKeys


@dataclass(frozen=True, slots=True)
class ScheduleEntry:
    """One line of `schedule:`.

    jitter: seconds a run may start later, drawn anew each time. sources: which to read anew, none for all.
    options: further ones of `chujing scan`.
    """

    id: str
    cron: str
    timezone: str = "Asia/Shanghai"
    jitter: int = 0
    sources: tuple[str, ...] = ()
    options: tuple[str, ...] = ()


def read_schedule(keys: Mapping[str, ScheduleKeys]) -> tuple[ScheduleEntry, ...]:
    """Return the schedule of chujing.yaml."""
    return tuple(ScheduleEntry(name, **entry.stated()) for name, entry in keys.items())
