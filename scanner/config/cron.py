"""Cron expressions: minute hour day-of-month month day-of-week, or an alias such as @daily."""

from __future__ import annotations

import re
from dataclasses import dataclass

from detectors.errors import ConfigError
from detectors.message import Msg, Text

DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
ALIASES = {"@hourly": "0 * * * *", "@daily": "0 0 * * *", "@weekly": "0 0 * * 0", "@monthly": "0 0 1 * *"}


@dataclass(frozen=True, slots=True)
class CronField:
    """One of the five fields. names: words for its numbers, the first for `first_named`."""

    name: Text
    low: int
    high: int
    names: tuple[str, ...] = ()
    first_named: int = 0

    @property
    def last(self) -> int:
        """The highest number that `*` means: Sunday may be written 0 or 7 and counts once."""
        return 6 if self.names is DAYS else self.high


FIELDS = (
    CronField(Msg("minute"), 0, 59),
    CronField(Msg("hour"), 0, 23),
    CronField(Msg("day of month"), 1, 31),
    CronField(Msg("month"), 1, 12, MONTHS, 1),
    CronField(Msg("day of week"), 0, 7, DAYS),
)


def parse_cron(cron: str, where: str = "") -> list[list[int]]:
    """Return the numbers each of the five fields allows, Sunday being 0.

    Raise ConfigError when it is no cron expression.

    >>> parse_cron("30 2 * * 1-5")[4]
    [1, 2, 3, 4, 5]
    """
    parts = ALIASES.get(cron.strip(), cron).split()
    if len(parts) != len(FIELDS):
        raise ConfigError(
            Msg('"{text}" has {n} fields, not 5', text=cron, n=len(parts)),
            where=where,
            hint=Msg('minute hour day month weekday, e.g. "30 2 * * *"'),
        )
    numbers = [_field_numbers(part, field, where) for part, field in zip(parts, FIELDS, strict=True)]
    numbers[4] = [n % 7 for n in numbers[4]]
    return [sorted(set(field)) for field in numbers]


def _field_numbers(text: str, field: CronField, where: str) -> list[int]:
    return [n for part in text.lower().split(",") for n in _part_numbers(part, field, where)]


def _part_numbers(part: str, field: CronField, where: str) -> range:
    """The numbers of `*`, `5`, `1-5`, `mon-fri`, each also with a step: `*/15`, `2/3`, `8-18/2`."""
    match = re.fullmatch(r"(\*|[a-z0-9]+(?:-[a-z0-9]+)?)(?:/([1-9][0-9]*))?", part)
    words = match[1].split("-") if match else []
    ends = [field.low, field.last] if words == ["*"] else [_number(word, field) for word in words]
    if match is None or any(end is None or not field.low <= end <= field.high for end in ends):
        raise ConfigError(
            Msg('"{text}" is no {part}', text=part, part=field.name),
            where=where,
            hint=Msg("{low} to {high}, *, a-b, */n or a list", low=field.low, high=field.high),
        )
    first, last = int(ends[0] or 0), int(ends[-1] or 0)
    if len(ends) == 1 and match[2]:           # `2/3` goes on to the end
        last = field.high
    if last < first:
        raise ConfigError(
            Msg('"{text}" runs backwards', text=part),
            where=where,
            hint=Msg("write it as two ranges: {ranges}", ranges=f"{words[0]}-{field.high},{field.low}-..."),
        )
    return range(first, last + 1, int(match[2] or 1))


def _number(word: str, field: CronField) -> int | None:
    if word in field.names:
        return field.names.index(word) + field.first_named
    return int(word) if word.isdigit() else None


