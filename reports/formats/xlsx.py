"""数据资产分类分级清单: the inventory as Chinese compliance teams keep it, one row a column, with columns for reviewers to fill.

Rows are written as they come, so memory does not grow with them. `chujing review import` reads the reviewers' columns back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from detectors.labels import labels
from detectors.model import unquote
from reports import cells
from reports.formats.terminal import covered, left, main_reasons, path_words, supposed
from reports.inventory import LANG, SENSITIVE, SHEET, VERDICTS, Head, Row, heads, rows
from reports.model import Report, TableReport, primary, standing
from reports.sayings import told
from reports.words import number, persons, t

OVERVIEW, FLOWS, SKIPPED, HELP, LISTS = "概览", "出境场景与路径", "未检测", "说明", "选项"
LIMIT = 1_000_000                             # rows of one sheet; a spreadsheet ends at 1,048,576
BINARY = True


def save(report: Report, path: Path, limit: int = LIMIT) -> tuple[Path, ...]:
    """Write the inventory: one file, or above the limit an index and a file for each system; gives what was written."""
    if sum(len(table.columns) for table in report.tables) <= limit:
        _whole(path, report, limit)
        return (path,)
    by_system: dict[str, list[TableReport]] = {}
    for table in report.tables:
        by_system.setdefault(table.id.split("/", 1)[0], []).append(table)
    names = _names(path, list(by_system))
    for system, tables in by_system.items():
        _whole(names[system], replace(report, tables=tuple(tables)), limit)
    _whole(path, report, limit, names)
    return (path, *names.values())


def _names(path: Path, systems: Sequence[str]) -> dict[str, Path]:
    """A file name for each system, none twice on any file system."""
    found: dict[str, Path] = {}
    taken = {path.name.casefold()}
    for system in systems:
        plain = "".join(c if c.isalnum() or c in "-_" else "_" for c in unquote(system))[:60]
        tried = (f"{path.stem}-{plain}{f'-{i}' if i else ''}{path.suffix}" for i in range(len(systems) + 2))
        name = next(n for n in tried if n.casefold() not in taken)
        taken.add(name.casefold())
        found[system] = path.with_name(name)
    return found


def _whole(path: Path, report: Report, limit: int, parts: Mapping[str, Path] | None = None) -> None:
    """Write one file and put it in its place when it is complete."""
    partial_ = path.with_name(path.name + ".part")
    try:
        with partial_.open("wb") as file:
            _book(report, limit, parts).save(file)
        partial_.replace(path)
    finally:
        partial_.unlink(missing_ok=True)


def write(report: Report, file: IO[bytes]) -> None:
    """Write the inventory as one workbook."""
    _book(report, LIMIT).save(file)


def _book(report: Report, limit: int, parts: Mapping[str, Path] | None = None) -> Any:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    told = heads(report.gradings)
    if parts is None:
        _inventory(book, report, told, limit)
    _overview(book, report, parts)
    _flows(book, report)
    _skipped(book, report)
    _help(book, told)
    lists = book.create_sheet(LISTS)
    lists.sheet_state = "hidden"
    for info in labels().values():
        lists.append([info.zh, str(info.label)])
    book.properties.creator = "chujing"
    book.properties.created = book.properties.modified = datetime.fromisoformat(report.run.finished.replace("Z", "")[:19])
    return book


def _inventory(book: Any, report: Report, told: Sequence[Head], limit: int) -> None:
    """The rows, over as many sheets as they need."""
    todo = rows(report)
    row: Row | None = next(todo, None)
    part = 1
    while part == 1 or row is not None:
        sheet = book.create_sheet(SHEET if part == 1 else f"{SHEET} {part}")
        mine = min(limit, sum(len(x.columns) for x in report.tables) - (part - 1) * limit)
        _dress(sheet, told, max(mine, 1) + 1)
        for _ in range(limit):
            if row is None:
                break
            sheet.append([cells.cell(sheet, h.value(row)) for h in told])
            row = next(todo, None)
        part += 1


def _dress(sheet: Any, told: Sequence[Head], last: int) -> None:
    """Heads, widths, filter, frozen panes and lists to choose from."""
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    letters = {h.key: get_column_letter(i) for i, h in enumerate(told, 1)}
    for h in told:
        sheet.column_dimensions[letters[h.key]].width = h.width
        sheet.column_dimensions[letters[h.key]].hidden = h.hidden
    sheet.freeze_panes = "E2"
    sheet.row_dimensions[1].height = 34
    sheet.auto_filter.ref = f"A1:{letters[told[-1].key]}{last}"
    for key, formula in (("verdict", f'"{",".join(VERDICTS.values())}"'), ("to", f"{LISTS}!$A$1:$A${len(labels())}")):
        rule = DataValidation(type="list", formula1=formula, allow_blank=True, showErrorMessage=True, errorTitle="请从列表中选择")
        rule.add(f"{letters[key]}2:{letters[key]}{last}")
        sheet.data_validations.append(rule)
    _print(sheet)
    sheet.append([_head(sheet, h.zh, h.review) for h in told])


def _print(sheet: Any) -> None:
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", "9"
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.page_setup.fitToHeight = 0


def _head(sheet: Any, text: str, review: bool = False) -> Any:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Font, PatternFill

    made = WriteOnlyCell(sheet, value=text)
    made.font = Font(bold=True)
    made.fill = PatternFill("solid", fgColor="FFF2CC" if review else "E8EDF3")
    made.alignment = Alignment(wrap_text=True, vertical="center")
    return made


def _table(book: Any, title: str, columns: Sequence[tuple[str, int]], lines: Iterator[Sequence[Any]]) -> None:
    """A plain sheet with heads and rows whose text wraps."""
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import Cell
    from openpyxl.styles import Alignment
    from openpyxl.utils import get_column_letter

    sheet = book.create_sheet(title)
    for i, (_, width) in enumerate(columns, 1):
        sheet.column_dimensions[get_column_letter(i)].width = width
    sheet.freeze_panes = "A2"
    _print(sheet)
    sheet.append([_head(sheet, text) for text, _ in columns])
    wrapped = Alignment(wrap_text=True, vertical="top")
    for line in lines:
        out = []
        for value in line:
            made = cells.cell(sheet, value)
            if made is not None and not isinstance(made, Cell):
                made = WriteOnlyCell(sheet, value=made)
            if made is not None:
                made.alignment = wrapped
            out.append(made)
        sheet.append(out)


def _overview(book: Any, report: Report, parts: Mapping[str, Path] | None) -> None:
    def lines() -> Iterator[Sequence[Any]]:
        found = [p for x in report.tables for c in x.columns if (p := primary(c))]
        yield "报告", t("title", LANG)
        yield "说明", t("disclaimer", LANG)
        yield "判断日期", report.run.as_of
        yield "扫描完成", report.run.finished[:19].replace("T", " ") + " UTC"
        yield "分类分级标准", "；".join([*report.run.taxonomies, *(f"{g.source} {g.title}" for g in report.gradings)])
        yield "检测范围", covered(report, LANG)
        yield "系统", "；".join(f"{s.id}（{number(s.tables)} 表 {number(s.columns)} 字段）" for s in report.sources)
        yield "字段总数", sum(len(x.columns) for x in report.tables)
        yield "发现的字段", len(found)
        for kind, n in sorted(Counter(p.finding.kind for p in found).items()):
            yield f"　{t(f'kind.{kind}', LANG)}", n
        for state, n in sorted(Counter(p.sensitive for p in found if p.finding.kind == "personal_information").items()):
            yield f"　个人信息，敏感：{SENSITIVE.get(state, state)}", n
        for stands, n in sorted(Counter(standing(c) for x in report.tables for c in x.columns).items()):
            if stands:
                yield f"　复核：{t(f'standing.{stands}', LANG)}", n
        for f in report.flows:
            yield f"出境场景 {f.flow.id}", f"{path_words(f.decision, LANG)}；{persons(f.individuals, LANG)} {t('people', LANG)}"
        for system, path in (parts or {}).items():
            yield f"系统 {unquote(system)} 的清单", path.name

    _table(book, OVERVIEW, (("项目", 30), ("内容", 110)), lines())


def _flows(book: Any, report: Report) -> None:
    columns = (
        ("场景编号", 16), ("数据处理者", 16), ("境外接收方", 22), ("国家/地区", 10), ("目的", 14), ("方式", 12), ("状态", 8),
        ("字段数", 8), ("自然人数", 24), ("敏感个人信息人数", 24), ("合规路径", 34), ("是否确定", 10), ("依据", 60), ("距下一界线", 36),
        ("待确认事实", 40),
    )

    def lines() -> Iterator[Sequence[Any]]:
        for f in report.flows:
            d = f.decision
            yield (
                f.flow.id, f.flow.entity, f.flow.recipient.name, f.flow.recipient.country, f.flow.purpose, t(f"mode.{f.flow.mode}", LANG),
                f.flow.status, len(f.columns), persons(f.individuals, LANG), persons(f.sensitive_individuals, LANG), path_words(d, LANG),
                "是" if d.certain else "否",
                "；".join(f"{r.clause}［{t(r.confidence_of_source, LANG)}］{supposed(r, LANG)}" for r in main_reasons(d)),
                "；".join(t(f"margin.{m.counter}", LANG, n=number(m.to_next), line=number(m.line)) for m in d.margin),
                "；".join(q.ask for q in d.questions),
            )

    _table(book, FLOWS, columns, lines())


def _skipped(book: Any, report: Report) -> None:
    def lines() -> Iterator[Sequence[Any]]:
        for s in report.skipped:
            yield s.id, "未检测", told(s.reason, LANG), told(s.hint, LANG)
        for x in report.tables:
            if x.status == "metadata_only":
                yield x.id, t("status.metadata_only", LANG), left(x.why or "asked", LANG), ""
            elif x.why.startswith("changed_"):
                yield x.id, "沿用旧结果", left(x.why.removeprefix("changed_"), LANG), ""
        for f in report.flows:
            for u in f.unresolved:
                yield f.flow.id, "场景中无法对应的内容", told(u, LANG), ""

    _table(book, SKIPPED, (("编号", 50), ("情况", 16), ("原因", 60), ("处理办法", 60)), lines())


def _help(book: Any, told: Sequence[Head]) -> None:
    def lines() -> Iterator[Sequence[Any]]:
        yield "如何复核", "在黄色列填写复核结论、复核人和理由，保存后运行：chujing review import 本文件"
        yield "", "机器提出建议，由人决定。其他列的改动不会导入。行可以筛选、排序或删除；字段编号和复核依据两列不可删除。"
        yield "", "同一字段填写两种结论、未知的类别、缺少复核人或理由时，会指出所在单元格，且不写入任何内容。"
        yield "如何撤销", "chujing review undo 编号"
        yield "特殊字符", "控制字符已去除；改变文字方向或不可见的字符写作 ⟨U+202E⟩ 的形式；以 = + - @ 开头的内容作为文本保存。"
        for h in told:
            yield h.zh, h.help

    _table(book, HELP, (("列", 26), ("说明", 120)), lines())
