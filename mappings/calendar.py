"""Days of the calendar: working days with make-up days, and the same day of another month.

Working days come from `chinesecalendar`, which knows each year's holiday notice of the State Council. A year
whose notice is not out yet is counted Monday to Friday.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache


@cache
def working_day_status(day: date) -> tuple[bool, bool]:
    """Return (is it a working day, is its year's holiday notice out)."""
    import chinese_calendar

    try:
        return bool(chinese_calendar.is_workday(day)), True
    except NotImplementedError:
        return day.weekday() < 5, False


def add_working_days(start: date, days: int) -> tuple[date, bool]:
    """Return (the day `days` working days after `start`, before it when negative; is it an estimate).

    `start` itself is not counted.

    >>> add_working_days(date(2026, 9, 25), 10)
    (datetime.date(2026, 10, 15), False)
    >>> add_working_days(date(2026, 12, 15), -60)
    (datetime.date(2026, 9, 16), False)
    """
    step = timedelta(days=1 if days > 0 else -1)
    day, remaining, certain = start, abs(days), True
    while remaining:
        day += step
        works, notice_is_out = working_day_status(day)
        remaining -= works
        certain = certain and notice_is_out
    return day, not certain


def add_months(day: date, months: int) -> date:
    """Return the same day of a later (or, negative, earlier) month, its last one where it is shorter.

    >>> add_months(date(2026, 8, 31), -6)
    datetime.date(2026, 2, 28)
    """
    years, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(years, month + 1, min(day.day, monthrange(years, month + 1)[1]))


def month_end(day: date) -> date:
    """Return the last day of a day's month."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def stated_day(facts: Mapping[str, str], name: str) -> str:
    """Return the day that a fact states, as 2026-01-31; empty where nobody states it, or it is unknown."""
    day = facts.get(name, "")
    return "" if day == "unknown" else day
