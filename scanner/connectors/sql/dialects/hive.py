"""Hive through HiveServer2: all columns in one call of its protocol, a few partitions for a sample.

Hive has no read-only session: nothing but SELECT, SHOW, DESCRIBE and EXPLAIN is ever sent, and the account
should hold SELECT alone. What each way of sampling reads: TABLESAMPLE (n PERCENT) some blocks of the files;
(BUCKET x OUT OF y ON rand()) every row; (n ROWS) the first rows. Partitions named in WHERE are the only
thing that never reads more than it must.
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
from scanner.connectors.sql.dialects import SampleClause, TableSize, inline

sa.dialects.registry.register("hive.chujing", "scanner.connectors.sql.hive_driver", "TimedHiveDialect")

DRIVER = "hive+chujing"
EXTRA = "hive"
SQLGLOT = "hive"
SYSTEM = frozenset({"sys", "information_schema", "global_temp"})
REPEATABLE = False                            # rows arrive in the order in which tasks end
AUTH = ("NONE", "NOSASL", "LDAP", "CUSTOM", "KERBEROS")
QUEUES = ("mapreduce.job.queuename", "tez.queue.name")
FEW = 6                                       # partitions of a sample where their size is unknown
MANY = 64                                     # partitions of a sample, at most
READABLE = 2 << 30                            # bytes a table may have for every row of it to be read
_NULL = "__HIVE_DEFAULT_PARTITION__"
_NUMBERS = ("tinyint", "smallint", "int", "bigint")


def arguments(url: Any, seconds: float, options: Mapping[str, str]) -> dict[str, Any]:
    """Return what our driver takes. Raise ConfigError for an unknown authentication.

    options: auth, kerberos_service_name, queue, and `set.NAME` for any setting of the session.
    """
    auth = options.get("auth", "LDAP" if url.password else "NONE").upper()
    if auth not in AUTH:
        raise ConfigError(Msg('no authentication "{name}"', name=auth), where=str(url.host),
                          hint=Msg("auth: {names}", names=AUTH))
    return {"auth": auth, "service": options.get("kerberos_service_name", "hive"), "seconds": seconds,
            "settings": session_settings(options, QUEUES)}


def session_settings(options: Mapping[str, str], queues: Sequence[str]) -> dict[str, str]:
    """Return settings of the session by name: the queue under each of its names, then what `set.` names.

    >>> options = {"queue": "scan", "set.hive.fetch.task.conversion": "more"}
    >>> session_settings(options, ("tez.queue.name",))
    {'tez.queue.name': 'scan', 'hive.fetch.task.conversion': 'more'}
    """
    settings = dict.fromkeys(queues, options["queue"]) if "queue" in options else {}
    own = {name: value for name, value in options.items() if name.startswith("set.")}
    settings |= {name.removeprefix("set."): value for name, value in own.items()}
    for name, value in settings.items():
        is_name = name.replace(".", "").replace("_", "").replace("-", "").isalnum()
        if not is_name or any(c in value for c in ";\r\n"):
            raise ConfigError(Msg('"{name}" is no setting that can be made', name=name),
                              hint=Msg("letters, digits, dots; a value of one line without ;"))
    return settings


def detect_dialect(connection: sa.Connection) -> str:
    """Return `sparksql` behind Spark's Thrift server, whose SHOW DATABASES has another column name."""
    columns = list(connection.execute(sa.text("SHOW DATABASES")).keys())
    return "hive" if columns == ["database_name"] else "sparksql"


def tables(connection: sa.Connection, database: str) -> Iterator[TableInfo | Skipped]:
    """Yield tables, columns and comments by two calls of the protocol.

    Statistics, owners and partitions are for a metastore to give.
    """
    return list_tables(connection, database, SQLGLOT)


def list_tables(connection: sa.Connection, database: str, dialect: str) -> Iterator[TableInfo | Skipped]:
    """Yield what the protocol's own catalogue says.

    `_` in a name is a wildcard there, so other databases are dropped from the answer.
    """
    from scanner.connectors.sql.hive_driver import catalogue

    columns: dict[tuple[str, str], list[tuple[int, ColumnInfo]]] = {}
    for row in catalogue(connection, "Columns", database):
        schema, table, name, comment, position = row[1], row[2], row[3], row[11] or "", row[16] or 0
        kind = str(row[5] or "").lower().replace(": ", ":").replace(", ", ",")
        column = ColumnInfo(name, kind, comment, path=(name,))
        columns.setdefault((schema, table), []).append((position, column))
    for row in catalogue(connection, "Tables", database):
        ref, kind, comment = TableRef(row[2], row[1] or ""), row[3] or "", row[4] or ""
        if ref.schema in SYSTEM or database not in ("", ref.schema):
            continue
        by_position = sorted(columns.get((ref.schema, ref.name), ()), key=lambda column: column[0])
        if not by_position:
            yield Skipped(f"{ref.schema}/{ref.name}", Msg("its columns cannot be read"),
                          Msg("DESCRIBE it; name a metastore: to list it from there"))
            continue
        yield TableInfo(ref, tuple(column for _, column in by_position), comment, Rows(0, None, "unknown"),
                        "view" if "VIEW" in kind else "table", dialect=dialect)


