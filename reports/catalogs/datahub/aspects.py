"""A dataset in whole aspects, for a DataHub that lacks it and for DataHub Lite, which takes no patches.

Terms stand in `schemaMetadata`, where ingestion writes; `editableSchemaMetadata` is the stewards' and is not
touched. Contract: acryl-datahub 1.7, `metadata/schema_classes.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from reports.catalogs.datahub.names import AVRO_TYPES, schema_field_urn
from reports.catalogs.datahub.patches import ACTOR, attribution, property_value
from reports.catalogs.protocol import Payload

# entity type, URN, name of the aspect, its value
WholeAspect = tuple[str, str, str, Mapping[str, Any]]
FIELD_TYPES = {
    "string": "StringType", "int": "NumberType", "long": "NumberType", "double": "NumberType",
    "float": "NumberType", "decimal": "NumberType", "numeric": "NumberType", "boolean": "BooleanType",
    "date": "DateType", "datetime": "TimeType", "timestamp": "TimeType", "time": "TimeType",
    "bytes": "BytesType", "blob": "BytesType", "bytea": "BytesType", "struct": "RecordType",
    "array": "ArrayType", "map": "MapType",
}
UNKNOWN_TYPE = "NullType"                     # DataHub's word for a type that it has no class for


def aspects(urn: str, payloads: Sequence[Payload]) -> Iterator[WholeAspect]:
    """Yield the aspects of a dataset and of its fields; nothing of what is removed."""
    marks = [p for p in payloads if not p.remove]
    table = next((p for p in marks if p.kind == "table"), None)
    if table is None:
        return
    if table.body["description"]:
        yield "dataset", urn, "datasetProperties", {"description": table.body["description"]}
    yield "dataset", urn, "schemaMetadata", _schema(table, [p for p in marks if p.kind == "field_term"])
    if figures := [p for p in marks if p.kind.startswith("dataset_")]:
        yield "dataset", urn, "structuredProperties", _properties(figures)
    for mark in marks:
        if mark.kind == "field_grade":
            field = schema_field_urn(urn, mark.body["path"])
            yield "schemaField", field, "structuredProperties", _properties([mark])


def _schema(table: Payload, terms: Sequence[Payload]) -> dict[str, Any]:
    terms_by_path: dict[str, list[Payload]] = {}
    for term in terms:
        terms_by_path.setdefault(term.body["path"], []).append(term)
    fields = [_field(field, terms_by_path.get(field["path"], [])) for field in table.body["fields"]]
    return {
        "schemaName": table.body["name"],
        "platform": f"urn:li:dataPlatform:{table.body['platform']}",
        "version": 0,
        "hash": "",
        "platformSchema": {"com.linkedin.schema.OtherSchema": {"rawSchema": ""}},
        "fields": fields,
    }


def _field(field: Mapping[str, str], terms: Sequence[Payload]) -> dict[str, Any]:
    described: dict[str, Any] = {
        "fieldPath": field["path"],
        "nativeDataType": field["type"] or "unknown",
        "type": {"type": {f"com.linkedin.schema.{_type_class(field['type'])}": {}}},
    }
    if field["description"]:
        described["description"] = field["description"]
    if terms:
        stamp = {"time": max(attribution(term)["time"] for term in terms), "actor": ACTOR}
        associations = [{"urn": term.body["term"], "attribution": attribution(term)} for term in terms]
        described["glossaryTerms"] = {"terms": associations, "auditStamp": stamp}
    return described


def _type_class(type: str) -> str:
    """Return DataHub's class of a column's type.

    >>> _type_class("varchar(20)"), _type_class("timestamp with time zone"), _type_class("geometry")
    ('StringType', 'TimeType', 'NullType')
    """
    word = re.split(r"[^a-z0-9]", type.lower(), maxsplit=1)[0]
    return FIELD_TYPES.get(AVRO_TYPES.get(word, word), UNKNOWN_TYPE)


def _properties(marks: Sequence[Payload]) -> dict[str, Any]:
    return {
        "properties": [
            {**property_value(name, values), "attribution": attribution(mark)}
            for mark in marks
            for name, values in mark.body["values"].items()
        ]
    }
