"""Distinct persons of everything an entity counts, as somebody states them where nobody linked them.

Flows whose persons are declared overlap nobody knows how far; so do persons of the ledger that were declared.
The number is of the whole year: everybody of every counted flow with those that left, each once.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from detectors.message import Note
from mappings import notes
from mappings.counts import combine_counts, high_end, total_of_parts, without_ordinary_only
from mappings.model import Estimate, Facts, FlowCount

TOGETHER = "persons_together"                 # the facts that state it
SENSITIVE_TOGETHER = "sensitive_together"


def with_stated_total(measured: Facts, in_count: Collection[str]) -> Facts:
    """Return facts whose union of all counted parts is as stated, where it fits their own persons."""
    ids = tuple(sorted(in_count))
    bounds = _bounds(measured, ids)
    if bounds is None or stated_misfit(measured, in_count) is not None:
        return measured
    individuals, sensitive = (_number(measured.values, name) for name in (TOGETHER, SENSITIVE_TOGETHER))
    return replace(measured, unions={**measured.unions, ids: _stated_count(bounds, individuals, sensitive)})


def stated_misfit(measured: Facts, in_count: Collection[str]) -> Note | None:
    """Return what of it does not fit the persons of the parts: no fewer than the largest, no more than all.

    None where it does, or where nothing is stated.
    """
    ids = tuple(sorted(in_count))
    bounds = _bounds(measured, ids)
    if bounds is None:
        return None
    for name, estimate in ((TOGETHER, bounds.individuals), (SENSITIVE_TOGETHER, bounds.sensitive)):
        n = _number(measured.values, name)
        if n is not None and not estimate.low <= n <= high_end(estimate):
            return notes.total_misfit(name, n, estimate)
    return None


def _bounds(measured: Facts, ids: tuple[str, ...]) -> FlowCount | None:
    """The persons of the parts as far as they were counted; None where nothing is stated of them."""
    stated = [_number(measured.values, name) for name in (TOGETHER, SENSITIVE_TOGETHER)]
    if stated == [None, None] or not ids or (len(ids) == 1 and ids not in measured.unions):
        return None
    return total_of_parts(ids, {part.id: part.count for part in measured.flows}, measured.unions)


def _number(values: Mapping[str, str], name: str) -> int | None:
    text = values.get(name, "")
    return int(text) if text.isdecimal() else None


def _stated_count(bounds: FlowCount, individuals: int | None, sensitive: int | None) -> FlowCount:
    """Counters within what is stated of all persons, and of those with a sensitive item."""
    count, changed = bounds, dict[str, Any]()
    if individuals is not None:
        count = without_ordinary_only(combine_counts([bounds], partial(_at_most, individuals)))
        changed["individuals"] = Estimate.exactly(individuals, "declared")
    if sensitive is not None:
        changed["sensitive"] = Estimate.exactly(sensitive, "declared")
        ordinary = count.ordinary or count.individuals
        least = (count.individuals.low if individuals is None else individuals) - sensitive
        low = min(max(ordinary.low, least), high_end(ordinary))
        changed["ordinary"] = replace(ordinary, low=low, best=max(low, ordinary.best))
    return replace(count, **changed, remaining=bounds.remaining)


def _at_most(persons: int, estimates: Sequence[Estimate]) -> Estimate:
    """An estimate of no more than so many persons."""
    [e] = estimates
    high = min(high_end(e), persons)
    return replace(e, low=min(e.low, high), best=min(e.best, high), high=high)
