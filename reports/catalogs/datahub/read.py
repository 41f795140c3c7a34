"""What DataHub has of our datasets and definitions, many entities a request: OpenAPI v3.

Contract: acryl-datahub 1.7, `emitter/request_helper.py`, `ingestion/graph/openapi.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from detectors.message import Msg, Word
from reports.catalogs.datahub.names import simple_path
from reports.catalogs.datahub.patches import SOURCE
from reports.catalogs.near_names import nearest_by_last_part
from reports.catalogs.protocol import Client, Response, Unusable, refusal_reason
from reports.catalogs.shapes import UnexpectedShape, body_of, expect_shape, items, record, records, text

MOST_ENTITIES = 100                           # entities read in one request
MOST_FIELDS = 500                             # fields read in one request: each has one aspect
PROPERTIES = "structuredProperties"
API_NAME = Word("DataHub's API", "DataHub API")

NO_DATASET = Unusable(Msg("no such dataset in the catalog; see chujing push --check"), absent=True)

Aspects = Mapping[str, Mapping[str, Any]]     # name of an aspect -> its value


@dataclass(frozen=True, slots=True)
class PropertyValue:
    """What a structured property holds."""

    ours: Sequence[Any] | None = None         # values under our attribution; None for none
    detail: Mapping[str, Any] = field(default_factory=dict)     # of our attribution
    others: bool = False                      # whether it has values under another attribution


@dataclass(frozen=True, slots=True)
class DatasetState:
    """What the catalog has of one dataset."""

    has_schema: bool = False
    paths: Mapping[str, str] = field(default_factory=dict)      # simple path -> the catalog's own
    terms: Mapping[tuple[str, str], str] = field(default_factory=dict)    # (simple path, term) -> its
                                              # attribution source, empty if it has none
    values: Mapping[str, PropertyValue] = field(default_factory=dict)     # by id of the property


def read_datasets(urns: Sequence[str], client: Client) -> Mapping[str, DatasetState | Unusable]:
    """Return datasets by URN, or why one cannot be read; those that do not exist are left out."""
    aspects = ("schemaMetadata", "editableSchemaMetadata", "status", PROPERTIES)
    states: dict[str, DatasetState | Unusable] = {}
    for urn, entity in read_entities("dataset", urns, aspects, client).items():
        if isinstance(entity, Unusable):
            states[urn] = entity
        elif _exists(entity):
            try:
                states[urn] = _dataset_state(entity)
            except UnexpectedShape as e:
                states[urn] = unreadable(e)
    return states


def read_field_values(
    urns: Sequence[str], client: Client
) -> Mapping[str, Mapping[str, PropertyValue] | Unusable]:
    """Return the structured properties of schema fields by URN; of a field without any, an empty mapping."""
    values: dict[str, Mapping[str, PropertyValue] | Unusable] = dict.fromkeys(urns, {})
    for urn, entity in read_entities("schemaField", urns, (PROPERTIES,), client, most=MOST_FIELDS).items():
        try:
            values[urn] = entity if isinstance(entity, Unusable) else _property_values(entity)
        except UnexpectedShape as e:
            values[urn] = unreadable(e)
    return values


def read_entities(
    kind: str, urns: Sequence[str], aspects: Iterable[str], client: Client, most: int = MOST_ENTITIES
) -> dict[str, Aspects | Unusable]:
    """Return the aspects of existing entities by URN, or why one cannot be read. most: entities a request."""
    entities: dict[str, Aspects | Unusable] = {}
    for start in range(0, len(urns), most):
        chunk = urns[start:start + most]
        question: list[dict[str, Any]] = [{"urn": urn} | {aspect: {} for aspect in aspects} for urn in chunk]
        response = client.send("POST", f"/openapi/v3/entity/{kind}/batchGet", question, effect="none")
        if response.status == 404:
            continue
        if response.good:
            entities |= _entities_in(response, aspects)
        else:
            entities |= dict.fromkeys(chunk, unreadable(refusal_reason(response)))
    return entities


def near_dataset(urn: str, client: Client) -> str:
    """Return the catalog's dataset with the nearest name, by its own search; empty for none."""
    query = quote(_last_part(urn))
    response = client.get(f"/openapi/v3/entity/dataset?count=50&aspects=datasetKey&query={query}")
    if not response.good:
        return ""
    with expect_shape(API_NAME):
        entities = records(body_of(response, dict, API_NAME).get("entities"), "entities")
        hits = [text(entity.get("urn"), "urn") for entity in entities]
    return nearest_by_last_part(urn, hits, _last_part)


