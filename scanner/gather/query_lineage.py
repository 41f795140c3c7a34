"""SQL queries traced by sqlglot: from their outputs to columns of listed tables."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from detectors.ids import source_of
from detectors.message import Msg
from detectors.model import ColumnId, TableId, TableInfo
from scanner.gather.table_catalogue import TableCatalogue

DEEPEST = 50                                  # subqueries followed into each other
_WORD = re.compile(r"[^\W\d]\w*")
Transformation = Literal["copy", "computed", "hashed", "aggregated"]


@dataclass(frozen=True, slots=True)
class ColumnOrigin:
    """Columns that an output column is computed from.

    how: a copy, a computation, a hash, or an aggregate over rows.
    """

    columns: tuple[ColumnId, ...]
    how: Transformation


@dataclass(frozen=True, slots=True)
class Query:
    """A SQL text, the source it runs on, and the schema whose tables it means where it names none."""

    sql: str
    source: str
    dialect: str = ""
    schema: str = ""


@dataclass(frozen=True, slots=True)
class SourceColumns:
    """Columns that a flow or a query takes, and what could not be traced to a column, in words."""

    columns: tuple[ColumnId, ...]
    unresolved: tuple[str, ...] = ()
    computed: tuple[str, ...] = ()            # outputs made by an expression; what it reads is in `columns`
    restricted: bool = False                  # fewer rows leave than the columns' tables hold


@dataclass(frozen=True, slots=True)
class _ParsedQuery:
    """A query whose names are resolved.

    by_name: folded table name -> id; tables: those of the query's source.
    """

    tree: Any
    scope: Any
    by_name: Mapping[str, TableId]
    tables: Mapping[TableId, TableInfo]


def view_query(tid: TableId, info: TableInfo) -> Query:
    """Return the definition of a view as a query."""
    return Query(info.definition, source_of(tid), info.dialect, info.ref.schema)


def view_origins(tid: TableId, catalogue: TableCatalogue) -> Mapping[str, ColumnOrigin]:
    """Return the origin of each output column of a view, by folded name.

    Nothing is returned where the definition cannot be parsed.
    """
    info = catalogue.tables[tid]
    return query_origins(view_query(tid, info), catalogue) if info.definition else {}


def query_origins(query: Query, catalogue: TableCatalogue) -> Mapping[str, ColumnOrigin]:
    """Return the origin of each output column of a query, by folded name.

    Nothing is returned where it cannot be parsed.
    """
    parsed = _parse(query, catalogue)
    if parsed is None:
        return {}
    origins: dict[str, ColumnOrigin] = {}
    for branch, output in _output_expressions(parsed.scope):
        leaves = [ColumnId(c) for c in _source_column_ids(branch, output, parsed) if not c.startswith("?")]
        name = output.alias_or_name.casefold()
        earlier = origins[name].columns if name in origins else ()
        columns = tuple(dict.fromkeys((*earlier, *leaves)))
        origins[name] = ColumnOrigin(columns, _transformation(output.unalias()))
    return origins


def _transformation(expression: Any) -> Transformation:
    from sqlglot import exp

    functions = [f.name.lower() for f in expression.find_all(exp.Anonymous)]
    if expression.find(exp.MD5, exp.SHA, exp.SHA2) or any("hash" in f or "sha" in f for f in functions):
        return "hashed"
    if expression.find(exp.AggFunc):
        return "aggregated"
    return "copy" if isinstance(expression, exp.Column) else "computed"


def trace_query(query: Query, catalogue: TableCatalogue) -> SourceColumns:
    """Return the source columns behind the outputs of a query."""
    from sqlglot import exp

    parsed = _parse(query, catalogue)
    if parsed is None:
        return SourceColumns((), (Msg("the query could not be parsed; list its fields instead"),))
    columns: list[ColumnId] = []
    missing: list[str] = []
    computed: list[str] = []
    for branch, output in _output_expressions(parsed.scope):
        name = output.alias_or_name or "?"
        leaves = _source_column_ids(branch, output, parsed)
        if not leaves and (output.find(exp.Column) or output.find(exp.Star)):
            missing.append(Msg('output "{name}" of the query could not be traced to a column', name=name))
        for leaf in leaves:
            if leaf.startswith("?"):
                missing.append(Msg('"{name}" of the query is no column of a listed table', name=leaf[1:]))
            else:
                columns.append(ColumnId(leaf))
        if not isinstance(output.unalias(), exp.Column):
            computed.append(name)
    distinct, unresolved = tuple(dict.fromkeys(columns)), tuple(dict.fromkeys(missing))
    return SourceColumns(distinct, unresolved, tuple(computed), _is_restricted(parsed))


def _is_restricted(query: _ParsedQuery) -> bool:
    """Does a query leave out rows, by conditions of its own or by naming some of a table's shards?"""
    from sqlglot import exp

    conditions = (exp.Where, exp.Join, exp.Limit, exp.Having, exp.Group, exp.Intersect, exp.Except)
    if query.tree.find(*conditions) is not None:
        return True
    named = {table.name.casefold() for table in query.tree.find_all(exp.Table)}
    series = [{m.name.casefold() for m in info.members} for info in query.tables.values() if info.members]
    return any(named & shards and not shards <= named for shards in series)


