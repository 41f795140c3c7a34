"""Statements that count persons inside the database."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

from scanner.connectors.protocol import Where


def tests(table: Any, where: Where) -> tuple[Any, ...]:
    """The comparisons of `where` as SQLAlchemy expressions."""
    return tuple(_test(table.c[c], t, v) for c, ts in where.items() for t, v in ts.items())


def _test(column: Any, test: str, value: Any) -> Any:
    if test == "in":
        return column.in_(list(value))
    if test == "is_null":
        return column.is_(None) if value else column.is_not(None)
    return {"eq": column.__eq__, "ne": column.__ne__, "lt": column.__lt__, "le": column.__le__, "gt": column.__gt__, "ge": column.__ge__}[
        test
    ](value)


def by_key(
    table: Any, key: str | None, label: str, exported: Sequence[str], groups: Sequence[Sequence[str]], asked: Sequence[str],
    share_of: Callable[[Any], Any] | None,
) -> Any:
    """A select of two counts for `exported`, then two for each group: distinct keys, and rows without one, where some field is filled.

    share_of: the part a value's hash falls into; only keys of part 0 are counted. None counts all.
    """
    said: dict[str, Any] = {c: filled(table.c[c]) for c in asked}
    value = compared(table.c[key], label) if key else sa.null()
    chosen = value if share_of is None else sa.case((share_of(value) == 0, value))
    counts: list[Any] = []
    for fields in (exported, *groups):
        some = sa.or_(sa.false(), *(said[c] for c in fields))
        keyed = sa.and_(some, said[key]) if key else sa.false()
        counts.append(sa.func.count(sa.distinct(sa.case((keyed, chosen)))))
        counts.append(sa.func.count(sa.case((sa.and_(some, sa.not_(keyed)), 1))))
    return sa.select(*counts).select_from(table)


def compared(column: Any, label: str) -> Any:
    """A key as it is compared, as far as SQL everywhere can."""
    text: Any = as_text(column)
    if label in ("resident_id", "passport", "other_id_document", "phone_mobile", "bank_card", "bank_account"):
        for c in (" ", "-"):
            text = sa.func.replace(text, sa.literal(c, literal_execute=True), sa.literal("", literal_execute=True))
    if label == "phone_mobile":
        text = sa.func.replace(text, sa.literal("+86", literal_execute=True), sa.literal("", literal_execute=True))
    if label == "email":
        return sa.func.lower(sa.func.trim(text))
    return sa.func.upper(text) if label in ("resident_id", "passport", "other_id_document") else text


class as_text(GenericFunction[str]):  # noqa: N801
    """A column as text; null stays null."""

    type = sa.String()
    inherit_cache = True


@compiles(as_text)
def _as_text(element: Any, compiler: Any, **kw: Any) -> str:
    # Oracle has no text without a length; SQL Server's plain text has no Chinese
    kind = {"oracle": sa.String(4_000), "mssql": sa.Unicode()}.get(compiler.dialect.name, sa.String())
    return str(compiler.process(sa.cast(element.clauses.clauses[0], kind), **kw))


@compiles(as_text, "clickhousedb")
def _as_text_of_clickhouse(element: Any, compiler: Any, **kw: Any) -> str:
    return f"toString({compiler.process(element.clauses, **kw)})"          # CAST would refuse null


class filled(GenericFunction[bool]):  # noqa: N801
    """Is a column neither null nor empty?"""

    type = sa.Boolean()
    inherit_cache = True


@compiles(filled)
def _filled(element: Any, compiler: Any, **kw: Any) -> str:
    column = element.clauses.clauses[0]
    blank = sa.literal("", literal_execute=True)
    return f"({compiler.process(sa.and_(column.is_not(None), as_text(column) != blank), **kw)})"


@compiles(filled, "oracle")
def _filled_in_oracle(element: Any, compiler: Any, **kw: Any) -> str:
    return f"{compiler.process(element.clauses, **kw)} IS NOT NULL"        # where an empty text is null
