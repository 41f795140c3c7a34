"""Whose our tables are in Atlas."""

from __future__ import annotations

from collections.abc import Iterator

from reports.catalogs.atlas.names import entity_name
from reports.catalogs.atlas.read import read_tables
from reports.catalogs.picking import Selection, named_tables
from reports.catalogs.protocol import Client, Stopped, Unusable
from reports.model import Report


def owners(report: Report, selection: Selection, client: Client) -> Iterator[tuple[str, str]]:
    """Yield (our table, owner) of tables whose attribute `owner` names one.

    Raise Stopped if a table cannot be read.
    """
    tables_by_name: dict[str, list[str]] = {}
    for place in named_tables(report, selection):
        tables_by_name.setdefault(entity_name(place), []).append(place.table.id)
    for name, table in read_tables(list(tables_by_name), client).items():
        if isinstance(table, Unusable):
            if not table.absent:
                raise Stopped(table.why, where=name)
        elif table.owner:
            yield from ((id, table.owner) for id in tables_by_name[name])
