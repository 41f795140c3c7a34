"""Statements that count persons inside the database."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

from scanner.connectors.protocol import KeyQuestion

_NUMBERS = ("resident_id", "passport", "other_id_document", "phone_mobile", "bank_card", "bank_account")
_WITHOUT_CASE = ("resident_id", "passport", "other_id_document")


def select_key_counts(table: Any, question: KeyQuestion, share_of: Callable[[Any], Any] | None) -> Any:
    """Return a select of two counts for the exported columns, then two for each group of columns.

    Of the rows where some of the columns is filled: distinct keys, and rows without a key.
    share_of: the part a value's hash falls into; only keys of part 0 are counted. None counts all.
    """
    is_filled: dict[str, Any] = {column: filled(table.c[column]) for column in question.columns}
    key = compared(table.c[question.key], question.label) if question.key else sa.null()
    sampled_key = key if share_of is None else sa.case((share_of(key) == 0, key))
    counts: list[Any] = []
    for columns in (question.exported, *question.groups):
        has_some = sa.or_(sa.false(), *(is_filled[column] for column in columns))
        has_key = sa.and_(has_some, is_filled[question.key]) if question.key else sa.false()
        counts.append(sa.func.count(sa.distinct(sa.case((has_key, sampled_key)))))
        counts.append(sa.func.count(sa.case((sa.and_(has_some, sa.not_(has_key)), 1))))
    return sa.select(*counts).select_from(table)


def compared(column: Any, label: str) -> Any:
    """Return a key as it is compared, as far as SQL everywhere can: without separators, in one case."""
    text: Any = as_text(column)
    if label in _NUMBERS:
        text = _without(_without(text, " "), "-")
    if label == "phone_mobile":
        text = _without(text, "+86")
    if label == "email":
        return sa.func.lower(sa.func.trim(text))
    return sa.func.upper(text) if label in _WITHOUT_CASE else text


def _without(text: Any, part: str) -> Any:
    return sa.func.replace(text, sa.literal(part, literal_execute=True), sa.literal("", literal_execute=True))


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
    """Whether a column is neither null nor empty."""

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
