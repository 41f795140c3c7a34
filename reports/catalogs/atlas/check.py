"""Which tables and columns of ours Atlas does not have."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

from reports.catalogs.atlas.read import NO_TABLE, near_table, read_tables
from reports.catalogs.near_names import Search
from reports.catalogs.protocol import Client, Payload, Unmatched, Unusable, by_entity


def check(payloads: Iterable[Payload], client: Client) -> Iterator[Unmatched]:
    """Yield tables and columns that the catalog lacks, with near names, and tables that could not be read."""
    groups = by_entity(p for p in payloads if not p.lasting)
    tables, search = read_tables(list(groups), client), Search()
    for name, marks in groups.items():
        table = tables[name]
        if table == NO_TABLE:
            yield search.missing_entity(name, marks, partial(near_table, name, client))
        elif isinstance(table, Unusable):
            yield search.unreadable_entity(name, marks, table.why, unread=not table.absent)
        else:
            columns = {p.body["column"]: p.about for p in marks if "column" in p.body}
            yield from search.missing_fields(name, columns, table.columns)
