"""From what a flow says leaves the country to the source columns it takes.

`fields` are ids or unambiguous suffixes; `view` and `sql` are traced with sqlglot. What cannot be traced is listed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from detectors.errors import ConfigError, nearest
from detectors.ids import source_of as source_of
from detectors.ids import table_of as table_of
from detectors.message import Msg
from detectors.model import ColumnId, TableId, TableInfo
from mappings.model import Flow
from scanner.connectors.series import names


@dataclass(frozen=True, slots=True)
class TableCatalogue:
    """Every table that was listed, by id, whether or not its rows were read."""

    tables: Mapping[TableId, TableInfo]

    @property
    def columns(self) -> tuple[ColumnId, ...]:
        return tuple(
            info.ref.column(source_of(tid), c.parts) for tid, info in self.tables.items() for c in info.columns
        )


@dataclass(frozen=True, slots=True)
class FlowColumns:
    """Columns a flow takes, and what could not be traced to a column, in words."""

    columns: tuple[ColumnId, ...]
    unresolved: tuple[str, ...] = ()
    computed: tuple[str, ...] = ()            # outputs made by an expression; their sources are in `columns`
    restricted: bool = False                  # the query has conditions of its own, so fewer rows leave than its tables hold


def pick(word: str, known: Sequence[str], what: str) -> str:
    """The one id that is `word` or ends with `/word`, a shard standing for its table; ConfigError naming the choices otherwise."""
    if word in known:
        return word
    hits = [k for k in known if k.endswith("/" + word)]
    if len(hits) == 1:
        return hits[0]
    hits = hits or [k for k in known if "{" in k and _of_series(k, word)]
    if len(hits) == 1:
        return hits[0]
    if hits:
        raise ConfigError(f'{what} "{word}" is ambiguous', hint="one of: " + ", ".join(sorted(hits)[:5]))
    depth = word.count("/") + 1
    tails = {"/".join(k.split("/")[-depth:]) for k in known}
    raise ConfigError(f'no {what} "{word}" was found', hint=nearest(word, [*known, *sorted(tails)]))


def _of_series(known: str, word: str) -> bool:
    """Does a word name a member of the series in an id, or the series as it was called before?"""
    parts = word.split("/")
    own = known.split("/")[-len(parts):]
    return len(own) == len(parts) and all(k == w or names(k, w) for k, w in zip(own, parts, strict=True))


def resolve_columns(flow: Flow, catalogue: TableCatalogue) -> FlowColumns:
    """Columns of a flow. A name that matches nothing is listed as unresolved, never dropped."""
    if flow.sql:
        source = flow.source or _only_source(catalogue)
        return trace_query(flow.sql, source, catalogue, dialect="")
    if flow.view:
        try:
            tid = TableId(pick(flow.view, list(catalogue.tables), "view"))
        except ConfigError as e:
            return FlowColumns((), (e.line(),))
        info = catalogue.tables[tid]
        if info.definition:
            return trace_query(info.definition, source_of(tid), catalogue, info.dialect, schema=info.ref.schema)
        return FlowColumns(tuple(info.ref.column(source_of(tid), c.parts) for c in info.columns))
    known = catalogue.columns
    found: list[ColumnId] = []
    missing: list[str] = []
    part = False                              # one shard leaves: no more than its table's rows
    for name in flow.fields:
        try:
            if name.endswith("/*"):
                tid = TableId(pick(name[:-2], list(catalogue.tables), "table"))
                part |= "{" in tid and "{" not in name
                found += [c for c in known if table_of(c) == tid]
            else:
                found.append(ColumnId(pick(name, known, "column")))
                part |= "{" in found[-1] and name.count("/") > 0 and "{" not in name
        except ConfigError as e:
            missing.append(e.line())
    return FlowColumns(tuple(dict.fromkeys(found)), tuple(missing), restricted=part)


def _only_source(catalogue: TableCatalogue) -> str:
    return next((source_of(t) for t in catalogue.tables), "")


@dataclass(frozen=True, slots=True)
class _Query:
    """A parsed query whose names are resolved."""

    tree: Any
    scope: Any
    by_name: Mapping[str, TableId]
    tables: Mapping[TableId, TableInfo]


def _parsed(sql: str, source: str, catalogue: TableCatalogue, dialect: str, schema: str) -> _Query | None:
    """The query of a statement over the tables of a source; None when it cannot be parsed."""
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import SqlglotError
    from sqlglot.optimizer.qualify import qualify
    from sqlglot.optimizer.scope import build_scope

    mine = {t: i for t, i in catalogue.tables.items() if source_of(t) == source}
    try:
        tree = sqlglot.parse_one(sql, read=dialect or None)
        select = tree.find(exp.Query) if not isinstance(tree, exp.Query) else tree
        if select is None:
            return None
        layout: dict[str, dict[str, str]] = {}
        for info in mine.values():
            layout |= dict.fromkeys(_query_names(info), {c.name: c.type or "text" for c in info.columns})
        for table in select.find_all(exp.Table):        # catalogue and schema parts are matched by table name below
            table.set("catalog", None)
            table.set("db", None)
        qualified = qualify(select, schema=layout, dialect=dialect or None, validate_qualify_columns=False,
                            quote_identifiers=False, identify=False)
        scope = build_scope(qualified)
    except (SqlglotError, RecursionError, ValueError, KeyError):
        return None
    if scope is None:
        return None
    by_name = {n.casefold(): t for t, i in mine.items() if not schema or i.ref.schema in ("", schema) for n in _query_names(i)}
    return _Query(qualified, scope, {n.casefold(): t for t, i in mine.items() for n in _query_names(i)} | by_name, mine)


def _query_names(info: TableInfo) -> tuple[str, ...]:
    """Names a query may call a table by: its own, or those of its shards."""
    return tuple(m.name for m in info.members) or (info.ref.name,)


@dataclass(frozen=True, slots=True)
class ColumnOrigin:
    """What an output column of a view is made of. how: copy, computed, hashed, or aggregated over rows."""

    columns: tuple[ColumnId, ...]
    how: str


def view_origins(tid: TableId, catalogue: TableCatalogue) -> Mapping[str, ColumnOrigin]:
    """Output column of a view (folded name) -> its source columns; empty when the definition cannot be parsed."""
    info = catalogue.tables[tid]
    return query_origins(info.definition, source_of(tid), catalogue, info.dialect, info.ref.schema) if info.definition else {}


def query_origins(sql: str, source: str, catalogue: TableCatalogue, dialect: str, schema: str = "") -> Mapping[str, ColumnOrigin]:
    """Output column of a query (folded name) -> its source columns; empty when it cannot be parsed."""
    from sqlglot import exp

    query = _parsed(sql, source, catalogue, dialect, schema)
    if query is None:
        return {}
    out: dict[str, ColumnOrigin] = {}
    for branch, output in _outputs(query.scope):
        body = output.unalias()
        how = "copy" if isinstance(body, exp.Column) else "computed"
        called = [f.name.lower() for f in body.find_all(exp.Anonymous)]
        if body.find(exp.MD5, exp.SHA, exp.SHA2) or any("hash" in f or "sha" in f for f in called):
            how = "hashed"
        elif body.find(exp.AggFunc):
            how = "aggregated"
        leaves = tuple(ColumnId(c) for c in _leaves(branch, output, query.by_name, query.tables, 0) if not c.startswith("?"))
        name = output.alias_or_name.casefold()
        before = out.get(name)
        out[name] = ColumnOrigin(tuple(dict.fromkeys((*(before.columns if before else ()), *leaves))), how)
    return out


def trace_query(sql: str, source: str, catalogue: TableCatalogue, dialect: str, schema: str = "") -> FlowColumns:
    """Source columns behind the outputs of a query, through joins, subqueries and expressions."""
    from sqlglot import exp

    query = _parsed(sql, source, catalogue, dialect, schema)
    if query is None:
        return FlowColumns((), (Msg("the query could not be parsed; list its fields instead"),))
    found: list[ColumnId] = []
    missing: list[str] = []
    computed: list[str] = []
    for branch, output in _outputs(query.scope):
        name = output.alias_or_name or "?"
        leaves = _leaves(branch, output, query.by_name, query.tables, 0)
        if not leaves and (output.find(exp.Column) or output.find(exp.Star)):
            missing.append(Msg('output "{name}" of the query could not be traced to a column', name=name))
        for leaf in leaves:
            if isinstance(leaf, str) and leaf.startswith("?"):
                missing.append(Msg('"{name}" of the query is no column of a listed table', name=leaf[1:]))
            else:
                found.append(ColumnId(leaf))
        if not isinstance(output.unalias(), exp.Column):
            computed.append(name)
    restricted = query.tree.find(exp.Where, exp.Join, exp.Limit, exp.Having, exp.Group, exp.Intersect, exp.Except) is not None
    return FlowColumns(tuple(dict.fromkeys(found)), tuple(dict.fromkeys(missing)), tuple(computed), restricted or _of_some_shards(query))


def _of_some_shards(query: _Query) -> bool:
    """Does a query read some of a table's shards and leave others out?"""
    from sqlglot import exp

    read = {x.name.casefold() for x in query.tree.find_all(exp.Table)}
    shards = [{m.name.casefold() for m in i.members} for i in query.tables.values() if i.members]
    return any(read & s and not s <= read for s in shards)


