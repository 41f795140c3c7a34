"""PostgreSQL: read-only transactions, time limits, estimates from pg_class, pages by TABLESAMPLE."""

from __future__ import annotations

import inspect
import re
import time
from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL

from detectors.message import Msg, Text
from detectors.model import Skipped, TableInfo
from scanner.connectors.sql.catalogue import ColumnsAndKeys, ListedTable
from scanner.connectors.sql.composites import InnerValue
from scanner.connectors.sql.dialects import (
    MAY_WRITE,
    PAGE,
    SUPERUSER,
    SampleClause,
    TableSize,
    connect_seconds,
    inline,
    lock_seconds,
)
from scanner.connectors.sql.foreign_code import ForeignCode, ObjectName, Runs
from scanner.connectors.sql.postgresql_composites import composite_leaves

DRIVER = "postgresql+psycopg"
EXTRA = "postgresql"
SQLGLOT = "postgres"
# seconds beyond a statement's limit until its connection is given up
GRACE = 3
OLDEST = (12,)                                # version of PostgreSQL whose catalogue has what is asked here
UNNAMED = (9, 2)                              # version that is taken for a server of another name
SINGLE_COLUMNS = "single columns"             # of a table: its ctid may not be read
OF_A_PAGE = 8                                 # rows of the sample that one page gives
SYSTEM = frozenset({"information_schema", "pg_catalog"})
_COLUMNS = sa.text(
    "SELECT n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod), "
    "col_description(c.oid, a.attnum), NOT a.attnotnull "
    "FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname <> ALL(:system) "
    "AND n.nspname NOT LIKE 'pg\\_%' "
    "AND NOT c.relispartition AND a.attnum > 0 AND NOT a.attisdropped ORDER BY 1, 2, a.attnum")
_PRIMARY_KEYS = sa.text(
    "SELECT n.nspname, c.relname, a.attname FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid "
    "JOIN pg_namespace n ON n.oid = c.relnamespace "
    "CROSS JOIN LATERAL unnest(k.conkey) WITH ORDINALITY u(attnum, i) "
    "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = u.attnum "
    "WHERE k.contype = 'p' AND n.nspname <> ALL(:system) AND NOT c.relispartition ORDER BY 1, 2, u.i")
_FOREIGN_KEYS = sa.text(
    "SELECT n.nspname, c.relname, k.conname, a.attname, fn.nspname, f.relname, fa.attname "
    "FROM pg_constraint k "
    "JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace "
    "JOIN pg_class f ON f.oid = k.confrelid JOIN pg_namespace fn ON fn.oid = f.relnamespace "
    "CROSS JOIN LATERAL unnest(k.conkey, k.confkey) WITH ORDINALITY u(own, target, i) "
    "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = u.own "
    "JOIN pg_attribute fa ON fa.attrelid = f.oid AND fa.attnum = u.target "
    "WHERE k.contype = 'f' AND NOT f.relispartition "
    "AND n.nspname <> ALL(:system) AND NOT c.relispartition ORDER BY 1, 2, 3, u.i")
_TABLES = sa.text(
    "WITH leaf AS (SELECT c.oid AS root, l.relpages, l.reltuples FROM pg_class c "
    "CROSS JOIN LATERAL pg_partition_tree(c.oid) p JOIN pg_class l ON l.oid = p.relid "
    "WHERE c.relkind = 'p' AND NOT c.relispartition AND p.isleaf AND l.relkind <> 'p'), "
    "summed AS (SELECT root, count(*) AS parts, sum(greatest(reltuples, 0)) AS tuples, "
    "bool_or(reltuples >= 0) AS told, sum(relpages::bigint) AS pages FROM leaf GROUP BY root) "
    "SELECT n.nspname, c.relname, c.relkind, obj_description(c.oid, 'pg_class'), "
    "CASE WHEN c.relkind = 'p' THEN CASE WHEN s.told THEN s.tuples END "
    "WHEN c.relkind IN ('r', 'm', 'f') THEN c.reltuples END, "
    "nullif(CASE WHEN c.relkind = 'p' THEN s.pages WHEN c.relkind IN ('r', 'm') THEN c.relpages END, 0) "
    # asking for the size itself would wait for a locked table
    "* current_setting('block_size')::bigint, "
    "CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END, pg_get_userbyid(c.relowner), "
    "CASE WHEN c.relkind = 'p' THEN (SELECT array_agg(a.attname::text ORDER BY u.i) "
    "FROM pg_partitioned_table t "
    "CROSS JOIN LATERAL unnest(t.partattrs::int[]) WITH ORDINALITY u(attnum, i) "
    "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = u.attnum WHERE t.partrelid = c.oid) END, "
    "CASE WHEN c.relkind = 'p' THEN coalesce(s.parts, 0) END "
    "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN summed s ON s.root = c.oid "
    "WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname <> ALL(:system) "
    "AND n.nspname NOT LIKE 'pg\\_%' "
    "AND NOT c.relispartition")
