"""How many persons by 31 December, and when a line would be reached, at the pace of the year's ledger.

The pace is that of new persons per day: over all months recorded for the best figure, and of the slowest and the fastest month for the
interval. Two months at least are needed; a pace is no promise, and the words say so.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from datetime import date, timedelta
from math import ceil

from mappings.model import Decision, Estimate, FlowCount, Forecast
from mappings.rules import RuleSet, path_rank


def forecast_year(months: Sequence[tuple[str, FlowCount]], decision: Decision, rules: RuleSet, as_of: date) -> tuple[Forecast, ...]:
    """months: (2026-01, persons exported from 1 January to the end of it), ascending. Empty with fewer than two months."""
    mine = [(p, c) for p, c in months if p.startswith(f"{as_of.year}-")]
    if len(mine) < 2:
        return ()
    end = date(as_of.year, 12, 31)
    out = []
    for counter in ("ordinary", "sensitive"):
        totals = [c.sensitive if counter == "sensitive" else c.ordinary or c.individuals for _, c in mine]
        days = [_days(p, as_of) for p, _ in mine]
        new = [totals[0].best, *(max(0, b.best - a.best) for a, b in zip(totals, totals[1:], strict=False))]
        rates = [n / d for n, d in zip(new, days, strict=True)]
        since = min(_last(mine[-1][0]), as_of)
        left = (end - since).days
        now, mean = totals[-1], sum(new) / sum(days)
        top = None if now.high is None else now.high + ceil(max(rates) * left)
        persons = Estimate(now.low + int(min(rates) * left), now.best + round(mean * left), top, now.method, "forecast")
        line, path = next(((t["min"], t["path"]) for t in sorted(rules.raw["thresholds"], key=lambda t: t["min"])
                           if t["counter"] == counter and t["min"] > now.best), (0, ""))
        worse = bool(line) and path_rank(path) > path_rank(decision.possible[0])
        out.append(Forecast(
            counter, end, persons, line if worse else 0, path if worse else "",
            _when(now.best, mean, line, since, end) if worse else None,
            _when(now.high if now.high is not None else now.best, max(rates), line, since, end) if worse else None,
            tuple(p for p, _ in mine),
        ))
    return tuple(out)


def _days(period: str, as_of: date) -> int:
    """Days of a month, up to the day asked about."""
    first = date.fromisoformat(f"{period}-01")
    return max(1, (min(_last(period), as_of) - first).days + 1)


def _last(period: str) -> date:
    first = date.fromisoformat(f"{period}-01")
    return first.replace(day=monthrange(first.year, first.month)[1])


def _when(now: int, rate: float, line: int, since: date, end: date) -> date | None:
    """The day `line` is reached at a rate of persons per day; None after `end` or never."""
    if now >= line:
        return since
    if rate <= 0:
        return None
    day = since + timedelta(days=ceil((line - now) / rate))
    return day if day <= end else None
