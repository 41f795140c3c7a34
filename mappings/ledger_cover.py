"""Does the ledger cover the time a flow ran: the months of this year that have an entry of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from mappings.counts import NOBODY, UNKNOWN_COUNT, change_estimates
from mappings.model import Flow, FlowCount, Ledgered

EXPORT_UNKNOWN = "left_unknown"                 # note of a count of which the ledger does not know all
EXPORT_OPEN = "left_since_january"               # what is asked of a flow whose months the ledger lacks
_SPAN = re.compile(r"([0-9]{4}-[0-9]{2})\.\.([0-9]{4}-[0-9]{2})")


def is_ledgered(flow: Flow, periods: Sequence[str], as_of: date) -> bool:
    """Does the ledger cover the months of this year in which a flow ran? periods: those it has entries of.

    A period is a month (2026-03) or the first and last of several (2026-01..2026-10). A month
    under way need not be there yet, unless a flow stopped and its last day is not known: of such a one
    no entry at all says nothing, whenever it began.
    """
    if not may_have_run(flow, as_of) or (flow.until is not None and flow.until.year < as_of.year):
        return True
    if flow.status == "stopped" and flow.until is None:
        return bool(periods) and not _months_without(flow, periods, as_of)
    return not lacking_months(flow, periods, as_of)


def lacking_months(flow: Flow, periods: Sequence[str], as_of: date) -> tuple[str, ...]:
    """Return the months of this year in which a flow ran without an entry; none where that is not known."""
    if flow.status == "stopped" and flow.until is None:
        return ()
    return _months_without(flow, periods, as_of)


def _months_without(flow: Flow, periods: Sequence[str], as_of: date) -> tuple[str, ...]:
    """Months in which a flow may have run that no period covers."""
    return tuple(
        month for month in _months_of_run(flow, as_of)
        if not any(_covers(period, month) for period in periods)
    )


def unledgered_flows(
    flows: Iterable[tuple[Flow, Ledgered | None]], as_of: date
) -> Mapping[str, tuple[str, ...]]:
    """Return flows of which the ledger does not have every month they ran in, with the months it lacks."""
    ran = ((flow, exported.periods if exported is not None else ()) for flow, exported in flows)
    return {
        flow.id: lacking_months(flow, periods, as_of)
        for flow, periods in ran if not is_ledgered(flow, periods, as_of)
    }


def periods_outside(flow: Flow, periods: Iterable[str]) -> tuple[str, ...]:
    """Return the periods that reach beyond the time a flow ran, as its first and last day say.

    >>> from mappings.model import Recipient
    >>> flow = Flow("f", "a", Recipient("HQ"), "", since=date(2026, 3, 9), until=date(2026, 5, 20))
    >>> periods_outside(flow, ("2026-02", "2026-03..2026-05", "2026-05..2026-06", "spring"))
    ('2026-02', '2026-05..2026-06')
    """
    since = flow.since.isoformat()[:7] if flow.since is not None else ""
    until = flow.until.isoformat()[:7] if flow.until is not None else "9999-12"
    months = {period: _first_and_last(period) for period in periods if period[:1].isdigit()}
    return tuple(p for p, (first, last) in months.items() if not since <= first <= last <= until)


def do_overlap(period: str, other: str) -> bool:
    """Have two periods a month in common?

    >>> do_overlap("2026-01..2026-03", "2026-03"), do_overlap("2026-01", "2026-02")
    (True, False)
    """
    (first, last), (other_first, other_last) = _first_and_last(period), _first_and_last(other)
    return first <= other_last and other_first <= last


def _first_and_last(period: str) -> tuple[str, str]:
    """First and last month of a period."""
    span = _SPAN.fullmatch(period)
    return (period, period) if span is None else (span[1], span[2])


def _covers(period: str, month: str) -> bool:
    """Is a month the period, or within the first and last month that it names?

    >>> _covers("2026-01..2026-10", "2026-03"), _covers("2026-01..2026-02", "2026-03")
    (True, False)
    """
    first, last = _first_and_last(period)
    return first <= month <= last


def _months_of_run(flow: Flow, as_of: date) -> Iterator[str]:
    """Months of this year in which a flow ran; the last one of a running flow is under way."""
    first = flow.since if flow.since is not None and flow.since.year == as_of.year else None
    last = flow.until if flow.until is not None and flow.until < as_of else as_of
    after = last.month + 1 if flow.status == "stopped" else last.month
    if flow.since is not None and flow.since > last:
        return
    for month in range(first.month if first else 1, after):
        yield f"{as_of.year}-{month:02d}"


def may_have_run(flow: Flow, as_of: date) -> bool:
    """Is a flow running or stopped, or planned with a day on which it began already?"""
    return flow.status != "planned" or (flow.since is not None and flow.since < as_of)


def ran_in_year(flow: Flow, as_of: date) -> bool:
    """Did a flow run in the year up to a day, the month under way included?"""
    if not may_have_run(flow, as_of) or (flow.since is not None and flow.since > as_of):
        return False
    return flow.until is None or flow.until.year >= as_of.year


def exported_count(flow: Flow, exported: Ledgered | None, as_of: date) -> FlowCount:
    """Return the persons of a flow that left since 1 January; no upper end where that is not known."""
    recorded = NOBODY if exported is None else exported.count
    if is_ledgered(flow, exported.periods if exported is not None else (), as_of):
        return recorded
    if exported is None:
        return change_estimates(UNKNOWN_COUNT, note=EXPORT_UNKNOWN)
    return change_estimates(recorded, high=None, note=EXPORT_UNKNOWN)