def _parse(query: Query, catalogue: TableCatalogue) -> _ParsedQuery | None:
    """Return the query with its names resolved; None when it cannot be parsed."""
    import sqlglot
    from sqlglot import exp
    from sqlglot.optimizer.qualify import qualify
    from sqlglot.optimizer.scope import build_scope

    dialect = query.dialect or None
    tables = {tid: info for tid, info in catalogue.tables.items() if source_of(tid) == query.source}
    try:
        tree = sqlglot.parse_one(query.sql, read=dialect)
        select = tree if isinstance(tree, exp.Query) else tree.find(exp.Query)
        if select is None:
            return None
        for table in select.find_all(exp.Table):  # tables are matched by name alone, see _ids_by_name
            table.set("catalog", None)
            table.set("db", None)
        qualified = qualify(
            select, schema=_column_types(tables, dialect), dialect=dialect,
            validate_qualify_columns=False, quote_identifiers=False, identify=False,
        )
        scope = build_scope(qualified)
    except Exception:                         # of any kind: names and texts of others are in it
        return None
    if scope is None:
        return None
    return _ParsedQuery(qualified, scope, _ids_by_name(tables, query.schema), tables)


def _column_types(tables: Mapping[TableId, TableInfo], dialect: str | None) -> dict[str, dict[str, str]]:
    """Return the schema that sqlglot wants: table name -> column name -> type."""
    schema: dict[str, dict[str, str]] = {}
    for info in tables.values():
        types = {_as_identifier(c.name, dialect): c.type or "text" for c in info.columns}
        schema |= dict.fromkeys((_as_identifier(name, dialect) for name in _query_names(info)), types)
    return schema


def _as_identifier(name: str, dialect: str | None) -> str:
    """Return a name as sqlglot reads it: one that is no plain word is quoted, e.g. `":x"`."""
    if _WORD.fullmatch(name):
        return name
    from sqlglot import exp

    return exp.to_identifier(name, quoted=True).sql(dialect)


def _ids_by_name(tables: Mapping[TableId, TableInfo], schema: str) -> dict[str, TableId]:
    """Return table ids by folded name; of tables called alike, the one in `schema`."""
    every = {name.casefold(): tid for tid, info in tables.items() for name in _query_names(info)}
    inside = {tid: info for tid, info in tables.items() if not schema or info.ref.schema in ("", schema)}
    return every | {name.casefold(): tid for tid, info in inside.items() for name in _query_names(info)}


def _query_names(info: TableInfo) -> tuple[str, ...]:
    """Return the names a query may call a table by: its own, or those of its shards."""
    return tuple(m.name for m in info.members) or (info.ref.name,)


def _output_expressions(scope: Any) -> list[tuple[Any, Any]]:
    """Return (scope, output expression) of every branch of a query; a UNION has several."""
    branches = getattr(scope, "set_operation_scopes", None) or getattr(scope, "union_scopes", None)
    if branches:
        return [pair for branch in branches for pair in _output_expressions(branch)]
    return [(scope, output) for output in scope.expression.selects]


def _source_column_ids(scope: Any, output: Any, query: _ParsedQuery, depth: int = 0) -> list[str]:
    """Return the column ids that an output expression reads.

    `?name` stands for a column that is in no listed table.
    """
    from sqlglot import exp
    from sqlglot.optimizer.scope import Scope

    if depth > DEEPEST:
        return []
    leaves: list[str] = []
    for column in output.find_all(exp.Column):
        source = scope.sources.get(column.table)
        if isinstance(source, Scope):
            for branch, inner in _output_expressions(source):
                if inner.alias_or_name == column.name:
                    leaves += _source_column_ids(branch, inner, query, depth + 1)
        elif isinstance(source, exp.Table) and (tid := query.by_name.get(source.name.casefold())):
            leaves += _column_sources(tid, column.name, query.tables) or [f"?{column.name}"]
        else:
            leaves.append(f"?{column.name}")
    return leaves


def _column_sources(tid: TableId, name: str, tables: Mapping[TableId, TableInfo]) -> list[ColumnId]:
    """Return the column of a table, or the columns that a view's column is computed from.

    Nothing is returned where the table has no column of that name.
    """
    info = tables[tid]
    column = next((c for c in info.columns if c.name.casefold() == name.casefold()), None)
    if column is None:
        return []
    if info.kind == "view" and info.definition:
        return list(trace_query(view_query(tid, info), TableCatalogue(tables)).columns)
    return [info.ref.column(source_of(tid), column.parts)]
