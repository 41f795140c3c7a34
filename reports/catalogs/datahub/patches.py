"""DataHub's metadata change proposals: what writes our payloads or takes them back, and no more.

Contract: acryl-datahub 1.7, `emitter/mcp_patch_builder.py`, `specific/dataset.py`,
`specific/aspect_helpers/structured_properties.py`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from reports.catalogs.datahub.names import json_pointer, schema_field_urn, simple_path
from reports.catalogs.protocol import Payload

ACTOR = "urn:li:corpuser:chujing"
SOURCE = "urn:li:dataPlatform:chujing"        # attribution source of our marks: it tells whose a mark is
ARRAY_KEYS = {"properties": ["propertyUrn", "attribution\u241fsource"]}


@dataclass(frozen=True, slots=True)
class Patch:
    """Operations on one aspect of one entity, and the payloads they come from."""

    type: str
    urn: str
    aspect: str
    value: Mapping[str, Any]  # {"patch": [...]}; arrayPrimaryKeys where several may own a property
    payloads: tuple[Payload, ...]


def patches(
    entity: str, payloads: Sequence[Payload], paths: Mapping[str, str] | None = None
) -> Iterator[Patch]:
    """Yield what writes or takes back payloads of a dataset. paths: the catalog's own, by simple path."""
    catalog_paths = paths or {}

    def path(payload: Payload) -> str:
        own: str = payload.body["path"]
        return catalog_paths.get(simple_path(own), own)

    if terms := tuple(p for p in payloads if p.kind == "field_term"):
        operations = [_term_operation(path(p), p) for p in terms]
        yield Patch("dataset", entity, "editableSchemaMetadata", {"patch": operations}, terms)
    if figures := tuple(p for p in payloads if p.kind.startswith("dataset_")):
        yield _properties_patch("dataset", entity, figures)
    for payload in payloads:
        if payload.kind == "field_grade":
            yield _properties_patch("schemaField", schema_field_urn(entity, path(payload)), (payload,))


def patch_record(patch: Patch) -> dict[str, Any]:
    """Return a patch as a line of a metadata file."""
    value = patch.value if "arrayPrimaryKeys" in patch.value else patch.value["patch"]
    return {
        "entityType": patch.type,
        "entityUrn": patch.urn,
        "changeType": "PATCH",
        "aspectName": patch.aspect,
        "aspect": {
            "contentType": "application/json-patch+json",
            "value": json.dumps(value, ensure_ascii=False),
        },
    }


def upsert_record(type: str, urn: str, aspect: str, value: Mapping[str, Any]) -> dict[str, Any]:
    """Return an aspect that is written whole as a line of a metadata file."""
    return {
        "entityType": type,
        "entityUrn": urn,
        "changeType": "UPSERT",
        "aspectName": aspect,
        "aspect": {
            "contentType": "application/json",
            "value": json.dumps(value, ensure_ascii=False),
        },
    }


def _term_operation(path: str, payload: Payload) -> dict[str, Any]:
    urn = payload.body["term"]
    where = json_pointer("editableSchemaFieldInfo", path, "glossaryTerms", "terms", urn)
    return _operation(where, payload, {"urn": urn})


def _properties_patch(type: str, urn: str, payloads: tuple[Payload, ...]) -> Patch:
    operations = [
        _property_operation(name, values, payload)
        for payload in payloads
        for name, values in payload.body["values"].items()
    ]
    value = {"arrayPrimaryKeys": ARRAY_KEYS, "patch": operations}
    return Patch(type, urn, "structuredProperties", value, payloads)


def _property_operation(name: str, values: Sequence[Any], payload: Payload) -> dict[str, Any]:
    value = property_value(name, values)
    return _operation(json_pointer("properties", value["propertyUrn"], SOURCE), payload, value)


def property_value(name: str, values: Sequence[Any]) -> dict[str, Any]:
    """Return the values of a structured property, each in its union."""
    union = [{"double": float(v)} if isinstance(v, int) else {"string": v} for v in values]
    return {"propertyUrn": f"urn:li:structuredProperty:{name}", "values": union}


def _operation(where: str, payload: Payload, value: Mapping[str, Any]) -> dict[str, Any]:
    """Return the operation that sets a value under our attribution, or of a removal takes it away."""
    if payload.remove:
        return {"op": "remove", "path": where, "value": {}}
    return {"op": "add", "path": where, "value": {**value, "attribution": attribution(payload)}}


def attribution(payload: Payload) -> dict[str, Any]:
    """Return whose a mark is and since when: ours, since it was detected or decided."""
    time = datetime.fromisoformat(payload.stamp or "1970-01-01T00:00:00Z")
    return {
        "time": int(time.timestamp() * 1000),
        "actor": ACTOR,
        "source": SOURCE,
        "sourceDetail": payload.body.get("detail", {}),
    }
