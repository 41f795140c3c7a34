"""Whose our tables are in DataHub."""

from __future__ import annotations

from collections.abc import Iterator

from reports.catalogs.datahub.names import dataset_urn
from reports.catalogs.datahub.read import Aspects, read_entities, unreadable
from reports.catalogs.picking import Selection, named_tables
from reports.catalogs.protocol import Client, Stopped, Unusable
from reports.catalogs.shapes import UnexpectedShape, records, text
from reports.model import Report


def owners(report: Report, selection: Selection, client: Client) -> Iterator[tuple[str, str]]:
    """Yield (our table, owner) of datasets that have one there: the first person, else the first group.

    Raise Stopped if a dataset cannot be read.
    """
    tables_by_urn: dict[str, list[str]] = {}
    for place in named_tables(report, selection):
        tables_by_urn.setdefault(dataset_urn(place), []).append(place.table.id)
    for urn, entity in read_entities("dataset", list(tables_by_urn), ("ownership",), client).items():
        if isinstance(entity, Unusable):
            raise Stopped(entity.why, where=urn)
        if owner := _owner_name(urn, entity):
            yield from ((table, owner) for table in tables_by_urn.get(urn, ()))


def _owner_name(urn: str, entity: Aspects) -> str:
    try:
        entries = records(entity.get("ownership", {}).get("owners"), "owners")
        urns = [text(entry.get("owner"), "owner") for entry in entries]
    except UnexpectedShape as e:
        raise Stopped(unreadable(e).why, where=urn) from None
    first = min(urns, key=lambda owner: not owner.startswith("urn:li:corpuser:"), default="")
    return first.rsplit(":", 1)[-1].strip()
