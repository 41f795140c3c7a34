"""Snowflake: tagged queries with a time limit, bulk reads of INFORMATION_SCHEMA, random micro-partitions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL

from detectors.message import Msg
from detectors.model import Skipped, TableInfo
from scanner.connectors.sql.catalogue import ColumnsAndKeys, ListedTable
from scanner.connectors.sql.dialects import (
    SampleClause,
    TableSize,
    connect_seconds,
    inline,
    lock_seconds,
    percent,
    select_options,
    suffixed,
)

EXTRA = "snowflake"
SQLGLOT = "snowflake"
ORDERED = False
PARTITION = 16 << 20                          # bytes of a micro-partition, compressed
PARTITIONS = 32                               # that a sample should come from, at least
PARTS = 1_000_000                             # of a hash, by which a share is chosen
_COLUMNS = sa.text(
    "SELECT table_schema, table_name, column_name, data_type, character_maximum_length, comment, is_nullable "
    "FROM information_schema.columns WHERE table_schema <> 'INFORMATION_SCHEMA' "
    "AND (table_schema = :schema OR :schema = '') ORDER BY table_schema, table_name, ordinal_position")
_VIEWS = sa.text(
    "SELECT table_schema, table_name, view_definition FROM information_schema.views "
    "WHERE table_schema <> 'INFORMATION_SCHEMA' AND (table_schema = :schema OR :schema = '')")
_TABLES = sa.text(
    "SELECT table_schema, table_name, table_type, comment, row_count, bytes, table_owner, last_altered "
    "FROM information_schema.tables "
    "WHERE table_schema <> 'INFORMATION_SCHEMA' AND (table_schema = :schema OR :schema = '')")
_FOREIGN_KEY = ("fk_schema_name", "fk_table_name", "fk_name", "fk_column_name",
                "pk_schema_name", "pk_table_name", "pk_column_name")


def arguments(url: URL, seconds: float, options: Mapping[str, str]) -> dict[str, Any]:
    """Return limits of the session, a tag to find its queries and their cost by, and how to sign in."""
    return {
        "login_timeout": connect_seconds(seconds),
        "network_timeout": int(seconds) + 5,
        "session_parameters": {
            "QUERY_TAG": options.get("query_tag", "chujing"),
            "STATEMENT_TIMEOUT_IN_SECONDS": max(1, int(seconds)),
            "LOCK_TIMEOUT": lock_seconds(seconds),
            "ABORT_DETACHED_QUERY": True,
        },
        **select_options(options, "role", "warehouse", "authenticator", "token", "private_key_file",
                         "private_key_file_pwd"),
    }


def tables(connection: sa.Connection, database: str) -> Iterator[TableInfo | Skipped]:
    """Yield tables and views of the URL's database, of one schema where it names one."""
    values = {"schema": database.partition("/")[2].upper()}
    catalogue = ColumnsAndKeys()
    catalogue.add_columns(
        (schema, table, name, f"{kind}({length})" if length else kind, comment, nullable == "YES")
        for schema, table, name, kind, length, comment, nullable in connection.execute(_COLUMNS, values))
    _add_keys(catalogue, connection)
    views = {(schema, table): text for schema, table, text in connection.execute(_VIEWS, values)}
    listed = [
        ListedTable(
            (schema, table), "view" if "VIEW" in kind else "table", comment or "", rows, size,
            views.get((schema, table)) or "", owner or "", str(changed or "")[:10],
            fingerprint=f"{rows} {size} {changed}" if rows is not None else "")
        for schema, table, kind, comment, rows, size, owner, changed in connection.execute(_TABLES, values)
    ]
    yield from catalogue.tables(listed, SQLGLOT)


def _add_keys(catalogue: ColumnsAndKeys, connection: sa.Connection) -> None:
    primary = _in_order(connection.execute(sa.text("SHOW PRIMARY KEYS IN DATABASE")))
    catalogue.add_primary((key["schema_name"], key["table_name"], key["column_name"]) for key in primary)
    foreign = _in_order(connection.execute(sa.text("SHOW IMPORTED KEYS IN DATABASE")))
    catalogue.add_foreign([key[name] for name in _FOREIGN_KEY] for key in foreign)


def _in_order(rows: Any) -> list[Any]:
    """Return the columns of keys in their order within each key."""
    return sorted(rows.mappings().all(), key=lambda key: int(key["key_sequence"]))


def sample_clause(table: Any, rows: int, size: TableSize, seed: int) -> SampleClause | None:
    """Return at least PARTITIONS micro-partitions, and of these rows by their hash.

    Of a smaller table, any rows.
    """
    if size.rows is None or size.bytes is None or size.rows <= rows * 2:
        return None
    partitions = size.bytes / PARTITION
    if partitions <= PARTITIONS * 2:
        sample = suffixed(table, f"SAMPLE ROW ({percent(1.3 * rows / size.rows):f}) SEED ({seed})")
        return SampleClause(sample, (), Msg("SAMPLE {how}", how="ROW"))
    share = PARTITIONS / partitions
    sample = suffixed(table, f"SAMPLE SYSTEM ({percent(share):f}) SEED ({seed})")
    share_of_partition = min(1.0, 1.3 * rows / (size.rows * share))
    part = sa.func.abs(sa.func.hash(*sample.c, inline(seed))) % inline(PARTS)
    is_chosen = part < inline(max(1, round(share_of_partition * PARTS)))
    return SampleClause(sample, (is_chosen,), Msg("SAMPLE {how}", how="SYSTEM"))


def share_of(value: Any, share: int) -> Any:
    """Return which of `share` equal parts a text's hash falls into."""
    return sa.func.abs(sa.func.hash(value)) % inline(share)
