"""Any SQLAlchemy URL: metadata in bulk, seeded samples, streamed reads; read-only, with time limits, names quoted by SQLAlchemy."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from types import ModuleType
from typing import Any

import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.sql import quoted_name

from detectors.errors import SourceError
from detectors.message import Msg
from detectors.model import ColumnInfo, Drawn, Skipped, TableId, TableInfo, TableRef
from scanner.connectors.protocol import BATCH_BYTES, Access, Sample, Where
from scanner.connectors.sql import counts
from scanner.connectors.sql.cells import to_batch
from scanner.connectors.sql.dialects import Size, rules
from scanner.connectors.sql.errors import told
from scanner.connectors.sql.keyed import along
from scanner.connectors.sql.listing import reflected
from scanner.connectors.sql.opening import engine, parsed

FETCH = 2_000
CELLS = 4_000_000                             # cells a sample holds at most: of a very wide table, fewer rows are drawn


class SqlConnector:
    """Tables and views of one database. Several threads may call it at the same time."""

    def __init__(self, url: str, access: Access) -> None:
        self._name = access.name
        self._timeout = access.timeout
        opened = parsed(url, access.password)
        self._where = opened.render_as_string(hide_password=True)
        self._database = opened.database or ""
        self._rules: ModuleType | None = rules(opened.get_backend_name())
        self._infos: dict[TableRef, TableInfo] = {}
        self._ways: dict[tuple[str, str], str] = {}
        self._engine = engine(opened, self._rules, access)
        self._engine_ready()

    def _engine_ready(self) -> None:
        """Connect once, and learn which dialect the server speaks behind a protocol that several share."""
        if self._rules is not None and hasattr(self._rules, "spoken"):
            with self._errors(f"{self._name} ({self._where})"), self._engine.connect() as connection:
                self._rules = rules(self._rules.spoken(connection))
        with self._connection():
            pass

    def _does(self, hook: str) -> bool:
        return self._rules is not None and hasattr(self._rules, hook)

    @contextmanager
    def _errors(self, where: str) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as e:
            what, hint = told(e)
            raise SourceError(what, where=where, hint=hint) from None
        except UnicodeError:
            raise SourceError(
                Msg("text is not in the encoding the database declares"),
                where=where,
                hint=Msg("scan it from an export"),
            ) from None

    @contextmanager
    def _connection(self, table: str = "") -> Iterator[sa.Connection]:
        with self._errors(f"{self._name}/{table}" if table else f"{self._name} ({self._where})"), self._engine.connect() as connection:
            if self._does("read_only"):
                self._rules.read_only(connection, self._timeout)  # type: ignore[union-attr]
            yield connection

    def tables(self) -> Iterator[TableInfo | Skipped]:
        """Tables and views with comments, keys and row estimates from the catalogue."""
        with self._connection() as connection:
            listed = self._rules.tables if self._does("tables") else lambda c, d: reflected(c, self._rules, d)  # type: ignore[union-attr]
            found = list(listed(connection, self._database))
            marks = self._told_of_tables("marks", connection)
            self._ways = dict(self._told_of_tables("ways", connection, self._database))
        for info in sorted(found, key=lambda i: (i.ref.schema, i.ref.name) if isinstance(i, TableInfo) else ("", i.id)):
            if isinstance(info, Skipped):
                yield replace(info, id=TableId(f"{self._name}/{info.id}"))
                continue
            mark = marks.get(self._place(info.ref), marks.get(("", info.ref.name), ""))
            self._infos[info.ref] = replace(info, fingerprint=info.fingerprint or mark)
            yield self._infos[info.ref]

    def learn(self, info: TableInfo) -> None:
        """A table that something else listed, e.g. a metastore."""
        self._infos[info.ref] = info

    def _place(self, ref: TableRef) -> tuple[str, str]:
        return ref.schema or self._database, ref.name

    def _told_of_tables(self, hook: str, connection: sa.Connection, *args: str) -> Mapping[tuple[str, str], str]:
        """What a hook says, by (schema, table); empty where the dialect has none or this account may not ask."""
        if not self._does(hook):
            return {}
        try:
            return dict(getattr(self._rules, hook)(connection, *args))
        except DBAPIError:
            connection.rollback()
            return {}

    def reaches(self) -> list[tuple[str, str, str, list[str]]]:
        """(kind, object, host or empty, tables) of links out of this database, as far as the account may see; none for other dialects."""
        if not self._does("reaches"):
            return []
        with self._connection() as connection:
            return list(self._rules.reaches(connection))  # type: ignore[union-attr]

    def _table(self, ref: TableRef, columns: Sequence[str]) -> sa.TableClause:
        return sa.table(quoted_name(ref.name, True), *(sa.column(quoted_name(c, True)) for c in columns),
                        schema=quoted_name(ref.schema, True) if ref.schema else None)

    def _learn_way(self, connection: sa.Connection, info: TableInfo | None) -> None:
        """What the dialect must ask of this one table before it draws from it; asked once."""
        if info is not None and self._does("way") and self._place(info.ref) not in self._ways:
            self._ways[self._place(info.ref)] = self._rules.way(connection, info)  # type: ignore[union-attr]

    def _query(self, ref: TableRef, columns: Sequence[str], rows: int, seed: int, info: TableInfo | None) -> tuple[Any, str]:
        """(query, method). Small tables are read whole; large ones by the dialect's own sampling, or honestly by their first rows."""
        table = self._table(ref, columns)
        rows = _held(rows, columns)
        if self._does("sampled") and info is not None:
            size = Size(info.rows.high, info.bytes, self._integer_key(info) is not None, info.partitioned_by,
                        self._ways.get(self._place(ref), ""))
            if drawn := self._rules.sampled(table, rows, size, seed):  # type: ignore[union-attr]
                source, tests, method = drawn
                return sa.select(*(source.c[c] for c in columns)).where(*tests).limit(rows * 4), method
        return sa.select(*table.c).limit(rows + 1), Msg("first rows")

    def _integer_key(self, info: TableInfo | None) -> ColumnInfo | None:
        keys = [c for c in info.columns if c.primary_key] if info else []
        return keys[0] if len(keys) == 1 and re.match(r"u?(tiny|small|medium|big|huge)?int(eger)?\d*\b", keys[0].type, re.I) else None

    def sample(self, ref: TableRef, columns: Sequence[str], rows: int, seed: int) -> Sample:
        """Rows of a table: all of them, random pages, or points drawn along an integer key; `drawn.method` says which."""
        info = self._infos.get(ref)
        rows = _held(rows, columns)
        repeatable = bool(getattr(self._rules, "REPEATABLE", True))
        with self._connection(ref.name) as connection:
            self._learn_way(connection, info)
            query, method = self._query(ref, columns, rows, seed, info)
            fetched = list(connection.execution_options(stream_results=True).execute(query).fetchmany(rows * 4))
            if method == "first rows":
                repeatable = True
                if len(fetched) > rows:
                    points = self._by_key(connection, ref, columns, rows, seed, info)
                    fetched, method = (
                        (points, Msg("ranges of the key")) if points is not None else (fetched[:rows], method)
                    )
                else:
                    method = Msg("all rows")
            elif len(fetched) > rows:         # more than asked for: thinned evenly, for cutting the tail would leave out the table's end
                fetched = fetched if getattr(self._rules, "ORDERED", True) else sorted(fetched, key=repr)
                fetched = [fetched[i] for i in sorted(random.Random(seed).sample(range(len(fetched)), rows))]
            elif len(fetched) < min(rows // 2, 50) and not (self._does("way") and self._ways.get(self._place(ref))):
                # statistics were wrong: few pages held rows; partitions that hold few are no reason to read the others
                table = self._table(ref, columns)
                plain = list(connection.execute(sa.select(*table.c).limit(rows + 1)))
                fetched, method = (
                    (plain, Msg("all rows")) if len(plain) <= rows else (plain[:rows], Msg("first rows"))
                )
        whole = len(fetched) if method == "all rows" else None
        return Sample([to_batch(fetched, columns)], Drawn(method, len(fetched), whole, seed, repeatable and method != "first rows"))

    def _by_key(
        self, connection: sa.Connection, ref: TableRef, columns: Sequence[str], rows: int, seed: int, info: TableInfo | None
    ) -> list[Any] | None:
        """Short runs of rows from all over an integer key, or the number the database itself gives each row; None without one."""
        own = self._integer_key(info)
        key = own.name if own else getattr(self._rules, "ROW", "")
        if not key or own is None and self._ways.get(self._place(ref)) != key:
            return None
        table = self._table(ref, list(dict.fromkeys([*columns, key])))
        return along(connection, self._rules, table, key, (key,), columns, rows, seed)

    def read(self, ref: TableRef, columns: Sequence[str], where: Where) -> Iterator[pa.RecordBatch]:
        table = self._table(ref, list(dict.fromkeys([*columns, *where])))
        query = sa.select(*(table.c[c] for c in columns)).where(*counts.tests(table, where))
        with self._connection(ref.name) as connection:
            result = connection.execution_options(stream_results=True, max_row_buffer=FETCH).execute(query)
            size = FETCH
            while fetched := result.fetchmany(size):
                batch = to_batch(fetched, columns)
                size = max(100, min(50_000, int(len(fetched) * BATCH_BYTES / max(batch.nbytes, 1))))
                yield batch

    def count_distinct(self, ref: TableRef, column: str, where: Where) -> int:
        """Distinct non-null values of one column, counted in the database."""
        table = self._table(ref, list(dict.fromkeys([column, *where])))
        query = sa.select(sa.func.count(sa.distinct(table.c[column]))).where(*counts.tests(table, where))
        with self._connection(ref.name) as connection:
            return int(connection.execute(query).scalar_one())

    @property
    def can_hash(self) -> bool:
        """Does the dialect have a hash to sample values by?"""
        return self._does("share_of")

    def key_counts(
        self, ref: TableRef, key: str | None, label: str, exported: Sequence[str], groups: Sequence[Sequence[str]], where: Where, share: int
    ) -> list[tuple[int, int]]:
        """(distinct values of the key, rows without one) for rows with some exported field filled, then for each group of fields.

        share: count only values whose hash falls into one of so many parts; 1 counts all. One statement, one scan. The key is compared
        without blanks and dashes, in one case, mobile numbers without +86.
        """
        asked = list(dict.fromkeys([*([key] if key else []), *exported, *(c for g in groups for c in g)]))
        table = self._table(ref, list(dict.fromkeys([*asked, *where])))
        part = None if share == 1 else lambda value: self._rules.share_of(value, share)  # type: ignore[union-attr]
        query = counts.by_key(table, key, label, exported, groups, asked, part).where(*counts.tests(table, where))
        with self._connection(ref.name) as connection:
            row = [int(n) for n in connection.execute(query).one()]
        return list(zip(row[0::2], row[1::2], strict=True))

    def plan(self, ref: TableRef, columns: Sequence[str], rows: int, seed: int) -> str:
        info = self._infos.get(ref)
        if self._does("way"):
            with self._connection(ref.name) as connection:
                self._learn_way(connection, info)
        query, _ = self._query(ref, columns, rows, seed, info)
        return str(query.compile(self._engine, compile_kwargs={"literal_binds": True}))

    def close(self) -> None:
        self._engine.dispose()


def _held(rows: int, columns: Sequence[str]) -> int:
    """Rows of a sample, fewer where there are very many columns."""
    return max(1, min(rows, CELLS // max(1, len(columns))))
