"""Head-counts taken together, bounded, or changed: the same arithmetic for every counter of a `FlowCount`, its strict reading included."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from mappings.model import Estimate, FlowCount

NOBODY = FlowCount(Estimate.exactly(0), Estimate.exactly(0))
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
