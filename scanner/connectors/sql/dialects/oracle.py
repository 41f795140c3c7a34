"""Oracle: READ ONLY transactions, a limit on each call, bulk reads of the ALL_ views, SAMPLE BLOCK ... SEED."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL

from detectors.message import Msg
from detectors.model import Skipped, TableInfo
from scanner.connectors.sql.catalogue import Catalogue, Listed
from scanner.connectors.sql.dialects import PAGE, Size, connect_seconds, percent, suffixed

DRIVER = "oracle+oracledb"
EXTRA = "oracle"
SQLGLOT = "oracle"
OF_A_BLOCK = 8                                # rows taken of a block that was drawn


def arguments(url: URL, seconds: float, options: Mapping[str, str]) -> dict[str, Any]:
    """How long to wait for a connection."""
    return {"tcp_connect_timeout": connect_seconds(seconds)}


def read_only(connection: sa.Connection, seconds: float) -> None:
    """This transaction reads only, and no call to the server lasts longer than `seconds`."""
    driver: Any = connection.connection.driver_connection
    driver.call_timeout = int(seconds * 1000)
    connection.execute(sa.text("SET TRANSACTION READ ONLY"))


def tables(connection: sa.Connection, database: str) -> Iterator[TableInfo | Skipped]:
    """Tables, views and materialised views of every schema that is not Oracle's own."""
    found = Catalogue()
    found.add_columns((o, t, n, _type(kind, length, digits, places), comment, null == "Y")
                      for o, t, n, kind, length, digits, places, comment, null in connection.execute(sa.text(
        "SELECT c.owner, c.table_name, c.column_name, c.data_type, c.char_length, c.data_precision, c.data_scale, m.comments, c.nullable "
        "FROM all_tab_columns c JOIN all_users u ON u.username = c.owner AND u.oracle_maintained = 'N' LEFT JOIN all_col_comments m "
        "ON m.owner = c.owner AND m.table_name = c.table_name AND m.column_name = c.column_name "
        "WHERE c.table_name NOT LIKE 'BIN$%' ORDER BY c.owner, c.table_name, c.column_id")))
    keys = connection.execute(sa.text(
        "SELECT k.owner, k.table_name, k.constraint_type, k.constraint_name, c.column_name, r.owner, r.table_name, r.column_name "
        "FROM all_constraints k JOIN all_users u ON u.username = k.owner AND u.oracle_maintained = 'N' "
        "JOIN all_cons_columns c ON c.owner = k.owner AND c.constraint_name = k.constraint_name "
        "LEFT JOIN all_cons_columns r ON r.owner = k.r_owner AND r.constraint_name = k.r_constraint_name AND r.position = c.position "
        "WHERE k.constraint_type IN ('P', 'R') ORDER BY k.owner, k.table_name, k.constraint_name, c.position")).all()
    found.add_primary((o, t, c) for o, t, kind, _, c, *_ in keys if kind == "P")
    found.add_foreign((o, t, name, c, ro, rt, rc) for o, t, kind, name, c, ro, rt, rc in keys if kind == "R" and rt is not None)
    parts: dict[tuple[str, str], tuple[list[str], int]] = {}
    for owner, table, n, column in connection.execute(sa.text(
        "SELECT p.owner, p.table_name, p.partition_count, k.column_name FROM all_part_tables p JOIN all_users u ON u.username = p.owner "
        "AND u.oracle_maintained = 'N' JOIN all_part_key_columns k ON k.owner = p.owner AND k.name = p.table_name "
        "AND k.object_type LIKE 'TABLE%' ORDER BY p.owner, p.table_name, k.column_position")):
        parts.setdefault((owner, table), ([], n))[0].append(column)
    comments = {(o, t): c for o, t, c in connection.execute(sa.text(
        "SELECT c.owner, c.table_name, c.comments FROM all_tab_comments c JOIN all_users u ON u.username = c.owner "
        "AND u.oracle_maintained = 'N' WHERE c.comments IS NOT NULL"))}
    views = {(o, t): text for o, t, text in connection.execute(sa.text(
        "SELECT v.owner, v.view_name, v.text FROM all_views v JOIN all_users u ON u.username = v.owner AND u.oracle_maintained = 'N'"))}
    stored = {(o, t): text for o, t, text in connection.execute(sa.text(
        "SELECT v.owner, v.mview_name, v.query FROM all_mviews v JOIN all_users u ON u.username = v.owner AND u.oracle_maintained = 'N'"))}
    listed = connection.execute(sa.text(
        "SELECT t.owner, t.table_name, t.num_rows, t.blocks FROM all_tables t JOIN all_users u ON u.username = t.owner "
        "AND u.oracle_maintained = 'N' WHERE t.nested = 'NO' AND t.secondary = 'N' AND t.dropped = 'NO' "
        "AND (t.iot_type IS NULL OR t.iot_type = 'IOT')")).all()
    yield from found.tables(
        [*(Listed((o, t), "view" if (o, t) in stored else "table", comments.get((o, t), ""), rows,
                  None if blocks is None else int(blocks) * PAGE, stored.get((o, t), ""), o, "",
                  tuple(parts[o, t][0]) if (o, t) in parts else (), parts[o, t][1] if (o, t) in parts else None)
           for o, t, rows, blocks in listed),
         *(Listed(at, "view", comments.get(at, ""), definition=text, owner=at[0]) for at, text in views.items())], SQLGLOT)


def _type(kind: str, length: int | None, digits: int | None, places: int | None) -> str:
    """A type with its length or digits, e.g. varchar2(20), number(10, 2)."""
    if "CHAR" in kind and length:
        return f"{kind}({length})"
    return f"{kind}({digits}, {places or 0})" if kind == "NUMBER" and digits else kind


def sampled(table: Any, rows: int, size: Size, seed: int) -> tuple[Any, tuple[Any, ...], str] | None:
    """Blocks drawn at random and a few rows of each; rows of all blocks where half of them would be needed. External tables: not at all."""
    if size.rows is None or size.bytes is None or size.rows <= rows * 2:
        return None
    blocks, wanted = max(1, size.bytes // PAGE), max(1, -(-rows // OF_A_BLOCK))
    if wanted * 2 >= blocks:
        return (
            suffixed(table, f"SAMPLE ({percent(1.3 * rows / size.rows):f}) SEED ({seed})"),
            (),
            Msg("SAMPLE"),
        )
    drawn = suffixed(table, f"SAMPLE BLOCK ({percent(1.3 * wanted / blocks):f}) SEED ({seed})")
    dense = size.rows / blocks / OF_A_BLOCK   # rows of a block for each that is wanted
    if dense < 1.5:
        return drawn, (), Msg("SAMPLE {how}", how="BLOCK")
    place = sa.func.ora_hash(sa.literal_column("ROWID"), sa.literal(1023, literal_execute=True), sa.literal(seed, literal_execute=True))
    return (
        drawn,
        (place < sa.literal(int(1024 / dense) + 1, literal_execute=True),),
        Msg("SAMPLE {how}", how="BLOCK"),
    )


def share_of(value: Any, share: int) -> Any:
    """Which of `share` equal parts a text's hash falls into."""
    return sa.func.ora_hash(value, sa.literal(share - 1, literal_execute=True))
