"""Answers of another shape than the contract says: one clear line, never a crash,
and nothing written on the strength of them.
"""

import copy
import json
from dataclasses import replace
from functools import cache

import atlas_server
import findings
import pytest
from pushing import ATLAS_MEMBER, ATLAS_STAFF, KINDS, MEMBER, STAFF

from reports.catalogs import Response, Stopped
from reports.catalogs.picking import Selection
from scanner.deliver.http import MAX_BYTES, response_of, stop_reason

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
STATE = ("aspects", "types", "entities")
LACKING = ("empty", "garbled", "long")
READS = [  # catalog, part of the address, what asks for it
    ("datahub", "/entity/dataset/batchGet", "push"),
    ("datahub", "/entity/dataset/batchGet", "check"),
    ("datahub", "/entity/dataset/batchGet", "owners"),
    ("datahub", "/entity/schemaField/batchGet", "push"),
    ("datahub", "/entity/glossaryTerm/batchGet", "push"),
    ("datahub", "/entity/structuredProperty/batchGet", "push"),
    ("datahub", "/entity/dataset?count", "check"),
    ("atlas", "/bulk/uniqueAttribute/", "push"),
    ("atlas", "/bulk/uniqueAttribute/", "check"),
    ("atlas", "/bulk/uniqueAttribute/", "owners"),
    ("atlas", "/entity/bulk?guid", "push"),
    ("atlas", "/typedefs?type=", "push"),
    ("atlas", "/businessmetadatadef/", "push"),
    ("atlas", "/search/basic", "check"),
]
every_read = pytest.mark.parametrize(("name", "part", "does"), READS, ids=lambda x: x.strip("/"))


class Bent(atlas_server.Direct):
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

    def send(self, method, path, body, *, reads=False, **more):
        answer = super().send(method, path, body)
        return self._answer(path, answer) if reads else answer


def catalog(name, does):
    """A catalog to which a first push was made; for a check that searches, one that lacks a table."""
    kind = KINDS[name]
    made = kind.made()
    if name == "atlas":
        made.lean = True
        made.found(ATLAS_MEMBER)["attributes"]["owner"] = made.found(ATLAS_STAFF)["attributes"]["owner"] = (
            "lin"
        )
    else:
        made.aspects[MEMBER]["ownership"] = made.aspects[STAFF]["ownership"] = {
            "owners": [{"owner": "urn:li:corpuser:lin"}]
        }
    module(name).push(list(wanted(name)), atlas_server.Direct(made))
    if does == "check":
        kind.drop(made, kind.staff)
        kind.put(
            made, kind.staff.upper() if name == "atlas" else kind.staff.replace("staff", "STAFF"), "phone"
        )
    return kind, made


@cache
def module(name):
    return KINDS[name].module


@cache
def wanted(name):
    return tuple(module(name).payloads(findings.crm(), Selection((KINDS[name].rule,), suggested=True)))


def ask(kind, does, client):
    """What a push, check or question for owners says, in lines."""
    there = module(kind.name)
    try:
        if does == "owners":
            return [" ".join(o) for o in there.owners(findings.crm(), Selection((kind.rule,)), client)]
        if does == "check":
            return [f"{u.entity} {u.near} {u.why}" for u in there.check(wanted(kind.name), client)]
        surer = [
            replace(p, body=p.body | {"detail": {}} if "detail" in p.body else p.body, stood=not p.lasting)
            for p in wanted(kind.name)
        ]
        went = there.push(surer, client)
    except Stopped as e:
        return [e.line()]
    assert sorted([*went.done, *went.yielded, *(r.key for r in went.refused)]) == sorted(
        p.key for p in wanted(kind.name)
    )
    return [r.why for r in went.refused]


