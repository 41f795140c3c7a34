"""The filing plan of an entity: which contracts, or one certificate, or one assessment. Proposals; the processor chooses and files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from detectors.message import Note
from mappings import notes
from mappings.model import Decision, Estimate, Flow, FlowCount, Option, Plan
from mappings.rules import RuleSet

CONTRACT = "standard_contract_or_certification"


class DecidedFlow(Protocol):
    """A flow with its decision."""

    @property
    def flow(self) -> Flow: ...

    @property
    def decision(self) -> Decision: ...


def plan_filings(flows: Sequence[DecidedFlow], rules: RuleSet, own: Estimate, group: FlowCount | None = None) -> Plan | None:
    """Options for every path that is possible; None where nothing leaves. own: the entity's persons; group: those of all entities."""
    book: Mapping[str, Any] = rules.raw["plan"]
    options: list[Option] = []
    live = [f for f in flows if f.flow.status != "stopped"]

    def add(kind: str, mine: Sequence[DecidedFlow]) -> None:
        if mine and rules.applies(book[kind]):
            recipients = tuple(dict.fromkeys(f"{f.flow.recipient.name} {f.flow.recipient.country}".strip() for f in mine))
            d = book[kind]
            options.append(Option(kind, recipients, tuple(f.flow.id for f in mine), d["zh"], d["en"], d["source"], d["confidence"]))

    add("security_assessment", [f for f in live if "security_assessment" in f.decision.possible])
    banded = [f for f in live if CONTRACT in f.decision.possible]
    add("standard_contract", banded)
    add("certification", banded)
    add("gba_standard_contract", [f for f in live if "gba_standard_contract" in f.decision.possible])
    add(
        "exempt",
        [f for f in live if all(p.startswith(("exempt", "no", "not_export")) and p != "not_necessary_stop" for p in f.decision.possible)],
    )
    if not options:
        return None
    kinds = {o.path for o in options}
    compared = tuple((r["zh"][0], r["zh"][1], r["zh"][2], r["en"][0], r["en"][1], r["en"][2]) for r in book.get("compared", ())
                     ) if {"standard_contract", "certification"} <= kinds else ()
    about: tuple[Note, ...] = (notes.PLAN_OPEN,) if any(not f.decision.certain for f in live) else ()
    if "security_assessment" in kinds and "standard_contract" in kinds:
        about += (notes.PLAN_BOTH,)
    if group is not None:
        crossed = [line for line in rules.lines_of("ordinary") if own.best < line <= group.individuals.best]
        about += (notes.group_line(group.individuals.best, crossed[-1]),) if crossed else ()
    return Plan(tuple(options), compared, about)
