"""A data dictionary (table, column, comment, type) laid over a source, or scanned alone where data cannot be reached."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from detectors.errors import SourceError
from detectors.message import Msg
from detectors.model import ColumnInfo, Skipped, TableInfo, TableRef

HEADINGS = {
    "table": ("table", "table_name", "表", "表名", "表英文名", "数据表", "tablename"),
    "table_comment": ("table_comment", "表注释", "表中文名", "表说明", "表描述"),
    "column": ("column", "column_name", "field", "字段", "字段名", "字段英文名", "列名", "columnname"),
    "comment": ("comment", "column_comment", "description", "字段注释", "字段说明", "字段中文名", "注释", "说明", "描述", "中文名", "备注"),
    "type": ("type", "data_type", "类型", "字段类型", "数据类型"),
    "pk": ("pk", "primary_key", "主键", "是否主键"),
}


@dataclass(frozen=True, slots=True)
class Dictionary:
    """Tables by folded name: comment, and columns in order."""

    tables: Mapping[str, tuple[str, str, tuple[ColumnInfo, ...]]]     # folded name -> (name, comment, columns)


def load_dictionary(path: Path) -> Dictionary:
    """Read CSV, XLSX or JSON; SourceError when it cannot be read or has no table and column headings."""
    if not path.exists():
        raise SourceError(Msg("no such data dictionary"), where=str(path))
    if path.suffix.lower() == ".json":
        try:
            raw = json.loads(path.read_text(encoding="utf-8-sig"))
        except (OSError, ValueError):
            raise SourceError(Msg("not JSON in UTF-8"), where=str(path)) from None
        return _collect(_from_json(raw))
    return _collect(_from_rows(path))


def _from_json(raw: Any) -> Iterator[dict[str, Any]]:
    tables = raw["tables"] if isinstance(raw, dict) and "tables" in raw else []
    for table in tables:
        for c in table.get("columns", ()):
            yield {
                "table": table["name"],
                "table_comment": table.get("comment") or "",
                "column": c["name"],
                "comment": c.get("comment") or "",
                "type": c.get("type") or "",
                "pk": bool(c.get("pk")),
            }
    if isinstance(raw, list):
        for row in raw:
            yield _named(row)


def _named(row: Mapping[str, Any]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for field, words in HEADINGS.items():
        for heading, value in row.items():
            if str(heading).strip().lower() in words and field not in out:
                out[field] = value
    return out


def _from_rows(path: Path) -> Iterator[dict[str, Any]]:
    from scanner.connectors.files.source import open_path

    connector = open_path(str(path), "dictionary")
    found = False
    for info in connector.tables():
        if isinstance(info, Skipped):
            raise SourceError(info.reason, hint=info.hint)
        headings = [c.name for c in info.columns]
        if not {"table", "column"} <= set(_named(dict.fromkeys(headings, "x"))):
            continue
        found = True
        for batch in connector.read(info.ref, headings, {}):
            for row in batch.to_pylist():
                yield _named(row)
    if not found:
        raise SourceError(
            Msg("no headings for table and column"),
            where=str(path),
            hint=Msg("name them table, column, comment, type (or 表名, 字段名, 注释, 类型)"),
        )


def _collect(rows: Iterator[dict[str, Any]]) -> Dictionary:
    tables: dict[str, tuple[str, str, list[ColumnInfo]]] = {}
    for row in rows:
        table, column = str(row.get("table") or "").strip(), str(row.get("column") or "").strip()
        if not table:
            continue
        about = str(row.get("table_comment") or ("" if column else row.get("comment")) or "")
        entry = tables.setdefault(table.casefold(), (table, about, []))
        if about and not entry[1]:
            entry = tables[table.casefold()] = (entry[0], about, entry[2])
        if not column:                        # a row for the table itself
            continue
        pk = row.get("pk") is True or str(row.get("pk") or "").strip().lower() in ("1", "y", "yes", "true", "是", "pk")
        entry[2].append(ColumnInfo(column, str(row.get("type") or ""), str(row.get("comment") or ""), primary_key=pk))
    return Dictionary({k: (n, c, tuple(cs)) for k, (n, c, cs) in tables.items()})


def overlay(info: TableInfo, dictionary: Dictionary) -> TableInfo:
    """The table with comments (and keys) it lacks taken from the dictionary; names compare without case."""
    entry = dictionary.tables.get(info.ref.name.casefold())
    if entry is None:
        return info
    notes = {c.name.casefold(): c for c in entry[2]}
    columns = tuple(
        replace(c, comment=c.comment or n.comment, primary_key=c.primary_key or n.primary_key) if (n := notes.get(c.name.casefold())) else c
        for c in info.columns
    )
    return replace(info, columns=columns, comment=info.comment or entry[1])


class DictionaryConnector:
    """A dictionary as a source of its own: names and comments, no rows."""

    def __init__(self, path: Path, name: str) -> None:
        self._dictionary = load_dictionary(path)
        self._name = name

    def tables(self) -> Iterator[TableInfo | Skipped]:
        for name, comment, columns in sorted(self._dictionary.tables.values(), key=lambda t: t[0]):
            yield TableInfo(TableRef(name), columns, comment, kind="dictionary")

    def sample(self, ref: TableRef, columns: Sequence[str], rows: int, seed: int) -> Any:
        raise SourceError(Msg("a dictionary has no rows"), where=f"{self._name}/{ref.name}")

    def read(self, ref: TableRef, columns: Sequence[str], where: Any) -> Any:
        raise SourceError(
            Msg("a dictionary has no rows"),
            where=f"{self._name}/{ref.name}",
            hint=Msg("state declared counts in the flow"),
        )

    def plan(self, ref: TableRef, columns: Sequence[str], rows: int, seed: int) -> str:
        return Msg("nothing to read")

    def close(self) -> None:
        """Nothing is open."""
