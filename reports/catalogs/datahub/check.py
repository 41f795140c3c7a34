"""Which datasets and fields of ours DataHub does not have."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

from reports.catalogs.datahub.names import simple_path
from reports.catalogs.datahub.read import NO_DATASET, near_dataset, read_datasets
from reports.catalogs.near_names import Search
from reports.catalogs.protocol import Client, Payload, Unmatched, Unusable, by_entity


def check(payloads: Iterable[Payload], client: Client) -> Iterator[Unmatched]:
    """Yield datasets and fields that the catalog lacks, with near names, and those that could not be read."""
    groups = by_entity(p for p in payloads if not p.lasting)
    states = read_datasets(list(groups), client)
    search = Search()
    for urn, marks in groups.items():
        state = states.get(urn, NO_DATASET)
        if state == NO_DATASET:
            yield search.missing_entity(urn, marks, partial(near_dataset, urn, client))
        elif isinstance(state, Unusable):
            yield search.unreadable_entity(urn, marks, state.why)
        elif state.has_schema:                # without a schema nobody knows its fields
            fields = {simple_path(p.body["path"]): p.about for p in marks if "path" in p.body}
            yield from search.missing_fields(urn, fields, state.paths)
