"""Open Data Contract Standard v3.1.0: one contract a table, in a folder.

DataHub and OpenMetadata both read them. An accepted finding sets a field's classification (its grade). A
suggested one is a tag 疑似·待复核 with our own properties beside it, no more. `servers` says where the table
is, so that datacontract-cli can test the contract there; user and password are the reader's own.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any
from urllib.parse import quote

from detectors.model import ColumnId
from reports.catalogs.addresses import Address, address_of
from reports.catalogs.flow_figures import flows_of
from reports.catalogs.naming import CatalogTable
from reports.catalogs.picking import Pick, Selection, path_of, picks
from reports.catalogs.protocol import Payload
from reports.catalogs.terms import SUGGESTED
from reports.model import ColumnReport, Report

LONGEST = 150                                 # characters of a file name
YAML_WIDTH = 140                              # of the written contracts
_HOST = {"host": "host", "port": "port", "database": "database"}
# platform -> the standard's type of its server and what that has to name: key -> attribute of Address
SERVERS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "postgres": ("postgres", {**_HOST, "schema": "schema"}),
    "mssql": ("sqlserver", {**_HOST, "schema": "schema"}),
    **dict.fromkeys(("mysql", "tidb", "oceanbase", "doris", "starrocks"), ("mysql", _HOST)),
    "clickhouse": ("clickhouse", _HOST),
    "hive": ("hive", _HOST),
    "oracle": ("oracle", {"host": "host", "port": "port", "serviceName": "database"}),
    "snowflake": ("snowflake", {"account": "host", "database": "database", "schema": "schema"}),
    "bigquery": ("bigquery", {"project": "database", "dataset": "schema"}),
    "duckdb": ("duckdb", {"database": "path"}),
    "file": ("local", {"path": "path", "format": "format"}),
    "s3": ("s3", {"location": "location", "format": "format"}),
}
LOGICAL_TYPES = {                             # the standard's word -> first words of types of columns
    "string": ("varchar", "char", "character", "text", "string", "nvarchar", "nchar", "clob", "uuid"),
    "integer": ("int", "integer", "bigint", "smallint", "tinyint", "mediumint", "serial", "bigserial"),
    "number": ("numeric", "decimal", "number", "float", "double", "real", "money"),
    "boolean": ("bool", "boolean"),
    "date": ("date",),
    "timestamp": ("timestamp", "datetime", "timestamptz"),
    "time": ("time",),
}
ANY_SERVER = {**_HOST, "schema": "schema", "location": "location"}


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
    source = next((s for s in report.sources if s.id == shards[0][0].source), None)
    address = address_of(shards[0][0], source)
    return {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "id": str(uuid.uuid5(uuid.NAMESPACE_URL, table.id)),
        "version": "1.0.0",
        "status": "draft",
        "name": table.id,
        "tags": ["chujing"],
        **({"servers": [server]} if (server := _server(address, shards[0][0].source)) else {}),
        "schema": [_object(report, place, picked) for place, picked in shards],
    }


def _server(address: Address, source: str) -> dict[str, Any]:
    """Return the server of a contract: of its kind if all that the standard asks for is known, else `custom`.

    Empty where nothing is known. User and password are the reader's own.
    """
    kind, attributes = SERVERS.get(address.platform, ("custom", ANY_SERVER))
    values = {key: getattr(address, attribute) for key, attribute in attributes.items()}
    stated = {key: value for key, value in values.items() if value}
    return {"server": source, "type": kind if stated == values else "custom", **stated} if stated else {}


def _object(report: Report, place: CatalogTable, picked: Sequence[Pick]) -> dict[str, Any]:
    """Return a schema object: the table with all its columns."""
    picks_by_column, rule = {pick.column.id: pick for pick in picked}, place.rule
    schema: dict[str, Any] = {
        "name": place.name,
        "physicalName": rule.dotted(place.schema, place.name) if rule.name else rule.cased(place.name),
        "logicalType": "object",
    }
    if place.table.comment:
        schema["description"] = place.table.comment
    if properties := _flow_properties(report, place):
        schema["customProperties"] = properties
    schema["properties"] = _nested_properties(place, picks_by_column)
    return schema


def _nested_properties(place: CatalogTable, picks_by_column: Mapping[ColumnId, Pick]) -> list[dict[str, Any]]:
    """Return the columns of a table in their order; a nested field stands in the property it is part of."""
    roots: list[dict[str, Any]] = []
    by_path: dict[tuple[str, ...], dict[str, Any]] = {}
    for column in place.table.columns:
        path = path_of(column)
        for depth in range(1, len(path) + 1):
            if path[:depth] in by_path:
                continue
            by_path[path[:depth]] = described = {"name": place.rule.cased(path[depth - 1])}
            siblings = by_path[path[:depth - 1]].setdefault("properties", []) if depth > 1 else roots
            siblings.append(described)
        by_path[path].update(_described(column, picks_by_column.get(column.id)))
    return roots


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


def _described(column: ColumnReport, pick: Pick | None) -> dict[str, Any]:
    """Return what a property says of its column beside the name; of the finding if one was picked."""
    texts = {
        "logicalType": _logical_type(column.type),
        "physicalType": column.type,
        "description": column.comment,
    }
    described: dict[str, Any] = {key: text for key, text in texts.items() if text}
    if pick is None:
        return described
    return described | (_classification(pick) if pick.accepted else {"tags": [SUGGESTED[1]]}) | {
        "customProperties": _finding_properties(pick)
    }


def _logical_type(type: str) -> str:
    """Return the standard's word for a column's type; empty where it is clear of none.

    >>> [_logical_type(type) for type in ("varchar(20)", "timestamp with time zone", "Int64", "geometry")]
    ['string', 'timestamp', 'integer', '']
    """
    word = re.split(r"[^a-z]", type.lower(), maxsplit=1)[0]
    return next((name for name, words in LOGICAL_TYPES.items() if word in words), "")


def _classification(pick: Pick) -> dict[str, Any]:
    """Return what an accepted finding sets on a property."""
    assessed = pick.assessed
    classification: dict[str, Any] = {
        "businessName": pick.title[0],
        "classification": assessed.grade,
        "criticalDataElement": assessed.sensitive == "yes",
        "tags": [assessed.finding.label, assessed.category],
    }
    return classification


def _finding_properties(pick: Pick) -> list[Mapping[str, Any]]:
    assessed = pick.assessed
    values = {
        "label": assessed.finding.label,
        "category": assessed.category,
        "grade": assessed.grade,
        "sensitive": assessed.sensitive,
        "source": assessed.source,
        "reason": pick.reason,
    }
    prefix = "chujing" if pick.accepted else "chujingSuggested"
    return [_custom_property(f"{prefix}{name.title()}", value) for name, value in values.items() if value]


def _custom_property(name: str, value: Any) -> Mapping[str, Any]:
    return {"property": name, "value": value}
