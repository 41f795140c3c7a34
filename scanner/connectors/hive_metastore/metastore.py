"""Hive's metastore as a list of tables, in bulk from its database or by Thrift: names, comments, owners, statistics, partitions.

Minima and maxima that a metastore keeps of columns are values; they are not asked for.
Sources: package.jdo and hive_metastore.thrift of Apache Hive 2.3; HiveExternalCatalog of Apache Spark for columns kept as parameters.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

from detectors.message import Msg
from detectors.model import ColumnInfo, Rows, Skipped, TableInfo, TableRef
from scanner.connectors.hive_metastore.records import SCHEMA, Column, Entry, count, is_placeholder
from scanner.connectors.protocol import Access

OUTLINED = 5_000                              # tables asked for at a time where their columns are not
_SPARK_TYPES = {"integer": "int", "long": "bigint", "short": "smallint", "byte": "tinyint"}


class Reader(Protocol):
    """One way into a metastore."""

    refused: list[Skipped]                    # what it would not tell, so far

    def names(self) -> Iterator[tuple[str, str, Any]]:
        """(database, table, what `entries` finds it by) of every table."""

    def entries(self, found: Sequence[tuple[str, str, Any]]) -> Iterator[Entry]:
        """What it says of these, in their order, `PAGE` at a time; tables dropped meanwhile are left out."""

    def close(self) -> None:
        """May be called twice."""


class Metastore:
    """Every table of a metastore, `PAGE` tables in memory at a time."""

    def __init__(
        self, url: str, access: Access, wants: Callable[[str, str], bool] = lambda schema, table: True,
    ) -> None:
        """url: thrift://host:9083 (several, with commas, for a pair that stands in for each other), or the URL of the metastore's database.

        wants(database, table): tables it refuses are not asked for. options: `metastore_auth` and `kerberos_service_name` for Thrift,
        `catalog` where a database holds several, else what its driver takes.
        """
        self._name = access.name
        self._wants = wants
        self._reader = _reader(url, access)

    def tables(self) -> Iterator[TableInfo | Skipped]:
        """Tables and views in order of database and name; where a table keeps its columns elsewhere, that as a Skipped."""
        yield from self._described(self._names())
        yield from self._reader.refused

    @property
    def can_outline(self) -> bool:
        """A database can be asked for some columns of a record, Thrift gives all of it."""
        return hasattr(self._reader, "outlines")

    def outlines(self) -> Iterator[tuple[TableRef, str]]:
        """Every table with a mark of its definition, statistics, owner and number of partitions.

        Statistics of partitions are left out: they take longer than all else. What is written into a partition that was there before is
        noted with the next change of the table.
        """
        found = self._names()
        for start in range(0, len(found), OUTLINED):
            for entry in self._reader.outlines(found[start:start + OUTLINED]):       # type: ignore[attr-defined]
                parts = (entry.parts.count, entry.parts.made) if entry.parts else ()
                told = json.dumps([entry.descriptor, sorted(entry.parameters.items()), entry.made, entry.accessed, entry.owner, entry.kind,
                                   entry.definition, parts])
                yield TableRef(entry.name, entry.schema), hashlib.sha256(told.encode()).hexdigest()[:32]

    def described(self, refs: Collection[TableRef]) -> Iterator[TableInfo | Skipped]:
        """Some of the tables, as `tables` lists them."""
        yield from self._described([n for n in self._names() if TableRef(n[1], n[0]) in refs])

    def _names(self) -> list[tuple[str, str, Any]]:
        return sorted((n for n in self._reader.names() if self._wants(n[0], n[1])), key=lambda n: n[:2])

    def _described(self, found: Sequence[tuple[str, str, Any]]) -> Iterator[TableInfo | Skipped]:
        yield from (table_info(entry, self._name) for entry in self._reader.entries(found))

    def close(self) -> None:
        self._reader.close()


def _reader(url: str, access: Access) -> Reader:
    if url.startswith("thrift://"):
        from scanner.connectors.hive_metastore.thrift import ThriftReader

        return ThriftReader(url, access)
    from scanner.connectors.hive_metastore.database import DatabaseReader

    return DatabaseReader(url, access)


def table_info(entry: Entry, source: str) -> TableInfo | Skipped:
    """An entry as the rest of the house knows tables."""
    ref = TableRef(entry.name, entry.schema)
    columns, keys = list(entry.columns), list(entry.keys)
    if is_placeholder(columns):
        columns = spark_columns(entry.parameters)
        keyed = [entry.parameters[k] for k in sorted((k for k in entry.parameters if k.startswith(f"{SCHEMA}.partCol.")), key=_number)]
        keys = keys or [c for k in keyed for c in columns if c[0] == k]
    names = {k[0] for k in keys}
    columns = [*(c for c in columns if c[0] not in names), *keys]
    if not columns:
        provider = entry.parameters.get("spark.sql.sources.provider") or entry.parameters.get("table_type") or "its files"
        return Skipped(
            ref.id(source),
            Msg("the metastore holds no columns of it; {provider} does", provider=provider),
            Msg("name its folder as a source of its own, or leave it to the listing of the source's URL"),
        )
    rows, size = _rows(entry)
    view = entry.kind in ("VIRTUAL_VIEW", "MATERIALIZED_VIEW")
    definition = entry.definition if view and not entry.definition.startswith("/* Presto") else ""
    return TableInfo(
        ref, tuple(ColumnInfo(n, t, "" if c == "from deserializer" else c, path=(n,)) for n, t, c in columns),
        entry.parameters.get("comment", ""), rows,
        "view" if view else "table", (), size, definition,
        "spark" if "spark.sql.create.version" in entry.parameters else "hive",
        _fingerprint(entry, columns, rows.high, size) if not view and _notices(entry) else "",
        partitioned_by=tuple(k[0] for k in keys), partitions=entry.parts.count if entry.parts and keys else 0 if keys else None,
        owner=entry.owner, accessed=_day(entry),
    )


def spark_columns(parameters: Mapping[str, str]) -> list[Column]:
    """Columns of the schema that Spark keeps in a table's parameters, whole or in numbered parts; none where there is none.

    >>> spark_columns({SCHEMA: '{"type":"struct","fields":[{"name":"id","type":"long","metadata":{"comment":"编号"}}]}'})
    [('id', 'bigint', '编号')]
    """
    parts = sorted((k for k in parameters if k.startswith(f"{SCHEMA}.part.")), key=_number)
    text = parameters.get(SCHEMA) or "".join(parameters[k] for k in parts)
    try:
        fields = json.loads(text)["fields"] if text else []
        return [(str(f["name"]), _spark_type(f["type"]), str(f.get("metadata", {}).get("comment", ""))) for f in fields]
    except (ValueError, KeyError, TypeError, AttributeError):          # cut off by the metastore's own limit, or not Spark's
        return []


def _number(key: str) -> int:
    last = key.rpartition(".")[2]
    return int(last) if last.isdigit() else 0


def _spark_type(kind: Any) -> str:
    if not isinstance(kind, dict):
        return _SPARK_TYPES.get(kind, str(kind))
    if kind["type"] == "struct":
        return "struct<" + ",".join(f"{f['name']}:{_spark_type(f['type'])}" for f in kind["fields"]) + ">"
    if kind["type"] == "array":
        return f"array<{_spark_type(kind['elementType'])}>"
    if kind["type"] == "map":
        return f"map<{_spark_type(kind['keyType'])},{_spark_type(kind['valueType'])}>"
    return str(kind["type"])


def _statistics(entry: Entry) -> tuple[int | None, int | None]:
    """(rows, bytes): the table's own, or those of its partitions. 0 rows beside some bytes is Hive's way of not knowing."""
    def of(name: str, parts: int | None) -> int | None:
        own = [count(entry.parameters.get(k)) for k in (name, f"spark.sql.statistics.{name}")]
        return next((n for n in (*own, parts) if n), next((n for n in (*own, parts) if n is not None), None))

    rows = of("numRows", entry.parts.rows if entry.parts else None)
    size = of("totalSize", entry.parts.bytes if entry.parts else None)
    return (None if rows == 0 and size else rows), size


def _rows(entry: Entry) -> tuple[Rows, int | None]:
    rows, size = _statistics(entry)
    return Rows(0, rows, "statistics") if rows is not None else Rows(0, None, "unknown"), size


def _changed(entry: Entry) -> int:
    return count(entry.parameters.get("transient_lastDdlTime")) or 0


def _day(entry: Entry) -> str:
    """Day (UTC) of the last access or change that is known."""
    parts = (entry.parts.made, entry.parts.changed) if entry.parts else ()
    last = max(entry.accessed, entry.made, _changed(entry), *parts, 0)
    return datetime.fromtimestamp(last, UTC).date().isoformat() if last else ""


def _notices(entry: Entry) -> bool:
    """Does the metastore hear of new rows? Of Iceberg's always; Spark tells it only where it has statistics to correct; else as Hive does.

    Files that somebody puts beside it, and what Spark appends to a partition of a table that Hive made, it never hears of.
    """
    told = entry.parameters
    if "metadata_location" in told:
        return True
    if told.get("spark.sql.sources.provider", "").lower() in ("delta", "hudi", "paimon"):
        return False
    return "spark.sql.create.version" not in told or "spark.sql.statistics.totalSize" in told or "totalSize" in told


def _fingerprint(entry: Entry, columns: Sequence[Column], rows: int | None, size: int | None) -> str:
    parts = (entry.parts.count, entry.parts.made, entry.parts.changed) if entry.parts else ()
    told = json.dumps([columns, [k[0] for k in entry.keys], entry.parameters.get("comment", ""), entry.definition, entry.made,
                       _changed(entry), entry.parameters.get("metadata_location"), rows, size, parts], ensure_ascii=False)
    return hashlib.sha256(told.encode()).hexdigest()[:32]
