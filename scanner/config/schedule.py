"""`schedule:` in chujing.yaml: when to scan, and what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from detectors.errors import ConfigError, nearest
from detectors.message import Msg
from scanner.config.cron import parse_cron
from scanner.config.yaml_lines import Document, ListOf, MapOf, Record, Text, Whole

SHAPE = MapOf(
    Record(
        {
            "cron": Text(help="minute hour day month weekday, or @daily"),
            "timezone": Text(help="default Asia/Shanghai"),
            "jitter": Whole(help="seconds a run may start later, drawn anew each time"),
            "sources": ListOf(
                Text(), help="sources to read; of the others the last findings stand. Default: all"
            ),
            "options": ListOf(Text(), help="further options of chujing scan, e.g. --allow, contract"),
        },
        required=("cron",),
    ),
    help="when to scan: chujing schedule",
)


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


def read_schedule(doc: Document, sources: Sequence[str]) -> tuple[ScheduleEntry, ...]:
    """Return the schedule of a parsed chujing.yaml; raise ConfigError for an entry that cannot be.

    sources: those configured.
    """
    entries = []
    for name, raw in doc.value.get("schedule", {}).items():
        lists = {key: tuple(raw.get(key, ())) for key in ("sources", "options")}
        entry = ScheduleEntry(name, **raw | lists)
        check_entry(entry, doc.where("schedule", name), sources)
        entries.append(entry)
    return tuple(entries)


def check_entry(entry: ScheduleEntry, where: str, sources: Sequence[str]) -> None:
    """Raise ConfigError for a cron expression, time zone or source that is none."""
    parse_cron(entry.cron, where)
    try:
        ZoneInfo(entry.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        raise ConfigError(
            Msg('no time zone "{name}"', name=entry.timezone),
            where=where,
            hint=Msg("e.g. {example}", example="Asia/Shanghai or UTC"),
        ) from None
    for source in entry.sources:
        if source not in sources:
            raise ConfigError(
                Msg('no source "{name}"', name=source),
                where=where,
                hint=nearest(source, sources) or Msg("known: {names}", names=tuple(sources)),
            )
