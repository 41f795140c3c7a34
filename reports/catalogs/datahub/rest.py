"""DataHub by REST: OpenAPI v3, many entities a request. First what the catalog has is read, then only what it lacks of ours is written.

A PATCH of a dataset that is not there would make an empty one, so nothing is sent blindly. A term on a field that does not carry our
attribution is a person's, even where it is one of our terms: it is left alone; so is a property that says something else than we wrote.
Contract: acryl-datahub 1.7, `emitter/request_helper.py`, `ingestion/graph/openapi.py`; `UpsertStructuredPropertiesResolver.java`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
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
    Stopped,
    Unmatched,
    by_entity,
    nearest_by_last_part,
    push_result,
    refusal_reason,
    verdict,
)
from reports.catalogs.datahub.names import schema_field, simple
from reports.catalogs.datahub.patches import SOURCE, Patch, patches
from reports.catalogs.shapes import UnexpectedShape, body_of, expect_shape, items, record, records, text

ASKED = 100                                   # entities read in one request
SENT = 500                                    # entities written in one request
SEARCHED = 50                                 # datasets for which a near name is looked up
TRIES = 3                                     # when somebody else writes at the same time
PROPERTIES = "structuredProperties"
WHOSE = "DataHub's API"

NO_DATASET = Msg("no such dataset in the catalog; see chujing push --check")
NO_FIELD = Msg("no such field in the catalog; see chujing push --check")
UNREAD = "it cannot be read: {}"


@dataclass(frozen=True, slots=True)
class DatasetState:
    """What the catalog has of one dataset. paths: by simple path. marks: (simple path, term) -> whose it is; empty: not said."""

    schema: bool = False
    paths: Mapping[str, str] = field(default_factory=dict)
    marks: Mapping[tuple[str, str], str] = field(default_factory=dict)
    values: Mapping[str, PropertyValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PropertyValue:
    """What a structured property holds. ours: values under our attribution, None for none. theirs: it holds others'."""

    ours: Sequence[Any] | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)
    theirs: bool = False


def push(payloads: Sequence[Payload], client: Client) -> Pushed:
    """Write and take back payloads, as far as the catalog has what carries them."""
    said: dict[str, str] = {}
    write: list[Patch] = []
    lasting = [p for p in payloads if p.lasting]
    said |= _present(lasting, client)
    absent = [Patch(p.body["type"], p.entity, p.body["aspect"], p.body["value"], (p,)) for p in lasting if p.key not in said]
    groups = by_entity(p for p in payloads if not p.lasting)
    there = _datasets(list(groups), client)
    fields = _fields(groups, there, client)
    for entity, of in groups.items():
        has, ready = there.get(entity, NO_DATASET), []
        for p in of:
            if told := _verdict(p, has, fields):
                said[p.key] = told
            else:
                ready.append(p)
        write += patches(entity, ready, {} if isinstance(has, str) else has.paths)
    for method, every in (("POST", absent), ("PATCH", write)):
        for kind in dict.fromkeys(p.type for p in every):
            for patch, answer in _send(method, kind, [p for p in every if p.type == kind], client):
                said |= {p.key: DONE if answer.good else refusal_reason(answer) for p in patch.of}
    return push_result(payloads, said)


def check(payloads: Sequence[Payload], client: Client) -> Iterator[Unmatched]:
    """Datasets and fields of ours that the catalog lacks, or that could not be read."""
    groups = by_entity(payloads)
    there = _datasets(list(groups), client)
    search = Search(SEARCHED)
    for entity, of in groups.items():
        has = there.get(entity, NO_DATASET)
        if has == NO_DATASET:
            yield search.entity(entity, of, partial(_near_dataset, entity, client))
        elif isinstance(has, str):
            yield search.without(entity, of, has)
        elif has.schema:                      # without one nobody knows its fields
            yield from search.fields(entity, {simple(p.body["path"]): p.about for p in of if "path" in p.body}, has.paths)


def owners(urns: Sequence[str], client: Client) -> Iterator[tuple[str, str]]:
    """(URN, owner) of datasets: the first person, else the first group."""
    for urn, has in _entities("dataset", urns, ("ownership",), client).items():
        if isinstance(has, str):
            raise Stopped(has, where=urn)
        try:
            held = [text(o.get("owner"), "owner") for o in records(has.get("ownership", {}).get("owners"), "owners")]
        except UnexpectedShape as e:
            raise Stopped(UNREAD.format(e), where=urn) from None
        if name := min(held, key=lambda o: not o.startswith("urn:li:corpuser:"), default="").rsplit(":", 1)[-1].strip():
            yield urn, name


