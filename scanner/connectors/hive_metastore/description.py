"""From what a metastore has of a table to a `TableInfo`: columns, statistics, the day of the last change."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from detectors.message import Msg
from detectors.model import ColumnInfo, Rows, Skipped, TableInfo, TableRef
from scanner.connectors.hive_metastore.records import (
    SPARK_SCHEMA,
    MetastoreColumn,
    MetastoreTable,
    is_placeholder,
    parse_count,
)

# Spark's name of a type -> Hive's
_SPARK_TYPES = {"integer": "int", "long": "bigint", "short": "smallint", "byte": "tinyint"}
_VIEWS = ("VIRTUAL_VIEW", "MATERIALIZED_VIEW")
_SILENT = ("delta", "hudi", "paimon")         # formats whose writers do not tell the metastore of new rows


def table_info(table: MetastoreTable, source: str) -> TableInfo | Skipped:
    """Return a table as all connectors list it; Skipped where the metastore holds no columns of it."""
    ref = TableRef(table.name, table.schema)
    columns, keys = _columns_and_keys(table)
    if not columns:
        parameters = table.parameters
        provider = parameters.get("spark.sql.sources.provider") or parameters.get("table_type") or "its files"
        return Skipped(
            ref.id(source),
            Msg("the metastore holds no columns of it; {provider} does", provider=provider),
            Msg("name its folder as a source of its own, or leave it to the listing of the source's URL"),
        )
    is_view = table.kind in _VIEWS
    is_readable = is_view and not table.definition.startswith("/* Presto")
    rows, size = _statistics(table)
    partitions = (table.partitions.count if table.partitions else 0) if keys else None
    return TableInfo(
        ref, tuple(_column_info(column) for column in columns), table.parameters.get("comment", ""),
        Rows(0, rows, "statistics") if rows is not None else Rows(0, None, "unknown"),
        "view" if is_view else "table", bytes=size,
        definition=table.definition if is_readable else "",
        dialect="spark" if "spark.sql.create.version" in table.parameters else "hive",
        fingerprint=(
            _fingerprint(table, columns, rows, size) if not is_view and _can_notice_rows(table) else ""
        ),
        partitioned_by=tuple(name for name, _, _ in keys), partitions=partitions,
        owner=table.owner, accessed=_last_day(table),
    )


def _columns_and_keys(table: MetastoreTable) -> tuple[list[MetastoreColumn], list[MetastoreColumn]]:
    """Return all columns, the partition keys last, and the partition keys."""
    columns, keys = list(table.columns), list(table.keys)
    if is_placeholder(columns):
        columns = spark_columns(table.parameters)
        if not keys:
            name_keys = _numbered_keys(table.parameters, f"{SPARK_SCHEMA}.partCol.")
            names = [table.parameters[key] for key in name_keys]
            keys = [column for name in names for column in columns if column[0] == name]
    key_names = {name for name, _, _ in keys}
    return [*(column for column in columns if column[0] not in key_names), *keys], keys


def _column_info(column: MetastoreColumn) -> ColumnInfo:
    name, kind, comment = column
    return ColumnInfo(name, kind, "" if comment == "from deserializer" else comment, path=(name,))


def spark_columns(parameters: Mapping[str, str]) -> list[MetastoreColumn]:
    """Return the columns of the schema that Spark stores in a table's parameters, whole or in numbered parts.

    >>> field = {"name": "id", "type": "long", "metadata": {"comment": "编号"}}
    >>> spark_columns({SPARK_SCHEMA: json.dumps({"type": "struct", "fields": [field]})})
    [('id', 'bigint', '编号')]
    >>> spark_columns({})
    []
    """
    parts = _numbered_keys(parameters, f"{SPARK_SCHEMA}.part.")
    text = parameters.get(SPARK_SCHEMA) or "".join(parameters[key] for key in parts)
    try:
        fields = json.loads(text)["fields"] if text else []
        return [(str(f["name"]), _hive_type(f["type"]), str(f.get("metadata", {}).get("comment", "")))
                for f in fields]
    except (ValueError, KeyError, TypeError, AttributeError):
        return []                             # cut off by the metastore, or not Spark's


def _numbered_keys(parameters: Mapping[str, str], prefix: str) -> list[str]:
    """Return the keys that begin so and end in a number, by this number."""
    def number(key: str) -> int:
        last = key.rpartition(".")[2]
        return int(last) if last.isdigit() else 0

    return sorted((key for key in parameters if key.startswith(prefix)), key=number)


def _hive_type(kind: Any) -> str:
    """Return Hive's word for a type of Spark's schema."""
    if not isinstance(kind, dict):
        return _SPARK_TYPES.get(kind, str(kind))
    if kind["type"] == "struct":
        return "struct<" + ",".join(f"{f['name']}:{_hive_type(f['type'])}" for f in kind["fields"]) + ">"
    if kind["type"] == "array":
        return f"array<{_hive_type(kind['elementType'])}>"
    if kind["type"] == "map":
        return f"map<{_hive_type(kind['keyType'])},{_hive_type(kind['valueType'])}>"
    return str(kind["type"])


def _statistics(table: MetastoreTable) -> tuple[int | None, int | None]:
    """Return rows and bytes: the table's own, or those of its partitions.

    0 rows beside some bytes is Hive's way of saying that nobody counted.
    """
    def statistic(name: str, of_partitions: int | None) -> int | None:
        own = [parse_count(table.parameters.get(key)) for key in (name, f"spark.sql.statistics.{name}")]
        numbers = [n for n in (*own, of_partitions) if n is not None]
        return next((n for n in numbers if n), numbers[0] if numbers else None)

    rows = statistic("numRows", table.partitions.rows if table.partitions else None)
    size = statistic("totalSize", table.partitions.bytes if table.partitions else None)
    return (None if rows == 0 and size else rows), size


def _last_change(table: MetastoreTable) -> int:
    return parse_count(table.parameters.get("transient_lastDdlTime")) or 0


def _last_day(table: MetastoreTable) -> str:
    """Return the day (UTC) of the last access or change that the metastore has."""
    partitions = (table.partitions.created, table.partitions.changed) if table.partitions else ()
    last = max(table.accessed, table.created, _last_change(table), *partitions, 0)
    return datetime.fromtimestamp(last, UTC).date().isoformat() if last else ""


def _can_notice_rows(table: MetastoreTable) -> bool:
    """Return whether the metastore notices new rows.

    Of Iceberg's always; Spark writes to it only where it has statistics to correct; else as Hive does.
    Files that somebody puts beside it, and what Spark appends to a partition of a table that Hive made, it
    never notices.
    """
    parameters = table.parameters
    if "metadata_location" in parameters:
        return True
    if parameters.get("spark.sql.sources.provider", "").lower() in _SILENT:
        return False
    has_statistics = "spark.sql.statistics.totalSize" in parameters or "totalSize" in parameters
    return "spark.sql.create.version" not in parameters or has_statistics


def _fingerprint(
    table: MetastoreTable, columns: Sequence[MetastoreColumn], rows: int | None, size: int | None,
) -> str:
    p = table.partitions
    text = json.dumps([
        columns, [name for name, _, _ in table.keys], table.parameters.get("comment", ""), table.definition,
        table.created, _last_change(table), table.parameters.get("metadata_location"), rows, size,
        (p.count, p.created, p.changed) if p else (),
    ], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:32]
