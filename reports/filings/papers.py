"""The three papers and the item table: self-assessment annex, impact assessment, appendix 1 of the standard contract."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from mappings.model import Estimate
from reports.filings.document import Paper
from reports.filings.scenario import TO_WRITE, FilingScenario, changes
from reports.messages.words import t
from reports.model import Report
from reports.wording.figures import method_words, number, persons

ITEMS = ("序号", "数据项名称", "内容描述", "出境必要性", "示例", "备注")
_WIDTHS = (12, 24, 28, 40, 26, 26)


def _changes(paper: Paper, s: FilingScenario, renewal: bool) -> None:
    """What is not as it was filed, where the paper renews a filing."""
    if renewal:
        told = changes(s)
        paper.text(
            "与上次申报相比：" + ("；".join(told) if told else "无变化") + f"。{TO_WRITE}说明变化的原因。"
            if told
            else "与上次申报相比：无变化。"
        )


def items(scenario: FilingScenario) -> list[tuple[str, ...]]:
    """Rows of the official six-column table, numbered."""
    return [(str(i), x.name, x.description, x.necessity, x.example, x.remarks) for i, x in enumerate(scenario.items, 1)]


def self_assessment(report: Report, found: Sequence[FilingScenario], renewal: bool = False) -> Paper:
    """数据出境风险自评估报告: the parts a machine can fill, in the order of the template."""
    paper = Paper("数据出境风险自评估报告", "数据出境安全评估申报指南（第三版）附件4")
    paper.head("一、自评估工作情况")
    paper.text(f"{TO_WRITE}起止时间、组织情况、实施过程、实施方式。")
    paper.head("二、出境活动整体情况")
    paper.text(f"（一）数据处理者基本情况。{TO_WRITE}组织架构、业务、数据资产、境内外投资等。")
    paper.text("（二）数据出境涉及的业务和数据资产：")
    for i, s in enumerate(found, 1):
        paper.text(f"场景{i}：{s.title}。{_what(s)}")
        _changes(paper, s, renewal)
    paper.text("出境数据项清单（同一场景下去重，示例均为虚构）：")
    for i, s in enumerate(found, 1):
        paper.text(f"场景{i}：{s.title}")
        paper.table(ITEMS, items(s), _WIDTHS)
    paper.text("境内存储的系统平台、数据中心和出境链路：")
    paper.table(
        ("境内系统平台", "数据中心（含云）", "处理者域名地址", "接收方域名地址", "出境方式", "出境后平台", "出境后数据中心"),
        [
            (
                "、".join(dict.fromkeys(x for f in s.flows for x in (*f.flow.systems, *(c.split("/")[0] for c in f.columns)))) or TO_WRITE,
                TO_WRITE,
                TO_WRITE,
                TO_WRITE,
                t("mode." + s.flows[0].flow.mode, "zh"),
                TO_WRITE,
                TO_WRITE,
            )
            for s in found
        ],
    )
    paper.text(
        "向境外其他接收方提供：" + ("；".join(f"{s.title}：{'、'.join(o)}" for s in found if (o := _onward(s))) or TO_WRITE + "无或列明")
    )
    paper.text("按自然人（去重）统计的当年出境数量和未来三年预估：")
    paper.table(("场景", "数据处理者", "当年出境自然人数（去重）", "其中敏感", "未来第1年", "未来第2年", "未来第3年"), [
        (s.title, e, _count(all_), _count(some), TO_WRITE, TO_WRITE, TO_WRITE) for s in found for e, (all_, some) in s.persons.items()])
    for e in report.exporter:
        for f in e.forecast:
            kind = "敏感" if f.counter == "sensitive" else "一般"
            paper.text(f"{e.entity}：按台账节奏，至{f.on}约{number(f.persons.best)}人（{kind}），供预估参考。")
    for title in ("（三）数据安全保障能力", "（四）境外接收方情况", "（五）法律文件约定的责任义务", "（六）其他情况"):
        paper.text(f"{title}：{TO_WRITE}")
    paper.head("三、对照评估办法第五条的自评估情况和结论")
    paper.text(f"{TO_WRITE}逐项说明风险、整改和结论。")
    return paper


def impact_assessment(report: Report, found: Sequence[FilingScenario], renewal: bool = False) -> Paper:
    """个人信息保护影响评估报告（出境版）."""
    paper = Paper("个人信息保护影响评估报告", "个人信息出境标准合同备案指南（第二版）附件5")
    paper.head("一、拟出境活动整体情况")
    paper.text(f"（一）处理者基本情况。{TO_WRITE}")
    for i, s in enumerate(found, 1):
        paper.text(f"场景{i}：{s.title}。{_what(s)}")
        _changes(paper, s, renewal)
        paper.text(f"规模：{_scale(s)}。种类：{'、'.join(x.name for x in s.items) or TO_WRITE}。")
        sensitive = [x.name for x in s.items if x.sensitive]
        paper.text(f"敏感程度：{'含敏感个人信息：' + '、'.join(sensitive) if sensitive else '未见列明的敏感个人信息'}。")
        paper.table(ITEMS, items(s), _WIDTHS)
    paper.text(f"境内存储、出境链路与出境后存储：{TO_WRITE}")
    paper.text(f"（二）境外接收方情况：{TO_WRITE}")
    paper.text(f"（三）其他情况：{TO_WRITE}")
    paper.head("二、影响评估情况及结论")
    paper.text(f"对照标准合同办法第五条逐项评估：{TO_WRITE}")
    return paper


def contract_appendix(report: Report, found: Sequence[FilingScenario], renewal: bool = False) -> Paper:
    """个人信息出境标准合同 附录一 个人信息出境说明, once for each recipient."""
    paper = Paper("附录一 个人信息出境说明", "个人信息出境标准合同办法 附件")
    for s in found:
        paper.head(s.title)
        _changes(paper, s, renewal)
        sensitive = [x.name for x in s.items if x.sensitive]
        days = [f.flow.retention_days for f in s.flows if f.flow.retention_days is not None]
        rows = (
            ("（一）处理目的", f"{s.purpose}。{TO_WRITE}"), ("（二）处理方式", TO_WRITE), ("（三）出境个人信息的规模", _scale(s)),
            ("（四）出境个人信息种类", "、".join(x.name for x in s.items) or TO_WRITE),
            ("（五）出境敏感个人信息种类", "、".join(sensitive) or "不适用"),
            ("（六）境外接收方只向以下境外第三方提供", "、".join(_onward(s)) or f"{TO_WRITE}无或列明"),
            ("（七）传输方式", t("mode." + s.flows[0].flow.mode, "zh") + "。" + TO_WRITE),
            ("（八）出境后保存期限", (f"{max(days)} 天；" if days else "") + f"{TO_WRITE}年月日至年月日"),
            ("（九）出境后保存地点", f"{s.country}。{TO_WRITE}"), ("（十）其他事项", TO_WRITE),
        )
        for head, value in rows:
            paper.text(f"{head}：{value}")
    return paper


PAPERS: Mapping[str, tuple[str, Callable[[Report, Sequence[FilingScenario], bool], Paper]]] = {
    "self_assessment": ("数据出境风险自评估报告.docx", self_assessment),
    "pia": ("个人信息保护影响评估报告.docx", impact_assessment),
    "contract": ("标准合同附录一.docx", contract_appendix),
}


def item_tables(found: Sequence[FilingScenario], file: Path) -> None:
    """The six-column table of each scenario as a sheet, and the persons of each entity."""
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font, PatternFill

    book = Workbook()
    assert book.active is not None
    book.remove(book.active)
    for i, s in enumerate(found, 1):
        sheet = book.create_sheet(f"场景{i}")
        sheet.append([s.title])
        sheet["A1"].font = Font(bold=True, size=14)
        sheet.append(list(ITEMS))
        for row in items(s):
            sheet.append(list(row))
        for cell in sheet[2]:
            cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="E8EDF3")
        for letter, width in zip("ABCDEF", (8, 20, 28, 44, 24, 40), strict=True):
            sheet.column_dimensions[letter].width = width
        for line in sheet.iter_rows(min_row=2):
            for cell in line:
                cell.alignment = Alignment(wrap_text=True, vertical="top")
                if str(cell.value or "").startswith(TO_WRITE):
                    cell.fill = PatternFill("solid", fgColor="FFF2B3")
        sheet.freeze_panes = "A3"
        one_page_wide(sheet)
    people = book.create_sheet("人数")
    people.append(["场景", "数据处理者", "当年出境自然人数（去重）", "下限", "上限", "其中敏感", "方法"])
    for s in found:
        for e, (all_, some) in s.persons.items():
            people.append(
                [
                    s.title,
                    e,
                    all_.best,
                    all_.low,
                    all_.high if all_.high is not None else "未知",
                    some.best,
                    method_words(all_, "zh"),
                ]
            )
    for letter, width in zip("ABCDEFG", (36, 24, 24, 12, 12, 12, 14), strict=True):
        people.column_dimensions[letter].width = width
    book.properties.created = book.properties.modified = datetime(2026, 1, 1)
    book.save(file)


def one_page_wide(sheet: Any) -> None:
    """Print a sheet across one page."""
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.page_setup.fitToHeight = 0


def _what(s: FilingScenario) -> str:
    """Who sends to whom, how often, and for how long it is kept there."""
    first = s.flows[0].flow
    told = [f"境外接收方：{s.recipient}（{s.country}）", f"方式：{t('mode.' + first.mode, 'zh')}"]
    told += [f"频率：{first.every}"] if first.every else []
    told += [f"境外保存 {first.retention_days} 天"] if first.retention_days is not None else []
    return "；".join(told) + f"。目的、范围、方式的合法性、正当性、必要性：{TO_WRITE}"


def _scale(s: FilingScenario) -> str:
    return "；".join(f"{e}：{_count(a)} 人，其中敏感 {_count(b)} 人" for e, (a, b) in s.persons.items())


def _count(e: Estimate) -> str:
    return persons(e, "zh") + (f"（{t('method.declared', 'zh')}）" if e.method == "declared" else "")


def _onward(s: FilingScenario) -> list[str]:
    return list(dict.fromkeys(x for f in s.flows for x in f.flow.onward))
