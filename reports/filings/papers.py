"""The three papers: self-assessment annex, impact assessment, appendix 1 of the standard contract."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from mappings.countries import same_recipient
from reports.filings.document import Paper
from reports.filings.scenario import TO_FILL_IN, FilingScenario, Mechanism, filing_changes
from reports.filings.scenario_words import (
    count_words,
    item_names,
    mode_words,
    onward_recipient_names,
    scale_words,
    sensitive_names,
    system_names,
    transfer_words,
)
from reports.model import Report
from reports.wording.figures import number

ITEMS = ("序号", "数据项名称", "内容描述", "出境必要性", "示例", "备注")
ITEM_WIDTHS = (12, 24, 28, 40, 26, 26)        # millimetres
SYSTEMS = (
    "境内系统平台", "数据中心（含云）", "处理者域名地址", "接收方域名地址",
    "出境方式", "出境后平台", "出境后数据中心",
)
PERSONS = (
    "场景", "数据处理者", "当年出境自然人数（去重）", "其中敏感", "未来第1年", "未来第2年", "未来第3年",
)


def item_rows(scenario: FilingScenario) -> list[tuple[str, ...]]:
    """Return the rows of the official six-column table, numbered."""
    return [
        (str(i), item.name, item.description, item.necessity, item.example, item.remarks)
        for i, item in enumerate(scenario.items, 1)
    ]


def _add_changes(paper: Paper, scenario: FilingScenario) -> None:
    """Add what is not as it was filed."""
    different = "；".join(filing_changes(scenario))
    if different:
        paper.text(f"与上次申报相比：{different}。{TO_FILL_IN}说明变化的原因。")
    else:
        paper.text("与上次申报相比：无变化。")


def _add_scenario(paper: Paper, number: int, scenario: FilingScenario, renewal: bool) -> None:
    paper.text(f"场景{number}：{scenario.title}。{transfer_words(scenario)}")
    if renewal:
        _add_changes(paper, scenario)


# ---- self-assessment


def self_assessment(report: Report, scenarios: Sequence[FilingScenario], renewal: bool = False) -> Paper:
    """Return 数据出境风险自评估报告: the parts a machine can fill, in the order of the template.

    renewal: what is not as it was filed is marked.
    """
    paper = Paper("数据出境风险自评估报告", "数据出境安全评估申报指南（第三版）附件4")
    paper.head("一、自评估工作情况")
    paper.text(f"{TO_FILL_IN}起止时间、组织情况、实施过程、实施方式。")
    paper.head("二、出境活动整体情况")
    paper.text(f"（一）数据处理者基本情况。{TO_FILL_IN}组织架构、业务、数据资产、境内外投资等。")
    paper.text("（二）数据出境涉及的业务和数据资产：")
    for i, scenario in enumerate(scenarios, 1):
        _add_scenario(paper, i, scenario, renewal)
    _add_items(paper, scenarios)
    _add_systems(paper, scenarios)
    _add_persons(paper, report, scenarios)
    for title in (
        "（三）数据安全保障能力", "（四）境外接收方情况", "（五）法律文件约定的责任义务", "（六）其他情况",
    ):
        paper.text(f"{title}：{TO_FILL_IN}")
    paper.head("三、对照评估办法第五条的自评估情况和结论")
    paper.text(f"{TO_FILL_IN}逐项说明风险、整改和结论。")
    return paper


def _add_items(paper: Paper, scenarios: Sequence[FilingScenario]) -> None:
    paper.text("出境数据项清单（同一场景下去重，示例均为虚构）：")
    for i, scenario in enumerate(scenarios, 1):
        paper.text(f"场景{i}：{scenario.title}")
        paper.table(ITEMS, item_rows(scenario), ITEM_WIDTHS)


def _add_systems(paper: Paper, scenarios: Sequence[FilingScenario]) -> None:
    """Add systems, links and onward recipients."""
    paper.text("境内存储的系统平台、数据中心和出境链路：")
    rows = [
        (system_names(s) or TO_FILL_IN, *(TO_FILL_IN,) * 3, mode_words(s), TO_FILL_IN, TO_FILL_IN)
        for s in scenarios
    ]
    paper.table(SYSTEMS, rows)
    onward = "；".join(f"{s.title}：{names}" for s in scenarios if (names := onward_recipient_names(s)))
    paper.text("向境外其他接收方提供：" + (onward or TO_FILL_IN + "无或列明"))


def _add_persons(paper: Paper, report: Report, scenarios: Sequence[FilingScenario]) -> None:
    """Add persons by scenario and entity, with what the ledger's pace leads to."""
    paper.text("按自然人（去重）统计的当年出境数量和未来三年预估：")
    rows = [
        (s.title, entity, count_words(everybody), count_words(sensitive), TO_FILL_IN, TO_FILL_IN, TO_FILL_IN)
        for s in scenarios
        for entity, (everybody, sensitive) in s.persons.items()
    ]
    paper.table(PERSONS, rows)
    for line in _forecast_lines(report):
        paper.text(line)


