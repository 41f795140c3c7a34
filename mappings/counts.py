"""Head-counts combined, bounded or changed: every counter of a `FlowCount` alike, its strict reading, too."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from mappings.model import UNKNOWN, Declared, Estimate, FlowCount

NOBODY = FlowCount(Estimate.exactly(0), Estimate.exactly(0))
UNKNOWN_COUNT = FlowCount(UNKNOWN, UNKNOWN, UNKNOWN)
ENDLESS = 10**12                              # stands for "no upper bound"
COUNTERS = ("individuals", "sensitive", "minors", "ordinary_only", "ordinary")


def combine_counts(
    counts: Sequence[FlowCount], combine: Callable[[Sequence[Estimate]], Estimate]
) -> FlowCount:
    """Return each counter of several counts as `combine` makes it.

    Who is ordinary is known only where every count knows it.
    """
    combined: dict[str, Any] = {}
    for name in COUNTERS:
        estimates = [_counter_estimate(c, name) for c in counts]
        stated = [e for e in estimates if e is not None]
        combined[name] = combine(stated) if len(stated) == len(estimates) else None
    if any(c.strict is not None for c in counts):
        combined["strict"] = combine_counts([c.strict or c for c in counts], combine)
    return FlowCount(**combined)


def _counter_estimate(count: FlowCount, name: str) -> Estimate | None:
    """A counter; persons with an ordinary item are everybody where they were not counted."""
    estimate: Estimate | None = getattr(count, name)
    return count.individuals if estimate is None and name == "ordinary" else estimate


def change_estimates(count: FlowCount, **change: Any) -> FlowCount:
    """Return a count with the same change (fields of `Estimate`) to every estimate."""
    estimates = ((name, getattr(count, name)) for name in COUNTERS)
    changed = {name: replace(e, **change) for name, e in estimates if e is not None}
    strict = None if count.strict is None else change_estimates(count.strict, **change)
    return replace(count, **changed, strict=strict)


def total_of_parts(
    ids: tuple[str, ...], counts: Mapping[str, FlowCount], unions: Mapping[tuple[str, ...], FlowCount]
) -> FlowCount:
    """Return the persons of several parts: as they were linked, else bounds; of one part, its own count."""
    if (linked := unions.get(ids)) is not None:
        return linked
    return counts[ids[0]] if len(ids) == 1 else bound_union([counts[i] for i in ids])


def bound_union(counts: Sequence[FlowCount]) -> FlowCount:
    """Return bounds for persons whose overlap is not known: the largest at least, the sum at most."""
    if not counts:
        return NOBODY
    bounds = combine_counts(counts, _largest_to_sum)
    strict = None if bounds.strict is None else replace(bounds.strict, ordinary_only=None)
    return replace(bounds, ordinary_only=None, strict=strict)


def _largest_to_sum(estimates: Sequence[Estimate]) -> Estimate:
    highs = [e.high for e in estimates if e.high is not None]
    methods = {e.method for e in estimates}
    return Estimate(
        low=max(e.low for e in estimates), best=sum(e.best for e in estimates),
        high=sum(highs) if len(highs) == len(estimates) else None,
        method=methods.pop() if len(methods) == 1 else "exact", note="overlap_unknown",
    )


def tighten_count(earlier: FlowCount, later: FlowCount) -> FlowCount:
    """Return what both bounds allow, with the later one's best figure and method.

    Statistics bound nothing from above for certain, so they give way.
    """
    return combine_counts([earlier, later], _tighter_estimate)


def _tighter_estimate(pair: Sequence[Estimate]) -> Estimate:
    a, b = pair
    if a.method == "statistics":
        return b
    low = max(a.low, b.low)
    highs = [h for h in (a.high, b.high) if h is not None]
    if len(highs) == 2:
        high: int | None = max(low, min(highs))
    else:
        high = highs[0] if highs else None
    return Estimate(low, max(low, b.best if high is None else min(b.best, high)), high, b.method, b.note)


def leave_open_above(count: FlowCount) -> FlowCount:
    """Return a count without an upper end: something that leaves was not read, so there may be more."""
    return change_estimates(count, high=None, note="partly_unread")


def open_lines(estimate: Estimate, lines: Sequence[int]) -> list[int]:
    """Return the lines that lie inside the interval: some counts in it are below, others at or above."""
    low, high = estimate.low, estimate.high
    return [line for line in lines if low < line and (high is None or high >= line)]


def declared_count(declared: Declared, note: str) -> FlowCount:
    """Return head-counts as somebody states them."""
    return FlowCount(
        individuals=Estimate.exactly(declared.individuals, "declared", note),
        sensitive=Estimate.exactly(declared.sensitive_individuals, "declared", note),
        minors=Estimate.exactly(declared.minors, "declared", note),
    )


def low_end(estimate: Estimate) -> int:
    """Return the lower end."""
    return estimate.low


def high_end(estimate: Estimate) -> int:
    """Return the upper end; `ENDLESS` where there is none."""
    return ENDLESS if estimate.high is None else estimate.high
