"""OpenMetadata by REST: what is there is read, then only what it lacks of ours is written, as a JSON Patch against the version read.

A table that somebody else changes meanwhile (412) is read again. One bad operation refuses the whole patch: then its payloads go in
halves, until only what is bad is refused. Nothing existing is ever PUT: that would wipe what a steward configured.
Contract: openmetadata-ingestion 2.0.7, `ometa/mixins/patch_mixin.py`; `resources/tags/TagResource.java`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import quote

from detectors.message import Msg
from reports.catalogs import Client, Payload, Pushed, Refused, Response, Search, Unmatched, by_entity, nearest_name, refusal_reason
from reports.catalogs.openmetadata.answers import CLASSIFICATION as HELD
from reports.catalogs.openmetadata.answers import ENTITY, KIND, LISTED, columns, get_checked, read_entity, require_shape
from reports.catalogs.openmetadata.history import CatalogUsers, History
from reports.catalogs.openmetadata.names import CLASSIFICATION, joined, split
from reports.catalogs.openmetadata.plan import PatchPlan, of_table, of_tag
from reports.catalogs.terms import SUGGESTED

SEARCHED = 50                                 # tables for which a near name is looked up
TRIES = 3                                     # when somebody else writes at the same time
BUSY, BAD = (409, 412), (400, 404, 422)       # somebody was quicker; something in the patch is not taken
LISTED_AT_MOST = 1_000                        # names listed to find one that is near
PATCH = "application/json-patch+json"
NO_TABLE = Msg("no such table in the catalog; see chujing push --check")
AUTOMATIC = {"enabled": True, "conflictResolution": "highest_confidence", "minimumConfidence": 0.6, "requireExplicitMatch": True}

Planner = Callable[
    [Mapping[str, Any], Sequence[Payload], Collection[str]], PatchPlan
]  # what is there, payloads, keys taken away before


def push(payloads: Sequence[Payload], client: Client) -> Pushed:
    """Write and take back payloads, as far as the catalog has what carries them."""
    went = PatchPlan()
    for p in (p for p in payloads if p.lasting):
        answer = _define(p, client)
        if answer.good:
            went.done.append(p.key)
        else:
            went.refused.append(Refused(p.key, p.entity, refusal_reason(answer)))
    spoken = [p for p in payloads if not p.lasting]
    excepted = _excepted({p.body["tag"]["tagFQN"] for p in spoken if p.kind == "column_tag" and not p.remove}, client)
    people = CatalogUsers(client)

    def table(there: Mapping[str, Any], of: Sequence[Payload], renewed: Collection[str]) -> PatchPlan:
        return of_table(there, of, History(there, client, people), renewed, excepted)

    def tag(there: Mapping[str, Any], of: Sequence[Payload], renewed: Collection[str]) -> PatchPlan:
        return of_tag(there, of)

    for entity, of in by_entity(spoken).items():
        went.take(_settle("tag", entity, of, tag, client) if of[0].kind == "recognizer" else _settle("table", entity, of, table, client))
    return Pushed(tuple(went.done), tuple(went.yielded), tuple(went.refused))


def check(payloads: Sequence[Payload], client: Client) -> Iterator[Unmatched]:
    """Tables and columns of ours that the catalog lacks, or that could not be read."""
    names, search = _Near(client), Search(SEARCHED)
    for entity, of in by_entity(payloads).items():
        answer = read_entity("table", entity, client)
        if answer.status == 404:
            yield search.entity(entity, of, partial(names.table, entity))
        elif not answer.good:
            yield search.without(entity, of, refusal_reason(answer))
        else:
            known = {".".join(path) for path, _, _ in columns(answer.body)}
            yield from search.fields(entity, {".".join(p.body["path"]): p.about for p in of if "path" in p.body}, known)


def _settle(kind: str, entity: str, of: Sequence[Payload], plan: Planner, client: Client) -> PatchPlan:
    """Read, plan, patch; again where somebody else was quicker, and where what was taken away is to be set again."""
    went, left, renewed = PatchPlan(), list(of), set[str]()
    answer, tries = Response(412), TRIES
    while left and tries:
        there = read_entity(kind, entity, client)
        if not there.good:
            went.take(_absent(kind, entity, left, there))
            return went
        made = plan(there.body, left, renewed)
        if made.ops:
            headers = {"Content-Type": PATCH, "If-Match": _version(there.body)}
            answer = client.send("PATCH", f"/v1/{kind}s/{quote(there.body['id'], safe='')}", made.ops, headers=headers)
            if answer.status in BUSY:
                tries -= 1
                continue
            if not answer.good:
                went.take(made)
                went.take(_halved(kind, entity, [*made.sent, *made.again], plan, client, answer))
                return went
        went.take(made)
        went.done += [p.key for p in made.sent]
        left, renewed = made.again, renewed | {p.key for p in made.again}
        tries -= bool(left)                   # one that takes nothing away would be asked for ever
    told = refusal_reason(Response(412) if answer.good else answer)
    went.refused += [Refused(p.key, p.about or entity, told) for p in left]
    return went


def _halved(kind: str, entity: str, of: Sequence[Payload], plan: Planner, client: Client, answer: Response) -> PatchPlan:
    """Payloads of a patch that was not taken, in two patches; what is set goes before what is taken away for it."""
    went = PatchPlan()
    if len(of) == 1 or answer.status not in BAD:
        went.refused += [Refused(p.key, p.about or entity, refusal_reason(answer)) for p in of]
        return went
    ordered, middle = sorted(of, key=lambda p: p.remove), len(of) // 2
    for some in (ordered[:middle], ordered[middle:]):
        went.take(_settle(kind, entity, some, plan, client))
    return went


def _absent(kind: str, entity: str, of: Sequence[Payload], answer: Response) -> PatchPlan:
    """Verdicts where the catalog does not have the table or tag, or does not show it."""
    told = (
        (NO_TABLE if kind == "table" else Msg("no such tag in the catalog"))
        if answer.status == 404
        else refusal_reason(answer)
    )
    gone = [p.key for p in of if p.remove and answer.status == 404]
    return PatchPlan(done=gone, refused=[Refused(p.key, p.about or entity, told) for p in of if not (p.remove and answer.status == 404)])


def _excepted(tags: Iterable[str], client: Client) -> frozenset[tuple[str, str]]:
    """(tag, link) of columns that people took out of the recognisers of suggested tags."""
    out = set()
    for fqn in sorted(t for t in tags if split(t)[0] == CLASSIFICATION[SUGGESTED[0]]):
        answer = read_entity("tag", fqn, client)
        held = (answer.body.get("recognizers") or ()) if answer.good else ()
        out |= {(fqn, e["entityLink"]) for r in held for e in r.get("exceptionList") or ()}
    return frozenset(out)


def _define(p: Payload, client: Client) -> Response:
    """Make a definition where it is absent; good where it is there, whatever it says."""
    fqn, create = p.body["fqn"], p.body["create"]
    if p.kind == "property":
        return _property(create, client)
    if p.kind == "automatic":
        return _automatic(fqn, client)
    where = "classifications" if p.kind == "classification" else "tags"
    path = f"/v1/{where}/name/{quote(fqn, safe='')}"
    there = get_checked(path, client, ENTITY)
    if there.status != 404:
        return there
    made = client.send("POST", f"/v1/{where}", create)
    if made.good:
        require_shape(made.body, ENTITY, f"/v1/{where}")
    return get_checked(path, client, ENTITY) if made.status == 409 else made


def _property(create: Mapping[str, Any], client: Client) -> Response:
    """A custom property of tables. The PUT of the type adds one property and touches no other."""
    table = get_checked("/v1/metadata/types/name/table?fields=customProperties", client, KIND)
    if not table.good or any(held["name"] == create["name"] for held in table.body.get("customProperties") or ()):
        return table
    kind = get_checked(f"/v1/metadata/types/name/{create['type']}?category=field", client, KIND)
    if not kind.good:
        return kind
    body = {k: create[k] for k in ("name", "displayName", "description")} | {"propertyType": {"id": kind.body["id"], "type": "type"}}
    return client.send("PUT", f"/v1/metadata/types/{quote(table.body['id'], safe='')}", body)


def _automatic(fqn: str, client: Client) -> Response:
    """Let the catalog use the recognisers of a classification, unless somebody has set that already."""
    there = get_checked(f"/v1/classifications/name/{quote(fqn, safe='')}", client, HELD)
    if not there.good or there.body.get("autoClassificationConfig") is not None:
        return there
    headers = {"Content-Type": PATCH, "If-Match": _version(there.body)}
    ops = [{"op": "add", "path": "/autoClassificationConfig", "value": AUTOMATIC}]
    return client.send("PATCH", f"/v1/classifications/{quote(there.body['id'], safe='')}", ops, headers=headers)


def _version(entity: Mapping[str, Any]) -> str:
    """The version that was read, as If-Match takes it. Not the ETag of the answer: that one depends on which fields were asked for."""
    return f'W/"{entity["version"]}"'


class _Near:
    """Names the catalog has, listed once."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._listed: dict[str, list[str]] = {}

    def table(self, fqn: str) -> str:
        """The name nearest to a table's: in its schema, else its schema, its database or its service."""
        parts = split(fqn)
        for depth, (where, above) in enumerate((
            ("tables", "databaseSchema"), ("databaseSchemas", "database"), ("databases", "service"), ("services/databaseServices", ""),
        )):
            wanted = joined(*parts[:len(parts) - depth])
            limits = f"&{above}={quote(joined(*parts[:len(parts) - depth - 1]), safe='')}" if above else ""
            known = self._names(f"/v1/{where}?limit={LISTED_AT_MOST}{limits}")
            if found := nearest_name(wanted, known):
                return "" if found == wanted else found
        return ""

    def _names(self, path: str) -> list[str]:
        if path not in self._listed:
            answer = get_checked(path, self._client, LISTED)
            self._listed[path] = [x["fullyQualifiedName"] for x in answer.body["data"]] if answer.good else []
        return self._listed[path]
