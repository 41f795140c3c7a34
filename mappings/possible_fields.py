"""Fields that are neither found to be personal nor surely not: the persons of a flow either way.

A flow with such a field has two outcomes. Its counts, histogram and columns in words are those without it;
what it would be with every one of them stands beside it, until a review of the column settles it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from detectors.model import ColumnId
from mappings.counts import combine_counts
from mappings.flow_report import PossibleField
from mappings.model import Estimate, FlowCount, Tally


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

    count = Histogram(with_possible(tally, possible)).count(roles=roles)
    return open_both_ways(count, tally.rows) if any(p.subject_key for p in possible) else count


def open_both_ways(count: FlowCount, rows: int) -> FlowCount:
    """Return a count whose persons may turn out to be the same, or one to each of so many rows."""

    def lowered(estimates: Sequence[Estimate]) -> Estimate:
        estimate = estimates[0]
        high = max(estimate.high, rows) if estimate.high else estimate.high
        return replace(estimate, low=min(estimate.low, 1), high=high, note="possible_key")

    return replace(combine_counts([count], lowered), notes=count.notes)


def beside_reading(count: FlowCount, if_personal: FlowCount | None) -> FlowCount:
    """Return a count that does not call nobody exact where what is possible speaks of somebody."""
    nobody = count.individuals
    if if_personal is None or nobody.high != 0 or if_personal.individuals.high == 0:
        return count
    return replace(count, individuals=replace(nobody, method="linked"))


def up_to_reading(count: FlowCount, if_personal: FlowCount | None) -> FlowCount:
    """Return a count whose upper end holds the persons there are if what is possible is personal."""
    individuals = at_most(count.individuals, if_personal.individuals if if_personal is not None else None)
    return count if individuals == count.individuals else replace(count, individuals=individuals)


def at_most(estimate: Estimate, if_personal: Estimate | None) -> Estimate:
    """Return persons as found, up to those there are if everything possible is personal; None: nothing is."""
    if if_personal is None or estimate.high is None:
        return estimate
    high = None if if_personal.high is None else max(estimate.high, if_personal.high)
    return replace(estimate, high=high)


def bears_on_count(tally: Tally, field: PossibleField) -> bool:
    """Return whether a field would make other persons leave, or other persons sensitive."""
    from mappings.histogram import Histogram

    return Histogram(with_possible(tally, [field])).count() != Histogram(tally).count()
