"""Days of the calendar: working days with make-up days, and the same day of another month."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache


@cache
def is_working_day(day: date) -> tuple[bool, bool]:
    """(is it a working day, is that known). Unknown years count Monday to Friday."""
    import chinese_calendar

    try:
        return bool(chinese_calendar.is_workday(day)), True
    except NotImplementedError:
        return day.weekday() < 5, False


def add_working_days(start: date, days: int) -> tuple[date, bool]:
    """(the day `days` working days after `start`, before it when negative; is it an estimate). `start` itself is not counted.

    >>> add_working_days(date(2026, 9, 25), 10)
    (datetime.date(2026, 10, 15), False)
    >>> add_working_days(date(2026, 12, 15), -60)
    (datetime.date(2026, 9, 16), False)
    """
    step = timedelta(days=1 if days > 0 else -1)
    day, left, sure = start, abs(days), True
    while left:
        day += step
        works, known = is_working_day(day)
        left -= works
        sure = sure and known
    return day, not sure


def add_months(day: date, months: int) -> date:
    """The same day of a later (or, negative, earlier) month, the last one where that month is shorter."""
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    for last in (day.day, 30, 29):
        try:
            return date(year, month, last)
        except ValueError:
            continue
    return date(year, month, 28)
