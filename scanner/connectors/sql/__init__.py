"""Any SQLAlchemy URL: metadata in bulk, seeded samples, streamed reads; read-only, with time limits, names quoted by SQLAlchemy."""

from __future__ import annotations

import random
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError, ProgrammingError, SQLAlchemyError
from sqlalchemy.sql import quoted_name

from detectors.errors import ConfigError, SourceError
from detectors.model import ColumnInfo, Drawn, ForeignKey, Rows, Skipped, TableInfo, TableRef
from scanner.connectors import BATCH_BYTES, CELL, Sample, Where
from scanner.connectors.sql.dialects import Size, rules

FETCH = 2_000
RUNS = 200                                    # places along a key a sample is drawn from
EXTRAS = {"psycopg": "postgresql", "pymysql": "mysql"}
_DIALECT_NAMES = {"postgresql": "postgres", "mysql": "mysql", "mariadb": "mysql", "sqlite": "sqlite", "mssql": "tsql", "oracle": "oracle"}
_KNOWN = (  # words of a driver's message that say what happened; the message itself is never shown
    (
        ("password authentication", "access denied", "login failed", "no password supplied", "1045"),
        "wrong user or password",
        "check the user and the password's environment variable",
    ),
    (
        (
            "could not connect",
            "connection refused",
            "can't connect",
            "timeout expired",
            "connection timeout",
            "name or service",
            "could not translate",
            "no route",
            "nodename nor",
            "failed to resolve",
        ),
        "host cannot be reached",
        "check host, port and firewall",
    ),
    (("database", "does not exist"), "no such database", "check the name at the end of the URL"),
    (("unknown database",), "no such database", "check the name at the end of the URL"),
    (
        ("permission denied", "command denied", "not authorized", "insufficient privilege"),
        "permission denied",
        "GRANT SELECT on it to this account",
    ),
    (
        ("statement timeout", "max_statement_time", "execution was interrupted", "query execution was interrupted"),
        "time limit reached",
        "raise timeout: in the configuration",
    ),
    (("locked",), "table or database is locked", "scan again later"),
    (("does not exist", "no such table", "doesn't exist", "unknown column", "no such column"), "gone since it was listed", "scan again"),
    (("not a database", "malformed", "encrypted"), "not a SQLite database, or damaged", "check the file"),
    (("unable to open",), "file cannot be opened", "check path and permissions"),
    (
        ("server closed", "lost connection", "gone away", "connection was closed", "connection reset", "terminating connection"),
        "connection lost",
        "scan again",
    ),
)


def told(error: Exception) -> tuple[str, str]:
    """(what happened, what to do) for a driver's error, in our words only."""
    text = str(getattr(error, "orig", error)).lower()
    for words, what, hint in _KNOWN:
        if words == ("database", "does not exist"):
            if all(w in text for w in words) and "relation" not in text:
                return what, hint
        elif any(w in text for w in words):
            return what, hint
    return f"cannot be read ({type(getattr(error, 'orig', None) or error).__name__})", "try the same SELECT under this account"


@dataclass(frozen=True, slots=True)
class _Reflected:
    """What the catalogue of a schema says, by (schema, table)."""

    columns: dict[Any, Any]
    primary: dict[Any, Any]
    foreign: dict[Any, Any]
    comments: dict[Any, Any]
    broken: list[Skipped] = field(default_factory=list)


