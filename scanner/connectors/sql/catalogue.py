"""From the rows of a database's own catalogue to tables: what the bulk listings of the dialects share."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from detectors.message import Msg
from detectors.model import ColumnInfo, ForeignKey, Rows, Skipped, TableInfo, TableRef
from scanner.connectors.sql.dialects import whole

At = tuple[str, str]                          # schema as it stands in TableRef, table


@dataclass(frozen=True, slots=True)
class Listed:
    """A table as one row of the catalogue gives it, without its columns."""

    at: At
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


@dataclass(slots=True)
class Catalogue:
    """Columns in order, and keys, by table."""

    columns: dict[At, list[ColumnInfo]] = field(default_factory=lambda: defaultdict(list))
    primary: dict[At, list[str]] = field(default_factory=lambda: defaultdict(list))
    foreign: dict[tuple[At, str], list[tuple[str, At, str]]] = field(default_factory=lambda: defaultdict(list))

    def add_columns(self, rows: Iterable[Sequence[Any]]) -> None:
        """rows: (schema, table, column, type, comment, may be null), columns in order."""
        for schema, table, name, kind, comment, nullable in rows:
            self.columns[schema, table].append(ColumnInfo(name, _type(kind), comment or "", bool(nullable), False, (name,)))

    def add_primary(self, rows: Iterable[Sequence[Any]]) -> None:
        """rows: (schema, table, column)."""
        for schema, table, name in rows:
            self.primary[schema, table].append(name)

    def add_foreign(self, rows: Iterable[Sequence[Any]]) -> None:
        """rows: (schema, table, constraint, column, target schema, target table, target column)."""
        for schema, table, constraint, column, *target, target_column in rows:
            self.foreign[(schema, table), constraint].append((column, (target[0], target[1]), target_column))

    def tables(self, listed: Iterable[Listed], dialect: str) -> Iterator[TableInfo | Skipped]:
        """Each table with its columns, or that none can be seen."""
        foreign: Mapping[At, list[ForeignKey]] = defaultdict(list)
        for (at, _), links in sorted(self.foreign.items()):
            foreign[at].append(ForeignKey(tuple(c for c, _, _ in links), TableRef(links[0][1][1], links[0][1][0]),
                                          tuple(t for _, _, t in links)))
        for t in listed:
            columns = self.columns.get(t.at)
            if not columns:
                broken = t.kind == "view"
                yield Skipped(
                    TableRef(t.at[1], t.at[0]).id(""),
                    Msg("its definition cannot be read") if broken else Msg("no column of it can be seen"),
                    Msg("repair or drop the view") if broken else Msg("GRANT SELECT on it to this account"),
                )
                continue
            key = set(self.primary.get(t.at, ()))
            rows = whole(t.rows)
            yield TableInfo(
                TableRef(t.at[1], t.at[0]),
                tuple(ColumnInfo(c.name, c.type, c.comment, c.nullable, True, c.path) if c.name in key else c for c in columns),
                t.comment or "", Rows(0, None, "unknown") if rows is None else Rows(0, rows, "statistics"), t.kind,
                tuple(foreign.get(t.at, ())), whole(t.bytes), t.definition or "", dialect, t.fingerprint,
                partitioned_by=t.partitioned_by, partitions=t.partitions, owner=t.owner or "", accessed=t.accessed or "",
            )


def _type(kind: Any) -> str:
    """A type in lower case; the values of an enum are data and stay where they are.

    >>> _type("ENUM('a', 'b')"), _type("VARCHAR(20)")
    ('enum', 'varchar(20)')
    """
    return re.sub(r"\b(enum(?:8|16)?|set)\s*\('.*?'[^']*\)", r"\1", str(kind or "").lower())
