"""Distinct persons of everything an entity counts, as somebody states them where nobody linked them.

Flows whose persons are declared overlap nobody knows how far; so do persons of the ledger that were declared.
The number is of the whole year: everybody of every counted flow with those that left, each once.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from detectors.errors import RulesError
from detectors.message import Msg
from mappings.counts import combine_counts, high_end, total_of_parts, without_ordinary_only
from mappings.model import Estimate, Facts, FlowCount

TOGETHER = "persons_together"                 # the facts that state it
SENSITIVE_TOGETHER = "sensitive_together"


def with_stated_total(measured: Facts, in_count: Collection[str]) -> Facts:
    """Return facts whose union of all counted parts is as stated; raise RulesError where it does not fit."""
    individuals, sensitive = (_number(measured.values, name) for name in (TOGETHER, SENSITIVE_TOGETHER))
    ids = tuple(sorted(in_count))
    if individuals == sensitive is None or not ids or (len(ids) == 1 and ids not in measured.unions):
        return measured
    bounds = total_of_parts(ids, {part.id: part.count for part in measured.flows}, measured.unions)
    for name, n, estimate in (
        (TOGETHER, individuals, bounds.individuals), (SENSITIVE_TOGETHER, sensitive, bounds.sensitive),
    ):
        if n is not None and not estimate.low <= n <= high_end(estimate):
            raise RulesError(
                Msg("{n:,} persons of {flows} together do not fit those of each", n=n, flows=ids),
                where=name, hint=Msg("at least the largest flow's, at most the sum of all flows'"),
            )
    return replace(measured, unions={**measured.unions, ids: _stated_count(bounds, individuals, sensitive)})


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
