"""数据资产分类分级清单: what its columns are, one row for each column of a report. Written by `formats/xlsx.py`, read back as reviews."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, get_args

from detectors.labels import labels
from detectors.model import ColumnId, unquote
from mappings.grading import Graded, Grading
from mappings.model import Assessed
from reports.formats.terminal import evidence, label_words, left
from reports.model import ColumnReport, FlowReport, Report, TableReport, primary, standing
from reports.reviews import Verdict, seen, unreviewed
from reports.sayings import told
from reports.words import against_words, drawn_words, number, persons, t

SHEET = "分类分级清单"
LANG = "zh"
SENSITIVE = {"yes": "是", "depends": "视情形", "no": "否"}
VERDICTS: Mapping[Verdict, str] = {v: t(f"verdict.{v}", LANG) for v in get_args(Verdict)}


@dataclass(frozen=True, slots=True)
class Row:
    """One column of the inventory with what stands around it."""

    column: ColumnReport
    table: TableReport
    found: Assessed | None
    flows: tuple[FlowReport, ...]
    checked: str                              # day its table's verdict was made
    mark: str


@dataclass(frozen=True, slots=True)
class Head:
    """One column of the sheet. review: filled by people and read back."""

    key: str
    zh: str
    width: int
    value: Callable[[Row], Any]
    help: str = ""
    review: bool = False
    hidden: bool = False


def _place(row: Row, i: int) -> str:
    parts = [unquote(p) for p in row.table.id.split("/")]
    return {0: parts[0], 1: parts[1] if len(parts) > 2 else "", 2: parts[-1]}[i]


def _of(row: Row, value: Callable[[Assessed], Any]) -> Any:
    return value(row.found) if row.found is not None else ""


def _candidate(a: Assessed) -> str:
    return label_words(a, LANG) if a.finding.kind == "important_data_candidate" else ""


def _machine(row: Row) -> str:
    p = primary(unreviewed(row.column))
    return f"{label_words(p, LANG)}（{p.finding.confidence:.2f}）" if p is not None else ""


def _state(row: Row) -> str:
    r = row.column.reviewed
    if row.column.ignored:
        return f"已静默：{told(row.column.ignored, LANG)}"
    state = t(f"stale.{r.stale}", LANG) if r is not None and r.stale else (t(f"standing.{s}", LANG) if (s := standing(row.column)) else "")
    return f"{state}；另有不同意见：{against_words(r.against, LANG)}" if r is not None and r.against else state


def _said(row: Row, key: str) -> Any:
    """What a person decided, where it still holds."""
    r = row.column.reviewed
    if r is None or r.stale:
        return ""
    if key == "to":
        return labels()[r.label].zh if r.verdict == "relabel" and r.label in labels() else ""
    return VERDICTS[r.verdict] if key == "verdict" else getattr(r, key)


def _rows(row: Row) -> Any:
    rows = row.table.rows
    return rows.high if rows.high is not None else f"至少 {number(rows.low)}" if rows.low else ""


def _way(row: Row) -> str:
    told = t(f"status.{row.table.status}", LANG)
    if row.table.drawn is not None:
        return f"{told}：{drawn_words(row.table.drawn.method, LANG)}"
    return f"{told}：{left(row.table.why, LANG)}" if row.table.why else told


def _people(row: Row) -> str:
    return "；".join(f"{f.flow.id} {persons(f.individuals, LANG)}" for f in row.flows) if row.found is not None else ""


FIRST: tuple[Head, ...] = (
    Head("source", "系统", 14, lambda r: _place(r, 0), "数据源"),
    Head("schema", "库", 12, lambda r: _place(r, 1), "库或模式；没有的留空"),
    Head("table", "表", 22, lambda r: _place(r, 2)),
    Head("name", "字段", 22, lambda r: r.column.name),
    Head("comment", "注释", 24, lambda r: r.column.comment),
    Head("type", "类型", 14, lambda r: r.column.type),
    Head("label", "识别结果", 16, lambda r: _of(r, lambda a: label_words(a, LANG)), "识别为何种信息；空白为未发现"),
    Head("one", "一级分类", 12, lambda r: _of(r, lambda a: t(f"kind.{a.finding.kind}", LANG)), "GB/T 43697-2024"),
    Head("two", "二级分类", 18, lambda r: _of(r, lambda a: a.category_zh), "GB/T 43697-2024 附录B"),
    Head("grade", "分级", 12, lambda r: _of(r, lambda a: t(f"grade.{a.grade}", LANG)), "GB/T 43697-2024：一般、重要、核心"),
)
LAST: tuple[Head, ...] = (
    Head("sensitive", "是否敏感", 10, lambda r: _of(r, lambda a: SENSITIVE.get(a.sensitive, a.sensitive)),
         "敏感个人信息；视情形：取决于组合或场景"),
    Head("candidate", "重要数据候选", 18, lambda r: _of(r, _candidate), "疑似重要数据；未被告知或公布，无需按重要数据申报"),
    Head("basis", "依据条款", 28, lambda r: _of(r, lambda a: a.source)),
    Head("sure", "条款核实程度", 12, lambda r: _of(r, lambda a: t(a.confidence_of_source, LANG))),
    Head("confidence", "置信度", 8, lambda r: _of(r, lambda a: round(a.finding.confidence, 2)), "0 至 1，机器识别的把握"),
    Head("evidence", "识别依据", 26, lambda r: _of(r, lambda a: evidence(a, LANG)), "名称、注释、值（匹配数/检测数）、血缘"),
    Head("rows", "行数", 11, _rows, "全表行数，来自数据源"),
    Head("drawn", "样本行数", 10, lambda r: r.table.drawn.rows if r.table.drawn is not None else ""),
    Head("examined", "非空单元格", 10, lambda r: r.column.examined or "", "样本中检测过的非空单元格"),
    Head("people", "涉及自然人数", 24, _people, "所在出境场景的自然人数（去重）：估计（下限–上限）"),
    Head("flows", "出境场景", 18, lambda r: "；".join(f.flow.id for f in r.flows)),
    Head("how", "检测方式", 20, _way, "读取了值，还是只看名称和注释，以及原因"),
    Head("when", "检测时间", 11, lambda r: r.checked),
    Head("owner", "责任人", 12, lambda r: r.table.owner),
    Head("machine", "机器建议", 20, _machine, "机器识别的结果与置信度，不因复核而改变"),
    Head("state", "复核状态", 20, _state),
    Head("verdict", "复核结论", 10, lambda r: _said(r, "verdict"), "确认：识别正确；否定：不是；改判：是另一种；说明：只加说明",
         review=True),
    Head("to", "改判为", 18, lambda r: _said(r, "to"), "复核结论为“改判”时填写，从列表选", review=True),
    Head("by", "复核人", 10, lambda r: _said(r, "by"), "填写复核结论时必填", review=True),
    Head("on", "复核日期", 11, lambda r: _said(r, "on"), "2026-01-31；留空为导入当天", review=True),
    Head("why", "理由", 30, lambda r: _said(r, "why"), "否定、改判、说明时必填", review=True),
    Head("until", "有效期至", 11, lambda r: _said(r, "until"), "留空为长期有效", review=True),
    Head("seen", "复核依据", 12, lambda r: str(seen(r.column, r.mark)), "系统用：复核所依据的状态，请勿改动", hidden=True),
    Head("id", "字段编号", 34, lambda r: r.column.id, "系统用：请勿改动或删除"),
)


def heads(gradings: Sequence[Grading] = ()) -> tuple[Head, ...]:
    """The columns of the sheet; each further taxonomy has its own group of columns."""
    more: list[Head] = []
    for g in gradings:
        depth = max((len(x.levels) for x in g.labels.values()), default=1)
        more += [Head(f"{g.id}.{i}", f"{g.source} {'一二三'[i]}级", 16, partial(_level, g, i), g.title) for i in range(depth)]
        more.append(Head(f"{g.id}.grade", f"{g.source} 分级", 12, partial(_grade, g), f"{g.title}：{' < '.join(g.grades)}"))
        more.append(Head(f"{g.id}.sure", f"{g.source} 核实程度", 12, partial(_sure, g), "分类分级取自二手来源，或由我们对应（待核实）"))
    return (*FIRST, *more, *LAST)


def _level(g: Grading, i: int, row: Row) -> str:
    graded = _graded(g, row)
    if graded is None:
        return "未对应" if row.found is not None and i == 0 else ""
    return graded.levels[i] if i < len(graded.levels) else ""


def _graded(g: Grading, row: Row) -> Graded | None:
    return g.labels.get(row.found.finding.label) if row.found is not None else None


def _grade(g: Grading, row: Row) -> str:
    graded = _graded(g, row)
    return graded.grade if graded is not None else ""


def _sure(g: Grading, row: Row) -> str:
    graded = _graded(g, row)
    return t(graded.confidence_of_source, LANG) if graded is not None else ""


def rows(report: Report) -> Iterator[Row]:
    """Every column of the report, in its order."""
    leaving: dict[ColumnId, tuple[FlowReport, ...]] = {}
    for f in report.flows:
        for c in f.columns:
            leaving[c] = (*leaving.get(c, ()), f)
    for table in report.tables:
        read = report.run.tables.get(table.id)
        for column in table.columns:
            yield Row(column, table, primary(column), leaving.get(column.id, ()), read.at[:10] if read else "", read.data if read else "")
