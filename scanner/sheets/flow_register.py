"""出境场景登记表: the flows of a company as a spreadsheet, one row a flow, read into chujing.yaml and written back.

Every cell at fault is named with its remedy, all of them at once, and nothing is written until none is left. What the sheet has no column
for (facts, conditions, delta ...) stays as it is in chujing.yaml, and so does every line outside its `flows:`. Nothing is guessed: names
that differ in width or spaces alone are kept as typed and named.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, get_args

from detectors.errors import ConfigError, nearest
from detectors.message import Msg
from mappings.data import open_workbook
from mappings.model import Claim, Flow, Mode
from mappings.names import fold_name
from mappings.necessity import load_purpose, purpose_names
from mappings.rules import load_ruleset
from reports.filings.papers import one_page_wide
from reports.messages.words import pair_of

SHEET, HELP = "出境场景登记表", "填写说明"
HEADER = 2                                    # row of the column heads; the title stands above
_APART = re.compile(r"[;；\n]+")


@dataclass(frozen=True, slots=True)
class RegisterColumn:
    """One column of the sheet. key: as in chujing.yaml, dots for nested keys. choices: value -> words that mean it."""

    key: str
    zh: str
    help: str
    required: bool = False
    many: bool = False
    kind: str = "text"                        # text, whole, day, choice
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def _choices(values: Iterable[str], prefix: str) -> dict[str, tuple[str, ...]]:
    return {v: (v, *(pair_of(f"{prefix}.{v}") or ())) for v in values}


def _purposes() -> dict[str, tuple[str, ...]]:
    return {n: (n, load_purpose(n).title, load_purpose(n).title_en) for n in purpose_names()}


_BASES = {
    "consent": ("consent", "同意"),
    "contract": ("contract", "合同"),
    "hr": ("hr", "人力资源管理"),
    "statutory": ("statutory", "法定职责"),
    "emergency": ("emergency", "紧急情况"),
    "public": ("public", "已公开"),
    "other": ("other", "其他"),
}
_STATES = {"planned": ("planned", "计划中"), "active": ("active", "进行中"), "stopped": ("stopped", "已停止")}


@cache
def columns() -> tuple[RegisterColumn, ...]:
    """The columns of the sheet in order."""
    groups = load_ruleset().raw["groups"]
    return (
        RegisterColumn("id", "场景编号", "英文字母、数字和短横线，不重复，如 crm-hq", True),
        RegisterColumn("entity", "数据处理者", "法人名称，与营业执照一致", True),
        RegisterColumn("recipient.name", "境外接收方", "接收方全称", True),
        RegisterColumn("recipient.country", "国家或地区", "两位代码，如 DE", True),
        RegisterColumn("purpose", "目的", "chujing 目的编号或名称，如 crm、客户关系管理", True, kind="choice", choices=_purposes()),
        RegisterColumn(
            "mode",
            "方式",
            "传输至境外、境外访问、境外软件服务、文件或邮件、自有应用、境外收集、境内访问",
            True,
            kind="choice",
            choices=_choices(get_args(Mode), "mode"),
        ),
        RegisterColumn("systems", "系统", "总部系统或数据源名称，分号分隔", many=True),
        RegisterColumn("fields", "字段", "数据源/模式/表/列，分号或换行分隔；无法连接的系统可留空并填申报人数", many=True),
        RegisterColumn("view", "视图", "数据源/视图，代替字段"),
        RegisterColumn("status", "状态", "计划中、进行中、已停止", kind="choice", choices=_STATES),
        RegisterColumn("since", "开始日期", "2026-01-31", kind="day"),
        RegisterColumn("every", "频率", "如 month、每日、实时"),
        RegisterColumn("retention_days", "境外保存期限（天）", "整数", kind="whole"),
        RegisterColumn("onward", "境外再提供", "第三方全称，分号分隔", many=True),
        RegisterColumn("owner", "责任人", "姓名或部门"),
        RegisterColumn(
            "facts.legal_basis", "合法性基础", "同意、合同、人力资源管理、法定职责、紧急情况、已公开、其他", kind="choice", choices=_BASES
        ),
        RegisterColumn(
            "claim",
            "主张的豁免",
            "无、第四条、第五条（一）、第五条（二）、第五条（三）、第六条、法定职责",
            kind="choice",
            choices=_choices(get_args(Claim), "claim"),
        ),
        RegisterColumn(
            "subject_group",
            "主体类别",
            "员工、客户、求职者等",
            kind="choice",
            choices={g: (g, v["zh"], v["en"]) for g, v in groups.items()},
        ),
        RegisterColumn("declared.individuals", "申报人数", "无法连接时由人申报的自然人数（去重）", kind="whole"),
        RegisterColumn("declared.sensitive_individuals", "其中敏感人数", "含敏感个人信息的自然人数", kind="whole"),
        RegisterColumn("declared.minors", "其中不满十四周岁", "自然人数", kind="whole"),
        RegisterColumn("declared.by", "申报人", "谁申报的"),
        RegisterColumn("declared.on", "申报日期", "2026-01-31", kind="day"),
        RegisterColumn("declared.evidence", "申报依据", "如 系统用户统计 2026-10"),
    )


@dataclass(frozen=True, slots=True)
class CellFault:
    """A cell at fault: where, what, and the remedy."""

    cell: str                                 # sheet!D5
    what: str
    remedy: str

    def line(self) -> str:
        return f"{self.cell}: {self.what}. {self.remedy}"


@dataclass(frozen=True, slots=True)
class RegisterIntake:
    """What a sheet says. warnings: names kept as typed that look like others."""

    flows: tuple[Mapping[str, Any], ...]
    faults: tuple[CellFault, ...] = ()
    warnings: tuple[CellFault, ...] = ()


def write(file: Path, flows: Sequence[Flow] = ()) -> None:
    """The sheet with its heads, lists to choose from, a page of help, and a row for each flow; the same flows give the same cells."""
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    book = Workbook()
    sheet, help_ = book.active, book.create_sheet(HELP)
    assert sheet is not None
    sheet.title = SHEET
    heads = columns()
    sheet.append(["出境场景登记表（一行一个场景；带 * 为必填）"])
    sheet["A1"].font = Font(bold=True, size=14)
    sheet.append([f"{c.zh}{'*' if c.required else ''}" for c in heads])
    for i, c in enumerate(heads, 1):
        cell, letter = sheet.cell(HEADER, i), get_column_letter(i)
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="E8EDF3")
        cell.alignment = Alignment(wrap_text=True, vertical="center")
        sheet.column_dimensions[letter].width = 36 if c.key == "fields" else 22 if c.key in ("recipient.name", "entity") else 15
        if c.kind == "choice" and c.key != "purpose":
            words = ",".join(_word(c, v) for v in c.choices)
            if len(words) < 250:
                rule = DataValidation(type="list", formula1=f'"{words}"', allow_blank=True, showErrorMessage=False)
                rule.add(f"{letter}{HEADER + 1}:{letter}500")
                sheet.add_data_validation(rule)
    sheet.row_dimensions[HEADER].height = 32
    sheet.freeze_panes = f"B{HEADER + 1}"
    one_page_wide(sheet)
    for flow in flows:
        sheet.append([_cell(c, flow) for c in heads])
    for row in sheet.iter_rows(min_row=HEADER + 1):
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            if isinstance(cell.value, date):
                cell.number_format = "yyyy-mm-dd"
    help_.append(["列", "填写说明"])
    for c in heads:
        help_.append([f"{c.zh}{'*' if c.required else ''}", c.help])
    help_.append([])
    help_.append(["目的", "名称"])
    for n, (_, zh, _) in _purposes().items():
        help_.append([n, zh])
    help_.column_dimensions["A"].width, help_.column_dimensions["B"].width = 32, 80
    book.properties.created = book.properties.modified = datetime(2026, 1, 1)
    book.save(file)


def _word(c: RegisterColumn, value: str) -> str:
    words = c.choices[value]
    return words[1] if len(words) > 1 else words[0]


def _cell(c: RegisterColumn, flow: Flow) -> Any:
    """A flow's value as the sheet shows it."""
    value: Any = flow
    for part in c.key.split("."):
        value = value.get(part) if isinstance(value, Mapping) else getattr(value, part, None) if value is not None else None
    if c.kind == "choice":
        return _word(c, value) if value in c.choices and not (c.key == "claim" and value == "none") else None
    if c.many:
        return "\n".join(value) or None
    return value if value not in ("", None) else None


