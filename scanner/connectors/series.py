"""Which tables are the parts of one, by name and columns: `user_00` to `user_63`, `order_2026_01` and later.

Months, days and years have one name whatever comes or goes: `order_{YYYY_MM}`. Where columns changed over
time, the tables with the newest member have that name, older shapes the span they cover:
`order_{2024_01-2025_12}`. Numbered shards are named by their range, `user_{00-63}`; after a resharding the
name says the new range, and what was written under the old one still matches it.

>>> names("user_{00-63}", "user_07"), names("user_{00-127}", "user_{00-63}")
(True, True)
>>> names("order_{YYYY_MM}", "order_2026_07")
True
>>> names("user_{00-63}", "user_64"), names("user_{00-63}", "user_7")
(False, False)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from detectors.model import TableRef

LEAST = 3                                     # members that make a series; two may be anything
GAP = 4                                       # missing numbers after which another series begins
FIRST_YEAR, LAST_YEAR = 1990, 2099
_FORMS = {4: "YYYY", 6: "YYYYMM", 8: "YYYYMMDD", 10: "YYYYMMDDHH"}     # by number of digits
_SPACED_DATE = re.compile(
    r"(?P<stem>.*?)(?<![0-9])(?P<date>[0-9]{4}(?P<separator>[_-])[0-9]{2}(?:(?P=separator)[0-9]{2})?)")
_NUMBERED_NAME = re.compile(r"(?P<stem>.*?[^0-9])(?P<digits>[0-9]{1,10})")
_SERIES_NAME = re.compile(r"(?P<stem>.*)\{(?P<span>[0-9YMDH_-]+)\}")
_NUMBER_RANGE = re.compile(r"([0-9]+)-([0-9]+)")

Members = dict[str, TableRef]                 # date or number in a table's name -> table
_Stem = tuple[str, str, str]                  # schema, name before the number, columns
_DatedStem = tuple[str, str, str]             # schema, name before the date, form of the date


def group_series(tables: Iterable[tuple[TableRef, str]]) -> Mapping[TableRef, tuple[TableRef, ...]]:
    """Return the members of each series by the ref of the whole, the oldest or lowest first.

    tables: each with a text that is equal where columns are equal in name and type.
    """
    finder = _SeriesFinder()
    for ref, columns in tables:
        finder.add(ref, columns)
    return finder.series()


class _SeriesFinder:
    """Sorts tables by what stands before a date or number in their names."""

    def __init__(self) -> None:
        self._spaced: dict[tuple[str, str, str, str], Members] = {}   # schema, stem, form, columns
        self._numbered: dict[_Stem, Members] = {}
        self._dated: dict[_DatedStem, list[Members]] = {}             # one Members a shape of columns

    def add(self, ref: TableRef, columns: str) -> None:
        if m := _SPACED_DATE.fullmatch(ref.name):
            form = "YYYY{0}MM{0}DD" if len(m["date"]) == 10 else "YYYY{0}MM"
            key = (ref.schema, m["stem"], form.format(m["separator"]), columns)
            self._spaced.setdefault(key, {})[m["date"]] = ref
        else:
            self._add_numbered(ref, columns)

    def _add_numbered(self, ref: TableRef, columns: str) -> None:
        if m := _NUMBERED_NAME.fullmatch(ref.name):
            self._numbered.setdefault((ref.schema, m["stem"], columns), {})[m["digits"]] = ref

    def series(self) -> Mapping[TableRef, tuple[TableRef, ...]]:
        for (schema, stem, form, columns), members in self._spaced.items():
            if _are_dates(members):
                self._dated.setdefault((schema, stem, form), []).append(members)
            else:                             # `order_2026_{00-31}`: shards of a year, not its months
                for ref in members.values():
                    self._add_numbered(ref, columns)
        whole: dict[TableRef, tuple[TableRef, ...]] = {}
        for (schema, stem, _), members in self._numbered.items():
            numbers = self._take_dates(schema, stem, members)
            whole |= {TableRef(f"{stem}{{{span}}}", schema): refs for span, refs in _runs(numbers)}
        for (schema, stem, form), shapes in self._dated.items():
            whole |= {TableRef(f"{stem}{{{span}}}", schema): refs for span, refs in _spans(form, shapes)}
        return whole

    def _take_dates(self, schema: str, stem: str, members: Members) -> Members:
        """Move those members whose digits are dates to the dated ones; return the others."""
        for length, form in _FORMS.items():
            of_length = {digits: ref for digits, ref in members.items() if len(digits) == length}
            if _are_dates(of_length):
                dates = {digits: ref for digits, ref in of_length.items() if _is_date(digits)}
                self._dated.setdefault((schema, stem, form), []).append(dates)
                members = {digits: ref for digits, ref in members.items() if digits not in dates}
        return members


def _spans(form: str, shapes: list[Members]) -> Iterator[tuple[str, tuple[TableRef, ...]]]:
    """Yield (span in the name, members) of a dated series, the newest shape of its columns first."""
    for i, members in enumerate(sorted(shapes, key=max, reverse=True)):
        span = form if i == 0 else f"{min(members)}-{max(members)}"
        yield span, tuple(members[date] for date in sorted(members))


def _is_date(text: str) -> bool:
    digits = re.sub("[_-]", "", text)
    year, month, day, hour = (int(digits[a:b] or 1) for a, b in ((0, 4), (4, 6), (6, 8), (8, 10)))
    return FIRST_YEAR <= year <= LAST_YEAR and 1 <= month <= 12 and 1 <= day <= 31 and hour <= 23


def _are_dates(members: Members) -> bool:
    """Return whether there are enough dates, and hardly anything else.

    Shards 0000 to 4095 hold some numbers that could be years.
    """
    dates = sum(map(_is_date, members))
    return dates >= LEAST and dates >= 0.9 * len(members)


def _runs(members: Members) -> Iterator[tuple[str, tuple[TableRef, ...]]]:
    """Yield (range, members) of numbers that follow each other, of which at least half exist."""
    run: list[str] = []
    for digits in [*sorted(_of_one_width(members), key=int), ""]:
        if run and (not digits or int(digits) - int(run[-1]) > GAP):
            if len(run) >= LEAST and int(run[-1]) - int(run[0]) < 2 * len(run):
                yield f"{run[0]}-{run[-1]}", tuple(members[number] for number in run)
            run = []
        run.append(digits)


def _of_one_width(members: Members) -> Members:
    """Return the members padded with zeros to one width, and the longer numbers after `99`."""
    padded = [len(digits) for digits in members if len(digits) > 1 and digits[0] == "0"]
    if not padded:
        return members
    width = min(padded)
    return {digits: ref for digits, ref in members.items()
            if len(digits) == width or len(digits) > width and digits[0] != "0"}


def names(whole: str, word: str) -> bool:
    """Return whether a word names a member of a series, or the series by the range it had before."""
    series = _SERIES_NAME.fullmatch(whole)
    if series is None or not word.startswith(series["stem"]):
        return False
    rest, span = word[len(series["stem"]):], series["span"]
    if _SERIES_NAME.fullmatch(word):
        return rest.startswith("{")
    if "Y" in span:
        return re.fullmatch(re.sub("[YMDH]", "[0-9]", span), rest) is not None and _is_date(rest)
    if numbers := _NUMBER_RANGE.fullmatch(span):
        return _is_in_range(rest, *numbers.groups())
    half = len(span) // 2
    return len(rest) == half and span[:half] <= rest <= span[half + 1:]


def _is_in_range(digits: str, low: str, high: str) -> bool:
    """Return whether a number lies in a range and is written as its members are."""
    if not digits.isdecimal() or not int(low) <= int(digits) <= int(high):
        return False
    is_padded = len(low) > 1 and low[0] == "0"
    return len(digits) >= len(low) if is_padded else str(int(digits)) == digits
