"""Oracle: READ ONLY transactions, a limit on each call, bulk reads of the ALL_ views, SAMPLE BLOCK."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL

from detectors.message import Msg
from detectors.model import Skipped, TableInfo
from scanner.connectors.sql.catalogue import ColumnsAndKeys, ListedTable
from scanner.connectors.sql.dialects import (
    PAGE,
    SampleClause,
    TableSize,
    connect_seconds,
    inline,
    percent,
    suffixed,
)

DRIVER = "oracle+oracledb"
EXTRA = "oracle"
SQLGLOT = "oracle"
OF_A_BLOCK = 8                                # rows of the sample that one block gives
_COLUMNS = sa.text(
    "SELECT c.owner, c.table_name, c.column_name, c.data_type, c.char_length, c.data_precision, "
    "c.data_scale, "
    "m.comments, c.nullable FROM all_tab_columns c "
    "JOIN all_users u ON u.username = c.owner AND u.oracle_maintained = 'N' LEFT JOIN all_col_comments m "
    "ON m.owner = c.owner AND m.table_name = c.table_name AND m.column_name = c.column_name "
    "WHERE c.table_name NOT LIKE 'BIN$%' ORDER BY c.owner, c.table_name, c.column_id")
_KEYS = sa.text(
    "SELECT k.owner, k.table_name, k.constraint_type, k.constraint_name, c.column_name, r.owner, "
    "r.table_name, "
    "r.column_name FROM all_constraints k "
    "JOIN all_users u ON u.username = k.owner AND u.oracle_maintained = 'N' "
    "JOIN all_cons_columns c ON c.owner = k.owner AND c.constraint_name = k.constraint_name "
    "LEFT JOIN all_cons_columns r ON r.owner = k.r_owner AND r.constraint_name = k.r_constraint_name "
    "AND r.position = c.position WHERE k.constraint_type IN ('P', 'R') "
    "ORDER BY k.owner, k.table_name, k.constraint_name, c.position")
_PARTITIONS = sa.text(
    "SELECT p.owner, p.table_name, p.partition_count, k.column_name FROM all_part_tables p "
    "JOIN all_users u ON u.username = p.owner AND u.oracle_maintained = 'N' "
    "JOIN all_part_key_columns k ON k.owner = p.owner AND k.name = p.table_name "
    "AND k.object_type LIKE 'TABLE%' ORDER BY p.owner, p.table_name, k.column_position")
_COMMENTS = sa.text(
    "SELECT c.owner, c.table_name, c.comments FROM all_tab_comments c "
    "JOIN all_users u ON u.username = c.owner "
    "AND u.oracle_maintained = 'N' WHERE c.comments IS NOT NULL")
_VIEWS = sa.text(
    "SELECT v.owner, v.view_name, v.text FROM all_views v JOIN all_users u ON u.username = v.owner "
    "AND u.oracle_maintained = 'N'")
_MATERIALIZED_VIEWS = sa.text(
    "SELECT v.owner, v.mview_name, v.query FROM all_mviews v JOIN all_users u ON u.username = v.owner "
    "AND u.oracle_maintained = 'N'")
_TABLES = sa.text(
    "SELECT t.owner, t.table_name, t.num_rows, t.blocks FROM all_tables t "
    "JOIN all_users u ON u.username = t.owner "
    "AND u.oracle_maintained = 'N' WHERE t.nested = 'NO' AND t.secondary = 'N' AND t.dropped = 'NO' "
    "AND (t.iot_type IS NULL OR t.iot_type = 'IOT')")


def arguments(url: URL, seconds: float, options: Mapping[str, str]) -> dict[str, Any]:
    """Return how long to wait for a connection."""
    return {"tcp_connect_timeout": connect_seconds(seconds)}


def read_only(connection: sa.Connection, seconds: float) -> None:
    """Let this transaction read only, and no call to the server last longer than `seconds`."""
    driver: Any = connection.connection.driver_connection
    driver.call_timeout = int(seconds * 1000)
    connection.execute(sa.text("SET TRANSACTION READ ONLY"))


def tables(connection: sa.Connection, database: str) -> Iterator[TableInfo | Skipped]:
    """Yield tables, views and materialised views of every schema that is not Oracle's own."""
    catalogue = ColumnsAndKeys()
    columns = connection.execute(_COLUMNS)
    catalogue.add_columns(
        (owner, table, name, _type_name(kind, length, digits, places), comment, nullable == "Y")
        for owner, table, name, kind, length, digits, places, comment, nullable in columns)
    keys = connection.execute(_KEYS).all()
    catalogue.add_primary((owner, table, column) for owner, table, kind, _, column, *_ in keys if kind == "P")
    catalogue.add_foreign(
        (owner, table, name, column, target_owner, target, target_column)
        for owner, table, kind, name, column, target_owner, target, target_column in keys
        if kind == "R" and target is not None)
    comments = _by_table(connection, _COMMENTS)
    listed = [*_stored_tables(connection, comments), *_views(connection, comments)]
    yield from catalogue.tables(listed, SQLGLOT)


