"""What was filed, in `chujing-filed.yaml` beside chujing.yaml: from the official data-item table (XLSX or DOCX), our own, or typed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, get_args

import yaml

from detectors.errors import ConfigError, nearest
from detectors.message import Msg
from mappings.baseline import FiledItem, FiledScenario, ProcedureKind
from mappings.data import open_workbook
from mappings.names import bare_name
from scanner.config.yaml_lines import Day, ListOf, Record, Text, Whole, load, parse
from scanner.files import replace_file

FILE = "chujing-filed.yaml"
SHAPE = ListOf(
    Record(
        {
            "id": Text(),
            "kind": Text(get_args(ProcedureKind)),
            "entity": Text(),
            "recipient": Text(),
            "purpose": Text(),
            "flow": Text(),
            "mode": Text(),
            "items": ListOf(Record({"name": Text(), "description": Text(), "columns": ListOf(Text())}, required=("name",))),
            "persons": Whole(),
            "sensitive": Whole(),
            "retention_days": Whole(),
            "valid_until": Day(),
            "onward": ListOf(Text()),
            "by": Text(),
            "on": Day(),
        },
        required=("id", "kind", "entity", "recipient", "purpose", "items", "by", "on"),
    ),
    help="what was filed, written by chujing baseline import",
)
HEAD = "# What was filed, written by `chujing baseline import`; every scan compares with it.\n"
NAMES = {
    "no": ("序号", "no"),
    "name": ("数据项名称", "数据项", "字段名称", "name"),
    "description": ("内容描述", "描述", "说明", "description"),
    "remarks": ("备注", "remarks"),
    "necessity": ("出境必要性", "必要性"),
    "example": ("示例", "示例（脱敏）"),
}


def read(folder: Path) -> tuple[FiledScenario, ...]:
    """What was filed; empty where there is no file. ConfigError with file:line on the first fault."""
    path = folder / FILE
    if not path.exists():
        return ()
    doc = load(path, SHAPE)
    out = []
    for raw in doc.value:
        items = tuple(FiledItem(i["name"], i.get("description", ""), tuple(i.get("columns", ()))) for i in raw["items"])
        kept = {k: v for k, v in raw.items() if k not in ("items", "by", "on", "onward")}
        out.append(FiledScenario(items=items, onward=tuple(raw.get("onward", ())), **kept))
    return tuple(out)


def record_filing(folder: Path, entry: Mapping[str, Any]) -> Path:
    """Put a filing into the file; one of the same id is replaced."""
    path = folder / FILE
    before = [e for e in _plain_entries(path) if e["id"] != entry["id"]]
    text = HEAD + yaml.safe_dump([*before, dict(entry)], allow_unicode=True, sort_keys=False, width=130)
    parse(text, SHAPE, str(path))
    replace_file(path, text)
    return path


def _plain_entries(path: Path) -> list[dict[str, Any]]:
    return list(load(path, SHAPE).value) if path.exists() else []


def read_items(file: Path, known: Sequence[str] = ()) -> list[dict[str, Any]]:
    """The data items of a filed table: the first table of an XLSX or DOCX that has a column 数据项名称.

    known: column ids; one named in 备注 or 内容描述 ties the item to it.
    """
    tables = _docx(file) if file.suffix.lower() == ".docx" else _xlsx(file)
    for rows in tables:
        for at, row in enumerate(rows[:10]):
            heads = [heading_key(c) for c in row]
            if "name" in heads:
                return _items(rows[at + 1:], heads, known, file)
    raise ConfigError(
        Msg("no table with the column 数据项名称"),
        where=str(file),
        hint=Msg("the six-column data-item table of the filing is needed"),
    )


def heading_key(cell: str) -> str:
    return next((key for key, names in NAMES.items() if bare_name(cell) in {bare_name(n) for n in names}), "")


def _items(rows: Sequence[Sequence[str]], heads: Sequence[str], known: Sequence[str], file: Path) -> list[dict[str, Any]]:
    out: list[dict[str, Any]] = []
    seen: set[str] = set()
    for row in rows:
        cells = {h: c.strip() for h, c in zip(heads, row, strict=False) if h}
        name = cells.get("name", "")
        if not name or bare_name(name) in seen:
            continue
        seen.add(bare_name(name))
        told = " ".join((cells.get("remarks", ""), cells.get("description", "")))
        columns = [w for w in re.split(r"[\s,，;；、：:]+", told) if w in known]
        out.append({"name": name, **({"description": cells["description"]} if cells.get("description") else {}),
                    **({"columns": columns} if columns else {})})
    if not out:
        raise ConfigError(Msg("the data-item table is empty"), where=str(file))
    return out


def _xlsx(file: Path) -> list[list[list[str]]]:
    sheets = open_workbook(file, ConfigError).worksheets
    return [[["" if c is None else str(c) for c in row] for row in sheet.iter_rows(values_only=True)] for sheet in sheets]


def _docx(file: Path) -> list[list[list[str]]]:
    import docx

    try:
        document = docx.Document(str(file))
    except Exception:  # python-docx raises many kinds for what is no document
        raise ConfigError(Msg("not a DOCX document"), where=str(file)) from None
    return [[[cell.text for cell in row.cells] for row in table.rows] for table in document.tables]


def filing_entry(
    id: str, kind: str, flow: Any, items: Sequence[Mapping[str, Any]], by: str, on: date, **more: Any
) -> dict[str, Any]:
    """A filing about a flow. more: persons, sensitive, retention_days, valid_until; what is None is left out."""
    if kind not in get_args(ProcedureKind):
        raise ConfigError(
            Msg('no kind of filing "{name}"', name=kind),
            hint=nearest(kind, get_args(ProcedureKind)) or Msg("one of: {names}", names=tuple(get_args(ProcedureKind))),
        )
    return {"id": id, "kind": kind, "entity": flow.entity, "recipient": flow.recipient.name, "purpose": flow.purpose, "flow": flow.id,
            "mode": flow.mode, "items": [dict(i) for i in items], **{k: v for k, v in more.items() if v is not None},
            **({"onward": list(flow.onward)} if flow.onward else {}), "by": by, "on": on}
