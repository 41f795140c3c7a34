"""When the entries of a schedule are due, and whether a time was missed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from detectors.errors import ConfigError
from detectors.message import Msg
from scanner.config.cron import DAYS, parse_cron
from scanner.config.schedule import ScheduleEntry

if TYPE_CHECKING:
    from apscheduler.triggers.base import BaseTrigger

LATE = 6 * 3600  # seconds after its time within which a missed run is still made up for


def build_trigger(entry: ScheduleEntry) -> BaseTrigger:
    """Return the scheduler's trigger for an entry; raise ConfigError where the scheduler is not installed.

    As in cron, a day of month and a weekday that are both restricted mean either of them.
    """
    try:
        from apscheduler.triggers.combining import OrTrigger
        from apscheduler.triggers.cron import CronTrigger
    except ModuleNotFoundError:
        raise ConfigError(
            Msg("schedules need apscheduler"),
            where="schedule",
            hint=Msg("pip install 'chujing[schedule]', or use: chujing schedule export --to cron"),
        ) from None
    minutes, hours, days, months, weekdays = parse_cron(entry.cron)
    fields: dict[str, Any] = {
        "minute": _comma_list(minutes),
        "hour": _comma_list(hours),
        "month": _comma_list(months),
        "timezone": entry.timezone,
        "jitter": entry.jitter or None,
    }
    by_weekday = {"day_of_week": ",".join(DAYS[d] for d in weekdays)}
    by_day = {"day": _comma_list(days)}
    if len(days) == 31:
        return CronTrigger(**by_weekday, **fields)
    if len(weekdays) == 7:
        return CronTrigger(**by_day, **fields)
    return OrTrigger([CronTrigger(**by_day, **fields), CronTrigger(**by_weekday, **fields)])


def _comma_list(numbers: Sequence[int]) -> str:
    return ",".join(map(str, numbers))


def next_times(entry: ScheduleEntry, now: datetime, count: int = 3) -> list[datetime]:
    """Return the next times of an entry after `now`, without jitter."""
    trigger = build_trigger(replace(entry, jitter=0))
    times: list[datetime] = []
    after = now
    while (
        len(times) < count
        and (time := trigger.get_next_fire_time(times[-1] if times else None, after)) is not None
    ):
        times.append(time)
        after = time
    return times


def missed_run(entry: ScheduleEntry, last: datetime | None, now: datetime) -> bool:
    """Was there a time after the last run, and not longer than LATE ago, at which nobody ran?"""
    since = max(last, now - timedelta(seconds=LATE)) if last is not None else now
    times = next_times(entry, since + timedelta(seconds=1), 1)
    return bool(times) and times[0] <= now
