"""A zone's list as an XLSX sheet: the empty template, and the plain form of a filled one."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from detectors.errors import RulesError, nearest
from detectors.message import Msg
from mappings.workbooks import open_workbook
from mappings.zones import ABOUT_KEYS, COLUMNS, REQUIRED_COLUMNS

ABOUT_SHEET, ENTRY_SHEET = "清单", "条目"


def write_template(file: IO[bytes]) -> None:
    """Write an empty XLSX to fill from the official table: one sheet about the list, one of its entries."""
    from openpyxl import Workbook
    from openpyxl.styles import Font

    book = Workbook()
    about, entries = book.active, book.create_sheet(ENTRY_SHEET)
    assert about is not None
    about.title = ABOUT_SHEET
    for key in ABOUT_KEYS[:-1]:
        about.append([key, ""])
    about.column_dimensions["A"].width, about.column_dimensions["B"].width = 18, 60
    entries.append([f"{zh}\n{key}" for key, zh in COLUMNS.items()])
    for i, cell in enumerate(entries[1], 1):
        cell.font = Font(bold=True)
        entries.column_dimensions[cell.column_letter].width = 14 if i != 5 else 40
    entries.freeze_panes = "A2"
    book.save(file)


def read_zone_xlsx(file: Path) -> Mapping[str, Any]:
    """Return the plain form of a filled template; raise RulesError naming the sheet and cell at fault."""
    book = open_workbook(file, RulesError, Msg("chujing zones template list.xlsx writes an empty one"))
    for sheet in (ABOUT_SHEET, ENTRY_SHEET):
        if sheet not in book.sheetnames:
            raise RulesError(
                Msg('no sheet "{name}"', name=sheet),
                where=str(file),
                hint=nearest(sheet, book.sheetnames) or Msg("chujing zones template list.xlsx"),
            )
    about = {
        str(row[0]).strip(): _plain_value(row[1]) for row in book[ABOUT_SHEET].iter_rows(values_only=True)
        if len(row) > 1 and row[0] and row[1] is not None
    }
    lists: dict[str, Any] = {
        key: _listed_texts(about[key]) for key in ("sectors", "whole_scenarios") if key in about
    }
    rows = list(book[ENTRY_SHEET].iter_rows(values_only=True))
    return {**about, **lists, "entries": _entries(rows, f"{file}, {ENTRY_SHEET}")}


def _entries(rows: Sequence[Sequence[Any]], where: str) -> list[dict[str, Any]]:
    """Rows below the heads by key, blank ones left out."""
    if not rows:
        raise RulesError(Msg("no header row"), where=where)
    keys = [_heading_key(head) for head in rows[0]]
    for key in REQUIRED_COLUMNS:
        if key not in keys:
            raise RulesError(
                Msg('the column "{name}" is missing', name=COLUMNS[key]),
                where=where, hint=Msg("chujing zones template list.xlsx"),
            )
    heads = [" ".join(str(head or "").split()) for head in rows[0]]
    unknown = [head for head, key in zip(heads, keys, strict=True) if head and not key]
    if unknown:
        raise RulesError(
            Msg('unknown column "{name}"', name=unknown[0]),
            where=where,
            hint=nearest(unknown[0], COLUMNS.values()),
        )
    return [
        {key: _plain_value(value) for key, value in zip(keys, row, strict=False) if key and value is not None}
        for row in rows[1:] if any(value is not None and str(value).strip() for value in row)
    ]


def _listed_texts(value: Any) -> list[str]:
    """Texts of a cell that stand between semicolons or on lines of their own."""
    return [text.strip() for text in re.split("[;；\n]", str(value)) if text.strip()]


def _plain_value(value: Any) -> Any:
    """A day as 2026-01-31, whole numbers as they are, all else as text."""
    if hasattr(value, "date"):
        return value.date().isoformat()
    return value if isinstance(value, int) else str(value).strip()


def _heading_key(head: Any) -> str:
    """The key of a heading, which may be the key, its title or both; empty for an unknown one."""
    text = str(head or "").strip()
    for key, zh in COLUMNS.items():
        if text in (key, zh, f"{zh}\n{key}") or text.startswith(f"{zh}\n"):
            return key
    return ""
