"""How many persons by 31 December, and when a line would be reached, at the pace of the year's ledger.

The pace is that of new persons per day: over all months recorded for the best figure, and of the slowest and
the fastest month for the interval. Two months at least are needed; a pace is no promise, and the words say
so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from math import ceil
from typing import Literal

from mappings.calendar import month_end
from mappings.model import Decision, Estimate, FlowCount, Forecast
from mappings.rules import RuleSet, path_rank

Counter = Literal["ordinary", "sensitive"]
COUNTERS: tuple[Counter, ...] = ("ordinary", "sensitive")


def forecast_year(
    months: Sequence[tuple[str, FlowCount]], decision: Decision, rules: RuleSet, as_of: date
) -> tuple[Forecast, ...]:
    """Return a forecast for each counter; nothing with fewer than two months of the year.

    months: (2026-01, persons exported from 1 January to the end of it), ascending.
    """
    own = [(period, count) for period, count in months if period.startswith(f"{as_of.year}-")]
    if len(own) < 2:
        return ()
    forecasts = []
    for counter in COUNTERS:
        totals = tuple((period, _counter_persons(count, counter)) for period, count in own)
        year = _YearSoFar(counter, totals, as_of)
        forecasts.append(year.forecast(_next_line(counter, year.persons.best, decision, rules)))
    return tuple(forecasts)


def open_forecast(forecast: Forecast) -> Forecast:
    """Return a forecast from a ledger that lacks months: at least so many; no line is out of reach."""
    persons = replace(forecast.persons, high=None)
    if forecast.earliest is None:
        return replace(forecast, persons=persons, line=0, path="")
    return replace(forecast, persons=persons)


def _counter_persons(count: FlowCount, counter: Counter) -> Estimate:
    """Persons under a counter; everybody is ordinary where they were not counted apart."""
    return count.sensitive if counter == "sensitive" else count.ordinary or count.individuals


def _next_line(counter: Counter, persons: int, decision: Decision, rules: RuleSet) -> tuple[int, str]:
    """(the next line above some persons, its path); (0, "") unless it asks for more than the mildest path."""
    lines = [
        (t["min"], t["path"])
        for t in rules.raw["thresholds"]
        if t["counter"] == counter and t["min"] > persons
    ]
    if not lines:
        return 0, ""
    line, path = min(lines, key=lambda entry: entry[0])
    return (line, path) if path_rank(path) > path_rank(decision.possible[0]) else (0, "")


@dataclass(frozen=True, slots=True)
class _YearSoFar:
    """Persons under one counter, from 1 January to the end of each month or to the day asked about.

    totals: (2026-01, persons), ascending, at least two.
    """

    counter: Counter
    totals: tuple[tuple[str, Estimate], ...]
    as_of: date

    @property
    def persons(self) -> Estimate:
        """Persons up to now."""
        return self.totals[-1][1]

    @property
    def since(self) -> date:
        """The day from which the pace is taken to go on."""
        return min(month_end(_first_day(self.totals[-1][0])), self.as_of)

    @property
    def end(self) -> date:
        """31 December."""
        return date(self.as_of.year, 12, 31)

    def forecast(self, next_line: tuple[int, str]) -> Forecast:
        """Return the persons on 31 December, and when a line is reached at the mean and the fastest pace."""
        slowest, mean, fastest = self._daily_rates()
        now, days = self.persons, (self.end - self.since).days
        persons = Estimate(
            low=now.low + int(slowest * days),
            best=now.best + round(mean * days),
            high=None if now.high is None else now.high + ceil(fastest * days),
            method=now.method,
            note="forecast",
        )
        line, path = next_line
        highest = now.high if now.high is not None else now.best
        return Forecast(
            self.counter, self.end, persons, line, path,
            reached=self._day_of_line(line, now.best, mean) if line else None,
            earliest=self._day_of_line(line, highest, fastest) if line else None,
            basis=tuple(period for period, _ in self.totals),
        )

    def _daily_rates(self) -> tuple[float, float, float]:
        """New persons per day: of the slowest month, over all months, of the fastest month."""
        totals = [persons.best for _, persons in self.totals]
        new = [totals[0], *(max(0, b - a) for a, b in pairwise(totals))]
        days = [self._days_of_month(period) for period, _ in self.totals]
        rates = [n / d for n, d in zip(new, days, strict=True)]
        return min(rates), sum(new) / sum(days), max(rates)

    def _days_of_month(self, period: str) -> int:
        """Days of a month, up to the day asked about."""
        first = _first_day(period)
        return max(1, (min(month_end(first), self.as_of) - first).days + 1)

    def _day_of_line(self, line: int, now: int, rate: float) -> date | None:
        """The day `line` is reached from `now` at a rate; None after 31 December or never."""
        if now >= line:
            return self.since
        if rate <= 0:
            return None
        day = self.since + timedelta(days=ceil((line - now) / rate))
        return day if day <= self.end else None


def _first_day(period: str) -> date:
    """First day of a month such as 2026-01."""
    return date.fromisoformat(f"{period}-01")