_FOREIGN_SERVERS = sa.text(
    "SELECT s.srvname, "
    "(SELECT split_part(o, '=', 2) FROM unnest(s.srvoptions) o WHERE o LIKE 'host=%' LIMIT 1), "
    "ARRAY(SELECT n.nspname || '/' || c.relname FROM pg_foreign_table t JOIN pg_class c ON c.oid = t.ftrelid "
    "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE t.ftserver = s.oid) FROM pg_foreign_server s "
    "ORDER BY 1")
_PUBLICATIONS = sa.text(
    "SELECT pubname, array_agg(schemaname || '/' || tablename) FROM pg_publication_tables GROUP BY 1 "
    "ORDER BY 1")
_STANDBYS = sa.text(
    "SELECT application_name, host(client_addr) FROM pg_stat_replication WHERE client_addr IS NOT NULL "
    "ORDER BY 1")
_COUNTERS_RUN = sa.text("SELECT pg_is_in_recovery(), current_setting('track_counts') = 'on'")
_LOG_POSITION = sa.text(
    "SELECT n.nspname, c.relname, pg_last_wal_replay_lsn()::text FROM pg_class c "
    "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'm')")
_COUNTERS = sa.text(
    "WITH one AS (SELECT c.oid, c.relnamespace, c.relname, c.relkind, c.relispartition, "
    "concat_ws('.', c.relfilenode, pg_stat_get_tuples_inserted(c.oid), pg_stat_get_tuples_updated(c.oid), "
    "pg_stat_get_tuples_deleted(c.oid)) AS mark FROM pg_class c WHERE c.relkind IN ('r', 'p', 'm')), "
    "reset AS (SELECT coalesce(stats_reset::text, '') AS at FROM pg_stat_database "
    "WHERE datname = current_database()) "
    "SELECT n.nspname, o.relname, reset.at || ' ' || CASE WHEN o.relkind = 'p' "
    "THEN (SELECT string_agg(m.mark, ' ' ORDER BY m.oid) "
    "FROM pg_partition_tree(o.oid) p JOIN one m ON m.oid = p.relid) ELSE o.mark END "
    "FROM one o JOIN pg_namespace n ON n.oid = o.relnamespace, reset")
_DENIED = sa.text(
    "SELECT n.nspname, c.relname, a.attname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
    "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped "
    "WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname <> ALL(:system) "
    "AND n.nspname NOT LIKE 'pg\\_%' AND NOT has_table_privilege(c.oid, 'SELECT') "
    "AND has_any_column_privilege(c.oid, 'SELECT') AND NOT has_column_privilege(c.oid, a.attnum, 'SELECT')")
# reltuples are of the last ANALYZE; before it, rows are counted as they are written
_POLICIES = sa.text(
    "SELECT n.nspname, c.relname, (SELECT sum(CASE WHEN l.reltuples > 0 THEN l.reltuples "
    "ELSE nullif(pg_stat_get_live_tuples(l.oid), 0) END) "
    "FROM pg_class l WHERE l.oid = c.oid AND c.relkind = 'r' "
    "OR c.relkind = 'p' AND l.oid IN (SELECT relid FROM pg_partition_tree(c.oid) WHERE isleaf)) "
    "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE c.relkind IN ('r', 'p') AND c.relrowsecurity AND row_security_active(c.oid)")
# views that read such tables under the rights of whoever asks
_POLICIES_BEHIND = sa.text(
    "WITH RECURSIVE reads(view, relation) AS (SELECT w.ev_class, d.refobjid FROM pg_rewrite w "
    "JOIN pg_class v ON v.oid = w.ev_class AND v.relkind = 'v' AND v.reloptions && "
    "ARRAY['security_invoker=true', 'security_invoker=on', 'security_invoker=yes', 'security_invoker=1'] "
    "JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid "
    "AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> w.ev_class), "
    "behind(view, relation) AS (SELECT view, relation FROM reads "
    "UNION SELECT b.view, r.relation FROM behind b JOIN reads r ON r.view = b.relation) "
    "SELECT DISTINCT n.nspname, v.relname FROM behind b JOIN pg_class c ON c.oid = b.relation "
    "AND c.relrowsecurity AND row_security_active(c.oid) "
    "JOIN pg_class v ON v.oid = b.view JOIN pg_namespace n ON n.oid = v.relnamespace")
