"""Snowflake: tagged queries with a time limit, INFORMATION_SCHEMA in bulk, micro-partitions drawn by SAMPLE SYSTEM ... SEED."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL

from detectors.message import Msg
from detectors.model import Skipped, TableInfo
from scanner.connectors.sql.catalogue import Catalogue, Listed
from scanner.connectors.sql.dialects import Size, chosen, connect_seconds, lock_seconds, percent, suffixed

EXTRA = "snowflake"
SQLGLOT = "snowflake"
ORDERED = False
PARTITION = 16 << 20                          # bytes of a micro-partition, compressed
PARTITIONS = 32                               # that a sample should come from, at least


def arguments(url: URL, seconds: float, options: Mapping[str, str]) -> dict[str, Any]:
    """Limits of the session, a tag to find its queries and their cost by, and how to sign in."""
    return {
        "login_timeout": connect_seconds(seconds), "network_timeout": int(seconds) + 5,
        "session_parameters": {"QUERY_TAG": options.get("query_tag", "chujing"), "STATEMENT_TIMEOUT_IN_SECONDS": max(1, int(seconds)),
                               "LOCK_TIMEOUT": lock_seconds(seconds), "ABORT_DETACHED_QUERY": True},
        **chosen(options, "role", "warehouse", "authenticator", "token", "private_key_file", "private_key_file_pwd"),
    }


def tables(connection: sa.Connection, database: str) -> Iterator[TableInfo | Skipped]:
    """Tables and views of the URL's database, of one schema where it names one."""
    known = {"schema": database.partition("/")[2].upper()}
    found = Catalogue()
    found.add_columns((s, t, n, kind if not length else f"{kind}({length})", comment, null == "YES")
                      for s, t, n, kind, length, comment, null in connection.execute(sa.text(
        "SELECT table_schema, table_name, column_name, data_type, character_maximum_length, comment, is_nullable "
        "FROM information_schema.columns WHERE table_schema <> 'INFORMATION_SCHEMA' AND (table_schema = :schema OR :schema = '') "
        "ORDER BY table_schema, table_name, ordinal_position"), known))
    keys = connection.execute(sa.text("SHOW PRIMARY KEYS IN DATABASE")).mappings().all()
    found.add_primary((k["schema_name"], k["table_name"], k["column_name"]) for k in sorted(keys, key=lambda k: int(k["key_sequence"])))
    links = connection.execute(sa.text("SHOW IMPORTED KEYS IN DATABASE")).mappings().all()
    found.add_foreign((k["fk_schema_name"], k["fk_table_name"], k["fk_name"], k["fk_column_name"], k["pk_schema_name"], k["pk_table_name"],
                       k["pk_column_name"]) for k in sorted(links, key=lambda k: int(k["key_sequence"])))
    views = {(s, t): text for s, t, text in connection.execute(sa.text(
        "SELECT table_schema, table_name, view_definition FROM information_schema.views "
        "WHERE table_schema <> 'INFORMATION_SCHEMA' AND (table_schema = :schema OR :schema = '')"), known)}
    listed = connection.execute(sa.text(
        "SELECT table_schema, table_name, table_type, comment, row_count, bytes, table_owner, last_altered FROM information_schema.tables "
        "WHERE table_schema <> 'INFORMATION_SCHEMA' AND (table_schema = :schema OR :schema = '')"), known)
    yield from found.tables(
        (Listed((s, t), "view" if "VIEW" in kind else "table", comment or "", rows, size, views.get((s, t)) or "", owner or "",
                str(changed or "")[:10], fingerprint=f"{rows} {size} {changed}" if rows is not None else "")
         for s, t, kind, comment, rows, size, owner, changed in listed), SQLGLOT)


def sampled(table: Any, rows: int, size: Size, seed: int) -> tuple[Any, tuple[Any, ...], str] | None:
    """At least PARTITIONS micro-partitions, and of these rows by their hash; of a smaller table, rows of all."""
    if size.rows is None or size.bytes is None or size.rows <= rows * 2:
        return None
    held = size.bytes / PARTITION
    if held <= PARTITIONS * 2:
        return (
            suffixed(table, f"SAMPLE ROW ({percent(1.3 * rows / size.rows):f}) SEED ({seed})"),
            (),
            Msg("SAMPLE {how}", how="ROW"),
        )
    share = PARTITIONS / held
    kept = min(1.0, 1.3 * rows / (size.rows * share))
    drawn = suffixed(table, f"SAMPLE SYSTEM ({percent(share):f}) SEED ({seed})")
    place = sa.func.abs(sa.func.hash(*drawn.c, sa.literal(seed, literal_execute=True))) % sa.literal(1_000_000, literal_execute=True)
    return (
        drawn,
        (place < sa.literal(max(1, round(kept * 1_000_000)), literal_execute=True),),
        Msg("SAMPLE {how}", how="SYSTEM"),
    )


def share_of(value: Any, share: int) -> Any:
    """Which of `share` equal parts a text's hash falls into."""
    return sa.func.abs(sa.func.hash(value)) % sa.literal(share, literal_execute=True)
