"""The data items of a filed table: the official six-column one (XLSX or DOCX), or our own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from detectors.errors import ConfigError
from detectors.input_files import check_regular
from detectors.message import Msg
from mappings.names import bare_name
from mappings.workbooks import check_package, open_workbook

HEADS = {                                     # key -> heads of the column that holds it
    "no": ("序号", "no"),
    "name": ("数据项名称", "数据项", "字段名称", "name"),
    "description": ("内容描述", "描述", "说明", "description"),
    "remarks": ("备注", "remarks"),
    "sources": ("来源字段（内部，不报送）", "来源字段"),
    "necessity": ("出境必要性", "必要性"),
    "example": ("示例", "示例（脱敏）"),
}
Table = Sequence[Sequence[str]]                         # rows of cells
_WORD_SEPARATORS = re.compile(r"[\s,，;；、：:]+")


def read_items(file: Path, columns: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Return the items of the first table that has a column 数据项名称.

    Raise ConfigError where there is none.

    columns: ids; one that is named in 备注 or 内容描述 ties the item to it.
    """
    tables = _docx_tables(file) if file.suffix.lower() == ".docx" else _xlsx_tables(file)
    for rows in tables:
        for index, row in enumerate(rows[:10]):
            keys = [heading_key(cell) for cell in row]
            if "name" in keys:
                items = _items_by_name(rows[index + 1:], keys, columns)
                if not items:
                    raise ConfigError(Msg("the data-item table is empty"), where=str(file))
                return items
    raise ConfigError(
        Msg("no table with the column 数据项名称"),
        where=str(file),
        hint=Msg("the six-column data-item table of the filing is needed"),
    )


def heading_key(cell: str) -> str:
    """Return the key of a head; "" for a cell that is none."""
    return next((key for key, heads in HEADS.items() if bare_name(cell) in map(bare_name, heads)), "")


def _items_by_name(rows: Table, keys: Sequence[str], columns: Sequence[str]) -> list[dict[str, Any]]:
    """Items by their names, each once. keys: of the columns of the table, "" for one that is not known."""
    items: dict[str, dict[str, Any]] = {}
    for row in rows:
        cells = {key: cell.strip() for key, cell in zip(keys, row, strict=False) if key}
        name, description = cells.get("name", ""), cells.get("description", "")
        if not name or bare_name(name) in items:
            continue
        words = _WORD_SEPARATORS.split(f"{cells.get('remarks', '')} {cells.get('sources', '')} {description}")
        tied = [word for word in words if word in columns]
        items[bare_name(name)] = {
            "name": name,
            **({"description": description} if description else {}),
            **({"columns": tied} if tied else {}),
        }
    return list(items.values())


def _xlsx_tables(file: Path) -> list[Table]:
    sheets = open_workbook(file, ConfigError).worksheets
    return [
        [["" if cell is None else str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
        for sheet in sheets
    ]


def _docx_tables(file: Path) -> list[Table]:
    import docx

    check_regular(file, str(file), ConfigError)
    check_package(file, ConfigError)
    try:
        document = docx.Document(str(file))
    except Exception:  # python-docx raises many kinds for what is no document
        raise ConfigError(Msg("not a DOCX document"), where=str(file)) from None
    return [[[cell.text for cell in row.cells] for row in table.rows] for table in document.tables]
