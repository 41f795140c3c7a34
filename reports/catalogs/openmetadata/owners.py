"""Whose our tables are in OpenMetadata."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from reports.catalogs.openmetadata.contract import TABLE_OWNERS
from reports.catalogs.openmetadata.names import table_fqn
from reports.catalogs.openmetadata.read import get_checked
from reports.catalogs.picking import Selection, named_tables
from reports.catalogs.protocol import Client
from reports.model import Report


def owners(report: Report, selection: Selection, client: Client) -> Iterator[tuple[str, str]]:
    """Yield (our table, owner) of tables that have one there: the first person, else the first team."""
    for place in named_tables(report, selection):
        name = quote(table_fqn(place), safe="")
        response = get_checked(f"/v1/tables/name/{name}?fields=owners", client, TABLE_OWNERS)
        entries = (response.body.get("owners") or ()) if response.good else ()
        if first := min(entries, key=lambda owner: owner.get("type") != "user", default=None):
            yield place.table.id, first.get("name") or first.get("displayName") or ""