def unreadable(why: object) -> Unusable:
    """Return what stands for an entity that cannot be read."""
    return Unusable(f"it cannot be read: {why}")


def _last_part(urn: str) -> str:
    """Return the last part of a dataset's name: its table."""
    return urn.split(",")[-2].rsplit(".", 1)[-1] if "," in urn else urn


def _entities_in(response: Response, aspects: Iterable[str]) -> dict[str, Aspects | Unusable]:
    entities: dict[str, Aspects | Unusable] = {}
    with expect_shape(API_NAME):
        for entity in records(body_of(response, list, API_NAME), "its list"):
            entities[text(entity.get("urn"), "urn")] = _aspects(entity, aspects)
    return entities


def _aspects(entity: Mapping[str, Any], names: Iterable[str]) -> Aspects | Unusable:
    try:
        return {
            name: record(record(entity[name], name).get("value"), f"{name}.value")
            for name in names
            if entity.get(name) is not None
        }
    except UnexpectedShape as e:
        return unreadable(e)


def _exists(entity: Aspects) -> bool:
    """Return whether anything but our own properties is known of a dataset, and nobody removed it."""
    has_others = any(value for name, value in entity.items() if name != PROPERTIES)
    return has_others and not entity.get("status", {}).get("removed")


def _dataset_state(entity: Aspects) -> DatasetState:
    fields = records(entity.get("schemaMetadata", {}).get("fields"), "schemaMetadata.fields")
    edited = records(
        entity.get("editableSchemaMetadata", {}).get("editableSchemaFieldInfo"), "editableSchemaFieldInfo"
    )
    edited_paths = [text(f.get("fieldPath"), "fieldPath") for f in edited]
    field_paths = [text(f.get("fieldPath"), "fieldPath") for f in fields]
    terms: dict[tuple[str, str], str] = {}
    for info, path in zip(edited, edited_paths, strict=True):
        terms |= {(simple_path(path), term): source for term, source in _term_sources(info).items()}
    paths = {simple_path(path): path for path in [*edited_paths, *field_paths]}
    return DatasetState(bool(fields), paths, terms, _property_values(entity))


def _term_sources(field_info: Mapping[str, Any]) -> Mapping[str, str]:
    """Return the attribution source of each glossary term on a field."""
    return {
        text(term.get("urn"), "urn of a term"): str(
            record(term.get("attribution"), "attribution").get("source") or ""
        )
        for term in records(record(field_info.get("glossaryTerms"), "glossaryTerms").get("terms"), "terms")
    }


def _property_values(entity: Aspects) -> Mapping[str, PropertyValue]:
    """Return structured properties by id."""
    properties: dict[str, PropertyValue] = {}
    for assignment in records(entity.get(PROPERTIES, {}).get("properties"), "properties"):
        id = text(assignment.get("propertyUrn"), "propertyUrn").removeprefix("urn:li:structuredProperty:")
        attribution = record(assignment.get("attribution"), "attribution")
        earlier = properties.get(id, PropertyValue())
        if attribution.get("source") == SOURCE:
            values = sorted((_plain_value(v) for v in items(assignment.get("values"), "values")), key=str)
            detail = record(attribution.get("sourceDetail"), "sourceDetail")
            properties[id] = PropertyValue(values, detail, earlier.others)
        else:
            properties[id] = PropertyValue(earlier.ours, earlier.detail, True)
    return properties


def _plain_value(value: Any) -> Any:
    """Return a value out of its union; a whole number as such."""
    inner = next(iter(value.values()), None) if isinstance(value, dict) else value
    return int(inner) if isinstance(inner, float) and inner.is_integer() else inner
