"""A catalog's answers in another shape than its contract says, and what a push, a check, a question for
owners or an import of decisions makes of them; all in memory.
"""

import copy
import json
from dataclasses import replace
from functools import cache

import findings
from atlas_server import Direct
from pushing import ATLAS_MEMBER, ATLAS_STAFF, KINDS, MEMBER, OM_MEMBER, STAFF

from reports.catalogs import Stopped
from reports.catalogs.picking import Selection

SHAPES = {
    "null": None,
    "a number": 5,
    "text": "s3cret text",
    "empty text": "",
    "true": True,
    "an empty list": [],
    "an empty object": {},
    "a list of numbers": [5],
    "a list of texts": ["s3cret text"],
    "a list of nulls": [None],
    "a list of lists": [[]],
    "an object of another kind": {"s3cret": 1},
    "a number with a point": 0.5,
}
STATE = ("aspects", "types", "entities", "held", "versions", "properties", "tasks", "feed")
LACKING = ("empty", "garbled", "long")


def shapes():
    """(name, change of an answer) of a whole answer in another shape; also when there is none to be read."""
    for name, body in SHAPES.items():
        yield name, lambda answer, body=body: replace(answer, status=200, body=body)
    for lacks in LACKING:
        yield lacks, lambda answer, lacks=lacks: replace(answer, status=200, body=None, lacks=lacks)


class Bent(Direct):
    """A client whose answers to some question are bent."""

    def __init__(self, server, part, bend):
        super().__init__(server)
        self.part, self.bend, self.bent = part, bend, []

    def _answer(self, path, answer):
        if self.part not in path:
            return answer
        self.bent.append(copy.deepcopy(answer.body))
        return self.bend(answer)

    def get(self, path):
        return self._answer(path, super().get(path))

    def send(self, method, path, body, *, effect="once", **more):
        answer = super().send(method, path, body, effect=effect, **more)
        return self._answer(path, answer) if effect == "none" else answer


def prepared(kind, does):
    """A stand-in after a first push; for a check one that lacks a table, for decisions one where people made
    some.
    """
    server = kind.build()
    OWNED[kind.name](server)
    push(kind, server)
    if does == "check":
        kind.drop(server, kind.staff)
        kind.put(server, kind.staff.replace("staff", "STAFF"), "phone")
    if does == "decisions":
        kind.remove_mark(server, *kind.accepted)
        kind.set_mark(server, *kind.accepted)
        kind.remove_mark(server, *kind.suggested)
        server.feed = list(server.tasks)
    return server


def _own_datahub(server):
    for urn in (MEMBER, STAFF):
        server.aspects[urn]["ownership"] = {"owners": [{"owner": "urn:li:corpuser:lin"}]}


def _own_atlas(server):
    server.lean = True
    for name in (ATLAS_MEMBER, ATLAS_STAFF):
        server.found(name)["attributes"]["owner"] = "lin"


def _own_openmetadata(server):
    server.bots.add("wang.min")
    server.held["tables"][OM_MEMBER]["owners"] = [{"name": "lin", "type": "user"}]


OWNED = {"datahub": _own_datahub, "atlas": _own_atlas, "openmetadata": _own_openmetadata}


def push(kind, server):
    return kind.module.push(list(wanted(kind.name)), Direct(server))


@cache
def wanted(name):
    kind = KINDS[name]
    return tuple(kind.module.payloads(findings.crm(), Selection((kind.rule,), suggested=True)))


def ask(kind, does, client):
    """What a push, check, question for owners or import says, in lines."""
    try:
        return ASK[does](kind, client)
    except Stopped as e:
        return [e.line()]


def _owners(kind, client):
    return [" ".join(o) for o in kind.module.owners(findings.crm(), Selection((kind.rule,)), client)]


def _check(kind, client):
    return [f"{u.entity} {u.near} {u.why}" for u in kind.module.check(wanted(kind.name), client)]


def _decisions(kind, client):
    keys = frozenset(p.key for p in wanted(kind.name))
    selection = Selection((kind.rule,), suggested=True)
    return [str(d) for d in kind.module.decisions(findings.crm(), selection, keys, client)]


def _push(kind, client):
    changed = [
        replace(p, body=p.body | {"detail": {}} if "detail" in p.body else p.body, stood=not p.lasting)
        for p in wanted(kind.name)
    ]
    result = kind.module.push(changed, client)
    keys = sorted([*result.done, *result.yielded, *(r.key for r in result.refused)])
    assert keys == sorted(p.key for p in wanted(kind.name))
    return [r.why for r in result.refused]


ASK = {"push": _push, "check": _check, "owners": _owners, "decisions": _decisions}


def kept(server):
    """What a stand-in has, as text."""
    return json.dumps({name: vars(server)[name] for name in STATE if name in vars(server)}, sort_keys=True)


def restore(server, before):
    vars(server).update(json.loads(before))


GONE = object()


def paths(value, above=()):
    """Every place in a JSON value, the first of each list."""
    if above:
        yield above
    for key, below in (
        value.items() if isinstance(value, dict) else enumerate(value[:1]) if isinstance(value, list) else ()
    ):
        yield from paths(below, (*above, key))


def bend(body, path, shape):
    body = copy.deepcopy(body)
    at = body
    try:
        for key in path[:-1]:
            at = at[key]
        if shape is GONE:
            del at[path[-1]]
        else:
            at[path[-1]] = shape
    except (KeyError, IndexError, TypeError):
        return body  # another answer to the same question, which lacks this place
    return body


PART_SHAPES = (None, 5, "s3cret text", [], {}, [5], GONE)


def bending(path, shape):
    """The change of an answer that puts a shape at one place of it."""
    return lambda answer: replace(answer, body=bend(answer.body, path, shape))
