"""OpenMetadata by REST: what is there is read, then only what it lacks of ours is written, as a JSON Patch against the version read.

A table that somebody else changes meanwhile (412) is read again. A tag is ours while it is Automated and in the state we gave it; a
suggested one that a person confirmed goes only where the accepted one takes its place. Nothing existing is ever PUT: that would wipe
what a steward configured. Contract: openmetadata-ingestion 2.0.7, `ometa/mixins/patch_mixin.py`; `resources/tags/TagResource.java`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from reports.catalogs import Answer, Client, Payload, Pushed, Refused, Stopped, Unmatched, by_entity, near, why
from reports.catalogs.openmetadata_names import CLASSIFICATION, joined, split
from reports.catalogs.terms import ACCEPTED, SUGGESTED

TRIES = 3                                     # when somebody else writes at the same time
LISTED = 1_000                                # names listed to find one that is near
PATCH = "application/json-patch+json"
NO_TABLE = "no such table in the catalog; see chujing push --check"
NO_COLUMN = "no such column in the catalog; see chujing push --check"
AUTOMATIC = {"enabled": True, "conflictResolution": "highest_confidence", "minimumConfidence": 0.6, "requireExplicitMatch": True}

Ops = list[dict[str, Any]]


@dataclass(slots=True)
class Plan:
    """What becomes of the payloads of one table: operations, and a verdict on each payload that needs none."""

    replaced: Ops = field(default_factory=list)
    removed: Ops = field(default_factory=list)
    added: Ops = field(default_factory=list)
    sent: list[Payload] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    yielded: list[str] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)

    @property
    def ops(self) -> Ops:
        """In an order in which no index moves before it is used."""
        return [*self.replaced, *sorted(self.removed, key=lambda op: _index(op["path"]), reverse=True), *self.added]


def push(payloads: Sequence[Payload], client: Client) -> Pushed:
    """Write and take back payloads, as far as the catalog has what carries them."""
    done: list[str] = []
    yielded: list[str] = []
    refused: list[Refused] = []
    for p in (p for p in payloads if p.lasting):
        answer = _define(p, client)
        if answer.good:
            done.append(p.key)
        else:
            refused.append(Refused(p.key, p.entity, why(answer)))
    spoken = [p for p in payloads if not p.lasting]
    excepted = _excepted({p.body["tag"]["tagFQN"] for p in spoken if p.kind == "column_tag" and not p.remove}, client)
    for entity, of in by_entity(spoken).items():
        kind, plan = ("tag", _recognizers) if of[0].kind == "recognizer" else ("table", _table(excepted))
        went = _settle(kind, entity, of, plan, client)
        done += went.done
        yielded += went.yielded
        refused += went.refused
    return Pushed(tuple(done), tuple(yielded), tuple(refused))


def check(payloads: Sequence[Payload], client: Client) -> Iterator[Unmatched]:
    """Tables and columns of ours that the catalog lacks."""
    names = _Near(client)
    for entity, of in by_entity(payloads).items():
        answer = read("table", entity, client)
        if not answer.good:
            yield Unmatched(entity, of[0].about, names.table(entity))
            continue
        known = {path for path, _, _ in columns(answer.body)}
        for path, about in {tuple(p.body["path"]): p.about for p in of if "path" in p.body}.items():
            if path not in known:
                yield Unmatched(f"{entity} {'.'.join(path)}", about, near(".".join(path), map(".".join, known)))


def read(kind: str, fqn: str, client: Client, fields: str = "") -> Answer:
    """A table with its columns, tags and properties, or a tag with its recognisers, by name; or these fields of it."""
    where, usual = ("tables", "columns,tags,extension") if kind == "table" else ("tags", "recognizers")
    return asked(f"/v1/{where}/name/{quote(fqn, safe='')}?fields={fields or usual}", client)


def asked(path: str, client: Client) -> Answer:
    """What the catalog answers; Stopped where that is no object: then something else stands at this address, its pages perhaps."""
    answer = client.get(path)
    if answer.good and not isinstance(answer.body, dict):
        raise Stopped("that is not how OpenMetadata's API answers: its url ends with /api, e.g. https://openmetadata.example.com/api")
    return answer


def columns(table: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], str, Mapping[str, Any]]]:
    """(names from the outside in, JSON pointer, column) of every column, nested ones too."""
    def below(held: Sequence[Mapping[str, Any]], names: tuple[str, ...], pointer: str) -> Iterator[Any]:
        for i, c in enumerate(held):
            here = (*names, c["name"])
            yield here, f"{pointer}/{i}", c
            yield from below(c.get("children") or (), here, f"{pointer}/{i}/children")

    yield from below(table.get("columns") or (), (), "/columns")


def ours(label: Mapping[str, Any]) -> bool:
    """Is a tag as we left it? Confirmed below the suggested ones means that a person confirmed it."""
    suggested = split(label["tagFQN"])[0] == CLASSIFICATION[SUGGESTED[0]]
    return bool(label.get("labelType") == "Automated" and label.get("state") == ("Suggested" if suggested else "Confirmed"))


def link(table: str, path: Sequence[str]) -> str:
    """How feedback names a column."""
    return f"<#E::table::{table}::columns::{joined(*path)}>"


def _settle(kind: str, entity: str, of: Sequence[Payload], plan: Callable[[Mapping[str, Any], Sequence[Payload]], Plan],
            client: Client) -> Plan:
    """Read, plan, patch; again where somebody else was quicker."""
    answer, made = Answer(412), Plan()
    for _ in range(TRIES):
        there = read(kind, entity, client)
        if not there.good:
            told = (NO_TABLE if kind == "table" else "no such tag in the catalog") if there.status == 404 else why(there)
            gone = [p.key for p in of if p.remove and there.status == 404]
            return Plan(done=gone, refused=[Refused(p.key, p.about or entity, told) for p in of if p.key not in gone])
        made = plan(there.body, of)
        if not made.ops:
            return made
        headers = {"Content-Type": PATCH, "If-Match": _version(there.body)}
        answer = client.send("PATCH", f"/v1/{kind}s/{there.body['id']}", made.ops, headers=headers)
        if answer.status not in (409, 412):
            break
    if answer.good:
        made.done += [p.key for p in made.sent]
    else:
        made.refused += [Refused(p.key, p.about or entity, why(answer)) for p in made.sent]
    return made


def _table(excepted: frozenset[tuple[str, str]]) -> Callable[[Mapping[str, Any], Sequence[Payload]], Plan]:
    """The plan of a table. excepted: (tag, link) of what people said does not belong there."""
    def plan(table: Mapping[str, Any], of: Sequence[Payload]) -> Plan:
        made, known = Plan(), {path: (pointer, c) for path, pointer, c in columns(table)}
        written = {(tuple(p.body["path"]), split(p.body["tag"]["tagFQN"])[-1]) for p in of if p.kind == "column_tag" and not p.remove}
        bare: set[str] = set()
        for p in (p for p in of if p.kind == "column_tag"):
            path = tuple(p.body["path"])
            if path not in known:
                if p.remove:
                    made.done.append(p.key)
                else:
                    made.refused.append(Refused(p.key, p.about, NO_COLUMN))
                continue
            pointer, column = known[path]
            held = column.get("tags") or []
            labels = {split(x["tagFQN"])[-1] for x in held if split(x["tagFQN"])[0] == CLASSIFICATION[ACCEPTED[0]]}
            label = split(p.body["tag"]["tagFQN"])[-1]
            promoted = label in labels or (path, label) in written
            barred = (p.body["tag"]["tagFQN"], link(p.entity, path)) in excepted
            _mark(made, p, f"{pointer}/tags", held, promoted=promoted, barred=barred, bare=bare)
            if not p.remove and p.key not in made.yielded and split(p.body["tag"]["tagFQN"])[0] == CLASSIFICATION[ACCEPTED[0]]:
                _supersede(made, p, f"{pointer}/tags", held)
        _properties(made, [p for p in of if p.kind == "table_property"], table.get("extension"))
        return made

    return plan


def _mark(made: Plan, p: Payload, pointer: str, held: Sequence[Mapping[str, Any]], *, promoted: bool, barred: bool, bare: set[str]) -> None:
    """One tag on one column. bare: columns without tags that got their first one here."""
    tag = p.body["tag"]
    i = next((i for i, x in enumerate(held) if x["tagFQN"] == tag["tagFQN"]), None)
    if p.remove:
        if i is None:
            made.done.append(p.key)
        elif ours(held[i]) or promoted:
            if (op := {"op": "remove", "path": f"{pointer}/{i}"}) not in made.removed:
                made.removed.append(op)
            made.sent.append(p)
        else:
            made.yielded.append(p.key)
    elif i is not None:
        if not ours(held[i]):
            made.yielded.append(p.key)
        elif held[i].get("reason") == tag["reason"]:
            made.done.append(p.key)
        else:
            made.replaced.append({"op": "add", "path": f"{pointer}/{i}/reason", "value": tag["reason"]})
            made.sent.append(p)
    elif p.stood or barred:                   # somebody took it away, or said that it does not belong there
        made.yielded.append(p.key)
    else:
        first = not held and pointer not in bare
        bare.add(pointer)
        made.added.append({"op": "add", "path": pointer, "value": [tag]} if first else {"op": "add", "path": f"{pointer}/-", "value": tag})
        made.sent.append(p)


def _supersede(made: Plan, p: Payload, pointer: str, held: Sequence[Mapping[str, Any]]) -> None:
    """Where an accepted tag stands, the suggested one of the same label has served, confirmed by a person or not."""
    guess = joined(CLASSIFICATION[SUGGESTED[0]], split(p.body["tag"]["tagFQN"])[-1])
    i = next((i for i, x in enumerate(held) if x["tagFQN"] == guess), None)
    if i is not None and (op := {"op": "remove", "path": f"{pointer}/{i}"}) not in made.removed:
        made.removed.append(op)


def _properties(made: Plan, of: Sequence[Payload], held: Mapping[str, Any] | None) -> None:
    """Numbers of a table, each by its own name: what else stands in the extension stays."""
    fresh = {p.body["name"]: p.body["value"] for p in of if not p.remove and (held or {}).get(p.body["name"]) != p.body["value"]}
    if fresh and held is None:
        made.added.append({"op": "add", "path": "/extension", "value": fresh})
    for p in of:
        name = p.body["name"]
        if p.remove and name in (held or {}):
            made.removed.append({"op": "remove", "path": f"/extension/{name}"})
        elif not p.remove and name in fresh:
            if held is not None:
                made.added.append({"op": "add", "path": f"/extension/{name}", "value": fresh[name]})
        else:
            made.done.append(p.key)
            continue
        made.sent.append(p)


def _recognizers(tag: Mapping[str, Any], of: Sequence[Payload]) -> Plan:
    """Our patterns among the recognisers of a tag. What a steward set beside the pattern (threshold, exceptions, off) stays."""
    made, held = Plan(), list(tag.get("recognizers") or ())
    known = {r["name"]: i for i, r in enumerate(held)}
    fresh = [p for p in of if not p.remove and p.body["recognizer"]["name"] not in known and not p.stood]
    if fresh:
        values = [p.body["recognizer"] for p in fresh]
        made.added += [{"op": "add", "path": "/recognizers/-", "value": v} for v in values] if held else [
            {"op": "add", "path": "/recognizers", "value": values}]
        if not known:
            made.added.append({"op": "add", "path": "/autoClassificationEnabled", "value": True})
        made.sent += fresh
    for p in (p for p in of if p not in fresh):
        i = known.get(p.body["recognizer"]["name"])
        config = p.body["recognizer"]["recognizerConfig"]
        if i is not None and p.remove:
            made.removed.append({"op": "remove", "path": f"/recognizers/{i}"})
        elif i is not None and _differs(held[i]["recognizerConfig"], config):
            made.replaced.append({"op": "replace", "path": f"/recognizers/{i}/recognizerConfig", "value": config})
        else:
            (made.done if i is not None or p.remove else made.yielded).append(p.key)
            continue
        made.sent.append(p)
    return made


def _differs(held: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Does a recogniser say something else in what we say?"""
    return any(held.get(k) != v for k, v in wanted.items())


