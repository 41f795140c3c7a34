"""MySQL and MariaDB: read-only sessions, statement time limits, row estimates from information_schema."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from detectors.message import Msg
from detectors.model import Skipped, TableInfo
from scanner.connectors.sql.catalogue import Catalogue, Listed
from scanner.connectors.sql.dialects import Size, connect_seconds, lock_seconds

DRIVER = "mysql+pymysql"
EXTRA = "mysql"
SQLGLOT = "mysql"
GRACE = 3                                     # seconds beyond a statement's own limit until its connection is given up
READ = 4 << 30                                # bytes, and
SCANNED = 20_000_000                          # rows that a sample may read where no key leads to random places
TOGETHER = 64                                 # estimates asked for in one statement
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
    connection.execute(sa.text("SET SESSION lock_wait_timeout = :v"), {"v": lock_seconds(seconds)})
    connection.commit()


def spoken(connection: sa.Connection) -> str:
    """Which of the databases that speak this protocol answers."""
    version, comment = connection.execute(sa.text("SELECT version(), @@version_comment")).one()
    return speaker(f"{version} {comment}")


def speaker(words: str) -> str:
    """Name of the dialect behind a server's version.

    >>> speaker("8.0.11-TiDB-v7.5.0 TiDB Server"), speaker("10.11.6-MariaDB Debian 12")
    ('tidb', 'mysql')
    """
    return next((name for name in ("tidb", "oceanbase", "starrocks", "doris") if name in words.lower()), "mysql")


def tables(connection: sa.Connection, database: str) -> Iterator[TableInfo | Skipped]:
    """Tables and views of one database, or of all where the URL names none."""
    yield from information_schema(connection, database, SYSTEM, SQLGLOT)


def information_schema(connection: sa.Connection, database: str, system: frozenset[str], spoken: str) -> Iterator[TableInfo | Skipped]:
    """The same for every database of this protocol, by one statement each for tables, columns, keys, views and partitions."""

    def of(name: str, *columns: str) -> Any:
        view = sa.table(name, *(sa.column(c) for c in columns), schema="information_schema")
        place = view.c.table_schema
        ours = place == database if database else place.not_in(sorted(system))
        return view, sa.select(*view.c).where(ours)

    def at(schema: str, table: str) -> tuple[str, str]:
        return "" if schema == database else schema, table

    found = Catalogue()
    view, query = of("columns", "table_schema", "table_name", "column_name", "column_type", "column_comment", "is_nullable")
    found.add_columns(
        (*at(s, t), n, kind, comment, null == "YES")
        for s, t, n, kind, comment, null in connection.execute(query.order_by(view.c.table_name, sa.column("ordinal_position"))))
    view, query = of("key_column_usage", "table_schema", "table_name", "column_name", "constraint_name", "referenced_table_schema",
                     "referenced_table_name", "referenced_column_name")
    keys = connection.execute(query.order_by(view.c.table_name, view.c.constraint_name, sa.column("ordinal_position"))).all()
    found.add_primary((*at(s, t), c) for s, t, c, name, *_ in keys if name == "PRIMARY")
    found.add_foreign((*at(s, t), name, c, *at(rs, rt), rc) for s, t, c, name, rs, rt, rc in keys if rt is not None)
    definitions = {at(s, t): d for s, t, d in connection.execute(of("views", "table_schema", "table_name", "view_definition")[1])}
    parts = _partitions(connection, of, at)
    view, query = of("tables", "table_schema", "table_name", "table_type", "table_comment", "table_rows", "data_length", "update_time")
    yield from found.tables(
        (Listed(at(s, t), "view" if "VIEW" in kind else "table", "" if "VIEW" in kind else comment or "", rows, size,
                definitions.get(at(s, t)) or "", "", str(changed or "")[:10], *parts.get(at(s, t), ((), None)))
         for s, t, kind, comment, rows, size, changed in connection.execute(query) if kind != "SEQUENCE"), spoken)


def _partitions(connection: sa.Connection, of: Any, at: Any) -> Mapping[tuple[str, str], tuple[tuple[str, ...], int]]:
    """(schema, table) -> (partition columns, how many partitions); empty where the server tells none."""
    view, query = of("partitions", "table_schema", "table_name", "partition_expression", "subpartition_expression")
    grouped = query.where(sa.column("partition_name").is_not(None)).add_columns(sa.func.count()).group_by(*view.c)
    out: dict[tuple[str, str], tuple[tuple[str, ...], int]] = {}
    try:
        for schema, table, by, below, n in connection.execute(grouped):
            columns = re.findall(r"`([^`]+)`", f"{by or ''},{below or ''}") or [c for c in (by, below) if c]
            out[at(schema, table)] = tuple(dict.fromkeys(columns)), int(n)
    except DBAPIError:                        # not all who speak this protocol have the view
        connection.rollback()
    return out


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
    """For a table without an integer key a random number decides on each row, up to SCANNED rows or READ bytes; others go by the key.

    The statement ends with its last row: of a larger table no more is read than that, and `drawn.method` says so.
    """
    if size.keyed or size.rows is None or not rows * 2 < size.rows:
        return None
    reach = min(SCANNED, int(size.rows * READ / size.bytes)) if size.bytes else SCANNED
    share = min(1.0, 1.5 * rows / size.rows if size.rows <= reach else 4 * rows / reach)
    method = (
        Msg("rand() of every row") if size.rows <= reach else Msg("rand() of the first {n:,} rows", n=reach)
    )
    return table, (sa.func.rand(sa.literal(seed, literal_execute=True)) < sa.literal(share, literal_execute=True),), method


def inside(connection: sa.Connection, table: Any, key: str, bounds: Sequence[tuple[int, int]]) -> list[float]:
    """Rows between each two bounds of the key, by the optimizer's dives into the index: it reads a few pages for each."""
    by = table.c[key]
    out: list[float] = []
    for start in range(0, len(bounds), TOGETHER):
        asked = bounds[start : start + TOGETHER]
        each = [sa.select(by).where(by.between(sa.literal(a, literal_execute=True), sa.literal(b, literal_execute=True))) for a, b in asked]
        query = sa.union_all(*each) if len(each) > 1 else each[0]
        text = str(query.compile(connection, compile_kwargs={"literal_binds": True}))
        told = connection.exec_driver_sql("EXPLAIN " + text).mappings().all()
        rows = {int(t["id"]): float(t["rows"]) for t in told if t["id"] is not None and t["rows"] is not None}
        out += [rows.get(i, 0.0) for i in range(1, len(each) + 1)]
    return out


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
