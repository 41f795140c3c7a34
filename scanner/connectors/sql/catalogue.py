"""From the rows of a database's own catalogue to tables: what the bulk listings of the dialects share."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from detectors.message import Msg
from detectors.model import ColumnInfo, ForeignKey, Rows, Skipped, TableInfo, TableRef
from detectors.surrogates import well_formed
from scanner.connectors.sql.dialects import valid_count

UNENCODED_NAME = (Msg("its name is in no known encoding"), Msg("rename it"))
TableKey = tuple[str, str]                    # schema as it stands in TableRef, table


@dataclass(frozen=True, slots=True)
class ListedTable:
    """A table as one row of the catalogue gives it, without its columns."""

    key: TableKey
    kind: Literal["table", "view"] = "table"
    comment: str = ""
    rows: Any = None
    bytes: Any = None
    definition: str = ""
    owner: str = ""
    accessed: str = ""
    partitioned_by: tuple[str, ...] = ()
    partitions: int | None = None
    fingerprint: str = ""


def _lists() -> Any:
    return field(default_factory=lambda: defaultdict(list))


@dataclass(slots=True)
class ColumnsAndKeys:
    """Columns in order, and keys, by table.

    foreign: (table, constraint) -> (column, target table, its column).
    """

    columns: dict[TableKey, list[ColumnInfo]] = _lists()
    primary: dict[TableKey, list[str]] = _lists()
    foreign: dict[tuple[TableKey, str], list[tuple[str, TableKey, str]]] = _lists()

    def add_columns(self, rows: Iterable[Sequence[Any]]) -> None:
        """rows: (schema, table, column, type, comment, may be null), columns in order."""
        for schema, table, name, kind, comment, nullable in rows:
            column = ColumnInfo(name, type_name(kind), comment or "", bool(nullable), False, (name,))
            self.columns[schema, table].append(column)

    def add_primary(self, rows: Iterable[Sequence[Any]]) -> None:
        """rows: (schema, table, column)."""
        for schema, table, name in rows:
            self.primary[schema, table].append(name)

    def add_foreign(self, rows: Iterable[Sequence[Any]]) -> None:
        """rows: (schema, table, constraint, column, target schema, target table, target column)."""
        for schema, table, constraint, column, *target, target_column in rows:
            link = (column, (target[0], target[1]), target_column)
            self.foreign[(schema, table), constraint].append(link)

    def tables(self, listed: Iterable[ListedTable], dialect: str) -> Iterator[TableInfo | Skipped]:
        """Yield each table with its columns, or that none can be seen. dialect: sqlglot's name of it."""
        foreign = self._foreign_keys()
        for table in listed:
            columns = self._columns(table.key)
            ref = TableRef(table.key[1], table.key[0])
            if not columns:
                yield _unseen(table, ref)
                continue
            rows = valid_count(table.rows)
            yield TableInfo(
                ref, columns, table.comment or "",
                Rows(0, None, "unknown") if rows is None else Rows(0, rows, "statistics"), table.kind,
                tuple(foreign.get(table.key, ())), valid_count(table.bytes), table.definition or "", dialect,
                table.fingerprint, partitioned_by=table.partitioned_by, partitions=table.partitions,
                owner=table.owner or "", accessed=table.accessed or "",
            )

    def _columns(self, key: TableKey) -> tuple[ColumnInfo, ...]:
        primary = set(self.primary.get(key, ()))
        columns = self.columns.get(key, ())
        return tuple(replace(c, primary_key=True) if c.name in primary else c for c in columns)

    def _foreign_keys(self) -> Mapping[TableKey, list[ForeignKey]]:
        keys: dict[TableKey, list[ForeignKey]] = defaultdict(list)
        for (table, _), links in sorted(self.foreign.items()):
            schema, name = links[0][1]
            keys[table].append(ForeignKey(
                tuple(column for column, _, _ in links), TableRef(name, schema),
                tuple(target_column for _, _, target_column in links)))
        return keys


def with_encoded_names(info: TableInfo | Skipped) -> Iterator[TableInfo | Skipped]:
    """Yield a table; what of it has a name in no known encoding, or the table itself, is skipped."""
    if isinstance(info, Skipped):
        yield replace(info, id=well_formed(info.id))
        return
    if not all(map(_is_encoded, (info.ref.schema, info.ref.name))):
        yield Skipped(well_formed(info.ref.id("")), *UNENCODED_NAME)
        return
    columns = []
    for column in info.columns:
        if _is_encoded(column.name):
            columns.append(replace(column, comment=well_formed(column.comment)))
        else:
            yield Skipped(well_formed(f"{info.ref.id('')}/{column.name}"), *UNENCODED_NAME)
    yield replace(info, columns=tuple(columns), comment=well_formed(info.comment),
                  definition=well_formed(info.definition))


def _is_encoded(name: str) -> bool:
    return well_formed(name) == name


def _unseen(table: ListedTable, ref: TableRef) -> Skipped:
    """Return why a table without visible columns is not read."""
    if table.kind == "view":
        return Skipped(ref.id(""), Msg("the view is broken, or none of its columns can be seen"),
                       Msg("repair or drop the view, or GRANT SELECT on it to this account"))
    return Skipped(ref.id(""), Msg("no column of it can be seen"), Msg("GRANT SELECT on it to this account"))


def type_name(kind: Any) -> str:
    """Return a type in lower case; the values of an enum are data and stay where they are.

    >>> type_name("ENUM('a', 'b')"), type_name("VARCHAR(20)")
    ('enum', 'varchar(20)')
    """
    return re.sub(r"\b(enum(?:8|16)?|set)\s*\('.*?'[^']*\)", r"\1", str(kind or "").lower())
