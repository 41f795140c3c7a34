"""DataHub's metadata change proposals: what writes our payloads, or takes them back, and touches nothing else.

Contract: acryl-datahub 1.7, `emitter/mcp_patch_builder.py`, `specific/dataset.py`, `specific/aspect_helpers/structured_properties.py`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from reports.catalogs import Payload
from reports.catalogs.datahub.names import pointer, schema_field, simple

ACTOR = "urn:li:corpuser:chujing"
SOURCE = "urn:li:dataPlatform:chujing"        # whose mark it is
KEYS = {"properties": ["propertyUrn", "attribution\u241fsource"]}


@dataclass(frozen=True, slots=True)
class Patch:
    """Operations on one aspect of one entity, and the payloads they come from."""

    type: str
    urn: str
    aspect: str
    value: Mapping[str, Any]                  # {"patch": [...]}, with arrayPrimaryKeys where several may hold one property
    of: tuple[Payload, ...]


def patches(entity: str, of: Sequence[Payload], paths: Mapping[str, str] | None = None) -> Iterator[Patch]:
    """What writes or takes back payloads of one dataset. paths: the catalog's own path of a field, by the simple one."""

    def path(p: Payload) -> str:
        return (paths or {}).get(simple(p.body["path"]), p.body["path"])

    if mine := tuple(p for p in of if p.kind == "field_term"):
        yield Patch("dataset", entity, "editableSchemaMetadata", {"patch": [_term(path(p), p) for p in mine]}, mine)
    if mine := tuple(p for p in of if p.kind.startswith("dataset_")):
        yield _properties("dataset", entity, mine)
    for p in of:
        if p.kind == "field_grade":
            yield _properties("schemaField", schema_field(entity, path(p)), (p,))


def proposal(patch: Patch) -> dict[str, Any]:
    """A patch as a line of a metadata file."""
    value = patch.value if "arrayPrimaryKeys" in patch.value else patch.value["patch"]
    return {"entityType": patch.type, "entityUrn": patch.urn, "changeType": "PATCH", "aspectName": patch.aspect,
            "aspect": {"contentType": "application/json-patch+json", "value": json.dumps(value, ensure_ascii=False)}}


def upsert(p: Payload) -> dict[str, Any]:
    """A definition as a line of a metadata file."""
    return {"entityType": p.body["type"], "entityUrn": p.entity, "changeType": "UPSERT", "aspectName": p.body["aspect"],
            "aspect": {"contentType": "application/json", "value": json.dumps(p.body["value"], ensure_ascii=False)}}


def _term(path: str, p: Payload) -> dict[str, Any]:
    where = pointer("editableSchemaFieldInfo", path, "glossaryTerms", "terms", p.body["term"])
    value = {} if p.remove else {"urn": p.body["term"], "attribution": _attribution(p)}
    return {"op": "remove" if p.remove else "add", "path": where, "value": value}


def _properties(kind: str, urn: str, of: tuple[Payload, ...]) -> Patch:
    ops = [_property(name, values, p) for p in of for name, values in p.body["values"].items()]
    return Patch(kind, urn, "structuredProperties", {"arrayPrimaryKeys": KEYS, "patch": ops}, of)


def _property(name: str, values: Sequence[Any], p: Payload) -> dict[str, Any]:
    urn = f"urn:li:structuredProperty:{name}"
    told = [{"double": float(v)} if isinstance(v, int) else {"string": v} for v in values]
    value = {} if p.remove else {"propertyUrn": urn, "values": told, "attribution": _attribution(p)}
    return {"op": "remove" if p.remove else "add", "path": pointer("properties", urn, SOURCE), "value": value}


def _attribution(p: Payload) -> dict[str, Any]:
    time = int(datetime.fromisoformat(p.stamp or "1970-01-01T00:00:00Z").timestamp() * 1000)
    return {"time": time, "actor": ACTOR, "source": SOURCE, "sourceDetail": p.body.get("detail", {})}
