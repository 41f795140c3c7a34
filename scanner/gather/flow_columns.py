"""Source columns that a flow takes out of the country: by its fields, its view, or its query.

A name that matches nothing, and an output that cannot be traced, is listed as unresolved, never dropped.
"""

from __future__ import annotations

from collections.abc import Sequence

from detectors.errors import ConfigError
from detectors.ids import source_of, table_of
from detectors.model import ColumnId, TableId
from mappings.model import Flow
from scanner.gather.query_lineage import Query, SourceColumns, trace_query, view_query
from scanner.gather.table_catalogue import COLUMN, TABLE, VIEW, TableCatalogue, column_ids, pick_id


def resolve_columns(flow: Flow, catalogue: TableCatalogue) -> SourceColumns:
    """Return the columns of a flow."""
    if flow.sql:
        source = flow.source or next((source_of(t) for t in catalogue.tables), "")
        return trace_query(Query(flow.sql, source), catalogue)
    return _view_columns(flow.view, catalogue) if flow.view else _field_columns(flow.fields, catalogue)


def _view_columns(name: str, catalogue: TableCatalogue) -> SourceColumns:
    try:
        tid = TableId(pick_id(name, list(catalogue.tables), VIEW))
    except ConfigError as e:
        return SourceColumns((), (e.line(),))
    info = catalogue.tables[tid]
    if info.definition:
        return trace_query(view_query(tid, info), catalogue)
    return SourceColumns(column_ids(tid, info))


def _field_columns(fields: Sequence[str], catalogue: TableCatalogue) -> SourceColumns:
    listed = catalogue.columns
    columns: list[ColumnId] = []
    missing: list[str] = []
    restricted = False
    for name in fields:
        try:
            matches, one_shard = _columns_named(name, listed, catalogue)
        except ConfigError as e:
            missing.append(e.line())
        else:
            columns += matches
            restricted |= one_shard
    return SourceColumns(tuple(dict.fromkeys(columns)), tuple(missing), restricted=restricted)


def _columns_named(
    name: str, listed: Sequence[ColumnId], catalogue: TableCatalogue
) -> tuple[Sequence[ColumnId], bool]:
    """Return (columns that `column` or `table/*` names; is it one shard?).

    Of a table whose one shard is named, only part of the rows leaves.
    """
    if name.endswith("/*"):
        tid = TableId(pick_id(name[:-2], list(catalogue.tables), TABLE))
        return [c for c in listed if table_of(c) == tid], "{" in tid and "{" not in name
    column = ColumnId(pick_id(name, listed, COLUMN))
    return [column], "{" in column and "/" in name and "{" not in name
