"""Hive through HiveServer2: all columns in one call of its protocol, a few partitions for a sample, never the whole table.

Hive has no read-only session: nothing but SELECT, SHOW, DESCRIBE and EXPLAIN is ever sent, and the account should hold SELECT alone.
What each way of sampling reads: TABLESAMPLE (n PERCENT) some blocks of the files; (BUCKET x OUT OF y ON rand()) every row; (n ROWS) the
first rows. Partitions named in WHERE are the only thing that never reads more than it must.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import unquote

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.compiler import compiles

from detectors.errors import ConfigError
from detectors.message import Msg
from detectors.model import ColumnInfo, Rows, Skipped, TableInfo, TableRef
from scanner.connectors.sql.dialects import Size

sa.dialects.registry.register("hive.chujing", "scanner.connectors.sql.hive_driver", "Dialect")

DRIVER = "hive+chujing"
EXTRA = "hive"
SQLGLOT = "hive"
SYSTEM = frozenset({"sys", "information_schema", "global_temp"})
REPEATABLE = False                            # rows arrive in the order in which tasks end
AUTH = ("NONE", "NOSASL", "LDAP", "CUSTOM", "KERBEROS")
QUEUES = ("mapreduce.job.queuename", "tez.queue.name")
FEW = 6                                       # partitions of a sample where their size is unknown
MANY = 64                                     # partitions of a sample, at most
READABLE = 2 << 30                            # bytes a table may have for every row of it to be looked at
_NONE = "__HIVE_DEFAULT_PARTITION__"


def arguments(url: Any, seconds: float, options: Mapping[str, str]) -> dict[str, Any]:
    """options: auth, kerberos_service_name, queue, and `set.NAME` for any setting of the session."""
    auth = options.get("auth", "LDAP" if url.password else "NONE").upper()
    if auth not in AUTH:
        raise ConfigError(
            Msg('no authentication "{name}"', name=auth),
            where=str(url.host),
            hint=Msg("auth: {names}", names=tuple(AUTH)),
        )
    return {"auth": auth, "service": options.get("kerberos_service_name", "hive"), "seconds": seconds,
            "settings": settings(options, QUEUES)}


def settings(options: Mapping[str, str], queues: Sequence[str]) -> dict[str, str]:
    """Settings of the session by name: the queue under each of the names it goes by, then what `set.` names.

    >>> settings({"queue": "scan", "set.hive.fetch.task.conversion": "more"}, ("tez.queue.name",))
    {'tez.queue.name': 'scan', 'hive.fetch.task.conversion': 'more'}
    """
    named = dict.fromkeys(queues, options["queue"]) if "queue" in options else {}
    named |= {k.removeprefix("set."): v for k, v in options.items() if k.startswith("set.")}
    for name, value in named.items():
        if not name.replace(".", "").replace("_", "").replace("-", "").isalnum() or any(c in value for c in ";\r\n"):
            raise ConfigError(
                Msg('"{name}" is no setting that can be made', name=name),
                hint=Msg("letters, digits, dots; a value of one line without ;"),
            )
    return named


def spoken(connection: sa.Connection) -> str:
    """`sparksql` behind Spark's Thrift server, which names the column of SHOW DATABASES differently."""
    said = list(connection.execute(sa.text("SHOW DATABASES")).keys())
    return "hive" if said == ["database_name"] else "sparksql"


def tables(connection: sa.Connection, database: str) -> Iterator[TableInfo | Skipped]:
    """Tables, columns and comments by two calls of the protocol. Statistics, owners and partitions are for a metastore to tell."""
    return listed(connection, database, SQLGLOT)


def listed(connection: sa.Connection, database: str, spoken: str) -> Iterator[TableInfo | Skipped]:
    """What the protocol's own catalogue says; `_` in a name is a wildcard there, so the answer is looked through again."""
    from scanner.connectors.sql.hive_driver import catalogue

    columns: dict[tuple[str, str], list[tuple[int, ColumnInfo]]] = {}
    for row in catalogue(connection, "Columns", database):
        kind = str(row[5] or "").lower().replace(": ", ":").replace(", ", ",")
        columns.setdefault((row[1], row[2]), []).append((row[16] or 0, ColumnInfo(row[3], kind, row[11] or "", path=(row[3],))))
    for row in catalogue(connection, "Tables", database):
        ref = TableRef(row[2], row[1] or "")
        if ref.schema in SYSTEM or database not in ("", ref.schema):
            continue
        own = tuple(c for _, c in sorted(columns.get((ref.schema, ref.name), ()), key=lambda c: c[0]))
        if not own:
            yield Skipped(
                f"{ref.schema}/{ref.name}",
                Msg("its columns cannot be read"),
                Msg("DESCRIBE it; name a metastore: to list it from there"),
            )
            continue
        yield TableInfo(ref, own, row[4] or "", Rows(0, None, "unknown"), "view" if "VIEW" in (row[3] or "") else "table", dialect=spoken)


