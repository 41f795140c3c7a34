"""Answers that are refusals or lack a body: what is said of them."""

import pytest
from bent_answers import Bent, ask, prepared, wanted
from pushing import KINDS

from reports.catalogs import Response
from scanner.deliver.http import MAX_BYTES, response_of, stop_reason


@pytest.mark.parametrize(
    ("name", "part"),
    [("datahub", "batchGet"), ("atlas", "/bulk/uniqueAttribute/"), ("atlas", "/entity/bulk?guid")],
)
@pytest.mark.parametrize("status", [400, 403, 422, 500])
def test_a_check_tells_what_it_could_not_read_from_what_is_missing(name, part, status):
    kind = KINDS[name]
    server = prepared(kind, "push")
    found = list(kind.module.check(wanted(name), Bent(server, part, lambda a: Response(status))))

    assert [u.about for u in found] == ["crm/public/member", "crm/public/staff"]
    assert all(u.unread and "cannot be read" in u.why for u in found)


def test_definitions_that_cannot_be_read_are_not_written_over():
    kind = KINDS["datahub"]
    server = prepared(kind, "push")
    terms = [u for u in server.aspects if ":glossaryTerm:" in u]
    for u in terms:
        server.aspects[u]["glossaryTermInfo"]["definition"] = "我们自己的说明"
    told = ask(kind, "push", Bent(server, "glossaryTerm/batchGet", lambda a: Response(400)))

    assert len([line for line in told if "cannot be read" in line]) == len(terms) == 2
    assert {server.aspects[u]["glossaryTermInfo"]["definition"] for u in terms} == {"我们自己的说明"}


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
