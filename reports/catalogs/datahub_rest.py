"""DataHub by REST: OpenAPI v3, many entities a request. First what the catalog has is read, then only what it lacks of ours is written.

A PATCH of a dataset that is not there would make an empty one, so nothing is sent blindly. A term on a field that does not carry our
attribution is a person's, even where it is one of our terms: it is left alone. Contract: acryl-datahub 1.7, `emitter/request_helper.py`,
`ingestion/graph/openapi.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from reports.catalogs import Answer, Client, Payload, Pushed, Refused, Unmatched, by_entity, near, why
from reports.catalogs.datahub_names import simple
from reports.catalogs.datahub_patches import SOURCE, Patch, patches

ASKED = 100                                   # entities read in one request
SENT = 500                                    # entities written in one request
SEARCHED = 50                                 # datasets for which a near name is looked up
TRIES = 3                                     # when somebody else writes at the same time


@dataclass(frozen=True, slots=True)
class There:
    """What the catalog has of one dataset. paths: by simple path. marks: (simple path, term) -> whose it is; empty: not said."""

    exists: bool
    schema: bool = False
    paths: Mapping[str, str] = field(default_factory=dict)
    marks: Mapping[tuple[str, str], str] = field(default_factory=dict)


def push(payloads: Sequence[Payload], client: Client) -> Pushed:
    """Write and take back payloads, as far as the catalog has what carries them."""
    done: list[str] = []
    yielded: list[str] = []
    refused: list[Refused] = []
    write: list[Patch] = []
    for p in _present(lasting := [p for p in payloads if p.lasting], client):
        done.append(p.key)
    absent = [Patch(p.body["type"], p.entity, p.body["aspect"], p.body["value"], (p,)) for p in lasting if p.key not in set(done)]
    groups = by_entity(p for p in payloads if not p.lasting)
    there = _datasets(list(groups), client)
    for entity, of in groups.items():
        has, ready = there.get(entity, There(False)), []
        for p in of:
            match _verdict(p, has):
                case "write":
                    ready.append(p)
                case "done":
                    done.append(p.key)
                case "yield":
                    yielded.append(p.key)
                case told:
                    refused.append(Refused(p.key, p.about, told))
        write += patches(entity, ready, has.paths)
    for method, every in (("POST", absent), ("PATCH", write)):
        for kind in dict.fromkeys(p.type for p in every):
            for patch, answer in _send(method, kind, [p for p in every if p.type == kind], client):
                if answer.good:
                    done += [p.key for p in patch.of]
                else:
                    refused += [Refused(p.key, p.about or p.entity, why(answer)) for p in patch.of]
    return Pushed(tuple(done), tuple(yielded), tuple(refused))


def check(payloads: Sequence[Payload], client: Client) -> Iterator[Unmatched]:
    """Datasets and fields of ours that the catalog lacks."""
    groups = by_entity(payloads)
    there = _datasets(list(groups), client)
    searched = 0
    for entity, of in groups.items():
        has = there.get(entity, There(False))
        if not has.exists:
            searched += 1
            yield Unmatched(entity, of[0].about, _near_dataset(entity, client) if searched <= SEARCHED else "")
            continue
        for path, about in {simple(p.body["path"]): p.about for p in of if "path" in p.body}.items():
            if has.schema and path not in has.paths:
                yield Unmatched(f"{entity} {path}", about, near(path, has.paths))


def owners(urns: Sequence[str], client: Client) -> Iterator[tuple[str, str]]:
    """(URN, owner) of datasets: the first person, else the first group."""
    for urn, has in _entities("dataset", urns, ("ownership",), client).items():
        held = [o["owner"] for o in has.get("ownership", {}).get("owners", ())]
        if first := min(held, key=lambda o: not o.startswith("urn:li:corpuser:"), default=""):
            yield urn, first.rsplit(":", 1)[-1]


def _verdict(p: Payload, has: There) -> str:
    """write, done (nothing left to do), yield (a person's own), or why it cannot be."""
    if not has.exists:
        return "done" if p.remove else "no such dataset in the catalog; see chujing push --check"
    if "path" not in p.body:
        return "write"
    path = simple(p.body["path"])
    if has.schema and path not in has.paths:
        return "done" if p.remove else "no such field in the catalog; see chujing push --check"
    if p.kind != "field_term":
        return "write"
    whose = has.marks.get((path, p.body["term"]))
    if whose is None:                         # gone where it stood: somebody took it away
        return "done" if p.remove else "yield" if p.stood else "write"
    return "write" if whose == SOURCE else "yield"


def _present(lasting: Sequence[Payload], client: Client) -> Iterator[Payload]:
    """Definitions the catalog has already, whatever they say."""
    for kind, aspect in dict.fromkeys((p.body["type"], p.body["aspect"]) for p in lasting):
        mine = [p for p in lasting if p.body["type"] == kind]
        known = _entities(kind, [p.entity for p in mine], (aspect,), client)
        yield from (p for p in mine if known.get(p.entity, {}).get(aspect))


def _datasets(urns: Sequence[str], client: Client) -> Mapping[str, There]:
    known = _entities("dataset", urns, ("schemaMetadata", "editableSchemaMetadata", "status"), client)
    return {urn: _there(has) for urn, has in known.items() if any(has.values()) and not has.get("status", {}).get("removed")}


def _there(has: Mapping[str, Any]) -> There:
    fields = has.get("schemaMetadata", {}).get("fields", [])
    edited = has.get("editableSchemaMetadata", {}).get("editableSchemaFieldInfo", [])
    marks = {
        (simple(f["fieldPath"]), t["urn"]): (t.get("attribution") or {}).get("source") or ""
        for f in edited for t in (f.get("glossaryTerms") or {}).get("terms", [])
    }
    paths = {simple(f["fieldPath"]): f["fieldPath"] for f in [*edited, *fields]}
    return There(True, bool(fields), paths, marks)


def _entities(kind: str, urns: Sequence[str], aspects: Iterable[str], client: Client) -> dict[str, dict[str, Any]]:
    """URN -> aspect -> value, of those that are there."""
    out: dict[str, dict[str, Any]] = {}
    for start in range(0, len(urns), ASKED):
        ask: list[dict[str, Any]] = [{"urn": u} | {a: {} for a in aspects} for u in urns[start:start + ASKED]]
        answer = client.send("POST", f"/openapi/v3/entity/{kind}/batchGet", ask, reads=True)
        if not answer.good and answer.status != 404:
            continue                          # what cannot be read is taken for absent, and refused
        for e in answer.body or ():
            out[e["urn"]] = {a: v["value"] for a, v in e.items() if isinstance(v, dict) and isinstance(v.get("value"), dict)}
    return out


def _send(method: str, kind: str, every: Sequence[Patch], client: Client) -> Iterator[tuple[Patch, Answer]]:
    """Send patches of one entity type, many at a time; where a request is not taken, its patches go one by one."""
    for start in range(0, len(every), SENT):
        some = every[start:start + SENT]
        answer = _request(method, kind, some, client)
        if answer.good or len(some) == 1:
            yield from ((p, answer) for p in some)
        else:
            yield from ((p, _request(method, kind, [p], client)) for p in some)


def _request(method: str, kind: str, some: Sequence[Patch], client: Client) -> Answer:
    """One request, again where somebody else wrote at the same time: patches hold whatever the aspect has become."""
    body = [{"urn": p.urn, p.aspect: {"value": p.value, "systemMetadata": None, "headers": {}}} for p in some]
    for _ in range(TRIES):
        answer = client.send(method, f"/openapi/v3/entity/{kind}?async=false", body)
        if answer.status not in (409, 412):
            break
    return answer


def _near_dataset(urn: str, client: Client) -> str:
    """The catalog's dataset whose name is nearest, by its own search."""
    name = urn.split(",")[1]
    answer = client.get(f"/openapi/v3/entity/dataset?count=50&aspects=datasetKey&query={quote(name.rsplit('.', 1)[-1])}")
    found = [e["urn"] for e in (answer.body or {}).get("entities", ())] if answer.good else []
    return near(urn, found)
