"""What one paper is made of: the scenarios it holds, whose they are, and how the group files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mappings.flow_report import EntityReport
from mappings.model import Estimate, FlowCount
from reports.filings.scenario import (
    COMBINED,
    NO_NUMBER,
    FilingScenario,
    chosen_reading,
    files_together,
    sensitive_as_read,
)
from reports.model import Report


@dataclass(frozen=True, slots=True)
class Choice:
    """Who decided that the group files together, when, and on what grounds; empty: not recorded."""

    by: str = ""
    on: str = ""
    how: str = ""


def choice_of(provenance: Mapping[str, Mapping[str, str]]) -> Choice:
    """Return who chose the filing of the group. provenance: of facts, by fact: by, on, how."""
    origin = provenance.get(COMBINED, {})
    return Choice(origin.get("by", ""), origin.get("on", ""), origin.get("how", ""))


@dataclass(frozen=True, slots=True)
class Pack:
    """Scenarios that stand in one paper. renewal: what is not as it was filed is marked."""

    report: Report
    scenarios: Sequence[FilingScenario]
    renewal: bool = False
    choice: Choice = Choice()

    @property
    def entities(self) -> tuple[str, ...]:
        """Whose scenarios they are, each once."""
        return tuple(dict.fromkeys(entity for s in self.scenarios for entity in s.entities))

    @property
    def is_combined(self) -> bool:
        """Does a group file these for several of its entities?"""
        return len(self.entities) > 1 and files_together(self.report)

    def scenarios_of(self, entity: str) -> tuple[FilingScenario, ...]:
        """Return the scenarios of an entity."""
        return tuple(s for s in self.scenarios if entity in s.persons)

    def total_of(self, entity: str) -> tuple[Estimate, Estimate] | None:
        """Return an entity's persons over all of its scenarios, each person once, and those with sensitive
        items; None where nobody counted them together.
        """
        flows = {
            f.flow.id for s in self.scenarios_of(entity) for f in s.flows if f.flow.entity == entity
        }
        for year in self.report.exporter:
            for union in year.unions:
                if year.entity == entity and {id.partition("/")[0] for id in union.flows} == flows:
                    return union.count.individuals, self._with_ages(union.count, year)
        return None

    def _reading_of(self, entity: str) -> str:
        flows = [flow for s in self.scenarios_of(entity) for flow in s.flows if flow.flow.entity == entity]
        return chosen_reading(self.report, flows)

    def _with_ages(self, total: FlowCount, year: EntityReport) -> Estimate:
        """Those with sensitive items over all scenarios, open where they are in one of them."""
        own = [s.persons[year.entity][1] for s in self.scenarios_of(year.entity)]
        note = next((count.note for count in own if count.note in NO_NUMBER), "")
        if not note:
            reading = self._reading_of(year.entity)
            return sensitive_as_read(total.sensitive, total.strict, year.decision, reading)
        ends = [count.high for count in own]
        most = [sum(end for end in ends if end is not None)] if None not in ends else []
        high = min((*most, *filter(None, (total.individuals.high,))), default=None)
        sensitive = total.sensitive
        return Estimate(sensitive.low, sensitive.best, high, sensitive.method, note)
