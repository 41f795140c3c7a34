"""What differs between SQL databases. One file a dialect; a name without a file gets the generic rules.

A module may define any of these; where it does not, SQLAlchemy and the generic rules do:

DRIVER         driver name of a URL that names none, e.g. `mysql+pymysql`; also how a name SQLAlchemy does not know is spoken.
EXTRA          extra of chujing that installs the driver.
SQLGLOT        sqlglot's name of the dialect of view definitions.
SYSTEM         schemas that are not listed.
opened(url, options)                    the URL as it is opened, e.g. a file read-only; SourceError where there is none.
arguments(url, seconds, options)        connect_args: dict. options: text by name from `options:` and `secrets:` of the source.
spoken(connection)                      name of the dialect this server really speaks, e.g. `doris` behind a mysql:// URL; may be its own.
read_only(connection, seconds)          makes the session read only and limits its statements; called each time a connection is taken.
tables(connection, database)            TableInfo or Skipped of every table, from the database's own catalogue, by a number of statements
                                        that does not grow with the tables. database: the URL's, may be empty. A Skipped's id stands
                                        without the source's name: `schema/table`. rows and bytes are part of it. fingerprint may stay
                                        empty, `marks` fills it.
estimates(connection)                   (schema, table) -> (rows, bytes); for dialects without `tables`.
marks(connection)                       (schema, table) -> what changes when rows do. schema as in TableRef, or the database's name.
ways(connection, database)              (schema, table) -> what `sampled` must know besides, in the dialect's own words: Size.way.
way(connection, info)                   the same of one table, asked when it is sampled, where asking for all would be too much.
reaches(connection)                     links out of the database: (kind, object, host, tables).
sampled(table, rows, size, seed)        (from clause, tests, method) drawing about `rows`; None to read along a key or as it is.
ROW            name of a hidden integer that numbers the rows of a table; drawn along where there is no key and `ways` says ROW.
REPEATABLE     False where a server cannot draw the same rows twice.
ORDERED        False where the same rows come in another order each time; they are sorted before they are thinned.
inside(connection, table, key, bounds)  rows between each two bounds of an integer key, estimated without reading them.
share_of(value, share)                  which of `share` equal parts a text's hash falls into.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import TableClause

PAGE = 8_192                                  # bytes of a page, where a dialect samples by pages


@dataclass(frozen=True, slots=True)
class Size:
    """What the catalogue says of a table before it is sampled.

    rows, bytes: None where it does not say. keyed: is there an integer key to draw points along?
    partitioned_by: partition columns, outermost first. way: what `ways` said of the table.
    """

    rows: int | None
    bytes: int | None
    keyed: bool
    partitioned_by: tuple[str, ...] = ()
    way: str = ""


ALIASES = {"mariadb": "mysql", "clickhousedb": "clickhouse"}


def rules(name: str) -> ModuleType | None:
    """The module of a dialect, or None."""
    module = f"scanner.connectors.sql.dialects.{ALIASES.get(name, name)}"
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as e:
        if e.name != module:
            raise
        return None


def whole(value: Any) -> int | None:
    """A count as the catalogue gives it, or None where it gives none.

    >>> whole("12"), whole(None), whole(-1)
    (12, None, None)
    """
    return int(value) if value is not None and int(value) >= 0 else None


def connect_seconds(seconds: float) -> int:
    """Seconds to wait for a connection: the time limit, but between 2 and 15."""
    return max(2, min(15, int(seconds)))


def chosen(options: Mapping[str, str], *names: str) -> dict[str, str]:
    """Those of `options` that are named, for a driver that would refuse the others."""
    return {n: options[n] for n in names if n in options}


def lock_seconds(seconds: float) -> int:
    """Seconds to wait for a table another session has locked: at most 10, and less than a statement may take."""
    return max(1, min(10, int(seconds) // 2))


def percent(share: float) -> float:
    """A share in [0, 1] as a percentage that every database takes: 0.000001 to 99.999999, six places."""
    return min(99.999999, max(0.000001, round(100 * share, 6)))


class Suffixed(TableClause):
    """A table with words of the dialect behind its name in FROM, e.g. `SAMPLE BLOCK (1.5) SEED (7)`. Only numbers of ours are in them."""

    __visit_name__ = "suffixed"
    inherit_cache = False
    words = ""


@compiles(Suffixed)
def _suffixed(element: Suffixed, compiler: Any, asfrom: bool = False, **kw: Any) -> str:
    text: str = compiler.visit_table(element, asfrom=asfrom, **kw)
    return f"{text} {element.words}" if asfrom else text


def suffixed(table: Any, words: str) -> Any:
    """The same table, its FROM followed by `words`."""
    from sqlalchemy import column

    made = Suffixed(table.name, *(column(c.name) for c in table.c), schema=table.schema)
    made.words = words
    return made