def read(file: Path, known: Mapping[str, Iterable[str]] | None = None) -> RegisterIntake:
    """Every row of a sheet, every fault and every doubtful name.

    known: `entity` and `recipient`, names that stand in chujing.yaml; `query`, ids of flows that stand there with a query of their own.
    """
    book = open_workbook(file, ConfigError, Msg("chujing flows template FILE writes an empty sheet"))
    name = next((n for n in book.sheetnames if n.strip() == SHEET), None)
    if name is None:
        raise ConfigError(
            Msg('no sheet "{name}"', name=SHEET),
            where=str(file),
            hint=nearest(SHEET, book.sheetnames) or Msg("chujing flows template FILE"),
        )
    sheet = book[name]
    faults = [
        CellFault(f"{SHEET}!{area.coord}", Msg("cells are merged"), Msg("unmerge them and fill every cell"))
        for area in sheet.merged_cells.ranges
    ]
    rows = [list(r) for r in sheet.iter_rows()]
    heads, at = _heads(rows)
    if not heads:
        raise ConfigError(
            Msg("no row with the column heads"),
            where=f"{file}, {SHEET}",
            hint=Msg("keep the row 场景编号*, 数据处理者* ..."),
        )
    for c in columns():
        if c.required and c.key not in heads:
            faults.append(
                CellFault(
                    f"{SHEET}!{at + 1}:{at + 1}",
                    Msg('the column "{name}" is missing', name=c.zh),
                    Msg("copy it from chujing flows template"),
                )
            )
    flows: list[Mapping[str, Any]] = []
    ids: dict[str, str] = {}
    for row in rows[at + 1:]:
        cells = {key: row[i] for key, i in heads.items() if i < len(row)}
        if all(c.value is None or not str(c.value).strip() for c in cells.values()):
            continue
        flow, wrong = _row(cells, set(known.get("query", ())) if known else set())
        if "id" in flow and (first := ids.setdefault(flow["id"], cells["id"].coordinate)) != cells["id"].coordinate:
            wrong.append(
                CellFault(
                    _where(cells["id"]),
                    Msg('flow "{name}" stands twice, first in {cell}', name=flow["id"], cell=first),
                    Msg("give one another id"),
                )
            )
        faults += wrong
        flows.append(flow)
    return RegisterIntake(tuple(flows), tuple(faults), _doubtful(flows, known or {}))


