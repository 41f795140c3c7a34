"""出境场景登记表: the flows of a company as a spreadsheet, read into chujing.yaml and written back.

Every cell at fault is named with its remedy, all of them at once, and nothing is written until none is left.
What the sheet has no column for (facts, conditions, delta ...) stays as it is in chujing.yaml, and so does
every line outside its `flows:`. Nothing is guessed: names that differ in width or spaces alone are kept as
typed and named.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from typing import Any

from detectors.errors import ConfigError, nearest
from detectors.message import Msg
from detectors.yaml_document import Fault, shown
from mappings import notes
from mappings.names import fold_name, is_empty
from mappings.workbooks import open_workbook
from scanner.config.contradictions import day_contradictions, flow_contradictions, written_flow
from scanner.sheets.cell_fault import CellFault
from scanner.sheets.register_cells import read_cell
from scanner.sheets.register_columns import (
    EXAMPLE,
    SHEET,
    columns,
)
from scanner.sheets.register_sheet import write

__all__ = ["RegisterIntake", "RegisteredNames", "read", "write"]

EARLIER_HEADS = {                             # heads of sheets that earlier versions wrote -> key
    "申报人数": "declared.individuals", "申报人": "declared.by", "申报日期": "declared.on",
    "申报依据": "declared.evidence",
}
DECLARED_HEADS = {  # what a declared count needs; those with a sensitive item, blank: unknown
    "individuals": "填报人数",
    "by": "填报人",
    "on": "填报日期",
    "evidence": "填报依据",
}


@dataclass(frozen=True, slots=True)
class RegisterIntake:
    """What a sheet says: flows in the shape of chujing.yaml.

    warnings: names kept as typed that look like others. without_source: cells that name a source which
    chujing.yaml has not.
    """

    flows: tuple[Mapping[str, Any], ...]
    faults: tuple[CellFault, ...] = ()
    warnings: tuple[CellFault, ...] = ()
    without_source: tuple[CellFault, ...] = ()


@dataclass(frozen=True, slots=True)
class RegisteredNames:
    """What stands in chujing.yaml. flows_by_query: ids of flows with a query of their own.

    sources: None where nothing is known of them. columns: ids of the last scan.
    """

    entities: Sequence[str] = ()
    recipients: Sequence[str] = ()
    flows_by_query: Sequence[str] = ()
    sources: Sequence[str] | None = None
    columns: Sequence[str] = ()


def read(file: Path, registered: RegisteredNames = RegisteredNames()) -> RegisterIntake:
    """Return every flow of a sheet, every fault and every doubtful name.

    Raise ConfigError where there is no such sheet.
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
        *_uncalculated_cells(file, name, sheet),
        *(
            CellFault(f"{SHEET}!{area.coord}", Msg("cells are merged"), Msg("unmerge and fill every cell"))
            for area in sheet.merged_cells.ranges
        ),
    ]
    rows = [list(r) for r in sheet.iter_rows()]
    positions, header = _find_heads(rows)
    if not positions:
        raise ConfigError(
            Msg("no row with the column heads"),
            where=f"{file}, {SHEET}",
            hint=Msg("keep the row 场景编号*, 数据处理者* ..."),
        )
    faults += _missing_columns(positions, header + 1)
    flows: list[Mapping[str, Any]] = []
    cell_of_id: dict[str, str] = {}
    unlikely: list[CellFault] = []
    without_source: list[CellFault] = []
    for row in rows[header + 1:]:
        cells = {key: row[i] for key, i in positions.items() if i < len(row)}
        id_cell = cells.get("id")
        if all(cell.value is None or not str(cell.value).strip() for cell in cells.values()):
            continue
        if id_cell is not None and str(id_cell.value or "").strip().startswith(EXAMPLE):
            continue
        flow, row_faults = _read_row(cells)
        faults += row_faults
        faults += _row_faults(flow, cells, flow.get("id") in registered.flows_by_query)
        faults += _id_faults(flow, cells, cell_of_id)
        stated = written_flow(("",), flow_texts(flow))
        faults += _statement_faults(flow_contradictions(stated, {}), cells)
        unlikely += _statement_faults(day_contradictions(stated, today()), cells)
        without_source += [
            CellFault(f"{file.name}, {place.cell}", place.what, place.remedy)
            for place in _unknown_sources(flow, cells, registered)
        ]
        flows.append(flow)
    warnings = (*unlikely, *_doubtful_names(flows, registered))
    return RegisterIntake(tuple(flows), tuple(faults), warnings, tuple(without_source))


