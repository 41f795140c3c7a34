"""PostgreSQL: read-only transactions, statement_timeout, row estimates from pg_class, TABLESAMPLE ... REPEATABLE."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa

DRIVER = "postgresql+psycopg"
SYSTEM = frozenset({"information_schema", "pg_catalog"})


def read_only(connection: sa.Connection, seconds: float) -> None:
    """This session reads only, and no statement runs longer than `seconds`."""
    connection.execute(sa.text("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY"))
    connection.execute(sa.text("SELECT set_config('statement_timeout', :ms, false)"), {"ms": str(int(seconds * 1000))})
    connection.commit()


def estimates(connection: sa.Connection) -> Mapping[tuple[str, str], tuple[int | None, int | None]]:
    """(schema, table) -> (rows, bytes) from the catalog; rows None where never analysed."""
    query = sa.text(
        "SELECT n.nspname, c.relname, c.reltuples, pg_table_size(c.oid) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE c.relkind IN ('r', 'p', 'm')"
    )
    return {(s, t): (int(r) if r >= 0 else None, int(b)) for s, t, r, b in connection.execute(query)}


def reaches(connection: sa.Connection) -> Iterator[tuple[str, str, str, list[str]]]:
    """(kind, object, host or empty, tables) of foreign servers, publications and standbys that this account may see."""
    servers = sa.text(
        "SELECT s.srvname, (SELECT split_part(o, '=', 2) FROM unnest(s.srvoptions) o WHERE o LIKE 'host=%' LIMIT 1), "
        "ARRAY(SELECT n.nspname || '/' || c.relname FROM pg_foreign_table t JOIN pg_class c ON c.oid = t.ftrelid "
        "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE t.ftserver = s.oid) FROM pg_foreign_server s ORDER BY 1"
    )
    for name, host, tables in connection.execute(servers):
        yield "foreign_server", f"foreign server {name}", host or "", list(tables)
    published = sa.text("SELECT pubname, array_agg(schemaname || '/' || tablename) FROM pg_publication_tables GROUP BY 1 ORDER BY 1")
    for name, tables in connection.execute(published):
        yield "replication", f"publication {name}", "", list(tables)
    standbys = sa.text("SELECT application_name, host(client_addr) FROM pg_stat_replication WHERE client_addr IS NOT NULL ORDER BY 1")
    for name, host in connection.execute(standbys):
        yield "replication", f"standby {name}", host, []


def sampled(table: Any, rows: int, total: int | None, seed: int) -> tuple[Any, str] | None:
    """(from clause, method) drawing about `rows` of `total`; None to read the table as it is."""
    if total is None or total <= rows * 2:
        return None
    percent = min(100.0, 100.0 * rows * 1.3 / total)
    return table.tablesample(sa.func.bernoulli(percent), seed=sa.literal(seed, literal_execute=True)), "TABLESAMPLE BERNOULLI"


def share_of(value: Any, share: int) -> Any:
    """Which of `share` equal parts (a power of two) a text's hash falls into."""
    return sa.func.hashtext(value).op("&")(sa.literal(share - 1, literal_execute=True))
