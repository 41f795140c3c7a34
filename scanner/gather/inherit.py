"""Labels that columns inherit: along keys to a person table, and from what they are computed from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from detectors.columns import Inherited
from detectors.columns.references import ReferenceGraph, TableLinks
from detectors.ids import source_of
from detectors.message import Msg
from detectors.model import ColumnId, ForeignKey, Label, TableId, TableInfo
from detectors.names.tables import table_subject
from mappings.model import Assessed
from scanner.gather.query_lineage import ColumnOrigin
from scanner.gather.table_catalogue import COLUMN, TableCatalogue, column_ids, pick_id

COPY_FACTOR = 0.97                            # of its source's confidence, what a copy keeps
COMPUTED_FACTOR = 0.85                        # the same for a computed or hashed column


def link_targets(catalogue: TableCatalogue, links: Sequence[tuple[str, str]]) -> dict[ColumnId, Inherited]:
    """Return the columns that are user ids: they point at the key of a person table.

    links: (column, target) of the configuration, beside the foreign keys.
    """
    person_keys = {
        info.ref.column(source_of(tid), c.parts)
        for tid, info in catalogue.tables.items() if table_subject(info) == "person"
        for c in info.columns if c.primary_key
    }
    return {
        column: Inherited(Label("user_id"), Msg("points at the key of a person table"))
        for column, target in link_pairs(catalogue, links) if target in person_keys
    }


def table_links(catalogue: TableCatalogue, links: Sequence[tuple[str, str]]) -> dict[TableId, TableLinks]:
    """Return what the other tables of its source say of each table, by keys, names and comments.

    links: (column, target) of the configuration, which count as foreign keys.
    """
    stated: dict[TableId, list[ForeignKey]] = {}
    for start, end in links:
        column, tid, name = catalogue.find_column(start)
        _, target, target_name = catalogue.find_column(end)
        if source_of(column) == source_of(target):
            key = ForeignKey((name,), catalogue.tables[target].ref, (target_name,))
            stated.setdefault(tid, []).append(key)
    sources: dict[str, dict[TableId, TableInfo]] = {}
    for tid, info in catalogue.tables.items():
        keys = (*info.foreign_keys, *stated.get(tid, ()))
        sources.setdefault(source_of(tid), {})[tid] = replace(info, foreign_keys=keys)
    result: dict[TableId, TableLinks] = {}
    for tables in sources.values():
        graph = ReferenceGraph(tuple(tables.values()))
        result |= {tid: graph.links(info) for tid, info in tables.items()}
    return result


def link_pairs(
    catalogue: TableCatalogue, links: Sequence[tuple[str, str]]
) -> Iterator[tuple[ColumnId, ColumnId]]:
    """Yield (column, column it points at) from foreign keys and from the configuration."""
    for tid, info in catalogue.tables.items():
        source = source_of(tid)
        for key in info.foreign_keys:
            for own, other in zip(key.columns, key.target_columns, strict=False):
                yield info.ref.column(source, (own,)), key.target.column(source, (other,))
    columns = catalogue.columns
    for start, end in links:
        yield ColumnId(pick_id(start, columns, COLUMN)), ColumnId(pick_id(end, columns, COLUMN))


def inherited_labels(
    tid: TableId, info: TableInfo, origins: Mapping[str, ColumnOrigin], findings: Mapping[ColumnId, Assessed]
) -> dict[ColumnId, Inherited]:
    """Return the labels that columns of a table inherit: by copies, computed values and hashes.

    Aggregates do not inherit. origins: by folded column name. findings: primary ones of the columns read.
    """
    labels: dict[ColumnId, Inherited] = {}
    for column, column_id in zip(info.columns, column_ids(tid, info), strict=True):
        origin = origins.get(column.name.casefold())
        if origin is None or origin.how == "aggregated":
            continue
        sources = [findings[c] for c in origin.columns if c in findings]
        if sources:
            labels[column_id] = _inherited_finding(origin, max(sources, key=lambda a: a.finding.confidence))
    return labels


def _inherited_finding(origin: ColumnOrigin, source: Assessed) -> Inherited:
    finding = source.finding
    confidence = round(finding.confidence * (COPY_FACTOR if origin.how == "copy" else COMPUTED_FACTOR), 4)
    form = "hashed" if origin.how == "hashed" else finding.form
    return Inherited(finding.label, _lineage_note(origin, finding.column), confidence, finding.tier, form)


def _lineage_note(origin: ColumnOrigin, column: ColumnId) -> Msg:
    if origin.how == "copy":
        return Msg("taken from {column}", column=column)
    if origin.how == "hashed":
        return Msg("made from {column}, hashed, still personal information", column=column)
    return Msg("made from {column}", column=column)