def _outputs(scope: Any) -> list[tuple[Any, Any]]:
    """(scope, output expression) of every branch of a query; a UNION has several."""
    branches = getattr(scope, "set_operation_scopes", None) or getattr(scope, "union_scopes", None)
    if branches:
        return [pair for branch in branches for pair in _outputs(branch)]
    return [(scope, output) for output in scope.expression.selects]


def _leaves(scope: Any, output: Any, by_name: Mapping[str, TableId], mine: Mapping[TableId, TableInfo], depth: int) -> list[str]:
    """Column ids (or `?name`) an output expression reads."""
    from sqlglot import exp
    from sqlglot.optimizer.scope import Scope

    if depth > 50:
        return []
    found: list[str] = []
    for column in output.find_all(exp.Column):
        source = scope.sources.get(column.table)
        if isinstance(source, Scope):
            for branch, inner in _outputs(source):
                if inner.alias_or_name == column.name:
                    found += _leaves(branch, inner, by_name, mine, depth + 1)
        elif isinstance(source, exp.Table) and (tid := by_name.get(source.name.casefold())):
            found += _column_sources(mine[tid], tid, column.name, mine) or [f"?{column.name}"]
        else:
            found.append(f"?{column.name}")
    return found


def _column_sources(info: TableInfo, tid: TableId, name: str, mine: Mapping[TableId, TableInfo]) -> list[str]:
    """The column of a table, or what a view's column is made of."""
    hit = next((c for c in info.columns if c.name.casefold() == name.casefold()), None)
    if hit is None:
        return []
    if info.kind == "view" and info.definition:
        inner = trace_query(info.definition, source_of(tid), TableCatalogue(mine), info.dialect, info.ref.schema)
        return list(inner.columns)
    return [info.ref.column(source_of(tid), hit.parts)]
