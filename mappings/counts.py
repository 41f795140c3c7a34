"""Head-counts combined, bounded or changed: every counter of a `FlowCount` alike, its strict reading, too."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, get_args

from detectors.model import CountMethod
from mappings.model import UNKNOWN, Declared, Estimate, FlowCount

NOBODY = FlowCount(Estimate.exactly(0), Estimate.exactly(0))
UNKNOWN_COUNT = FlowCount(UNKNOWN, UNKNOWN, UNKNOWN)
ENDLESS = 10**12                              # stands for "no upper bound"
OVERLAP_UNKNOWN = "overlap_unknown"           # note of bounds: how many persons are the same is not known
AT_MOST = "at_most"                           # note of an estimate whose `best` counts some persons twice
WITH_LEDGER = "with_ledger"                   # note of a total with persons that left before
POSSIBLE_KEY = "possible_key"                 # note of persons of whom possible keys may tell otherwise
UNSTATED = "unstated"                         # note of a counter that was left blank: unknown, not 0
COUNTERS = ("individuals", "sensitive", "minors", "ordinary_only", "ordinary")


def strict_sensitive(sensitive: Estimate, strict: FlowCount | None) -> Estimate | None:
    """Return those with sensitive items under the stricter reading; None where its bounds are the same."""
    if strict is None or (strict.sensitive.low, strict.sensitive.high) == (sensitive.low, sensitive.high):
        return None
    return strict.sensitive


def combine_counts(
    counts: Sequence[FlowCount], combine: Callable[[Sequence[Estimate]], Estimate]
) -> FlowCount:
    """Return each counter of several counts as `combine` makes it.

    Who is ordinary is known only where every count knows it.
    """
    combined = _combined(counts, combine)
    young = [young_reading(c) for c in counts]
    if not any(young):
        return combined
    every = [y or c for y, c in zip(young, counts, strict=True)]
    return replace(combined, if_young=_combined(every, combine))


def _combined(counts: Sequence[FlowCount], combine: Callable[[Sequence[Estimate]], Estimate]) -> FlowCount:
    """Each counter of several counts, whoever may be young."""
    combined: dict[str, Any] = {}
    for name in COUNTERS:
        estimates = [counter_estimate(c, name) for c in counts]
        stated = [e for e in estimates if e is not None]
        combined[name] = combine(stated) if len(stated) == len(estimates) else None
    if any(c.strict is not None for c in counts):
        combined["strict"] = _combined([c.strict or c for c in counts], combine)
    if any(c.remaining is not None for c in counts):
        combined["remaining"] = combine_counts([c.remaining or c for c in counts], combine)
    return FlowCount(**combined)


def young_reading(count: FlowCount) -> FlowCount | None:
    """Return the same persons if whoever nothing says the age of is under 14; None: every age is known.

    Their every item is sensitive. Source: 个人信息保护法 第二十八条.
    """
    is_open = count.minors.method == "unknown" and count.individuals.method != "unknown"
    return everybody_young(count) if count.if_young is None and is_open else count.if_young


def everybody_young(count: FlowCount) -> FlowCount:
    """Return the same persons if all of them are under 14."""
    everybody = count.individuals
    nobody = Estimate(0, 0, 0, everybody.method)
    ordinary_only = None if count.ordinary_only is None else nobody
    young = FlowCount(everybody, everybody, everybody, ordinary_only, nobody)
    return replace(young, strict=None if count.strict is None else young)


def _stated_counter(count: FlowCount, name: str) -> Estimate:
    """A counter that is known, or stands for everybody."""
    estimate = counter_estimate(count, name)
    return count.individuals if estimate is None else estimate


def counter_estimate(count: FlowCount, name: str) -> Estimate | None:
    """Return a counter; persons with an ordinary item are everybody where they were not counted."""
    estimate: Estimate | None = getattr(count, name)
    return count.individuals if estimate is None and name == "ordinary" else estimate


def change_estimates(count: FlowCount, **change: Any) -> FlowCount:
    """Return a count with the same change (fields of `Estimate`) to every estimate."""
    estimates = ((name, getattr(count, name)) for name in COUNTERS)
    changed = {name: replace(e, **change) for name, e in estimates if e is not None}
    strict = None if count.strict is None else change_estimates(count.strict, **change)
    remaining = None if count.remaining is None else change_estimates(count.remaining, **change)
    if_young = None if count.if_young is None else change_estimates(count.if_young, **change)
    return replace(count, **changed, strict=strict, remaining=remaining, if_young=if_young)


def lowered_to_parts(count: FlowCount, parts: Sequence[FlowCount]) -> FlowCount:
    """Return a count whose lower ends are at most those of its largest part, counter by counter.

    Who is ordinary in one part may be sensitive in another: of those who are ordinary only, nobody is sure.
    """
    changed: dict[str, Any] = {}
    for name in COUNTERS:
        estimate = getattr(count, name)
        if estimate is not None:
            lows = [e.low for p in parts if (e := getattr(p, name)) is not None and name != "ordinary_only"]
            changed[name] = replace(estimate, low=min(estimate.low, max(lows, default=0)))
    for name in ("strict", "remaining", "if_young"):
        reading = getattr(count, name)
        if reading is not None:
            changed[name] = lowered_to_parts(reading, [getattr(p, name) or p for p in parts])
    return replace(count, **changed)


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
    return without_ordinary_only(combine_counts(counts, _largest_to_sum))


def without_ordinary_only(bounds: FlowCount) -> FlowCount:
    """Return bounds under every reading without those who are ordinary only, whom bounds do not tell."""
    strict = None if bounds.strict is None else without_ordinary_only(bounds.strict)
    remaining = None if bounds.remaining is None else without_ordinary_only(bounds.remaining)
    if_young = None if bounds.if_young is None else without_ordinary_only(bounds.if_young)
    return replace(bounds, ordinary_only=None, strict=strict, remaining=remaining, if_young=if_young)


def _largest_to_sum(estimates: Sequence[Estimate]) -> Estimate:
    highs = [e.high for e in estimates if e.high is not None]
    return Estimate(
        low=max(e.low for e in estimates), best=sum(e.best for e in estimates),
        high=sum(highs) if len(highs) == len(estimates) else None,
        method=_weakest_method(estimates), note=OVERLAP_UNKNOWN,
    )


def _weakest_method(estimates: Sequence[Estimate]) -> CountMethod:
    """The method of those that sums go by: nobody linked a row that was declared. Nobody has none.

    Where some were not counted, that there is no upper end says so, and the others' method is named.
    """
    methods = {e.method for e in estimates if e.high != 0} or {e.method for e in estimates}
    return max(methods - {"unknown"} or methods, key=get_args(CountMethod).index)


def raise_union(union: FlowCount, flows: Sequence[tuple[FlowCount, FlowCount]]) -> FlowCount:
    """Return a union of flows, some of whose counts are raised: bounds, as nobody linked the raised ones.

    union: of the counts as they are. flows: (count, raised count) of each that is raised.
    """
    raised = replace(_raised(union, flows), ordinary_only=None, strict=None, if_young=None)
    if union.strict is not None or any(f.strict is not None for pair in flows for f in pair):
        strict = _raised(union.strict or union, [(a.strict or a, b.strict or b) for a, b in flows])
        strict = replace(strict, ordinary_only=None, strict=None, if_young=None)
        raised = replace(raised, strict=strict)
    young = [tuple(map(young_reading, pair)) for pair in flows]
    of_union = young_reading(union)
    if of_union is None and not any(map(any, young)):
        return raised
    pairs = [(y or a, z or b) for (y, z), (a, b) in zip(young, flows, strict=True)]
    return replace(raised, if_young=raise_union(of_union or union, pairs))


def _raised(union: FlowCount, flows: Sequence[tuple[FlowCount, FlowCount]]) -> FlowCount:
    changed: dict[str, Any] = {
        name: _raised_estimate(
            _stated_counter(union, name),
            [(_stated_counter(a, name), _stated_counter(b, name)) for a, b in flows],
        )
        for name in COUNTERS
        if name != "ordinary_only"
    }
    return replace(union, **changed)


def _raised_estimate(union: Estimate, flows: Sequence[tuple[Estimate, Estimate]]) -> Estimate:
    may_shrink = any(after.low < before.low for before, after in flows)
    low = max(0 if may_shrink else union.low, *(after.low for _, after in flows))
    best = max(union.best + sum(max(0, after.best - before.best) for before, after in flows), low)
    highs = [_most_more(before, after) for before, after in flows]
    more = None if union.high is None or None in highs else sum(high or 0 for high in highs)
    high = None if more is None else max(best, (union.high or 0) + more)
    return Estimate(low, best, high, union.method, "overlap_unknown")


def _most_more(before: Estimate, after: Estimate) -> int | None:
    """Persons whom a raised count has at most more; None: no end.

    Fields that tell nobody apart change no links: whoever comes in, comes in at every level.
    """
    if after.high is None:
        return None
    are_linked = {before.method, after.method} <= {"exact", "linked"} and after.note == before.note
    if before.high is None or not are_linked:
        return max(0, after.high - before.low)
    return max(0, after.high - before.high)


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
    """Return head-counts as somebody states them; what is left blank may be anybody.

    Those under 14 are sensitive. Source: 个人信息保护法 第二十八条.
    """
    individuals = Estimate.exactly(declared.individuals, "declared", note)
    minors, sensitive = (
        None if n is None else Estimate.exactly(n, "declared", note)
        for n in (declared.minors, declared.sensitive_individuals)
    )
    sensitive = sensitive or unstated_part(individuals, minors)
    return FlowCount(individuals, sensitive, minors or unstated_minors(sensitive))


def at_least_declared(stated: FlowCount, row_count: FlowCount) -> FlowCount:
    """Return what somebody stated, open up to what was counted where surely more persons were."""

    def opened(own: Estimate, rows: Estimate) -> Estimate:
        if own.high is None or rows.low <= own.high:
            return own
        return Estimate(own.low, own.best, rows.high, "declared", UNSTATED)

    return replace(
        stated, individuals=opened(stated.individuals, row_count.individuals),
        sensitive=opened(stated.sensitive, row_count.sensitive),
        minors=opened(stated.minors, row_count.minors),
    )


def unstated_part(whole: Estimate, part: Estimate | None = None) -> Estimate:
    """Return a part of persons that nobody stated: none to all of them. part: those surely among it."""
    low = part.low if part is not None else 0
    best = part.best if part is not None else 0
    if whole.high == low:
        return Estimate.exactly(low, "declared")
    return Estimate(low, best, whole.high, "declared", UNSTATED)


def unstated_minors(sensitive: Estimate) -> Estimate:
    """Return those under 14 where nobody stated them: as many as are sensitive, as these were stated."""
    return replace(unstated_part(sensitive), note=UNSTATED)


def with_children_open(count: FlowCount) -> FlowCount:
    """Return persons of whom anybody may be under 14, by what was stated, and so sensitive."""
    sensitive = unstated_part(count.individuals, count.sensitive)
    return replace(
        count, sensitive=sensitive, minors=unstated_minors(sensitive),
        ordinary_only=count.ordinary_only and unstated_part(count.ordinary_only),
        strict=count.strict and with_children_open(count.strict),
        remaining=count.remaining and with_children_open(count.remaining),
    )


def part_of_persons(count: FlowCount, persons: Estimate) -> FlowCount:
    """Return bounds for some of the persons of a count, whoever they are. persons: how many."""
    everybody = count.individuals
    others = None if everybody.high is None else max(0, everybody.high - persons.low)

    def bounds(estimates: Sequence[Estimate]) -> Estimate:
        [e] = estimates
        low = 0 if others is None else min(max(0, e.low - others), persons.low)
        high = min((n for n in (e.high, persons.high) if n is not None), default=None)
        best = max(low, e.best if high is None else min(e.best, high))
        return Estimate(low, best, high, "declared", "" if low == high else UNSTATED)

    part = combine_counts([count], bounds)
    strict = None if part.strict is None else replace(part.strict, individuals=persons)
    remaining = None if part.remaining is None else replace(part.remaining, individuals=persons)
    if_young = None if part.if_young is None else replace(part.if_young, individuals=persons)
    return replace(part, individuals=persons, strict=strict, remaining=remaining, if_young=if_young)


def low_end(estimate: Estimate) -> int:
    """Return the lower end."""
    return estimate.low


def high_end(estimate: Estimate) -> int:
    """Return the upper end; `ENDLESS` where there is none."""
    return ENDLESS if estimate.high is None else estimate.high


def mark_at_most(count: FlowCount) -> FlowCount:
    """Return a count that says of its best figures that they are upper ones."""
    estimates: dict[str, Estimate | None] = {name: getattr(count, name) for name in COUNTERS}
    marked = {
        name: e if e is None or e.note or e.low == e.high else replace(e, note=AT_MOST)
        for name, e in estimates.items()
    }
    return replace(count, **marked)  # type: ignore[arg-type]
