"""MySQL and MariaDB: read-only sessions, statement time limits, row estimates from information_schema."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from detectors.message import Msg, Text
from detectors.model import Skipped, TableInfo
from scanner.connectors.sql.dialects import (
    MAY_WRITE,
    SUPERUSER,
    SampleClause,
    TableSize,
    connect_seconds,
    inline,
    lock_seconds,
)
from scanner.connectors.sql.foreign_code import ForeignCode, ObjectName, Runs
from scanner.connectors.sql.information_schema import list_tables

DRIVER = "mysql+pymysql"
EXTRA = "mysql"
SQLGLOT = "mysql"
# seconds beyond a statement's limit until its connection is given up
GRACE = 3
READ = 4 << 30                                # bytes, and
# rows that a sample may read where no key leads to random places
SCANNED = 20_000_000
TOGETHER = 64                                 # estimates of one statement
SYSTEM = frozenset({"information_schema", "mysql", "performance_schema", "sys"})
# of MySQL's protocol, by a word of their version
SPEAKERS = ("tidb", "oceanbase", "starrocks", "doris")
_ENGINES = ("InnoDB", "MyISAM", "Aria")       # storage engines that note when a table changed
_GRANT = re.compile(r"GRANT (?P<what>.+?) ON (?P<where>\S+) TO ", re.S)
_SUPER = re.compile(r"\bALL PRIVILEGES\b|\bSUPER\b")
_WRITES = re.compile(r"\b(?:ALL PRIVILEGES|INSERT|UPDATE|DELETE|DROP|ALTER|CREATE(?! TEMPORARY))\b")
_QUALIFIED = re.compile(r"`([^`]+)`\.`([^`]+)`")
# a stored function; those of the server have no quotes
_CALLED = re.compile(r"(?:`([^`]+)`\.)?`([^`]+)`\(")
_REMOTE_TABLES = sa.text(
    "SELECT table_schema, table_name, engine FROM information_schema.tables "
    "WHERE engine IN ('FEDERATED', 'SPIDER', 'CONNECT') ORDER BY 1, 2")
_PRIVILEGES = sa.text(
    "SELECT table_schema, table_name, column_name, privileges LIKE '%select%' "
    "FROM information_schema.columns "
    "WHERE table_schema NOT IN ('information_schema', 'mysql', 'performance_schema', 'sys')")
# a grantee sees its own privileges only; roles are granted to it
_GRANTED_WHOLE = sa.text(
    "SELECT table_schema, table_name FROM information_schema.table_privileges "
    "WHERE privilege_type = 'SELECT' "
    "UNION SELECT table_schema, '' FROM information_schema.schema_privileges WHERE privilege_type = 'SELECT' "
    "UNION SELECT '', '' FROM information_schema.user_privileges WHERE privilege_type = 'SELECT'")
_GRANTED_COLUMNS = sa.text(
    "SELECT DISTINCT table_schema, table_name FROM information_schema.column_privileges "
    "WHERE privilege_type = 'SELECT'")
_HARMLESS = sa.text(
    "SELECT routine_schema, routine_name FROM information_schema.routines WHERE routine_type = 'FUNCTION' "
    "AND is_deterministic = 'YES' AND sql_data_access <> 'MODIFIES SQL DATA'")
_ASKS_WHO = re.compile(r"\b(?:where|on|having)\b.*\b(?:(?:current_|session_|system_)?user|current_role)\(\)",
                       re.I | re.S)
_VIEWS = sa.text(
    "SELECT table_schema, table_name, view_definition FROM information_schema.views "
    "WHERE table_schema NOT IN ('information_schema', 'mysql', 'performance_schema', 'sys')")


def arguments(url: URL, seconds: float, options: Mapping[str, str]) -> dict[str, Any]:
    """Return settings for text in UTF-8, and to give up a server a little after its own time limit."""
    return {"connect_timeout": connect_seconds(seconds), "read_timeout": int(seconds) + GRACE,
            "charset": "utf8mb4"}


def read_only(connection: sa.Connection, seconds: float) -> None:
    """Let this session read only, and no statement run longer than `seconds`."""
    connection.execute(sa.text("SET SESSION TRANSACTION READ ONLY"))
    for statement, value in (
        ("SET SESSION max_statement_time = :v", seconds),                # MariaDB's
        ("SET SESSION max_execution_time = :v", int(seconds * 1000)),    # MySQL's
    ):
        try:
            connection.execute(sa.text(statement), {"v": value})
            break
        except DBAPIError:
            connection.rollback()
    connection.execute(sa.text("SET SESSION lock_wait_timeout = :v"), {"v": lock_seconds(seconds)})
    connection.commit()


def detect_dialect(connection: sa.Connection) -> str:
    """Return which of the databases that speak this protocol answers."""
    version, comment = connection.execute(sa.text("SELECT version(), @@version_comment")).one()
    return speaker(f"{version} {comment}")


def speaker(words: str) -> str:
    """Return the name of the dialect behind a server's version.

    >>> speaker("8.0.11-TiDB-v7.5.0 TiDB Server"), speaker("10.11.6-MariaDB Debian 12")
    ('tidb', 'mysql')
    """
    return next((name for name in SPEAKERS if name in words.lower()), "mysql")


def tables(connection: sa.Connection, database: str) -> Iterator[TableInfo | Skipped]:
    """Yield tables and views of one database, or of all where the URL names none."""
    yield from list_tables(connection, database, SYSTEM, SQLGLOT)


def marks(connection: sa.Connection) -> Mapping[tuple[str, str], str]:
    """Return (schema, table) -> moment of the last change; where the server has none, the moment it started.

    A change within the last two seconds may have a second one in its second: such a table gets no mark.
    """
    try:                                      # MySQL 8 gives the same answer for a day otherwise
        connection.execute(sa.text("SET SESSION information_schema_stats_expiry = 0"))
    except DBAPIError:
        connection.rollback()
    uptime = int(connection.execute(sa.text("SHOW GLOBAL STATUS LIKE 'Uptime'")).one()[1])
    query = sa.text(
        "SELECT table_schema, table_name, engine, unix_timestamp(create_time), unix_timestamp(update_time), "
        "unix_timestamp() FROM information_schema.tables WHERE table_type = 'BASE TABLE'")
    moments = {}
    for schema, table, engine, created, changed, now in connection.execute(query):
        if engine not in _ENGINES or changed is not None and now - changed < 2:
            continue
        started = int(now - uptime) // 10     # the two clocks are read one after the other
        moments[schema, table] = f"{created} {changed if changed is not None else f'since {started}'}"
    return moments


def sample_clause(table: Any, rows: int, size: TableSize, seed: int) -> SampleClause | None:
    """Return rows by a random number, up to SCANNED rows or READ bytes; None for a table with an integer key.

    The statement ends with its last row: of a larger table no more is read than that, and the method says so.
    """
    if size.has_integer_key or size.rows is None or not rows * 2 < size.rows:
        return None
    reach = min(SCANNED, int(size.rows * READ / size.bytes)) if size.bytes else SCANNED
    if size.rows <= reach:
        share, method = min(1.0, 1.5 * rows / size.rows), Msg("rand() of every row")
    else:
        share, method = min(1.0, 4 * rows / reach), Msg("rand() of the first {n:,} rows", n=reach)
    return SampleClause(table, (sa.func.rand(inline(seed)) < inline(share),), method)


def estimate_rows(
    connection: sa.Connection, table: Any, key: str, bounds: Sequence[tuple[int, int]],
) -> list[float]:
    """Return rows between each two bounds of the key, by the optimizer's dives into the index.

    A few pages each.
    """
    column = table.c[key]
    estimates: list[float] = []
    for start in range(0, len(bounds), TOGETHER):
        selects = [sa.select(column).where(column.between(inline(low), inline(high)))
                   for low, high in bounds[start : start + TOGETHER]]
        query = sa.union_all(*selects) if len(selects) > 1 else selects[0]
        text = str(query.compile(connection, compile_kwargs={"literal_binds": True}))
        plan = connection.exec_driver_sql("EXPLAIN " + text).mappings().all()
        rows = {int(step["id"]): float(step["rows"])
                for step in plan if step["id"] is not None and step["rows"] is not None}
        estimates += [rows.get(i, 0.0) for i in range(1, len(selects) + 1)]
    return estimates


def rights(connection: sa.Connection) -> Text:
    """Return what the account may do beyond reading, by its own grants."""
    grants = [str(row[0]).upper() for row in connection.execute(sa.text("SHOW GRANTS"))]
    privileges = [m for grant in grants if (m := _GRANT.match(grant))]
    if any(m["where"] == "*.*" and _SUPER.search(m["what"]) for m in privileges):
        return SUPERUSER
    return MAY_WRITE if any(_WRITES.search(m["what"]) for m in privileges) else ""


def denied_columns(connection: sa.Connection, database: str) -> Mapping[tuple[str, str], frozenset[str]]:
    """Return (schema, table) -> columns that this account may not read, where it may read others."""
    columns: dict[tuple[str, str], dict[str, bool]] = {}
    for schema, table, name, is_readable in connection.execute(_PRIVILEGES):
        columns.setdefault((schema, table), {})[name] = bool(is_readable)
    return {table: frozenset(name for name, is_readable in of_table.items() if not is_readable)
            for table, of_table in columns.items() if len(set(of_table.values())) > 1}


def unseen_columns(connection: sa.Connection, database: str) -> Mapping[tuple[str, str], bool]:
    """Return (schema, table) of which this account was granted single columns: it sees no others."""
    whole = {(schema, table) for schema, table in connection.execute(_GRANTED_WHOLE)}
    return {(schema, table): True for schema, table in connection.execute(_GRANTED_COLUMNS)
            if not whole & {(schema, table), (schema, ""), ("", "")}}


def account_views(connection: sa.Connection) -> Mapping[tuple[str, str], bool]:
    """Return (schema, view) of which rows are shown by who asks, where this account may see their text."""
    views = {(schema, view): text or "" for schema, view, text in connection.execute(_VIEWS)}
    shown = {view for view, text in views.items() if _ASKS_WHO.search(text)}
    while more := {view for view, text in views.items()
                   if view not in shown and not shown.isdisjoint(_QUALIFIED.findall(text))}:
        shown |= more
    return dict.fromkeys(shown, True)


def foreign_code(connection: sa.Connection, database: str) -> ForeignCode:
    """Return tables of other servers, and views that call stored functions or read such tables.

    A stored function that is deterministic and writes nothing is fine, where this account may see that.
    """
    remote = connection.execute(_REMOTE_TABLES)
    direct: dict[ObjectName, Runs] = {(schema, table): "remote" for schema, table, _ in remote}
    harmless = {(schema, name) for schema, name in connection.execute(_HARMLESS)}
    uses: dict[ObjectName, list[ObjectName]] = {}
    for schema, view, definition in connection.execute(_VIEWS):
        uses[schema, view] = _QUALIFIED.findall(definition or "")
        if any((of or schema, name) not in harmless for of, name in _CALLED.findall(definition or "")):
            direct[schema, view] = "code"
    return ForeignCode(direct, uses)


def reaches(connection: sa.Connection) -> Iterator[tuple[str, str, str, list[str]]]:
    """Yield (kind, object, host or empty, tables) of links to other servers.

    These are tables on another server, accounts for certain hosts, and replicas that read the log now. An
    account that may not see others' privileges or connections sees its own only.
    """
    for schema, table, engine in connection.execute(_REMOTE_TABLES):
        yield "foreign_server", f"{engine} table {schema}.{table}", "", [f"{schema}/{table}"]
    accounts = sa.text("SELECT DISTINCT grantee FROM information_schema.user_privileges ORDER BY 1")
    for (grantee,) in connection.execute(accounts):
        host = str(grantee).rpartition("@")[2].strip("'")
        if host and host not in ("localhost", "127.0.0.1", "::1") and not any(c in host for c in "%_"):
            yield "access", f"account {grantee}", host, []
    replicas = sa.text(
        "SELECT user, host FROM information_schema.processlist WHERE command LIKE 'Binlog Dump%' "
        "ORDER BY 1, 2")
    for user, host in connection.execute(replicas):
        yield "replication", f"replica of {user}", str(host).rpartition(":")[0] or str(host), []


def share_of(value: Any, share: int) -> Any:
    """Return which of `share` equal parts a text's hash falls into.

    CRC32 is mixed by a multiplication, because alone it is linear in its input.
    """
    return sa.func.floor(sa.func.crc32(value) * 2_654_435_761 / 65_536) % inline(share)
