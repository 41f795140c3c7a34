"""Writing to Atlas by REST: what the catalog has is read first, then only what it lacks of ours is written.

A classification is put on many columns by one request. It is changed and removed one by one, for Atlas knows
no other way that leaves alone what others put there. Atlas refuses a whole request for one column it does not
accept (one that has the classification meanwhile, as after an answer that was lost): what is refused is read
again, and what is still missing is written alone.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from detectors.message import Msg, Text
from reports.catalogs.atlas.names import parts
from reports.catalogs.atlas.read import (
    AtlasColumn,
    AtlasTable,
    read_classifications,
    read_metadata_type,
    read_tables,
)
from reports.catalogs.atlas.type_changes import can_carry_mark, can_hold, type_change
from reports.catalogs.atlas.types import MARK_ATTRIBUTE, MARK_VALUE, METADATA_NAME, Definition
from reports.catalogs.protocol import (
    DONE,
    LEAVE,
    Client,
    Outcomes,
    Payload,
    Pushed,
    Response,
    Unusable,
    by_entity,
    push_result,
    refusal_reason,
    verdict,
)

BATCH = 2_000
MOST_MARKED = 200                             # columns classified in one request
TRIES = 3                                     # when somebody else writes at the same time
TYPEDEFS = "/v2/types/typedefs"
TYPE_LISTS = {                                # category of a definition -> its list in AtlasTypesDef
    "CLASSIFICATION": "classificationDefs",
    "BUSINESS_METADATA": "businessMetadataDefs",
}

NO_COLUMN = Msg("no such column in the catalog; see chujing push --check")
NO_TYPE = Msg("its type in the catalog lacks our mark, or is not there: see what was refused of types")
NO_METADATA = Msg(
    "business metadata {name} in the catalog cannot hold it: see what was refused of types",
    name=METADATA_NAME,
)



@dataclass(frozen=True, slots=True)
class Request:
    """What is to be sent, and the payloads it delivers."""

    method: str
    path: str
    body: Any
    payloads: tuple[Payload, ...]


@dataclass(frozen=True, slots=True)
class RequestPlan:
    """What a look at the catalog came to: what is settled without a request, and the requests."""

    outcomes: Outcomes
    requests: Sequence[Request]


BatchPlanner = Callable[[Sequence[Payload], Client, int], RequestPlan]       # int: payloads in one request


def push(payloads: Iterable[Payload], client: Client) -> Pushed:
    """Make the types the catalog lacks, mark the columns and tables it has, refuse what it does not have."""
    batch = list(payloads)
    outcomes = _carry_out([p for p in batch if p.lasting], _plan_types, client)
    outcomes |= _carry_out([p for p in batch if not p.lasting], _plan_marks, client)
    return push_result(batch, outcomes)


def _carry_out(payloads: Sequence[Payload], plan: BatchPlanner, client: Client) -> Outcomes:
    """Plan and send until all is settled. What is refused is planned again, alone.

    Somebody else may have written, or our answer was lost.
    """
    outcomes: Outcomes = {}
    remaining = list(payloads)
    for attempt in range(TRIES):
        if not remaining:
            break
        planned = plan(remaining, client, MOST_MARKED if attempt == 0 else 1)
        outcomes |= planned.outcomes
        remaining = []
        for request in planned.requests:
            response = client.send(request.method, request.path, request.body, effect="same")
            outcome = DONE if response.good else _refusal(request, response)
            outcomes |= {p.key: outcome for p in request.payloads}
            if not response.good and (attempt == 0 or response.status in (409, 412)):
                remaining += request.payloads
    return outcomes


def _refusal(request: Request, response: Response) -> Text:
    if request.path.startswith("/v2/types/") and response.status == 409:
        return Msg("a type of another kind has this name in the catalog (409)")
    return refusal_reason(response)


# ---- types


def _plan_types(definitions: Sequence[Payload], client: Client, most: int) -> RequestPlan:
    """Make absent types by one request, those above others first; add to a type what it lacks."""
    existing = {**read_classifications(client), **read_metadata_type(client)}
    outcomes: Outcomes = {}
    absent: list[tuple[Definition, list[Payload]]] = []
    requests: list[Request] = []
    for name, of_name in by_entity(definitions).items():
        for payloads in [of_name] if most > 1 else [[p] for p in of_name]:
            change = type_change(existing.get(name), [p.body for p in payloads])
            if change.definition is None:
                outcomes |= {p.key: change.obstacle or DONE for p in payloads}
            elif name in existing:
                requests.append(_type_request("PUT", [(change.definition, payloads)]))
            else:
                absent.append((change.definition, payloads))
    groups = [absent] if most > 1 and absent else [[one] for one in absent]
    return RequestPlan(outcomes, [*requests, *(_type_request("POST", group) for group in groups)])


def _type_request(method: str, definitions: Sequence[tuple[Definition, Sequence[Payload]]]) -> Request:
    lists = {
        name: of_category
        for category, name in TYPE_LISTS.items()
        if (of_category := [d for d, _ in definitions if d["category"] == category])
    }
    return Request(method, TYPEDEFS, lists, tuple(p for _, payloads in definitions for p in payloads))


# ---- marks


@dataclass(slots=True)
class _MarkRequests:
    """Requests about marks, gathered by what they do."""

    removals: list[Request] = field(default_factory=list)
    changes: list[Request] = field(default_factory=list)
    additions: dict[str, list[tuple[str, Payload]]] = field(default_factory=dict)     # by classification as
                                              # JSON: (guid of a column, payload)

    def add_column_mark(self, payload: Payload, column: AtlasColumn) -> None:
        """Take in what sets, changes or removes a classification of a column."""
        kind = payload.body["classification"]
        path = f"/v2/entity/guid/{quote(column.guid, safe='')}"
        if payload.remove:
            path = f"{path}/classification/{quote(kind, safe='')}"
            self.removals.append(Request("DELETE", path, "", (payload,)))
        elif kind in column.marks:
            body = [_changed_classification(payload, column.marks[kind])]
            self.changes.append(Request("PUT", f"{path}/classifications", body, (payload,)))
        else:
            body_text = json.dumps(_new_classification(payload), sort_keys=True, ensure_ascii=False)
            self.additions.setdefault(body_text, []).append((column.guid, payload))

    def in_order(self, most: int) -> list[Request]:
        """Return removals first, then changes, then additions, each of at most so many columns."""
        return [*self.removals, *self.changes, *_addition_requests(self.additions, most)]


def _plan_marks(payloads: Sequence[Payload], client: Client, most: int) -> RequestPlan:
    """Put one classification on many columns by one request, if `most` allows."""
    groups = by_entity(payloads)
    tables = read_tables(list(groups), client)
    types = _types_for(payloads, client)
    outcomes: Outcomes = {}
    requests = _MarkRequests()
    for name, of_table in groups.items():
        table = tables[name]
        settled = {p.key: outcome for p in of_table if (outcome := _outcome(p, table, types))}
        outcomes |= settled
        if isinstance(table, Unusable):
            continue
        due = [p for p in of_table if p.key not in settled]
        for payload in due:
            if payload.kind == "column_class":
                requests.add_column_mark(payload, table.columns[payload.body["column"]])
        requests.changes += _metadata_requests(table.guid, [p for p in due if p.kind != "column_class"])
    return RequestPlan(outcomes, requests.in_order(most))


def _types_for(payloads: Sequence[Payload], client: Client) -> Mapping[str, Definition]:
    """Return the types in the catalog that payloads to be written need, by name."""
    kinds = {p.kind == "column_class" for p in payloads if not p.remove}
    classifications = read_classifications(client) if True in kinds else {}
    metadata = read_metadata_type(client) if False in kinds else {}
    return {**classifications, **metadata}


def _outcome(payload: Payload, table: AtlasTable | Unusable, types: Mapping[str, Definition]) -> Text:
    """Return DONE, LEAVE or why a mark is refused; empty if it is to be sent."""
    if isinstance(table, Unusable):
        return DONE if payload.remove and table.absent else table.why
    if payload.kind != "column_class":
        return _number_outcome(payload, table, types)
    column = table.columns.get(payload.body["column"])
    if column is None:
        return DONE if payload.remove else NO_COLUMN
    current = column.marks.get(payload.body["classification"])
    return _missing_mark_outcome(payload, types) if current is None else _mark_outcome(payload, current)


def _number_outcome(payload: Payload, table: AtlasTable, types: Mapping[str, Definition]) -> Text:
    """Return the outcome of a number in the metadata of a table."""
    name = payload.body["name"]
    if not payload.remove and not can_hold(types.get(METADATA_NAME), parts(payload.entity)[0], name):
        return NO_METADATA
    decided = verdict(payload, _comparable(table.values.get(name)), lambda body: _comparable(body["value"]))
    return {"done": DONE, "yield": LEAVE}.get(decided, "")


def _missing_mark_outcome(payload: Payload, types: Mapping[str, Definition]) -> Text:
    """Return the outcome of a classification that is not on its column."""
    if payload.removed_by_person:
        return LEAVE
    if payload.remove:
        return DONE
    return "" if can_carry_mark(payload.body["classification"], types) else NO_TYPE


def _mark_outcome(payload: Payload, current: Mapping[str, Any]) -> Text:
    """Return the outcome of a classification that is on its column: a person's if it lacks our mark."""
    attributes = current.get("attributes") or {}
    if attributes.get(MARK_ATTRIBUTE) != MARK_VALUE:
        return LEAVE
    same = all(attributes.get(name) == value for name, value in payload.body["attributes"].items())
    return DONE if same and not payload.remove else ""


