"""What Atlas has of our tables: many tables a request, with their columns, and whose classifications stand on these."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from detectors.message import Msg
from reports.catalogs import Client, nearest_by_last_part, refusal_reason
from reports.catalogs.atlas.names import asking, entity, parts
from reports.catalogs.atlas.types import METADATA
from reports.catalogs.shapes import UnexpectedShape, body_of, expect_shape, record, records, text

ASKED = 50                                    # tables read in one request
COLUMNS = ("columns", "partitionKeys")        # relationships of a table

NO_TABLE = Msg("no such table in the catalog; see chujing push --check")
NO_KIND = Msg("the catalog knows no such type of table; see type and platform in catalogs:")
LONG = "its name is too long to ask the catalog for"
GONE = (NO_TABLE, NO_KIND, LONG)              # there is nothing there that could be taken back
UNREAD = "the table cannot be read: {}"
WHOSE = "Atlas's API"


@dataclass(frozen=True, slots=True)
class AtlasColumn:
    """A column in the catalog. marks: classifications put on it itself, by type; not those that travelled to it."""

    guid: str
    marks: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AtlasTable:
    """A table in the catalog. values: our business metadata."""

    guid: str
    columns: Mapping[str, AtlasColumn]
    values: Mapping[str, Any]
    owner: str = ""


def read_tables(names: Sequence[str], client: Client) -> Mapping[str, AtlasTable | str]:
    """Tables by type and qualified name; or why there is none."""
    out: dict[str, AtlasTable | str] = dict.fromkeys(names, LONG)
    by_type: dict[str, list[str]] = {}
    for n in names:
        by_type.setdefault(parts(n)[0], []).append(parts(n)[1])
    for kind, wanted in by_type.items():
        path = f"/v2/entity/bulk/uniqueAttribute/type/{quote(kind, safe='')}"
        for address, some in asking(path, "attr_{n}:qualifiedName", wanted, ASKED):
            out |= {entity(kind, q): t for q, t in _read(path, address, some, client).items()}
    return out


def _read(path: str, address: str, wanted: Sequence[str], client: Client) -> Mapping[str, AtlasTable | str]:
    """Tables by qualified name. A request that fails, or whose answer is longer than we read, is asked again in halves."""
    answer = client.get(address)
    if answer.good and answer.lacks != "long":
        body = body_of(answer, dict, WHOSE)
        with expect_shape(WHOSE):
            referred = {guid: record(e, "an entity") for guid, e in record(body.get("referredEntities"), "referredEntities").items()}
            found = {_name(e): e for e in records(body.get("entities"), "entities") if _stands(e)}
        return {q: _table_or_reason(found[q], referred, client) if q in found else NO_TABLE for q in wanted}
    if len(wanted) == 1:
        told = "its answer is longer than we read" if answer.good else refusal_reason(answer)
        return {wanted[0]: NO_TABLE if answer.status == 404 else UNREAD.format(told)}
    if client.get(f"/v2/types/typedef/name/{path.rsplit('/', 1)[-1]}").status == 404:
        return dict.fromkeys(wanted, NO_KIND)
    half = len(wanted) // 2
    return {q: t for some in (wanted[:half], wanted[half:]) for a, those in asking(path, "attr_{n}:qualifiedName", some, half + 1)
            for q, t in _read(path, a, those, client).items()}


def _name(e: Mapping[str, Any]) -> str:
    return text(e["attributes"].get("qualifiedName"), "qualifiedName")


def _table_or_reason(e: Mapping[str, Any], referred: Mapping[str, Mapping[str, Any]], client: Client) -> AtlasTable | str:
    try:
        return _table(e, referred, client)
    except UnexpectedShape as odd:
        return UNREAD.format(odd)


def _table(e: Mapping[str, Any], referred: Mapping[str, Mapping[str, Any]], client: Client) -> AtlasTable:
    related = {**e["attributes"], **record(e.get("relationshipAttributes"), "relationshipAttributes")}
    ids = [text(c.get("guid"), "guid of a column") for r in COLUMNS for c in records(related.get(r), r)
           if c.get("relationshipStatus", "ACTIVE") == "ACTIVE"]
    full = {g: referred[g] for g in ids if g in referred}
    full |= _entities([g for g in ids if g not in full], client)
    columns = {text(name, "name of a column"): _column(c) for c in full.values() if _stands(c) and (name := c["attributes"].get("name"))}
    metadata, owner = record(e.get("businessAttributes"), "businessAttributes").get(METADATA), e["attributes"].get("owner")
    return AtlasTable(text(e.get("guid"), "guid"), columns, record(metadata, METADATA), owner.strip() if isinstance(owner, str) else "")


def _column(e: Mapping[str, Any]) -> AtlasColumn:
    guid = text(e.get("guid"), "guid")
    marks = {text(c.get("typeName"), "typeName"): c for c in records(e.get("classifications"), "classifications")
             if c.get("entityGuid", guid) == guid and isinstance(record(c.get("attributes"), "attributes"), dict)}
    return AtlasColumn(guid, marks)


def _entities(guids: Sequence[str], client: Client, most: int = 2 * ASKED) -> Mapping[str, Mapping[str, Any]]:
    """Entities that did not come with the table, by guid. One that is gone meanwhile fails a whole request: then one by one."""
    out: dict[str, Mapping[str, Any]] = {}
    for address, some in asking("/v2/entity/bulk", "guid", guids, most):
        answer = client.get(address)
        if answer.good and answer.lacks != "long":
            out |= {text(e.get("guid"), "guid"): e for e in records(body_of(answer, dict, WHOSE).get("entities"), "entities")}
        elif len(some) > 1:
            out |= _entities(some, client, 1)
        elif answer.status != 404:
            raise UnexpectedShape(
                f"a column of it: {refusal_reason(answer)}"
                if not answer.good
                else "a column of it is longer than we read"
            )
    return out


def _stands(e: Mapping[str, Any]) -> bool:
    return bool(e.get("status", "ACTIVE") == "ACTIVE" and record(e.get("attributes"), "attributes"))


def near_table(name: str, client: Client) -> str:
    """The catalog's table whose name is nearest, by its own search."""
    kind = parts(name)[0]
    words = re.findall(r"\w+", _last(name)) or re.findall(r"\w+", parts(name)[1])
    query = quote(f"*{max(words, key=len)[:100]}*" if words else "*")
    answer = client.get(f"/v2/search/basic?typeName={quote(kind, safe='')}&excludeDeletedEntities=true&limit=50&query={query}")
    if not answer.good:
        return ""
    with expect_shape(WHOSE):
        found = records(body_of(answer, dict, WHOSE).get("entities"), "entities")
        known = [entity(text(e.get("typeName"), "typeName"), _name(e)) for e in found if _stands(e)]
    return nearest_by_last_part(name, known, _last)


def _last(name: str) -> str:
    """The table's own name."""
    return re.split(r"[./]", parts(name)[1].split("@", 1)[0])[-1]