def way(connection: sa.Connection, info: TableInfo) -> str:
    """The partitions of one table as JSON: [[column, value] ...] of each, in order; empty where it has none."""
    if info.kind != "table":
        return ""
    table = connection.dialect.identifier_preparer.format_table(sa.table(info.ref.name, schema=info.ref.schema or None))
    try:
        names = [row[0] for row in connection.execute(sa.text(f"SHOW PARTITIONS {table}".replace(":", r"\:")))]
    except DBAPIError:                        # not partitioned, or its format keeps them itself
        connection.rollback()
        return ""
    numbers = {c.name for c in info.columns if c.type in ("tinyint", "smallint", "int", "bigint")}
    return json.dumps([[pair(level, numbers) for level in name.split("/")] for name in sorted(names)], ensure_ascii=False) if names else ""


def pair(level: str, numbers: set[str]) -> tuple[str, str | int | None]:
    """Column and value of one level of a partition's name.

    >>> pair("dt=2026-01-01 08%3A00", set()), pair("hr=7", {"hr"})
    (('dt', '2026-01-01 08:00'), ('hr', 7))
    """
    name, _, text = level.partition("=")
    value = unquote(text)
    if value == _NONE:
        return name, None
    return name, int(value) if name in numbers and value.lstrip("-").isdigit() else value


def some(partitions: Sequence[Any], number: int, seed: int) -> list[Any]:
    """The newest, the oldest and random ones in between, in order; those without a value only where there are no others."""
    filled = [p for p in partitions if all(v is not None for _, v in p)] or list(partitions)
    if len(filled) <= number:
        return filled
    between = random.Random(seed).sample(range(1, len(filled) - 1), max(0, number - 2))
    return [filled[i] for i in sorted({0, len(filled) - 1, *between})]


def sampled(table: Any, rows: int, size: Size, seed: int) -> tuple[Any, tuple[Any, ...], str] | None:
    """Rows of a few partitions, as many of each; blocks of the files of a large table without partitions."""
    if size.way:
        return of_partitions(table, rows, size, seed)
    if size.rows is None or size.rows <= rows * 2:
        return None
    if size.bytes is None or size.bytes <= READABLE:
        return table, (_drawn(rows, size.rows, seed),), Msg("rand() of every row")
    return Blocks(table, max(0.01, min(100.0, 200.0 * rows / size.rows))), (), Msg("TABLESAMPLE of blocks")


def of_partitions(table: Any, rows: int, size: Size, seed: int) -> tuple[Any, tuple[Any, ...], str]:
    """A union of the partitions drawn, each with its own limit, so that no other is read and none is read alone."""
    partitions = json.loads(size.way)
    each = None if size.rows is None else max(1, size.rows // len(partitions))
    number = FEW if each is None else max(FEW, min(MANY, -(-2 * rows // each)))
    if size.bytes is not None:                # as many as may be read, but never fewer than three
        number = max(3, min(number, READABLE * len(partitions) // max(1, size.bytes)))
    chosen = some(partitions, number, seed)
    wanted = -(-rows // len(chosen))
    thin = (_drawn(wanted, each, seed),) if each is not None and each > 4 * wanted else ()
    parts = [sa.select(*table.c).where(*(_is(c, v) for c, v in p), *thin).limit(wanted).subquery(f"p{i}") for i, p in enumerate(chosen)]
    drawn = sa.union_all(*(sa.select(*p.c) for p in parts)).subquery("drawn") if len(parts) > 1 else parts[0]
    return drawn, (), Msg("{n} of {of} partitions", n=len(chosen), of=len(partitions))


def _is(column: str, value: str | int | None) -> Any:
    own: Any = sa.column(sa.sql.quoted_name(column, True))
    return own.is_(None) if value is None else own == sa.literal(value)


def _drawn(rows: int, of: int, seed: int) -> Any:
    return sa.func.rand(sa.literal(seed, literal_execute=True)) < sa.literal(min(1.0, 1.5 * rows / of), literal_execute=True)


class Blocks(sa.TableClause):
    """A table of which Hive reads about so many per cent of its files' blocks."""

    inherit_cache = False

    def __init__(self, table: Any, percent: float) -> None:
        super().__init__(table.name, *(sa.column(c.name) for c in table.c), schema=table.schema)
        self.percent = percent


@compiles(Blocks)
def _blocks(element: Blocks, compiler: Any, **named: Any) -> str:
    return f"{compiler.visit_table(element, **named)} TABLESAMPLE ({element.percent:.4f} PERCENT)"