# views whose conditions name the account, and views that read those
_OF_ACCOUNT = sa.text(
    "WITH RECURSIVE shown(view) AS (SELECT v.oid FROM pg_class v "
    "JOIN pg_namespace n ON n.oid = v.relnamespace WHERE v.relkind = 'v' "
    "AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%' "
    "AND lower(pg_get_viewdef(v.oid)) ~ '(where|on|having)\\M.*\\m"
    "(current_user|session_user|current_role|current_setting|pg_has_role)\\M' "
    "UNION SELECT w.ev_class FROM shown s JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass "
    "AND d.refobjid = s.view AND d.classid = 'pg_rewrite'::regclass "
    "JOIN pg_rewrite w ON w.oid = d.objid) "
    "SELECT DISTINCT n.nspname, v.relname FROM shown s JOIN pg_class v ON v.oid = s.view AND v.relkind = 'v' "
    "JOIN pg_namespace n ON n.oid = v.relnamespace")
_RIGHTS = sa.text(
    "SELECT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user), EXISTS (SELECT 1 FROM pg_class c "
    "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p') "
    "AND n.nspname <> ALL(:system) AND n.nspname NOT LIKE 'pg\\_%' "
    "AND has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE'))")
# functions that PostgreSQL brings itself are in no dependency: views that call them are known by their text
_VOLATILE = sa.text(
    "SELECT DISTINCT proname FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace "
    "AND provolatile = 'v' ORDER BY 1")
_HARMLESS = frozenset({
    "random", "random_normal", "clock_timestamp", "timeofday", "gen_random_uuid", "uuidv4", "uuidv7",
    "pg_stat_get_activity", "pg_lock_status", "pg_relation_size", "pg_total_relation_size",
    "pg_database_size",
    "pg_table_size", "pg_indexes_size", "pg_tablespace_size",
})
_VIEWS = (
    "pg_rewrite w JOIN pg_class c ON c.oid = w.ev_class AND c.relkind = 'v' "
    "JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname <> ALL(:system) "
    "JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid AND d.deptype = 'n' ")
_CALLERS = sa.text(
    "SELECT DISTINCT n.nspname, c.relname FROM " + _VIEWS + "JOIN pg_proc p ON p.oid = d.refobjid "
    "WHERE d.refclassid = 'pg_proc'::regclass AND p.provolatile = 'v'")
_USES = sa.text(
    "SELECT DISTINCT n.nspname, c.relname, un.nspname, u.relname FROM " + _VIEWS +
    "JOIN pg_class u ON u.oid = d.refobjid AND u.oid <> c.oid "
    "JOIN pg_namespace un ON un.oid = u.relnamespace "
    "WHERE d.refclassid = 'pg_class'::regclass")
_REMOTE = sa.text(
    "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE c.oid IN (SELECT coalesce(pg_partition_root(ftrelid), ftrelid) FROM pg_foreign_table)")
_SHORT_NAMES = (                              # of types, in the order in which they are put in
    ("character varying", "varchar"), ("bpchar", "char"), ("character", "char"), (" without time zone", ""))


def arguments(url: URL, seconds: float, options: Mapping[str, str]) -> dict[str, Any]:
    """Return how long to wait for a connection, and how values become Python's."""
    from scanner.connectors.sql.postgresql_values import value_adapters

    return {"connect_timeout": connect_seconds(seconds), "context": value_adapters()}


def prepare_engine(engine: sa.Engine) -> None:
    """Let servers answer that call themselves something else than PostgreSQL, as openGauss does."""
    dialect: Any = engine.dialect
    read_version = dialect._get_server_version_info

    def version(connection: sa.Connection) -> tuple[int, ...]:
        try:
            return tuple(read_version(connection))
        except AssertionError:                # SQLAlchemy does not know the words
            return UNNAMED

    dialect._get_server_version_info = version


def detect_dialect(connection: sa.Connection) -> str:
    """Return which rules fit this server: its catalogue may be older than ours."""
    version = connection.dialect.server_version_info or UNNAMED
    return "postgresql" if tuple(version) >= OLDEST else "opengauss"


def read_only(connection: sa.Connection, seconds: float) -> None:
    """Let this session read only, no statement run longer than `seconds`, and none wait long for a lock.

    A table read twice is read from its start twice, so that its first rows stay the first.
    """
    _give_up_after(connection.connection.driver_connection, seconds + GRACE)
    connection.execute(sa.text("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY"))
    connection.execute(
        sa.text("SELECT set_config('statement_timeout', :ms, false), "
                "set_config('lock_timeout', :lock, false), "
                "set_config('synchronize_seqscans', 'off', false), "
                "set_config('datestyle', 'ISO, YMD', false)"),
        {"ms": str(int(seconds * 1000)), "lock": f"{lock_seconds(seconds)}s"})
    connection.commit()


