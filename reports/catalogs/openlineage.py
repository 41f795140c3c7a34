"""OpenLineage: one dataset event a table with the facets tags, schema and documentation; a file of lines, or POSTed to a service.

Accepted labels are tags `chujing.label`, `chujing.grade`, `chujing.sensitive` of a field; suggested ones `chujing.suggested` alone.
Contract: spec 2-0-2, TagsDatasetFacet 1-0-0, SchemaDatasetFacet 1-2-0, DocumentationDatasetFacet 1-1-0.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from reports.catalogs import Client, Payload, Pushed, Refused, refusal_reason
from reports.catalogs.picking import CatalogTable, Pick, Selection, picks
from reports.model import Report, SourceReport

BATCH = 100
PRODUCER = "https://pypi.org/project/chujing"
SPEC = "https://openlineage.io/spec"


def payloads(report: Report, asked: Selection) -> Iterator[Payload]:
    """One event a table."""
    sources = {s.id: s for s in report.sources}
    for place, picked in picks(report, asked):
        namespace, database = _namespace(place, sources.get(place.source))
        name = place.rule.dotted(place.schema, place.name)
        whole = f"{database}.{name}" if database and not (place.rule.database or place.rule.name) else name
        key = f"{namespace}|{whole}"
        yield Payload(key, "dataset", key, {"namespace": namespace, "name": whole, "facets": _facets(place, picked)},
                      about=place.table.id, stamp=report.run.finished, shown=f"{len(picked)} fields")


def files(payloads: Iterable[Payload]) -> Iterator[tuple[str, str]]:
    """One file, an event a line, as the client's file transport writes it."""
    yield "", "".join(json.dumps(_event(p), ensure_ascii=False, sort_keys=True) + "\n" for p in sorted(payloads, key=lambda p: p.key))


def push(payloads: Iterable[Payload], client: Client) -> Pushed:
    """POST the events; a service keeps the last facet of each name."""
    answers = [(p, client.send("POST", "/api/v1/lineage", _event(p))) for p in payloads]
    return Pushed(tuple(p.key for p, a in answers if a.good),
                  refused=tuple(Refused(p.key, p.about, refusal_reason(a)) for p, a in answers if not a.good))


def _event(p: Payload) -> dict[str, Any]:
    facets = {"tags": _facet("TagsDatasetFacet", "1-0-0", _deleted=True)} if p.remove else p.body["facets"]
    return {
        "eventTime": p.stamp, "producer": PRODUCER, "schemaURL": f"{SPEC}/2-0-2/OpenLineage.json#/$defs/DatasetEvent",
        "dataset": {"namespace": p.body["namespace"], "name": p.body["name"], "facets": facets},
    }


def _facets(place: CatalogTable, picked: Sequence[Pick]) -> dict[str, Any]:
    tags = [tag for p in picked for tag in _tags(p)]
    fields = [
        {"name": place.rule.cased(c.name)} | ({"type": c.type} if c.type else {}) | ({"description": c.comment} if c.comment else {})
        for c in place.table.columns
    ]
    told = {"documentation": _facet("DocumentationDatasetFacet", "1-1-0", description=place.table.comment)} if place.table.comment else {}
    return {"tags": _facet("TagsDatasetFacet", "1-0-0", tags=tags), "schema": _facet("SchemaDatasetFacet", "1-2-0", fields=fields)} | told


def _tags(p: Pick) -> Iterator[dict[str, str]]:
    about = {"source": "chujing", "field": ".".join(p.place.rule.cased(n) for n in p.path)}
    if not p.accepted:
        yield {"key": "chujing.suggested", "value": p.assessed.finding.label} | about
        return
    told = {
        "label": p.assessed.finding.label,
        "category": p.assessed.category,
        "grade": p.assessed.grade,
        "sensitive": p.assessed.sensitive,
    }
    for name, value in told.items():
        yield {"key": f"chujing.{name}", "value": value} | about


def _facet(name: str, version: str, **values: Any) -> dict[str, Any]:
    return {"_producer": PRODUCER, "_schemaURL": f"{SPEC}/facets/{version}/{name}.json#/$defs/{name}"} | values


def _namespace(place: CatalogTable, source: SourceReport | None) -> tuple[str, str]:
    """(namespace, database) by OpenLineage's naming: scheme://host:port; the rule's instance stands for it where one is given."""
    parts = urlsplit(source.url) if source is not None else urlsplit("")
    scheme = place.rule.platform or "file"
    if place.rule.platform_instance:
        return place.rule.platform_instance, place.rule.database
    host = parts.hostname or ""
    port = f":{parts.port}" if host and parts.port else ""
    return (f"{scheme}://{host}{port}" if host else scheme), (parts.path.strip("/") if host else "")
