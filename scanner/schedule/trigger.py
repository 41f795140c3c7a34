"""When the entries of a schedule are due, and whether a time was missed."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import islice

from scanner.config.cron import cron_times
from scanner.config.schedule import ScheduleEntry

LATE = 6 * 3600  # seconds after its time within which a missed run is still made up for


def next_times(entry: ScheduleEntry, now: datetime, count: int = 3) -> list[datetime]:
    """Return the next times of an entry after `now`, without jitter."""
    return list(islice(cron_times(entry.cron, entry.timezone, now), count))


def missed_run(entry: ScheduleEntry, last: datetime | None, now: datetime) -> bool:
    """Was there a time after the last run, and not longer than LATE ago, at which nobody ran?"""
    since = max(last, now - timedelta(seconds=LATE)) if last is not None else now
    times = next_times(entry, since, 1)
    return bool(times) and times[0] <= now
