"""Snowflake: a time limit and a tag for every statement, sizes and dates from INFORMATION_SCHEMA, micro-partitions by SAMPLE SYSTEM."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL

from detectors.model import Skipped, TableInfo
from scanner.connectors.sql.catalogue import Catalogue, Listed
from scanner.connectors.sql.dialects import Size, chosen, connect_seconds, percent, suffixed

EXTRA = "snowflake"
SQLGLOT = "snowflake"
LARGE = 20_000_000                            # rows from which whole micro-partitions are drawn


def arguments(url: URL, seconds: float, options: Mapping[str, str]) -> dict[str, Any]:
    """options: role, warehouse, authenticator, private_key_file, private_key_file_pwd, token."""
    return {"login_timeout": connect_seconds(seconds), "network_timeout": int(seconds),
            **chosen(options, "role", "warehouse", "authenticator", "private_key_file", "private_key_file_pwd", "token")}


def read_only(connection: sa.Connection, seconds: float) -> None:
    """Snowflake knows no session that only reads: nothing but SELECT and SHOW is sent."""
    connection.execute(sa.text(f"ALTER SESSION SET STATEMENT_TIMEOUT_IN_SECONDS = {max(1, int(seconds))}, QUERY_TAG = 'chujing'"))


def tables(connection: sa.Connection, database: str) -> Iterator[TableInfo | Skipped]:
    """Tables and views of the URL's database, all schemas or the one it names (`database/schema`)."""
    schema = database.partition("/")[2]
    ours = "table_schema = :schema" if schema else "table_schema <> 'INFORMATION_SCHEMA'"
    known = {"schema": schema.upper()} if schema else {}
    found = Catalogue()
    found.add_columns((s, t, n, kind, comment, null == "YES") for s, t, n, kind, comment, null in connection.execute(sa.text(
        "SELECT table_schema, table_name, column_name, data_type, comment, is_nullable FROM information_schema.columns "
        f"WHERE {ours} ORDER BY 1, 2, ordinal_position"), known))
    keys = connection.execute(sa.text("SHOW PRIMARY KEYS IN DATABASE")).mappings()
    found.add_primary((k["schema_name"], k["table_name"], k["column_name"]) for k in sorted(
        keys, key=lambda k: (k["schema_name"], k["table_name"], k["key_sequence"])))
    listed = connection.execute(sa.text(
        "SELECT t.table_schema, t.table_name, t.table_type, t.comment, t.row_count, t.bytes, t.table_owner, t.last_altered, "
        "v.view_definition FROM information_schema.tables t LEFT JOIN information_schema.views v "
        f"ON v.table_schema = t.table_schema AND v.table_name = t.table_name WHERE t.{ours} ORDER BY 1, 2"), known)
    yield from found.tables(
        (Listed((s, t), "view" if kind == "VIEW" else "table", comment or "", rows, size, view or "", owner or "", str(changed or "")[:10],
                fingerprint=f"{rows} {size} {changed}" if kind != "VIEW" and changed else "")
         for s, t, kind, comment, rows, size, owner, changed, view in listed), SQLGLOT)


def sampled(table: Any, rows: int, size: Size, seed: int) -> tuple[Any, tuple[Any, ...], str] | None:
    """Random rows; of a very large table micro-partitions, which alone are read then."""
    if size.rows is None or size.rows <= rows * 2:
        return None
    if size.rows >= LARGE:
        share = percent(max(4 * rows / size.rows, 10 * 500_000 / size.rows))        # ten micro-partitions at least
        return suffixed(table, f"SAMPLE SYSTEM ({share:.6f}) SEED ({seed})"), (), "SAMPLE SYSTEM"
    return suffixed(table, f"SAMPLE BERNOULLI ({percent(1.3 * rows / size.rows):.6f}) SEED ({seed})"), (), "SAMPLE BERNOULLI"


def share_of(value: Any, share: int) -> Any:
    """Which of `share` equal parts (a power of two) a text's hash falls into."""
    return sa.func.bitand(sa.func.hash(value), sa.literal(share - 1, literal_execute=True))
