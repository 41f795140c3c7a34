"""Tables of a database by SQLAlchemy's reflection, for dialects that do not read their catalogue themselves."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from detectors.message import Msg
from detectors.model import ColumnInfo, ForeignKey, Rows, Skipped, TableInfo, TableRef
from scanner.connectors.sql.errors import told


@dataclass(frozen=True, slots=True)
class _Reflected:
    """What the catalogue of a schema says, by (schema, table)."""

    columns: dict[Any, Any]
    primary: dict[Any, Any]
    foreign: dict[Any, Any]
    comments: dict[Any, Any]
    broken: list[Skipped] = field(default_factory=list)


def reflected(connection: sa.Connection, rules: ModuleType | None, database: str) -> Iterator[TableInfo | Skipped]:
    """Tables and views of the URL's schema, with comments, keys and whatever row estimates the dialect has."""
    sizes = rules.estimates(connection) if rules is not None and hasattr(rules, "estimates") else {}
    spoken = getattr(rules, "SQLGLOT", connection.dialect.name)
    inspector = sa.inspect(connection)
    read = _everything(connection, inspector)
    yield from read.broken
    views = set(inspector.get_view_names())
    for key, specs in read.columns.items():
        name = key[1]
        rows, size = sizes.get((database, name), (None, None))
        pk = set(read.primary.get(key, {}).get("constrained_columns") or ())
        yield TableInfo(
            TableRef(name),
            tuple(ColumnInfo(c["name"], _type(c["type"]), c.get("comment") or "", bool(c.get("nullable", True)), c["name"] in pk,
                             (c["name"],)) for c in specs),
            (read.comments.get(key) or {}).get("text") or "",
            Rows(0, rows, "statistics") if rows is not None else Rows(0, None, "unknown"),
            "view" if name in views else "table",
            tuple(ForeignKey(tuple(f["constrained_columns"]), TableRef(f["referred_table"], f["referred_schema"] or ""),
                             tuple(f["referred_columns"])) for f in read.foreign.get(key, ())),
            size, _definition(connection, inspector, name) if name in views else "", spoken,
        )


def _everything(connection: sa.Connection, inspector: Any) -> _Reflected:
    """Columns, keys and comments in bulk; one by one where a broken view makes the database refuse the bulk query."""
    kinds = sa.engine.reflection.ObjectKind
    with warnings.catch_warnings():           # `bigint(20)` and its like: the type is kept, its width means nothing to SQLAlchemy
        warnings.simplefilter("ignore", sa.exc.SAWarning)
        try:
            columns = inspector.get_multi_columns(kind=kinds.ANY)
            primary = inspector.get_multi_pk_constraint(kind=kinds.ANY)
            foreign = inspector.get_multi_foreign_keys(kind=kinds.TABLE)
        except (SQLAlchemyError, NotImplementedError):
            connection.rollback()
            return _one_by_one(connection)
    try:
        comments = inspector.get_multi_table_comment(kind=kinds.ANY)
    except NotImplementedError:
        comments = {}
    return _Reflected(columns, primary, foreign, comments)


def _one_by_one(connection: sa.Connection) -> _Reflected:
    """Each table by itself, rolled back after a failure: a failed statement must not spoil the next."""
    read = _Reflected({}, {}, {}, {})
    inspector = sa.inspect(connection)
    for name in [*inspector.get_table_names(), *inspector.get_view_names()]:
        key = (None, name)
        try:
            read.columns[key] = inspector.get_columns(name)
            read.primary[key] = inspector.get_pk_constraint(name)
            read.foreign[key] = inspector.get_foreign_keys(name)
            read.comments[key] = inspector.get_table_comment(name)
        except NotImplementedError:           # comments are the last to be asked for
            pass
        except SQLAlchemyError as e:
            connection.rollback()
            read.columns.pop(key, None)
            what, hint = (
                told(e)
                if isinstance(e, DBAPIError)
                else (Msg("its definition cannot be read"), Msg("repair or drop the view"))
            )
            read.broken.append(Skipped(TableRef(name).id(""), what, hint))
    return read


def _type(kind: Any) -> str:
    try:
        return str(kind).lower()
    except (SQLAlchemyError, NotImplementedError):
        return type(kind).__name__.lower()


def _definition(connection: sa.Connection, inspector: Any, name: str) -> str:
    try:
        return inspector.get_view_definition(name) or ""
    except (SQLAlchemyError, NotImplementedError):
        connection.rollback()
        return ""
