"""Tables of a database by SQLAlchemy's reflection, for dialects that do not read their own catalogue."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from detectors.model import ColumnInfo, ForeignKey, Rows, Skipped, TableInfo, TableRef
from scanner.connectors.sql.catalogue import UNENCODED_NAME
from scanner.connectors.sql.dialects import hook
from scanner.connectors.sql.errors import BROKEN_VIEW, explain_driver_error, explain_view_error

_Sizes = Mapping[tuple[str, str], tuple[int | None, int | None]]     # (schema, table) -> (rows, bytes)


@dataclass(frozen=True, slots=True)
class _Reflected:
    """What the catalogue of a schema says, by (schema, table) as SQLAlchemy gives them."""

    columns: dict[Any, Any]
    primary: dict[Any, Any]
    foreign: dict[Any, Any]
    comments: dict[Any, Any]
    broken: list[Skipped] = field(default_factory=list)


def reflect_tables(
    connection: sa.Connection, module: ModuleType | None, database: str,
) -> Iterator[TableInfo | Skipped]:
    """Yield tables and views of the URL's schema, with comments, keys and whatever row estimates there are.

    module: the rules of the dialect. database: of the URL.
    """
    estimates = hook(module, "estimates")
    sizes: _Sizes = estimates(connection) if estimates else {}
    dialect = getattr(module, "SQLGLOT", connection.dialect.name)
    inspector = sa.inspect(connection)
    reflected = _reflect(connection, inspector)
    yield from reflected.broken
    views = set(inspector.get_view_names())
    for key in reflected.columns:
        name = key[1]
        rows, size = sizes.get((database, name), (None, None))
        is_view = name in views
        yield TableInfo(
            TableRef(name), _columns(reflected, key), (reflected.comments.get(key) or {}).get("text") or "",
            Rows(0, rows, "statistics") if rows is not None else Rows(0, None, "unknown"),
            "view" if is_view else "table", _foreign_keys(reflected, key), size,
            _view_definition(connection, inspector, name) if is_view else "", dialect,
        )


def _columns(reflected: _Reflected, key: Any) -> tuple[ColumnInfo, ...]:
    primary = set(reflected.primary.get(key, {}).get("constrained_columns") or ())
    return tuple(
        ColumnInfo(c["name"], _type_name(c["type"]), c.get("comment") or "", bool(c.get("nullable", True)),
                   c["name"] in primary, (c["name"],))
        for c in reflected.columns[key]
    )


def _foreign_keys(reflected: _Reflected, key: Any) -> tuple[ForeignKey, ...]:
    return tuple(
        ForeignKey(tuple(f["constrained_columns"]), TableRef(f["referred_table"], f["referred_schema"] or ""),
                   tuple(f["referred_columns"]))
        for f in reflected.foreign.get(key, ())
    )


def _reflect(connection: sa.Connection, inspector: Any) -> _Reflected:
    """Return columns, keys and comments in bulk; one by one where a broken view makes the bulk query fail."""
    kinds = sa.engine.reflection.ObjectKind
    # of types like `bigint(20)`, whose width means nothing to SQLAlchemy
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", sa.exc.SAWarning)
        try:
            columns = inspector.get_multi_columns(kind=kinds.ANY)
            primary = inspector.get_multi_pk_constraint(kind=kinds.ANY)
            foreign = inspector.get_multi_foreign_keys(kind=kinds.TABLE)
        except (SQLAlchemyError, NotImplementedError, UnicodeError):
            connection.rollback()
            return _reflect_one_by_one(connection)
    try:
        comments = inspector.get_multi_table_comment(kind=kinds.ANY)
    except NotImplementedError:
        comments = {}
    return _Reflected(columns, primary, foreign, comments)


def _reflect_one_by_one(connection: sa.Connection) -> _Reflected:
    """Return each table by itself, rolled back after a failure.

    A failed statement must not spoil the next.
    """
    reflected = _Reflected({}, {}, {}, {})
    inspector = sa.inspect(connection)
    tables = inspector.get_table_names()
    for name in [*tables, *inspector.get_view_names()]:
        key = (None, name)
        try:
            reflected.columns[key] = inspector.get_columns(name)
            reflected.primary[key] = inspector.get_pk_constraint(name)
            reflected.foreign[key] = inspector.get_foreign_keys(name)
            reflected.comments[key] = inspector.get_table_comment(name)
        except NotImplementedError:           # comments are the last that are read
            pass
        except UnicodeError:
            reflected.broken.append(Skipped(TableRef(name).id(""), *UNENCODED_NAME))
        except SQLAlchemyError as e:
            connection.rollback()
            reflected.columns.pop(key, None)
            explain = explain_driver_error if name in tables else explain_view_error
            what, hint = explain(e) if isinstance(e, DBAPIError) else BROKEN_VIEW
            reflected.broken.append(Skipped(TableRef(name).id(""), what, hint))
    return reflected


def _type_name(kind: Any) -> str:
    try:
        return str(kind).lower()
    except (SQLAlchemyError, NotImplementedError):
        return type(kind).__name__.lower()


def _view_definition(connection: sa.Connection, inspector: Any, name: str) -> str:
    try:
        return inspector.get_view_definition(name) or ""
    except (SQLAlchemyError, NotImplementedError):
        connection.rollback()
        return ""
