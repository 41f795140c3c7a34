"""Any SQLAlchemy URL: metadata in bulk, seeded samples, streamed reads; read-only, with time limits."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from types import ModuleType
from typing import Any

import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from detectors.errors import SourceError
from detectors.message import Msg, Text
from detectors.model import Skipped, TableId, TableInfo, TableRef
from scanner.connectors.protocol import BATCH_BYTES, Access, KeyQuestion, Sample, Where
from scanner.connectors.silence import SilenceLimit
from scanner.connectors.sql.cells import to_batch
from scanner.connectors.sql.conditions import conditions_of, table_clause
from scanner.connectors.sql.counts import select_key_counts
from scanner.connectors.sql.dialects import hook, rules
from scanner.connectors.sql.errors import explain_driver_error
from scanner.connectors.sql.foreign_code import ForeignCode, mark_foreign_code
from scanner.connectors.sql.listing import reflect_tables
from scanner.connectors.sql.opening import open_engine, parse_url
from scanner.connectors.sql.sampling import SampleQuery, fetch_sample, limit_rows
from scanner.connectors.urls import redact

FETCH = 2_000                                 # rows fetched at once, until their size is known
FEWEST, MOST = 100, 50_000                    # rows fetched at once, whatever their size


class SqlConnector:
    """Tables and views of one database. Several threads may call it at the same time."""

    def __init__(self, url: str, access: Access | str, *rest: Any, **parts: Any) -> None:
        """Open a database. Instead of an Access its fields may be given one by one, as in version 0.1.0."""
        if not isinstance(access, Access):
            access = Access(access, *rest, **parts)
        self._name = access.name
        self._timeout = access.timeout
        self._silence = SilenceLimit()
        parsed = parse_url(url, access.password)
        self._where = redact(url)
        self._database = parsed.database or ""
        self._rules: ModuleType | None = rules(parsed.get_backend_name())
        self._infos: dict[TableRef, TableInfo] = {}
        # (schema, table) -> what `sample_clause` must know
        self._hints: dict[tuple[str, str], str] = {}
        self._engine = open_engine(parsed, self._rules, access)
        self._connect_once()

    def _connect_once(self) -> None:
        """Learn which dialect the server speaks behind a protocol that several share, and that it answers."""
        if detect_dialect := hook(self._rules, "detect_dialect"):
            with self._errors(f"{self._name} ({self._where})"), self._engine.connect() as connection:
                self._rules = rules(detect_dialect(connection))
        with self.connection():
            pass

    @contextmanager
    def _errors(self, where: str) -> Iterator[None]:
        """Raise errors of the driver as SourceError."""
        try:
            yield
        except SQLAlchemyError as e:
            what, hint = explain_driver_error(e)
            raise SourceError(what, where=where, hint=hint) from None
        except UnicodeError:
            raise SourceError(Msg("text is not in the encoding the database declares"), where=where,
                              hint=Msg("scan it from an export")) from None

    @contextmanager
    def connection(self, table: str = "") -> Iterator[sa.Connection]:
        """Give a connection that only reads, within the time limit. table: whose name errors show."""
        where = f"{self._name}/{table}" if table else f"{self._name} ({self._where})"
        silence = self._silence.attempt(where)
        with silence, self._errors(where), self._engine.connect() as connection:
            if read_only := hook(self._rules, "read_only"):
                read_only(connection, self._timeout)
            yield connection

    def tables(self) -> Iterator[TableInfo | Skipped]:
        """Yield tables and views with comments, keys and row estimates from the catalogue."""
        with self.connection() as connection:
            list_tables = hook(self._rules, "tables") or partial(_reflect, self._rules)
            listed = list(list_tables(connection, self._database))
            if foreign_code := hook(self._rules, "foreign_code"):
                code = self._ask_about_code(foreign_code, connection)
                listed = mark_foreign_code(listed, code, self._database)
            marks = self._ask_about_tables("marks", connection)
            self._hints = dict(self._ask_about_tables("sampling_hints", connection, self._database))
        for info in sorted(listed, key=_by_name):
            if isinstance(info, Skipped):
                yield replace(info, id=TableId(f"{self._name}/{info.id}"))
                continue
            mark = marks.get(self._table_key(info.ref), marks.get(("", info.ref.name), ""))
            self._infos[info.ref] = replace(info, fingerprint=info.fingerprint or mark)
            yield self._infos[info.ref]

    def learn(self, info: TableInfo) -> None:
        """Take in a table that something else listed, e.g. a metastore."""
        self._infos[info.ref] = info

    def _table_key(self, ref: TableRef) -> tuple[str, str]:
        return ref.schema or self._database, ref.name

    def _ask_about_tables(
        self, name: str, connection: sa.Connection, *arguments: str,
    ) -> Mapping[tuple[str, str], str]:
        """Return what a hook says of each table.

        Empty where the dialect has none or this account may not ask.
        """
        ask = hook(self._rules, name)
        if ask is None:
            return {}
        try:
            return dict(ask(connection, *arguments))
        except DBAPIError:
            connection.rollback()
            return {}

    def _ask_about_code(self, ask: Callable[..., ForeignCode], connection: sa.Connection) -> ForeignCode:
        try:
            return ask(connection, self._database)
        except DBAPIError:                    # not for this account
            connection.rollback()
            return ForeignCode({}, {})

    def account(self) -> Text:
        """Return what this account may do beyond reading, in words; empty if nothing, or if none can tell."""
        rights = hook(self._rules, "rights")
        if rights is None:
            return ""
        with self.connection() as connection:
            words: Text = rights(connection)
        return words

    def reaches(self) -> list[tuple[str, str, str, list[str]]]:
        """Return (kind, object, host or empty, tables) of links out of this database.

        As far as the account may see; none for dialects that do not tell.
        """
        links_of = hook(self._rules, "reaches")
        if links_of is None:
            return []
        with self.connection() as connection:
            return list(links_of(connection))

    def _query(
        self, ref: TableRef, columns: Sequence[str], rows: int, seed: int, connection: sa.Connection | None,
    ) -> SampleQuery:
        """Return what a sample reads.

        connection: to ask, once, what the dialect must know of this one table.
        """
        info, key = self._infos.get(ref), self._table_key(ref)
        hint_of = hook(self._rules, "sampling_hint")
        if info is not None and hint_of is not None and connection is not None and key not in self._hints:
            self._hints[key] = hint_of(connection, info)
        return SampleQuery(ref, columns, limit_rows(rows, columns), seed, info, self._hints.get(key, ""))

    def sample(self, ref: TableRef, columns: Sequence[str], rows: int, seed: int) -> Sample:
        """Return rows of a table: all, random pages, or points along an integer key.

        `drawn.method` says which.
        """
        with self.connection(ref.name) as connection:
            return fetch_sample(connection, self._query(ref, columns, rows, seed, connection), self._rules)

    def plan(self, ref: TableRef, columns: Sequence[str], rows: int, seed: int) -> str:
        """Return the SQL of `sample`."""
        if hook(self._rules, "sampling_hint"):
            with self.connection(ref.name) as connection:
                query = self._query(ref, columns, rows, seed, connection)
        else:
            query = self._query(ref, columns, rows, seed, None)
        select = query.select(query.clause(self._rules))
        return str(select.compile(self._engine, compile_kwargs={"literal_binds": True}))

    def read(self, ref: TableRef, columns: Sequence[str], where: Where) -> Iterator[pa.RecordBatch]:
        table = table_clause(ref, [*columns, *where])
        query = sa.select(*(table.c[c] for c in columns)).where(*conditions_of(table, where))
        with self.connection(ref.name) as connection:
            result = connection.execution_options(stream_results=True, max_row_buffer=FETCH).execute(query)
            size = FETCH
            while rows := result.fetchmany(size):
                batch = to_batch(rows, columns)
                size = max(FEWEST, min(MOST, int(len(rows) * BATCH_BYTES / max(batch.nbytes, 1))))
                yield batch

    def count_distinct(self, ref: TableRef, column: str, where: Where) -> int:
        """Return the number of distinct non-null values of one column, counted in the database."""
        table = table_clause(ref, [column, *where])
        query = sa.select(sa.func.count(sa.distinct(table.c[column]))).where(*conditions_of(table, where))
        with self.connection(ref.name) as connection:
            return int(connection.execute(query).scalar_one())

    @property
    def can_hash(self) -> bool:
        """Whether the dialect has a hash to sample values by."""
        return hook(self._rules, "share_of") is not None

    def key_counts(
        self, ref: TableRef, question: KeyQuestion, where: Where, share: int,
    ) -> list[tuple[int, int]]:
        """Return distinct values of the key, and rows without one, for the exported columns, then each group.

        One statement, one scan. The key is compared without blanks and dashes, in one case, mobile numbers
        without +86. share: count only values whose hash falls into one of so many parts; 1 counts all.
        """
        table = table_clause(ref, [*question.columns, *where])
        share_of = hook(self._rules, "share_of") if share != 1 else None
        part_of = None if share_of is None else lambda value: share_of(value, share)
        query = select_key_counts(table, question, part_of).where(*conditions_of(table, where))
        with self.connection(ref.name) as connection:
            counts = [int(n) for n in connection.execute(query).one()]
        return list(zip(counts[0::2], counts[1::2], strict=True))

    def close(self) -> None:
        self._engine.dispose()


def _reflect(module: ModuleType | None, connection: Any, database: str) -> Iterator[TableInfo | Skipped]:
    return reflect_tables(connection, module, database)


def _by_name(info: TableInfo | Skipped) -> tuple[str, str]:
    return (info.ref.schema, info.ref.name) if isinstance(info, TableInfo) else ("", info.id)