@every_read
@pytest.mark.parametrize("shape", [*SHAPES, *LACKING])
def test_a_whole_answer_of_another_shape_is_one_clear_line(name, part, does, shape):
    kind, made = catalog(name, does)
    bent = Bent(
        made,
        part,
        lambda a: replace(a, body=None, lacks=shape) if shape in LACKING else replace(a, body=SHAPES[shape]),
    )
    before = json.dumps(kind.state(made), sort_keys=True)
    told = ask(kind, does, bent)

    assert (
        bent.bent and len(set(told)) <= 3 and all("\n" not in line and "s3cret" not in line for line in told)
    )
    assert (
        json.dumps(kind.state(made), sort_keys=True) == before
        or shape.startswith("an empty")
        or does == "push"
    )
    if shape in LACKING or not isinstance(SHAPES[shape], type(bent.bent[0])):
        assert any(word in line for line in told for word in ("that is not how", "longer than we read"))


@every_read
def test_any_part_of_an_answer_may_have_another_shape(name, part, does):
    kind, made = catalog(name, does)
    whole = Bent(made, part, lambda a: a)
    before = kept(made)
    ask(kind, does, whole)
    body = whole.bent[0]
    tried = 0
    for path in _paths(body):
        for shape in (None, 5, "s3cret text", [], {}, [5], _GONE):
            restore(made, before)
            told = ask(
                kind,
                does,
                Bent(
                    made, part, lambda a, path=path, shape=shape: replace(a, body=_bend(a.body, path, shape))
                ),
            )
            assert all("\n" not in line for line in told), (path, shape)
            tried += 1
    assert tried >= 7


def kept(made):
    return json.dumps([getattr(made, name, None) for name in STATE])


def restore(made, before):
    for name, value in zip(STATE, json.loads(before), strict=True):
        setattr(made, name, value)


_GONE = object()


def _paths(value, above=()):
    """Every place in a JSON value, the first of each list."""
    if above:
        yield above
    for key, below in (
        value.items() if isinstance(value, dict) else enumerate(value[:1]) if isinstance(value, list) else ()
    ):
        yield from _paths(below, (*above, key))


def _bend(body, path, shape):
    body = copy.deepcopy(body)
    at = body
    try:
        for key in path[:-1]:
            at = at[key]
        if shape is _GONE:
            del at[path[-1]]
        else:
            at[path[-1]] = shape
    except (KeyError, IndexError, TypeError):
        return body  # another answer to the same question, which lacks this place
    return body


@pytest.mark.parametrize(
    ("name", "part"),
    [("datahub", "batchGet"), ("atlas", "/bulk/uniqueAttribute/"), ("atlas", "/entity/bulk?guid")],
)
@pytest.mark.parametrize("status", [400, 403, 422, 500])
def test_a_check_tells_what_it_could_not_read_from_what_is_missing(name, part, status):
    kind, made = catalog(name, "push")
    found = list(kind.module.check(wanted(name), Bent(made, part, lambda a: Response(status))))

    assert [u.about for u in found] == ["crm/public/member", "crm/public/staff"]
    assert all(u.unread and "cannot be read" in u.why for u in found)


def test_definitions_that_cannot_be_read_are_not_written_over():
    kind, made = catalog("datahub", "push")
    terms = [u for u in made.aspects if ":glossaryTerm:" in u]
    for u in terms:
        made.aspects[u]["glossaryTermInfo"]["definition"] = "我们自己的说明"
    told = ask(kind, "push", Bent(made, "glossaryTerm/batchGet", lambda a: Response(400)))

    assert len([line for line in told if "cannot be read" in line]) == len(terms) == 2
    assert {made.aspects[u]["glossaryTermInfo"]["definition"] for u in terms} == {"我们自己的说明"}


@pytest.mark.parametrize(
    ("told", "lacks"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b"{", "garbled"),
        (b"ok", "garbled"),
        (b"\xff\xfe", "garbled"),
        (b"[" * 200_000, "garbled"),
        (b" " * MAX_BYTES, "long"),
        (b"null", ""),
        (b"{}", ""),
    ],
    ids=["nothing", "blank", "cut", "a word", "bytes", "deep", "long", "null", "object"],
)
def test_what_an_answer_lacks_is_known(told, lacks):
    answer = response_of(200, {}, told)
    assert answer.lacks == lacks and answer.good


@pytest.mark.parametrize(("reads", "told"), [(True, "read"), (False, "write")])
def test_no_entry_says_to_what(reads, told):
    what, _ = stop_reason(403, b"", reads)
    assert f"does not allow this account to {told}" in what
