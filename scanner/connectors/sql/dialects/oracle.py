"""Oracle: read-only transactions, a time limit for every call, statistics of the dictionary, random blocks by SAMPLE BLOCK ... SEED."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL

from detectors.model import Skipped, TableInfo
from scanner.connectors.sql.catalogue import Catalogue, Listed
from scanner.connectors.sql.dialects import PAGE, Size, connect_seconds, percent, suffixed

DRIVER = "oracle+oracledb"
EXTRA = "oracle"
SQLGLOT = "oracle"
_OURS = "owner NOT IN (SELECT username FROM all_users WHERE oracle_maintained = 'Y')"      # since 12c


def arguments(url: URL, seconds: float, options: Mapping[str, str]) -> dict[str, Any]:
    """How long to wait for a connection."""
    return {"tcp_connect_timeout": connect_seconds(seconds)}


def read_only(connection: sa.Connection, seconds: float) -> None:
    """The transaction reads only, as of one moment; a call that takes longer than `seconds` is broken off."""
    driver: Any = connection.connection.dbapi_connection
    driver.call_timeout = int(seconds * 1000)
    connection.execute(sa.text("SET TRANSACTION READ ONLY"))


def tables(connection: sa.Connection, database: str) -> Iterator[TableInfo | Skipped]:
    """Tables, views and materialised views of every schema that is not Oracle's own, as far as the account may see them."""
    found = Catalogue()
    found.add_columns(
        (o, t, n, kind, comment, null == "Y") for o, t, n, kind, null, comment in connection.execute(sa.text(
            "SELECT c.owner, c.table_name, c.column_name, c.data_type, c.nullable, m.comments FROM all_tab_columns c "
            "LEFT JOIN all_col_comments m ON m.owner = c.owner AND m.table_name = c.table_name AND m.column_name = c.column_name "
            f"WHERE c.{_OURS} ORDER BY c.owner, c.table_name, c.column_id")))
    found.add_primary(connection.execute(sa.text(
        "SELECT k.owner, k.table_name, c.column_name FROM all_constraints k JOIN all_cons_columns c ON c.owner = k.owner "
        f"AND c.constraint_name = k.constraint_name WHERE k.constraint_type = 'P' AND k.{_OURS} ORDER BY 1, 2, c.position")))
    found.add_foreign(connection.execute(sa.text(
        "SELECT k.owner, k.table_name, k.constraint_name, c.column_name, t.owner, t.table_name, t.column_name FROM all_constraints k "
        "JOIN all_cons_columns c ON c.owner = k.owner AND c.constraint_name = k.constraint_name "
        "JOIN all_cons_columns t ON t.owner = k.r_owner AND t.constraint_name = k.r_constraint_name AND t.position = c.position "
        f"WHERE k.constraint_type = 'R' AND k.{_OURS} ORDER BY 1, 2, 3, c.position")))
    comments = {(o, t): c for o, t, c in connection.execute(sa.text(
        f"SELECT owner, table_name, comments FROM all_tab_comments WHERE comments IS NOT NULL AND {_OURS}"))}
    keys: dict[tuple[str, str], list[str]] = {}
    for owner, table, column in connection.execute(sa.text(
            f"SELECT owner, name, column_name FROM all_part_key_columns WHERE {_OURS} ORDER BY 1, 2, column_position")):
        keys.setdefault((owner, table), []).append(column)
    listed = [
        Listed((o, t), "table", comments.get((o, t), ""), rows, None if blocks is None else blocks * PAGE, "", o, "",
               tuple(keys.get((o, t), ())), parts)
        for o, t, rows, blocks, parts in connection.execute(sa.text(
            "SELECT t.owner, t.table_name, t.num_rows, t.blocks, p.partition_count FROM all_tables t LEFT JOIN all_part_tables p "
            "ON p.owner = t.owner AND p.table_name = t.table_name WHERE t.nested = 'NO' AND t.secondary = 'N' "
            f"AND t.{_OURS} ORDER BY 1, 2"))
    ]
    views = [Listed((o, t), "view", comments.get((o, t), ""), None, None, text or "", o) for o, t, text in connection.execute(sa.text(
        f"SELECT owner, view_name, text_vc FROM all_views WHERE {_OURS} ORDER BY 1, 2"))]
    yield from found.tables([*listed, *views], SQLGLOT)


def sampled(table: Any, rows: int, size: Size, seed: int) -> tuple[Any, tuple[Any, ...], str] | None:
    """Random blocks of a large table, of a smaller one random rows."""
    if size.rows is None or size.rows <= rows * 2:
        return None
    blocks = max(1, (size.bytes or 0) // PAGE)
    wanted = -(-rows // 8)                    # few rows of a block: those that lie together do not stand for the whole
    if wanted * 2 >= blocks:
        return suffixed(table, f"SAMPLE ({percent(1.3 * rows / size.rows):.6f}) SEED ({seed})"), (), "SAMPLE"
    return suffixed(table, f"SAMPLE BLOCK ({percent(1.3 * wanted / blocks):.6f}) SEED ({seed})"), (), "SAMPLE BLOCK"


def share_of(value: Any, share: int) -> Any:
    """Which of `share` equal parts a text's hash falls into."""
    return sa.func.ora_hash(value, sa.literal(share - 1, literal_execute=True))
