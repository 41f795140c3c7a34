"""OpenLineage: one dataset event a table with the facets tags, schema and documentation.

Events are a file of lines, or POSTed to a service. Accepted labels are tags `chujing.label`, `chujing.grade`,
`chujing.sensitive` of a field; suggested ones `chujing.suggested` alone. Datasets are named as OpenLineage's
naming of datasets has it (`postgres://db.example.com:5432`, `crm.public.member`).
Contract: spec 2-0-2, TagsDatasetFacet 1-0-0, SchemaDatasetFacet 1-2-0, DocumentationDatasetFacet 1-1-0.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from reports.catalogs.addresses import address_of, dataset_name
from reports.catalogs.naming import CatalogTable
from reports.catalogs.picking import Pick, Selection, picks
from reports.catalogs.protocol import Client, Payload, Pushed, Refused, refusal_reason
from reports.cells import escape_json
from reports.model import ColumnReport, Report

BATCH = 100
FILE = "openlineage.jsonl"                    # in a folder
PRODUCER = "https://pypi.org/project/chujing"
SPEC = "https://openlineage.io/spec"


def payloads(report: Report, selection: Selection) -> Iterator[Payload]:
    """Yield one event a table."""
    sources = {s.id: s for s in report.sources}
    for place, picked in picks(report, selection):
        namespace, name = dataset_name(place, address_of(place, sources.get(place.source)))
        key = f"{namespace}|{name}"
        yield Payload(
            key,
            "dataset",
            key,
            {"namespace": namespace, "name": name, "facets": _facets(place, picked)},
            about=place.table.id,
            stamp=report.run.finished,
            shown=f"{len(picked)} fields",
        )


def files(payloads: Iterable[Payload]) -> Iterator[tuple[str, str]]:
    """Yield one file with an event a line, as the client's file transport writes it."""
    events = (_event(payload) for payload in sorted(payloads, key=lambda p: p.key))
    lines = (escape_json(json.dumps(event, ensure_ascii=False, sort_keys=True)) for event in events)
    yield "", "".join(line + "\n" for line in lines)


def push(payloads: Iterable[Payload], client: Client) -> Pushed:
    """POST the events; a service keeps the last facet of each name."""
    responses = [(payload, client.send("POST", "/api/v1/lineage", _event(payload))) for payload in payloads]
    return Pushed(
        tuple(p.key for p, response in responses if response.good),
        refused=tuple(
            Refused(p.key, p.about, refusal_reason(response))
            for p, response in responses
            if not response.good
        ),
    )


def _event(payload: Payload) -> dict[str, Any]:
    """Return the dataset event of a payload; of a removal, with the tags facet deleted."""
    removed = {"tags": _facet("TagsDatasetFacet", "1-0-0", _deleted=True)}
    return {
        "eventTime": payload.stamp,
        "producer": PRODUCER,
        "schemaURL": f"{SPEC}/2-0-2/OpenLineage.json#/$defs/DatasetEvent",
        "dataset": {
            "namespace": payload.body["namespace"],
            "name": payload.body["name"],
            "facets": removed if payload.remove else payload.body["facets"],
        },
    }


def _facets(place: CatalogTable, picked: Sequence[Pick]) -> dict[str, Any]:
    tags = [tag for pick in picked for tag in _tags(pick)]
    fields = [_field(place, column) for column in place.table.columns]
    comment = place.table.comment
    facets = {
        "tags": _facet("TagsDatasetFacet", "1-0-0", tags=tags),
        "schema": _facet("SchemaDatasetFacet", "1-2-0", fields=fields),
    }
    if comment:
        facets["documentation"] = _facet("DocumentationDatasetFacet", "1-1-0", description=comment)
    return facets


def _field(place: CatalogTable, column: ColumnReport) -> dict[str, str]:
    optional = {"type": column.type, "description": column.comment}
    return {"name": place.rule.cased(column.name)} | {key: value for key, value in optional.items() if value}


def _tags(pick: Pick) -> Iterator[dict[str, str]]:
    """Yield the tags of a field: four of an accepted finding, one of a suggestion."""
    assessed = pick.assessed
    label = assessed.finding.label
    place = {"source": "chujing", "field": ".".join(pick.place.rule.cased(name) for name in pick.path)}
    if not pick.accepted:
        yield {"key": "chujing.suggested", "value": label} | place
        return
    values = {
        "label": label,
        "category": assessed.category,
        "grade": assessed.grade,
        "sensitive": assessed.sensitive,
    }
    for name, value in values.items():
        yield {"key": f"chujing.{name}", "value": value} | place


def _facet(name: str, version: str, **values: Any) -> dict[str, Any]:
    return {
        "_producer": PRODUCER,
        "_schemaURL": f"{SPEC}/facets/{version}/{name}.json#/$defs/{name}",
    } | values
