"""A data dictionary (table, column, comment, type) laid over a source, or scanned as a source of its own."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from detectors.errors import SourceError
from detectors.input_files import check_regular
from detectors.message import Msg
from detectors.model import ColumnInfo, Skipped, TableInfo, TableRef
from detectors.redaction import redact
from scanner.connectors.protocol import Sample, Where

HEADINGS = {                                  # what a row says -> how columns that say it are headed
    "table": ("table", "table_name", "表", "表名", "表英文名", "数据表", "tablename"),
    "table_comment": ("table_comment", "表注释", "表中文名", "表说明", "表描述"),
    "column": ("column", "column_name", "field", "字段", "字段名", "字段英文名", "列名", "columnname"),
    "comment": ("comment", "column_comment", "description", "字段注释", "字段说明", "字段中文名", "注释",
                "说明", "描述", "中文名", "备注"),
    "type": ("type", "data_type", "类型", "字段类型", "数据类型"),
    "pk": ("pk", "primary_key", "主键", "是否主键"),
}
_YES = ("1", "y", "yes", "true", "是", "pk")
_DictionaryRow = Mapping[str, Any]                      # by the keys of HEADINGS


@dataclass(slots=True)
class DescribedTable:
    """A table of a dictionary, with its columns in order."""

    name: str
    comment: str
    columns: list[ColumnInfo] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Dictionary:
    """Tables by their names without case."""

    tables: Mapping[str, DescribedTable]


def load_dictionary(path: Path) -> Dictionary:
    """Read CSV, XLSX or JSON. Raise SourceError when it cannot be read or has no headings."""
    where = redact(str(path))
    if not path.exists():
        raise SourceError(Msg("no such data dictionary"), where=where)
    check_regular(path, where)
    if path.suffix.lower() == ".json":
        try:
            content = json.loads(path.read_text(encoding="utf-8-sig"))
        except (OSError, ValueError):
            raise SourceError(Msg("not JSON in UTF-8"), where=where) from None
        return _collect(_rows_of_json(content))
    return _collect(_rows_of_sheet(path))


def _rows_of_json(content: Any) -> Iterator[_DictionaryRow]:
    """Yield the rows of a list of rows, or of an object with `tables`."""
    if isinstance(content, list):
        for row in content:
            yield _by_heading(row)
    elif isinstance(content, dict):
        for table in content.get("tables", ()):
            for column in table.get("columns", ()):
                yield {
                    "table": table["name"],
                    "table_comment": table.get("comment") or "",
                    "column": column["name"],
                    "comment": column.get("comment") or "",
                    "type": column.get("type") or "",
                    "pk": bool(column.get("pk")),
                }


def _by_heading(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row by the keys of HEADINGS; of several columns that say the same, the first."""
    values: dict[str, Any] = {}
    for key, headings in HEADINGS.items():
        for heading, value in row.items():
            if str(heading).strip().lower() in headings and key not in values:
                values[key] = value
    return values


def _rows_of_sheet(path: Path) -> Iterator[_DictionaryRow]:
    """Yield the rows of every sheet with headings. Raise SourceError where there is none."""
    from scanner.connectors.files.source import open_path

    connector = open_path(str(path), "dictionary")
    has_headings = False
    for info in connector.tables():
        if isinstance(info, Skipped):
            raise SourceError(info.reason, hint=info.hint)
        headings = [c.name for c in info.columns]
        if not {"table", "column"} <= set(_by_heading(dict.fromkeys(headings))):
            continue
        has_headings = True
        for batch in connector.read(info.ref, headings, {}):
            for row in batch.to_pylist():
                yield _by_heading(row)
    if not has_headings:
        raise SourceError(Msg("no headings for table and column"), where=redact(str(path)),
                          hint=Msg("name them table, column, comment, type (or 表名, 字段名, 注释, 类型)"))


def _collect(rows: Iterable[_DictionaryRow]) -> Dictionary:
    tables: dict[str, DescribedTable] = {}
    for row in rows:
        name, column = _text(row, "table"), _text(row, "column")
        if not name:
            continue
        comment = str(row.get("table_comment") or ("" if column else row.get("comment")) or "")
        table = tables.setdefault(name.casefold(), DescribedTable(name, comment))
        table.comment = table.comment or comment
        if not column:                        # a row for the table itself
            continue
        is_key = row.get("pk") is True or _text(row, "pk").lower() in _YES
        table.columns.append(
            ColumnInfo(column, str(row.get("type") or ""), str(row.get("comment") or ""), primary_key=is_key))
    return Dictionary(tables)


def _text(row: _DictionaryRow, key: str) -> str:
    return str(row.get(key) or "").strip()


def overlay(info: TableInfo, dictionary: Dictionary) -> TableInfo:
    """Return the table with comments (and keys) it lacks from the dictionary; names compare without case."""
    table = dictionary.tables.get(info.ref.name.casefold())
    if table is None:
        return info
    described = {c.name.casefold(): c for c in table.columns}
    columns = tuple(_overlay_column(c, described.get(c.name.casefold(), c)) for c in info.columns)
    return replace(info, columns=columns, comment=info.comment or table.comment)


def _overlay_column(column: ColumnInfo, described: ColumnInfo) -> ColumnInfo:
    return replace(column, comment=column.comment or described.comment,
                   primary_key=column.primary_key or described.primary_key)


class DictionaryConnector:
    """A dictionary as a source of its own: names and comments, no rows."""

    def __init__(self, path: Path, name: str) -> None:
        self._dictionary = load_dictionary(path)
        self._name = name

    def tables(self) -> Iterator[TableInfo | Skipped]:
        for table in sorted(self._dictionary.tables.values(), key=lambda t: t.name):
            yield TableInfo(TableRef(table.name), tuple(table.columns), table.comment, kind="dictionary")

    def sample(self, ref: TableRef, columns: Sequence[str], rows: int, seed: int) -> Sample:
        raise SourceError(Msg("a dictionary has no rows"), where=f"{self._name}/{ref.name}")

    def read(self, ref: TableRef, columns: Sequence[str], where: Where) -> Any:
        raise SourceError(Msg("a dictionary has no rows"), where=f"{self._name}/{ref.name}",
                          hint=Msg("state declared counts in the flow"))

    def plan(self, ref: TableRef, columns: Sequence[str], rows: int, seed: int) -> str:
        return Msg("nothing to read")

    def close(self) -> None:
        """Nothing is open."""
