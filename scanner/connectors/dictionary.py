"""A data dictionary (table, column, comment, type) laid over a source, or scanned as a source of its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from detectors.errors import SourceError
from detectors.input_files import check_regular
from detectors.masking import mask_people
from detectors.message import Msg, Text
from detectors.model import ColumnInfo, Skipped, TableInfo, TableRef
from detectors.redaction import redact
from scanner.connectors.dictionary_rows import DictionaryRow, Grid, GridReader, grids
from scanner.connectors.files.errors import reader_errors
from scanner.connectors.protocol import Sample, Where

STRANGERS = 0.5                               # share of rows that fit nothing, from which on it is said
_YES = ("1", "y", "yes", "true", "是", "pk")


@dataclass(slots=True)
class DescribedTable:
    """A table of a dictionary, with its columns in order."""

    name: str
    comment: str
    columns: list[ColumnInfo] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Dictionary:
    """Tables by their names without case. nameless: rows that name no table and are none of it.

    contrary: rows that say another thing of a column than an earlier one, which counts.
    """

    tables: Mapping[str, DescribedTable]
    nameless: int = 0
    contrary: int = 0


def load_dictionary(path: Path) -> Dictionary:
    """Read CSV, XLSX or JSON. Raise SourceError when it cannot be read or has no headings."""
    where = redact(str(path))
    if not path.exists():
        raise SourceError(Msg("no such data dictionary"), where=where)
    check_regular(path, where)
    reader = GridReader()
    with reader_errors(where):
        if path.suffix.lower() == ".json":
            rows: list[DictionaryRow] = list(_rows_of_json(_json_of(path, where), reader))
        else:
            rows = [row for grid in grids(path) for row in reader.read(grid)]
    if not reader.has_headings:
        raise SourceError(Msg("no headings for table and column"), where=where,
                          hint=Msg("name them table, column, comment, type (or 表名, 字段名, 注释, 类型)"))
    return _collect(rows, reader.nameless)


def _json_of(path: Path, where: str) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError):
        raise SourceError(Msg("not JSON in UTF-8"), where=where) from None


def _rows_of_json(content: Any, reader: GridReader) -> Iterator[DictionaryRow]:
    """Yield the rows of a list of rows, or of an object with `tables`."""
    if isinstance(content, list):
        rows = [row for row in content if isinstance(row, dict)]
        headings = list(dict.fromkeys(str(key) for row in rows for key in row))
        cells = [["" if row.get(key) is None else str(row.get(key)) for key in headings] for row in rows]
        yield from reader.read(Grid("", [headings, *cells]))
        reader.nameless += len(content) - len(rows)
        return
    tables = content.get("tables") if isinstance(content, dict) else None
    for table in tables if isinstance(tables, list) else ():
        reader.has_headings = True
        about = table if isinstance(table, dict) else {}
        columns = about.get("columns")
        name, comment = str(about.get("name") or ""), str(about.get("comment") or "")
        if name and not columns:
            yield {"table": name, "comment": comment}
        for column in columns if isinstance(columns, list) else ():
            if not name or not isinstance(column, dict) or not column.get("name"):
                reader.nameless += 1
                continue
            yield {"table": name, "table_comment": comment, "column": column["name"],
                   "comment": column.get("comment") or "", "type": column.get("type") or "",
                   "pk": bool(column.get("pk"))}


def _collect(rows: Iterable[DictionaryRow], nameless: int) -> Dictionary:
    tables: dict[str, DescribedTable] = {}
    contrary = 0
    for row in rows:
        name, column = _text(row, "table"), _text(row, "column")
        comment = str(row.get("table_comment") or ("" if column else row.get("comment")) or "")
        table = tables.setdefault(name.casefold(), DescribedTable(name, comment))
        table.comment = table.comment or comment
        earlier = [c for c in table.columns if c.name.casefold() == column.casefold()]
        if not column or earlier:             # a row for the table itself, or one that stands twice
            contrary += any(str(row.get("comment") or c.comment) != c.comment for c in earlier)
            continue
        is_key = row.get("pk") is True or _text(row, "pk").lower() in _YES
        table.columns.append(
            ColumnInfo(column, str(row.get("type") or ""), str(row.get("comment") or ""), primary_key=is_key))
    return Dictionary(tables, nameless, contrary)


def rows_lost(dictionary: Dictionary, file: str) -> Iterator[Skipped]:
    """Yield what is said of a dictionary with rows that could not be laid over any table."""
    if dictionary.nameless:
        reason = Msg.plural("{n:,} row names no table", "{n:,} rows name no table", n=dictionary.nameless)
        yield Skipped(f"dictionary {file}", reason, Msg("write the name of the table beside each column"))
    if dictionary.contrary:
        reason = Msg.plural("{n:,} row says another thing of a column than an earlier row, which counts",
                            "{n:,} rows say another thing of a column than an earlier row, which counts",
                            n=dictionary.contrary)
        yield Skipped(f"dictionary {file}", reason, Msg("say one thing of each column"))


def unread_dictionary(error: SourceError, file: str) -> Skipped:
    """Return what is said of a dictionary that cannot be read; its source is read without it."""
    return Skipped(f"dictionary {file}", Msg("{said}; its comments are missing", said=error.what), error.hint)


def _text(row: DictionaryRow, key: str) -> str:
    return str(row.get(key) or "").strip()


def _described(info: TableInfo, dictionary: Dictionary) -> DescribedTable | None:
    names = (f"{info.ref.schema}.{info.ref.name}", info.ref.name)
    return next((dictionary.tables[n.casefold()] for n in names if n.casefold() in dictionary.tables), None)


class DictionaryFit:
    """Which rows of a dictionary name a table or column of the source it is laid over."""

    def __init__(self, dictionary: Dictionary) -> None:
        self.dictionary = dictionary
        self._fitting: dict[str, set[str]] = {}          # columns without case, by table

    def note(self, info: TableInfo) -> None:
        """Note a table of the source."""
        table = _described(info, self.dictionary)
        if table is not None:
            names = {column.name.casefold() for column in info.columns}
            self._fitting.setdefault(table.name.casefold(), set()).update(names)

    def losses(self, file: str) -> Iterator[Skipped]:
        """Yield what is said of rows that fit nothing, if they are half of all, and of unknown columns."""
        tables, columns, total = self._strangers()
        if total and tables + columns >= STRANGERS * total:
            reason = Msg.plural("{n:,} row of {total:,} names no table or column of this source",
                                "{n:,} rows of {total:,} name no table or column of this source",
                                n=tables + columns, total=total)
            yield Skipped(f"dictionary {file}", reason, Msg("is it the dictionary of this source?"))
        elif columns:
            reason = Msg.plural("{n:,} row of {total:,} names a column that its table does not have",
                                "{n:,} rows of {total:,} name columns that their tables do not have",
                                n=columns, total=total)
            yield Skipped(f"dictionary {file}", reason, Msg("correct the names of these columns"))

    def notes(self, file: str) -> tuple[Text, ...]:
        """Return what is said of fewer rows than that whose tables may be those of another system."""
        tables, columns, total = self._strangers()
        if not tables or tables + columns >= STRANGERS * total:
            return ()
        return (Msg.plural("{file}: {n:,} row of {total:,} is of a table that is not in this source",
                           "{file}: {n:,} rows of {total:,} are of tables that are not in this source",
                           n=tables, total=total, file=file),)

    def _strangers(self) -> tuple[int, int, int]:
        """Return rows of tables that the source lacks, of columns that its tables lack, and all rows."""
        tables = columns = total = 0
        for key, table in self.dictionary.tables.items():
            fitting = self._fitting.get(key)
            rows = max(len(table.columns), 1)
            total += rows
            if fitting is None:
                tables += rows
            else:
                columns += sum(c.name.casefold() not in fitting for c in table.columns)
        return tables, columns, total


def overlay(info: TableInfo, dictionary: Dictionary) -> TableInfo:
    """Return the table with comments (and keys) it lacks from the dictionary; names compare without case."""
    table = _described(info, dictionary)
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

    def __init__(self, path: Path, name: str, load: Callable[[Path], Dictionary] = load_dictionary) -> None:
        self._dictionary = load(path)
        self._name, self._file = name, mask_people(path.name)

    def tables(self) -> Iterator[TableInfo | Skipped]:
        for table in sorted(self._dictionary.tables.values(), key=lambda t: t.name):
            yield TableInfo(TableRef(table.name), tuple(table.columns), table.comment, kind="dictionary")
        yield from rows_lost(self._dictionary, self._file)

    def sample(self, ref: TableRef, columns: Sequence[str], rows: int, seed: int) -> Sample:
        raise SourceError(Msg("a dictionary has no rows"), where=f"{self._name}/{ref.name}")

    def read(self, ref: TableRef, columns: Sequence[str], where: Where) -> Any:
        raise SourceError(Msg("a dictionary has no rows"), where=f"{self._name}/{ref.name}",
                          hint=Msg("state declared counts in the flow"))

    def plan(self, ref: TableRef, columns: Sequence[str], rows: int, seed: int) -> str:
        return Msg("nothing to read")

    def close(self) -> None:
        """Nothing is open."""
