"""Any SQLAlchemy URL: metadata in bulk, seeded samples, streamed reads; read-only, with time limits."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from types import ModuleType
from typing import Any, TypeVar

import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from detectors.errors import SourceError
from detectors.masking import mask_bare_name, mask_values
from detectors.message import Msg, Text
from detectors.model import Loss, Skipped, TableId, TableInfo, TableRef
from scanner.connectors.account import Account, column
from scanner.connectors.protocol import BATCH_BYTES, Access, KeyQuestion, Sample, Where
from scanner.connectors.silence import SilenceLimit
from scanner.connectors.sql.catalogue import with_encoded_names
from scanner.connectors.sql.cells import RowReader
from scanner.connectors.sql.composites import InnerValue, with_leaves
from scanner.connectors.sql.conditions import conditions_of, table_clause
from scanner.connectors.sql.counts import select_key_counts
from scanner.connectors.sql.dialects import hook, rules
from scanner.connectors.sql.errors import (
    OTHER_ENCODING,
    explain_driver_error,
    explain_view_error,
    is_of_columns,
)
from scanner.connectors.sql.foreign_code import ForeignCode, mark_foreign_code
from scanner.connectors.sql.listing import reflect_tables
from scanner.connectors.sql.masked_names import shown_refs, with_shown_columns
from scanner.connectors.sql.odd_columns import readable_columns, with_nulls
from scanner.connectors.sql.opening import open_engine, parse_url
from scanner.connectors.sql.sampling import SampleQuery, fetch_sample, limit_rows
from scanner.connectors.sql.visibility import Visibility, ask_visibility
from scanner.connectors.urls import redact

T = TypeVar("T")
FETCH = 2_000                                 # rows fetched at once, until their size is known
FEWEST, MOST = 100, 50_000                    # rows fetched at once, whatever their size


class SqlConnector:
    """Tables and views of one database. Several threads may call it at the same time."""

    def __init__(
        self, url: str, access: Access | str, *rest: Any, engine: sa.Engine | None = None, **parts: Any
    ) -> None:
        """Open a database. Instead of an Access its fields may be given one by one, as in version 0.1.0.

        engine: of the connections, where they are open already.
        """
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
        self._marks: Mapping[tuple[str, str], str] = {}
        self._visibility = Visibility()
        self._expressions: dict[TableRef, Mapping[str, str]] = {}
        self._own: Mapping[TableRef, TableRef] = {}    # tables by the names that are shown, see masked_names
        self._shown: Mapping[TableRef, TableRef] = {}
        self._own_columns: dict[TableRef, Mapping[str, str]] = {}
        self._reads_any_text = False
        self._losses: dict[TableRef, tuple[Loss, ...]] = {}
        self._engine = open_engine(parsed, self._rules, access) if engine is None else engine
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
            raise SourceError(OTHER_ENCODING, where=where, hint=Msg("scan it from an export")) from None

    @contextmanager
    def connection(self, table: str = "") -> Iterator[sa.Connection]:
        """Give a connection that only reads, within the time limit. table: whose name errors show."""
        where = f"{self._name}/{mask_bare_name(table)}" if table else f"{self._name} ({self._where})"
        silence = self._silence.attempt(where)
        with silence, self._errors(where), self._engine.connect() as connection:
            if read_only := hook(self._rules, "read_only"):
                read_only(connection, self._timeout)
            if self._reads_any_text and (read_any_text := hook(self._rules, "read_any_text")):
                read_any_text(connection)
            yield connection

    def _with_any_text(self, ask: Callable[[], T]) -> T:
        """Return an answer; asked again without decoding where text is in no declared encoding."""
        try:
            return ask()
        except SourceError as e:
            is_new = e.what == OTHER_ENCODING and not self._reads_any_text
            if not is_new or hook(self._rules, "read_any_text") is None:
                raise
        self._reads_any_text = True
        return ask()

    def tables(self) -> Iterator[TableInfo | Skipped]:
        """Yield tables and views with comments, keys and row estimates from the catalogue."""
        for info in sorted(self._with_any_text(self._list), key=_by_name):
            if isinstance(info, Skipped):
                yield replace(info, id=TableId(f"{self._name}/{info.id}"))
                continue
            mark = self._marks.get(self._table_key(info.ref), self._marks.get(("", info.ref.name), ""))
            self._infos[info.ref] = replace(info, fingerprint=info.fingerprint or mark)
            yield replace(self._infos[info.ref], ref=self._shown.get(info.ref, info.ref))

    def _list(self) -> list[TableInfo | Skipped]:
        with self.connection() as connection:
            list_tables = hook(self._rules, "tables") or partial(_reflect, self._rules)
            listed = list(list_tables(connection, self._database))
            if foreign_code := hook(self._rules, "foreign_code"):
                code = self._ask_about_code(foreign_code, connection)
                listed = mark_foreign_code(listed, code, self._database)
            self._marks = self._ask_about_tables("marks", connection)
            self._hints = dict(self._ask_about_tables("sampling_hints", connection, self._database))
            self._visibility = ask_visibility(self._ask_about_tables, connection, self._database)
            leaves = self._ask_about_tables("leaves", connection)
        named = [listed_one for info in listed for listed_one in with_encoded_names(info)]
        self._own = shown_refs(info.ref for info in named if isinstance(info, TableInfo))
        self._shown = {own: shown for shown, own in self._own.items()}
        return [info if isinstance(info, Skipped) else self._without_values(self._with_leaves(info, leaves))
                for info in named]

    def _without_values(self, info: TableInfo) -> TableInfo:
        """Return a table whose columns are called by no value; they are read by their own names."""
        info, own = with_shown_columns(info)
        if own:
            leaves = self._expressions.get(info.ref, {})
            quote = self._engine.dialect.identifier_preparer.quote_identifier
            self._own_columns[info.ref] = own
            self._expressions[info.ref] = {
                **leaves, **{shown: leaves.get(name) or quote(name) for shown, name in own.items()}}
        return info

    def _with_leaves(
        self, info: TableInfo, leaves: Mapping[tuple[str, str], Mapping[str, Sequence[InnerValue]]],
    ) -> TableInfo:
        """Return a table with its composites as dotted columns."""
        of_table = leaves.get(self._table_key(info.ref))
        if of_table is None:
            return info
        info, self._expressions[info.ref] = with_leaves(info, of_table)
        return info

    def learn(self, info: TableInfo) -> None:
        """Take in a table that something else listed, e.g. a metastore."""
        self._infos[info.ref] = info

    def _table_key(self, ref: TableRef) -> tuple[str, str]:
        return ref.schema or self._database, ref.name

    def _ask_about_tables(
        self, name: str, connection: sa.Connection, *arguments: str,
    ) -> Mapping[tuple[str, str], Any]:
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
        return SampleQuery(ref, columns, limit_rows(rows, columns), seed, info, self._hints.get(key, ""),
                           self._expressions.get(ref, {}))

    def sample(self, ref: TableRef, columns: Sequence[str], rows: int, seed: int) -> Sample:
        """Return rows of a table: all, random pages, or points along an integer key.

        `drawn.method` says which.
        """
        ref = self._own.get(ref, ref)
        account = Account()
        wholes = {name: self._whole(ref, name) for name in columns}
        readable = self._visibility.readable(self._table_key(ref), wholes, account)
        read = partial(self._read_sample, ref, rows=rows, seed=seed)
        try:
            sample = read(account, readable)
        except SourceError as e:
            if not is_of_columns(e.what):
                raise
            columns_apart = readable_columns(readable, partial(read, Account()), e)
            for name in readable:
                if name not in columns_apart:
                    account.lose_once("unreadable_columns", column(name))
            sample = read(account, columns_apart)
        batches = [with_nulls(batch, columns) for batch in sample.batches]
        return replace(sample, batches=batches, losses=account.losses)

    def _read_sample(
        self, ref: TableRef, account: Account, columns: Sequence[str], *, rows: int, seed: int,
    ) -> Sample:
        return self._with_any_text(partial(self._draw, ref, account, columns, rows, seed))

    def _draw(
        self, ref: TableRef, account: Account, columns: Sequence[str], rows: int, seed: int,
    ) -> Sample:
        reader = RowReader(account, self._types(ref))
        with self.connection(ref.name) as connection, self._view_errors(ref):
            query = self._query(ref, columns, rows, seed, connection)
            sample = fetch_sample(connection, query, self._rules, reader)
            if self._visibility.may_hide(key := self._table_key(ref)):
                is_whole = sample.drawn.rows_total is not None
                expected = 0 if is_whole else self._visible_rows(ref, connection)
                visible = max(sample.drawn.rows, expected)
                self._visibility.note_rows(key, visible, account, is_about=not is_whole)
        return sample

    def _visible_rows(self, ref: TableRef, connection: sa.Connection) -> int:
        """Return the rows that this account sees, as the database expects; 0 where it cannot tell."""
        expect = hook(self._rules, "visible_rows")
        connection.execution_options(stream_results=False)
        try:
            return int(expect(connection, table_clause(ref, ())) or 0) if expect is not None else 0
        except DBAPIError:
            connection.rollback()
            return 0

    def _whole(self, ref: TableRef, name: str) -> str:
        """Return the column that a leaf of a composite is part of; for others, their own name."""
        name = self._own_columns.get(ref, {}).get(name, name)
        if name not in self._expressions.get(ref, {}):
            return name
        return next(c.parts[0].removesuffix("[]") for c in self._infos[ref].columns if c.name == name)

    def _types(self, ref: TableRef) -> dict[str, str]:
        info = self._infos.get(ref)
        return {c.name: c.type for c in info.columns} if info is not None else {}

    @contextmanager
    def _view_errors(self, ref: TableRef) -> Iterator[None]:
        """Raise errors of a statement that reads a view as what they mean for a view."""
        info = self._infos.get(ref)
        try:
            yield
        except SQLAlchemyError as e:
            if info is None or info.kind != "view":
                raise
            what, hint = explain_view_error(e)
            raise SourceError(what, where=f"{self._name}/{mask_bare_name(ref.name)}", hint=hint) from None

    def plan(self, ref: TableRef, columns: Sequence[str], rows: int, seed: int) -> str:
        """Return the SQL of `sample`."""
        ref = self._own.get(ref, ref)
        if hook(self._rules, "sampling_hint"):
            with self.connection(ref.name) as connection:
                query = self._query(ref, columns, rows, seed, connection)
        else:
            query = self._query(ref, columns, rows, seed, None)
        select = query.select(query.clause(self._rules))
        text = str(select.compile(self._engine, compile_kwargs={"literal_binds": True}))
        return mask_values(text) if ref in self._shown or ref in self._own_columns else text

    def read(self, ref: TableRef, columns: Sequence[str], where: Where) -> Iterator[pa.RecordBatch]:
        ref = self._own.get(ref, ref)
        table = self._table(ref, [*columns, *where])
        query = sa.select(*(table.c[c] for c in columns)).where(*conditions_of(table, where))
        account = Account()
        reader = RowReader(account, self._types(ref))
        with self.connection(ref.name) as connection, self._view_errors(ref):
            result = connection.execution_options(stream_results=True, max_row_buffer=FETCH).execute(query)
            size, total = FETCH, 0
            while rows := result.fetchmany(size):
                batch = reader.batch(rows, columns)
                size = max(FEWEST, min(MOST, int(len(rows) * BATCH_BYTES / max(batch.nbytes, 1))))
                total += len(rows)
                yield batch
        self._visibility.note_rows(self._table_key(ref), None if where else total, account)
        self._losses[ref] = account.losses_of_counts

    def losses(self, ref: TableRef) -> tuple[Loss, ...]:
        """Return what the last finished `read` of a table could not keep, or had to assume."""
        return self._losses.get(self._own.get(ref, ref), ())

    def _table(self, ref: TableRef, columns: Sequence[str]) -> sa.TableClause:
        return table_clause(ref, columns, self._expressions.get(ref))

    def count_distinct(self, ref: TableRef, column: str, where: Where) -> int:
        """Return the number of distinct non-null values of one column, counted in the database."""
        ref = self._own.get(ref, ref)
        table = self._table(ref, [column, *where])
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
        ref = self._own.get(ref, ref)
        table = self._table(ref, [*question.columns, *where])
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