def _stored_tables(
    connection: sa.Connection, comments: Mapping[tuple[str, str], str],
) -> Iterator[ListedTable]:
    """Yield tables, and materialised views, which are stored like tables."""
    partitioning: dict[tuple[str, str], tuple[list[str], int]] = {}
    for owner, table, count, column in connection.execute(_PARTITIONS):
        partitioning.setdefault((owner, table), ([], count))[0].append(column)
    queries = _by_table(connection, _MATERIALIZED_VIEWS)
    for owner, table, rows, blocks in connection.execute(_TABLES).all():
        key = owner, table
        columns, partitions = partitioning.get(key, ([], None))
        yield ListedTable(
            key, "view" if key in queries else "table", comments.get(key, ""), rows,
            None if blocks is None else int(blocks) * PAGE, queries.get(key, ""), owner,
            partitioned_by=tuple(columns), partitions=partitions)


def _views(connection: sa.Connection, comments: Mapping[tuple[str, str], str]) -> Iterator[ListedTable]:
    for key, text in _by_table(connection, _VIEWS).items():
        yield ListedTable(key, "view", comments.get(key, ""), definition=text, owner=key[0])


def _by_table(connection: sa.Connection, query: Any) -> dict[tuple[str, str], str]:
    return {(owner, table): text for owner, table, text in connection.execute(query)}


def _type_name(kind: str, length: int | None, digits: int | None, places: int | None) -> str:
    """Return a type with its length or digits, e.g. varchar2(20), number(10, 2)."""
    if "CHAR" in kind and length:
        return f"{kind}({length})"
    return f"{kind}({digits}, {places or 0})" if kind == "NUMBER" and digits else kind


def sample_clause(table: Any, rows: int, size: TableSize, seed: int) -> SampleClause | None:
    """Return random blocks and a few rows of each; rows of all blocks where half of them would be needed.

    None for external tables, which have no blocks.
    """
    if size.rows is None or size.bytes is None or size.rows <= rows * 2:
        return None
    blocks, needed = max(1, size.bytes // PAGE), max(1, -(-rows // OF_A_BLOCK))
    if needed * 2 >= blocks:
        sample = suffixed(table, f"SAMPLE ({percent(1.3 * rows / size.rows):f}) SEED ({seed})")
        return SampleClause(sample, (), Msg("SAMPLE"))
    sample = suffixed(table, f"SAMPLE BLOCK ({percent(1.3 * needed / blocks):f}) SEED ({seed})")
    method = Msg("SAMPLE {how}", how="BLOCK")
    density = size.rows / blocks / OF_A_BLOCK     # rows of a block for each that is needed
    if density < 1.5:
        return SampleClause(sample, (), method)
    part = sa.func.ora_hash(sa.literal_column("ROWID"), inline(1023), inline(seed))
    return SampleClause(sample, (part < inline(int(1024 / density) + 1),), method)


def share_of(value: Any, share: int) -> Any:
    """Return which of `share` equal parts a text's hash falls into."""
    return sa.func.ora_hash(value, inline(share - 1))
