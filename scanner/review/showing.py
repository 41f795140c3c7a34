"""Which part of a report a word names: an entity, a flow, a source or a table; a column is no part."""

from __future__ import annotations

from collections.abc import Collection

from detectors.message import Msg
from detectors.model import TableId
from reports.model import Report
from reports.query import only_flows, only_tables
from scanner.gather.table_catalogue import Entity, pick_id
from scanner.review.explain import tables_to_explain

ANYTHING = Entity(
    lambda word: Msg('no column, table, source, flow or entity "{name}" was found', name=word),
    lambda word: Msg('"{name}" is ambiguous', name=word),
)


def tables_to_show(outline: Report, word: str) -> Collection[TableId]:
    """Return the tables that are shown, in full, for a word: those of its part, or of its column."""
    part = part_named(outline, word)
    return tables_to_explain(outline, word) if part is None else [table.id for table in part.tables]


def part_named(report: Report, word: str) -> Report | None:
    """Return the part of a report that a word names, None for a column.

    word: an entity's name, the id of a flow or source, or of a table or its end. Raise ConfigError
    with the nearest name where nothing is called so.
    """
    by_entity = {entity.entity: entity.flows for entity in report.exporter}
    if word in by_entity:
        return only_flows(report, by_entity[word])
    flows = [f.flow.id for f in report.flows]
    if word in flows:
        return only_flows(report, (word,))
    if word in {source.id for source in report.sources}:
        return only_tables(report, {t.id for t in report.tables if t.id.split("/", 1)[0] == word} | {word})
    tables = [table.id for table in report.tables]
    columns = [column.id for table in report.tables for column in table.columns]
    named = pick_id(word, [*tables, *columns, *flows], ANYTHING)
    return only_tables(report, (named,)) if named in set(tables) else None
