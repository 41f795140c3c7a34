"""Atlas by REST. First what the catalog has is read, many tables a request; then only what it lacks of ours is written.

A classification is put on many columns by one request; changed and removed one by one, for Atlas knows no other way that leaves what
others put there alone. Atlas refuses a whole request for one column it does not like (one that has the classification meanwhile, as
after an answer that was lost): what is refused is read again, and what still lacks is written alone.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import quote

from detectors.message import Msg
from reports.catalogs import (
    DONE,
    LEAVE,
    Client,
    Payload,
    Pushed,
    Response,
    Search,
    Unmatched,
    by_entity,
    push_result,
    refusal_reason,
    verdict,
)
from reports.catalogs.atlas.names import parts
from reports.catalogs.atlas.read import GONE, NO_TABLE, WHOSE, AtlasTable, near_table, read_tables
from reports.catalogs.atlas.types import MARK, METADATA, OURS, Definition, lacking, ours, readable, takes
from reports.catalogs.shapes import UnexpectedShape, body_of, expect_shape, records, text

SENT = 200                                    # columns classified in one request
SEARCHED = 50                                 # tables for which a near name is looked up
TRIES = 3                                     # when somebody else writes at the same time
DEFS = {"CLASSIFICATION": "classificationDefs", "BUSINESS_METADATA": "businessMetadataDefs"}         # of AtlasTypesDef

NO_COLUMN = Msg("no such column in the catalog; see chujing push --check")
NO_TYPE = Msg("its type in the catalog lacks our mark, or is not there: see what was refused of types")
NO_METADATA = Msg(
    "business metadata {name} in the catalog cannot hold it: see what was refused of types", name=METADATA
)


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be sent, and the payloads it delivers."""

    method: str
    path: str
    body: Any
    of: tuple[Payload, ...]


@dataclass(frozen=True, slots=True)
class Planned:
    """What a look at the catalog came to: what is settled without a request, and the requests."""

    outcomes: Mapping[str, str]                   # key -> DONE, LEAVE, or why it cannot be
    requests: Sequence[Request]


def push(payloads: Sequence[Payload], client: Client) -> Pushed:
    """Define types, then mark what carries them."""
    lasting, rest = [p for p in payloads if p.lasting], [p for p in payloads if not p.lasting]
    said = {**_settled(lasting, _types, client), **_settled(rest, _marks, client)}
    return push_result(payloads, said)


def check(payloads: Sequence[Payload], client: Client) -> Iterator[Unmatched]:
    """Tables and columns of ours that the catalog lacks, or that could not be read."""
    groups = by_entity(payloads)
    there, search = read_tables(list(groups), client), Search(SEARCHED)
    for name, of in groups.items():
        has = there[name]
        if has == NO_TABLE:
            yield search.entity(name, of, partial(near_table, name, client))
        elif isinstance(has, str):
            yield search.without(name, of, has, unread=has not in GONE)
        else:
            yield from search.fields(name, {p.body["column"]: p.about for p in of if "column" in p.body}, has.columns)


def _settled(payloads: Sequence[Payload], plan: Callable[[Sequence[Payload], Client, int], Planned], client: Client) -> dict[str, str]:
    """What became of payloads, by key. What is refused is planned again: somebody else may have written, or our answer was lost."""
    said: dict[str, str] = {}
    left = list(payloads)
    for n in range(TRIES):
        if not left:
            break
        planned = plan(left, client, SENT if n == 0 else 1)
        said |= planned.outcomes
        failed: list[Payload] = []
        for r in planned.requests:
            answer = client.send(r.method, r.path, r.body)
            said |= {p.key: DONE if answer.good else _why(r, answer) for p in r.of}
            if not answer.good and (n == 0 or answer.status in (409, 412)):
                failed += r.of
        left = failed
    return said


def _why(r: Request, answer: Response) -> str:
    if r.path.startswith("/v2/types/") and answer.status == 409:
        return Msg("a type of another kind has this name in the catalog (409)")
    return refusal_reason(answer)


# ---- types --------------------------------------------------------------------------------------------------------------------------


def _types(lasting: Sequence[Payload], client: Client, most: int) -> Planned:
    """Absent types are made by one request, those above others first; what a type lacks is added to it."""
    known = {**_classifications(client), **_metadata_type(client)}
    said: dict[str, str] = {}
    make: list[tuple[Definition, list[Payload]]] = []
    requests: list[Request] = []
    for name, every in by_entity(lasting).items():
        for of in [every] if most > 1 else [[p] for p in every]:
            send, told = lacking(known.get(name), [p.body for p in of])
            if send is None:
                said |= {p.key: told or DONE for p in of}
            elif name in known:
                requests.append(Request("PUT", "/v2/types/typedefs", _bodies([send]), tuple(of)))
            else:
                make.append((send, of))
    for some in [make] if most > 1 and make else [[m] for m in make]:
        requests.append(Request("POST", "/v2/types/typedefs", _bodies([d for d, _ in some]), tuple(p for _, of in some for p in of)))
    return Planned(said, requests)


def _bodies(definitions: Sequence[Definition]) -> Mapping[str, Any]:
    return {kind: of for c, kind in DEFS.items() if (of := [d for d in definitions if d["category"] == c])}


