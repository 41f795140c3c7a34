"""Every kind of paper: its files, how it is made, and whose flows stand in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from mappings.names import bare_name
from reports.cells import shown
from reports.filings.appendix import contract_appendix, recipient_form
from reports.filings.blocks import PaperText
from reports.filings.form_report import report_by_form
from reports.filings.notices import notice_and_consent
from reports.filings.pack import Choice, Pack
from reports.filings.scenario import (
    FilingScenario,
    Mechanism,
    chosen_reading,
    files_together,
    mark_new_items,
    scenario_of,
    scenarios,
)
from reports.model import Report

LONGEST_PART = 50                             # bytes of a name in the name of a file, which may hold three
Key = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class PaperKind:
    """A kind of paper. by: how its scenarios are shared among files: entity, recipient or flow."""

    file: str
    make: Callable[[Pack], PaperText]
    mechanism: Mechanism
    by: str = "entity"

    @property
    def stem(self) -> str:
        """Name of its files up to whose it is."""
        return self.file.removesuffix(".docx")

    def packs(
        self, report: Report, flows: Sequence[str] = (), renewal: bool = False, choice: Choice = Choice()
    ) -> Mapping[str, Pack]:
        """Return what stands in each of its files, by the file's name; none where no flow calls for it."""
        due = scenarios(report, flows, self.mechanism)
        if renewal:
            due = mark_new_items(due)
        if self.by == "flow":
            due = tuple(single for scenario in due for single in _by_flow(report, scenario))
        groups: dict[Key, list[FilingScenario]] = {}
        for scenario in due:
            groups.setdefault(self._key(report, scenario), []).append(scenario)
        packs = [Pack(report, own, renewal, choice) for own in groups.values()]
        apart = self.by == "flow" or not files_together(report)
        several = apart and len({flow.flow.entity for flow in report.flows}) > 1
        return dict(zip(self._file_names(packs, several), packs, strict=True))

    def _key(self, report: Report, scenario: FilingScenario) -> Key:
        entities = () if files_together(report) else scenario.entities
        if self.by == "flow":
            return (scenario.flows[0].flow.id,)
        return (*map(bare_name, entities), scenario.party) if self.by == "recipient" else entities

    def _file_names(self, packs: Sequence[Pack], several: bool) -> Iterator[str]:
        """Yield a name for each pack: in brackets whose it is, a number if need be.

        It depends on no other pack, so that it stays when others come and go. several: do several entities
        file, each by itself?
        """
        used: set[str] = set()
        for pack in packs:
            words = "，".join(filter(None, map(_file_part, self._name_parts(pack, several))))
            name = f"{self.stem}（{words}）" if words else self.stem
            number = next(n for n in range(1, len(packs) + 1) if _with_number(name, n).casefold() not in used)
            used.add(_with_number(name, number).casefold())
            yield _with_number(name, number) + ".docx"

    def _name_parts(self, pack: Pack, several: bool) -> tuple[str, ...]:
        first = pack.scenarios[0]
        entity = ("、".join(pack.entities),) if several else ()
        own = {"entity": (), "recipient": (first.recipient,), "flow": (first.recipient, first.purpose)}
        return *entity, *own[self.by]


def _by_flow(report: Report, scenario: FilingScenario) -> Iterator[FilingScenario]:
    columns = {column.id: column for table in report.tables for column in table.columns}
    for flow in scenario.flows:
        single = scenario_of([flow], columns, chosen_reading(report, [flow]))
        yield replace(single, title=scenario.title)


def _with_number(name: str, number: int) -> str:
    return name if number == 1 else f"{name}{number}"


def _file_part(name: str) -> str:
    """A name as part of a file's name."""
    plain = re.sub(r'[\\/:*?"<>|\x00-\x1f]', "_", shown(name)).strip(" .")
    return plain.encode()[:LONGEST_PART].decode(errors="ignore")


PAPERS: Mapping[str, PaperKind] = {
    "self_assessment": PaperKind(
        "数据出境风险自评估报告.docx", partial(report_by_form, "self_assessment"), "assessment"
    ),
    "pia": PaperKind(
        "个人信息保护影响评估报告.docx", partial(report_by_form, "impact_assessment"), "impact"
    ),
    "pia_exempt": PaperKind(
        "免予场景个人信息保护影响评估报告.docx", partial(report_by_form, "kept_assessment"), "exempt"
    ),
    "contract": PaperKind("标准合同附录一.docx", contract_appendix, "contract", by="recipient"),
    "recipient": PaperKind("境外接收方信息表.docx", recipient_form, "contract", by="recipient"),
    "notice": PaperKind("告知书和单独同意书.docx", notice_and_consent, "notice", by="flow"),
}
