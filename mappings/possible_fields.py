"""Fields that are neither found to be personal nor surely not: the persons of a flow either way.

A flow with such a field has two outcomes. Its counts, histogram and columns in words are those without it;
what it would be with every one of them stands beside it, until a review of the column settles it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from detectors.model import ColumnId
from mappings.counts import (
    COUNTERS,
    POSSIBLE_KEY,
    WITH_LEDGER,
    bound_union,
    combine_counts,
    counter_estimate,
    raise_union,
)
from mappings.flow_report import PossibleField
from mappings.model import Estimate, FlowCount, FlowInput, Tally


def without_possible(tally: Tally, possible: Collection[ColumnId]) -> Tally:
    """Return a tally without the fields that are merely possible."""
    roles = {column: role for column, role in tally.roles.items() if column not in possible}
    return replace(tally, fields=tuple(f for f in tally.fields if f[0] not in possible), roles=roles)


def with_possible(tally: Tally, possible: Iterable[PossibleField]) -> Tally:
    """Return a tally of found fields with possible ones that it counted, too."""
    more = [p for p in possible if p.bit >= 0]
    fields = (*tally.fields, *((p.column, p.bit, p.sensitive) for p in more))
    return replace(tally, fields=fields, roles={**tally.roles, **{p.column: p.role for p in more if p.role}})


def count_if_personal(
    tally: Tally, possible: Sequence[PossibleField], roles: Collection[str] | None = None
) -> FlowCount:
    """Return the persons if every possible field is personal. tally: of the found fields.

    A possible field that would tell persons apart has not done so: it may show that some are the same.
    """
    from mappings.histogram import Histogram

    with_fields = with_possible(tally, possible)
    count = Histogram(with_fields).count(roles=roles)
    return open_both_ways(count, with_fields, [p for p in possible if roles is None or p.role in roles])


def open_both_ways(count: FlowCount, tally: Tally, fields: Iterable[PossibleField]) -> FlowCount:
    """Return a count whose persons may be the same, or more: what some fields hold has told nobody apart.

    tally: with these fields. Of a key, each row may be another person, and each further value of its cell.
    """
    from mappings.histogram import Histogram

    fields = list(fields)
    keyed = {p.role for p in fields if p.subject_key}
    further = sum(tally.further_values.get(p.column, 0) for p in fields)
    if not keyed and not further:
        return count
    others = {tally.roles.get(column, "") for column, _, _ in tally.fields} - keyed
    beside = Histogram(tally).count(roles=others).individuals.high if keyed and others else 0
    most = (beside or 0) + len(keyed) * tally.rows

    def opened(estimates: Sequence[Estimate]) -> Estimate:
        estimate = estimates[0]
        high = max(estimate.high, most) + further if estimate.high else estimate.high
        if not keyed:
            return replace(estimate, high=high)
        return replace(estimate, low=min(estimate.low, 1), high=high, note=POSSIBLE_KEY)

    return replace(combine_counts([count], opened), notes=count.notes)


def beside_reading(count: FlowCount, if_personal: FlowCount | None) -> FlowCount:
    """Return a count that does not call nobody exact where what is possible speaks of somebody."""
    nobody = count.individuals
    if if_personal is None or nobody.high != 0 or if_personal.individuals.high == 0:
        return count
    return replace(count, individuals=replace(nobody, method="linked"))


def up_to_reading(count: FlowCount, if_personal: FlowCount | None) -> FlowCount:
    """Return a count whose upper ends hold the persons there are if what is possible is personal."""
    if if_personal is None:
        return count
    shown = _up_to_reading(count, if_personal)
    if count.strict is not None or if_personal.strict is not None:
        strict = _up_to_reading(count.strict or count, if_personal.strict or if_personal)
        shown = replace(shown, strict=strict)
    return count if shown == count else shown


def _up_to_reading(count: FlowCount, if_personal: FlowCount) -> FlowCount:
    """Every counter up to its reading; who is ordinary only may turn out to be sensitive."""
    shown: dict[str, Estimate | None] = {}
    for name in COUNTERS:
        estimate, reading = counter_estimate(count, name), counter_estimate(if_personal, name)
        shown[name] = getattr(count, name) if estimate is None else at_most(estimate, reading)
    only, reading = count.ordinary_only, if_personal.ordinary_only
    if only is not None and shown["ordinary_only"] is not None:
        low = 0 if reading is None else min(only.low, reading.low)
        shown["ordinary_only"] = replace(shown["ordinary_only"], low=low)
    return replace(count, **shown)  # type: ignore[arg-type]


def union_if_personal(union: FlowCount, parts: Sequence[FlowInput]) -> FlowCount | None:
    """Return the persons of parts together if everything possible is personal; None where nothing is open.

    union: without it, linked or bounded. Nobody linked what is possible, so these are bounds: no more than
    each part has for itself, unless the ledger holds others.
    """
    raised = [(part.count, part.if_personal) for part in parts if part.if_personal is not None]
    if not raised:
        return None
    if len(parts) == 1 and union is parts[0].count:
        return parts[0].if_personal
    bounds = raise_union(union, raised)
    if union.remaining is not None or WITH_LEDGER in (union.individuals.note, union.sensitive.note):
        return bounds
    return combine_counts([bounds, bound_union([p.if_personal or p.count for p in parts])], _no_more)


def _no_more(pair: Sequence[Estimate]) -> Estimate:
    estimate, total = pair
    highs = [e.high for e in pair if e.high is not None]
    if not highs or estimate.high is not None and estimate.high <= min(highs):
        return estimate
    high = max(min(highs), estimate.low)
    return replace(estimate, best=min(estimate.best, high), high=high)


def at_most(estimate: Estimate, if_personal: Estimate | None) -> Estimate:
    """Return persons as found, up to those there are if everything possible is personal; None: nothing is."""
    if if_personal is None or estimate.high is None:
        return estimate
    high = None if if_personal.high is None else max(estimate.high, if_personal.high)
    if high == estimate.high:
        return estimate
    return replace(estimate, high=high, method="linked" if estimate.method == "exact" else estimate.method)


def bears_on_count(tally: Tally, field: PossibleField) -> bool:
    """Return whether a field would make other persons leave, or other persons sensitive."""
    from mappings.histogram import Histogram

    return Histogram(with_possible(tally, [field])).count() != Histogram(tally).count()