def _classifications(client: Client) -> Mapping[str, Definition]:
    """Classification types the catalog has, by name. What cannot be read is taken for absent: making it is refused where it is there."""
    answer = client.get("/v2/types/typedefs?type=CLASSIFICATION")
    if not answer.good:
        return {}
    with expect_shape(WHOSE):
        every = records(body_of(answer, dict, WHOSE).get("classificationDefs"), "classificationDefs")
        return {name: readable(d) for d in every if (name := text(d.get("name"), "name of a type")).startswith(OURS) or _is_readable(d)}


def _is_readable(d: Definition) -> bool:
    """Others' types may be as they like: what we cannot read of them we do not ask."""
    try:
        return bool(readable(d))
    except UnexpectedShape:
        return False


def _metadata_type(client: Client) -> Mapping[str, Definition]:
    """Our business metadata as the catalog has it."""
    answer = client.get(f"/v2/types/businessmetadatadef/name/{METADATA}")
    if not answer.good:
        return {}
    with expect_shape(WHOSE, f"of type {METADATA}, "):
        return {METADATA: readable(body_of(answer, dict, WHOSE))}


# ---- marks --------------------------------------------------------------------------------------------------------------------------


def _marks(payloads: Sequence[Payload], client: Client, most: int) -> Planned:
    """Removals first, then changes, then what is new: one classification on many columns by one request."""
    groups = by_entity(payloads)
    there = read_tables(list(groups), client)
    kinds = {p.kind == "column_class" for p in payloads if not p.remove}
    types = {**(_classifications(client) if True in kinds else {}), **(_metadata_type(client) if False in kinds else {})}
    said: dict[str, str] = {}
    away: list[Request] = []
    changed: list[Request] = []
    new: dict[str, list[tuple[str, Payload]]] = {}
    for name, of in groups.items():
        has = there[name]
        values: list[Payload] = []
        for p in of:
            told = _verdict(p, has, types)
            if isinstance(has, str) or told:
                said[p.key] = told
            elif p.kind != "column_class":
                values.append(p)
            else:
                column, kind = has.columns[p.body["column"]], p.body["classification"]
                at = f"/v2/entity/guid/{quote(column.guid, safe='')}"
                if p.remove:
                    away.append(Request("DELETE", f"{at}/classification/{quote(kind, safe='')}", "", (p,)))
                elif kind in column.marks:
                    changed.append(Request("PUT", f"{at}/classifications", [_classification(p, column.marks[kind])], (p,)))
                else:
                    new.setdefault(json.dumps(_classification(p), sort_keys=True, ensure_ascii=False), []).append((column.guid, p))
        if not isinstance(has, str):
            changed += _metadata(has.guid, values)
    return Planned(said, [*away, *changed, *_many(new, most)])


def _verdict(p: Payload, has: AtlasTable | str, types: Mapping[str, Definition]) -> str:
    """DONE, LEAVE, why it cannot be; or nothing: it is to be sent."""
    if isinstance(has, str):
        return DONE if p.remove and has in GONE else has
    if p.kind != "column_class":
        if not p.remove and not takes(types.get(METADATA), parts(p.entity)[0], p.body["name"]):
            return NO_METADATA
        said = verdict(p, _plain(has.values.get(p.body["name"])), lambda body: _plain(body["value"]))
        return {"done": DONE, "yield": LEAVE}.get(said, "")
    column = has.columns.get(p.body["column"])
    if column is None:
        return DONE if p.remove else NO_COLUMN
    stands = column.marks.get(p.body["classification"])
    if stands is None:                        # gone where it stood: somebody took it away
        if p.removed_by_person:
            return LEAVE
        return DONE if p.remove else "" if ours(p.body["classification"], types) else NO_TYPE
    told = stands.get("attributes") or {}
    if told.get(MARK) != OURS:
        return LEAVE
    if p.remove:
        return ""
    return DONE if all(told.get(k) == v for k, v in p.body["attributes"].items()) else ""


def _classification(p: Payload, stands: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The classification as sent: one that is new does not travel; of one that stands only our attributes change."""
    body = {"typeName": p.body["classification"], "attributes": dict(p.body["attributes"])}
    if stands is None:
        return body | {"propagate": False}
    return body | {k: stands[k] for k in ("validityPeriods",) if stands.get(k)}


def _many(new: Mapping[str, Sequence[tuple[str, Payload]]], most: int) -> Iterator[Request]:
    for body, every in new.items():
        for start in range(0, len(every), most):
            some = every[start:start + most]
            yield Request("POST", "/v2/entity/bulk/classification",
                          {"classification": json.loads(body), "entityGuids": [guid for guid, _ in some]}, tuple(p for _, p in some))


def _metadata(guid: str, of: Sequence[Payload]) -> Iterator[Request]:
    """What writes or takes back business metadata of a table."""
    at = f"/v2/entity/guid/{quote(guid, safe='')}/businessmetadata/{METADATA}"
    if mine := tuple(p for p in of if p.remove):
        yield Request("DELETE", at, {p.body["name"]: None for p in mine}, mine)
    if mine := tuple(p for p in of if not p.remove):
        yield Request("POST", at, {p.body["name"]: p.body["value"] for p in mine}, mine)


def _plain(value: Any) -> Any:
    """A value as it compares: Atlas keeps a list in any order."""
    return sorted(map(str, value)) if isinstance(value, list) else value
