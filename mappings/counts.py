"""Head-counts taken together, bounded, or changed: the same arithmetic for every counter of a `FlowCount`, its strict reading included."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from mappings.model import UNKNOWN, Declared, Estimate, FlowCount

NOBODY = FlowCount(Estimate.exactly(0), Estimate.exactly(0))
UNKNOWN_COUNT = FlowCount(UNKNOWN, UNKNOWN, UNKNOWN)
ENDLESS = 10**12                              # stands for "no upper bound"
_COUNTERS = ("individuals", "sensitive", "minors", "ordinary_only", "ordinary")


def combine_counts(counts: Sequence[FlowCount], one: Callable[[Sequence[Estimate]], Estimate]) -> FlowCount:
    """Each counter of several counts as `one` makes it. Who is ordinary is known only where every count knows it."""
    found: dict[str, Any] = {}
    for name in _COUNTERS:
        parts = [_counter(c, name) for c in counts]
        found[name] = None if any(p is None for p in parts) else one([p for p in parts if p is not None])
    if any(c.strict is not None for c in counts):
        found["strict"] = combine_counts([c.strict or c for c in counts], one)
    return FlowCount(**found)


def _counter(count: FlowCount, name: str) -> Estimate | None:
    found: Estimate | None = getattr(count, name)
    return count.individuals if found is None and name == "ordinary" else found


def change_estimates(count: FlowCount, **change: Any) -> FlowCount:
    """The same change to every estimate of a count."""

    def one(e: Estimate | None) -> Any:
        return None if e is None else replace(e, **change)

    return replace(
        count,
        **{name: one(getattr(count, name)) for name in _COUNTERS},
        strict=None if count.strict is None else change_estimates(count.strict, **change),
    )


def total_of_parts(ids: tuple[str, ...], counts: Mapping[str, FlowCount], unions: Mapping[tuple[str, ...], FlowCount]) -> FlowCount:
    """Persons of several parts: as they were linked, else bounds; of one part, its own count."""
    return unions.get(ids) or (counts[ids[0]] if len(ids) == 1 else bound_union([counts[i] for i in ids]))


def bound_union(counts: Sequence[FlowCount]) -> FlowCount:
    """Bounds for persons whose overlap is not known: the largest at least, the sum at most."""
    if not counts:
        return NOBODY

    def bound(parts: Sequence[Estimate]) -> Estimate:
        high = None if any(p.high is None for p in parts) else sum(p.high or 0 for p in parts)
        methods = {p.method for p in parts}
        return Estimate(max(p.low for p in parts), sum(p.best for p in parts), high, methods.pop() if len(methods) == 1 else "exact",
                        "overlap_unknown")

    found = combine_counts(counts, bound)
    return replace(found, ordinary_only=None, strict=None if found.strict is None else replace(found.strict, ordinary_only=None))


def tighten_count(a: FlowCount, b: FlowCount) -> FlowCount:
    """What both bounds allow; the later one's best figure and method. Statistics bound nothing from above for certain, so they give way."""

    def one(parts: Sequence[Estimate]) -> Estimate:
        x, y = parts
        if x.method == "statistics":
            return y
        low = max(x.low, y.low)
        high = y.high if x.high is None else x.high if y.high is None else max(low, min(x.high, y.high))
        return Estimate(low, max(low, y.best if high is None else min(y.best, high)), high, y.method, y.note)

    return combine_counts([a, b], one)


def leave_open_above(count: FlowCount) -> FlowCount:
    """Something that leaves was not read: there may be more."""
    return change_estimates(count, high=None, note="partly_unread")


def open_lines(e: Estimate, lines: Sequence[int]) -> list[int]:
    """Lines that lie inside the interval: some counts in it are below, others at or above."""
    return [line for line in lines if e.low < line and (e.high is None or e.high >= line)]


def declared_count(declared: Declared, note: str) -> FlowCount:
    """Head-counts as somebody states them."""
    return FlowCount(
        individuals=Estimate.exactly(declared.individuals, "declared", note),
        sensitive=Estimate.exactly(declared.sensitive_individuals, "declared", note),
        minors=Estimate.exactly(declared.minors, "declared", note),
    )


def low_end(e: Estimate) -> int:
    """The lower end."""
    return e.low


def high_end(e: Estimate) -> int:
    """The upper end; `ENDLESS` where there is none."""
    return ENDLESS if e.high is None else e.high
