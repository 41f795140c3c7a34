"""Writing to OpenMetadata by REST: what it has is read, then what it lacks of ours is sent as a JSON Patch.

The patch is against the version that was read: a table that somebody else changes meanwhile (412) is read
again. One bad operation refuses the whole patch; then its payloads go in halves, until only what is bad is
refused.
Contract: openmetadata-ingestion 2.0.7, `ometa/mixins/patch_mixin.py`; `resources/tags/TagResource.java`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from detectors.message import Msg, Text
from reports.catalogs.openmetadata.define import JSON_PATCH, define, version_of
from reports.catalogs.openmetadata.history import CatalogUsers, History
from reports.catalogs.openmetadata.names import is_suggested
from reports.catalogs.openmetadata.patch_plan import PatchPlan
from reports.catalogs.openmetadata.read import read_exceptions, read_table, read_tag
from reports.catalogs.openmetadata.table_plan import PeoplesRemovals, plan_table
from reports.catalogs.openmetadata.tag_plan import plan_tag
from reports.catalogs.protocol import Client, Payload, Pushed, Refused, Response, by_entity, refusal_reason

BATCH = 1_000
TRIES = 3                                     # when somebody else writes at the same time
# somebody was quicker; something in the patch is not accepted
BUSY_STATUSES, BAD_STATUSES = (409, 412), (400, 404, 422)
NO_TABLE = Msg("no such table in the catalog; see chujing push --check")
NO_TAG = Msg("no such tag in the catalog")


# What is there of an entity, payloads, and keys of those that an earlier patch removed to set them again.
EntityPlanner = Callable[[Mapping[str, Any], Sequence[Payload], Collection[str]], PatchPlan]


@dataclass(frozen=True, slots=True)
class EntityKind:
    """A kind of entity that carries payloads: how it is read and planned."""

    collection: str                           # tables or tags
    absent: Text                              # why payloads on an absent one are refused
    read: Callable[[str, Client], Response]   # by fully qualified name
    plan: EntityPlanner


def push(payloads: Iterable[Payload], client: Client) -> Pushed:
    """Make the definitions the catalog lacks; patch the tables and tags it has, where nobody else decided."""
    batch = list(payloads)
    total = _define_all([p for p in batch if p.lasting], client)
    marks = [p for p in batch if not p.lasting]
    exceptions = _exceptions(marks, client)
    users = CatalogUsers(client)

    def plan(table: Mapping[str, Any], marks: Sequence[Payload], renewed: Collection[str]) -> PatchPlan:
        return plan_table(table, marks, PeoplesRemovals(History(table, client, users), exceptions, renewed))

    tables = EntityKind("tables", NO_TABLE, read_table, plan)
    tags = EntityKind("tags", NO_TAG, read_tag, lambda tag, recognizers, renewed: plan_tag(tag, recognizers))
    for entity, of_entity in by_entity(marks).items():
        entity_kind = tags if of_entity[0].kind == "recognizer" else tables
        total.take_outcomes(_patch_entity(entity_kind, entity, of_entity, client))
    return total.result()


def _define_all(definitions: Iterable[Payload], client: Client) -> PatchPlan:
    plan = PatchPlan()
    for payload in definitions:
        response = define(payload, client)
        if response.good:
            plan.done.append(payload.key)
        else:
            plan.refused.append(Refused(payload.key, payload.entity, refusal_reason(response)))
    return plan


def _exceptions(marks: Iterable[Payload], client: Client) -> frozenset[tuple[str, str]]:
    """Return (tag, link) of columns that people took out of the recognisers of suggested tags."""
    tags = {p.body["tag"]["tagFQN"] for p in marks if p.kind == "column_tag" and not p.remove}
    return frozenset(
        (fqn, exception["entityLink"])
        for fqn in sorted(filter(is_suggested, tags))
        for exception in read_exceptions(fqn, client)
    )


def _patch_entity(
    entity_kind: EntityKind, entity: str, payloads: Sequence[Payload], client: Client
) -> PatchPlan:
    """Read, plan, patch; again if somebody else was quicker, and to set again what was removed for that."""
    total, remaining, renewed = PatchPlan(), list(payloads), set[str]()
    response, tries = Response(412), TRIES
    while remaining and tries:
        current = entity_kind.read(entity, client)
        if not current.good:
            total.take_outcomes(_without_entity(entity_kind, entity, remaining, current))
            return total
        plan = entity_kind.plan(current.body, remaining, renewed)
        if plan.operations:
            response = _patch(entity_kind, current.body, plan, client)
            if response.status in BUSY_STATUSES:
                tries -= 1
                continue
            if not response.good:
                total.take_outcomes(plan)
                total.take_outcomes(_halve(entity_kind, entity, [*plan.sent, *plan.again], response, client))
                return total
        total.take_outcomes(plan)
        total.done += [p.key for p in plan.sent]
        remaining, renewed = plan.again, renewed | {p.key for p in plan.again}
        tries -= bool(remaining)              # a plan that removes nothing would be repeated for ever
    why = refusal_reason(Response(412) if response.good else response)
    total.refused += [Refused(p.key, p.about or entity, why) for p in remaining]
    return total


def _patch(entity_kind: EntityKind, entity: Mapping[str, Any], plan: PatchPlan, client: Client) -> Response:
    path = f"/v1/{entity_kind.collection}/{quote(entity['id'], safe='')}"
    headers = {"Content-Type": JSON_PATCH, "If-Match": version_of(entity)}
    return client.send("PATCH", path, plan.operations, headers=headers)


def _halve(
    entity_kind: EntityKind, entity: str, payloads: Sequence[Payload], response: Response, client: Client
) -> PatchPlan:
    """Send the payloads of a refused patch in two patches; what is set goes before what is removed for it."""
    total = PatchPlan()
    if len(payloads) == 1 or response.status not in BAD_STATUSES:
        why = refusal_reason(response)
        total.refused += [Refused(p.key, p.about or entity, why) for p in payloads]
        return total
    ordered, middle = sorted(payloads, key=lambda p: p.remove), len(payloads) // 2
    for half in (ordered[:middle], ordered[middle:]):
        total.take_outcomes(_patch_entity(entity_kind, entity, half, client))
    return total


def _without_entity(
    entity_kind: EntityKind, entity: str, payloads: Sequence[Payload], response: Response
) -> PatchPlan:
    """Return the outcomes of payloads whose table or tag the catalog does not have, or does not show."""
    absent = response.status == 404
    why = entity_kind.absent if absent else refusal_reason(response)
    plan = PatchPlan()
    for payload in payloads:
        if absent and payload.remove:
            plan.done.append(payload.key)
        else:
            plan.refused.append(Refused(payload.key, payload.about or entity, why))
    return plan
