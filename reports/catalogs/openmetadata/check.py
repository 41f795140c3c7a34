"""Which tables and columns of ours OpenMetadata does not have."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from urllib.parse import quote

from reports.catalogs.near_names import Search, nearest_name
from reports.catalogs.openmetadata.contract import NAMED_ENTITIES
from reports.catalogs.openmetadata.names import joined_name, split
from reports.catalogs.openmetadata.read import columns_of, get_checked, read_table
from reports.catalogs.protocol import Client, Payload, Unmatched, by_entity, refusal_reason

LISTED_AT_MOST = 1_000                        # names listed to look for one that is near
LEVELS = (                                    # collection, parameter that names what is above it
    ("tables", "databaseSchema"),
    ("databaseSchemas", "database"),
    ("databases", "service"),
    ("services/databaseServices", ""),
)


def check(payloads: Iterable[Payload], client: Client) -> Iterator[Unmatched]:
    """Yield tables and columns that the catalog lacks, with near names, and tables that could not be read."""
    names, search = _NameLists(client), Search()
    marks = by_entity(p for p in payloads if p.kind in ("column_tag", "table_property"))
    for entity, of_table in marks.items():
        response = read_table(entity, client)
        if response.status == 404:
            yield search.missing_entity(entity, of_table, partial(names.nearest, entity))
        elif not response.good:
            yield search.unreadable_entity(entity, of_table, refusal_reason(response))
        else:
            existing = {".".join(path) for path, _, _ in columns_of(response.body)}
            columns = {".".join(p.body["path"]): p.about for p in of_table if "path" in p.body}
            yield from search.missing_fields(entity, columns, existing)


class _NameLists:
    """Names the catalog has, listed once."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._lists: dict[str, list[str]] = {}

    def nearest(self, fqn: str) -> str:
        """Return the name nearest to a table's in its schema, else to its schema's, database's, service's."""
        parts = split(fqn)
        for depth, (collection, parameter) in enumerate(LEVELS):
            name = joined_name(*parts[:len(parts) - depth])
            above = quote(joined_name(*parts[:len(parts) - depth - 1]), safe="")
            limits = f"&{parameter}={above}" if parameter else ""
            names = self._names(f"/v1/{collection}?limit={LISTED_AT_MOST}{limits}")
            if nearest := nearest_name(name, names):
                return "" if nearest == name else nearest
        return ""

    def _names(self, path: str) -> list[str]:
        if path not in self._lists:
            response = get_checked(path, self._client, NAMED_ENTITIES)
            entities = response.body["data"] if response.good else []
            self._lists[path] = [entity["fullyQualifiedName"] for entity in entities]
        return self._lists[path]