def _forecast_lines(report: Report) -> Iterator[str]:
    for entity in report.exporter:
        for forecast in entity.forecast:
            kind = "敏感" if forecast.counter == "sensitive" else "一般"
            persons = number(forecast.persons.best)
            yield f"{entity.entity}：按台账节奏，至{forecast.on}约{persons}人（{kind}），供预估参考。"


# ---- the other papers


def impact_assessment(report: Report, scenarios: Sequence[FilingScenario], renewal: bool = False) -> Paper:
    """Return 个人信息保护影响评估报告（出境版）. renewal: what is not as it was filed is marked."""
    paper = Paper("个人信息保护影响评估报告", "个人信息出境标准合同备案指南（第二版）附件5")
    paper.head("一、拟出境活动整体情况")
    paper.text(f"（一）处理者基本情况。{TO_FILL_IN}")
    for i, scenario in enumerate(scenarios, 1):
        _add_scenario(paper, i, scenario, renewal)
        paper.text(f"规模：{scale_words(scenario)}。种类：{item_names(scenario, TO_FILL_IN)}。")
        sensitive = sensitive_names(scenario)
        words = f"含敏感个人信息：{sensitive}" if sensitive else "未见列明的敏感个人信息"
        paper.text(f"敏感程度：{words}。")
        paper.table(ITEMS, item_rows(scenario), ITEM_WIDTHS)
    paper.text(f"境内存储、出境链路与出境后存储：{TO_FILL_IN}")
    paper.text(f"（二）境外接收方情况：{TO_FILL_IN}")
    paper.text(f"（三）其他情况：{TO_FILL_IN}")
    paper.head("二、影响评估情况及结论")
    paper.text(f"对照标准合同办法第五条逐项评估：{TO_FILL_IN}")
    return paper


def contract_appendix(report: Report, scenarios: Sequence[FilingScenario], renewal: bool = False) -> Paper:
    """Return 个人信息出境标准合同 附录一 个人信息出境说明, once for each recipient.

    renewal: what is not as it was filed is marked.
    """
    paper = Paper("附录一 个人信息出境说明", "个人信息出境标准合同办法 附件")
    for scenario in scenarios:
        paper.head(scenario.title)
        if renewal:
            _add_changes(paper, scenario)
        for head, value in _appendix_rows(scenario):
            paper.text(f"{head}：{value}")
    return paper


def _appendix_rows(scenario: FilingScenario) -> Iterator[tuple[str, str]]:
    days = [f.flow.retention_days for f in scenario.flows if f.flow.retention_days is not None]
    retention = f"{max(days)} 天；" if days else ""
    yield "（一）处理目的", f"{scenario.purpose}。{TO_FILL_IN}"
    yield "（二）处理方式", TO_FILL_IN
    yield "（三）出境个人信息的规模", scale_words(scenario)
    yield "（四）出境个人信息种类", item_names(scenario, TO_FILL_IN)
    yield "（五）出境敏感个人信息种类", sensitive_names(scenario) or "不适用"
    onward = onward_recipient_names(scenario) or f"{TO_FILL_IN}无或列明"
    yield "（六）境外接收方只向以下境外第三方提供", onward
    yield "（七）传输方式", f"{mode_words(scenario)}。{TO_FILL_IN}"
    yield "（八）出境后保存期限", f"{retention}{TO_FILL_IN}年月日至年月日"
    yield "（九）出境后保存地点", f"{scenario.country}。{TO_FILL_IN}"
    yield "（十）其他事项", TO_FILL_IN


@dataclass(frozen=True, slots=True)
class PaperKind:
    """A kind of paper: its file, how it is made, and whose flows stand in it.

    by_recipient: one file for each recipient, named after it where there are several.
    """

    file: str
    make: Callable[[Report, Sequence[FilingScenario], bool], Paper]
    mechanism: Mechanism
    by_recipient: bool = False

    @property
    def stem(self) -> str:
        """Name of its files up to the recipient."""
        return self.file.removesuffix(".docx")

    def files(self, scenarios: Sequence[FilingScenario]) -> Mapping[str, Sequence[FilingScenario]]:
        """Return the scenarios of each file, by its name; none where no flow calls for the paper."""
        groups: dict[tuple[str, str], list[FilingScenario]] = {}
        for scenario in scenarios:
            groups.setdefault(same_recipient(scenario.recipient, scenario.country), []).append(scenario)
        if not self.by_recipient or len(groups) < 2:
            return {self.file: scenarios} if scenarios else {}
        return {f"{self.stem}（{_file_part(own[0].recipient)}）.docx": own for own in groups.values()}


def _file_part(name: str) -> str:
    """A name as part of a file's name."""
    return re.sub(r'[\\/:*?"<>|\x00-\x1f]', "_", name).strip(" .")[:60]


PAPERS: Mapping[str, PaperKind] = {
    "self_assessment": PaperKind("数据出境风险自评估报告.docx", self_assessment, "assessment"),
    "pia": PaperKind("个人信息保护影响评估报告.docx", impact_assessment, "contract"),
    "pia_exempt": PaperKind("免予场景个人信息保护影响评估报告.docx", impact_assessment, "exempt"),
    "contract": PaperKind("标准合同附录一.docx", contract_appendix, "contract", by_recipient=True),
}
