"""Open Data Contract Standard v3.1.0: one contract a table, in a folder. DataHub and OpenMetadata both read them.

An accepted finding sets a field's classification (its grade); a suggested one is a tag 疑似·待复核 and says so beside, no more.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any
from urllib.parse import quote

from reports.catalogs import Payload
from reports.catalogs.picking import CatalogTable, Pick, Selection, flows_of, picks
from reports.catalogs.terms import SUGGESTED
from reports.model import ColumnReport, Report

LONGEST = 150                                 # characters of a file name


def payloads(report: Report, asked: Selection) -> Iterator[Payload]:
    """One contract a table."""
    for id, of in groupby(picks(report, asked), key=lambda p: p[0].table.id):
        some = list(of)
        yield Payload(id, "contract", id, {"contract": _contract(report, some)}, about=id, shown=f"{len(some[0][1])} fields")


def files(payloads: Iterable[Payload]) -> Iterator[tuple[str, str]]:
    """`source.schema.table.odcs.yaml`; of a removal, that the file shall not be there."""
    import yaml

    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    for p in sorted(payloads, key=lambda p: p.key):
        text = "" if p.remove else yaml.dump(p.body["contract"], Dumper=dumper, allow_unicode=True, sort_keys=False, width=140)
        yield _file(p.key), text


def _file(table: str) -> str:
    name = quote(table.replace("/", "."), safe="._-").lstrip(".")
    return (name if len(name) <= LONGEST else f"{name[:LONGEST - 9]}-{uuid.uuid5(uuid.NAMESPACE_URL, table).hex[:8]}") + ".odcs.yaml"


def _contract(report: Report, some: Sequence[tuple[CatalogTable, Sequence[Pick]]]) -> dict[str, Any]:
    """The contract of a table; of one that is read from shards, with each of them as an object of its own."""
    table = some[0][0].table
    return {
        "apiVersion": "v3.1.0", "kind": "DataContract", "id": str(uuid.uuid5(uuid.NAMESPACE_URL, table.id)), "version": "1.0.0",
        "status": "draft", "name": table.id, "tags": ["chujing"], "schema": [_object(report, place, picked) for place, picked in some],
    }


def _object(report: Report, place: CatalogTable, picked: Sequence[Pick]) -> dict[str, Any]:
    found = {p.column.id: p for p in picked}
    schema: dict[str, Any] = {"name": place.name, "physicalName": place.rule.dotted(place.schema, place.name), "logicalType": "object"}
    if place.table.comment:
        schema["description"] = place.table.comment
    if flows := flows_of(report, place.table):
        schema["customProperties"] = [_custom("chujingPath", sorted(f"{f.flow.id}: {f.decision.path}" for f in flows)), *[
            _custom(f"chujingPersons.{f.flow.id}", {"low": f.individuals.low, "best": f.individuals.best, "high": f.individuals.high})
            for f in sorted(flows, key=lambda f: f.flow.id) if f.individuals.method != "unknown"
        ]]
    schema["properties"] = [_property(c, found.get(c.id), place) for c in place.table.columns]
    return schema


def _property(column: ColumnReport, p: Pick | None, place: CatalogTable) -> dict[str, Any]:
    out: dict[str, Any] = {"name": place.rule.cased(column.name)}
    if column.type:
        out["physicalType"] = column.type
    if column.comment:
        out["description"] = column.comment
    if p is None:
        return out
    f = p.assessed
    told = {"label": f.finding.label, "category": f.category, "grade": f.grade, "sensitive": f.sensitive, "reason": p.reason}
    if p.accepted:
        out |= {"businessName": p.title[0], "classification": f.grade, "criticalDataElement": f.sensitive == "yes",
                "tags": [f.finding.label, f.category]}
        if f.source:
            out["authoritativeDefinitions"] = [
                {"type": "businessDefinition", "url": f"urn:x-chujing:clause:{quote(f.source)}", "description": f.source}
            ]
    else:
        out["tags"] = [SUGGESTED[1]]
    out["customProperties"] = [_custom(f"chujing{'' if p.accepted else 'Suggested'}{k.title()}", v) for k, v in told.items()]
    return out


def _custom(name: str, value: Any) -> Mapping[str, Any]:
    return {"property": name, "value": value}
