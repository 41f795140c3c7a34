"""Persons of whom nobody knows how old they are: under fourteen, unless somebody says that nobody is.

All information of persons under fourteen is sensitive. A count holds what was measured: the persons if
whoever tells no age is an adult, and beside it if all of these are under fourteen (`FlowCount.if_young`).
Here alone it is decided what that comes to, by what the company says and by who the persons are; the figures
as they were measured stay with the flow, so that another answer needs no scan.

Source: 个人信息保护法 第二十八条. Whoever works or applies for work is at least sixteen: 劳动法 第十五条.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from mappings.counts import (
    COUNTERS,
    ENDLESS,
    UNSTATED,
    WITH_LEDGER,
    counter_estimate,
    everybody_young,
    high_end,
    with_children_open,
    young_reading,
)
from mappings.model import Estimate, Facts, FlowCount, FlowInput

AGES_FACT = "processes_minors"                # the fact that settles it
AGES_UNKNOWN = "ages_unknown"                 # note of a total that holds persons of unknown age
ADULT_GROUPS = frozenset({"employee", "agency_worker", "applicant"})
_NO_CHILD = Estimate(0, 0, 0, "linked")       # where somebody says so


def with_open_ages(facts: Facts) -> Facts:
    """Return facts in which whoever may be under fourteen may be sensitive, and nobody else.

    To do it twice changes nothing.
    """
    unions = {ids: open_total(count, facts, ids) for ids, count in facts.unions.items()}
    group = facts.group
    if group is not None:
        group = _opened(group) if answer_on_ages(facts.values, {}) != "no" else _of_adults(group, True)
    parts = tuple(_opened_part(p, facts) for p in facts.flows)
    return replace(facts, flows=parts, unions=unions, group=group)


def if_adults(facts: Facts) -> Facts:
    """Return measured facts if nobody of unknown age is a child; the same where that is no question."""
    is_question = any(
        _may_be_young(p, facts) and not answer_on_ages(facts.values, p.facts)
        and any(young_reading(count) is not None for count in _counts_with(p, facts))
        for p in facts.flows
    )
    return replace(facts, values={**facts.values, AGES_FACT: "no"}) if is_question else facts


def _counts_with(part: FlowInput, facts: Facts) -> list[FlowCount]:
    """The persons of a part, and of everything it is counted in."""
    return [part.count, *(count for ids, count in facts.unions.items() if part.id in ids)]


def total_of_flow(count: FlowCount, measured: Facts, flow: str) -> FlowCount:
    """Return the persons of a whole flow, whose parts are of several groups. count: as it was measured."""
    return open_total(count, measured, [p.id for p in measured.flows if p.whole == flow])


def reading_of_flow(if_personal: FlowCount, measured: Facts, flow: str) -> FlowCount:
    """Return the persons of a whole flow if everything possible is personal, as people read them."""
    as_personal = replace(measured, flows=tuple(map(_as_personal, measured.flows)))
    return total_of_flow(if_personal, as_personal, flow)


def open_total(
    count: FlowCount, measured: Facts, ids: Collection[str], *, past: bool = False
) -> FlowCount:
    """Return the persons of some parts together as the rules take them.

    count: as it was measured. past: of those who left before, whom no part holds.
    """
    past = past or WITH_LEDGER in (count.individuals.note, count.sensitive.note)
    return _total(count, [p for p in measured.flows if p.id in ids], measured, past)


def are_ages_open(count: FlowCount, group: str, answer: str) -> bool:
    """May some persons of a count be under fourteen of whom nobody knows? answer: of `processes_minors`.

    A `no` that children who were found contradict settles nothing. Counts that somebody stated name them.
    """
    if group in ADULT_GROUPS:
        return False
    return young_reading(count) is not None if answer != "no" else is_contradicted(count.minors, answer)


def are_adults_assumed(measured: Facts, flow: str) -> bool:
    """Does a figure of a flow rest on somebody's word that nobody is under eighteen?"""
    return any(
        are_ages_open(p.count, _group(p), "") and not _may_be_young(p, measured)
        for p in measured.flows if p.whole == flow and p.has_personal_information != "no"
    )


def is_contradicted(minors: Estimate, answer: str) -> bool:
    """Are there surely persons under fourteen, and somebody says that there are none?"""
    return answer == "no" and minors.low > 0


def answer_on_ages(company: Mapping[str, str], flow: Mapping[str, str]) -> str:
    """Return what is said on persons under eighteen: yes or no; empty where nobody said."""
    answer = {**company, **flow}.get(AGES_FACT, "")
    return answer if answer in ("yes", "no") else ""


