"""A zone's list as an XLSX sheet: the empty template, and the plain form of a filled one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from detectors.errors import RulesError, nearest
from detectors.message import Msg
from mappings.workbooks import open_workbook
from mappings.zones import ABOUT, COLUMNS, REQUIRED


def write_template(file: Path) -> None:
    """Write an empty XLSX to be filled from the official table: one sheet about the list, one of its entries."""
    from openpyxl import Workbook
    from openpyxl.styles import Font

    book = Workbook()
    about, rows = book.active, book.create_sheet("条目")
    assert about is not None
    about.title = "清单"
    for key in ABOUT[:-1]:
        about.append([key, ""])
    about.column_dimensions["A"].width, about.column_dimensions["B"].width = 18, 60
    rows.append([f"{zh}\n{key}" for key, zh in COLUMNS.items()])
    for i, cell in enumerate(rows[1], 1):
        cell.font = Font(bold=True)
        rows.column_dimensions[cell.column_letter].width = 14 if i != 5 else 40
    rows.freeze_panes = "A2"
    book.save(file)


def read_zone_xlsx(file: Path) -> Mapping[str, Any]:
    """The plain form of a filled template; RulesError naming the sheet and cell at fault."""
    book = open_workbook(file, RulesError, Msg("chujing zones template list.xlsx writes an empty one"))
    for sheet in ("清单", "条目"):
        if sheet not in book.sheetnames:
            raise RulesError(
                Msg('no sheet "{name}"', name=sheet),
                where=str(file),
                hint=nearest(sheet, book.sheetnames) or Msg("chujing zones template list.xlsx"),
            )
    about = {str(r[0]).strip(): _cell(r[1]) for r in book["清单"].iter_rows(values_only=True) if len(r) > 1 and r[0] and r[1] is not None}
    lines = list(book["条目"].iter_rows(values_only=True))
    if not lines:
        raise RulesError(Msg("no header row"), where=f"{file}, 条目")
    heads = [_head(h) for h in lines[0]]
    for key in REQUIRED:
        if key not in heads:
            raise RulesError(
                Msg('the column "{name}" is missing', name=COLUMNS[key]),
                where=f"{file}, 条目",
                hint=Msg("chujing zones template list.xlsx"),
            )
    unknown = [str(h) for h, key in zip(lines[0], heads, strict=True) if h and not key]
    if unknown:
        raise RulesError(
            Msg('unknown column "{name}"', name=unknown[0]),
            where=f"{file}, 条目",
            hint=nearest(unknown[0], COLUMNS.values()),
        )
    entries = [
        {key: _cell(v) for key, v in zip(heads, row, strict=False) if key and v is not None}
        for row in lines[1:] if any(v is not None and str(v).strip() for v in row)
    ]
    listed: dict[str, Any] = {k: [s.strip() for s in str(about[k]).replace(";", "；").replace("\n", "；").split("；") if s.strip()]
                              for k in ("sectors", "whole_scenarios") if k in about}
    return {**about, **listed, "entries": entries}


def _cell(value: Any) -> Any:
    return value.date().isoformat() if hasattr(value, "date") else value if isinstance(value, int) else str(value).strip()


def _head(value: Any) -> str:
    text = str(value or "").strip()
    return next((key for key, zh in COLUMNS.items() if text in (key, zh, f"{zh}\n{key}") or text.startswith(f"{zh}\n")), "")