def _unknown_sources(
    flow: Mapping[str, Any], cells: Mapping[str, Any], registered: RegisteredNames
) -> Iterator[CellFault]:
    """Cells whose columns or view lie in a source that chujing.yaml has not, each source once.

    A word that is the end of the id of a column of the last scan lies in its source. Without a scan, a word
    of two parts may be table and column where there is a source.
    """
    if registered.sources is None:
        return
    named = [("fields", word) for word in flow.get("fields", ())]
    named += [("view", flow["view"])] if flow.get("view") else []
    unknown: dict[str, str] = {}
    for key, word in named:
        first, *rest = word.split("/")
        is_end = any(column == word or column.endswith(f"/{word}") for column in registered.columns)
        is_short = len(rest) < (2 if key == "fields" else 1) and bool(registered.sources)
        if rest and not (is_end or is_short or any(map(partial(fnmatchcase, pat=first), registered.sources))):
            unknown.setdefault(first, key)
    for name, key in unknown.items():
        yield CellFault(
            _place(cells[key]), Msg('no source "{name}"', name=shown(name)),
            nearest(name, registered.sources)
            or Msg("chujing init URL --add --name {name} puts it into chujing.yaml", name=shown(name)),
        )


def _uncalculated_cells(file: Path, name: str, sheet: Any) -> Iterator[CellFault]:
    """Formulas without a value: whoever wrote them never calculated the sheet."""
    formulas = open_workbook(file, ConfigError, values=False)[name]
    for row in formulas.iter_rows():
        for cell in row:
            if cell.data_type == "f" and sheet[cell.coordinate].value is None:
                yield CellFault(
                    _place(cell), Msg("a formula without a value"),
                    Msg("write the value itself, or open and save the sheet where it is calculated"),
                )


def _statement_faults(faults: Iterable[Fault], cells: Mapping[str, Any]) -> Iterator[CellFault]:
    """What a row states that cannot hold together, at the cell of the key at fault, or of the row."""
    for fault in faults:
        keys = (".".join(fault.path), fault.path[-1], f"{fault.path[-1]}.name", "id")
        yield CellFault(_place(cells[next(key for key in keys if key in cells)]), fault.what, fault.hint)


def flow_texts(flow: Mapping[str, Any]) -> dict[str, Any]:
    """Return a flow as its texts would stand in chujing.yaml."""
    return {
        key: flow_texts(value) if isinstance(value, Mapping)
        else list(map(str, value)) if isinstance(value, list) else str(value)
        for key, value in flow.items()
    }


def today() -> str:
    """Return the day, as 2026-01-31."""
    return date.today().isoformat()


def _find_heads(rows: Sequence[Sequence[Any]]) -> tuple[dict[str, int], int]:
    """Key -> position, and the index of the row of heads: the first of ten that holds at least three."""
    key_of = EARLIER_HEADS | {fold_name(c.zh): c.key for c in columns()} | {c.key: c.key for c in columns()}
    for index, row in enumerate(rows[:10]):
        heads = [fold_name(str(cell.value or "").rstrip("*")) for cell in row]
        positions = {key_of[head]: i for i, head in enumerate(heads) if head in key_of}
        if len(positions) >= 3:
            return positions, index
    return {}, 0


def _missing_columns(positions: Mapping[str, int], row: int) -> Iterator[CellFault]:
    for column in columns():
        if column.required and column.key not in positions:
            yield CellFault(
                f"{SHEET}!{row}:{row}",
                Msg('the column "{name}" is missing', name=column.zh),
                Msg("copy it from chujing flows template"),
            )


def _place(cell: Any) -> str:
    return f"{SHEET}!{cell.coordinate}"


def _read_row(cells: Mapping[str, Any]) -> tuple[dict[str, Any], list[CellFault]]:
    """A flow in the shape of chujing.yaml, and what is wrong with single cells.

    cells: by key of their columns.
    """
    flow: dict[str, Any] = {}
    faults: list[CellFault] = []
    for column in columns():
        cell = cells.get(column.key)
        if cell is None:
            continue
        is_blank = cell.value is None or not str(cell.value).strip()
        if is_blank or (column.kind == "text" and not column.required and is_empty(str(cell.value))):
            if column.required:
                faults.append(CellFault(_place(cell), Msg('"{name}" is empty', name=column.zh), column.help))
            continue
        reading = read_cell(column, cell.value)
        if reading.fault:
            faults.append(CellFault(_place(cell), reading.fault, reading.remedy))
        else:
            _set_nested(flow, column.key, reading.value)
    return flow, faults


