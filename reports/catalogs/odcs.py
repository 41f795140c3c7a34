"""Open Data Contract Standard v3.1.0: one contract a table, in a folder.

DataHub and OpenMetadata both read them. An accepted finding sets a field's classification (its grade). A
suggested one is a tag 疑似·待复核 with our own properties beside it, no more.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any
from urllib.parse import quote

from reports.catalogs.flow_figures import flows_of
from reports.catalogs.naming import CatalogTable
from reports.catalogs.picking import Pick, Selection, picks
from reports.catalogs.protocol import Payload
from reports.catalogs.terms import SUGGESTED
from reports.model import ColumnReport, Report

LONGEST = 150                                 # characters of a file name
YAML_WIDTH = 140                              # of the written contracts


def payloads(report: Report, selection: Selection) -> Iterator[Payload]:
    """Yield one contract a table."""
    for id, members in groupby(picks(report, selection), key=lambda pair: pair[0].table.id):
        shards = list(members)
        body = {"contract": _contract(report, shards)}
        yield Payload(id, "contract", id, body, about=id, shown=f"{len(shards[0][1])} fields")


def files(payloads: Iterable[Payload]) -> Iterator[tuple[str, str]]:
    """Yield `source.schema.table.odcs.yaml` and its text; an empty text if the file shall not exist."""
    for payload in sorted(payloads, key=lambda p: p.key):
        yield _file_name(payload.key), "" if payload.remove else _yaml(payload.body["contract"])


def _yaml(contract: Mapping[str, Any]) -> str:
    import yaml

    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    return yaml.dump(contract, Dumper=dumper, allow_unicode=True, sort_keys=False, width=YAML_WIDTH)


def _file_name(table: str) -> str:
    name = quote(table.replace("/", "."), safe="._-").lstrip(".")
    if len(name) > LONGEST:
        name = f"{name[:LONGEST - 9]}-{uuid.uuid5(uuid.NAMESPACE_URL, table).hex[:8]}"
    return name + ".odcs.yaml"


def _contract(report: Report, shards: Sequence[tuple[CatalogTable, Sequence[Pick]]]) -> dict[str, Any]:
    """Return the contract of a table; each shard of a table is an object of its own."""
    table = shards[0][0].table
    return {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "id": str(uuid.uuid5(uuid.NAMESPACE_URL, table.id)),
        "version": "1.0.0",
        "status": "draft",
        "name": table.id,
        "tags": ["chujing"],
        "schema": [_object(report, place, picked) for place, picked in shards],
    }


def _object(report: Report, place: CatalogTable, picked: Sequence[Pick]) -> dict[str, Any]:
    """Return a schema object: the table with all its columns."""
    picks_by_column = {pick.column.id: pick for pick in picked}
    schema: dict[str, Any] = {
        "name": place.name,
        "physicalName": place.rule.dotted(place.schema, place.name),
        "logicalType": "object",
    }
    if place.table.comment:
        schema["description"] = place.table.comment
    if properties := _flow_properties(report, place):
        schema["customProperties"] = properties
    schema["properties"] = [_property(c, picks_by_column.get(c.id), place) for c in place.table.columns]
    return schema


def _flow_properties(report: Report, place: CatalogTable) -> list[Mapping[str, Any]]:
    """Return the paths of the flows from a table and how many persons each has; empty without flows."""
    flows = sorted(flows_of(report, place.table), key=lambda f: f.flow.id)
    if not flows:
        return []
    paths = _custom_property("chujingPath", sorted(f"{f.flow.id}: {f.decision.path}" for f in flows))
    persons = [
        _custom_property(f"chujingPersons.{f.flow.id}", {"low": e.low, "best": e.best, "high": e.high})
        for f in flows
        if (e := f.individuals).method != "unknown"
    ]
    return [paths, *persons]


def _property(column: ColumnReport, pick: Pick | None, place: CatalogTable) -> dict[str, Any]:
    """Return a schema property: a column, with its finding if one was picked."""
    described: dict[str, Any] = {"name": place.rule.cased(column.name)}
    if column.type:
        described["physicalType"] = column.type
    if column.comment:
        described["description"] = column.comment
    if pick is None:
        return described
    return described | (_classification(pick) if pick.accepted else {"tags": [SUGGESTED[1]]}) | {
        "customProperties": _finding_properties(pick)
    }


def _classification(pick: Pick) -> dict[str, Any]:
    """Return what an accepted finding sets on a property."""
    assessed = pick.assessed
    source = assessed.source
    classification: dict[str, Any] = {
        "businessName": pick.title[0],
        "classification": assessed.grade,
        "criticalDataElement": assessed.sensitive == "yes",
        "tags": [assessed.finding.label, assessed.category],
    }
    if source:
        url = f"urn:x-chujing:clause:{quote(source)}"
        classification["authoritativeDefinitions"] = [
            {"type": "businessDefinition", "url": url, "description": source}
        ]
    return classification


def _finding_properties(pick: Pick) -> list[Mapping[str, Any]]:
    assessed = pick.assessed
    values = {
        "label": assessed.finding.label,
        "category": assessed.category,
        "grade": assessed.grade,
        "sensitive": assessed.sensitive,
        "reason": pick.reason,
    }
    prefix = "chujing" if pick.accepted else "chujingSuggested"
    return [_custom_property(f"{prefix}{name.title()}", value) for name, value in values.items()]


def _custom_property(name: str, value: Any) -> Mapping[str, Any]:
    return {"property": name, "value": value}
