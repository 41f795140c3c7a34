"""Persons of whom nobody knows how old they are: under fourteen, unless somebody says that nobody is.

All information of persons under fourteen is sensitive, so where the ages of a flow are not known, between the
persons that its columns tell and all of its persons have a sensitive item. One function derives that total
for the rules and for what is shown; the figure as it was measured stays with the flow.

Source: 个人信息保护法 第二十八条. Whoever works or applies for work is at least sixteen: 劳动法 第十五条.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from mappings.counts import high_end
from mappings.model import Estimate, Facts, FlowCount, FlowInput

AGES_FACT = "processes_minors"                # the fact that settles it
AGES_UNKNOWN = "ages_unknown"                 # note of a total that holds persons of unknown age
ADULT_GROUPS = frozenset({"employee", "agency_worker", "applicant"})


def with_open_ages(facts: Facts) -> Facts:
    """Return facts in which whoever may be under fourteen may be sensitive; the same where nobody may."""
    own = {part.id: _with_ages(part, facts) for part in facts.flows}
    widened = {id for id, part in own.items() if part is not next(f for f in facts.flows if f.id == id)}
    if not widened:
        return facts
    more = {f.id: _more_sensitive(f.count, own[f.id].count) for f in facts.flows if f.id in widened}
    unions = {
        ids: _with_sensitive(count, sum(more[i] for i in ids if i in widened)) if widened & {*ids} else count
        for ids, count in facts.unions.items()
    }
    return replace(facts, flows=tuple(own.values()), unions=unions)


def if_adults(facts: Facts) -> Facts:
    """Return measured facts if nobody of unknown age is a child; the same where that is no question."""
    doubtful = {p.id for p in facts.flows if _is_question(p, answer_on_ages(facts.values, p.facts))}
    flows = tuple(replace(p, count=_of_adults(p.count)) if p.id in doubtful else p for p in facts.flows)
    unions = {
        ids: _of_adults(count) if doubtful & {*ids} else count for ids, count in facts.unions.items()
    }
    answered = {**facts.values, AGES_FACT: "no"}
    return replace(facts, flows=flows, unions=unions, values=answered) if doubtful else facts


def _is_question(part: FlowInput, answer: str) -> bool:
    """Is it worth asking: are the ages of a part not known, or not of all its persons?"""
    group, minors = part.subject_group or part.purpose_group, part.count.minors
    has_some_ages = minors.method not in ("unknown", "declared") and minors.low != minors.high
    is_open = are_ages_open(part.count, group, "") or (has_some_ages and group not in ADULT_GROUPS)
    return is_open and not answer


def _of_adults(count: FlowCount) -> FlowCount:
    """A count without the children it may hold beside those who were found."""
    sensitive, minors = count.sensitive, count.minors
    if minors.method != "unknown" and sensitive.high is not None and minors.high is not None:
        high = max(sensitive.best, sensitive.high - (minors.high - minors.best))
        sensitive = replace(sensitive, high=high)
    return replace(count, sensitive=sensitive, strict=count.strict and _of_adults(count.strict))


def total_of_flow(count: FlowCount, measured: Sequence[FlowInput], opened: Sequence[FlowInput]) -> FlowCount:
    """Return the persons of a whole flow whose parts were opened. count: as it was measured."""
    more = sum(_more_sensitive(a.count, b.count) for a, b in zip(measured, opened, strict=True))
    return _with_sensitive(count, more) if more else count


def are_ages_open(count: FlowCount, group: str, answer: str) -> bool:
    """May some persons of a count be under fourteen of whom nobody knows? answer: of `processes_minors`.

    A `no` that children who were found contradict settles nothing. Counts that somebody stated name them.
    """
    if group in ADULT_GROUPS:
        return False
    return count.minors.method == "unknown" if answer != "no" else is_contradicted(count.minors, answer)


def are_adults_assumed(count: FlowCount, group: str, answer: str) -> bool:
    """Does a figure rest on somebody's word that nobody is under eighteen?"""
    return answer == "no" and are_ages_open(count, group, "")


def is_contradicted(minors: Estimate, answer: str) -> bool:
    """Are there surely persons under fourteen, and somebody says that there are none?"""
    return answer == "no" and minors.low > 0


def with_ages_of(count: FlowCount) -> FlowCount:
    """Return a count in which everybody may have a sensitive item, under each reading."""
    return _with_sensitive(count, high_end(count.individuals))


def _with_ages(part: FlowInput, facts: Facts) -> FlowInput:
    answer = answer_on_ages(facts.values, part.facts)
    group = part.subject_group or part.purpose_group
    if part.has_personal_information == "no" or not are_ages_open(part.count, group, answer):
        return part
    possible = part.if_personal
    return replace(
        part, count=with_ages_of(part.count), if_personal=possible and with_ages_of(possible),
    )


def answer_on_ages(company: Mapping[str, str], flow: Mapping[str, str]) -> str:
    """Return what is said on persons under eighteen: yes or no; empty where nobody said."""
    answer = {**company, **flow}.get(AGES_FACT, "")
    return answer if answer in ("yes", "no") else ""


def _more_sensitive(before: FlowCount, after: FlowCount) -> int:
    return max(high_end(b.sensitive) - high_end(a.sensitive) for a, b in _readings(before, after))


def _readings(before: FlowCount, after: FlowCount) -> Sequence[tuple[FlowCount, FlowCount]]:
    strict = [(before.strict, after.strict)] if before.strict is not None and after.strict is not None else []
    return [(before, after), *strict]


def _with_sensitive(count: FlowCount, more: int) -> FlowCount:
    """A count in which so many persons more may have a sensitive item, but never more than there are."""
    sensitive, everybody = count.sensitive, count.individuals
    most = min(high_end(everybody), high_end(sensitive) + more)
    if most > high_end(sensitive):
        high = None if most >= high_end(everybody) and everybody.high is None else most
        sensitive = Estimate(sensitive.low, sensitive.best, high, sensitive.method, AGES_UNKNOWN)
        count = replace(count, sensitive=sensitive, ordinary_only=None)
    return replace(
        count, strict=count.strict and _with_sensitive(count.strict, more),
        remaining=count.remaining and _with_sensitive(count.remaining, more),
    )