def _verdict(p: Payload, has: DatasetState | str, fields: Mapping[str, Mapping[str, PropertyValue] | str]) -> str:
    """DONE, LEAVE, why it cannot be; or nothing: it is to be sent."""
    if isinstance(has, str):
        return DONE if p.remove and has == NO_DATASET else has
    path = simple(p.body["path"]) if "path" in p.body else ""
    if path and has.schema and path not in has.paths:
        return DONE if p.remove else NO_FIELD
    if p.kind == "field_term":
        whose = has.marks.get((path, p.body["term"]))
        if whose is None:                     # gone where it stood: somebody took it away
            return DONE if p.remove else LEAVE if p.removed_by_person else ""
        return "" if whose == SOURCE else LEAVE
    values = fields[_field(p, has)] if path else has.values
    return values if isinstance(values, str) else _of_values(p, values)


def _of_values(p: Payload, held: Mapping[str, PropertyValue]) -> str:
    """The same of structured properties. An edit in DataHub's page keeps our attribution, so that what it says decides."""
    mine = {name: held.get(name, PropertyValue()) for name in p.body["values"]}
    stands = {name: v.ours for name, v in mine.items() if v.ours is not None} or None
    if stands is None and any(v.theirs for v in mine.values()):
        return LEAVE
    match verdict(p, stands, lambda body: {name: sorted(values, key=str) for name, values in body["values"].items()}):
        case "done":
            return DONE if p.remove or all(v.detail == p.body.get("detail", {}) for v in mine.values()) else ""
        case "yield":
            return LEAVE
    return ""


def _field(p: Payload, has: DatasetState) -> str:
    return schema_field(p.entity, has.paths.get(simple(p.body["path"]), p.body["path"]))


def _present(lasting: Sequence[Payload], client: Client) -> Mapping[str, str]:
    """What is said of definitions: DONE where the catalog has them, whatever they say; of absent ones nothing."""
    out: dict[str, str] = {}
    for kind, aspect in dict.fromkeys((p.body["type"], p.body["aspect"]) for p in lasting):
        mine = [p for p in lasting if p.body["type"] == kind]
        known = _entities(kind, [p.entity for p in mine], (aspect,), client)
        for p in mine:
            has = known.get(p.entity, {})
            if isinstance(has, str) or has.get(aspect):
                out[p.key] = has if isinstance(has, str) else DONE
    return out


def _datasets(urns: Sequence[str], client: Client) -> Mapping[str, DatasetState | str]:
    """Datasets by URN, or why one cannot be read; those that are not there are left out."""
    known = _entities("dataset", urns, ("schemaMetadata", "editableSchemaMetadata", "status", PROPERTIES), client)
    out: dict[str, DatasetState | str] = {}
    for urn, has in known.items():
        if isinstance(has, str):
            out[urn] = has
        elif any(v for a, v in has.items() if a != PROPERTIES) and not has.get("status", {}).get("removed"):
            try:
                out[urn] = _dataset_state(has)
            except UnexpectedShape as e:
                out[urn] = UNREAD.format(e)
    return out


def _fields(groups: Mapping[str, Sequence[Payload]], there: Mapping[str, DatasetState | str],
            client: Client) -> Mapping[str, Mapping[str, PropertyValue] | str]:
    """Structured properties of the fields that payloads speak of, by URN."""
    urns = {_field(p, has): None for entity, of in groups.items() if isinstance(has := there.get(entity), DatasetState)
            for p in of if p.kind == "field_grade"}
    out: dict[str, Mapping[str, PropertyValue] | str] = dict.fromkeys(urns, {})
    for urn, held in _entities("schemaField", list(urns), (PROPERTIES,), client, most=SENT).items():
        try:
            out[urn] = held if isinstance(held, str) else _values(held)
        except UnexpectedShape as e:
            out[urn] = UNREAD.format(e)
    return out