class SqlConnector:
    """Tables and views of one database."""

    def __init__(
        self, url: str, name: str, password: str | None, timeout: float, options: Mapping[str, str] | None = None, connections: int = 2
    ) -> None:
        self._name = name
        self._timeout = timeout
        parsed = _url(url, password)
        self._where = parsed.render_as_string(hide_password=True)
        self._rules = rules(parsed.get_backend_name())
        self._infos: dict[TableRef, TableInfo] = {}
        try:
            self._engine = sa.create_engine(parsed, connect_args=_arguments(parsed, timeout), pool_pre_ping=False, hide_parameters=True)
        except (NoSuchModuleError, ArgumentError):
            raise ConfigError(f'no SQL dialect "{parsed.drivername}"', where=name, hint="is the driver installed?") from None
        except ModuleNotFoundError as e:
            extra = EXTRAS.get(e.name or "", e.name)
            raise ConfigError(f"{parsed.get_backend_name()} needs {e.name}", where=name, hint=f"pip install 'chujing[{extra}]'") from None
        self._engine_ready()

    def _engine_ready(self) -> None:
        with self._connection():
            pass

    @contextmanager
    def _connection(self, table: str = "") -> Iterator[sa.Connection]:
        where = f"{self._name}/{table}" if table else f"{self._name} ({self._where})"
        try:
            with self._engine.connect() as connection:
                if self._rules is not None and hasattr(self._rules, "read_only"):
                    self._rules.read_only(connection, self._timeout)
                yield connection
        except (DBAPIError, SQLAlchemyError) as e:
            what, hint = told(e)
            raise SourceError(what, where=where, hint=hint) from None
        except UnicodeError:
            raise SourceError("text is not in the encoding the database declares", where=where, hint="scan it from an export") from None

    def tables(self) -> Iterator[TableInfo | Skipped]:
        """Tables and views with comments, keys and row estimates from the catalogue."""
        with self._connection() as connection:
            inspector = sa.inspect(connection)
            sizes = self._rules.estimates(connection) if self._rules is not None and hasattr(self._rules, "estimates") else {}
            marks = self._marks(connection)
            found = []
            for schema in self._schemas(inspector):
                found += list(self._schema(inspector, schema, sizes, marks))
        for info in sorted(found, key=lambda i: (i.ref.schema, i.ref.name) if isinstance(i, TableInfo) else ("", i.id)):
            if isinstance(info, TableInfo):
                self._infos[info.ref] = info
            yield info

    def _marks(self, connection: sa.Connection) -> Mapping[tuple[str, str], str]:
        """What changes when a table's rows do, by (schema, table); empty where the database does not say or this account may not ask."""
        if self._rules is None or not hasattr(self._rules, "marks"):
            return {}
        try:
            return dict(self._rules.marks(connection))
        except DBAPIError:
            connection.rollback()
            return {}

    def reaches(self) -> list[tuple[str, str, str, list[str]]]:
        """(kind, object, host or empty, tables) of links out of this database, as far as the account may see; none for other dialects."""
        if self._rules is None or not hasattr(self._rules, "reaches"):
            return []
        with self._connection() as connection:
            return list(self._rules.reaches(connection))

    def _schemas(self, inspector: Any) -> list[str | None]:
        if self._engine.dialect.name == "postgresql":
            return [s for s in inspector.get_schema_names() if s not in self._rules.SYSTEM and not s.startswith("pg_")]  # type: ignore[union-attr]
        return [None]

    def _schema(
        self, inspector: Any, schema: str | None, sizes: Mapping[tuple[str, str], tuple[int | None, int | None]],
        marks: Mapping[tuple[str, str], str],
    ) -> Iterator[TableInfo | Skipped]:
        read = self._reflected(inspector, schema)
        yield from read.broken
        views = set(inspector.get_view_names(schema=schema))
        if self._engine.dialect.name == "postgresql":
            views |= set(inspector.get_materialized_view_names(schema=schema))
        database = schema or self._engine.url.database or ""
        for key, specs in read.columns.items():
            name = key[1]
            rows, size = sizes.get((database, name), (None, None))
            pk = set(read.primary.get(key, {}).get("constrained_columns") or ())
            yield TableInfo(
                TableRef(name, schema or ""),
                tuple(ColumnInfo(c["name"], _type(c["type"]), c.get("comment") or "", bool(c.get("nullable", True)), c["name"] in pk,
                                 (c["name"],)) for c in specs),
                (read.comments.get(key) or {}).get("text") or "",
                Rows(0, rows, "statistics") if rows is not None else Rows(0, None, "unknown"),
                "view" if name in views else "table",
                tuple(ForeignKey(tuple(f["constrained_columns"]), TableRef(f["referred_table"], f["referred_schema"] or schema or ""),
                                 tuple(f["referred_columns"])) for f in read.foreign.get(key, ())),
                size, _definition(inspector, name, schema) if name in views else "",
                _DIALECT_NAMES.get(self._engine.dialect.name, ""),
                marks.get((database, name), marks.get(("", name), "")),
            )

    def _reflected(self, inspector: Any, schema: str | None) -> _Reflected:
        """Columns, keys and comments in bulk; one by one where a broken view makes the database refuse the bulk query."""
        kinds = sa.engine.reflection.ObjectKind
        with warnings.catch_warnings():       # `bigint(20)` and its like: the type is kept, its width means nothing to SQLAlchemy
            warnings.simplefilter("ignore", sa.exc.SAWarning)
            try:
                columns = inspector.get_multi_columns(schema=schema, kind=kinds.ANY)
                primary = inspector.get_multi_pk_constraint(schema=schema, kind=kinds.ANY)
                foreign = inspector.get_multi_foreign_keys(schema=schema, kind=kinds.TABLE)
            except SQLAlchemyError:
                return self._one_by_one(schema)
        try:
            comments = inspector.get_multi_table_comment(schema=schema, kind=kinds.ANY)
        except NotImplementedError:
            comments = {}
        return _Reflected(columns, primary, foreign, comments)

    def _one_by_one(self, schema: str | None) -> _Reflected:
        """Each table by itself, with a connection of its own: a failed statement must not spoil the next."""
        read = _Reflected({}, {}, {}, {})
        inspector = sa.inspect(self._engine)
        for name in [*inspector.get_table_names(schema=schema), *inspector.get_view_names(schema=schema)]:
            key = (schema, name)
            try:
                read.columns[key] = inspector.get_columns(name, schema=schema)
                read.primary[key] = inspector.get_pk_constraint(name, schema=schema)
                read.foreign[key] = inspector.get_foreign_keys(name, schema=schema)
                read.comments[key] = inspector.get_table_comment(name, schema=schema)
            except NotImplementedError:       # comments are the last to be asked for
                pass
            except SQLAlchemyError as e:
                read.columns.pop(key, None)
                what, hint = told(e) if isinstance(e, DBAPIError) else ("its definition cannot be read", "repair or drop the view")
                read.broken.append(Skipped(TableRef(name, schema or "").id(self._name), what, hint))
        return read

    def _table(self, ref: TableRef, columns: Sequence[str]) -> sa.TableClause:
        return sa.table(quoted_name(ref.name, True), *(sa.column(quoted_name(c, True)) for c in columns),
                        schema=quoted_name(ref.schema, True) if ref.schema else None)

    def _query(self, ref: TableRef, columns: Sequence[str], rows: int, seed: int, info: TableInfo | None) -> tuple[Any, str]:
        """(query, method). Small tables are read whole; large ones by the dialect's own sampling, or honestly by their first rows."""
        table = self._table(ref, columns)
        if self._rules is not None and hasattr(self._rules, "sampled") and info is not None and info.kind == "table":
            size = Size(info.rows.high, info.bytes, self._integer_key(info) is not None)
            if drawn := self._rules.sampled(table, rows, size, seed):
                source, tests, method = drawn
                return sa.select(*(source.c[c] for c in columns)).where(*tests).limit(rows * 4), method
        return sa.select(*table.c).limit(rows + 1), "first rows"

    def _integer_key(self, info: TableInfo | None) -> ColumnInfo | None:
        keys = [c for c in info.columns if c.primary_key] if info else []
        return keys[0] if len(keys) == 1 and "INT" in keys[0].type.upper() else None

    def sample(self, ref: TableRef, columns: Sequence[str], rows: int, seed: int) -> Sample:
        """Rows of a table: all of them, random pages, or points drawn along an integer key; `drawn.method` says which."""
        info = self._infos.get(ref)
        with self._connection(ref.name) as connection:
            query, method = self._query(ref, columns, rows, seed, info)
            fetched = list(connection.execution_options(stream_results=True).execute(query).fetchmany(rows * 4))
            if method == "first rows":
                if len(fetched) > rows:
                    points = self._by_key(connection, ref, columns, rows, seed, info)
                    fetched, method = (points, "ranges of the key") if points is not None else (fetched[:rows], method)
                else:
                    method = "all rows"
            elif len(fetched) > rows:         # more than asked for: thinned evenly, for cutting the tail would leave out the table's end
                fetched = [fetched[i] for i in sorted(random.Random(seed).sample(range(len(fetched)), rows))]
            elif len(fetched) < min(rows // 2, 50):        # statistics were wrong: few pages held rows
                table = self._table(ref, columns)
                plain = list(connection.execute(sa.select(*table.c).limit(rows + 1)))
                fetched, method = (plain, "all rows") if len(plain) <= rows else (plain[:rows], "first rows")
        whole = len(fetched) if method == "all rows" else None
        return Sample([_batch(fetched, columns)], Drawn(method, len(fetched), whole, seed, method != "first rows"))

    def _by_key(
        self, connection: sa.Connection, ref: TableRef, columns: Sequence[str], rows: int, seed: int, info: TableInfo | None
    ) -> list[Any] | None:
        """Runs of rows after seeded points between the smallest and largest integer key; None without such a key."""
        own = self._integer_key(info)
        if own is None:
            return None
        table = self._table(ref, list(dict.fromkeys([*columns, own.name])))
        key = table.c[own.name]
        low, high = connection.execute(sa.select(sa.func.min(key), sa.func.max(key))).one()
        if not isinstance(low, int) or not isinstance(high, int) or high - low < rows:
            return None
        draw = random.Random(seed)
        runs = min(RUNS, rows)
        found: dict[int, Any] = {}
        for start in sorted(draw.randint(low, high) for _ in range(runs)):
            query = sa.select(key, *(table.c[c] for c in columns)).where(key >= start).order_by(key).limit(-(-rows // runs))
            for row in connection.execute(query):
                found.setdefault(row[0], row[1:])
        return [found[k] for k in sorted(found)][:rows]

    def read(self, ref: TableRef, columns: Sequence[str], where: Where) -> Iterator[pa.RecordBatch]:
        needed = list(dict.fromkeys([*columns, *where]))
        table = self._table(ref, needed)
        query = sa.select(*(table.c[c] for c in columns)).where(
            *(_test(table.c[c], t, v) for c, ts in where.items() for t, v in ts.items())
        )
        with self._connection(ref.name) as connection:
            result = connection.execution_options(stream_results=True, max_row_buffer=FETCH).execute(query)
            size = FETCH
            while fetched := result.fetchmany(size):
                batch = _batch(fetched, columns)
                size = max(100, min(50_000, int(len(fetched) * BATCH_BYTES / max(batch.nbytes, 1))))
                yield batch

    def count_distinct(self, ref: TableRef, column: str, where: Where) -> int:
        """Distinct non-null values of one column, counted in the database."""
        table = self._table(ref, list(dict.fromkeys([column, *where])))
        query = sa.select(sa.func.count(sa.distinct(table.c[column]))).where(
            *(_test(table.c[c], t, v) for c, ts in where.items() for t, v in ts.items()))
        with self._connection(ref.name) as connection:
            return int(connection.execute(query).scalar_one())

    @property
    def can_hash(self) -> bool:
        """Does the dialect have a hash to sample values by?"""
        return self._rules is not None and hasattr(self._rules, "share_of")

    def key_counts(
        self, ref: TableRef, key: str | None, label: str, exported: Sequence[str], groups: Sequence[Sequence[str]], where: Where, share: int
    ) -> list[tuple[int, int]]:
        """(distinct values of the key, rows without one) for rows with some exported field filled, then for each group of fields.

        share: count only values whose hash falls into one of so many parts; 1 counts all. One statement, one scan. The key is compared
        without blanks and dashes, in one case, mobile numbers without +86.
        """
        asked = list(dict.fromkeys([*([key] if key else []), *exported, *(c for g in groups for c in g)]))
        table = self._table(ref, list(dict.fromkeys([*asked, *where])))
        blank = sa.literal("", literal_execute=True)
        said = {c: sa.and_(table.c[c].is_not(None), sa.cast(table.c[c], sa.String) != blank) for c in asked}
        value = _compared(table.c[key], label) if key else sa.null()
        chosen = value if share == 1 else sa.case((self._rules.share_of(value, share) == 0, value))  # type: ignore[union-attr]
        counts = []
        for fields in (exported, *groups):
            some = sa.or_(sa.false(), *(said[c] for c in fields))
            keyed = sa.and_(some, said[key]) if key else sa.false()
            counts.append(sa.func.count(sa.distinct(sa.case((keyed, chosen)))))
            counts.append(sa.func.count(sa.case((sa.and_(some, sa.not_(keyed)), 1))))
        query = sa.select(*counts).select_from(table).where(*(_test(table.c[c], t, v) for c, ts in where.items() for t, v in ts.items()))
        with self._connection(ref.name) as connection:
            row = [int(n) for n in connection.execute(query).one()]
        return list(zip(row[0::2], row[1::2], strict=True))

    def plan(self, ref: TableRef, columns: Sequence[str], rows: int, seed: int) -> str:
        info = self._infos.get(ref)
        query, _ = self._query(ref, columns, rows, seed, info)
        return str(query.compile(self._engine, compile_kwargs={"literal_binds": True}))

    def close(self) -> None:
        self._engine.dispose()


def _compared(column: Any, label: str) -> Any:
    """A key as it is compared, as far as SQL everywhere can."""
    text: Any = sa.cast(column, sa.String)
    if label in ("resident_id", "passport", "other_id_document", "phone_mobile", "bank_card", "bank_account"):
        for c in (" ", "-"):
            text = sa.func.replace(text, sa.literal(c, literal_execute=True), sa.literal("", literal_execute=True))
    if label == "phone_mobile":
        text = sa.func.replace(text, sa.literal("+86", literal_execute=True), sa.literal("", literal_execute=True))
    if label == "email":
        return sa.func.lower(sa.func.trim(text))
    return sa.func.upper(text) if label in ("resident_id", "passport", "other_id_document") else text


def _url(url: str, password: str | None) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise ConfigError("not a database URL", hint="e.g. postgresql://reader@db:5432/hr") from None
    if password is not None:
        parsed = parsed.set(password=password)
    module = rules(parsed.get_backend_name())
    if "+" not in parsed.drivername and module is not None and hasattr(module, "DRIVER"):
        parsed = parsed.set(
            drivername=module.DRIVER.replace("mysql", parsed.drivername, 1) if parsed.drivername == "mariadb" else module.DRIVER
        )
    if parsed.get_backend_name() == "sqlite" and parsed.database and parsed.database != ":memory:":
        if not Path(parsed.database).exists():
            raise SourceError("no such file", where=parsed.database, hint="relative paths start where you stand, or at chujing.yaml")
        parsed = parsed.set(database=f"file:{Path(parsed.database).resolve()}", query={**parsed.query, "mode": "ro", "uri": "true"})
    return parsed


def _arguments(url: URL, timeout: float) -> dict[str, Any]:
    if url.get_backend_name() == "postgresql":
        return {"connect_timeout": max(2, min(15, int(timeout)))}
    if url.get_backend_name() in ("mysql", "mariadb"):
        return {"connect_timeout": max(2, min(15, int(timeout))), "charset": "utf8mb4"}
    return {}


def _type(kind: Any) -> str:
    try:
        return str(kind).lower()
    except (SQLAlchemyError, NotImplementedError):
        return type(kind).__name__.lower()


def _definition(inspector: Any, name: str, schema: str | None) -> str:
    try:
        return inspector.get_view_definition(name, schema=schema) or ""
    except (SQLAlchemyError, NotImplementedError, OperationalError, ProgrammingError):
        return ""


def _test(column: Any, test: str, value: Any) -> Any:
    """One comparison of `where` as a SQLAlchemy expression."""
    if test == "in":
        return column.in_(list(value))
    if test == "is_null":
        return column.is_(None) if value else column.is_not(None)
    return {"eq": column.__eq__, "ne": column.__ne__, "lt": column.__lt__, "le": column.__le__, "gt": column.__gt__, "ge": column.__ge__}[
        test
    ](value)


def _batch(rows: Sequence[Any], columns: Sequence[str]) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([_array([r[i] for r in rows]) for i in range(len(columns))], names=list(columns))


def _array(cells: list[Any]) -> pa.Array:
    """Numbers stay numbers where all are; everything else is text of at most 64 KiB characters; bytes stay bytes."""
    kinds = {type(c) for c in cells if c is not None}
    if kinds and kinds <= {bytes, memoryview, bytearray}:
        return pa.array([None if c is None else bytes(c)[:CELL] for c in cells], pa.binary())
    if kinds == {int}:
        try:
            return pa.array(cells, pa.int64())
        except (OverflowError, pa.ArrowInvalid):
            return pa.array([None if c is None else str(c) for c in cells], pa.string())
    if kinds and kinds <= {float, int}:
        return pa.array([None if c is None else float(c) for c in cells], pa.float64())
    if kinds == {bool}:
        return pa.array(cells, pa.bool_())
    return pa.array([_text(c) for c in cells], pa.string())


def _text(cell: Any) -> str | None:
    if cell is None or isinstance(cell, bytes | bytearray | memoryview):
        return None
    if isinstance(cell, str):
        return cell[:CELL]
    if isinstance(cell, datetime):
        return cell.isoformat(" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, Decimal):
        return format(cell, "f")
    return str(cell)[:CELL]