def _excepted(tags: Iterable[str], client: Client) -> frozenset[tuple[str, str]]:
    """(tag, link) of columns that people took out of the recognisers of suggested tags."""
    out = set()
    for fqn in sorted(t for t in tags if split(t)[0] == CLASSIFICATION[SUGGESTED[0]]):
        answer = read("tag", fqn, client)
        out |= {(fqn, e["entityLink"]) for r in (answer.body or {}).get("recognizers") or () for e in r.get("exceptionList") or ()}
    return frozenset(out)


def _define(p: Payload, client: Client) -> Answer:
    """Make a definition where it is absent; good where it is there, whatever it says."""
    fqn, create = p.body["fqn"], p.body["create"]
    if p.kind == "property":
        return _property(create, client)
    if p.kind == "automatic":
        return _automatic(fqn, client)
    where = "classifications" if p.kind == "classification" else "tags"
    there = asked(f"/v1/{where}/name/{quote(fqn, safe='')}", client)
    if there.status != 404:
        return there
    made = client.send("POST", f"/v1/{where}", create)
    return asked(f"/v1/{where}/name/{quote(fqn, safe='')}", client) if made.status == 409 else made


def _property(create: Mapping[str, Any], client: Client) -> Answer:
    """A custom property of tables. The PUT of the type adds one property and touches no other."""
    table = asked("/v1/metadata/types/name/table?fields=customProperties", client)
    if not table.good or any(held["name"] == create["name"] for held in table.body.get("customProperties") or ()):
        return table
    kind = asked(f"/v1/metadata/types/name/{create['type']}?category=field", client)
    if not kind.good:
        return kind
    body = {k: create[k] for k in ("name", "displayName", "description")} | {"propertyType": {"id": kind.body["id"], "type": "type"}}
    return client.send("PUT", f"/v1/metadata/types/{table.body['id']}", body)


