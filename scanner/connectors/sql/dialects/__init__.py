"""What differs between SQL databases. One file a dialect; a name without a file gets the generic rules.

A module may define any of these; where it does not, SQLAlchemy and the generic rules do.

DRIVER      driver name of a URL that names none, e.g. `mysql+pymysql`; also SQLAlchemy's dialect of a name
            that SQLAlchemy does not have.
EXTRA       extra of chujing that installs the driver.
ENGINE      further arguments of SQLAlchemy's create_engine.
SQLGLOT     sqlglot's name of the dialect of view definitions.
SYSTEM      schemas that are not listed.
ROW         name of a hidden integer that numbers the rows of a table; sampled along where there is no key and
            `sampling_hints` says ROW.
REPEATABLE  False where a server cannot draw the same rows twice.
ORDERED     False where the same rows come in another order each time; they are sorted, then thinned.

prepare_url(url, options)
    The URL as it is opened, e.g. a file read-only. Raise SourceError if there is no such file.
prepare_engine(engine)
    Change SQLAlchemy's engine before it is used.
arguments(url, seconds, options)
    connect_args: dict. options: text by name from `options:` and `secrets:` of the source.
detect_dialect(connection)
    Name of the dialect this server really speaks, e.g. `doris` behind a mysql:// URL; may be its own.
read_only(connection, seconds)
    Make the session read only and limit its statements; called each time a connection is taken.
tables(connection, database)
    TableInfo or Skipped of every table, from the database's own catalogue, by a number of statements that
    does not grow with the tables. database: the URL's, may be empty. A Skipped's id stands without the
    source's name: `schema/table`. rows and bytes are part of it; fingerprint may stay empty, `marks` fills
    it.
estimates(connection)
    (schema, table) -> (rows, bytes); for dialects without `tables`.
marks(connection)
    (schema, table) -> text that changes when rows do. schema as in TableRef, or the database's name.
sampling_hints(connection, database)
    (schema, table) -> what `sample_clause` must know besides, in the dialect's own words: TableSize.hint.
sampling_hint(connection, info)
    The same of one table, asked when it is sampled, where asking for all would be too much.
sample_clause(table, rows, size, seed)
    SampleClause drawing about `rows`; None to read along a key or as it is.
estimate_rows(connection, table, key, bounds)
    Rows between each two bounds of an integer key, estimated without reading them.
share_of(value, share)
    Which of `share` equal parts a text's hash falls into.
leaves(connection)
    (schema, table) -> the leaves of each of its columns that is a composite, by the name of the column.
read_any_text(connection)
    Let this connection give text that is in no declared encoding, its bytes as half surrogate pairs; called
    each time it is taken, once a table was met that needs it.
denied_columns(connection, database)
    (schema, table) -> columns that this account may not read, of tables of which it may read some.
unseen_columns(connection, database)
    (schema, table) of which this account sees single columns only, where the database hides the others.
hidden_rows(connection)
    (schema, table) -> rows, about, of tables whose rows may be hidden from this account; None if not known.
account_views(connection)
    (schema, view) of which rows are shown by who asks: their conditions, or those of a view they read, name
    the account.
visible_rows(connection, table)
    Rows that the planner expects this account to see of such a table.
rights(connection)
    What the account may do beyond reading: SUPERUSER, MAY_WRITE or "".
foreign_code(connection, database)
    ForeignCode: what reading tables and views would run. database: the URL's, may be empty.
reaches(connection)
    Links out of the database: (kind, object, host, tables).
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any, NamedTuple

from sqlalchemy import column, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import TableClause

from detectors.message import Msg, Text

SUPERUSER = Msg("the account is a superuser; one that may only SELECT is enough")
MAY_WRITE = Msg("the account may change data; one that may only SELECT is enough")
PAGE = 8_192                                  # bytes of a page, where a dialect samples by pages
ALIASES = {"mariadb": "mysql", "clickhousedb": "clickhouse"}


@dataclass(frozen=True, slots=True)
class TableSize:
    """What the catalogue says of a table before it is sampled.

    rows, bytes: None where it does not say. has_integer_key: whether there is a key to sample along.
    partitioned_by: partition columns, outermost first. hint: what `sampling_hints` said of the table.
    """

    rows: int | None
    bytes: int | None
    has_integer_key: bool
    partitioned_by: tuple[str, ...] = ()
    hint: str = ""


class SampleClause(NamedTuple):
    """How a table is sampled: what stands behind FROM and WHERE, and how people read of it."""

    source: Any
    conditions: tuple[Any, ...]
    method: Text


def rules(name: str) -> ModuleType | None:
    """Return the module of a dialect, or None."""
    module = f"scanner.connectors.sql.dialects.{ALIASES.get(name, name)}"
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as e:
        if e.name != module:
            raise
        return None


def hook(module: ModuleType | None, name: str) -> Callable[..., Any] | None:
    """Return a function of a dialect, or None where it has none."""
    function: Callable[..., Any] | None = getattr(module, name, None)
    return function


def valid_count(value: Any) -> int | None:
    """Return a count as the catalogue gives it, or None where it gives none.

    >>> valid_count("12"), valid_count(None), valid_count(-1)
    (12, None, None)
    """
    return int(value) if value is not None and int(value) >= 0 else None


def connect_seconds(seconds: float) -> int:
    """Return seconds to wait for a connection: the time limit, but between 2 and 15."""
    return max(2, min(15, int(seconds)))


def lock_seconds(seconds: float) -> int:
    """Return seconds to wait for a locked table: at most 10, and less than a statement may take."""
    return max(1, min(10, int(seconds) // 2))


def select_options(options: Mapping[str, str], *names: str) -> dict[str, str]:
    """Return those of `options` that are named, for a driver that would refuse the others."""
    return {n: options[n] for n in names if n in options}


def percent(share: float) -> float:
    """Return a share in [0, 1] as a percentage that every database takes: 0.000001 to 99.999999."""
    return min(99.999999, max(0.000001, round(100 * share, 6)))


def inline(value: Any) -> Any:
    """Return a number or text of ours that is written into the statement itself, not bound to it."""
    return literal(value, literal_execute=True)


class Suffixed(TableClause):
    """A table with words of the dialect behind its name in FROM, e.g. `SAMPLE BLOCK (1.5) SEED (7)`.

    Only numbers of ours are in them.
    """

    __visit_name__ = "suffixed"
    inherit_cache = False
    words = ""


@compiles(Suffixed)
def _suffixed(element: Suffixed, compiler: Any, asfrom: bool = False, **kw: Any) -> str:
    text: str = compiler.visit_table(element, asfrom=asfrom, **kw)
    return f"{text} {element.words}" if asfrom else text


def suffixed(table: Any, words: str) -> Any:
    """Return the same table, its FROM followed by `words`."""
    clause = Suffixed(table.name, *(column(c.name) for c in table.c), schema=table.schema)
    clause.words = words
    return clause
