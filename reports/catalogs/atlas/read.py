"""What Atlas has of our tables, many a request: columns with their classifications, our metadata."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from detectors.message import Msg, Text, Word
from reports.catalogs.atlas.names import entity, parts, request_addresses
from reports.catalogs.atlas.type_changes import is_readable, require_readable
from reports.catalogs.atlas.types import MARK_VALUE, METADATA_NAME, Definition
from reports.catalogs.near_names import nearest_by_last_part
from reports.catalogs.protocol import Client, Response, Unusable, refusal_reason
from reports.catalogs.shapes import UnexpectedShape, body_of, expect_shape, record, records, text

MOST_TABLES = 50                              # tables read in one request
MOST_COLUMNS = 100                            # columns read in one request
COLUMN_RELATIONS = ("columns", "partitionKeys")        # relationships of a table
TABLE_PARAMETER = "attr_{n}:qualifiedName"
API_NAME = Word("Atlas's API", "Atlas API")

NO_TABLE = Unusable(Msg("no such table in the catalog; see chujing push --check"), absent=True)
NO_TABLE_TYPE = Unusable(
    Msg("the catalog knows no such type of table; see type and platform in catalogs:"), absent=True
)
LONG_NAME = Unusable("its name is too long to ask the catalog for", absent=True)

AtlasEntity = Mapping[str, Any]                    # AtlasEntity


@dataclass(frozen=True, slots=True)
class AtlasColumn:
    """A column in the catalog."""

    guid: str
    marks: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)     # classifications on it by type,
                                              # without those that travelled to it


@dataclass(frozen=True, slots=True)
class AtlasTable:
    """A table in the catalog. values: our business metadata."""

    guid: str
    columns: Mapping[str, AtlasColumn]
    values: Mapping[str, Any]
    owner: str = ""


# ---- tables


def read_tables(names: Sequence[str], client: Client) -> Mapping[str, AtlasTable | Unusable]:
    """Return tables by the names of our payloads, or why one cannot be used."""
    tables: dict[str, AtlasTable | Unusable] = dict.fromkeys(names, LONG_NAME)
    by_type: dict[str, list[str]] = {}
    for type_name, qualified_name in map(parts, names):
        by_type.setdefault(type_name, []).append(qualified_name)
    for type_name, qualified_names in by_type.items():
        read = _read_type(type_name, qualified_names, client, MOST_TABLES)
        tables |= {entity(type_name, qualified_name): table for qualified_name, table in read.items()}
    return tables


def _read_type(
    type_name: str, qualified_names: Sequence[str], client: Client, most: int
) -> dict[str, AtlasTable | Unusable]:
    """Return tables of one type by qualified name; names too long to ask for are left out."""
    tables: dict[str, AtlasTable | Unusable] = {}
    path = f"/v2/entity/bulk/uniqueAttribute/type/{quote(type_name, safe='')}"
    for address, chunk in request_addresses(path, TABLE_PARAMETER, qualified_names, most):
        tables |= _read_chunk(type_name, address, chunk, client)
    return tables


def _read_chunk(
    type_name: str, address: str, names: Sequence[str], client: Client
) -> Mapping[str, AtlasTable | Unusable]:
    """Return tables by qualified name; if a request fails or its answer is too long, repeat it in halves."""
    response = client.get(address)
    if _has_body(response):
        return _tables_in(response, names, client)
    if len(names) == 1:
        if response.status == 404:
            return {names[0]: NO_TABLE}
        return {
            names[0]: _unreadable(
                "its answer is longer than we read" if response.good else refusal_reason(response)
            )
        }
    if client.get(f"/v2/types/typedef/name/{quote(type_name, safe='')}").status == 404:
        return dict.fromkeys(names, NO_TABLE_TYPE)
    half = len(names) // 2
    first = _read_type(type_name, names[:half], client, half + 1)
    return first | _read_type(type_name, names[half:], client, half + 1)


def _has_body(response: Response) -> bool:
    return response.good and response.lacks != "long"


def _tables_in(response: Response, names: Sequence[str], client: Client) -> dict[str, AtlasTable | Unusable]:
    body = body_of(response, dict, API_NAME)
    with expect_shape(API_NAME):
        referred = {
            guid: record(e, "an entity")
            for guid, e in record(body.get("referredEntities"), "referredEntities").items()
        }
        entities = {_qualified_name(e): e for e in records(body.get("entities"), "entities") if _is_active(e)}
    return {
        name: _table_or_reason(entities[name], referred, client) if name in entities else NO_TABLE
        for name in names
    }


def _table_or_reason(
    table: AtlasEntity, referred: Mapping[str, AtlasEntity], client: Client
) -> AtlasTable | Unusable:
    try:
        return _table(table, referred, client)
    except UnexpectedShape as e:
        return _unreadable(e)


def _unreadable(why: object) -> Unusable:
    return Unusable(f"the table cannot be read: {why}")


def _table(table: AtlasEntity, referred: Mapping[str, AtlasEntity], client: Client) -> AtlasTable:
    """Return a table with its columns. referred: entities that came with the answer, by guid."""
    relations = record(table.get("relationshipAttributes"), "relationshipAttributes")
    guids = _column_guids({**table["attributes"], **relations})
    columns = {guid: referred[guid] for guid in guids if guid in referred}
    columns |= _read_columns([guid for guid in guids if guid not in columns], client)
    by_name = {
        text(name, "name of a column"): _column(column)
        for column in columns.values()
        if _is_active(column) and (name := column["attributes"].get("name"))
    }
    metadata = record(table.get("businessAttributes"), "businessAttributes").get(METADATA_NAME)
    owner = table["attributes"].get("owner")
    return AtlasTable(
        text(table.get("guid"), "guid"),
        by_name,
        record(metadata, METADATA_NAME),
        owner.strip() if isinstance(owner, str) else "",
    )


def _column_guids(attributes: Mapping[str, Any]) -> list[str]:
    return [
        text(column.get("guid"), "guid of a column")
        for relation in COLUMN_RELATIONS
        for column in records(attributes.get(relation), relation)
        if column.get("relationshipStatus", "ACTIVE") == "ACTIVE"
    ]


def _column(column: AtlasEntity) -> AtlasColumn:
    guid = text(column.get("guid"), "guid")
    marks: dict[str, Mapping[str, Any]] = {}
    for mark in records(column.get("classifications"), "classifications"):
        if mark.get("entityGuid", guid) == guid:
            record(mark.get("attributes"), "attributes")
            marks[text(mark.get("typeName"), "typeName")] = mark
    return AtlasColumn(guid, marks)


def _read_columns(
    guids: Sequence[str], client: Client, most: int = MOST_COLUMNS
) -> Mapping[str, AtlasEntity]:
    """Return columns that did not come with their table, by guid.

    One that was removed meanwhile fails a whole request; then they are asked for one by one.
    """
    columns: dict[str, AtlasEntity] = {}
    for address, chunk in request_addresses("/v2/entity/bulk", "guid", guids, most):
        response = client.get(address)
        if _has_body(response):
            entities = records(body_of(response, dict, API_NAME).get("entities"), "entities")
            columns |= {text(column.get("guid"), "guid"): column for column in entities}
        elif len(chunk) > 1:
            columns |= _read_columns(chunk, client, 1)
        elif response.status != 404:
            if response.good:
                raise UnexpectedShape("a column of it", lambda part: f"{part} is longer than we read")
            raise UnexpectedShape("a column of it", _cause_describer(refusal_reason(response)))
    return columns


def _cause_describer(why: Text) -> Callable[[str], Text]:
    """Return how a part is described that could not be read."""
    return lambda part: f"{part}: {why}"


def _is_active(entity: AtlasEntity) -> bool:
    """Return whether an entity exists and has attributes."""
    return bool(entity.get("status", "ACTIVE") == "ACTIVE" and record(entity.get("attributes"), "attributes"))


def _qualified_name(table: AtlasEntity) -> str:
    return text(table["attributes"].get("qualifiedName"), "qualifiedName")


# ---- types


def read_classifications(client: Client) -> Mapping[str, Definition]:
    """Return the classification types the catalog has, by name.

    What cannot be read counts as absent: making it is refused if it exists.
    """
    response = client.get("/v2/types/typedefs?type=CLASSIFICATION")
    if not response.good:
        return {}
    types: dict[str, Definition] = {}
    with expect_shape(API_NAME):
        for definition in records(
            body_of(response, dict, API_NAME).get("classificationDefs"), "classificationDefs"
        ):
            name = text(definition.get("name"), "name of a type")
            if name.startswith(MARK_VALUE) or is_readable(definition):
                types[name] = require_readable(definition)
    return types


def read_metadata_type(client: Client) -> Mapping[str, Definition]:
    """Return our business metadata as the catalog has it, by its name; empty if it has none."""
    response = client.get(f"/v2/types/businessmetadatadef/name/{METADATA_NAME}")
    if not response.good:
        return {}
    with expect_shape(API_NAME, f"of type {METADATA_NAME}, "):
        return {METADATA_NAME: require_readable(body_of(response, dict, API_NAME))}


# ---- near names


def near_table(name: str, client: Client) -> str:
    """Return the catalog's table with the nearest name, by its own search; empty for none."""
    type_name, qualified_name = parts(name)
    words = re.findall(r"\w+", _last_part(name)) or re.findall(r"\w+", qualified_name)
    query = quote(f"*{max(words, key=len)[:100]}*" if words else "*")
    limits = "excludeDeletedEntities=true&limit=50"
    response = client.get(f"/v2/search/basic?typeName={quote(type_name, safe='')}&{limits}&query={query}")
    if not response.good:
        return ""
    with expect_shape(API_NAME):
        hits = records(body_of(response, dict, API_NAME).get("entities"), "entities")
        names = [
            entity(text(e.get("typeName"), "typeName"), _qualified_name(e)) for e in hits if _is_active(e)
        ]
    return nearest_by_last_part(name, names, _last_part)


def _last_part(name: str) -> str:
    """Return the table's own name."""
    return re.split(r"[./]", parts(name)[1].split("@", 1)[0])[-1]