def read_any_text(connection: sa.Connection) -> None:
    """Let text that the server holds in another encoding than it declares keep its bytes."""
    driver: Any = connection.connection.driver_connection
    driver.reads_any_text = True


def leaves(connection: sa.Connection) -> Mapping[tuple[str, str], Mapping[str, list[InnerValue]]]:
    """Return (schema, table) -> the leaves of each of its columns that is a composite."""
    return composite_leaves(connection, sorted(SYSTEM))


def denied_columns(connection: sa.Connection, database: str) -> Mapping[tuple[str, str], frozenset[str]]:
    """Return (schema, table) -> columns that this account may not read, where it may read others."""
    denied: dict[tuple[str, str], set[str]] = {}
    for schema, table, name in connection.execute(_DENIED, {"system": sorted(SYSTEM)}):
        denied.setdefault((schema, table), set()).add(name)
    return {table: frozenset(names) for table, names in denied.items()}


def sampling_hints(connection: sa.Connection, database: str) -> Mapping[tuple[str, str], str]:
    """Return (schema, table) -> SINGLE_COLUMNS where this account may read some columns only."""
    return dict.fromkeys(denied_columns(connection, database), SINGLE_COLUMNS)


def hidden_rows(connection: sa.Connection) -> Mapping[tuple[str, str], int | None]:
    """Return (schema, table) -> rows, about, of tables whose policies hold for this account.

    Of views that read such tables under its rights, nobody knows how many there are.
    """
    tables = {(schema, table): None if rows is None else int(rows)
              for schema, table, rows in connection.execute(_POLICIES)}
    views = [(schema, view) for schema, view in connection.execute(_POLICIES_BEHIND)]
    return {**dict.fromkeys(views), **tables}


def account_views(connection: sa.Connection) -> Mapping[tuple[str, str], bool]:
    """Return (schema, view) of which rows are shown by who asks."""
    return dict.fromkeys(((schema, view) for schema, view in connection.execute(_OF_ACCOUNT)), True)


def visible_rows(connection: sa.Connection, table: Any) -> int | None:
    """Return the rows of a table that the planner expects this account to see."""
    query: Any = sa.select(sa.literal_column("1")).select_from(table)
    text = str(query.compile(connection, compile_kwargs={"literal_binds": True}))
    plan = connection.exec_driver_sql("EXPLAIN " + text).scalars().first() or ""
    rows = re.search(r" rows=([0-9]+)", plan)
    return int(rows[1]) if rows else None


def _give_up_after(driver: Any, seconds: float) -> None:
    """Let no single call to the server last longer, where the driver can.

    A server that hangs does not watch its own time limit.
    """
    import psycopg

    wait = getattr(type(driver), "wait", None)
    takes_timeout = "timeout" in inspect.signature(wait or int).parameters
    if not isinstance(driver, psycopg.Connection) or not takes_timeout:
        return

    def wait_within(gen: Any, *_: Any, **__: Any) -> Any:
        started = time.monotonic()
        try:
            return psycopg.Connection.wait(driver, gen, timeout=seconds)
        except psycopg.Error:
            if time.monotonic() - started < seconds:
                raise
            driver.pgconn.finish()            # what the server still sends belongs to no statement
            raise psycopg.OperationalError("timed out") from None

    driver.wait = wait_within  # type: ignore[method-assign]


def tables(connection: sa.Connection, database: str) -> Iterator[TableInfo | Skipped]:
    """Yield tables, views, materialised views and foreign tables of all schemas.

    A partitioned table is one, with the sums of its partitions.
    """
    values = {"system": sorted(SYSTEM)}
    catalogue = ColumnsAndKeys()
    catalogue.add_columns(
        (schema, table, name, type_name(kind), comment, nullable)
        for schema, table, name, kind, comment, nullable in connection.execute(_COLUMNS, values))
    catalogue.add_primary(connection.execute(_PRIMARY_KEYS, values))
    catalogue.add_foreign(connection.execute(_FOREIGN_KEYS, values))
    rows_of_tables = connection.execute(_TABLES, values)
    listed = [
        ListedTable((schema, table), "view" if kind in "vm" else "table", comment or "", rows, size,
                    view or "", owner, partitioned_by=tuple(columns or ()), partitions=partitions)
        for schema, table, kind, comment, rows, size, view, owner, columns, partitions in rows_of_tables
    ]
    yield from catalogue.tables(listed, SQLGLOT)