def _set_nested(flow: dict[str, Any], key: str, value: Any) -> None:
    """Set a value under a key with dots for nested keys."""
    *path, last = key.split(".")
    for part in path:
        flow = flow.setdefault(part, {})
    flow[last] = value


def _row_faults(flow: Mapping[str, Any], cells: Mapping[str, Any], by_query: bool) -> Iterator[CellFault]:
    """What several cells of a row must hold together. by_query: chujing.yaml has a query for this flow."""
    row = next(iter(cells.values())).row
    declared = flow.get("declared", {})
    if "fields" in flow and "view" in flow:
        yield CellFault(
            _place(cells["view"]), Msg("both fields and a view are given"), Msg("keep one of them")
        )
    if not ("fields" in flow or "view" in flow or "individuals" in declared or by_query):
        yield CellFault(
            f"{SHEET}!{row}:{row}",
            Msg("neither fields, nor a view, nor declared persons"),
            Msg("fill 字段, 视图 or 填报人数"),
        )
    if declared:
        yield from _declared_faults(declared, cells)


def _declared_faults(declared: Mapping[str, Any], cells: Mapping[str, Any]) -> Iterator[CellFault]:
    for key, head in DECLARED_HEADS.items():
        cell = cells.get(f"declared.{key}")
        if key not in declared and cell is not None and cell.value is None:
            yield CellFault(
                _place(cell),
                Msg('"{name}" is empty beside other declared cells', name=head),
                Msg("a declared count has number, author, day, evidence"),
            )
    on = declared.get("on")
    if on is not None and on.isoformat() > today():
        yield CellFault(
            _place(cells["declared.on"]), Msg("it was declared on a day that is still to come"),
            Msg("check the date"),
        )
    everybody, sensitive = declared.get("individuals"), declared.get("sensitive_individuals")
    minors = declared.get("minors")
    if everybody is not None and sensitive is not None and sensitive > everybody:
        yield CellFault(
            _place(cells["declared.sensitive_individuals"]),
            notes.MORE_SENSITIVE,
            Msg("填报人数 counts everybody"),
        )
    if minors is not None and everybody is not None and minors > everybody:
        yield CellFault(
            _place(cells["declared.minors"]),
            Msg("more sensitive persons or minors than persons"),
            Msg("填报人数 counts everybody"),
        )
    if minors is not None and sensitive is not None and minors > sensitive:
        yield CellFault(
            _place(cells["declared.sensitive_individuals"]),
            notes.MINORS_ARE_SENSITIVE,
            Msg("其中敏感人数 counts those under 14, too"),
        )


def _id_faults(
    flow: Mapping[str, Any], cells: Mapping[str, Any], cell_of_id: dict[str, str]
) -> Iterator[CellFault]:
    """An id that a row above has. cell_of_id: filled with the first cell of each id."""
    if "id" not in flow:
        return
    cell = cells["id"]
    first = cell_of_id.setdefault(flow["id"], cell.coordinate)
    if first != cell.coordinate:
        yield CellFault(
            _place(cell),
            Msg('flow "{name}" stands twice, first in {cell}', name=flow["id"], cell=first),
            Msg("give one another id"),
        )


def _doubtful_names(flows: Sequence[Mapping[str, Any]], registered: RegisteredNames) -> Iterator[CellFault]:
    """Names that differ from others in width, spaces or case alone."""
    entities = ((f.get("id", "?"), f.get("entity")) for f in flows)
    recipients = ((f.get("id", "?"), f.get("recipient", {}).get("name")) for f in flows)
    yield from _unlike_names("数据处理者", entities, registered.entities)
    yield from _unlike_names("境外接收方", recipients, registered.recipients)


def _unlike_names(
    head: str, names: Iterable[tuple[str, str | None]], registered: Sequence[str]
) -> Iterator[CellFault]:
    """names: (id of the flow, name) in order."""
    spelling = {fold_name(name): name for name in registered}
    for flow, name in names:
        if name and (other := spelling.setdefault(fold_name(name), name)) != name:
            yield CellFault(
                f"{SHEET}, {flow}",
                Msg(
                    '{head} "{name}" differs from "{other}" in width, spaces or case alone',
                    head=head,
                    name=name,
                    other=other,
                ),
                Msg("kept as typed: say which is meant"),
            )