def _where(cell: Any) -> str:
    return f"{SHEET}!{cell.coordinate}"


def _heads(rows: Sequence[Sequence[Any]]) -> tuple[dict[str, int], int]:
    """Key -> position, and the index of the row of heads: the first of the top ten rows that holds at least three."""
    by_name = {fold_name(c.zh): c.key for c in columns()} | {c.key: c.key for c in columns()}
    for at, row in enumerate(rows[:10]):
        found = {by_name[w]: i for i, cell in enumerate(row) if (w := fold_name(str(cell.value or "").rstrip("*"))) in by_name}
        if len(found) >= 3:
            return found, at
    return {}, 0


def _row(cells: Mapping[str, Any], queries: set[str]) -> tuple[dict[str, Any], list[CellFault]]:
    """A flow in the shape of chujing.yaml, and what is wrong with its cells."""
    flow: dict[str, Any] = {}
    faults: list[CellFault] = []
    for c in columns():
        cell = cells.get(c.key)
        raw = cell.value if cell is not None else None
        if raw is None or not str(raw).strip():
            if c.required and cell is not None:
                faults.append(CellFault(_where(cell), Msg('"{name}" is empty', name=c.zh), c.help))
            continue
        assert cell is not None
        value, fault = READ[c.kind](c, raw)
        if fault:
            faults.append(CellFault(_where(cell), fault[0], fault[1]))
            continue
        _put(flow, c.key, value)
    faults += _together(flow, cells, flow.get("id") in queries)
    return flow, faults


def _put(flow: dict[str, Any], key: str, value: Any) -> None:
    *path, last = key.split(".")
    for part in path:
        flow = flow.setdefault(part, {})
    flow[last] = value