def _automatic(fqn: str, client: Client) -> Answer:
    """Let the catalog use the recognisers of a classification, unless somebody has set that already."""
    there = asked(f"/v1/classifications/name/{quote(fqn, safe='')}", client)
    if not there.good or there.body.get("autoClassificationConfig") is not None:
        return there
    headers = {"Content-Type": PATCH, "If-Match": _version(there.body)}
    ops = [{"op": "add", "path": "/autoClassificationConfig", "value": AUTOMATIC}]
    return client.send("PATCH", f"/v1/classifications/{there.body['id']}", ops, headers=headers)


def _version(entity: Mapping[str, Any]) -> str:
    """The version that was read, as If-Match takes it. Not the ETag of the answer: that one depends on which fields were asked for."""
    return f'W/"{entity.get("version")}"'


def _index(pointer: str) -> tuple[str, int]:
    """Where an operation is, for removing from behind."""
    above, _, last = pointer.rpartition("/")
    return above, int(last) if last.isdigit() else 0


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
            known = self._names(f"/v1/{where}?limit={LISTED}{limits}")
            if found := near(wanted, known):
                return "" if found == wanted else found
        return ""

    def _names(self, path: str) -> list[str]:
        if path not in self._listed:
            answer = asked(path, self._client)
            self._listed[path] = [x["fullyQualifiedName"] for x in (answer.body or {}).get("data", ())] if answer.good else []
        return self._listed[path]