def _dataset_state(has: Mapping[str, Mapping[str, Any]]) -> DatasetState:
    fields = records(has.get("schemaMetadata", {}).get("fields"), "schemaMetadata.fields")
    edited = records(has.get("editableSchemaMetadata", {}).get("editableSchemaFieldInfo"), "editableSchemaFieldInfo")
    path = {id(f): text(f.get("fieldPath"), "fieldPath") for f in [*edited, *fields]}
    marks = {
        (simple(path[id(f)]), text(t.get("urn"), "urn of a term")): str(record(t.get("attribution"), "attribution").get("source") or "")
        for f in edited for t in records(record(f.get("glossaryTerms"), "glossaryTerms").get("terms"), "terms")
    }
    return DatasetState(bool(fields), {simple(path[id(f)]): path[id(f)] for f in [*edited, *fields]}, marks, _values(has))


def _values(has: Mapping[str, Mapping[str, Any]]) -> Mapping[str, PropertyValue]:
    """Structured properties by id."""
    out: dict[str, PropertyValue] = {}
    for a in records(has.get(PROPERTIES, {}).get("properties"), "properties"):
        name = text(a.get("propertyUrn"), "propertyUrn").removeprefix("urn:li:structuredProperty:")
        told, before = record(a.get("attribution"), "attribution"), out.get(name, PropertyValue())
        if told.get("source") == SOURCE:
            values = sorted((_plain(v) for v in items(a.get("values"), "values")), key=str)
            out[name] = PropertyValue(values, record(told.get("sourceDetail"), "sourceDetail"), before.theirs)
        else:
            out[name] = PropertyValue(before.ours, before.detail, True)
    return out


def _plain(value: Any) -> Any:
    """A value out of its union; a whole number as such."""
    one = next(iter(value.values()), None) if isinstance(value, dict) else value
    return int(one) if isinstance(one, float) and one.is_integer() else one


def _entities(kind: str, urns: Sequence[str], aspects: Iterable[str], client: Client,
              most: int = ASKED) -> dict[str, Mapping[str, Mapping[str, Any]] | str]:
    """URN -> aspect -> value, of those that are there; or why one cannot be read."""
    out: dict[str, Mapping[str, Mapping[str, Any]] | str] = {}
    for start in range(0, len(urns), most):
        some = urns[start:start + most]
        ask: list[dict[str, Any]] = [{"urn": u} | {a: {} for a in aspects} for u in some]
        answer = client.send("POST", f"/openapi/v3/entity/{kind}/batchGet", ask, reads=True)
        if answer.status == 404:
            continue
        if not answer.good:
            out |= dict.fromkeys(some, UNREAD.format(refusal_reason(answer)))
            continue
        with expect_shape(WHOSE):
            for e in records(body_of(answer, list, WHOSE), "its list"):
                urn = text(e.get("urn"), "urn")
                out[urn] = _aspects(e, aspects)
    return out


def _aspects(e: Mapping[str, Any], aspects: Iterable[str]) -> Mapping[str, Mapping[str, Any]] | str:
    try:
        return {a: record(record(e[a], a).get("value"), f"{a}.value") for a in aspects if e.get(a) is not None}
    except UnexpectedShape as odd:
        return UNREAD.format(odd)


def _send(method: str, kind: str, every: Sequence[Patch], client: Client) -> Iterator[tuple[Patch, Response]]:
    """Send patches of one entity type, many at a time; where a request is not taken, its patches go one by one."""
    for start in range(0, len(every), SENT):
        some = every[start:start + SENT]
        answer = _request(method, kind, some, client)
        if answer.good or len(some) == 1:
            yield from ((p, answer) for p in some)
        else:
            yield from ((p, _request(method, kind, [p], client)) for p in some)


def _request(method: str, kind: str, some: Sequence[Patch], client: Client) -> Response:
    """One request, again where somebody else wrote at the same time: patches hold whatever the aspect has become."""
    body = [{"urn": p.urn, p.aspect: {"value": p.value, "systemMetadata": None, "headers": {}}} for p in some]
    for _ in range(TRIES):
        answer = client.send(method, f"/openapi/v3/entity/{kind}?async=false", body)
        if answer.status not in (409, 412):
            break
    return answer


def _near_dataset(urn: str, client: Client) -> str:
    """The catalog's dataset whose name is nearest, by its own search."""
    def last(urn: str) -> str:
        return urn.split(",")[-2].rsplit(".", 1)[-1] if "," in urn else urn

    answer = client.get(f"/openapi/v3/entity/dataset?count=50&aspects=datasetKey&query={quote(last(urn))}")
    if not answer.good:
        return ""
    with expect_shape(WHOSE):
        found = [text(e.get("urn"), "urn") for e in records(body_of(answer, dict, WHOSE).get("entities"), "entities")]
    return nearest_by_last_part(urn, found, last)
