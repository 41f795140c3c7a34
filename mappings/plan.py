"""The filing plan of an entity: which contracts, or one certificate, or one assessment.

Proposals; the processor chooses and files.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any, Protocol

from detectors.message import Note
from mappings import notes
from mappings.countries import same_recipient
from mappings.model import Decision, Estimate, Flow, FlowCount, Option, Plan, law_text
from mappings.rules import RuleSet

CONTRACT_PATH = "standard_contract_or_certification"


class DecidedFlow(Protocol):
    """A flow with its decision."""

    @property
    def flow(self) -> Flow: ...

    @property
    def decision(self) -> Decision: ...


def _path_predicate(path: str) -> Callable[[DecidedFlow], bool]:
    """Is a path possible for a flow?"""
    return lambda f: path in f.decision.possible


def _is_without_filing(f: DecidedFlow) -> bool:
    """Is every possible path one that nothing is filed on?"""
    return all(p.startswith(("exempt", "no")) and p != "not_necessary_stop" for p in f.decision.possible)


FILING_OPTIONS: tuple[tuple[str, Callable[[DecidedFlow], bool]], ...] = (  # (what is filed, for which flows)
    ("security_assessment", _path_predicate("security_assessment")),
    ("standard_contract", _path_predicate(CONTRACT_PATH)),
    ("certification", _path_predicate(CONTRACT_PATH)),
    ("gba_standard_contract", _path_predicate("gba_standard_contract")),
    ("exempt", _is_without_filing),
)


def plan_filings(
    flows: Sequence[DecidedFlow], rules: RuleSet, own: Estimate, group: FlowCount | None = None
) -> Plan | None:
    """Return the options for every path that is possible; None where nothing leaves.

    own: the entity's persons. group: those of all entities.
    """
    live = [f for f in flows if f.flow.status != "stopped"]
    book = rules.raw["plan"]
    chosen = ((kind, [f for f in live if concerns(f)]) for kind, concerns in FILING_OPTIONS)
    options = tuple(_option(kind, book[kind], own_flows) for kind, own_flows in chosen
                    if own_flows and rules.applies(book[kind]))
    if not options:
        return None
    kinds = {o.path for o in options}
    rows = book.get("compared", ()) if {"standard_contract", "certification"} <= kinds else ()
    compared = tuple((*row["zh"][:3], *row["en"][:3]) for row in rows)
    is_open = any(not f.decision.certain for f in live)
    notes_of_plan = (*_plan_notes(is_open, kinds), *_group_notes(rules, own, group))
    return Plan(options, compared, notes_of_plan)


def without_own_contract(plan: Plan) -> Plan:
    """Return the plan of a processor abroad: nobody signs a contract with itself.

    Source: 个人信息保护法 第五十三条; 个人信息出境认证办法 第七条.
    """
    options = tuple(option for option in plan.options if option.path != "standard_contract")
    if options == plan.options:
        return plan
    return replace(plan, options=options, compared=(), notes=(*plan.notes, notes.OWN_CONTRACT))


def _option(kind: str, about: Any, flows: Sequence[DecidedFlow]) -> Option:
    """One way to file for some flows, with its words and clause from the rule set."""
    recipients: dict[tuple[str, str], str] = {}          # each once, however it is spelled
    for f in flows:
        name, country = f.flow.recipient.name, f.flow.recipient.country
        recipients.setdefault(same_recipient(name, country), f"{name} {country}".strip())
    words = law_text(about["zh"], about["en"])
    return Option(
        kind, tuple(recipients.values()), tuple(f.flow.id for f in flows), words, about["source"],
        about["confidence"],
    )


def _plan_notes(is_open: bool, kinds: Collection[str]) -> Iterator[Note]:
    if is_open:
        yield notes.PLAN_OPEN
    if {"security_assessment", "standard_contract"} <= set(kinds):
        yield notes.PLAN_BOTH


def _group_notes(rules: RuleSet, own: Estimate, group: FlowCount | None) -> Iterator[Note]:
    """The line that the group reaches though the entity stays below it."""
    if group is not None:
        crossed = [line for line in rules.lines_of("ordinary") if own.best < line <= group.individuals.best]
        if crossed:
            yield notes.group_line(group.individuals, crossed[-1])