def _group(part: FlowInput) -> str:
    return part.subject_group or part.purpose_group


def _may_be_young(part: FlowInput, facts: Facts) -> bool:
    """May whoever tells no age be a child, by what is said and who the persons are?

    A `no` that children who were found contradict settles nothing, in no flow.
    """
    if part.has_personal_information == "no" or _group(part) in ADULT_GROUPS:
        return False
    answer = answer_on_ages(facts.values, part.facts)
    return answer != "no" or any(
        is_contradicted(p.count.minors, answer_on_ages(facts.values, p.facts)) for p in facts.flows
    )


def _are_children_unstated(part: FlowInput, facts: Facts) -> bool:
    """Did somebody state sensitive persons and no children, who may be there or of whom nobody knows?"""
    answer = {**facts.values, **part.facts}.get(AGES_FACT, "no")
    return answer != "no" and part.count.minors.note == UNSTATED


def _opened_part(part: FlowInput, facts: Facts) -> FlowInput:
    count = _total(part.count, [part], facts)
    possible = part.if_personal and _total(part.if_personal, [_as_personal(part)], facts)
    unchanged = count is part.count and possible is part.if_personal
    return part if unchanged else replace(part, count=count, if_personal=possible)


def _as_personal(part: FlowInput) -> FlowInput:
    """A part as if everything possible were personal."""
    return part if part.if_personal is None else replace(part, count=part.if_personal)


def _total(
    count: FlowCount, parts: Sequence[FlowInput], facts: Facts, past: bool = False
) -> FlowCount:
    """Return the persons of some parts together: whoever may be a child counts as one in the upper end.

    No more persons are widened than each part has for itself. past: some are in no part.
    """
    doubtful = [p for p in parts if _may_be_young(p, facts)]
    if parts and not doubtful:
        return _of_adults(count, stated=not all(_group(p) in ADULT_GROUPS for p in parts))
    denied = any(answer_on_ages(facts.values, p.facts) == "no" for p in doubtful)
    if any(_are_children_unstated(p, facts) for p in doubtful):
        count = with_children_open(count)
    if denied and young_reading(count) is None and count.minors.low > 0:
        return _opened(replace(count, if_young=everybody_young(count)))   # who the children are is not known
    if past or not parts:
        return _opened(count)
    more = sum(high_end(_opened(p.count).sensitive) - high_end(p.count.sensitive) for p in doubtful)
    return _opened(count, more)


def _of_adults(count: FlowCount, stated: bool) -> FlowCount:
    """A count in which whoever tells no age is an adult. stated: only because somebody says so."""
    young = young_reading(count)
    if young is None:
        return count
    if stated and young.sensitive != count.sensitive and count.sensitive.method == "exact":
        count = replace(count, sensitive=replace(count.sensitive, method="linked"))
    minors = _NO_CHILD if stated and count.minors.method == "unknown" else count.minors
    return replace(
        count, minors=minors, if_young=None, remaining=count.remaining and _of_adults(count.remaining, stated)
    )


def _opened(count: FlowCount, most: int | None = None) -> FlowCount:
    """A count in which whoever tells no age may be under fourteen. most: sensitive persons more; None: all.
    """
    young = young_reading(count)
    if young is None:
        return count
    opened = _between(count, young, most)
    if count.strict is not None or young.strict is not None:
        opened = replace(opened, strict=_between(count.strict or count, young.strict or young, most))
    return replace(
        opened, if_young=None, notes=count.notes, remaining=count.remaining and _opened(count.remaining, most)
    )


def _between(adults: FlowCount, young: FlowCount, most: int | None) -> FlowCount:
    """Every counter between two readings. most: sensitive persons more."""
    between: dict[str, Any] = {}
    for name in COUNTERS:
        one, other = counter_estimate(adults, name), counter_estimate(young, name)
        if one is None or other is None or one.method == "unknown":
            between[name] = one if name != "ordinary_only" else None
            continue
        low, high = min(one.low, other.low), max(high_end(one), high_end(other))
        if most is not None and name == "sensitive":
            high = min(high, high_end(one) + most)
        upper = None if high >= ENDLESS else high
        if (low, upper) == (one.low, one.high):
            between[name] = one
        else:
            method = "linked" if one.method == "exact" else one.method
            between[name] = Estimate(low, one.best, upper, method, AGES_UNKNOWN)
    return FlowCount(**between)
