"""Making definitions in OpenMetadata: classifications, tags, custom properties, use of recognisers.

A definition is made where it is absent. Nothing existing is ever PUT: that would wipe what a steward
configured.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from reports.catalogs.openmetadata.contract import CLASSIFICATION, ENTITY, TYPE
from reports.catalogs.openmetadata.read import get_checked, require_shape
from reports.catalogs.protocol import Client, Payload, Response

JSON_PATCH = "application/json-patch+json"
AUTOMATIC = {                                 # autoClassificationConfig of a classification
    "enabled": True,
    "conflictResolution": "highest_confidence",
    "minimumConfidence": 0.6,
    "requireExplicitMatch": True,
}
COLLECTIONS = {"classification": "classifications", "tag": "tags"}


def define(payload: Payload, client: Client) -> Response:
    """Make a definition where it is absent; the response is good if it exists, whatever it says."""
    fqn, create = payload.body["fqn"], payload.body["create"]
    if payload.kind == "property":
        return _define_property(create, client)
    if payload.kind == "automatic":
        return _enable_recognizers(fqn, client)
    return _define_named(COLLECTIONS[payload.kind], fqn, create, client)


def version_of(entity: Mapping[str, Any]) -> str:
    """Return the version that was read, as If-Match takes it.

    Not the ETag of the answer: that one depends on which fields were asked for.
    """
    return f'W/"{entity["version"]}"'


def _define_named(collection: str, fqn: str, create: Mapping[str, Any], client: Client) -> Response:
    """Make a classification or a tag."""
    path = f"/v1/{collection}/name/{quote(fqn, safe='')}"
    existing = get_checked(path, client, ENTITY)
    if existing.status != 404:
        return existing
    response = client.send("POST", f"/v1/{collection}", create, effect="same")
    if response.good:
        require_shape(response.body, ENTITY, f"/v1/{collection}")
    return get_checked(path, client, ENTITY) if response.status == 409 else response


def _define_property(create: Mapping[str, Any], client: Client) -> Response:
    """Make a custom property of tables. The PUT of the type adds one property and touches no other."""
    table_response = get_checked("/v1/metadata/types/name/table?fields=customProperties", client, TYPE)
    if not table_response.good:
        return table_response
    properties = table_response.body.get("customProperties") or ()
    if any(existing["name"] == create["name"] for existing in properties):
        return table_response
    type_response = get_checked(f"/v1/metadata/types/name/{create['type']}?category=field", client, TYPE)
    if not type_response.good:
        return type_response
    body = {key: create[key] for key in ("name", "displayName", "description")}
    body["propertyType"] = {"id": type_response.body["id"], "type": "type"}
    return client.send("PUT", f"/v1/metadata/types/{quote(table_response.body['id'], safe='')}", body)


def _enable_recognizers(fqn: str, client: Client) -> Response:
    """Let the catalog use the recognisers of a classification, unless somebody has set that already."""
    current = get_checked(f"/v1/classifications/name/{quote(fqn, safe='')}", client, CLASSIFICATION)
    if not current.good or current.body.get("autoClassificationConfig") is not None:
        return current
    headers = {"Content-Type": JSON_PATCH, "If-Match": version_of(current.body)}
    operations = [{"op": "add", "path": "/autoClassificationConfig", "value": AUTOMATIC}]
    path = f"/v1/classifications/{quote(current.body['id'], safe='')}"
    return client.send("PATCH", path, operations, headers=headers)