def sampling_hint(connection: sa.Connection, info: TableInfo) -> str:
    """Return the partitions of one table as JSON: [[column, value] ...] of each, in order.

    Empty for a table without partitions.
    """
    if info.kind != "table":
        return ""
    clause = sa.table(info.ref.name, schema=info.ref.schema or None)
    table = connection.dialect.identifier_preparer.format_table(clause)
    try:
        names = connection.execute(sa.text(f"SHOW PARTITIONS {table}".replace(":", r"\:"))).scalars().all()
    except DBAPIError:                        # not partitioned, or its format has them itself
        connection.rollback()
        return ""
    numbers = {c.name for c in info.columns if c.type in _NUMBERS}
    partitions = [[parse_level(level, numbers) for level in name.split("/")] for name in sorted(names)]
    return json.dumps(partitions, ensure_ascii=False) if partitions else ""


def parse_level(level: str, numbers: set[str]) -> tuple[str, str | int | None]:
    """Return column and value of one level of a partition's name. numbers: columns of whole numbers.

    >>> parse_level("dt=2026-01-01 08%3A00", set()), parse_level("hr=7", {"hr"})
    (('dt', '2026-01-01 08:00'), ('hr', 7))
    """
    name, _, text = level.partition("=")
    value = unquote(text)
    if value == _NULL:
        return name, None
    return name, int(value) if name in numbers and value.lstrip("-").isdigit() else value


def choose_partitions(partitions: Sequence[Any], number: int, seed: int) -> list[Any]:
    """Return the newest, the oldest and random partitions in between, in order.

    Those without a value only where there are no others.
    """
    filled = [p for p in partitions if all(value is not None for _, value in p)] or list(partitions)
    if len(filled) <= number:
        return filled
    between = random.Random(seed).sample(range(1, len(filled) - 1), max(0, number - 2))
    return [filled[i] for i in sorted({0, len(filled) - 1, *between})]


def sample_clause(table: Any, rows: int, size: TableSize, seed: int) -> SampleClause | None:
    """Return rows of a few partitions, as many of each.

    Without partitions: rows by a random number, or blocks of the files of a large table.
    """
    if size.hint:
        return sample_partitions(table, rows, size, seed)
    if size.rows is None or size.rows <= rows * 2:
        return None
    if size.bytes is None or size.bytes <= READABLE:
        return SampleClause(table, (_sampling_condition(rows, size.rows, seed),), Msg("rand() of every row"))
    blocks = Blocks(table, max(0.01, min(100.0, 200.0 * rows / size.rows)))
    return SampleClause(blocks, (), Msg("TABLESAMPLE of blocks"))


def sample_partitions(table: Any, rows: int, size: TableSize, seed: int) -> SampleClause:
    """Return a union of some partitions, each with its own limit: no other is read, and none stands alone."""
    partitions = json.loads(size.hint)
    rows_of_one = None if size.rows is None else max(1, size.rows // len(partitions))
    number = FEW if rows_of_one is None else max(FEW, min(MANY, -(-2 * rows // rows_of_one)))
    if size.bytes is not None:                # as many as may be read, but never fewer than three
        number = max(3, min(number, READABLE * len(partitions) // max(1, size.bytes)))
    chosen = choose_partitions(partitions, number, seed)
    limit = -(-rows // len(chosen))
    is_thinned = rows_of_one is not None and rows_of_one > 4 * limit
    thinning = (_sampling_condition(limit, rows_of_one, seed),) if is_thinned else ()
    selects = []
    for i, partition in enumerate(chosen):
        conditions = [_equals(column, value) for column, value in partition]
        selects.append(sa.select(*table.c).where(*conditions, *thinning).limit(limit).subquery(f"p{i}"))
    source = selects[0]
    if len(selects) > 1:
        source = sa.union_all(*(sa.select(*select.c) for select in selects)).subquery("drawn")
    return SampleClause(source, (), Msg("{n} of {of} partitions", n=len(chosen), of=len(partitions)))


def _equals(column: str, value: str | int | None) -> Any:
    clause: Any = sa.column(sa.sql.quoted_name(column, True))
    return clause.is_(None) if value is None else clause == sa.literal(value)


def _sampling_condition(rows: int, total: int | None, seed: int) -> Any:
    """Return the condition that chooses about `rows` of `total` rows, and rather more than fewer."""
    return sa.func.rand(inline(seed)) < inline(min(1.0, 1.5 * rows / (total or 1)))


class Blocks(sa.TableClause):
    """A table of which Hive reads about so many per cent of its files' blocks."""

    inherit_cache = False

    def __init__(self, table: Any, percent: float) -> None:
        super().__init__(table.name, *(sa.column(c.name) for c in table.c), schema=table.schema)
        self.percent = percent


@compiles(Blocks)
def _blocks(element: Blocks, compiler: Any, **kw: Any) -> str:
    return f"{compiler.visit_table(element, **kw)} TABLESAMPLE ({element.percent:.4f} PERCENT)"