def _new_classification(payload: Payload) -> dict[str, Any]:
    """Return a classification as sent first. It must not travel the lineage."""
    return _classification(payload) | {"propagate": False}


def _changed_classification(payload: Payload, current: Mapping[str, Any]) -> dict[str, Any]:
    """Return a classification of which only our attributes change."""
    return _classification(payload) | {k: current[k] for k in ("validityPeriods",) if current.get(k)}


def _classification(payload: Payload) -> dict[str, Any]:
    return {"typeName": payload.body["classification"], "attributes": dict(payload.body["attributes"])}


def _addition_requests(
    additions: Mapping[str, Sequence[tuple[str, Payload]]], most: int
) -> Iterator[Request]:
    for body_text, columns in additions.items():
        for start in range(0, len(columns), most):
            chunk = columns[start:start + most]
            body = {"classification": json.loads(body_text), "entityGuids": [guid for guid, _ in chunk]}
            yield Request("POST", "/v2/entity/bulk/classification", body, tuple(p for _, p in chunk))


def _metadata_requests(guid: str, payloads: Sequence[Payload]) -> Iterator[Request]:
    """Yield what takes back and what writes business metadata of a table."""
    path = f"/v2/entity/guid/{quote(guid, safe='')}/businessmetadata/{METADATA_NAME}"
    if removed := tuple(p for p in payloads if p.remove):
        yield Request("DELETE", path, {p.body["name"]: None for p in removed}, removed)
    if written := tuple(p for p in payloads if not p.remove):
        yield Request("POST", path, {p.body["name"]: p.body["value"] for p in written}, written)


def _comparable(value: Any) -> Any:
    """Return a value as it compares: Atlas keeps a list in any order."""
    return sorted(map(str, value)) if isinstance(value, list) else value
