"""数据资产分类分级清单: what its columns are, one row for each column of a report. Written by `formats/xlsx.py`, read back as reviews."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, get_args

from detectors.labels import labels
from detectors.model import ColumnId, unquote
from mappings.flow_report import FlowReport
from mappings.grading import Graded, Grading
from mappings.model import Assessed
from reports.messages.render import render
from reports.messages.words import t
from reports.model import ColumnReport, Report, TableReport, primary, standing
from reports.reviews.basis import basis_of, unreviewed
from reports.reviews.review import Verdict
from reports.wording.figures import number, persons
from reports.wording.reading import sampling_words
from reports.wording.table import evidence_words, label_words
from reports.wording.titles import category_en

SHEETS = {"zh": "分类分级清单", "en": "Inventory"}
LANG = "zh"


@dataclass(frozen=True, slots=True)
class ReportedColumn:
    """One column of the inventory with what stands around it, and the language it is written in."""

    column: ColumnReport
    table: TableReport
    assessed: Assessed | None
    flows: tuple[FlowReport, ...]
    checked: str                              # day its table's verdict was made
    mark: str
    lang: str


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """One column of the sheet. zh, en: its heading; review: filled by people and read back."""

    key: str
    zh: str
    en: str
    width: int
    value: Callable[[ReportedColumn], Any]
    help: tuple[str, str] = ("", "")          # zh, en
    review: bool = False
    hidden: bool = False

    def title(self, lang: str) -> str:
        """Its heading in one language."""
        return self.zh if lang == "zh" else self.en


def verdicts(lang: str) -> Mapping[Verdict, str]:
    """What a reviewer chooses from."""
    return {v: t(f"verdict.{v}", lang) for v in get_args(Verdict)}


def sensitive_words(state: str, lang: str) -> str:
    """Is it sensitive: yes, depends or no."""
    return t(f"sheet.sensitive.{state}", lang)


def _place(row: ReportedColumn, i: int) -> str:
    parts = [unquote(p) for p in row.table.id.split("/")]
    return {0: parts[0], 1: parts[1] if len(parts) > 2 else "", 2: parts[-1]}[i]


def _of(row: ReportedColumn, value: Callable[[Assessed], Any]) -> Any:
    return value(row.assessed) if row.assessed is not None else ""


def _candidate(row: ReportedColumn) -> str:
    a = row.assessed
    return label_words(a, row.lang) if a is not None and a.finding.kind == "important_data_candidate" else ""


def _machine(row: ReportedColumn) -> str:
    p = primary(unreviewed(row.column))
    return f"{label_words(p, row.lang)} ({p.finding.confidence:.2f})" if p is not None else ""


def _state(row: ReportedColumn) -> str:
    r, lang = row.column.reviewed, row.lang
    if row.column.ignored:
        return t("sheet.ignored", lang, why=render(row.column.ignored, lang))
    state = t(f"stale.{r.stale}", lang) if r is not None and r.stale else (t(f"standing.{s}", lang) if (s := standing(row.column)) else "")
    return t("sheet.against", lang, state=state, others=render(r.against, lang)) if r is not None and r.against else state


def _said(row: ReportedColumn, key: str) -> Any:
    """What a person decided, where it still holds."""
    r = row.column.reviewed
    if r is None or r.stale:
        return ""
    if key == "to":
        info = labels().get(r.label)
        return "" if r.verdict != "relabel" or info is None else info.zh if row.lang == "zh" else info.en
    return verdicts(row.lang)[r.verdict] if key == "verdict" else getattr(r, key)


def _rows(row: ReportedColumn) -> Any:
    rows = row.table.rows
    return rows.high if rows.high is not None else t("sheet.at_least", row.lang, n=number(rows.low)) if rows.low else ""


def _way(row: ReportedColumn) -> str:
    way, drawn = t(f"status.{row.table.status}", row.lang), row.table.drawn
    why = sampling_words(drawn.method, row.lang) if drawn is not None else render(row.table.why, row.lang) if row.table.why else ""
    return t("sheet.way", row.lang, way=way, why=why) if why else way


def _people(row: ReportedColumn) -> str:
    if row.assessed is None:
        return ""
    return t("sheet.and", row.lang).join(f"{f.flow.id} {persons(f.individuals, row.lang)}" for f in row.flows)


def _category(row: ReportedColumn) -> str:
    return _of(row, lambda a: a.category_zh if row.lang == "zh" else category_en(a.category))


FIRST: tuple[SheetColumn, ...] = (
    SheetColumn("source", "系统", "system", 14, lambda r: _place(r, 0), ("数据源", "the source")),
    SheetColumn("schema", "库", "schema", 12, lambda r: _place(r, 1),
         ("库或模式；没有的留空", "database or schema; empty where there is none")),
    SheetColumn("table", "表", "table", 22, lambda r: _place(r, 2)),
    SheetColumn("name", "字段", "column", 22, lambda r: r.column.name),
    SheetColumn("comment", "注释", "comment", 24, lambda r: r.column.comment),
    SheetColumn("type", "类型", "type", 14, lambda r: r.column.type),
    SheetColumn("label", "识别结果", "finding", 16, lambda r: _of(r, lambda a: label_words(a, r.lang)),
         ("识别为何种信息；空白为未发现", "what it was found to hold; empty: nothing")),
    SheetColumn("one", "一级分类", "class 1", 12, lambda r: _of(r, lambda a: t(f"kind.{a.finding.kind}", r.lang)),
         ("GB/T 43697-2024", "GB/T 43697-2024")),
    SheetColumn("two", "二级分类", "class 2", 18, _category, ("GB/T 43697-2024 附录B", "GB/T 43697-2024 Annex B")),
    SheetColumn("grade", "分级", "grade", 12, lambda r: _of(r, lambda a: t(f"grade.{a.grade}", r.lang)),
         ("GB/T 43697-2024：一般、重要、核心", "GB/T 43697-2024: general, important, core")),
)
LAST: tuple[SheetColumn, ...] = (
    SheetColumn("sensitive", "是否敏感", "sensitive", 10, lambda r: _of(r, lambda a: sensitive_words(a.sensitive, r.lang)),
         ("敏感个人信息；视情形：取决于组合或场景", "sensitive personal information; depends: on what stands beside it, or on the flow")),
    SheetColumn("candidate", "重要数据候选", "important-data candidate", 18, _candidate,
         ("疑似重要数据；未被告知或公布，无需按重要数据申报", "not notified or published: need not be filed as important data")),
    SheetColumn("basis", "依据条款", "clause", 46, lambda r: _of(r, lambda a: a.source)),
    SheetColumn("sure", "条款核实程度", "clause is", 12, lambda r: _of(r, lambda a: t(a.confidence_of_source, r.lang))),
    SheetColumn("confidence", "置信度", "confidence", 11, lambda r: _of(r, lambda a: round(a.finding.confidence, 2)),
         ("0 至 1，机器识别的把握", "0 to 1, how sure the machine is")),
    SheetColumn("evidence", "识别依据", "evidence", 38, lambda r: _of(r, lambda a: evidence_words(a, r.lang)),
         ("名称、注释、值（匹配数/检测数）、血缘", "name, comment, values (matched of examined), lineage")),
    SheetColumn("rows", "行数", "rows", 11, _rows,
         ("全表行数，来自数据源；为计数读过全部行的，以读到的为准", "of the whole table, by the source, or as read to count persons")),
    SheetColumn("drawn", "样本行数", "rows drawn", 10, lambda r: r.table.drawn.rows if r.table.drawn is not None else ""),
    SheetColumn("examined", "非空单元格", "filled cells", 10, lambda r: r.column.examined or "",
         ("样本中检测过的非空单元格", "cells of the sample that were examined")),
    SheetColumn("people", "涉及自然人数", "individuals", 36, _people,
         ("所在出境场景的自然人数（去重）：估计（下限–上限）", "distinct persons of the flows it leaves by: best (low–high)")),
    SheetColumn("flows", "出境场景", "flows", 18, lambda r: t("sheet.and", r.lang).join(f.flow.id for f in r.flows)),
    SheetColumn("how", "检测方式", "how checked", 36, _way,
         ("读取了值，还是只看名称和注释，以及原因", "by values, or by names and comments alone, and why")),
    SheetColumn("when", "检测时间", "checked on", 11, lambda r: r.checked),
    SheetColumn("owner", "责任人", "owner", 12, lambda r: r.table.owner),
    SheetColumn("machine", "机器建议", "the machine says", 28, _machine,
         ("机器识别的结果与置信度，不因复核而改变", "finding and confidence; no review changes them")),
    SheetColumn("state", "复核状态", "review", 20, _state),
    SheetColumn("verdict", "复核结论", "decision", 10, lambda r: _said(r, "verdict"),
         ("确认：识别正确；否定：不是；改判：是另一种；说明：只加说明",
          "accept: it is so; reject: it is not; relabel: it is something else; justify: a note only"), review=True),
    SheetColumn("to", "改判为", "relabel to", 18, lambda r: _said(r, "to"),
         ("复核结论为“改判”时填写，从列表选", "where the decision is to relabel; choose from the list"), review=True),
    SheetColumn("by", "复核人", "reviewer", 10, lambda r: _said(r, "by"),
         ("填写复核结论时必填", "needed beside every decision"), review=True),
    SheetColumn("on", "复核日期", "decided on", 11, lambda r: _said(r, "on"),
         ("2026-01-31；留空为导入当天", "2026-01-31; empty: the day of the import"), review=True),
    SheetColumn("why", "理由", "reason", 30, lambda r: _said(r, "why"),
         ("否定、改判、说明时必填", "needed unless the decision is to accept"), review=True),
    SheetColumn("until", "有效期至", "holds until", 11, lambda r: _said(r, "until"), ("留空为长期有效", "empty: without end"), review=True),
    SheetColumn("seen", "复核依据", "decided upon", 12, lambda r: str(basis_of(r.column, r.mark)),
         ("系统用：复核所依据的状态，请勿改动", "for the program: what the decision rests on; leave as it is"), hidden=True),
    SheetColumn("id", "字段编号", "column id", 34, lambda r: r.column.id,
         ("系统用：请勿改动或删除", "for the program: neither change nor delete it")),
)


def heads(gradings: Sequence[Grading] = ()) -> tuple[SheetColumn, ...]:
    """The columns of the sheet; each further taxonomy has its own group of columns."""
    more: list[SheetColumn] = []
    for g in gradings:
        depth = max((len(x.levels) for x in g.labels.values()), default=1)
        more += [
            SheetColumn(f"{g.id}.{i}", f"{g.source} {'一二三'[i]}级", f"{g.source} class {i + 1}", 16,
                        partial(_level, g, i), (g.title, g.title))
            for i in range(depth)
        ]
        order = f"{g.title}：{' < '.join(g.grades)}"
        more.append(SheetColumn(f"{g.id}.grade", f"{g.source} 分级", f"{g.source} grade", 12, partial(_grade, g), (order, order)))
        sure = ("分类分级取自二手来源，或由我们对应（待核实）", "where class and grade are taken from: a second hand, or our own mapping")
        more.append(SheetColumn(f"{g.id}.sure", f"{g.source} 核实程度", f"{g.source} is", 12, partial(_sure, g), sure))
    return (*FIRST, *more, *LAST)


def _level(g: Grading, i: int, row: ReportedColumn) -> str:
    graded = _graded(g, row)
    if graded is None:
        return t("page.unmapped", row.lang) if row.assessed is not None and i == 0 else ""
    return graded.levels[i] if i < len(graded.levels) else ""


def _graded(g: Grading, row: ReportedColumn) -> Graded | None:
    return g.labels.get(row.assessed.finding.label) if row.assessed is not None else None


def _grade(g: Grading, row: ReportedColumn) -> str:
    graded = _graded(g, row)
    return graded.grade if graded is not None else ""


def _sure(g: Grading, row: ReportedColumn) -> str:
    graded = _graded(g, row)
    return t(graded.confidence_of_source, row.lang) if graded is not None else ""


def rows(report: Report, lang: str = LANG) -> Iterator[ReportedColumn]:
    """Every column of the report, in its order."""
    leaving: dict[ColumnId, tuple[FlowReport, ...]] = {}
    for f in report.flows:
        for c in f.columns:
            leaving[c] = (*leaving.get(c, ()), f)
    for table in report.tables:
        read = report.run.tables.get(table.id)
        for column in table.columns:
            at, mark = (read.at[:10], read.data) if read else ("", "")
            yield ReportedColumn(column, table, primary(column), leaving.get(column.id, ()), at, mark, lang)
