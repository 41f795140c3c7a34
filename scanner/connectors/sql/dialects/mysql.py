"""MySQL and MariaDB: read-only sessions, statement time limits, row estimates from information_schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from scanner.connectors.sql.dialects import Size, connect_seconds

DRIVER = "mysql+pymysql"
EXTRA = "mysql"
SQLGLOT = "mysql"
GRACE = 5                                     # seconds beyond a statement's own limit until its connection is given up
SCANNED = 20_000_000                          # rows a sample may read where no key leads to random places
SYSTEM = frozenset({"information_schema", "mysql", "performance_schema", "sys"})


def arguments(url: URL, seconds: float, options: Mapping[str, str]) -> dict[str, Any]:
    """Text in UTF-8; a server that stops answering is given up a little after its own time limit."""
    return {"connect_timeout": connect_seconds(seconds), "read_timeout": int(seconds) + GRACE, "charset": "utf8mb4"}


def read_only(connection: sa.Connection, seconds: float) -> None:
    """This session reads only, and no statement runs longer than `seconds`."""
    connection.execute(sa.text("SET SESSION TRANSACTION READ ONLY"))
    for statement, value in (
        ("SET SESSION max_statement_time = :v", seconds),
        ("SET SESSION max_execution_time = :v", int(seconds * 1000)),
    ):
        try:                                  # the first is MariaDB's, the second MySQL's
            connection.execute(sa.text(statement), {"v": value})
            break
        except DBAPIError:
            connection.rollback()
    connection.commit()


def estimates(connection: sa.Connection) -> Mapping[tuple[str, str], tuple[int | None, int | None]]:
    """(schema, table) -> (rows, bytes) from the catalog."""
    query = sa.text(
        "SELECT table_schema, table_name, table_rows, data_length FROM information_schema.tables WHERE table_type = 'BASE TABLE'"
    )
    return {(s, t): (None if r is None else int(r), None if b is None else int(b)) for s, t, r, b in connection.execute(query)}


def marks(connection: sa.Connection) -> Mapping[tuple[str, str], str]:
    """(schema, table) -> moment of the last change; where the server has none since it started, the moment it started.

    A change within the last two seconds may have a second one in its second: such a table gets no mark.
    """
    try:                                      # MySQL 8 keeps the answer for a day otherwise
        connection.execute(sa.text("SET SESSION information_schema_stats_expiry = 0"))
    except DBAPIError:
        connection.rollback()
    uptime = int(connection.execute(sa.text("SHOW GLOBAL STATUS LIKE 'Uptime'")).one()[1])
    query = sa.text("SELECT table_schema, table_name, engine, unix_timestamp(create_time), unix_timestamp(update_time), unix_timestamp() "
                    "FROM information_schema.tables WHERE table_type = 'BASE TABLE'")
    out = {}
    for schema, table, engine, made, changed, now in connection.execute(query):
        if engine not in ("InnoDB", "MyISAM", "Aria") or changed is not None and now - changed < 2:
            continue
        started = int(now - uptime) // 10     # the two clocks are read one after the other
        out[schema, table] = f"{made} {changed if changed is not None else f'since {started}'}"
    return out


def sampled(table: Any, rows: int, size: Size, seed: int) -> tuple[Any, tuple[Any, ...], str] | None:
    """(from clause, tests, method) for a table without an integer key: a random number decides on each row, up to SCANNED rows."""
    if size.keyed or size.rows is None or not rows * 2 < size.rows <= SCANNED:
        return None
    share = min(1.0, 1.5 * rows / size.rows)
    return table, (sa.func.rand(sa.literal(seed, literal_execute=True)) < sa.literal(share, literal_execute=True),), "rand() of every row"


def reaches(connection: sa.Connection) -> Iterator[tuple[str, str, str, list[str]]]:
    """(kind, object, host or empty, tables) of tables on another server, accounts for certain hosts, and replicas that read the log now.

    An account that may not see others' privileges or connections sees its own only.
    """
    query = sa.text("SELECT table_schema, table_name, engine FROM information_schema.tables "
                    "WHERE engine IN ('FEDERATED', 'SPIDER', 'CONNECT') ORDER BY 1, 2")
    for schema, table, engine in connection.execute(query):
        yield "foreign_server", f"{engine} table {schema}.{table}", "", [f"{schema}/{table}"]
    accounts = sa.text("SELECT DISTINCT grantee FROM information_schema.user_privileges ORDER BY 1")
    for (grantee,) in connection.execute(accounts):
        host = str(grantee).rpartition("@")[2].strip("'")
        if host and host not in ("localhost", "127.0.0.1", "::1") and not any(c in host for c in "%_"):
            yield "access", f"account {grantee}", host, []
    replicas = sa.text("SELECT user, host FROM information_schema.processlist WHERE command LIKE 'Binlog Dump%' ORDER BY 1, 2")
    for user, host in connection.execute(replicas):
        yield "replication", f"replica of {user}", str(host).rpartition(":")[0] or str(host), []


def share_of(value: Any, share: int) -> Any:
    """Which of `share` equal parts a text's hash falls into: CRC32, mixed by a multiplication, because alone it is linear in its input."""
    return sa.func.floor(sa.func.crc32(value) * 2_654_435_761 / 65_536) % sa.literal(share, literal_execute=True)
