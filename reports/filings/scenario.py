"""Scenarios of a filing: flows with the same recipient and purpose, of one entity or of a group."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from detectors.message import Msg, Word
from detectors.model import ColumnId
from mappings.countries import same_recipient
from mappings.counts import OVERLAP_UNKNOWN, UNSTATED, strict_sensitive
from mappings.flow_report import FlowReport
from mappings.model import ALTERNATIVES, PATHS, Decision, Estimate, FlowCount
from mappings.names import bare_name
from mappings.open_ages import AGES_UNKNOWN
from mappings.purpose import purpose_of_name
from mappings.readiness import FILED, STOPS
from mappings.rules import in_force
from reports.filings.blocks import TO_FILL_IN
from reports.filings.items import DataItem, data_items
from reports.messages.words import t
from reports.model import ColumnReport, Report

# notice: texts for the persons themselves, due whichever of the others a flow needs
# impact: the impact assessment beside either contract
Mechanism = Literal["assessment", "contract", "impact", "exempt", "notice"]
EXEMPT = tuple(path for path in PATHS if path.startswith("exempt"))
PATHS_BY_MECHANISM: Mapping[Mechanism, tuple[str, ...]] = {   # paths whose papers they are
    "assessment": ("security_assessment",),
    "contract": ("standard_contract_or_certification",),
    "impact": tuple(sorted(ALTERNATIVES)),
    "exempt": EXEMPT,
    "notice": (*EXEMPT, *sorted(FILED)),
}
# note of those with sensitive items: it is open whether an ID number alone and the like count as one
READING_OPEN = "id_number_alone"
# notes of counts that are no number to be filed
NO_NUMBER = (AGES_UNKNOWN, UNSTATED, READING_OPEN)
COMBINED = "combined_filing"                  # the fact: does the group file together


@dataclass(frozen=True, slots=True)
class FilingScenario:
    """A business scenario (出境场景)."""

    title: str
    recipient: str
    country: str
    purpose: str
    flows: tuple[FlowReport, ...]
    items: tuple[DataItem, ...]
    persons: Mapping[str, tuple[Estimate, Estimate]]      # by entity: persons, and those with sensitive
                                              # items; counts of a group stay apart

    @property
    def entities(self) -> tuple[str, ...]:
        """Whose scenario it is."""
        return tuple(self.persons)

    @property
    def party(self) -> tuple[str, str]:
        """The recipient, however it is spelled."""
        return same_recipient(self.recipient, self.country)


def scenarios(
    report: Report, flows: Sequence[str] = (), mechanism: Mechanism | None = None
) -> tuple[FilingScenario, ...]:
    """Return the scenarios of the flows named, by default of all, that a mechanism binds.

    A flow that a court asks for, that is not necessary, stopped or holds nothing personal stands in no paper;
    an exempt one in its own impact assessment alone, which is kept and not filed. mechanism: None for any.
    Flows of one entity with the same recipient and purpose are one scenario; those of several entities only
    where the group files together.
    """
    columns = {column.id: column for table in report.tables for column in table.columns}
    together = files_together(report)
    groups: dict[tuple[str, tuple[str, str], str], list[FlowReport]] = {}
    for flow in (with_company_facts(report, each) for each in report.flows):
        if (not flows or flow.flow.id in flows) and is_bound(flow, mechanism):
            recipient = flow.flow.recipient
            party = same_recipient(recipient.name, recipient.country)
            entity = "" if together else bare_name(flow.flow.entity)
            groups.setdefault((entity, party, flow.flow.purpose), []).append(flow)
    return tuple(scenario_of(group, columns, chosen_reading(report, group)) for group in groups.values())


def with_company_facts(report: Report, flow: FlowReport) -> FlowReport:
    """Return a flow with what its company answered for all of its flows; its own answers come first."""
    company = {**report.facts.get("exporter", {}), **report.facts.get(flow.flow.entity, {})}
    return replace(flow, flow=replace(flow.flow, facts={**company, **flow.flow.facts}))


def chosen_reading(report: Report, flows: Sequence[FlowReport]) -> str:
    """Return how somebody chose to read an ID number alone: ordinary, sensitive; empty where nobody did."""
    rules = in_force(report.run.as_of)
    if READING_OPEN not in rules.raw["readings"]:
        return ""
    chosen = {rules.chosen_reading(READING_OPEN, flow.flow.facts)[0] for flow in flows}
    return chosen.pop() if len(chosen) == 1 else ""


def files_together(report: Report) -> bool:
    """Does the group file together, as somebody answered?"""
    return report.facts.get("exporter", {}).get(COMBINED) == "yes"


def is_bound(flow: FlowReport, mechanism: Mechanism | None = None) -> bool:
    """Does a path that is possible for a flow call for the papers of a mechanism; None: of any?"""
    if flow.flow.status == "stopped" or STOPS.intersection(flow.decision.possible):
        return False
    paths = PATHS_BY_MECHANISM.values() if mechanism is None else (PATHS_BY_MECHANISM[mechanism],)
    return any(path in flow.decision.possible for of_one in paths for path in of_one)


def refusals(report: Report, flows: Sequence[str] = ()) -> Iterator[Msg]:
    """Yield a line for each flow, by default of all, that stands in no paper, and why."""
    for flow in report.flows:
        if flows and flow.flow.id not in flows:
            continue
        if flow.flow.status == "stopped":
            yield Msg('flow "{id}" stands in no paper: it stopped', id=flow.flow.id)
        elif STOPS.intersection(flow.decision.possible):
            paths = tuple(_path_word(path) for path in flow.decision.possible if path in STOPS)
            yield Msg('flow "{id}" is refused, it stands in no paper: {path}', id=flow.flow.id, path=paths)
        elif not is_bound(flow):
            yield Msg('flow "{id}" stands in no paper: its path calls for none', id=flow.flow.id)


def _path_word(path: str) -> Word:
    return Word(path, t(f"path.{path}", "zh"), t(f"path.{path}", "en"))


def mark_new_items(scenarios: Sequence[FilingScenario]) -> tuple[FilingScenario, ...]:
    """Return the scenarios with items that were not filed marked in the remarks: for a renewal."""
    marked = []
    for scenario in scenarios:
        new = {d.what for flow in scenario.flows for d in flow.filed if d.code == "new_field"}
        items = tuple(
            replace(item, remarks=f"【新增】{item.remarks}") if new.intersection(item.columns) else item
            for item in scenario.items
        )
        marked.append(replace(scenario, items=items))
    return tuple(marked)


def scenario_of(
    flows: Sequence[FlowReport], columns: Mapping[ColumnId, ColumnReport], reading: str
) -> FilingScenario:
    """Return the scenario of flows that share recipient and purpose. reading: of an ID number alone."""
    first = flows[0].flow
    purpose = purpose_of_name(first.purpose)
    title = purpose.title if purpose is not None else first.purpose or f"{TO_FILL_IN}出境目的"
    return FilingScenario(
        f"{title}（{first.recipient.name}）" if first.recipient.name else title,
        first.recipient.name,
        first.recipient.country,
        title,
        tuple(flows),
        data_items(flows, columns, strict=reading == "sensitive"),
        _persons(flows, reading),
    )


def _persons(flows: Sequence[FlowReport], reading: str) -> Mapping[str, tuple[Estimate, Estimate]]:
    """Return persons, and those with sensitive items, by entity."""
    persons: dict[str, tuple[Estimate, Estimate]] = {}
    for flow in flows:
        entity = flow.flow.entity
        sensitive = sensitive_as_read(flow.sensitive_individuals, flow.strict, flow.decision, reading)
        counts = flow.individuals, sensitive
        if entity in persons:
            everybody, sensitive = persons[entity]
            counts = _bounded_total(everybody, counts[0]), _bounded_total(sensitive, counts[1])
        persons[entity] = counts
    return persons


def sensitive_as_read(
    sensitive: Estimate, strict: FlowCount | None, decision: Decision, reading: str
) -> Estimate:
    """Return those with sensitive items under the reading somebody chose; bounds where nobody chose one.

    reading: as it was chosen, whether or not a path turns on it.
    """
    other = strict_sensitive(sensitive, strict)
    if other is None:
        return sensitive
    if reading:
        return other if reading == "sensitive" else sensitive
    readings = {value for reason in decision.because for value in reason.reading.split(", ")}
    is_chosen = any(note.code == "chosen_reading" for note in decision.notes)
    if is_chosen and len(readings & {"ordinary", "sensitive"}) == 1:
        return other if "sensitive" in readings else sensitive
    low = min(sensitive.low, other.low)
    return Estimate(low, sensitive.best, other.high, sensitive.method, READING_OPEN)


def _bounded_total(a: Estimate, b: Estimate) -> Estimate:
    """Return the persons of two flows of one entity in one scenario: at least the larger, at most both.

    Where one of them is no number, neither is the total.
    """
    high = None if a.high is None or b.high is None else a.high + b.high
    method = "unknown" if b.method == "unknown" else a.method
    note = next((each.note for each in (a, b) if each.note in NO_NUMBER), OVERLAP_UNKNOWN)
    return Estimate(max(a.low, b.low), max(a.best, b.best), high, method, note)