def type_name(kind: str) -> str:
    """Return a type in its short words, e.g. varchar(20) for character varying(20)."""
    for long, short in _SHORT_NAMES:
        kind = kind.replace(long, short)
    return kind.replace(",", ", ")


def rights(connection: sa.Connection) -> Text:
    """Return what the account may do beyond reading."""
    is_superuser, may_write = connection.execute(_RIGHTS, {"system": sorted(SYSTEM)}).one()
    return SUPERUSER if is_superuser else MAY_WRITE if may_write else ""


def foreign_code(connection: sa.Connection, database: str) -> ForeignCode:
    """Return foreign tables, views that call volatile functions, and what views use."""
    values = {"system": sorted(SYSTEM)}
    callers = connection.execute(_CALLERS, values)
    direct: dict[ObjectName, Runs] = {(row[0], row[1]): "code" for row in callers}
    direct |= {(row[0], row[1]): "remote" for row in connection.execute(_REMOTE)}
    uses: dict[ObjectName, list[ObjectName]] = {}
    for schema, name, *used in connection.execute(_USES, values):
        uses.setdefault((schema, name), []).append((used[0], used[1]))
    names = "|".join(re.escape(name) for (name,) in connection.execute(_VOLATILE) if name not in _HARMLESS)
    return ForeignCode(direct, uses, re.compile(rf"(?<![\w$])(?:{names})\("))


def reaches(connection: sa.Connection) -> Iterator[tuple[str, str, str, list[str]]]:
    """Yield (kind, object, host or empty, tables) of links to other servers that this account may see."""
    for name, host, linked in connection.execute(_FOREIGN_SERVERS):
        yield "foreign_server", f"foreign server {name}", host or "", list(linked)
    for name, published in connection.execute(_PUBLICATIONS):
        yield "replication", f"publication {name}", "", list(published)
    for name, host in connection.execute(_STANDBYS):
        yield "replication", f"standby {name}", host, []


def marks(connection: sa.Connection) -> Mapping[tuple[str, str], str]:
    """Return (schema, table) -> rows inserted, updated and deleted so far, and the file that holds them.

    TRUNCATE and rewrites change the file. A partitioned table's mark covers its partitions. A standby has
    no such counters: there, the position in the log marks every table. Sessions report their counters with
    some seconds' delay; what they wrote last may be noticed by the next run only.
    """
    is_standby, counters_run = connection.execute(_COUNTERS_RUN).one()
    if is_standby:
        return {(schema, table): str(mark) for schema, table, mark in connection.execute(_LOG_POSITION)}
    if not counters_run:
        return {}
    rows = connection.execute(_COUNTERS)
    return {(schema, table): str(mark) for schema, table, mark in rows if mark is not None}


def sample_clause(table: Any, rows: int, size: TableSize, seed: int) -> SampleClause | None:
    """Return random pages and a few rows of each.

    None for a small table, and for what has no bytes of its own.

    No more of the table is read than these pages, and rows that lie together do not stand for the whole.
    Where half the pages would be needed, rows of all pages are chosen.
    """
    if size.rows is None or size.bytes is None or size.rows <= rows * 2:
        return None
    pages = max(1, size.bytes // PAGE)
    needed = max(1, -(-rows // OF_A_PAGE))
    if needed * 2 >= pages:
        bernoulli = sa.func.bernoulli(min(100.0, 130.0 * rows / size.rows))
        return SampleClause(table.tablesample(bernoulli, seed=inline(seed)), (), Msg("TABLESAMPLE BERNOULLI"))
    system = sa.func.system(min(100.0, 130.0 * needed / pages))
    sample = table.tablesample(system, name="drawn", seed=inline(seed))
    method = Msg("TABLESAMPLE {how}", how="SYSTEM")
    density = size.rows / pages / OF_A_PAGE       # rows of a page for each that is needed
    if density < 1.5 or size.hint == SINGLE_COLUMNS:
        return SampleClause(sample, (), method)
    place = sa.cast(sa.literal_column("drawn.ctid"), sa.Text)
    is_chosen = sa.func.hashtext(place).op("&")(inline(1023)) < inline(int(1024 / density) + 1)
    return SampleClause(sample, (is_chosen,), method)


def share_of(value: Any, share: int) -> Any:
    """Return which of `share` equal parts (a power of two) a text's hash falls into."""
    return sa.func.hashtext(value).op("&")(inline(share - 1))