def _together(flow: Mapping[str, Any], cells: Mapping[str, Any], query: bool) -> list[CellFault]:
    """What several cells of a row must hold together."""
    row = next(iter(cells.values())).row
    at = f"{SHEET}!{row}:{row}"
    out = []
    declared = flow.get("declared", {})
    if "fields" in flow and "view" in flow:
        out.append(
            CellFault(_where(cells["view"]), Msg("both fields and a view are given"), Msg("keep one of them"))
        )
    if not ("fields" in flow or "view" in flow or "individuals" in declared or query):
        out.append(
            CellFault(
                at,
                Msg("neither fields, nor a view, nor declared persons"),
                Msg("fill 字段, 视图 or 申报人数"),
            )
        )
    if declared:
        for key, zh in (("individuals", "申报人数"), ("sensitive_individuals", "其中敏感人数"), ("by", "申报人"), ("on", "申报日期"),
                        ("evidence", "申报依据")):
            if key not in declared and (cell := cells.get(f"declared.{key}")) is not None and cell.value is None:
                out.append(
                    CellFault(
                        _where(cell),
                        Msg('"{name}" is empty beside other declared cells', name=zh),
                        Msg("a declared count has number, author, day, evidence"),
                    )
                )
        total, some = declared.get("individuals"), declared.get("sensitive_individuals")
        if total is not None and some is not None and some > total:
            out.append(
                CellFault(
                    _where(cells["declared.sensitive_individuals"]),
                    Msg("more sensitive persons than persons"),
                    Msg("申报人数 counts everybody"),
                )
            )
    return out


CellReading = tuple[Any, tuple[str, str] | None]


def _text(c: RegisterColumn, raw: Any) -> CellReading:
    text = str(raw).strip() if not isinstance(raw, float) or not raw.is_integer() else str(int(raw))
    if c.many:
        return [p.strip() for p in _APART.split(text) if p.strip()], None
    if c.key == "id" and not re.fullmatch(r"[\w.-]+", text):
        return None, (
            Msg('"{text}" cannot be an id', text=text),
            Msg("letters, digits, - and _ only, e.g. crm-hq"),
        )
    return text, None


def _whole(c: RegisterColumn, raw: Any) -> CellReading:
    text = str(raw).replace(",", "").replace("，", "").strip().removesuffix(".0")
    if isinstance(raw, bool) or not text.isdecimal():
        return None, (Msg('"{text}" is no whole number', text=raw), Msg("digits only, e.g. 1200"))
    return int(text), None


def _day(c: RegisterColumn, raw: Any) -> CellReading:
    if isinstance(raw, datetime):
        return raw.date(), None
    if isinstance(raw, date):
        return raw, None
    try:
        return date.fromisoformat(str(raw).strip()), None
    except ValueError:
        return None, (
            Msg('"{text}" is text that is no date', text=raw),
            Msg("write 2026-01-31 or use a date cell"),
        )


def _choice(c: RegisterColumn, raw: Any) -> CellReading:
    text = str(raw).strip()
    for value, words in c.choices.items():
        if text in words:
            return value, None
    if c.key == "purpose" and text.endswith((".yaml", ".yml")):
        return text, None
    every = [w for words in c.choices.values() for w in words]
    return None, (Msg('"{text}" is none of the choices', text=text), nearest(text, every) or c.help)


READ: Mapping[str, Callable[[RegisterColumn, Any], CellReading]] = {"text": _text, "whole": _whole, "day": _day, "choice": _choice}


def _doubtful(flows: Sequence[Mapping[str, Any]], known: Mapping[str, Iterable[str]]) -> tuple[CellFault, ...]:
    """Names that differ from others in width, spaces or case alone; kept as typed."""
    out = []
    for key, zh in (("entity", "数据处理者"), ("recipient", "境外接收方")):
        seen: dict[str, str] = {fold_name(n): n for n in known.get(key, ())}
        for f in flows:
            name = f.get(key, {}).get("name") if key == "recipient" else f.get(key)
            if name and (other := seen.setdefault(fold_name(name), name)) != name:
                out.append(
                    CellFault(
                        f"{SHEET}, {f.get('id', '?')}",
                        f'{zh} "{name}" differs from "{other}" in width, spaces or case alone',
                        Msg("kept as typed: say which is meant"),
                    )
                )
    return tuple(out)


